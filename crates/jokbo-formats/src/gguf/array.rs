//! An array among the metadata: where its elements lie, read when they are asked for.

use super::cursor::Cursor;
use super::value::{self, Value, ValueType};
use crate::error::{ErrorKind, Place};
use crate::limits::ARRAY_LIMIT;
use crate::{ByteOrder, Error, ReadAt, SourceFile};

/// An array of a GGUF file's metadata, such as a tokenizer's vocabulary. Its elements were counted
/// and measured when the file was opened, and not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Array {
    /// Index into [`Checkpoint::files`](crate::Checkpoint::files).
    pub file: usize,
    /// The type of every element.
    pub element: ValueType,
    /// How many there are.
    pub n: u64,
    /// The first element's first byte in the file.
    pub offset: u64,
    /// Bytes of all of them.
    pub bytes: u64,
    pub(super) order: ByteOrder,
}

impl Array {
    /// The same array, in file number `file` of a checkpoint.
    pub(crate) fn of_file(self, file: usize) -> Self {
        Self { file, ..self }
    }

    /// Reads the elements. `files` are those of the checkpoint the array is from.
    ///
    /// Memory: the elements, a text as its bytes. More than 16 million elements are refused.
    pub fn read(&self, files: &[SourceFile]) -> Result<Vec<Value>, Error> {
        let Some(file) = files.get(self.file) else {
            return Err(Place::default().error(ErrorKind::NoSuchPath));
        };
        self.read_from(&*file.reader, &Place::file(&file.path))
    }

    /// Reads the elements from the file that the array is in.
    pub(super) fn read_from(
        &self,
        reader: &dyn ReadAt,
        place: &Place,
    ) -> Result<Vec<Value>, Error> {
        let mut cursor = Cursor::new(reader, place, self.offset);
        cursor.order = self.order;
        cursor.holds_all(self.n, self.element.least(), "elements of an array")?;
        if ARRAY_LIMIT < self.n {
            return Err(cursor.fails(ErrorKind::ArrayTooLong { has: self.n, limit: ARRAY_LIMIT }));
        }
        (0..self.n).map(|_| value::read(&mut cursor, self.element, 1)).collect()
    }
}
