//! Which bytes a read takes, known before anything is read.

use std::collections::BTreeMap;
use std::io;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use jokbo_formats::{ReadAt, SourceFile};

use super::{Lines, Tensor};
use crate::chunk::Block;
use crate::walk::Runs;
use crate::{Checkpoint, Entry};

/// Bytes of one file of a checkpoint: its number, and a range inside it.
pub type Place = (usize, Range<u64>);

impl Tensor<'_> {
    /// The bytes of its file that hold `count` stored elements from element `start` on. Elements
    /// in blocks have no bytes of their own: whole blocks are read, and cut.
    pub(super) fn place(&self, start: u64, count: u64) -> Range<u64> {
        let (each, size) = (self.entry.dtype.block_elements(), self.entry.dtype.block_bytes());
        let (first, end) = (start / each, (start + count).div_ceil(each));
        self.entry.offset + first * size..self.entry.offset + end * size
    }

    /// The bytes that [`Tensor::gather`] reads for the same rows and columns, in the order of
    /// reading. Ranges may overlap. Of numbers that are made from several tensors, scales that an
    /// index among the weights points to are only those of index 0.
    pub fn places_of_gather(&self, rows: &[u64], cols: &[u64]) -> Vec<Place> {
        self.places_of_crossings(rows.iter().copied(), cols.iter().copied())
    }

    /// The bytes that [`Tensor::read_block`] reads for the same block, as
    /// [`Tensor::places_of_gather`] gives them.
    pub fn places_of_block(&self, block: &Block) -> Vec<Place> {
        match self.one_run(block) {
            Some(start) => {
                let (rows, cols) = (&block.rows, &block.cols);
                self.places_of_run(start, (rows.end - rows.start) * (cols.end - cols.start))
            }
            None => self.places_of_crossings(block.rows.clone(), block.cols.clone()),
        }
    }

    fn places_of_run(&self, start: u64, count: u64) -> Vec<Place> {
        match &self.entry.recipe {
            None => vec![(self.entry.file, self.place(start, count))],
            Some(_) => watched(self.checkpoint, self.entry, start, count),
        }
    }

    fn places_of_crossings(
        &self,
        rows: impl Iterator<Item = u64> + Clone,
        cols: impl Iterator<Item = u64> + Clone,
    ) -> Vec<Place> {
        let runs_from = |runs: &Runs, start: u64| -> Vec<Place> {
            let all = runs.runs.iter();
            all.flat_map(|run| self.places_of_run(start + run.start, run.len)).collect()
        };
        let (view, offset) = (self.view, self.view.offset);
        match self.lines(rows.clone(), cols.clone()) {
            Lines::Rows(runs) => {
                rows.flat_map(|row| runs_from(&runs, offset + view.row_walk.place(row))).collect()
            }
            Lines::Cols(runs) => {
                cols.flat_map(|col| runs_from(&runs, offset + view.col_walk.place(col))).collect()
            }
        }
    }
}

/// A file of zeros that notes what is read of it.
#[derive(Debug)]
struct Watched {
    len: u64,
    reads: Mutex<Vec<Range<u64>>>,
}

impl ReadAt for Watched {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        buffer.fill(0);
        let range = offset..offset.saturating_add(buffer.len() as u64);
        self.reads.lock().unwrap_or_else(PoisonError::into_inner).push(range);
        Ok(())
    }
}

/// What making a run of numbers reads: it is made from zeros, and the reads are watched.
fn watched(checkpoint: &Checkpoint, entry: &Entry, start: u64, count: u64) -> Vec<Place> {
    let watches: Vec<Arc<Watched>> = checkpoint
        .files
        .iter()
        .map(|file| Arc::new(Watched { len: file.bytes, reads: Mutex::default() }))
        .collect();
    let files = checkpoint.files.iter().zip(&watches);
    let zeros = Checkpoint {
        source: String::new(),
        commit: None,
        format: checkpoint.format,
        files: files
            .map(|(file, watch)| SourceFile { reader: watch.clone(), ..file.clone() })
            .collect(),
        entries: Vec::new(),
        metadata: BTreeMap::new(),
        arrays: BTreeMap::new(),
        config: None,
        adapter: None,
    };
    // Zeros that make no number, such as an index that is refused, end the run; what was read so
    // far was noted.
    let _ = super::read_stored::<f32>(&zeros, entry, start, count, &mut Vec::new());
    let reads = |(number, watch): (usize, &Arc<Watched>)| {
        let reads =
            std::mem::take(&mut *watch.reads.lock().unwrap_or_else(PoisonError::into_inner));
        reads.into_iter().map(move |range| (number, range))
    };
    watches.iter().enumerate().flat_map(reads).collect()
}

#[cfg(test)]
mod tests {
    use jokbo_formats::{ByteOrder, Dtype, Format};

    use super::*;
    use crate::View;

    fn stored(dtype: Dtype, shape: &[u64]) -> (Checkpoint, Arc<Watched>) {
        let reader = Arc::new(Watched { len: 1 << 20, reads: Mutex::default() });
        let bytes = dtype.packed(shape.iter().product()).unwrap();
        let entry = Entry {
            name: "t".into(),
            dtype,
            shape: shape.to_vec(),
            file: 0,
            offset: 24,
            bytes,
            recipe: None,
        };
        let file = SourceFile {
            path: "m".into(),
            bytes: 1 << 20,
            order: ByteOrder::Little,
            derived: false,
            reader: reader.clone(),
        };
        let checkpoint = Checkpoint {
            source: "memory".into(),
            commit: None,
            format: Format::Safetensors,
            files: vec![file],
            entries: vec![entry],
            metadata: BTreeMap::new(),
            arrays: BTreeMap::new(),
            config: None,
            adapter: None,
        };
        (checkpoint, reader)
    }

    #[test]
    fn what_is_said_to_be_read_is_what_is_read() {
        let all: [(Dtype, View); 4] = [
            (Dtype::BF16, View::dense(96, 640)),
            (Dtype::F32, View::dense(640, 96).transposed()),
            (Dtype::Q8_0, View::dense(96, 640)),
            (Dtype::F32, View::of_strides(&[96, 20, 32], &[1, 96, 1920]).unwrap()),
        ];
        for (dtype, view) in all {
            let (checkpoint, reader) = stored(dtype, &[96, 640]);
            let tensor = Tensor::new(&checkpoint, 0, view);
            let takes = || -> Vec<Place> {
                let reads = std::mem::take(&mut *reader.reads.lock().unwrap());
                reads.into_iter().map(|range| (0, range)).collect()
            };
            for (rows, cols) in [
                (vec![3, 4, 5], vec![0, 639]),
                ((0..96).collect(), vec![7]),
                (vec![95], vec![8, 9]),
            ] {
                tensor.gather(&rows, &cols).unwrap();
                assert_eq!(tensor.places_of_gather(&rows, &cols), takes(), "{dtype} {view:?}");
            }
            for (rows, cols) in [(0..96, 0..640), (16..32, 0..640), (7..8, 30..34), (0..96, 5..9)] {
                let block = Block { rows, cols };
                tensor.read_block(&block, &mut Vec::new()).unwrap();
                assert_eq!(tensor.places_of_block(&block), takes(), "{dtype} {view:?} {block:?}");
            }
        }
    }
}
