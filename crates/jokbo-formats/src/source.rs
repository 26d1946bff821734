//! What the user named: a path, a repository of a Hub, a file on the web, or a place in a bucket.

mod address;
mod bucket;
mod repository;

use std::ffi::OsStr;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

pub use address::Address;
pub use bucket::{Bucket, Provider};
pub use repository::Repository;

use crate::Error;
use crate::error::{ErrorKind, Place};

/// Where a checkpoint is. Shown without anything secret: no query and no user name of an address.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// A file or folder of this machine.
    Path(PathBuf),
    /// A repository of models, whole or a part of it.
    Hub(Repository),
    /// One file on the web.
    Web(Address),
    /// A file or folder in a bucket.
    Bucket(Bucket),
}

impl Source {
    /// Reads what was typed.
    ///
    /// `hf://org/name[@revision][/below]`, `https://…`, `s3://…`, `gs://…` and `az://…` are what
    /// they say. Anything else is a path; only where nothing is at that path, and it could be the
    /// name of a repository (`org/name`), it is taken for one. `http://` is for this machine
    /// alone.
    pub fn named(typed: &OsStr) -> Result<Self, Error> {
        let path = || Source::Path(PathBuf::from(typed));
        let Some(text) = typed.to_str() else { return Ok(path()) };
        let Some((scheme, rest)) = text.split_once("://") else {
            return Ok(match Repository::plain(text) {
                Some(repository) if !is_there(Path::new(typed)) => Source::Hub(repository),
                _ => path(),
            });
        };
        let refused =
            |why| Place::file(&without_secrets(text)).error(ErrorKind::SourceForm { why });
        match scheme {
            "hf" => Repository::read(rest).map(Source::Hub).map_err(refused),
            "https" | "http" => {
                let address = Address::read(text).map_err(refused)?;
                if address.is_secure() || address.is_loopback() {
                    Ok(Source::Web(address))
                } else {
                    Err(refused("plain http is read from this machine alone; write https://"))
                }
            }
            _ => match Provider::of(scheme) {
                Some(provider) => Bucket::read(provider, rest).map(Source::Bucket).map_err(refused),
                None if scheme.is_empty() || scheme.contains(['/', '\\']) => Ok(path()),
                None => Err(refused("it is none of hf://, https://, s3://, gs:// and az://")),
            },
        }
    }

    /// The same at `revision`, where it is a repository that was named without one.
    pub fn at_revision(self, revision: &str) -> Result<Self, Error> {
        match self {
            Source::Hub(repository) => {
                let place = Place::file(&Source::Hub(repository.clone()).to_string());
                let at = repository.at_revision(revision);
                at.map(Source::Hub).map_err(|why| place.error(ErrorKind::SourceForm { why }))
            }
            other => Ok(other),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Path(path) => write!(f, "{}", path.display()),
            Source::Hub(repository) => write!(f, "{repository}"),
            Source::Web(address) => write!(f, "{address}"),
            Source::Bucket(bucket) => write!(f, "{bucket}"),
        }
    }
}

/// A link that leads nowhere is there too: it was meant, and is broken.
fn is_there(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// An address that cannot be read, without its query and without what comes before `@`. One with a
/// `@` behind its host is not shown: a password that should have been escaped may end there.
fn without_secrets(text: &str) -> String {
    let Some((scheme @ ("http" | "https"), rest)) = text.split_once("://") else {
        return text.split(['?', '#']).next().unwrap_or(text).to_owned();
    };
    let (host, below) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    if below.contains('@') {
        return format!("{scheme}://…");
    }
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let path = below.split(['?', '#']).next().unwrap_or(below);
    format!("{scheme}://{host}{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn is(typed: &str, want: &str) {
        let source = Source::named(OsStr::new(typed)).unwrap();
        let sort = match &source {
            Source::Path(_) => "path",
            Source::Hub(_) => "hub",
            Source::Web(_) => "web",
            Source::Bucket(_) => "bucket",
        };
        assert_eq!(format!("{sort} {source}"), want, "{typed}");
    }

    #[test]
    fn every_form_is_told_from_the_others() {
        is("hf://org/name", "hub hf://org/name");
        is("hf://org/name@v1.0/unet", "hub hf://org/name@v1.0/unet");
        is("org/name", "hub hf://org/name");
        is(
            "https://example.org/a/model.safetensors",
            "web https://example.org/a/model.safetensors",
        );
        is("http://127.0.0.1:8080/m.gguf", "web http://127.0.0.1:8080/m.gguf");
        is("s3://bucket/folder", "bucket s3://bucket/folder");
    }

    #[test]
    fn a_path_stays_a_path() {
        for path in [
            "C:\\models\\a",
            "C:/models",
            "./org/name",
            "../name",
            "/org/name",
            "model.safetensors",
            "org/model.safetensors",
            "a/b/c",
            "org\\name",
            "org/na me",
            "name",
            "",
        ] {
            is(path, &format!("path {path}"));
        }
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("org/name")).unwrap();
        let there = dir.path().join("org/name");
        assert_eq!(Source::named(there.as_os_str()).unwrap(), Source::Path(there));
        is("src/source", "path src/source");
    }

    #[test]
    fn what_is_refused_is_named_without_its_secrets() {
        for (typed, want) in [
            ("http://example.org/m?sig=abc", "http://example.org/m: plain http"),
            ("https://me:abc@example.org/m", "https://example.org/m: the address names a user"),
            ("https://me:abc/d@example.org/m", "https://…: the address has no lawful port"),
            ("https://me:d?abc@example.org/m", "https://…: the address has no lawful port"),
            ("ftp://example.org/m", "ftp://example.org/m: it is none of"),
            ("hf://datasets/org/name", "hf://datasets/org/name: it is no repository of models"),
            ("hf://org/name/../x", "hf://org/name/../x: the part below"),
        ] {
            let error = Source::named(OsStr::new(typed)).unwrap_err();
            let (text, debug) = (error.to_string(), format!("{error:?}"));
            let said = text.replace("cannot be read as a source: ", "");
            assert!(said.starts_with(want), "{text}");
            assert!(!text.contains("abc") && !debug.contains("abc"), "{text} {debug}");
        }
    }

    #[test]
    fn a_revision_goes_to_a_repository_that_has_none() {
        let at = |typed: &str| Source::named(OsStr::new(typed)).unwrap().at_revision("v2");
        assert_eq!(at("hf://o/n/sub").unwrap().to_string(), "hf://o/n@v2/sub");
        assert_eq!(at("hf://o/n@v1").unwrap().to_string(), "hf://o/n@v1");
        assert_eq!(at("./o").unwrap().to_string(), "./o");
        let source = Source::named(OsStr::new("hf://o/n")).unwrap();
        assert!(source.at_revision("a b").is_err());
    }
}
