//! A Hub's answer to the question which files a repository has.

use serde::Deserialize;

use crate::json::said;
use crate::limits::{FOLDER_LIMIT, NAME_LIMIT};
use crate::open::is_plain_path;

/// The files of a repository at one commit.
#[derive(Debug, Deserialize)]
pub(crate) struct Listing {
    /// The commit.
    pub(crate) sha: String,
    /// Its files, in the order of their paths.
    pub(crate) siblings: Vec<Sibling>,
    /// How many files were left out because their names are no plain paths.
    #[serde(skip)]
    pub(crate) unlawful: u64,
}

/// One file.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Sibling {
    /// Its path in the repository.
    #[serde(rename = "rfilename")]
    pub(crate) path: String,
    size: Option<u64>,
    /// The digest that Git knows it by.
    #[serde(rename = "blobId")]
    pub(crate) blob_id: Option<String>,
    /// Present when it is stored as a large file.
    pub(crate) lfs: Option<Lfs>,
}

/// What is known of a large file.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Lfs {
    /// Its digest.
    pub(crate) sha256: String,
    size: Option<u64>,
}

impl Sibling {
    /// Its size: of a large file, not that of the pointer to it.
    pub(crate) fn bytes(&self) -> Option<u64> {
        self.lfs.as_ref().and_then(|lfs| lfs.size).or(self.size)
    }
}

/// Reads the answer `bytes`. The error is what is wrong with it.
pub(super) fn read(bytes: &[u8]) -> Result<Listing, String> {
    let mut listing: Listing = serde_json::from_slice(bytes).map_err(|error| said(&error))?;
    let hex = |c: u8| c.is_ascii_hexdigit();
    if !(7..=64).contains(&listing.sha.len()) || !listing.sha.bytes().all(hex) {
        return Err("the commit is not a digest".to_owned());
    }
    if FOLDER_LIMIT < listing.siblings.len() {
        return Err(format!("it lists more than {FOLDER_LIMIT} files"));
    }
    let before = listing.siblings.len();
    listing.siblings.retain(|file| is_plain_path(&file.path) && file.path.len() <= NAME_LIMIT);
    listing.unlawful = (before - listing.siblings.len()) as u64;
    listing.siblings.sort_by(|a, b| a.path.cmp(&b.path));
    listing.siblings.dedup_by(|a, b| a.path == b.path);
    Ok(listing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_digests_of_large_files_are_their_own() {
        let text = r#"{"sha":"0123456789abcdef0123456789abcdef01234567","id":"o/n","siblings":[
            {"rfilename":"model.safetensors","size":134,"blobId":"b","lfs":{"sha256":"AB","size":7000,"pointerSize":134}},
            {"rfilename":"config.json","size":12,"blobId":"c"},
            {"rfilename":"../x","size":1}]}"#;
        let listing = read(text.as_bytes()).unwrap();
        let files: Vec<_> =
            listing.siblings.iter().map(|file| (file.path.as_str(), file.bytes())).collect();
        assert_eq!(files, [("config.json", Some(12)), ("model.safetensors", Some(7000))]);
        assert_eq!(listing.unlawful, 1);
    }

    #[test]
    fn anything_else_is_refused() {
        for (text, want) in [
            ("<html>", "expected value"),
            (r#"{"siblings":[]}"#, "missing field `sha`"),
            (r#"{"sha":"../../etc","siblings":[]}"#, "the commit is not a digest"),
            (r#"{"sha":"0123456789","siblings":[{"size":1}]}"#, "missing field `rfilename`"),
        ] {
            assert_eq!(read(text.as_bytes()).unwrap_err(), want);
        }
    }
}
