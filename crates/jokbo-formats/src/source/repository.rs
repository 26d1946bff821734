//! `hf://org/name[@revision][/below]`.

use std::fmt;

use crate::open::is_plain_path;

/// Longest part of a name, in bytes: the Hub allows no longer one.
const PART_LIMIT: usize = 96;

/// Longest revision, in bytes: a commit has 40, and Git allows names of a few hundred.
const REVISION_LIMIT: usize = 256;

/// What ends the name of a file of weights or of a tokenizer, and of no repository that anybody named.
const WEIGHTS: &[&str] = &[
    ".safetensors",
    ".gguf",
    ".bin",
    ".pt",
    ".pth",
    ".ckpt",
    ".npz",
    ".npy",
    ".onnx",
    ".json",
    ".model",
    ".tiktoken",
    ".txt",
];

/// A repository of models, at a revision, whole or a part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    id: String,
    revision: Option<String>,
    below: Option<String>,
}

impl Repository {
    /// `org/name`, or `name` for one of the oldest.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Branch, tag or commit; `main` where none was named.
    pub fn revision(&self) -> &str {
        self.revision.as_deref().unwrap_or("main")
    }

    /// The folder or file in it that was named.
    pub fn below(&self) -> Option<&str> {
        self.below.as_deref()
    }

    /// `org/name`, optionally `@revision`, without a scheme.
    pub(super) fn plain(text: &str) -> Option<Self> {
        let (id, _) = text.split_once('@').unwrap_or((text, ""));
        let is_file = WEIGHTS.iter().any(|ending| id.ends_with(ending));
        let repository = Self::read(text).ok()?;
        (id.matches('/').count() == 1 && !is_file && repository.below.is_none())
            .then_some(repository)
    }

    /// Reads what follows `hf://`.
    pub(super) fn read(text: &str) -> Result<Self, &'static str> {
        let text = text.trim_end_matches('/');
        if ["datasets/", "spaces/"].iter().any(|start| text.starts_with(start)) {
            return Err("it is no repository of models");
        }
        let (id, revision, below) = match text.split_once('@') {
            Some((id, rest)) => {
                let (revision, below) = split_revision(rest);
                (id.to_owned(), Some(revision), below)
            }
            None => {
                let mut parts = text.splitn(3, '/');
                let id: Vec<&str> = parts.by_ref().take(2).collect();
                (id.join("/"), None, parts.next())
            }
        };
        let parts: Vec<&str> = id.split('/').collect();
        if 2 < parts.len() || !parts.iter().all(|part| is_name(part)) {
            return Err("a repository is named org/name, of letters, digits and -, _, .");
        }
        let repository = Self { id, revision: None, below: below.map(str::to_owned) };
        if repository.below().is_some_and(|below| !is_plain_path(below)) {
            return Err("the part below the repository is not a plain path");
        }
        match revision {
            Some(revision) => repository.at_revision(&revision.replace("%2F", "/")),
            None => Ok(repository),
        }
    }

    /// The same at `revision`, unless it has one.
    pub(super) fn at_revision(self, revision: &str) -> Result<Self, &'static str> {
        let lawful = |c: char| c.is_ascii_alphanumeric() || "-_./+".contains(c);
        if self.revision.is_some() {
            return Ok(self);
        }
        if REVISION_LIMIT < revision.len()
            || !revision.chars().all(lawful)
            || !is_plain_path(revision)
        {
            return Err("a revision is a branch, a tag or a commit");
        }
        Ok(Self { revision: Some(revision.to_owned()), ..self })
    }
}

/// The revision that `text` begins with, and the rest. Names below `refs/` have slashes in them.
fn split_revision(text: &str) -> (&str, Option<&str>) {
    let inner = ["refs/pr/", "refs/convert/"].iter().find(|start| text.starts_with(**start));
    let from = inner.map_or(0, |start| start.len());
    match text[from..].find('/') {
        Some(slash) => (&text[..from + slash], Some(&text[from + slash + 1..])),
        None => (text, None),
    }
}

/// Whether `part` can be an organisation or a name on the Hub.
fn is_name(part: &str) -> bool {
    let lawful = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    (1..=PART_LIMIT).contains(&part.len())
        && part.chars().all(lawful)
        && !part.starts_with(['-', '.'])
        && !part.ends_with(['-', '.'])
        && !part.contains("--")
        && !part.contains("..")
}

impl fmt::Display for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "hf://{}", self.id)?;
        match &self.revision {
            // A slash that would be taken for the end of the revision is written as it was typed.
            Some(revision) if split_revision(revision).1.is_some() => {
                write!(f, "@{}", revision.replace('/', "%2F"))?;
            }
            Some(revision) => write!(f, "@{revision}")?,
            None => {}
        }
        match &self.below {
            Some(below) => write!(f, "/{below}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn reads(text: &str, id: &str, revision: &str, below: Option<&str>) {
        let got = Repository::read(text).unwrap();
        assert_eq!((got.id(), got.revision(), got.below()), (id, revision, below), "{text}");
    }

    #[test]
    fn name_revision_and_part_are_told_apart() {
        reads("org/name", "org/name", "main", None);
        reads("org/name/", "org/name", "main", None);
        reads("gpt2", "gpt2", "main", None);
        reads("org/name@abc", "org/name", "abc", None);
        reads("org/name/a/b", "org/name", "main", Some("a/b"));
        reads("org/name@v1/a/b.gguf", "org/name", "v1", Some("a/b.gguf"));
        reads("org/name@refs/pr/7/a", "org/name", "refs/pr/7", Some("a"));
        reads("org/name@refs%2Fpr%2F7", "org/name", "refs/pr/7", None);
    }

    #[test]
    fn what_is_shown_means_the_same() {
        for text in ["org/name@a%2Fb/c", "org/name@refs/pr/7/c", "org/name@refs%2Fheads%2Fa", "a@b"]
        {
            let read = Repository::read(text).unwrap();
            let shown = read.to_string();
            assert_eq!(Repository::read(shown.trim_start_matches("hf://")), Ok(read), "{shown}");
        }
    }

    #[test]
    fn what_could_lead_elsewhere_is_refused() {
        for bad in [
            "",
            "/",
            "org//name",
            "../name",
            "org/..",
            "-org/name",
            "org/name@",
            "org/name@..",
            "org/name@a//b",
            "org/name@a b",
            "org/name@a?b",
            "org/na?me",
            "org/name/..",
            "org/name/a\\b",
            "a/b/c@d",
            &format!("{}/x", "a".repeat(97)),
        ] {
            assert!(Repository::read(bad).is_err(), "{bad}");
        }
    }
}
