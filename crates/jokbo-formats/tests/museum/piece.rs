//! One piece of the museum, and how its bytes are made.

use std::fmt;

/// A hostile file or folder.
#[derive(Clone)]
pub(crate) struct Piece {
    /// Its path in the museum.
    pub(crate) name: &'static str,
    /// What it tries, in a few words.
    pub(crate) tries: &'static str,
    /// What is said about it.
    pub(crate) answer: Answer,
    /// One file with an empty path, or the files of a folder.
    contents: Vec<(&'static str, Vec<u8>)>,
}

/// What is said about a piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    /// It is not opened.
    Refused(String),
    /// It is opened, and this is told.
    Told(Vec<String>),
}

impl Piece {
    /// A piece that is refused with `answer`.
    pub(crate) fn refused(
        name: &'static str,
        tries: &'static str,
        bytes: Vec<u8>,
        answer: &str,
    ) -> Self {
        Self {
            name,
            tries,
            answer: Answer::Refused(answer.to_owned()),
            contents: vec![("", bytes)],
        }
    }

    /// A piece that is opened, with `told`.
    pub(crate) fn told(
        name: &'static str,
        tries: &'static str,
        bytes: Vec<u8>,
        told: &[&str],
    ) -> Self {
        let told = told.iter().copied().map(str::to_owned).collect();
        Self { name, tries, answer: Answer::Told(told), contents: vec![("", bytes)] }
    }

    /// The same piece, made of several files.
    pub(crate) fn of(mut self, contents: Vec<(&'static str, Vec<u8>)>) -> Self {
        self.contents = contents;
        self
    }

    /// Its files, as paths in the museum and contents.
    pub(crate) fn files(&self) -> Vec<(String, Vec<u8>)> {
        let path = |below: &str| match below {
            "" => self.name.to_owned(),
            below => format!("{}/{below}", self.name),
        };
        self.contents.iter().map(|(below, bytes)| (path(below), bytes.clone())).collect()
    }
}

impl Answer {
    /// The same answer with each text changed.
    pub(crate) fn map(self, change: impl Fn(String) -> String) -> Self {
        match self {
            Answer::Refused(text) => Answer::Refused(change(text)),
            Answer::Told(texts) => Answer::Told(texts.into_iter().map(change).collect()),
        }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Answer::Refused(text) => write!(f, "refused: {text}"),
            Answer::Told(texts) if texts.is_empty() => write!(f, "read, and nothing to tell"),
            Answer::Told(texts) => write!(f, "read; told: {}", texts.join("; ")),
        }
    }
}

/// A file whose header is said to have `claims` bytes, with `rest` after that.
pub(crate) fn claiming(claims: u64, rest: &[u8]) -> Vec<u8> {
    let mut file = claims.to_le_bytes().to_vec();
    file.extend(rest);
    file
}

/// A file with this header, and `data` bytes 0, 1, 2, … after it.
pub(crate) fn file(header: &str, data: u8) -> Vec<u8> {
    let mut file = claiming(header.len() as u64, header.as_bytes());
    file.extend(0..data);
    file
}

/// A file with this list of entries in its header, and `data` bytes.
pub(crate) fn tensors(entries: &[String], data: u8) -> Vec<u8> {
    file(&format!("{{{}}}", entries.join(",")), data)
}

/// One entry of a header. `name` is JSON text without its quotes.
pub(crate) fn entry(name: &str, dtype: &str, shape: &str, offsets: &str) -> String {
    format!(r#""{name}":{{"dtype":"{dtype}","shape":{shape},"data_offsets":{offsets}}}"#)
}

/// A file with one U8 tensor of four bytes for each name, one after the other.
pub(crate) fn shard(names: &[&str]) -> Vec<u8> {
    let entries: Vec<_> = names
        .iter()
        .enumerate()
        .map(|(i, name)| entry(name, "U8", "[4]", &format!("[{},{}]", 4 * i, 4 * i + 4)))
        .collect();
    tensors(&entries, u8::try_from(4 * names.len()).expect("a museum piece is small"))
}
