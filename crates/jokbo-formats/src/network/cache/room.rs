//! How much of the disk the cache may take, and who goes when it is full.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use crate::limits::FOLDER_LIMIT;

/// The folder of all logs, and how large they may be together.
#[derive(Debug)]
pub(super) struct Room {
    folder: PathBuf,
    limit: u64,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Bytes of all logs, as last counted, and what was added since.
    used: u64,
    /// The logs this run uses: they stay.
    ours: BTreeSet<String>,
    counted: bool,
}

/// How the file of a log is called.
pub(super) fn log_name(name: &str) -> String {
    format!("{name}.log")
}

impl Room {
    pub(super) fn new(folder: PathBuf, limit: u64) -> Self {
        Self { folder, limit, state: Mutex::default() }
    }

    /// Makes the folder, for this user alone, and says where the files of log `name` go.
    pub(super) fn enter(&self, name: &str) -> io::Result<&Path> {
        private_folder(&self.folder)?;
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.ours.insert(log_name(name));
        if !state.counted {
            state.used = self.logs().iter().map(|log| log.bytes).sum();
            state.counted = true;
            self.fit(&mut state, 0);
        }
        Ok(&self.folder)
    }

    /// Whether `bytes` more have their place; the longest unused logs go for it.
    pub(super) fn take(&self, bytes: u64) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        self.fit(&mut state, bytes);
        let fits = state.used.saturating_add(bytes) <= self.limit;
        if fits {
            state.used += bytes;
        }
        fits
    }

    fn fit(&self, state: &mut State, bytes: u64) {
        if state.used.saturating_add(bytes) <= self.limit {
            return;
        }
        let mut logs = self.logs();
        state.used = logs.iter().map(|log| log.bytes).sum();
        logs.retain(|log| !state.ours.contains(&log.name));
        logs.sort_by(|a, b| (a.used_at, &a.name).cmp(&(b.used_at, &b.name)));
        for log in logs {
            if state.used.saturating_add(bytes) <= self.limit {
                break;
            }
            if fs::remove_file(self.folder.join(&log.name)).is_ok() {
                state.used -= log.bytes;
            }
        }
    }

    /// The logs that are there: files with names as this cache gives them, and no others.
    fn logs(&self) -> Vec<Found> {
        let Ok(entries) = fs::read_dir(&self.folder) else { return Vec::new() };
        let found = entries.take(FOLDER_LIMIT).filter_map(|entry| {
            let entry = entry.ok()?;
            let name = entry.file_name().into_string().ok()?;
            let digest = name.strip_suffix(".log")?;
            let named_so = digest.len() == 64 && digest.bytes().all(|b| b.is_ascii_hexdigit());
            let metadata = entry.metadata().ok().filter(|m| named_so && m.is_file())?;
            Some(Found { name, bytes: metadata.len(), used_at: metadata.modified().ok()? })
        });
        found.collect()
    }
}

struct Found {
    name: String,
    bytes: u64,
    used_at: SystemTime,
}

#[cfg(unix)]
fn private_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn private_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}
