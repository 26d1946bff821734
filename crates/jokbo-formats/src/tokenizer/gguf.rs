//! The arrays of a GGUF file: `tokenizer.ggml.tokens`, `.token_type`, `.scores` and `.merges`.

use super::sentencepiece::kind_of;
use super::{TokenKind, Tokenizer, TokenizerFormat, Written};
use crate::error::{ErrorKind, Place};
use crate::gguf::Value;
use crate::{Checkpoint, Error};

const TOKENS: &str = "tokenizer.ggml.tokens";
const TYPES: &str = "tokenizer.ggml.token_type";
const SCORES: &str = "tokenizer.ggml.scores";
const MERGES: &str = "tokenizer.ggml.merges";

pub(super) fn read(checkpoint: &Checkpoint) -> Result<Option<Tokenizer>, Error> {
    let array = |key| match checkpoint.arrays.get(key) {
        Some(array) => array.read(&checkpoint.files),
        None => Ok(Vec::new()),
    };
    let Some(place) = checkpoint.arrays.get(TOKENS) else { return Ok(None) };
    let path = checkpoint.files.get(place.file).map_or(TOKENS, |file| file.path.as_str());
    let fails = |kind| Place::file(path).error(kind);
    let (types, scores) = (array(TYPES)?, array(SCORES)?);
    let mut written = Written::default();
    for (id, token) in array(TOKENS)?.into_iter().enumerate() {
        let kind = match types.get(id) {
            Some(Value::Whole(number)) => kind_of(*number).unwrap_or(TokenKind::Normal),
            _ => TokenKind::Normal,
        };
        let score = scores.get(id);
        let id = id as u64;
        written.token(id, text(token, TOKENS).map_err(fails)?, kind).map_err(fails)?;
        if let (Some(Value::Real(score)), Ok(id)) = (score, u32::try_from(id)) {
            written.score(id, kind, *score).map_err(fails)?;
        }
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
