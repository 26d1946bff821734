//! tiktoken's ranks: a line for each token, its bytes in base 64 and its rank.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Notation, TokenKind, Tokenizer, TokenizerFormat, Written};
use crate::Error;
use crate::error::{ErrorKind, Place};

const LINE: &str = "a line that is not a token in base 64 and its rank";

pub(super) fn read(text: &str, source: &str) -> Result<Tokenizer, Error> {
    let mut written = Written::default();
    let mut start = 0u64;
    for line in text.split_inclusive('\n') {
        let fails = |kind| Place::file(source).byte(start).error(kind);
        let said = line.trim_end_matches(['\n', '\r']);
        if !said.is_empty() {
            let (token, rank) =
                token(said).ok_or(ErrorKind::TokenizerForm { what: LINE }).map_err(fails)?;
            written.token(rank, token, TokenKind::Normal).map_err(fails)?;
        }
        start = start.saturating_add(line.len() as u64);
    }
    written.tokenizer(source, TokenizerFormat::Tiktoken, Some(Notation::Bytes))
}

fn token(line: &str) -> Option<(Vec<u8>, u64)> {
    let (token, rank) = line.split_once(' ')?;
    Some((STANDARD.decode(token).ok()?, rank.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rank_is_an_id() {
        let read = read("IQ== 0\nIHRoZQ== 7\r\n\n", "a.tiktoken").unwrap();
        let tokens: Vec<_> = read.tokens.iter().map(|(id, t)| (*id, t.text.as_slice())).collect();
        assert_eq!(tokens, [(0, &b"!"[..]), (7, b" the")]);
    }

    #[test]
    fn a_line_of_another_form_is_told_with_its_byte() {
        let error = read("IQ== 0\nIQ= 1\n", "a.tiktoken").unwrap_err().to_string();
        assert_eq!(
            error,
            "a.tiktoken, at byte 7: the tokenizer holds a line that is not a token in base 64 and its rank"
        );
        let twice = read("IQ== 0\nIg== 0\n", "a.tiktoken").unwrap_err().to_string();
        assert_eq!(twice, "a.tiktoken, at byte 7: the id 0 is given to two tokens");
        let far = read("IQ== 4294967296\n", "a.tiktoken").unwrap_err().to_string();
        assert!(far.contains("ids beyond"), "{far}");
        assert!(read("", "a.tiktoken").unwrap_err().to_string().contains("no token"));
    }
}
