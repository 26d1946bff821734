//! The boundary around a folder: no path and no link leads out of it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::hub;
use crate::Error;
use crate::error::{ErrorKind, Place};
use crate::read_at::DiskFile;

/// A folder, and how far links in it may lead.
#[derive(Debug)]
pub(crate) struct Fence {
    folder: PathBuf,
    /// The folder with every link resolved, or the cache entry that it is a snapshot of.
    limit: PathBuf,
}

impl Fence {
    /// Around `folder`.
    pub(crate) fn around(folder: &Path) -> io::Result<Self> {
        let real = fs::canonicalize(folder)?;
        let limit = hub::entry_of(&real).unwrap_or(&real).to_owned();
        Ok(Self { folder: folder.to_owned(), limit })
    }

    /// Around `folder`, with links allowed to lead as far as `entry`, which holds it.
    pub(crate) fn within(folder: &Path, entry: &Path) -> io::Result<Self> {
        Ok(Self { folder: folder.to_owned(), limit: fs::canonicalize(entry)? })
    }

    /// The folder at `below`, a path of plain names joined by `/`; `None` when there is none within
    /// the fence.
    pub(super) fn folder(&self, below: &str) -> Option<PathBuf> {
        let real = fs::canonicalize(self.folder.join(below)).ok()?;
        (real.starts_with(&self.limit) && real.is_dir()).then_some(real)
    }

    /// Opens the file at `below`, a path of plain names joined by `/`, or returns `None` when
    /// there is nothing at that place.
    pub(crate) fn open(&self, below: &str) -> Result<Option<DiskFile>, Error> {
        let place = Place::file(below);
        let unreadable = |error| place.clone().error(ErrorKind::Unreadable(error));
        let path = self.folder.join(below);
        let real = match fs::canonicalize(&path) {
            Ok(real) => real,
            Err(error) if is_absent(&error) => {
                return match fs::read_link(&path) {
                    Ok(target) => {
                        let target = target.display().to_string();
                        Err(place.error(ErrorKind::LinkBroken { target }))
                    }
                    Err(_) => Ok(None),
                };
            }
            Err(error) => return Err(unreadable(error)),
        };
        if !real.starts_with(&self.limit) {
            let target = real.display().to_string();
            return Err(place.error(ErrorKind::LinkLeaves { target }));
        }
        // A pipe would be waited for, and a device has no length: neither is opened.
        if !fs::metadata(&real).map_err(unreadable)?.is_file() {
            return Err(place.error(ErrorKind::NotRegular));
        }
        DiskFile::open(&real).map(Some).map_err(unreadable)
    }
}

fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// Whether `path` is made of plain names joined by `/`, and so stays below wherever it starts.
/// A backslash or a colon means something else on another system, so neither is plain.
pub(crate) fn is_plain_path(path: &str) -> bool {
    path.split('/')
        .all(|name| !matches!(name, "" | "." | "..") && !name.contains(['\\', ':', '\0']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_names_make_a_plain_path() {
        for good in ["model.safetensors", "a/b.safetensors", "..a", "a..b/c"] {
            assert!(is_plain_path(good), "{good}");
        }
        for bad in ["", "/a", "a/", "a//b", "..", "../a", "a/../b", ".", "a\\b", "C:a", "a\0"] {
            assert!(!is_plain_path(bad), "{bad}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_inside_and_refused_outside() {
        use std::os::unix::fs::symlink;
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("model");
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("real"), b"inside").unwrap();
        fs::write(dir.path().join("other"), b"outside").unwrap();
        symlink("real", folder.join("in")).unwrap();
        symlink("../other", folder.join("out")).unwrap();
        symlink("gone", folder.join("broken")).unwrap();
        symlink("..", folder.join("up")).unwrap();
        symlink("/dev/null", folder.join("device")).unwrap();

        let fence = Fence::around(&folder).unwrap();
        assert!(fence.open("in").unwrap().is_some());
        assert!(fence.open("absent").unwrap().is_none());
        assert!(fence.open("real/below").unwrap().is_none());
        for (name, part) in [
            ("out", "outside the folder that was named"),
            ("up/other", "outside the folder that was named"),
            ("device", "outside the folder that was named"),
            ("broken", "is a symbolic link to `gone`, which is not there"),
        ] {
            let error = fence.open(name).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_socket_is_not_opened() {
        let dir = tempfile::tempdir().unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(dir.path().join("s")).unwrap();
        let error = Fence::around(dir.path()).unwrap().open("s").unwrap_err();
        assert_eq!(error.to_string(), "s: is neither a regular file nor a folder");
    }
}
