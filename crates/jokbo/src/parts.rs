//! A folder in which finished parts of a comparison are kept (`--resume DIR`).
//!
//! What lies there is hostile like any other file: no more than a limit is read, of plain files only,
//! and the comparison looks a part through before it takes it.

use std::env;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Context as _;
use jokbo_audit::Parts;
use jokbo_formats::{digest, file_of};

use crate::output;

/// Longest part that is read, in bytes. That of a component of a thousand tensors has some hundred
/// thousand.
const LIMIT: u64 = 64 << 20;

/// The folder, and what this run did with it.
pub(crate) struct Folder {
    path: PathBuf,
    maker: String,
    taken: AtomicUsize,
    kept: AtomicUsize,
}

impl Folder {
    /// The folder at `path`, which is made where there is none.
    pub(crate) fn at(path: &Path) -> anyhow::Result<Arc<Self>> {
        let failed = || format!("cannot keep finished parts in {}", path.display());
        fs::create_dir_all(path).with_context(failed)?;
        let (path, maker) = (path.to_owned(), maker()?);
        Ok(Arc::new(Self { path, maker, taken: AtomicUsize::new(0), kept: AtomicUsize::new(0) }))
    }

    /// What of a run that was interrupted is there, as the end of a sentence.
    pub(crate) fn is_left(&self) -> String {
        let all = self.taken.load(Ordering::Relaxed) + self.kept.load(Ordering::Relaxed);
        let folder = self.path.display();
        match all {
            0 => format!("no component was finished, so nothing is kept in {folder}"),
            1 => format!(
                "1 finished component is kept in {folder}; the same command goes on from it"
            ),
            n => format!(
                "{n} finished components are kept in {folder}; the same command goes on from them"
            ),
        }
    }

    /// What was taken from the folder rather than measured, as a sentence; nothing where that is
    /// nothing.
    pub(crate) fn was_taken(&self) -> Option<String> {
        let folder = self.path.display();
        match self.taken.load(Ordering::Relaxed) {
            0 => None,
            1 => Some(format!("1 finished component was taken from {folder}")),
            n => Some(format!("{n} finished components were taken from {folder}")),
        }
    }

    fn file(&self, key: &str) -> PathBuf {
        self.path.join(format!("{key}.part"))
    }
}

/// This program, to the last byte: one that was changed may measure otherwise under the same version.
fn maker() -> anyhow::Result<String> {
    let failed = "cannot read the program itself, which every part is marked with";
    let program = env::current_exe().context(failed)?;
    let name = program.file_name().context(failed)?.to_string_lossy().into_owned();
    let file = file_of(&program, &name).context(failed)?.context(failed)?;
    let digest = digest::blake3(&*file, 0, file.len()).context(failed)?;
    Ok(format!("jokbo {} {digest}", env!("CARGO_PKG_VERSION")))
}

/// A plain file of no more bytes than the limit; `None` where there is nothing.
fn read(path: &Path) -> Result<Option<Vec<u8>>, String> {
    let unread = |error: io::Error| format!("it cannot be read: {error}");
    let found = match fs::symlink_metadata(path) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unread(error)),
    };
    if !found.is_file() {
        return Err("it is no plain file".to_owned());
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unread)?;
    file.take(LIMIT + 1).read_to_end(&mut bytes).map_err(unread)?;
    if LIMIT < bytes.len() as u64 {
        return Err(format!("it has more than {LIMIT} bytes"));
    }
    Ok(Some(bytes))
}

impl Parts for Folder {
    fn maker(&self) -> &str {
        &self.maker
    }

    fn find(&self, key: &str) -> Option<Vec<u8>> {
        match read(&self.file(key)) {
            Ok(part) => part,
            Err(why) => {
                self.refuse(key, &why);
                None
            }
        }
    }

    fn keep(&self, key: &str, part: &[u8]) {
        // Counted before somebody who stops the program can ask.
        let held = output::hold_files();
        match output::replace(&held, &self.file(key), part) {
            Ok(()) => drop(self.kept.fetch_add(1, Ordering::Relaxed)),
            Err(error) => output::note(&format!(
                "a finished component cannot be kept in {}: {error}",
                self.path.display()
            )),
        }
    }

    fn taken(&self, _: &str) {
        self.taken.fetch_add(1, Ordering::Relaxed);
    }

    fn refuse(&self, key: &str, why: &str) {
        let file = self.file(key);
        output::note(&format!("{} is not used, and measured anew: {why}", file.display()));
    }
}
