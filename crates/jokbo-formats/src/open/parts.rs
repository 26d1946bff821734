//! A model in several folders, each part in one of its own: `vae/`, `decoder/audio/codec/`.

use std::sync::Arc;

use super::assemble::Pieces;
use super::folder::{self, Folder, Listing, Tree};
use crate::error::Place;
use crate::limits::PART_LIMIT;
use crate::oddity::Oddities;
use crate::words::Shown;
use crate::{Error, ReadAt};

/// Names of folders that hold a part of the model above them. Folders in them are parts too; any
/// other folder holds another checkpoint, or the same weights in another form.
pub const PART_FOLDERS: &[&str] = &[
    "audio_decoder",
    "audio_encoder",
    "audio_tokenizer",
    "codec",
    "connector",
    "decoder",
    "diffusion_model",
    "image_decoder",
    "image_encoder",
    "language_model",
    "llm",
    "mm_projector",
    "projector",
    "speech_tokenizer",
    "talker",
    "text_encoder",
    "text_encoder_2",
    "text_encoder_3",
    "thinker",
    "token2wav",
    "transformer",
    "unet",
    "vae",
    "vision_decoder",
    "vision_encoder",
    "vision_tokenizer",
    "vision_tower",
    "vocoder",
];

/// Names of folders that hold the weights beside them once more, in another form.
const AGAIN: &[&str] = &["coreml", "flax", "gguf", "onnx", "openvino", "original", "tf", "tflite"];

/// How deep parts lie below the folder that was named.
const DEPTH: usize = 3;

/// What lies below a folder that was named.
#[derive(Debug, Default)]
pub(super) struct Below {
    /// Parts of the model: the path of each, and what it holds.
    pub(super) parts: Vec<(String, Pieces)>,
    /// Folders directly below it that hold weights and are no part.
    pub(super) others: Vec<String>,
    /// Folders called after a part that lead out of the folder that was named.
    pub(super) outside: Vec<String>,
}

/// Looks through the folders in `listing`.
pub(super) fn below(fence: &dyn Tree, listing: &Listing, place: &Place) -> Result<Below, Error> {
    let mut found = Below::default();
    let mut seen = 0;
    for name in &listing.folders {
        if PART_FOLDERS.contains(&name.as_str()) {
            part(fence, name, DEPTH, &mut seen, &mut found, place)?;
        } else if !name.starts_with('.')
            && visit(&mut seen)
            && let Some(inner) = fence.list(name)?
            && folder::has_weights(&inner.files)
        {
            found.others.push(name.clone());
        }
    }
    Ok(found)
}

/// The part at `path`, and those in it.
fn part(
    fence: &dyn Tree,
    path: &str,
    depth: usize,
    seen: &mut usize,
    found: &mut Below,
    place: &Place,
) -> Result<(), Error> {
    if !visit(seen) {
        return Ok(());
    }
    let Some(listing) = fence.list(path)? else {
        found.outside.push(path.to_owned());
        return Ok(());
    };
    if folder::has_weights(&listing.files) {
        let inner = Inner { fence, path };
        let own = Place::file(&format!("{}/{path}", place.file));
        let files = Listing { files: listing.files, ..Listing::default() };
        found.parts.push((path.to_owned(), folder::here(&inner, &files, None, &own)?));
    }
    if 1 < depth {
        let is_part = |name: &&String| !name.starts_with('.') && !AGAIN.contains(&name.as_str());
        for name in listing.folders.iter().filter(is_part) {
            part(fence, &format!("{path}/{name}"), depth - 1, seen, found, place)?;
        }
    }
    Ok(())
}

/// Counts a folder; `false` beyond the limit.
fn visit(seen: &mut usize) -> bool {
    *seen += 1;
    *seen <= PART_LIMIT
}

/// Tells of folders that were not read though they hold weights, or may.
pub(super) fn tell_unread(others: &[String], outside: &[String], told: &mut Oddities) {
    for name in outside {
        let what = format_args!(
            "the folder `{}` is a link that leads elsewhere, and was not read",
            Shown(name)
        );
        told.tell("folders that are links", None, what);
    }
    for name in others {
        let what = format_args!(
            "the folder `{}` holds weights too and was not read; name it to read it",
            Shown(name)
        );
        told.tell("folders with weights of their own", None, what);
    }
}

/// A folder of another one.
struct Inner<'a> {
    fence: &'a dyn Folder,
    path: &'a str,
}

impl Folder for Inner<'_> {
    fn open(&self, below: &str) -> Result<Option<Arc<dyn ReadAt>>, Error> {
        self.fence.open(&format!("{}/{below}", self.path))
    }
}
