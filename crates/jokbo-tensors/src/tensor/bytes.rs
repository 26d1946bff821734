//! Runs of a tensor's bytes, as they are stored or as numbers.

use jokbo_formats::ByteOrder;

use super::{Element, ReadError, Tensor, index, span};
use crate::chunk::Block;
use crate::{Checkpoint, Entry};

impl Tensor<'_> {
    /// Whether a block has bytes of its own, one element after the other in row order. It has none where
    /// it lies in several places, its elements are stored in blocks, or the tensor is made from others.
    pub fn has_stored_block(&self, block: &Block) -> bool {
        self.stored_start(block).is_some()
    }

    /// The first element of such a block.
    fn stored_start(&self, block: &Block) -> Option<u64> {
        let is_plain = self.entry.recipe.is_none()
            && self.view.added == 0
            && self.entry.dtype.block_elements() == 1;
        self.one_run(block).filter(|_| is_plain)
    }

    /// The stored bytes of a block, little-endian; `None`, and nothing read, where it has
    /// [none](Tensor::has_stored_block).
    ///
    /// `buffer` is grown where it is too short and never cleared, so that one serves many blocks at no cost.
    pub fn stored_block<'b>(
        &self,
        block: &Block,
        buffer: &'b mut Vec<u8>,
    ) -> Result<Option<&'b [u8]>, ReadError> {
        let Some(start) = self.stored_start(block) else { return Ok(None) };
        let size = self.entry.dtype.block_bytes();
        let bytes = (span(&block.rows) * span(&block.cols)) as u64 * size;
        if buffer.len() < index(bytes) {
            buffer.resize(index(bytes), 0);
        }
        let (wanted, _) = buffer.split_at_mut(index(bytes));
        fill(self.checkpoint, self.entry, start * size, wanted)?;
        Ok(Some(wanted))
    }
}

/// The `count` elements from element `start` on of an entry that is one run of bytes.
pub(super) fn read<T: Element>(
    checkpoint: &Checkpoint,
    entry: &Entry,
    start: u64,
    count: u64,
    out: &mut Vec<T>,
) -> Result<(), ReadError> {
    // Elements in blocks have no bytes of their own: whole blocks are read, and cut.
    let (each, size) = (entry.dtype.block_elements(), entry.dtype.block_bytes());
    let (first, end) = (start / each, (start + count).div_ceil(each));
    let mut buffer = vec![0; index((end - first) * size)];
    fill(checkpoint, entry, first * size, &mut buffer)?;
    T::decode(entry, &buffer, out);
    out.drain(..index(start - first * each));
    out.truncate(index(count));
    Ok(())
}

/// Fills `buffer` with the entry's bytes from its byte `from` on, little-endian.
fn fill(
    checkpoint: &Checkpoint,
    entry: &Entry,
    from: u64,
    buffer: &mut [u8],
) -> Result<(), ReadError> {
    debug_assert!(from + buffer.len() as u64 <= entry.bytes, "a view left its tensor");
    let (offset, bytes) = (entry.offset + from, buffer.len() as u64);
    let file = &checkpoint.files[entry.file];
    file.reader.read_exact_at(buffer, offset).map_err(|source| ReadError {
        file: file.path.clone(),
        tensor: entry.name.clone(),
        offset,
        bytes,
        source,
    })?;
    if file.order == ByteOrder::Big {
        entry.dtype.turn_around(buffer);
    }
    Ok(())
}
