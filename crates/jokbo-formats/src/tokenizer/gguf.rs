//! The arrays of a GGUF file: `tokenizer.ggml.tokens`, `.token_type` and `.merges`.

use super::{TokenKind, Tokenizer, TokenizerFormat, Written};
use crate::error::{ErrorKind, Place};
use crate::gguf::Value;
use crate::{Checkpoint, Error};

const TOKENS: &str = "tokenizer.ggml.tokens";
const TYPES: &str = "tokenizer.ggml.token_type";
const MERGES: &str = "tokenizer.ggml.merges";

pub(super) fn read(checkpoint: &Checkpoint) -> Result<Option<Tokenizer>, Error> {
    let array = |key| match checkpoint.arrays.get(key) {
        Some(array) => array.read(&checkpoint.files),
        None => Ok(Vec::new()),
    };
    let Some(place) = checkpoint.arrays.get(TOKENS) else { return Ok(None) };
    let path = checkpoint.files.get(place.file).map_or(TOKENS, |file| file.path.as_str());
    let fails = |kind| Place::file(path).error(kind);
    let types = array(TYPES)?;
    let mut written = Written::default();
    for (id, token) in array(TOKENS)?.into_iter().enumerate() {
        let kind = match types.get(id) {
            // The numbers are those of SentencePiece's piece types.
            Some(Value::Whole(2..=4)) => TokenKind::Special,
            Some(Value::Whole(5)) => TokenKind::Unused,
            Some(Value::Whole(6)) => TokenKind::Byte,
            _ => TokenKind::Normal,
        };
        written.token(id as u64, text(token, TOKENS).map_err(fails)?, kind).map_err(fails)?;
    }
    for merge in array(MERGES)? {
        let line = String::from_utf8(text(merge, MERGES).map_err(fails)?);
        let line = line.map_err(|error| fails(ErrorKind::NotText(error.utf8_error())))?;
        written.merge(&line).map_err(fails)?;
    }
    written.tokenizer(path, TokenizerFormat::Gguf, None).map(Some)
}

fn text(value: Value, key: &'static str) -> Result<Vec<u8>, ErrorKind> {
    match value {
        Value::Text(bytes) => Ok(bytes),
        _ => Err(ErrorKind::TokenizerForm { what: key }),
    }
}
