//! Bytes that were fetched once and are read from memory afterwards.

use std::collections::BTreeMap;
use std::io;
use std::ops::Range;
use std::sync::{Arc, PoisonError, RwLock};

use jokbo_formats::{Fault, ReadAt, Remote};
use rayon::prelude::*;

use super::spans::Spans;
use crate::{Error, Opened, Progress};

/// Longest piece that is fetched at once: long enough that a request is worth its way, short
/// enough that several threads have something to do and progress is seen.
const PIECE: u64 = 4 << 20;

/// A file's number, a place in it, and the bytes from there on.
type Piece = (usize, u64, Vec<u8>);

/// A file of which some pieces are held in memory. What is not held is read through.
#[derive(Debug)]
struct Held {
    inner: Arc<dyn ReadAt>,
    /// Pieces by their first byte; none overlaps another.
    pieces: RwLock<BTreeMap<u64, Vec<u8>>>,
}

impl Held {
    /// Fills `buffer` from held pieces; `false` when some byte is not held.
    fn fill(&self, buffer: &mut [u8], offset: u64) -> bool {
        let pieces = self.pieces.read().unwrap_or_else(PoisonError::into_inner);
        let (mut at, mut left) = (offset, buffer);
        while !left.is_empty() {
            let Some((start, piece)) = pieces.range(..=at).next_back() else { return false };
            let skipped = usize::try_from(at - start).unwrap_or(usize::MAX);
            let Some(held) = piece.get(skipped..).filter(|held| !held.is_empty()) else {
                return false;
            };
            let n = held.len().min(left.len());
            let (now, later) = left.split_at_mut(n);
            now.copy_from_slice(&held[..n]);
            (at, left) = (at + n as u64, later);
        }
        true
    }
}

impl ReadAt for Held {
    fn len(&self) -> u64 {
        self.inner.len()
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        if self.fill(buffer, offset) { Ok(()) } else { self.inner.read_exact_at(buffer, offset) }
    }

    fn will_read(&self, ranges: &[Range<u64>]) -> io::Result<()> {
        self.inner.will_read(ranges)
    }

    fn remote(&self) -> Option<&Remote> {
        self.inner.remote()
    }

    fn bytes_fetched(&self) -> u64 {
        self.inner.bytes_fetched()
    }

    fn fault(&self) -> Option<Fault> {
        self.inner.fault()
    }

    fn bytes_read(&self) -> Option<u64> {
        self.inner.bytes_read()
    }

    fn page(&self) -> u64 {
        self.inner.page()
    }
}

/// A checkpoint that is read piece by piece, no byte twice.
pub(crate) struct Holding {
    /// The checkpoint, reading from what is held.
    pub(crate) opened: Opened,
    files: Vec<Arc<Held>>,
    spans: Spans,
}

impl Holding {
    /// Nothing held yet of `opened`.
    pub(crate) fn new(opened: &Opened) -> Self {
        let mut opened = opened.clone();
        let mut files = Vec::new();
        for file in &mut Arc::make_mut(&mut opened.checkpoint).files {
            let held = Arc::new(Held { inner: file.reader.clone(), pieces: RwLock::default() });
            file.reader = held.clone();
            files.push(held);
        }
        Self { opened, files, spans: Spans::default() }
    }

    /// What of `wanted` is not held yet.
    pub(crate) fn missing(&self, wanted: &Spans) -> Spans {
        wanted.without(&self.spans)
    }

    /// Fetches what of `wanted` is not held yet, and says how many bytes that were.
    pub(crate) fn fetch(&mut self, wanted: &Spans, progress: &dyn Progress) -> Result<u64, Error> {
        let missing = self.missing(wanted);
        for (number, held) in self.files.iter().enumerate() {
            let (ranges, file) = (missing.in_file(number), &self.opened.checkpoint.files[number]);
            held.inner.will_read(ranges).map_err(|source| Error::Read {
                file: file.path.clone(),
                offset: ranges.first().map_or(0, |range| range.start),
                bytes: missing.bytes(),
                source,
            })?;
        }
        let fetched: Vec<Result<Piece, Error>> = missing
            .pieces(PIECE)
            .into_par_iter()
            .map(|(number, range)| {
                let file = &self.opened.checkpoint.files[number];
                let bytes = range.end - range.start;
                let failed = |source| Error::Read {
                    file: file.path.clone(),
                    offset: range.start,
                    bytes,
                    source,
                };
                let length = usize::try_from(bytes).map_err(io::Error::other).map_err(failed)?;
                let mut piece = vec![0; length];
                self.files[number].inner.read_exact_at(&mut piece, range.start).map_err(failed)?;
                progress.advance(bytes);
                Ok((number, range.start, piece))
            })
            .collect();
        for piece in fetched {
            let (number, start, piece) = piece?;
            let mut pieces =
                self.files[number].pieces.write().unwrap_or_else(PoisonError::into_inner);
            pieces.insert(start, piece);
        }
        self.spans = std::mem::take(&mut self.spans).and(&missing);
        Ok(missing.bytes())
    }
}
