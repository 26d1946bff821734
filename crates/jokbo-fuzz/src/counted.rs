//! Bytes in memory that count how many of them were fetched.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};

use jokbo_formats::{Memory, ReadAt};

/// A file that knows how much of it was read, again and again included.
#[derive(Debug)]
pub(crate) struct Counted {
    file: Memory,
    fetched: AtomicU64,
}

impl Counted {
    /// `bytes`, not read yet.
    pub(crate) fn new(bytes: &[u8]) -> Self {
        Self { file: Memory(bytes.to_vec()), fetched: AtomicU64::new(0) }
    }

    /// How many bytes were asked for up to now.
    pub(crate) fn fetched(&self) -> u64 {
        self.fetched.load(Ordering::Relaxed)
    }
}

impl ReadAt for Counted {
    fn len(&self) -> u64 {
        self.file.len()
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        self.fetched.fetch_add(buffer.len() as u64, Ordering::Relaxed);
        self.file.read_exact_at(buffer, offset)
    }
}
