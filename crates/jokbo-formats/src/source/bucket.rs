//! `s3://`, `gs://` and `az://`: a bucket, and what is below it.

use std::fmt;

use crate::open::is_plain_path;

/// Who keeps a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Provider {
    /// Amazon S3, and what speaks its language.
    S3,
    /// Google Cloud Storage.
    Gs,
    /// Azure Blob Storage.
    Az,
}

impl Provider {
    /// That of `scheme`.
    pub(super) fn of(scheme: &str) -> Option<Self> {
        match scheme {
            "s3" => Some(Self::S3),
            "gs" => Some(Self::Gs),
            "az" => Some(Self::Az),
            _ => None,
        }
    }

    /// How its addresses begin.
    pub fn scheme(self) -> &'static str {
        match self {
            Self::S3 => "s3",
            Self::Gs => "gs",
            Self::Az => "az",
        }
    }
}

/// A file or folder in a bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bucket {
    /// Who keeps it.
    pub provider: Provider,
    /// Its name; of Azure, that of the container.
    pub name: String,
    /// What is meant in it; empty for all of it.
    pub below: String,
}

impl Bucket {
    /// Reads what follows `s3://`.
    pub(super) fn read(provider: Provider, text: &str) -> Result<Self, &'static str> {
        let (name, below) = text.split_once('/').unwrap_or((text, ""));
        let below = below.trim_end_matches('/');
        let lawful = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if name.is_empty() || !name.chars().all(lawful) || name.contains("..") {
            return Err("a bucket is named by letters, digits and -, _, .");
        }
        if !below.is_empty() && (!is_plain_path(below) || below.contains(['?', '#'])) {
            return Err("the part below the bucket is not a plain path");
        }
        Ok(Self { provider, name: name.to_owned(), below: below.to_owned() })
    }
}

impl fmt::Display for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.provider.scheme(), self.name)?;
        if self.below.is_empty() { Ok(()) } else { write!(f, "/{}", self.below) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bucket_and_part_are_told_apart() {
        let read = |text: &str| Bucket::read(Provider::Gs, text);
        let got = read("models/a/b.safetensors").unwrap();
        assert_eq!((got.name.as_str(), got.below.as_str()), ("models", "a/b.safetensors"));
        assert_eq!(read("models/").unwrap().to_string(), "gs://models");
        for bad in ["", "/a", "a b/c", "a/../b", "a/b?sig=x", "a/b//c", "user@host/a"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
