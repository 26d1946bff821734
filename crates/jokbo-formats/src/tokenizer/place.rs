//! Where a tokenizer lies: beside the weights, or in a file of its own.

use std::path::Path;

use super::{Tokenizer, tiktoken, tokenizer_json, vocab};
use crate::error::{ErrorKind, Place};
use crate::limits::TOKENIZER_LIMIT;
use crate::open::{Fence, folder_of, named};
use crate::{Error, ReadAt};

/// Names of files that hold a tokenizer, those that say most first.
const NAMES: [&str; 3] = ["tokenizer.json", "vocab.json", "vocab.txt"];
const TIKTOKEN: &str = ".tiktoken";

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
    if name.ends_with(".gguf") {
        let (checkpoint, _) = crate::open(path)?;
        return Tokenizer::of_gguf(&checkpoint);
    }
    let folder = folder_of(path);
    let fence = Fence::around(folder);
    let fence = fence.map_err(|error| Place::file(&source).error(ErrorKind::Unreadable(error)))?;
    read(&fence, &name)
}

/// Reads the tokenizer in `folder`, or the one that its GGUF files carry. `None` when there is
/// none.
pub fn tokenizer_in(folder: &Path) -> Result<Option<Tokenizer>, Error> {
    let source = folder.display().to_string();
    let place = Place::file(&source);
    let (fence, files) = named(folder, &place)?;
    let has = |name: &str| files.iter().any(|file| file == name);
    let tiktoken = || files.iter().find(|name| name.ends_with(TIKTOKEN)).map(String::as_str);
    match NAMES.into_iter().find(|name| has(name)).or_else(tiktoken) {
        Some(name) => read(&fence, name),
        None if files.iter().any(|name| name.ends_with(".gguf")) => {
            let (checkpoint, _) = crate::open(folder)?;
            Tokenizer::of_gguf(&checkpoint)
        }
        None => Ok(None),
    }
}

/// Reads the tokenizer in the text file called `name` of `files`, paths and contents. What a folder
/// would have beside it, such as `merges.txt`, is looked for there.
pub fn tokenizer_from_memory(name: &str, files: &[(String, Vec<u8>)]) -> Result<Tokenizer, Error> {
    read_among(name, &|name| {
        let found = files.iter().find(|(path, _)| path == name);
        found.map(|(_, bytes)| checked(bytes.clone(), name)).transpose()
    })
}

fn read(fence: &Fence, name: &str) -> Result<Option<Tokenizer>, Error> {
    read_among(name, &|name| text_of(fence, name)).map(Some)
}

/// Reads the file called `name`; `text_of` gives the text of a file, or nothing where it is not.
fn read_among(
    name: &str,
    text_of: &dyn Fn(&str) -> Result<Option<String>, Error>,
) -> Result<Tokenizer, Error> {
    let Some(text) = text_of(name)? else {
        return Err(Place::file(name).error(ErrorKind::NoSuchPath));
    };
    if name.ends_with(TIKTOKEN) {
        tiktoken::read(&text, name)
    } else if name.ends_with(".txt") {
        vocab::read_lines(&text, name)
    } else if name.ends_with("vocab.json") {
        let merges = text_of("merges.txt")?;
        vocab::read_json(&text, name, merges.as_deref().map(|text| (text, "merges.txt")))
    } else {
        tokenizer_json::read(&text, name)
    }
}

/// The text of a file in the fenced folder. `None` when it is not there.
fn text_of(fence: &Fence, name: &str) -> Result<Option<String>, Error> {
    let place = Place::file(name);
    let Some(file) = fence.open(name)? else { return Ok(None) };
    let has = file.len();
    let length = usize::try_from(has).ok().filter(|_| has <= TOKENIZER_LIMIT);
    let too_long = ErrorKind::TokenizerTooLarge { has, limit: TOKENIZER_LIMIT };
    let Some(length) = length else { return Err(place.error(too_long)) };
    let mut bytes = vec![0; length];
    let read = file.read_exact_at(&mut bytes, 0);
    read.map_err(|error| place.error(ErrorKind::Unreadable(error)))?;
    checked(bytes, name).map(Some)
}

fn checked(bytes: Vec<u8>, name: &str) -> Result<String, Error> {
    let text = String::from_utf8(bytes);
    text.map_err(|error| Place::file(name).error(ErrorKind::NotText(error.utf8_error())))
}
