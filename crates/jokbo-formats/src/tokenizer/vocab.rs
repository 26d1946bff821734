//! `vocab.json` with `merges.txt`, and `vocab.txt`.

use super::streamed::Vocab;
use super::{TokenKind, Tokenizer, TokenizerFormat, Written};
use crate::Error;
use crate::error::Place;
use crate::json::{self, Faults};

/// `vocab.json`: an object of ids by token. `merges` is the text and the name of `merges.txt`.
pub(super) fn read_json(
    text: &str,
    source: &str,
    merges: Option<(&str, &str)>,
) -> Result<Tokenizer, Error> {
    let mut written = Written::default();
    let mut faults = Faults::default();
    json::read(text, &Place::file(source), 0, &mut faults, |json, faults| {
        serde::de::DeserializeSeed::deserialize(Vocab { written: &mut written, faults }, json)
    })?;
    if let Some((text, name)) = merges {
        read_merges(text, name, &mut written)?;
    }
    written.tokenizer(source, TokenizerFormat::VocabJson, None)
}

/// `merges.txt`: two tokens a line, first learned first, below a line that begins with `#version`.
fn read_merges(text: &str, source: &str, written: &mut Written) -> Result<(), Error> {
    let mut start = 0u64;
    for line in text.split_inclusive('\n') {
        let said = line.trim_end_matches(['\n', '\r']);
        let is_head = start == 0 && said.starts_with("#version");
        if !said.is_empty() && !is_head {
            let fails = |kind| Place::file(source).byte(start).error(kind);
            written.merge(said).map_err(fails)?;
        }
        start = start.saturating_add(line.len() as u64);
    }
    Ok(())
}

/// `vocab.txt`: one token a line, the first with id 0. A token in brackets is a mark.
pub(super) fn read_lines(text: &str, source: &str) -> Result<Tokenizer, Error> {
    let mut written = Written::default();
    for (id, line) in text.lines().enumerate() {
        let kind = match line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            Some(name) if name.starts_with("unused") => TokenKind::Unused,
            Some(name) if 1 < name.len() => TokenKind::Special,
            _ => TokenKind::Normal,
        };
        let fails = |kind| Place::file(source).error(kind);
        written.token(id as u64, line.as_bytes().to_vec(), kind).map_err(fails)?;
    }
    written.tokenizer(source, TokenizerFormat::VocabTxt, None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tokenizer::Notation;

    #[test]
    fn a_vocabulary_and_its_merges_are_read() {
        let merges = Some(("#version: 0.2\na b\n▁ c\n", "merges.txt"));
        let read = read_json(r#"{"a":0,"b":1,"ab":2,"▁c":3}"#, "vocab.json", merges).unwrap();
        assert_eq!((read.tokens.len(), read.notation), (4, Notation::Spaced));
        assert_eq!(read.merges[0].left, b"a");
        assert_eq!((read.merges[1].left.as_slice(), read.merges.len()), (&b" "[..], 2));
    }

    #[test]
    fn faults_are_told_with_their_place() {
        let fails =
            |text: &str, merges| read_json(text, "vocab.json", merges).unwrap_err().to_string();
        assert!(fails(r#"{"a":0,"a":1}"#, None).contains("the key `a` is given twice"));
        assert!(fails(r#"{"a":0,"b":0}"#, None).contains("the id 0 is given to two tokens"));
        assert!(fails(r#"{"a":-1}"#, None).contains("vocab.json, at byte"));
        assert!(fails("{}", None).contains("no token"));
        let merge = fails(r#"{"a":0}"#, Some(("a\n", "merges.txt")));
        assert_eq!(merge, "merges.txt, at byte 0: the merge is not of two tokens");
    }

    #[test]
    fn word_pieces_begin_or_continue_a_word() {
        let read = read_lines("[PAD]\n[unused1]\n[\nthe\n##ing\n", "vocab.txt").unwrap();
        let kinds: Vec<_> = read.tokens.values().map(|t| t.kind).collect();
        use TokenKind::{Normal, Special, Unused};
        assert_eq!(kinds, [Special, Unused, Normal, Normal, Normal]);
        assert_eq!(
            (read.tokens[&3].text.as_slice(), read.tokens[&4].text.as_slice()),
            (&b" the"[..], &b"ing"[..])
        );
    }
}
