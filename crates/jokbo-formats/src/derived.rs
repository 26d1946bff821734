//! Bytes that lie in no file as they are read: unpacked, in another order, or of another byte order
//! than their neighbours.

use std::sync::Arc;

use crate::error::ErrorKind;
use crate::limits::{UNPACKED_FREE, UNPACKED_LIMIT, UNPACKED_RATIO};
use crate::read_at::Counted;
use crate::{ByteOrder, Memory, ReadAt, SourceFile};

/// What was derived from one file. Each is a [`SourceFile`] of its own that follows the file.
#[derive(Debug)]
pub(crate) struct Derived {
    path: String,
    files: Vec<SourceFile>,
    held: u64,
    limit: u64,
}

impl Derived {
    /// None yet, of the file at `path`, which has `bytes` bytes.
    pub(crate) fn of(path: &str, bytes: u64) -> Self {
        let limit = bytes.saturating_mul(UNPACKED_RATIO).saturating_add(UNPACKED_FREE);
        let limit = limit.min(UNPACKED_LIMIT);
        Self { path: path.to_owned(), files: Vec::new(), held: 0, limit }
    }

    /// Whether `bytes` more may be held in memory.
    pub(crate) fn has_room(&self, bytes: u64) -> Result<(), ErrorKind> {
        match self.held.checked_add(bytes) {
            Some(sum) if sum <= self.limit => Ok(()),
            sum => {
                let has = sum.unwrap_or(u64::MAX);
                Err(ErrorKind::UnpackedTooLarge { has, limit: self.limit })
            }
        }
    }

    /// Keeps `bytes` in memory, and gives the number of their file: [`crate::Entry::file`] within
    /// the contents of one file, whose own number is 0.
    pub(crate) fn hold(&mut self, bytes: Vec<u8>, order: ByteOrder) -> Result<usize, ErrorKind> {
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.has_room(length)?;
        self.held = self.held.saturating_add(length);
        Ok(self.see(Arc::new(Memory(bytes)), order))
    }

    /// Lists what `reader` reads, and gives its number as [`Derived::hold`] does.
    pub(crate) fn see(&mut self, reader: Arc<dyn ReadAt>, order: ByteOrder) -> usize {
        let (path, bytes) = (self.path.clone(), reader.len());
        self.files.push(SourceFile { path, bytes, order, derived: true, reader });
        self.files.len()
    }

    /// Lists a file of its own that this one names, and gives its number.
    pub(crate) fn join(&mut self, file: SourceFile) -> usize {
        let reader: Arc<dyn ReadAt> = Arc::new(Counted::new(Arc::clone(&file.reader)));
        self.files.push(SourceFile { reader, ..file });
        self.files.len()
    }

    /// What reads the bytes of file `number`, when that is one of these.
    pub(crate) fn reader(&self, number: usize) -> Option<&Arc<dyn ReadAt>> {
        Some(&self.files.get(number.checked_sub(1)?)?.reader)
    }

    /// All of them.
    pub(crate) fn into_files(self) -> Vec<SourceFile> {
        self.files
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_is_numbered_and_counted() {
        let mut derived = Derived::of("m.npz", 10);
        let limit = UNPACKED_FREE + 10 * UNPACKED_RATIO;
        assert_eq!(derived.hold(vec![1, 2], ByteOrder::Big).unwrap(), 1);
        assert_eq!(derived.hold(vec![3], ByteOrder::Little).unwrap(), 2);
        assert!(derived.has_room(limit - 3).is_ok());
        let error = derived.has_room(limit - 2).unwrap_err().to_string();
        assert!(error.contains("67109865 bytes, and the limit is 67109864"), "{error}");
        assert!(derived.has_room(u64::MAX).is_err());
        assert!(Derived::of("large", 1 << 40).has_room(UNPACKED_LIMIT).is_ok());
        assert!(Derived::of("large", 1 << 40).has_room(UNPACKED_LIMIT + 1).is_err());
        let files = derived.into_files();
        assert_eq!((files[0].bytes, files[0].order, files[0].derived), (2, ByteOrder::Big, true));
    }
}
