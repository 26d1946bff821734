//! Positional reads: the one seam through which bytes come in, from a file or from memory.

mod counted;

use std::fs::File;
use std::io;
#[cfg(target_os = "linux")]
use std::num::NonZeroU64;
use std::ops::Range;
use std::path::Path;

pub(crate) use counted::Counted;

use crate::Fault;

/// Bytes that can be read from any place, by several threads at once.
pub trait ReadAt: Send + Sync + std::fmt::Debug {
    /// Number of bytes there are.
    fn len(&self) -> u64;

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Fills `buffer` with the bytes from `offset` on, or fails: never a short read.
    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()>;

    /// Tells that `ranges` will be read next, so that they can be brought together. What this
    /// fails with, reading them would fail with.
    fn will_read(&self, ranges: &[Range<u64>]) -> io::Result<()> {
        let _ = ranges;
        Ok(())
    }

    /// What is known of a file that is elsewhere; `None` when it is here.
    fn remote(&self) -> Option<&Remote> {
        None
    }

    /// How many bytes came over the network so far; what a cache held is not among them.
    fn bytes_fetched(&self) -> u64 {
        0
    }

    /// The first fault of the network that a read failed with. A reader of a format may take a
    /// failed read for something that the file lacks; whoever opened the file looks here.
    fn fault(&self) -> Option<Fault> {
        None
    }

    /// Bytes that are read and counted together: a read that begins and ends at a multiple of this
    /// counts for no more than it gives.
    fn page(&self) -> u64 {
        1
    }

    /// How many different bytes were read so far, in whole pages; `None` when nobody counts.
    fn bytes_read(&self) -> Option<u64> {
        None
    }
}

/// What is known of a file that is elsewhere without reading it whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Remote {
    /// SHA-256 in lower-case hexadecimal, as the Hub publishes it. Not recomputed.
    pub sha256: Option<String>,
    /// The ETag by which its keeper tells one state of it from another.
    pub etag: Option<String>,
}

/// A file on disk, with the length it had when it was opened.
#[derive(Debug)]
pub(crate) struct DiskFile {
    file: File,
    len: u64,
}

impl DiskFile {
    /// Opens `path` for reading.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let len = file.metadata()?.len();
        Ok(Self { file, len })
    }
}

impl ReadAt for DiskFile {
    fn len(&self) -> u64 {
        self.len
    }

    #[cfg(unix)]
    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        std::os::unix::fs::FileExt::read_exact_at(&self.file, buffer, offset)
    }

    #[cfg(windows)]
    fn read_exact_at(&self, mut buffer: &mut [u8], mut offset: u64) -> io::Result<()> {
        while !buffer.is_empty() {
            let n = std::os::windows::fs::FileExt::seek_read(&self.file, buffer, offset)?;
            if n == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            buffer = &mut buffer[n..];
            offset += n as u64;
        }
        Ok(())
    }

    /// Tells the system, which then reads ahead. It is advice: where it is not taken, reading does.
    #[cfg(target_os = "linux")]
    fn will_read(&self, ranges: &[Range<u64>]) -> io::Result<()> {
        for range in ranges {
            let length = NonZeroU64::new(range.end.saturating_sub(range.start));
            if length.is_some() {
                let advice = rustix::fs::Advice::WillNeed;
                let _ = rustix::fs::fadvise(&self.file, range.start, length, advice);
            }
        }
        Ok(())
    }
}

/// Bytes held in memory: what tests and simulations read from.
pub struct Memory(pub Vec<u8>);

impl std::fmt::Debug for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Memory({} bytes)", self.0.len())
    }
}

impl ReadAt for Memory {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let bytes = usize::try_from(offset)
            .ok()
            .and_then(|start| self.0.get(start..start.checked_add(buffer.len())?))
            .ok_or(io::ErrorKind::UnexpectedEof)?;
        buffer.copy_from_slice(bytes);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advice_on_what_is_not_there_is_no_failure_and_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("weights");
        std::fs::write(&path, b"0123456789").unwrap();
        let file = DiskFile::open(&path).unwrap();
        file.will_read(&[0..4, 3..3, 8..u64::MAX, u64::MAX..u64::MAX]).unwrap();
        let mut read = [0; 4];
        file.read_exact_at(&mut read, 6).unwrap();
        assert_eq!(&read, b"6789");
        assert!(file.read_exact_at(&mut read, 7).is_err());
    }
}
