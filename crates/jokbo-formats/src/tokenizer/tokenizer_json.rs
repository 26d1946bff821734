//! `tokenizer.json`: the vocabulary and merges of `model`, and the added tokens over it.

use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};

use super::streamed::{Merges, Vocab};
use super::{TokenKind, Tokenizer, TokenizerFormat, Written};
use crate::Error;
use crate::error::{ErrorKind, Place};
use crate::json::{self, Faults};
use crate::limits::TOKEN_LIMIT;

pub(super) fn read(text: &str, source: &str) -> Result<Tokenizer, Error> {
    let (mut written, mut added) = (Written::default(), Vec::new());
    let mut faults = Faults::default();
    json::read(text, &Place::file(source), 0, &mut faults, |json, faults| {
        json.deserialize_map(Top { written: &mut written, added: &mut added, faults })
    })?;
    for token in added {
        put_over(&mut written, token).map_err(|kind| Place::file(source).error(kind))?;
    }
    written.tokenizer(source, TokenizerFormat::TokenizerJson, None)
}

/// An added token stands over the vocabulary: the same text under the same id is the usual case.
fn put_over(written: &mut Written, token: Added) -> Result<(), ErrorKind> {
    let kind = if token.special { TokenKind::Special } else { TokenKind::Normal };
    if let Ok(id) = u32::try_from(token.id)
        && let Some((text, of)) = written.tokens.get_mut(&id)
        && text.as_slice() == token.content.as_bytes()
    {
        *of = kind;
        return Ok(());
    }
    // Added text is plain; it is no piece in the model's notation, so it is kept as a mark.
    written.token(token.id, token.content.into_bytes(), TokenKind::Special)
}

#[derive(Deserialize)]
struct Added {
    id: u64,
    content: String,
    #[serde(default)]
    special: bool,
}

/// The outermost object.
struct Top<'a> {
    written: &'a mut Written,
    added: &'a mut Vec<Added>,
    faults: &'a mut Faults,
}

impl<'de> Visitor<'de> for Top<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with a model")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        let (mut model, mut added) = (false, false);
        while let Some(key) = object.next_key::<String>()? {
            match key.as_str() {
                "model" => {
                    self.faults.once(std::mem::replace(&mut model, true), &key)?;
                    object.next_value_seed(Model { written: self.written, faults: self.faults })?;
                }
                "added_tokens" => {
                    self.faults.once(std::mem::replace(&mut added, true), &key)?;
                    *self.added = object.next_value::<Vec<Added>>()?;
                    if u32::try_from(self.added.len()).is_ok_and(|n| TOKEN_LIMIT < n) {
                        return Err(self
                            .faults
                            .fail(ErrorKind::TooManyTokens { limit: TOKEN_LIMIT }));
                    }
                }
                _ => {
                    object.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

/// The object `model`.
struct Model<'a> {
    written: &'a mut Written,
    faults: &'a mut Faults,
}

impl<'de> DeserializeSeed<'de> for Model<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Model<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with a vocabulary")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        let (mut vocab, mut merges) = (false, false);
        while let Some(key) = object.next_key::<String>()? {
            let (written, faults) = (&mut *self.written, &mut *self.faults);
            match key.as_str() {
                "vocab" => {
                    faults.once(std::mem::replace(&mut vocab, true), &key)?;
                    object.next_value_seed(Vocab { written, faults })?;
                }
                "merges" => {
                    faults.once(std::mem::replace(&mut merges, true), &key)?;
                    object.next_value_seed(Merges { written, faults })?;
                }
                _ => {
                    object.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vocabulary_merges_and_added_tokens_are_read() {
        let text = r#"{"version":"1.0","added_tokens":[{"id":0,"content":"<s>","special":true},
            {"id":9,"content":"<new>","special":false}],
            "model":{"type":"BPE","vocab":{"<s>":0,"▁a":1,"b":2},"merges":["▁a b",["b","▁a"]]}}"#;
        let read = read(text, "tokenizer.json").unwrap();
        let kinds: Vec<_> = read.tokens.iter().map(|(id, t)| (*id, t.kind)).collect();
        use TokenKind::{Normal, Special};
        assert_eq!(kinds, [(0, Special), (1, Normal), (2, Normal), (9, Special)]);
        assert_eq!(
            (read.merges[0].left.as_slice(), read.merges[1].right.as_slice()),
            (&b" a"[..], &b" a"[..])
        );
    }

    #[test]
    fn a_unigram_vocabulary_is_a_list_with_scores() {
        let text = r#"{"model":{"type":"Unigram","vocab":[["<unk>",0.0],["▁the",-3.2]]}}"#;
        assert_eq!(read(text, "t").unwrap().tokens[&1].text, b" the");
    }

    #[test]
    fn faults_are_told_with_their_place() {
        let fails = |text: &str| read(text, "t.json").unwrap_err().to_string();
        assert!(
            fails(r#"{"model":{"vocab":{"a":0}},"model":{}}"#).contains("`model` is given twice")
        );
        assert!(
            fails(r#"{"model":{"vocab":{"a":0},"merges":["a"]}}"#).contains("not of two tokens")
        );
        assert!(fails(r#"{"model":{"vocab":[[1]]}}"#).contains("t.json, at byte"));
        assert!(
            fails(r#"{"model":{"vocab":{"a":0}},"added_tokens":[{"id":0,"content":"b"}]}"#)
                .contains("two tokens")
        );
        assert!(fails(r#"{"added_tokens":[]}"#).contains("no token"));
        assert!(fails("[").contains("t.json, at byte"));
    }
}
