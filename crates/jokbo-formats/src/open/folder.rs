//! A folder's pieces: its weights, the index that decides over them, and its config.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use super::assemble::Pieces;
use super::beside::Beside;
use super::fence::Fence;
use super::index::{self, Index};
use super::parts::{self, Below};
use super::{config, folder_of, hub, numbering};
use crate::error::{ErrorKind, Place};
use crate::limits::FOLDER_LIMIT;
use crate::oddity::Oddities;
use crate::words::Shown;
use crate::{Error, ReadAt, SourceFile};

/// The endings of files that hold weights in formats that are not read.
const FOREIGN: &[&str] = &[".pkl", ".ggml", ".h5", ".msgpack", ".tflite", ".mlmodel"];

/// The endings of files that PyTorch saves.
const PYTORCH: &[&str] = &[".bin", ".pt", ".pth", ".ckpt"];

/// The endings that are looked for last, each only where none of those before it is found.
const LAST: &[&str] = &[".onnx", ".npz", ".npy"];

/// How the names of files begin that training leaves beside the weights, in the same form.
const OF_TRAINING: &[&str] =
    &["training_args.", "optimizer.", "scheduler.", "scaler.", "rng_state", "random_states_"];

/// A folder whose files can be opened, here or elsewhere.
pub(crate) trait Folder {
    /// Opens the file at `below`, a path of plain names joined by `/`, or returns `None` when
    /// there is nothing at that place.
    fn open(&self, below: &str) -> Result<Option<Arc<dyn ReadAt>>, Error>;
}

/// What is made of a folder and the names in it.
pub(crate) type Reading<'a, T> = dyn Fn(&dyn Folder, &[String]) -> Result<T, Error> + 'a;

/// A folder that can say what lies in the folders below it.
pub(super) trait Tree: Folder {
    /// The names in the folder at `below`, sorted; `None` when there is none, or when it is a link
    /// that leads elsewhere.
    fn list(&self, below: &str) -> Result<Option<Listing>, Error>;
}

impl Folder for Fence {
    fn open(&self, below: &str) -> Result<Option<Arc<dyn ReadAt>>, Error> {
        Ok(Fence::open(self, below)?.map(|file| Arc::new(file) as Arc<dyn ReadAt>))
    }
}

impl Tree for Fence {
    fn list(&self, below: &str) -> Result<Option<Listing>, Error> {
        self.folder(below).map(|folder| list(&folder, &Place::file(below))).transpose()
    }
}

/// The names in a folder, sorted.
#[derive(Debug, Default)]
pub(super) struct Listing {
    /// What is not a folder.
    pub(super) files: Vec<String>,
    /// Folders.
    pub(super) folders: Vec<String>,
    /// How many names are not Unicode text, and so in neither list.
    pub(super) nameless: u64,
}

/// Lists `folder`.
pub(super) fn list(folder: &Path, place: &Place) -> Result<Listing, Error> {
    let unreadable = |error| place.clone().error(ErrorKind::Unreadable(error));
    let mut listing = Listing::default();
    for (seen, entry) in fs::read_dir(folder).map_err(unreadable)?.enumerate() {
        if seen == FOLDER_LIMIT {
            return Err(place.clone().error(ErrorKind::FolderTooLarge { limit: FOLDER_LIMIT }));
        }
        let entry = entry.map_err(unreadable)?;
        match entry.file_name().into_string() {
            Err(_) => listing.nameless += 1,
            Ok(name) if entry.path().is_dir() => listing.folders.push(name),
            Ok(name) => listing.files.push(name),
        }
    }
    listing.files.sort_unstable();
    listing.folders.sort_unstable();
    Ok(listing)
}

/// The names of the files in the folder at `path`, or in the snapshot that is meant when it is a
/// cache entry, and the fence around it.
pub(crate) fn named(path: &Path, place: &Place) -> Result<(Fence, Vec<String>), Error> {
    fenced(path, place).map(|(fence, listing)| (fence, listing.files))
}

fn fenced(path: &Path, place: &Place) -> Result<(Fence, Listing), Error> {
    let unreadable = |error| place.clone().error(ErrorKind::Unreadable(error));
    let listing = list(path, place)?;
    if hub::is_entry(path, &listing) {
        let snapshot = hub::snapshot(path, place)?;
        let listing = list(&snapshot, place)?;
        return Ok((Fence::within(&snapshot, path).map_err(unreadable)?, listing));
    }
    Ok((Fence::around(path).map_err(unreadable)?, listing))
}

/// The pieces of the folder at `path`, or of the snapshot that is meant when it is a cache entry.
pub(super) fn gather(path: &Path, source: &str) -> Result<Pieces, Error> {
    let place = Place::file(source);
    let (fence, listing) = fenced(path, &place)?;
    let found = pieces(&fence, listing, None, &place)?;
    Ok(Pieces { beside: Beside::Folder(fence), ..found })
}

/// The pieces of the folder in which the shard index at `path` lies, with that index.
pub(super) fn gather_by(path: &Path, source: &str) -> Result<Pieces, Error> {
    let place = Place::file(source);
    let folder = folder_of(path);
    let listing = list(folder, &place)?;
    let fence =
        Fence::around(folder).map_err(|error| place.clone().error(ErrorKind::Unreadable(error)))?;
    let name = path.file_name().and_then(|name| name.to_str());
    let found = pieces(&fence, listing, name, &place)?;
    Ok(Pieces { beside: Beside::Folder(fence), ..found })
}

/// The pieces among `listing`, the files of `fence`, and the parts of the model in folders below it.
/// `index` decides over them when it was named, and there are no parts then.
pub(super) fn pieces(
    fence: &dyn Tree,
    listing: Listing,
    index: Option<&str>,
    place: &Place,
) -> Result<Pieces, Error> {
    if index.is_some() {
        return here(fence, &listing, index, place);
    }
    let Below { mut parts, mut others, outside } = parts::below(fence, &listing, place)?;
    let mut own = match here(fence, &listing, None, place) {
        Err(error) if is_empty(error.kind()) && !parts.is_empty() => {
            let (config, oddities) = config::read(fence, std::iter::empty())?;
            let files = Vec::new();
            Pieces {
                files,
                index: None,
                config,
                beside: Beside::Nowhere,
                parts: Vec::new(),
                oddities,
            }
        }
        Err(error) if is_empty(error.kind()) && !others.is_empty() => {
            return Err(place.clone().error(ErrorKind::OnlyBelow { folders: others }));
        }
        own => own?,
    };
    // What the index reads from a folder is no other checkpoint.
    let is_read = |folder: &str| {
        let inside =
            |file: &SourceFile| file.path.strip_prefix(folder).is_some_and(|p| p.starts_with('/'));
        own.files.iter().any(inside)
    };
    parts.retain(|(folder, _)| !is_read(folder));
    others.retain(|folder| !is_read(folder));
    let mut told = Oddities::of(&place.file);
    parts::tell_unread(&others, &outside, &mut told);
    own.oddities.extend(told.into_list());
    Ok(Pieces { parts, ..own })
}

fn is_empty(kind: &ErrorKind) -> bool {
    matches!(kind, ErrorKind::NoWeights | ErrorKind::ForeignFolder { .. })
}

/// Whether any of `files` holds weights of a format that is read.
pub(super) fn has_weights(files: &[String]) -> bool {
    let is_of_training = |name: &str| OF_TRAINING.iter().any(|start| name.starts_with(start));
    let endings = || [".safetensors", ".gguf"].iter().chain(PYTORCH).chain(LAST);
    files.iter().any(|name| {
        endings().any(|ending| name.ends_with(ending))
            && !is_of_training(name)
            && !name.starts_with('.')
    })
}

/// The pieces among the files of `listing` alone.
pub(super) fn here(
    fence: &dyn Folder,
    listing: &Listing,
    index: Option<&str>,
    place: &Place,
) -> Result<Pieces, Error> {
    let mut told = Oddities::of(&place.file);
    if 0 < listing.nameless {
        let what = format_args!(
            "files whose names are not Unicode text, which were not read: {}",
            listing.nameless
        );
        told.tell("names that are not text", None, what);
    }
    let index = match index {
        Some(name) => Some(name),
        None => the_index(listing, place)?,
    };
    let index = index.map(|name| read_index(fence, name)).transpose()?;
    let ending_in = |ending: &str| -> Vec<&String> {
        listing.files.iter().filter(|name| name.ends_with(ending)).collect()
    };
    let mut weights = ending_in(".safetensors");
    if weights.is_empty() && index.is_none() {
        weights = ending_in(".gguf");
    }
    if weights.is_empty() {
        weights = saved_by_pytorch(&listing.files, index.is_none(), &mut told);
    }
    for ending in LAST.iter().filter(|_| index.is_none()) {
        if weights.is_empty() {
            weights = ending_in(ending);
        }
    }
    let files = match &index {
        Some(index) => {
            for name in weights.iter().filter(|name| !index.shards.contains_key(**name)) {
                tell_unlisted(name, &mut told);
            }
            open_all(fence, index.shards.keys())?
        }
        None => {
            let (hidden, shown): (Vec<_>, Vec<_>) =
                weights.into_iter().partition(|name| name.starts_with('.'));
            for name in hidden {
                let what = format_args!("`{}` is a hidden file and was not read", Shown(name));
                told.tell("hidden files", None, what);
            }
            let shown = without_adapter(shown, &mut told);
            if shown.is_empty() {
                return Err(place.clone().error(no_weights(listing.files.clone())));
            }
            join_by_name(&shown, &mut told).map_err(|kind| place.clone().error(kind))?;
            open_all(fence, shown)?
        }
    };
    let (config, config_told) = config::read(fence, files.iter().map(|file| file.path.as_str()))?;
    let mut oddities = told.into_list();
    oddities.extend(config_told);
    Ok(Pieces { files, index, config, beside: Beside::Nowhere, parts: Vec::new(), oddities })
}

/// The files of a model without those of an adapter that lies beside it; all when there is nothing
/// else.
fn without_adapter<'a>(names: Vec<&'a String>, told: &mut Oddities) -> Vec<&'a String> {
    let (adapters, models): (Vec<_>, Vec<_>) =
        names.into_iter().partition(|name| config::is_adapter(name));
    if models.is_empty() {
        return adapters;
    }
    for name in adapters {
        let what = format_args!("`{}` is an adapter and was not read", Shown(name));
        told.tell("adapters", None, what);
    }
    models
}

/// The files that PyTorch saved as weights. What training leaves beside them is told of when
/// `aloud`.
fn saved_by_pytorch<'a>(files: &'a [String], aloud: bool, told: &mut Oddities) -> Vec<&'a String> {
    let saved = files.iter().filter(|name| PYTORCH.iter().any(|ending| name.ends_with(ending)));
    let (left, weights): (Vec<_>, Vec<_>) =
        saved.partition(|name| OF_TRAINING.iter().any(|start| name.starts_with(start)));
    for name in left.iter().filter(|_| aloud && !weights.is_empty()) {
        let what = format_args!("`{}` is left by training and was not read", Shown(name));
        told.tell("files of a training", None, what);
    }
    weights
}

/// Files that no index joins are one checkpoint when their numbers say so. Those without a number
/// are read as part of it too, which is told when there are others.
pub(super) fn join_by_name(names: &[&String], told: &mut Oddities) -> Result<(), ErrorKind> {
    numbering::check(names)?;
    if 1 < names.len() {
        for name in names.iter().filter(|name| numbering::number_of(name).is_none()) {
            let what = format_args!(
                "`{}` has no shard number, and no index says that it belongs to the other files; all are read as one checkpoint",
                Shown(name)
            );
            told.tell("files without a shard number", None, what);
        }
    }
    Ok(())
}

/// Tells of a file beside an index that does not name it.
pub(super) fn tell_unlisted(name: &str, told: &mut Oddities) {
    let what = format_args!("`{}` is not in the index and was not read", Shown(name));
    told.tell("files that are not in the index", None, what);
}

/// Opens those that are there. Which of an index's shards are missing is for the index to say.
fn open_all<'a>(
    fence: &dyn Folder,
    paths: impl IntoIterator<Item = &'a String>,
) -> Result<Vec<SourceFile>, Error> {
    let mut files = Vec::new();
    for path in paths {
        if let Some(file) = fence.open(path)? {
            files.push(SourceFile::of(path.clone(), file));
        }
    }
    Ok(files)
}

fn the_index<'a>(listing: &'a Listing, place: &Place) -> Result<Option<&'a str>, Error> {
    let mut indexes: Vec<&String> = listing
        .files
        .iter()
        .filter(|name| index::is_named_so(name) && !name.starts_with('.'))
        .collect();
    // A folder with both forms of the weights is read as safetensors.
    if listing.files.iter().any(|name| name.ends_with(".safetensors") && !name.starts_with('.')) {
        indexes.retain(|name| name.ends_with(index::SUFFIXES[0]));
    }
    if 1 < indexes.len() {
        let names = indexes.into_iter().cloned().collect();
        return Err(place.clone().error(ErrorKind::ManyIndexes { names }));
    }
    Ok(indexes.pop().map(String::as_str))
}

fn read_index(fence: &dyn Folder, name: &str) -> Result<Index, Error> {
    match fence.open(name)? {
        Some(file) => index::read(&*file, name),
        None => Err(Place::file(name).error(ErrorKind::NoSuchPath)),
    }
}

fn no_weights(files: Vec<String>) -> ErrorKind {
    let names: Vec<_> = files
        .into_iter()
        .filter(|name| FOREIGN.iter().any(|ending| name.ends_with(ending)))
        .collect();
    if names.is_empty() { ErrorKind::NoWeights } else { ErrorKind::ForeignFolder { names } }
}
