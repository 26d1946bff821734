//! One file of the cache: blocks behind one another, each with its number and digest.
//!
//! A head of eight bytes, then records: number (u64), length (u32), BLAKE3 of number and bytes
//! (32 bytes), bytes; numbers little-endian. It only grows, so what was written stays readable; a
//! later record of a block counts over an earlier one. One process at a time may add to it.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use super::BLOCK;
use super::room::{Room, log_name};
use crate::ReadAt;
use crate::read_at::DiskFile;

/// What a log begins with; the last digit is the version.
const HEAD: &[u8; 8] = b"jokbolg1";
/// Bytes of a record before the block's own.
const RECORD: u64 = 8 + 4 + 32;

/// The log of one file.
#[derive(Debug)]
pub(super) struct Log {
    room: Arc<Room>,
    len: u64,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// Where the bytes of each block begin.
    places: BTreeMap<u64, u64>,
    reader: DiskFile,
    /// Behind the last whole record.
    end: u64,
    /// `None` when another process adds to it, or when writing failed.
    writer: Option<Writer>,
}

/// The right to add to a log, as long as it lives.
#[derive(Debug)]
struct Writer {
    file: File,
    /// Held, not read. A file of its own, since a locked file cannot be read on Windows.
    _lock: File,
}

impl Log {
    /// The log called `name` of a file of `len` bytes. `None` when there can be none.
    pub(super) fn open(room: &Arc<Room>, name: &str, len: u64) -> Option<Self> {
        let folder = room.enter(name).ok()?;
        let state = State::open(folder, name, len).ok()?;
        Some(Self { room: Arc::clone(room), len, state: Mutex::new(state) })
    }

    pub(super) fn holds(&self, block: u64) -> bool {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).places.contains_key(&block)
    }

    /// The bytes of `block`, when they are those that were written.
    pub(super) fn get(&self, block: u64) -> Option<Vec<u8>> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let place = *state.places.get(&block)?;
        let length = usize::try_from(length_of(block, self.len)?).ok()?;
        let (mut digest, mut bytes) = ([0; 32], vec![0; length]);
        let read = state.reader.read_exact_at(&mut digest, place - 32);
        let read = read.and_then(|()| state.reader.read_exact_at(&mut bytes, place));
        if read.is_ok() && digest == digest_of(block, &bytes) {
            return Some(bytes);
        }
        state.places.remove(&block);
        None
    }

    /// Adds `block`; whether it could.
    pub(super) fn put(&self, block: u64, bytes: &[u8]) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.places.contains_key(&block) {
            return true;
        }
        let size = RECORD + bytes.len() as u64;
        if length_of(block, self.len) != Some(bytes.len() as u64)
            || state.writer.is_none()
            || !self.room.take(size)
        {
            return false;
        }
        let mut record = Vec::with_capacity(bytes.len() + 44);
        record.extend(block.to_le_bytes());
        record.extend(u32::try_from(bytes.len()).unwrap_or(0).to_le_bytes());
        record.extend(digest_of(block, bytes));
        record.extend(bytes);
        let written = state.writer.as_mut().is_some_and(|w| w.file.write_all(&record).is_ok());
        if written {
            let place = state.end + RECORD;
            state.places.insert(block, place);
            state.end += size;
        } else {
            state.writer = None;
        }
        written
    }
}

impl State {
    fn open(folder: &Path, name: &str, len: u64) -> io::Result<Self> {
        let path = folder.join(log_name(name));
        let mut options = OpenOptions::new();
        options.create(true).append(true);
        let file = options.open(&path)?;
        let lock = options.open(folder.join(format!("{name}.lock")))?;
        let ours = match lock.try_lock() {
            Ok(()) => true,
            Err(TryLockError::WouldBlock) => false,
            Err(TryLockError::Error(error)) => return Err(error),
        };
        touch(&file);
        let (places, end) = scan(&DiskFile::open(&path)?, len);
        if ours {
            file.set_len(end)?;
            if end == 0 {
                (&file).write_all(HEAD)?;
            }
        }
        let end = end.max(HEAD.len() as u64);
        let writer = ours.then_some(Writer { file, _lock: lock });
        Ok(Self { places, reader: DiskFile::open(&path)?, end, writer })
    }
}

/// Where the blocks lie in `log`, and where its last whole record ends; 0 when it is no log.
fn scan(log: &DiskFile, len: u64) -> (BTreeMap<u64, u64>, u64) {
    let mut places = BTreeMap::new();
    let mut head = [0; HEAD.len()];
    if log.read_exact_at(&mut head, 0).is_err() || head != *HEAD {
        return (places, 0);
    }
    let mut end = HEAD.len() as u64;
    let mut record = [0; 12];
    while log.read_exact_at(&mut record, end).is_ok() {
        let (block, length) = record.split_at(8);
        let block = u64::from_le_bytes(block.try_into().unwrap_or_default());
        let length = u64::from(u32::from_le_bytes(length.try_into().unwrap_or_default()));
        if length_of(block, len) != Some(length) || log.len() - end < RECORD + length {
            break;
        }
        places.insert(block, end + RECORD);
        end += RECORD + length;
    }
    (places, end)
}

/// How long `block` is in a file of `len` bytes; `None` when it has no such block.
fn length_of(block: u64, len: u64) -> Option<u64> {
    let left = len.checked_sub(block.checked_mul(BLOCK)?)?;
    (0 < left).then_some(left.min(BLOCK))
}

fn digest_of(block: u64, bytes: &[u8]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&block.to_le_bytes()).update(bytes);
    *hasher.finalize().as_bytes()
}

/// Marks the file as used now, so that it is not the first to go.
#[allow(clippy::disallowed_methods, reason = "the age of a cached file reaches no report")]
fn touch(file: &File) {
    // Where the time cannot be set, the log goes as early as if it were not used.
    let _ = file.set_modified(SystemTime::now());
}
