//! A view joined with the bytes it is read from: blocks and chosen rows as `f32`.

use std::io;
use std::ops::Range;

use jokbo_formats::Making;
use thiserror::Error;

use crate::chunk::{Block, CHUNK_ELEMENTS};
use crate::decode::{decode, decode_f64, nearest};
use crate::walk::Runs;
use crate::{Checkpoint, Entry, View, compose, merge};

mod bytes;
mod places;

pub use places::Place;

/// A matrix that can be read: one [`View`] over one entry of a checkpoint.
#[derive(Debug, Clone, Copy)]
pub struct Tensor<'a> {
    checkpoint: &'a Checkpoint,
    entry: &'a Entry,
    view: View,
}

/// The bytes of a tensor could not be read.
#[derive(Debug, Error)]
#[error("cannot read {bytes} bytes at {offset} of {file} (tensor {tensor})")]
pub struct ReadError {
    /// The file, as a path below the named folder.
    pub file: String,
    /// The tensor.
    pub tensor: String,
    /// First byte that was asked for.
    pub offset: u64,
    /// How many bytes were asked for.
    pub bytes: u64,
    /// Why.
    #[source]
    pub source: io::Error,
}

/// Decoded element types a block can be read as.
pub(crate) trait Element: Copy + Default {
    fn decode(entry: &Entry, bytes: &[u8], out: &mut Vec<Self>);
    /// From a number that was made from several stored tensors.
    fn of_made(value: f32) -> Self;
    /// From a number that an adapter was added to.
    fn of_sum(value: f64) -> Self;
    /// The value without `added`.
    fn less(self, added: u8) -> Self;
}

impl Element for f32 {
    fn decode(entry: &Entry, bytes: &[u8], out: &mut Vec<f32>) {
        decode(entry.dtype, bytes, out);
    }

    fn of_made(value: f32) -> f32 {
        value
    }

    fn of_sum(value: f64) -> f32 {
        nearest(value)
    }

    fn less(self, added: u8) -> f32 {
        self - f32::from(added)
    }
}

impl Element for f64 {
    fn decode(entry: &Entry, bytes: &[u8], out: &mut Vec<f64>) {
        decode_f64(entry.dtype, bytes, out);
    }

    fn of_made(value: f32) -> f64 {
        value.into()
    }

    fn of_sum(value: f64) -> f64 {
        value
    }

    fn less(self, added: u8) -> f64 {
        self - f64::from(added)
    }
}

/// Stored bits, for types of at most eight bytes.
impl Element for u64 {
    fn decode(entry: &Entry, bytes: &[u8], out: &mut Vec<u64>) {
        let size = index(entry.dtype.block_bytes());
        debug_assert!(size <= 8, "a block of {} is no number", entry.dtype);
        out.clear();
        out.extend(bytes.chunks_exact(size).map(|stored| {
            let mut word = [0; 8];
            word.iter_mut().zip(stored).for_each(|(to, from)| *to = *from);
            u64::from_le_bytes(word)
        }));
    }

    fn of_made(value: f32) -> u64 {
        value.to_bits().into()
    }

    fn of_sum(value: f64) -> u64 {
        value.to_bits()
    }

    fn less(self, _: u8) -> u64 {
        self
    }
}

impl<'a> Tensor<'a> {
    /// The matrix that `view` lays over entry number `entry`.
    ///
    /// The view must lie inside the entry; views made from the entry's own checked shape do.
    pub fn new(checkpoint: &'a Checkpoint, entry: usize, view: View) -> Self {
        Self { checkpoint, entry: &checkpoint.entries[entry], view }
    }

    /// Its view.
    pub fn view(&self) -> View {
        self.view
    }

    /// The entry it is laid over.
    pub fn entry(&self) -> &'a Entry {
        self.entry
    }

    /// Reads a block in row order, shape `[block.rows, block.cols]`, into `out`.
    ///
    /// `F64` elements are rounded to `f32`; every other float type is exact. Memory: the block,
    /// and its stored bytes.
    pub fn read_block(&self, block: &Block, out: &mut Vec<f32>) -> Result<(), ReadError> {
        self.read_block_as(block, out)
    }

    /// Reads a block as [`Tensor::read_block`] does, exactly for every float type.
    pub fn read_block_f64(&self, block: &Block, out: &mut Vec<f64>) -> Result<(), ReadError> {
        self.read_block_as(block, out)
    }

    /// Reads the stored bits of a block of integers, so that equality means equality: an `i64` has
    /// more digits than an `f64`.
    pub fn read_block_bits(&self, block: &Block, out: &mut Vec<u64>) -> Result<(), ReadError> {
        self.read_block_as(block, out)
    }

    fn read_block_as<T: Element>(&self, block: &Block, out: &mut Vec<T>) -> Result<(), ReadError> {
        out.clear();
        let (rows, cols) = (span(&block.rows), span(&block.cols));
        if let Some(start) = self.one_run(block) {
            return self.read_run(start, (rows * cols) as u64, out);
        }
        out.resize(rows * cols, T::default());
        self.read_crossings(block.rows.clone(), block.cols.clone(), out)
    }

    /// The first element of a block that is stored as one run in row order.
    fn one_run(&self, block: &Block) -> Option<u64> {
        let whole_rows = block.cols == (0..self.view.cols);
        let one_run = if whole_rows { self.view.is_dense() } else { span(&block.rows) == 1 };
        (one_run && self.view.rows_are_contiguous())
            .then(|| self.view.row_start(block.rows.start) + block.cols.start)
    }

    /// Reads the elements at the crossings of `rows` and `cols`, both in rising order, shape
    /// `[rows.len(), cols.len()]`. Only lines that hold a chosen element are read.
    pub fn gather(&self, rows: &[u64], cols: &[u64]) -> Result<Vec<f32>, ReadError> {
        let mut out = Vec::new();
        self.gather_into(rows, cols, &mut out)?;
        Ok(out)
    }

    /// As [`gather`](Self::gather), into memory that is used again: `out` holds these elements and no others.
    ///
    /// # Errors
    ///
    /// As [`gather`](Self::gather).
    pub fn gather_into(
        &self,
        rows: &[u64],
        cols: &[u64],
        out: &mut Vec<f32>,
    ) -> Result<(), ReadError> {
        out.clear();
        out.resize(rows.len() * cols.len(), 0.0);
        self.read_crossings(rows.iter().copied(), cols.iter().copied(), out)
    }

    /// Fills `out`, one element for each crossing in row order, line by line: along rows or along columns,
    /// whichever reads less.
    fn read_crossings<T: Element>(
        &self,
        rows: impl Iterator<Item = u64> + Clone,
        cols: impl Iterator<Item = u64> + Clone,
        out: &mut [T],
    ) -> Result<(), ReadError> {
        let View { offset, row_walk, col_walk, .. } = self.view;
        let n_cols = cols.clone().count();
        let mut line = Vec::new();
        match self.lines(rows.clone(), cols.clone()) {
            Lines::Rows(runs) => {
                for (r, row) in rows.enumerate() {
                    let start = offset + row_walk.place(row);
                    self.read_line(start, &runs, &mut line, |c, x| out[r * n_cols + c] = x)?;
                }
            }
            Lines::Cols(runs) => {
                for (c, col) in cols.enumerate() {
                    let start = offset + col_walk.place(col);
                    self.read_line(start, &runs, &mut line, |r, x| out[r * n_cols + c] = x)?;
                }
            }
        }
        Ok(())
    }

    /// How the crossings of `rows` and `cols` are read: along whichever reads less.
    fn lines(
        &self,
        rows: impl Iterator<Item = u64> + Clone,
        cols: impl Iterator<Item = u64> + Clone,
    ) -> Lines {
        let (n_rows, n_cols) = (rows.clone().count() as u64, cols.clone().count() as u64);
        let along_rows = Runs::of(&self.view.col_walk, cols, CHUNK_ELEMENTS);
        let along_cols = Runs::of(&self.view.row_walk, rows, CHUNK_ELEMENTS);
        if along_rows.cost.saturating_mul(n_rows) <= along_cols.cost.saturating_mul(n_cols) {
            Lines::Rows(along_rows)
        } else {
            Lines::Cols(along_cols)
        }
    }

    /// Hands `put` the rank and value of every entry chosen of the line that begins at `start`.
    fn read_line<T: Element>(
        &self,
        start: u64,
        chosen: &Runs,
        line: &mut Vec<T>,
        mut put: impl FnMut(usize, T),
    ) -> Result<(), ReadError> {
        for run in &chosen.runs {
            self.read_run(start + run.start, run.len, line)?;
            for &(at, rank) in &run.entries {
                put(rank, line[index(at)]);
            }
        }
        Ok(())
    }

    /// Reads `count` elements of the entry from element `start` on.
    fn read_run<T: Element>(
        &self,
        start: u64,
        count: u64,
        out: &mut Vec<T>,
    ) -> Result<(), ReadError> {
        read_stored(self.checkpoint, self.entry, start, count, out)?;
        if self.view.added != 0 {
            out.iter_mut().for_each(|value| *value = value.less(self.view.added));
        }
        Ok(())
    }
}

/// The `count` elements of `entry` from element `start` on, in place of what `out` held, read or
/// made.
pub(crate) fn read_stored<T: Element>(
    checkpoint: &Checkpoint,
    entry: &Entry,
    start: u64,
    count: u64,
    out: &mut Vec<T>,
) -> Result<(), ReadError> {
    match entry.recipe.as_deref() {
        None => return bytes::read(checkpoint, entry, start, count, out),
        Some(Making::Codes(recipe)) => {
            let mut made = Vec::with_capacity(index(count));
            compose::read(checkpoint, recipe, start, count, &mut made)?;
            out.clear();
            out.extend(made.into_iter().map(T::of_made));
        }
        Some(Making::Merged(merged)) => {
            let mut made = Vec::with_capacity(index(count));
            merge::read(checkpoint, merged, start, count, &mut made)?;
            out.clear();
            out.extend(made.into_iter().map(T::of_sum));
        }
    }
    Ok(())
}

/// The direction in which crossings are read, and the runs of each line.
enum Lines {
    Rows(Runs),
    Cols(Runs),
}

/// A place inside memory that was already sized: it fits `usize` because the buffer does.
#[allow(clippy::cast_possible_truncation, reason = "bounded by the length of a buffer in memory")]
fn index(n: u64) -> usize {
    n as usize
}

fn span(range: &Range<u64>) -> usize {
    index(range.end - range.start)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Walk;
    use jokbo_formats::{ByteOrder, Format, Memory, SourceFile};
    use std::collections::BTreeMap;
    use std::sync::Arc;

    /// A checkpoint of one F32 tensor holding 0, 1, 2, …
    fn counting(shape: &[u64]) -> Checkpoint {
        let n: u64 = shape.iter().product();
        let bytes: Vec<u8> = (0..n).flat_map(|x| (x as f32).to_le_bytes()).collect();
        let entry = Entry {
            name: "t".into(),
            dtype: jokbo_formats::Dtype::F32,
            shape: shape.to_vec(),
            file: 0,
            offset: 0,
            bytes: n * 4,
            recipe: None,
        };
        Checkpoint {
            source: "memory".into(),
            commit: None,
            format: Format::Safetensors,
            files: vec![SourceFile {
                path: "m".into(),
                bytes: n * 4,
                order: ByteOrder::Little,
                derived: false,
                reader: Arc::new(Memory(bytes)),
            }],
            entries: vec![entry],
            metadata: BTreeMap::new(),
            arrays: BTreeMap::new(),
            config: None,
            adapter: None,
        }
    }

    fn block(rows: Range<u64>, cols: Range<u64>) -> Block {
        Block { rows, cols }
    }

    #[test]
    fn dense_turned_and_blocked_views_read_the_elements_they_name() {
        let checkpoint = counting(&[4, 3]);
        let dense = Tensor::new(&checkpoint, 0, View::dense(4, 3));
        let mut out = Vec::new();
        dense.read_block(&block(1..3, 0..3), &mut out).unwrap();
        assert_eq!(out, [3.0, 4.0, 5.0, 6.0, 7.0, 8.0]);
        dense.read_block(&block(1..3, 1..3), &mut out).unwrap();
        assert_eq!(out, [4.0, 5.0, 7.0, 8.0]);

        let turned = Tensor::new(&checkpoint, 0, View::dense(4, 3).transposed());
        turned.read_block(&block(1..3, 0..4), &mut out).unwrap();
        assert_eq!(out, [1.0, 4.0, 7.0, 10.0, 2.0, 5.0, 8.0, 11.0]);

        let every_other = View { row_walk: Walk::plain(6), ..View::dense(2, 3) };
        let blocked = Tensor::new(&checkpoint, 0, every_other);
        blocked.read_block(&block(0..2, 0..3), &mut out).unwrap();
        assert_eq!(out, [0.0, 1.0, 2.0, 6.0, 7.0, 8.0]);
    }

    #[test]
    fn a_convolution_stored_back_to_front_is_read_in_its_own_order() {
        // Stored [w, h, in, out] = [2, 3, 4, 5]; read as [out, in, h, w].
        let checkpoint = counting(&[2, 3, 4, 5]);
        let view = View::of_strides(&[5, 4, 3, 2], &[1, 5, 20, 60]).unwrap();
        let tensor = Tensor::new(&checkpoint, 0, view);
        let stored = |out: u64, c: u64| {
            let (input, h, w) = (c / 6, c / 2 % 3, c % 2);
            (((w * 3 + h) * 4 + input) * 5 + out) as f32
        };
        let mut got = Vec::new();
        tensor.read_block(&block(1..4, 2..24), &mut got).unwrap();
        let want: Vec<f32> = (1..4).flat_map(|r| (2..24).map(move |c| stored(r, c))).collect();
        assert_eq!(got, want);
        let got = tensor.gather(&[0, 4], &[3, 7, 23]).unwrap();
        let want: Vec<f32> =
            [0, 4].iter().flat_map(|&r| [3, 7, 23].map(|c| stored(r, c))).collect();
        assert_eq!(got, want);
    }

    #[test]
    fn gathering_agrees_with_reading_the_whole_block() {
        let checkpoint = counting(&[40, 30]);
        for view in [View::dense(40, 30), View::dense(40, 30).transposed()] {
            let tensor = Tensor::new(&checkpoint, 0, view);
            let mut whole = Vec::new();
            tensor.read_block(&block(0..view.rows, 0..view.cols), &mut whole).unwrap();
            let (rows, cols) = ([0, 7, 8, 29], [2, 3, 28]);
            let got = tensor.gather(&rows, &cols).unwrap();
            let want: Vec<f32> = rows
                .iter()
                .flat_map(|r| cols.iter().map(move |c| (r * view.cols + c) as usize))
                .map(|place| whole[place])
                .collect();
            assert_eq!(got, want);
        }
    }

    /// Four rows of 64 in Q8_0, all scales 1, holding 0, 1, … 127, -128, …
    fn in_blocks() -> Checkpoint {
        let mut checkpoint = counting(&[4, 64]);
        let codes: Vec<u8> = (0..=255).collect();
        let bytes: Vec<u8> =
            codes.chunks(32).flat_map(|part| [&[0x00, 0x3c], part].concat()).collect();
        let entry = &mut checkpoint.entries[0];
        (entry.dtype, entry.bytes) = (jokbo_formats::Dtype::Q8_0, bytes.len() as u64);
        checkpoint.files[0].reader = Arc::new(Memory(bytes));
        checkpoint
    }

    #[test]
    fn a_part_of_a_block_is_cut_out_of_whole_ones() {
        let checkpoint = in_blocks();
        let dense = Tensor::new(&checkpoint, 0, View::dense(4, 64));
        let mut out = Vec::new();
        dense.read_block(&block(0..4, 30..34), &mut out).unwrap();
        let rows = [30.0, 94.0, -98.0, -34.0];
        let want: Vec<f32> = rows.iter().flat_map(|r| [*r, r + 1.0, r + 2.0, r + 3.0]).collect();
        assert_eq!(out, want);
        dense.read_block(&block(1..3, 0..64), &mut out).unwrap();
        assert_eq!((out.len(), out[0], out[127]), (128, 64.0, -65.0));
        assert_eq!(
            dense.gather(&[0, 3], &[1, 33, 63]).unwrap(),
            [1.0, 33.0, 63.0, -63.0, -31.0, -1.0]
        );
        let turned = Tensor::new(&checkpoint, 0, View::dense(4, 64).transposed());
        turned.read_block(&block(31..33, 1..3), &mut out).unwrap();
        assert_eq!(out, [95.0, -97.0, 96.0, -96.0]);
    }

    #[test]
    fn what_a_writer_changed_is_changed_back() {
        let checkpoint = counting(&[8, 2]);
        let rejoined = View::dense(8, 2).halves_rejoined(4).unwrap();
        let mut out = Vec::new();
        let tensor = Tensor::new(&checkpoint, 0, View { added: 1, ..rejoined });
        tensor.read_block(&block(0..8, 0..2), &mut out).unwrap();
        let want = [-1., 0., 3., 4., 1., 2., 5., 6., 7., 8., 11., 12., 9., 10., 13., 14.];
        assert_eq!(out, want);
        assert_eq!(tensor.gather(&[1, 6], &[0]).unwrap(), [3.0, 9.0]);
        let mut exact = Vec::new();
        tensor.read_block_f64(&block(7..8, 1..2), &mut exact).unwrap();
        assert_eq!(exact, [14.0]);
    }

    #[test]
    fn a_file_of_the_other_byte_order_holds_the_same_numbers() {
        let mut checkpoint = counting(&[2, 2]);
        let bytes = [0.5_f32, -2.0, 3.0, 1e30].iter().flat_map(|x| x.to_be_bytes()).collect();
        checkpoint.files[0].order = ByteOrder::Big;
        checkpoint.files[0].reader = Arc::new(Memory(bytes));
        let mut out = Vec::new();
        let tensor = Tensor::new(&checkpoint, 0, View::dense(2, 2));
        tensor.read_block(&block(0..2, 0..2), &mut out).unwrap();
        assert_eq!(out, [0.5, -2.0, 3.0, 1e30]);
    }

    #[test]
    fn a_file_that_ends_early_names_file_tensor_and_place() {
        let mut checkpoint = counting(&[4, 3]);
        checkpoint.files[0].reader = Arc::new(Memory(vec![0; 20]));
        let tensor = Tensor::new(&checkpoint, 0, View::dense(4, 3));
        let error = tensor.read_block(&block(1..2, 0..3), &mut Vec::new()).unwrap_err();
        assert_eq!(error.to_string(), "cannot read 12 bytes at 12 of m (tensor t)");
    }
}
