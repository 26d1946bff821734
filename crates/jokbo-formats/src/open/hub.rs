//! The layout of a Hub cache: `models--org--name/{refs,snapshots,blobs}`.
//!
//! A snapshot's files are links into `blobs`, and `refs/main` holds the name of the snapshot
//! that a plain download gave.

use std::fs;
use std::path::{Path, PathBuf};

use super::fence::{Fence, is_plain_path};
use super::folder::{Listing, list};
use crate::error::{ErrorKind, Place};
use crate::limits::REF_LIMIT;
use crate::source::Repository;
use crate::{Error, ReadAt};

/// The cache entry that `folder` is a snapshot of, when it is one. `folder` has no links left.
pub(super) fn entry_of(folder: &Path) -> Option<&Path> {
    let snapshots = folder.parent().filter(|parent| parent.ends_with("snapshots"))?;
    let entry = snapshots.parent()?;
    entry.file_name()?.to_str()?.starts_with("models--").then_some(entry)
}

/// Whether `folder`, which holds `listing`, is a cache entry.
pub(super) fn is_entry(folder: &Path, listing: &Listing) -> bool {
    !listing.files.iter().any(|name| name.ends_with(".safetensors"))
        && folder.join("snapshots").is_dir()
}

/// The snapshot of the cache entry `entry` that is meant: that of `refs/main`, or the only one.
pub(super) fn snapshot(entry: &Path, place: &Place) -> Result<PathBuf, Error> {
    let unreadable = |error| place.clone().error(ErrorKind::Unreadable(error));
    let snapshots = entry.join("snapshots");
    let fence = Fence::around(entry).map_err(unreadable)?;
    let name = match named_by(&fence, "refs/main")? {
        Some(name) if snapshots.join(&name).is_dir() => name,
        Some(name) => return Err(Place::file("refs/main").error(ErrorKind::RefUnknown { name })),
        None => {
            let mut names = list(&snapshots, place)?.folders;
            match names.len() {
                0 => return Err(place.clone().error(ErrorKind::NoSnapshot)),
                1 => names.remove(0),
                _ => return Err(place.clone().error(ErrorKind::ManySnapshots { names })),
            }
        }
    };
    let folder = snapshots.join(&name);
    let (real, limit) = (fs::canonicalize(&folder), fs::canonicalize(entry));
    let (real, limit) = (real.map_err(unreadable)?, limit.map_err(unreadable)?);
    if !real.starts_with(limit) {
        let target = real.display().to_string();
        let place = Place::file(&format!("snapshots/{name}"));
        return Err(place.error(ErrorKind::LinkLeaves { target }));
    }
    Ok(folder)
}

/// The snapshot of `repository` in the Hub cache `cache`, and its commit, when there is one at
/// the revision that is meant.
pub(crate) fn cached(
    cache: &Path,
    repository: &Repository,
) -> Result<Option<(PathBuf, String)>, Error> {
    let entry = cache.join(format!("models--{}", repository.id().replace('/', "--")));
    let Ok(fence) = Fence::around(&entry) else { return Ok(None) };
    let revision = repository.revision();
    let named = named_by(&fence, &format!("refs/{revision}"))?;
    let commit = named.unwrap_or_else(|| revision.to_owned());
    let snapshot = entry.join("snapshots").join(&commit);
    Ok((!commit.contains('/') && snapshot.is_dir()).then_some((snapshot, commit)))
}

/// What the file `reference` holds, when there is such a file.
fn named_by(fence: &Fence, reference: &str) -> Result<Option<String>, Error> {
    let Some(file) = fence.open(reference)? else { return Ok(None) };
    let place = Place::file(reference);
    let length = match usize::try_from(file.len()) {
        Ok(length) if file.len() <= REF_LIMIT => length,
        _ => return Err(place.error(ErrorKind::RefUnlawful)),
    };
    let mut bytes = vec![0; length];
    if let Err(error) = file.read_exact_at(&mut bytes, 0) {
        return Err(place.error(ErrorKind::Unreadable(error)));
    }
    match str::from_utf8(&bytes).map(str::trim) {
        Ok(name) if is_plain_path(name) && !name.contains('/') => Ok(Some(name.to_owned())),
        _ => Err(place.error(ErrorKind::RefUnlawful)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A cache entry with these snapshots, and `refs/main` holding `main`.
    #[track_caller]
    fn chooses(snapshots: &[&str], main: Option<&str>) -> Result<String, String> {
        let dir = tempfile::tempdir().unwrap();
        let entry = dir.path().join("models--org--name");
        fs::create_dir_all(entry.join("snapshots")).unwrap();
        fs::create_dir(entry.join("refs")).unwrap();
        for name in snapshots {
            fs::create_dir(entry.join("snapshots").join(name)).unwrap();
        }
        if let Some(main) = main {
            fs::write(entry.join("refs/main"), main).unwrap();
        }
        snapshot(&entry, &Place::file("m"))
            .map(|folder| folder.file_name().unwrap().to_str().unwrap().to_owned())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn refs_main_chooses_and_one_snapshot_needs_no_choice() {
        assert_eq!(chooses(&["abc", "def"], Some("def\n")), Ok("def".into()));
        assert_eq!(chooses(&["abc"], None), Ok("abc".into()));
    }

    #[test]
    fn an_open_choice_is_an_error_that_names_the_snapshots() {
        let want =
            "m: the Hub cache holds 2 snapshots (`abc`, `def`) and no refs/main to choose one";
        assert_eq!(chooses(&["def", "abc"], None), Err(want.into()));
        assert_eq!(chooses(&[], None), Err("m: the Hub cache holds no snapshot".into()));
    }

    #[test]
    fn refs_main_cannot_lead_elsewhere() {
        let unlawful = "refs/main: does not hold the name of a snapshot";
        for main in ["..", "../../other", "/etc", "", "a/b", "\u{0}", &"a".repeat(300)] {
            assert_eq!(chooses(&["abc"], Some(main)), Err(unlawful.into()), "{main}");
        }
        let want = "refs/main: names the snapshot `gone`, which is not in the cache";
        assert_eq!(chooses(&["abc"], Some("gone")), Err(want.into()));
    }

    #[test]
    fn a_snapshot_knows_its_cache_entry() {
        let folder = Path::new("/c/models--o--n/snapshots/abc");
        assert_eq!(entry_of(folder), Some(Path::new("/c/models--o--n")));
        assert_eq!(entry_of(Path::new("/c/models--o--n/snapshots")), None);
        assert_eq!(entry_of(Path::new("/c/other/snapshots/abc")), None);
    }
}
