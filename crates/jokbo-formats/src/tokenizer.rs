//! Tokenizers: the text behind every id, in one notation.
//!
//! Six forms are read: `tokenizer.json`, `vocab.json` with `merges.txt`, WordPiece's `vocab.txt`,
//! tiktoken's ranks, SentencePiece's `.model`, and the arrays of a GGUF file. Each writes one and
//! the same token its own way (`Ġthe`, `▁the`, `the` beside `##the`); what is compared later are
//! the bytes meant by it.

mod gguf;
mod notation;
mod place;
mod sentencepiece;
mod source;
mod streamed;
mod tiktoken;
mod tokenizer_json;
mod vocab;

use std::collections::BTreeMap;
use std::fmt;

pub use notation::Notation;
pub(crate) use place::Found;
#[cfg(feature = "http")]
pub(crate) use place::find;
pub use place::{open_tokenizer, tokenizer_from_memory, tokenizer_in};
pub use source::{Beside, open_tokenizer_source, tokenizer_beside};

use crate::error::{ErrorKind, Place};
use crate::limits::{MERGE_LIMIT, TOKEN_LENGTH_LIMIT, TOKEN_LIMIT};
use crate::{Checkpoint, Error};

/// A vocabulary and the merges that build it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tokenizer {
    /// The file it was read from, as a path below the named folder.
    pub source: String,
    /// The form of that file.
    pub format: TokenizerFormat,
    /// How that file writes tokens.
    pub notation: Notation,
    /// Every id's token.
    pub tokens: BTreeMap<u32, Token>,
    /// The merges of byte-pair encoding, first learned first, in the notation of [`Token::text`].
    /// Empty where the form has none.
    pub merges: Vec<Merge>,
    /// The ids of learned tokens in the order of their scores, best first, where the form has
    /// scores. Byte-pair encoding scores a token by when it was learned, and a unigram model by how
    /// likely it is.
    pub learned: Vec<u32>,
}

/// What one id stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// The bytes of text it stands for; of a special token, its name.
    pub text: Vec<u8>,
    /// Which sort of token it is.
    pub kind: TokenKind,
}

/// Sorts of tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TokenKind {
    /// A piece of text that was learned.
    Normal,
    /// One byte, for text that no other token covers.
    Byte,
    /// A mark for the model, such as the end of a text. Not a piece of text.
    Special,
    /// A place kept free.
    Unused,
}

/// Two tokens that become one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Merge {
    /// The bytes of the first.
    pub left: Vec<u8>,
    /// The bytes of the second.
    pub right: Vec<u8>,
}

/// The form a tokenizer was read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenizerFormat {
    /// `tokenizer.json` of the `tokenizers` library.
    TokenizerJson,
    /// `vocab.json`, with `merges.txt` where there is one.
    VocabJson,
    /// `vocab.txt`: one token a line.
    VocabTxt,
    /// A `.tiktoken` file: tokens in base 64 with their ranks.
    Tiktoken,
    /// A `.model` file of SentencePiece.
    SentencePiece,
    /// The arrays of a GGUF file.
    Gguf,
}

impl fmt::Display for TokenizerFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TokenizerFormat::TokenizerJson => "tokenizer.json",
            TokenizerFormat::VocabJson => "vocab.json",
            TokenizerFormat::VocabTxt => "vocab.txt",
            TokenizerFormat::Tiktoken => "tiktoken",
            TokenizerFormat::SentencePiece => "sentencepiece",
            TokenizerFormat::Gguf => "gguf",
        })
    }
}

impl Tokenizer {
    /// The tokenizer that GGUF files carry. `None` when they carry none.
    pub fn of_gguf(checkpoint: &Checkpoint) -> Result<Option<Self>, Error> {
        gguf::read(checkpoint)
    }

    /// SHA-256 of everything that it says of text, in lower-case hexadecimal, whatever its file is
    /// called and however that is laid out.
    ///
    /// Cost: one pass, and a copy of all tokens and merges.
    pub fn digest(&self) -> String {
        let mut all = format!("{}\0{}\0", self.format, self.notation).into_bytes();
        let text = |all: &mut Vec<u8>, text: &[u8]| {
            all.extend((text.len() as u64).to_le_bytes());
            all.extend(text);
        };
        all.extend((self.tokens.len() as u64).to_le_bytes());
        for (id, token) in &self.tokens {
            all.extend(id.to_le_bytes());
            all.push(match token.kind {
                TokenKind::Normal => 0,
                TokenKind::Byte => 1,
                TokenKind::Special => 2,
                TokenKind::Unused => 3,
            });
            text(&mut all, &token.text);
        }
        all.extend((self.merges.len() as u64).to_le_bytes());
        for merge in &self.merges {
            text(&mut all, &merge.left);
            text(&mut all, &merge.right);
        }
        self.learned.iter().for_each(|id| all.extend(id.to_le_bytes()));
        crate::digest::of_bytes(&all)
    }
}

/// Tokens and merges as a file writes them.
#[derive(Debug, Default)]
struct Written {
    tokens: BTreeMap<u32, (Vec<u8>, TokenKind)>,
    merges: Vec<(Vec<u8>, Vec<u8>)>,
    scores: Vec<(f64, u32)>,
}

impl Written {
    /// Adds a token, once for each id.
    fn token(&mut self, id: u64, text: Vec<u8>, kind: TokenKind) -> Result<(), ErrorKind> {
        if TOKEN_LENGTH_LIMIT < text.len() {
            return Err(ErrorKind::NameTooLong { has: text.len(), limit: TOKEN_LENGTH_LIMIT });
        }
        let id = u32::try_from(id).ok().filter(|id| *id < TOKEN_LIMIT);
        let id = id.ok_or(ErrorKind::TooManyTokens { limit: TOKEN_LIMIT })?;
        match self.tokens.insert(id, (text, kind)) {
            None => Ok(()),
            Some(_) => Err(ErrorKind::TokenTwice { id }),
        }
    }

    /// Notes the score of a token, where it was learned.
    fn score(&mut self, id: u32, kind: TokenKind, score: f64) -> Result<(), ErrorKind> {
        if !score.is_finite() {
            return Err(ErrorKind::TokenizerForm { what: "a score that is not a finite number" });
        }
        if kind == TokenKind::Normal {
            self.scores.push((score, id));
        }
        Ok(())
    }

    /// Adds the merge of the two tokens in `line`, which a space joins.
    fn merge(&mut self, line: &str) -> Result<(), ErrorKind> {
        let parts = line.split_once(' ').filter(|(l, r)| !l.is_empty() && !r.is_empty());
        let (left, right) = parts.ok_or(ErrorKind::MergeForm)?;
        self.merge_of(left, right)
    }

    fn merge_of(&mut self, left: &str, right: &str) -> Result<(), ErrorKind> {
        if MERGE_LIMIT <= self.merges.len() {
            return Err(ErrorKind::TooManyMerges { limit: MERGE_LIMIT });
        }
        self.merges.push((left.as_bytes().to_vec(), right.as_bytes().to_vec()));
        Ok(())
    }

    /// The tokenizer, every text in the common notation. `known` is the notation, where the form
    /// allows only one.
    fn tokenizer(
        self,
        source: &str,
        format: TokenizerFormat,
        known: Option<Notation>,
    ) -> Result<Tokenizer, Error> {
        if self.tokens.is_empty() {
            return Err(Place::file(source).error(ErrorKind::NoTokens));
        }
        let normal = self.tokens.values().filter(|(_, kind)| *kind == TokenKind::Normal);
        let notation =
            known.unwrap_or_else(|| Notation::of(normal.map(|(text, _)| text.as_slice())));
        let token = |(id, (text, kind))| (id, notation.token(text, kind));
        let merge = |(left, right): (Vec<u8>, Vec<u8>)| {
            let text = |part| notation.token(part, TokenKind::Normal).text;
            Merge { left: text(left), right: text(right) }
        };
        Ok(Tokenizer {
            source: source.to_owned(),
            format,
            notation,
            tokens: self.tokens.into_iter().map(token).collect(),
            merges: self.merges.into_iter().map(merge).collect(),
            learned: by_score(self.scores),
        })
    }
}

/// The ids of these scores, best first; none where all have the same.
fn by_score(mut scores: Vec<(f64, u32)>) -> Vec<u32> {
    scores.sort_by(|(x, a), (y, b)| y.total_cmp(x).then(a.cmp(b)));
    let differ = scores.first().map(|s| s.0) != scores.last().map(|s| s.0);
    scores.into_iter().filter(|_| differ).map(|(_, id)| id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokenizer(words: &[&str]) -> Tokenizer {
        let token = |word: &&str| Token { text: word.as_bytes().to_vec(), kind: TokenKind::Normal };
        Tokenizer {
            source: "vocab.txt".to_owned(),
            format: TokenizerFormat::VocabTxt,
            notation: Notation::WordPiece,
            tokens: (0..).zip(words.iter().map(token)).collect(),
            merges: Vec::new(),
            learned: Vec::new(),
        }
    }

    #[test]
    fn a_digest_is_of_what_a_tokenizer_says_and_not_of_its_file() {
        let one = tokenizer(&["ab", "c"]);
        assert_eq!(Tokenizer { source: "other".to_owned(), ..one.clone() }.digest(), one.digest());
        // Tokens of the same letters in all, cut otherwise, or of another kind.
        assert_ne!(tokenizer(&["a", "bc"]).digest(), one.digest());
        let mut special = one.clone();
        special.tokens.insert(1, Token { text: b"c".to_vec(), kind: TokenKind::Special });
        assert_ne!(special.digest(), one.digest());
        let merge = Merge { left: b"a".to_vec(), right: b"b".to_vec() };
        assert_ne!(Tokenizer { merges: vec![merge], ..one.clone() }.digest(), one.digest());
        assert_ne!(Tokenizer { learned: vec![1, 0], ..one.clone() }.digest(), one.digest());
    }
}
