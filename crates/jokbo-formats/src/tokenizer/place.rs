//! Where a tokenizer lies: beside the weights, or in a file of its own.

use std::path::Path;
use std::sync::Arc;

use super::{Tokenizer, sentencepiece, tiktoken, tokenizer_json, vocab};
use crate::error::{ErrorKind, Place};
use crate::limits::TOKENIZER_LIMIT;
use crate::open::{Fence, Folder, folder_of, named};
use crate::{Error, Memory, ReadAt};

/// Names of files that hold a tokenizer, those that say most first.
const NAMES: [&str; 3] = ["tokenizer.json", "vocab.json", "vocab.txt"];
const TIKTOKEN: &str = ".tiktoken";

/// What SentencePiece's files end with, and some of tiktoken's: their first byte tells them apart.
const MODEL: &str = ".model";
const GGUF: &str = ".gguf";

/// The merges that lie beside a `vocab.json`.
const MERGES: &str = "merges.txt";

/// What a folder holds.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "one is made for a comparison")]
pub(crate) enum Found {
    /// A tokenizer.
    Tokenizer(Tokenizer),
    /// None, but GGUF files, which may carry one.
    Gguf,
    /// None.
    Nothing,
}

/// The tokenizer in the file called `file` of a folder, or else in the one that says most among
/// `files`.
pub(crate) fn find(
    folder: &dyn Folder,
    files: &[String],
    file: Option<&str>,
) -> Result<Found, Error> {
    let ending = |ending| files.iter().find(|name| name.ends_with(ending)).map(String::as_str);
    let among = || {
        let named = NAMES.into_iter().find(|name| files.iter().any(|file| file == name));
        named.or_else(|| ending(TIKTOKEN)).or_else(|| ending(MODEL))
    };
    match file.or_else(among) {
        Some(name) if name.ends_with(GGUF) => Ok(Found::Gguf),
        Some(name) => read_among(folder, name).map(Found::Tokenizer),
        None if ending(GGUF).is_some() => Ok(Found::Gguf),
        None => Ok(Found::Nothing),
    }
}

/// Reads the tokenizer at `path`: a file of any form, or a folder that holds one. `None` when a
/// folder holds none.
///
/// Memory: a few times the file, which is refused beyond 256 MiB.
pub fn open_tokenizer(path: &Path) -> Result<Option<Tokenizer>, Error> {
    let source = path.display().to_string();
    let found = std::fs::metadata(path);
    let found = found.map_err(|error| Place::file(&source).error(ErrorKind::Unreadable(error)))?;
    if found.is_dir() {
        return tokenizer_in(path);
    }
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    let fence = Fence::around(folder_of(path));
    let fence = fence.map_err(|error| Place::file(&source).error(ErrorKind::Unreadable(error)))?;
    or_of_gguf(find(&fence, &[], Some(&name))?, path)
}

/// Reads the tokenizer in `folder`, or the one that its GGUF files carry. `None` when there is
/// none.
pub fn tokenizer_in(folder: &Path) -> Result<Option<Tokenizer>, Error> {
    or_of_gguf(find_in(folder)?, folder)
}

/// What the folder at `folder` holds, or the snapshot that is meant when it is a cache entry.
pub(super) fn find_in(folder: &Path) -> Result<Found, Error> {
    let (fence, files) = named(folder, &Place::file(&folder.display().to_string()))?;
    find(&fence, &files, None)
}

fn or_of_gguf(found: Found, path: &Path) -> Result<Option<Tokenizer>, Error> {
    match found {
        Found::Tokenizer(tokenizer) => Ok(Some(tokenizer)),
        Found::Gguf => Tokenizer::of_gguf(&crate::open(path)?.0),
        Found::Nothing => Ok(None),
    }
}

/// Reads the tokenizer in the file called `name` of `files`, paths and contents. What a folder would
/// have beside it, such as `merges.txt`, is looked for there.
pub fn tokenizer_from_memory(name: &str, files: &[(String, Vec<u8>)]) -> Result<Tokenizer, Error> {
    read_among(&Held(files), name)
}

/// Files in memory, as a folder.
struct Held<'a>(&'a [(String, Vec<u8>)]);

impl Folder for Held<'_> {
    fn open(&self, below: &str) -> Result<Option<Arc<dyn ReadAt>>, Error> {
        let found = self.0.iter().find(|(path, _)| path == below);
        Ok(found.map(|(_, bytes)| Arc::new(Memory(bytes.clone())) as Arc<dyn ReadAt>))
    }
}

/// Reads the file called `name` of a folder, and what belongs to it there.
fn read_among(folder: &dyn Folder, name: &str) -> Result<Tokenizer, Error> {
    let Some(bytes) = bytes_of(folder, name)? else {
        return Err(Place::file(name).error(ErrorKind::NoSuchPath));
    };
    let is_model = name.ends_with(MODEL);
    if is_model && bytes.first() == Some(&sentencepiece::BEGINS) {
        return sentencepiece::read(&Memory(bytes), name);
    }
    let text = text(bytes, name)?;
    if is_model || name.ends_with(TIKTOKEN) {
        tiktoken::read(&text, name)
    } else if name.ends_with(".txt") {
        vocab::read_lines(&text, name)
    } else if name.ends_with("vocab.json") {
        let merges =
            bytes_of(folder, MERGES)?.map(|bytes| self::text(bytes, MERGES)).transpose()?;
        vocab::read_json(&text, name, merges.as_deref().map(|text| (text, MERGES)))
    } else {
        tokenizer_json::read(&text, name)
    }
}

/// What a file of the folder holds. `None` when it is not there.
fn bytes_of(folder: &dyn Folder, name: &str) -> Result<Option<Vec<u8>>, Error> {
    let place = Place::file(name);
    let Some(file) = folder.open(name)? else { return Ok(None) };
    let has = file.len();
    let length = usize::try_from(has).ok().filter(|_| has <= TOKENIZER_LIMIT);
    let too_long = ErrorKind::TokenizerTooLarge { has, limit: TOKENIZER_LIMIT };
    let Some(length) = length else { return Err(place.error(too_long)) };
    let mut bytes = vec![0; length];
    let read = file.read_exact_at(&mut bytes, 0);
    read.map_err(|error| place.error(ErrorKind::Unreadable(error)))?;
    Ok(Some(bytes))
}

fn text(bytes: Vec<u8>, name: &str) -> Result<String, Error> {
    let text = String::from_utf8(bytes);
    text.map_err(|error| Place::file(name).error(ErrorKind::NotText(error.utf8_error())))
}
