//! What a user may type to name a source: a path, a repository, an address, a place in a bucket. A
//! second line is a revision.

use std::ffi::OsStr;

use jokbo_formats::{Error, Source};

use crate::held;

pub(super) fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (typed, revision) = text.split_once('\n').unwrap_or((text, ""));
    let named = || Source::named(OsStr::new(typed));
    match held::same(named(), named()) {
        Some(source) => lawful(&source, typed, revision),
        None => refused(&named().expect_err("it was refused before"), typed),
    }
}

/// Nothing that is to be asked for leads elsewhere, and what is shown means the same again.
fn lawful(source: &Source, typed: &str, revision: &str) {
    let shown = source.to_string();
    match source {
        Source::Path(path) => assert_eq!(path.as_os_str(), typed),
        Source::Hub(repository) => {
            // What is below is a file's name, and escaped where it is asked for; these two are not.
            for name in [repository.id(), repository.revision()] {
                plain(name);
                assert!(!name.contains(['?', '#', '%', '@']), "{name:?}");
            }
            repository.below().into_iter().for_each(plain);
            let parts = repository.id().split('/').count();
            assert!((1..=2).contains(&parts), "{shown}");
            again(source, &shown);
            match source.clone().at_revision(revision) {
                Ok(source) => again(&source, &source.to_string()),
                Err(error) => held::refusal(&error),
            }
        }
        Source::Web(address) => {
            assert!(address.is_secure() || address.is_loopback(), "{shown}");
            assert!(!shown.contains(['?', '#']), "{shown}");
            let host = address.host();
            assert!(!host.is_empty() && !host.contains(['/', '@', '?', '#']), "{shown}");
            // The query is not shown, and is all that is missing.
            match Source::named(OsStr::new(&shown)) {
                Ok(Source::Web(same)) => assert_eq!((same.host(), same.to_string()), (host, shown)),
                other => panic!("{shown} is read as {other:?}"),
            }
        }
        Source::Bucket(bucket) => {
            assert!(!bucket.name.contains(['/', '?', '#', '@', '%']), "{shown}");
            assert!(!bucket.below.contains(['?', '#']), "{shown}");
            assert!(bucket.below.is_empty() || !bucket.below.starts_with('/'), "{shown}");
            bucket.below.split('/').for_each(|part| assert!(part != "..", "{shown}"));
            again(source, &shown);
        }
        other => panic!("an unknown source: {other:?}"),
    }
}

/// A path of plain names, as servers and folders are asked for.
fn plain(path: &str) {
    let lawful = |name: &str| !matches!(name, "" | "." | "..");
    assert!(path.split('/').all(lawful), "{path:?}");
    assert!(!path.contains('\\'), "{path:?}");
}

fn again(source: &Source, shown: &str) {
    let read = Source::named(OsStr::new(shown));
    assert_eq!(read.as_ref().ok(), Some(source), "{shown} is read as {read:?}");
}

/// A refusal names what was typed without what may be secret in it: the query, and in an address on
/// the web whatever a user and a password may be.
fn refused(error: &Error, typed: &str) {
    held::refusal(error);
    let named = &error.place().file;
    let web = typed.starts_with("https://") || typed.starts_with("http://");
    assert!(!(web && named.contains('@')), "{typed} is named as {named}");
    assert!(!named.contains('?'), "{typed} is named as {named}");
}

pub(super) fn seeds() -> Vec<Vec<u8>> {
    let typed = [
        "org/name",
        "gpt2",
        "./models/a.gguf",
        "C:\\models\\a",
        "hf://org/name",
        "hf://org/name@v1.0/unet\nmain",
        "hf://org/name/sub/model.safetensors\nrefs/pr/7",
        "hf://org/name@refs%2Fpr%2F7",
        "hf://org/name@refs/convert/parquet/a",
        "hf://datasets/org/name",
        "https://example.org/a/model.safetensors",
        "https://example.org:8443/a?X-Signature=abcdef#part",
        "https://me:secret@example.org/m",
        "http://127.0.0.1:8080/m.gguf",
        "http://[::1]:80/m",
        "http://example.org/m?sig=abc",
        "ftp://example.org/m",
        "s3://bucket/folder/a.safetensors",
        "gs://models/",
        "az://container/a/../b",
    ];
    typed.iter().map(|typed| typed.as_bytes().to_vec()).collect()
}
