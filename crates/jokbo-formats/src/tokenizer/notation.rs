//! How a file writes the bytes of a token.

use std::fmt;

use super::{Token, TokenKind};

/// What SentencePiece writes for a space.
const SPACE: char = '\u{2581}';

/// What WordPiece begins a token with that continues a word.
const CONTINUES: &[u8] = b"##";

/// Of the 256 signs of byte-level encoding, how many must stand as tokens of their own. A
/// vocabulary of that kind holds all of them.
const ALPHABET: usize = 250;

/// One in so many tokens must carry a notation's mark for the notation to be taken as given.
const MARKED: usize = 100;

/// How a file writes the bytes of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notation {
    /// The bytes themselves.
    Bytes,
    /// GPT-2's: every byte is a sign that shows; a space is `Ġ`.
    ByteLevel,
    /// SentencePiece's: a space is `▁`, a single byte `<0x0A>`.
    Spaced,
    /// WordPiece's: `##` continues a word, and all else begins one.
    WordPiece,
}

impl fmt::Display for Notation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Notation::Bytes => "plain bytes",
            Notation::ByteLevel => "byte-level",
            Notation::Spaced => "SentencePiece",
            Notation::WordPiece => "WordPiece",
        })
    }
}

impl Notation {
    /// The notation of these tokens, from the tokens alone: what a file says of itself is not
    /// needed for it, and may be missing.
    pub(super) fn of<'a>(tokens: impl Iterator<Item = &'a [u8]>) -> Self {
        let (mut all, mut spaced, mut continuing) = (0, 0, 0);
        let mut alphabet = [false; 256];
        for token in tokens {
            all += 1;
            let Ok(text) = str::from_utf8(token) else { continue };
            let mut chars = text.chars();
            let first = chars.next();
            if first == Some(SPACE) {
                spaced += 1;
            }
            if token.starts_with(CONTINUES) && CONTINUES.len() < token.len() {
                continuing += 1;
            }
            if let (Some(byte), None) = (first.and_then(byte_of), chars.next()) {
                alphabet[usize::from(byte)] = true;
            }
        }
        if ALPHABET <= alphabet.iter().filter(|there| **there).count() {
            Notation::ByteLevel
        } else if all <= spaced * MARKED && 0 < spaced {
            Notation::Spaced
        } else if all <= continuing * MARKED && 0 < continuing {
            Notation::WordPiece
        } else {
            Notation::Bytes
        }
    }

    /// The token that `text` writes. Special tokens are names and stay as they are.
    pub(super) fn token(self, text: Vec<u8>, kind: TokenKind) -> Token {
        if matches!(kind, TokenKind::Special | TokenKind::Unused) {
            return Token { text, kind };
        }
        match self {
            Notation::Bytes => Token { text, kind },
            Notation::ByteLevel => Token { text: from_signs(&text).unwrap_or(text), kind },
            Notation::Spaced => match byte_token(&text) {
                Some(byte) => Token { text: vec![byte], kind: TokenKind::Byte },
                None => Token { text: with_spaces(&text), kind },
            },
            Notation::WordPiece => match text.strip_prefix(CONTINUES) {
                Some(rest) if !rest.is_empty() => Token { text: rest.to_vec(), kind },
                _ => Token { text: [b" ", text.as_slice()].concat(), kind },
            },
        }
    }
}

/// The bytes that the signs of GPT-2's byte-level encoding stand for. `None` when a character is
/// none of them.
fn from_signs(text: &[u8]) -> Option<Vec<u8>> {
    str::from_utf8(text).ok()?.chars().map(byte_of).collect()
}

/// The byte that a sign of byte-level encoding stands for (Radford et al., *Language Models are
/// Unsupervised Multitask Learners*, 2019, and its published code): printable Latin-1 stands for
/// itself, and the 68 other bytes, in rising order, are the characters from U+0100 on.
fn byte_of(sign: char) -> Option<u8> {
    let code = u32::from(sign);
    if let Ok(byte) = u8::try_from(code) {
        return is_printable(byte).then_some(byte);
    }
    let rank = usize::try_from(code.checked_sub(256)?).ok()?;
    (0..=255).filter(|byte| !is_printable(*byte)).nth(rank)
}

fn is_printable(byte: u8) -> bool {
    matches!(byte, b'!'..=b'~' | 0xA1..=0xAC | 0xAE..=0xFF)
}

/// The byte that `<0x0A>` writes.
fn byte_token(text: &[u8]) -> Option<u8> {
    let digits = text.strip_prefix(b"<0x")?.strip_suffix(b">")?;
    let digits = str::from_utf8(digits).ok().filter(|d| d.len() == 2)?;
    u8::from_str_radix(digits, 16).ok()
}

fn with_spaces(text: &[u8]) -> Vec<u8> {
    match str::from_utf8(text) {
        Ok(text) => text.replace(SPACE, " ").into_bytes(),
        Err(_) => text.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn writes(notation: Notation, text: &str, want: &[u8], kind: TokenKind) {
        let token = notation.token(text.as_bytes().to_vec(), TokenKind::Normal);
        assert_eq!((token.text.as_slice(), token.kind), (want, kind), "{text}");
    }

    #[test]
    fn one_token_has_the_same_bytes_in_every_notation() {
        let normal = TokenKind::Normal;
        writes(Notation::ByteLevel, "Ġthe", b" the", normal);
        writes(Notation::ByteLevel, "Ċ", b"\n", normal);
        writes(Notation::ByteLevel, "ìķĪ", "안".as_bytes(), normal);
        writes(Notation::ByteLevel, "안", "안".as_bytes(), normal);
        writes(Notation::Spaced, "▁the", b" the", normal);
        writes(Notation::Spaced, "<0x0A>", b"\n", TokenKind::Byte);
        writes(Notation::Spaced, "<0xZZ>", b"<0xZZ>", normal);
        writes(Notation::WordPiece, "the", b" the", normal);
        writes(Notation::WordPiece, "##ing", b"ing", normal);
        writes(Notation::WordPiece, "##", b" ##", normal);
        let name = Notation::Spaced.token("▁<s>".into(), TokenKind::Special);
        assert_eq!(name.text, "▁<s>".as_bytes());
    }

    #[test]
    fn every_byte_has_a_sign_of_its_own() {
        let signs: Vec<char> = (0..0x200).filter_map(char::from_u32).collect();
        let mut bytes: Vec<u8> = signs.into_iter().filter_map(byte_of).collect();
        assert_eq!(bytes.len(), 256);
        bytes.sort_unstable();
        assert_eq!(bytes, (0..=255).collect::<Vec<u8>>());
    }

    #[test]
    fn the_tokens_show_their_notation() {
        let of = |tokens: &[&str]| Notation::of(tokens.iter().map(|t| t.as_bytes()));
        let signs: Vec<String> = (0..0x200)
            .filter_map(char::from_u32)
            .filter(|c| byte_of(*c).is_some())
            .map(String::from)
            .collect();
        let signs: Vec<&str> = signs.iter().map(String::as_str).collect();
        assert_eq!(of(&signs), Notation::ByteLevel);
        assert_eq!(of(&["▁a", "b", "<0x0A>"]), Notation::Spaced);
        assert_eq!(of(&["a", "##b", "##"]), Notation::WordPiece);
        assert_eq!(of(&["a", "b", "##"]), Notation::Bytes);
        assert_eq!(of(&[]), Notation::Bytes);
    }
}
