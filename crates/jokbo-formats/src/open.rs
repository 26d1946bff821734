//! From a path to a checkpoint: a file, a folder of shards, or an entry of a Hub cache.

mod assemble;
mod beside;
mod config;
#[cfg_attr(not(feature = "http"), path = "open/elsewhere_off.rs")]
mod elsewhere;
mod fence;
mod folder;
mod hub;
mod index;
mod numbering;
mod parts;
mod reach;
mod sniff;

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use crate::error::{ErrorKind, Place};
use crate::oddity::Oddities;
use crate::read_at::DiskFile;
use crate::{ByteOrder, Checkpoint, Error, Memory, Oddity, ReadAt, SourceFile};
use assemble::Pieces;

pub(crate) use beside::Beside;
#[cfg(all(test, feature = "buckets"))]
pub(crate) use elsewhere::open_kept;
pub(crate) use elsewhere::{folder_from_hub, tokenizer_from_hub, tokenizer_from_web};
pub(crate) use fence::{Fence, is_plain_path};
pub(crate) use folder::{Folder, named};
pub(crate) use hub::cached;
pub use parts::PART_FOLDERS;
pub use reach::open_source;

/// Opens the checkpoint at `path`, and tells what was odd about it.
///
/// `path` is a file of weights, a shard index, a folder that holds either, or an entry of a Hub
/// cache (`models--…`, or one of its snapshots). Only headers and indexes are read. A symbolic
/// link in the folder is followed when it stays within the folder, or within the cache entry.
pub fn open(path: &Path) -> Result<(Checkpoint, Vec<Oddity>), Error> {
    let source = path.display().to_string();
    let pieces = pieces_at(path, &source)?;
    assemble::assemble(source, pieces)
}

/// Opens the file at `below` of the checkpoint at `source`, as [`SourceFile::path`](crate::SourceFile)
/// names it, and no checkpoint: the file may hold anything. `None` where there is nothing.
///
/// # Errors
///
/// Where `below` leads out of the folder, itself or by a link, or is no regular file.
pub fn file_of(source: &Path, below: &str) -> Result<Option<Arc<dyn ReadAt>>, Error> {
    let place = Place::file(below);
    if !is_plain_path(below) {
        return Err(place.error(ErrorKind::PathUnlawful));
    }
    let unreadable = |error| place.clone().error(ErrorKind::Unreadable(error));
    let found = match fs::metadata(source) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(error)),
    };
    if found.is_dir() {
        let (fence, _) = named(source, &Place::file(&source.display().to_string()))?;
        return folder::Folder::open(&fence, below);
    }
    if !found.is_file() {
        return Err(place.error(ErrorKind::NotRegular));
    }
    // The file that was named is read wherever it leads; those beside it stay in its folder.
    if source.file_name().is_some_and(|name| name.to_string_lossy() == below) {
        let file = DiskFile::open(source).map_err(unreadable)?;
        return Ok(Some(Arc::new(file)));
    }
    let fence = Fence::around(folder_of(source)).map_err(unreadable)?;
    folder::Folder::open(&fence, below)
}

/// What lies at `path`.
fn pieces_at(path: &Path, source: &str) -> Result<Pieces, Error> {
    let place = Place::file(source);
    let found = fs::metadata(path).map_err(|error| place.clone().error(nothing(path, error)))?;
    if found.is_dir() {
        folder::gather(path, source)
    } else if !found.is_file() {
        Err(place.error(ErrorKind::NotRegular))
    } else if is_index(path) {
        folder::gather_by(path, source)
    } else {
        one_file(path, place)
    }
}

/// The same from bytes in memory: `files` are paths and contents. One whose name ends in
/// `.safetensors.index.json` or `.bin.index.json` decides over the others, as it would in a folder.
pub fn from_memory(
    source: &str,
    files: Vec<(String, Vec<u8>)>,
    config: Option<serde_json::Value>,
) -> Result<(Checkpoint, Vec<Oddity>), Error> {
    let (indexes, weights): (Vec<_>, Vec<_>) =
        files.into_iter().partition(|(path, _)| index::is_named_so(path));
    if 1 < indexes.len() {
        let names = indexes.into_iter().map(|(name, _)| name).collect();
        return Err(Place::file(source).error(ErrorKind::ManyIndexes { names }));
    }
    let index = indexes
        .into_iter()
        .next()
        .map(|(name, bytes)| index::read(&Memory(bytes), &name))
        .transpose()?;
    let mut told = Oddities::of(source);
    // A model that keeps its numbers in data files names them itself.
    let (weights, data): (Vec<_>, Vec<_>) = match weights.iter().any(|(path, _)| is_onnx(path)) {
        true => weights.into_iter().partition(|(path, _)| is_onnx(path)),
        false => (weights, Vec::new()),
    };
    let data = data.into_iter().map(|(path, bytes)| {
        let reader: Arc<dyn ReadAt> = Arc::new(Memory(bytes));
        (path, reader)
    });
    let beside = Beside::Memory(data.collect());
    let (named, unlisted): (Vec<_>, Vec<_>) = weights
        .into_iter()
        .partition(|(path, _)| index.as_ref().is_none_or(|index| index.shards.contains_key(path)));
    for (path, _) in unlisted {
        folder::tell_unlisted(&path, &mut told);
    }
    if index.is_none() {
        let names: Vec<&String> = named.iter().map(|(path, _)| path).collect();
        folder::join_by_name(&names, &mut told).map_err(|kind| Place::file(source).error(kind))?;
    }
    let files = named
        .into_iter()
        .map(|(path, bytes)| SourceFile {
            path,
            bytes: bytes.len() as u64,
            order: ByteOrder::Little,
            derived: false,
            reader: Arc::new(Memory(bytes)),
        })
        .collect();
    let oddities = told.into_list();
    let parts = Vec::new();
    let pieces = Pieces { files, index, config, beside, parts, oddities };
    assemble::assemble(source.to_owned(), pieces)
}

/// A file that the user named is read wherever it leads; the rules for links are for what a
/// folder brings along.
fn one_file(path: &Path, place: Place) -> Result<Pieces, Error> {
    let file = DiskFile::open(path).map_err(|error| place.error(ErrorKind::Unreadable(error)))?;
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    let fence = Fence::around(folder_of(path)).ok();
    let (config, mut oddities) = match &fence {
        Some(fence) => config::read(fence, std::iter::once(name.as_str()))?,
        None => (None, Vec::new()),
    };
    oddities.extend(lone_shard(&name));
    let files = vec![SourceFile::of(name, Arc::new(file))];
    let beside = fence.map_or(Beside::Nowhere, Beside::Folder);
    Ok(Pieces { files, index: None, config, beside, parts: Vec::new(), oddities })
}

/// Tells that the file called `name` is one shard of several.
fn lone_shard(name: &str) -> Vec<Oddity> {
    let mut told = Oddities::of(name);
    if let Some(shard) = numbering::number_of(name).filter(|shard| 1 < shard.total) {
        let what = format_args!(
            "number {} of a set of {} shards, of which only this one was named",
            shard.number, shard.total
        );
        told.tell("lone shards", None, what);
    }
    told.into_list()
}

fn is_onnx(path: &str) -> bool {
    path.ends_with(".onnx")
}

fn is_index(path: &Path) -> bool {
    path.file_name().is_some_and(|name| index::is_named_so(&name.to_string_lossy()))
}

/// The folder of a file; that of a bare name is where we are.
pub(crate) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}

/// Why there is nothing to be read at `path`.
fn nothing(path: &Path, error: io::Error) -> ErrorKind {
    match error.kind() {
        io::ErrorKind::NotFound => match fs::read_link(path) {
            Ok(target) => ErrorKind::LinkBroken { target: target.display().to_string() },
            Err(_) => ErrorKind::NoSuchPath,
        },
        _ => ErrorKind::Unreadable(error),
    }
}

impl SourceFile {
    fn of(path: String, reader: Arc<dyn ReadAt>) -> Self {
        let (bytes, order) = (reader.len(), ByteOrder::Little);
        Self { path, bytes, order, derived: false, reader }
    }
}
