//! Blocks that were fetched, kept on disk up to a limit, and in memory where there is no disk.
//!
//! A file that is elsewhere has one log of blocks (`log`), named by a digest of where it is and of
//! its ETag or digest: another state of the file is another log. What is on disk is checked when
//! it is read, and a block that does not pass is fetched again. Nothing depends on the cache but
//! time, so a disk that is full or cannot be written to is no error.

mod kept;
mod log;
mod room;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use kept::Kept;
use log::Log;
use room::Room;

/// Bytes of a block: the unit that is asked for and kept. Small, so that a row of a matrix brings
/// little else with it; requests join blocks that lie together.
pub(crate) const BLOCK: u64 = 16 << 10;

/// All that was kept.
#[derive(Debug)]
pub(crate) struct Cache {
    room: Option<Arc<Room>>,
}

impl Cache {
    /// In `folder`, with at most `limit` bytes of blocks.
    pub(crate) fn new(folder: Option<PathBuf>, limit: u64) -> Self {
        Self { room: folder.map(|folder| Arc::new(Room::new(folder.join("blocks"), limit))) }
    }

    /// The blocks of a file of `len` bytes. Without an `identity`, which tells one state of it
    /// from another, nothing goes to disk.
    pub(crate) fn store(&self, identity: Option<&str>, len: u64) -> Store {
        let log = identity.zip(self.room.as_ref()).and_then(|(identity, room)| {
            let name = blake3::hash(identity.as_bytes()).to_hex().to_string();
            Log::open(room, &name, len)
        });
        Store { log, kept: Mutex::new(Kept::default()) }
    }
}

/// The blocks of one file.
#[derive(Debug)]
pub(crate) struct Store {
    log: Option<Log>,
    kept: Mutex<Kept>,
}

impl Store {
    /// Block number `block`, whole, when it is kept and undamaged.
    pub(crate) fn get(&self, block: u64) -> Option<Vec<u8>> {
        let from_disk = self.log.as_ref().and_then(|log| log.get(block));
        from_disk.or_else(|| self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(block))
    }

    /// Whether it is kept, as far as that is known without reading it.
    pub(crate) fn holds(&self, block: u64) -> bool {
        self.log.as_ref().is_some_and(|log| log.holds(block))
            || self.kept.lock().unwrap_or_else(PoisonError::into_inner).holds(block)
    }

    /// Keeps the blocks that `bytes` are, of which `first` is the first.
    pub(crate) fn put(&self, first: u64, bytes: &[u8]) {
        let size = usize::try_from(BLOCK).unwrap_or(usize::MAX);
        for (block, piece) in (first..).zip(bytes.chunks(size)) {
            if !self.log.as_ref().is_some_and(|log| log.put(block, piece)) {
                self.kept.lock().unwrap_or_else(PoisonError::into_inner).put(block, piece);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(of: u8) -> Vec<u8> {
        vec![of; 16 << 10]
    }

    fn logs(folder: &std::path::Path) -> Vec<PathBuf> {
        let all = std::fs::read_dir(folder.join("blocks")).unwrap();
        let mut all: Vec<PathBuf> = all.map(|entry| entry.unwrap().path()).collect();
        all.retain(|path| path.extension().is_some_and(|ending| ending == "log"));
        all.sort();
        all
    }

    #[test]
    fn what_was_kept_is_there_the_next_time() {
        let dir = tempfile::tempdir().unwrap();
        let len = 3 * BLOCK + 5;
        let cache = Cache::new(Some(dir.path().to_owned()), 1 << 20);
        let store = cache.store(Some("a"), len);
        store.put(1, &[block(1), block(2)].concat());
        store.put(3, &[3; 5]);
        drop((store, cache));
        let cache = Cache::new(Some(dir.path().to_owned()), 1 << 20);
        let store = cache.store(Some("a"), len);
        assert_eq!((store.holds(0), store.holds(1)), (false, true));
        assert_eq!(store.get(0), None);
        assert_eq!((store.get(2), store.get(3)), (Some(block(2)), Some(vec![3; 5])));
        assert_eq!(cache.store(Some("b"), len).get(1), None, "another state is another log");
    }

    #[test]
    fn a_damaged_block_is_not_given_out_and_can_be_kept_again() {
        let dir = tempfile::tempdir().unwrap();
        let open = || Cache::new(Some(dir.path().to_owned()), 1 << 20).store(Some("a"), 2 * BLOCK);
        let store = open();
        store.put(0, &[block(1), block(2)].concat());
        drop(store);
        let path = logs(dir.path()).remove(0);
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[200] ^= 1;
        std::fs::write(&path, &bytes).unwrap();
        let store = open();
        assert_eq!((store.get(0), store.get(1)), (None, Some(block(2))));
        assert!(!store.holds(0));
        store.put(0, &block(1));
        drop(store);
        assert_eq!(open().get(0), Some(block(1)));
    }

    #[test]
    fn a_log_that_breaks_off_or_is_none_is_read_as_far_as_it_goes() {
        let dir = tempfile::tempdir().unwrap();
        let open = || Cache::new(Some(dir.path().to_owned()), 1 << 20).store(Some("a"), 2 * BLOCK);
        open().put(0, &[block(1), block(2)].concat());
        let path = logs(dir.path()).remove(0);
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
        let store = open();
        assert_eq!((store.get(0), store.get(1)), (Some(block(1)), None));
        store.put(1, &block(2));
        drop(store);
        assert_eq!(open().get(1), Some(block(2)));
        for junk in [&b"junk"[..], &[0xff; 4096], b""] {
            std::fs::write(&path, junk).unwrap();
            let store = open();
            assert_eq!(store.get(0), None);
            store.put(0, &block(7));
            drop(store);
            assert_eq!(open().get(0), Some(block(7)));
        }
    }

    #[test]
    fn the_limit_is_kept_and_the_oldest_go_first() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("blocks")).unwrap();
        std::fs::write(dir.path().join("blocks/note.txt"), [0; 100_000]).unwrap();
        let limit = 5 * (BLOCK + 100);
        let size = || logs(dir.path()).iter().map(|p| p.metadata().unwrap().len()).sum::<u64>();
        for name in ["a", "b", "c"] {
            let cache = Cache::new(Some(dir.path().to_owned()), limit);
            let store = cache.store(Some(name), 2 * BLOCK);
            store.put(0, &[block(1), block(2)].concat());
            assert_eq!(store.get(1), Some(block(2)));
            assert!(size() <= limit);
            // Some file systems count time in steps.
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        let cache = Cache::new(Some(dir.path().to_owned()), limit);
        assert_eq!(cache.store(Some("a"), 2 * BLOCK).get(0), None);
        assert_eq!(cache.store(Some("c"), 2 * BLOCK).get(0), Some(block(1)));
        // More than all of it: what does not fit is kept in memory.
        let store = cache.store(Some("large"), 9 * BLOCK);
        (0..9).for_each(|n| store.put(n, &block(9)));
        assert!((0..9).all(|n| store.get(n) == Some(block(9))));
        assert!(size() <= limit);
        assert!(dir.path().join("blocks/note.txt").exists(), "it is not the cache's");
    }

    #[test]
    fn without_a_folder_or_with_one_that_cannot_be_made_memory_keeps_them() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("file"), b"").unwrap();
        for folder in [None, Some(dir.path().join("file"))] {
            let store = Cache::new(folder, 1 << 20).store(Some("a"), BLOCK);
            store.put(0, &block(4));
            assert_eq!(store.get(0), Some(block(4)));
        }
    }
}
