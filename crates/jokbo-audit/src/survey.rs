//! What the bytes of one checkpoint say by themselves: digests, and weights that are not finite.

use std::ops::Range;

use jokbo_formats::{SourceFile, digest};
use jokbo_tensors::{Block, Entry, Tensor, View, blocks, stored_kind};
use jokbo_verdict::FileDigest;
use rayon::prelude::*;

use crate::step::step;
use crate::{Error, Opened, Progress};

/// What every byte of one checkpoint says, whatever it is compared with.
#[derive(Debug, Clone)]
pub(crate) struct Survey {
    /// Its files with their digests.
    pub(crate) files: Vec<FileDigest>,
    /// Weights that are not finite, in the order of its entries.
    pub(crate) not_finite: Vec<NotFinite>,
}

/// Every file of the checkpoint's own with the digest that is published of it, if any: reads none.
pub(crate) fn published(opened: &Opened) -> Vec<FileDigest> {
    opened.checkpoint.own_files().map(published_of).collect()
}

/// A file with the digest that is published of it, if any.
pub(crate) fn published_of(file: &SourceFile) -> FileDigest {
    let sha256 = file.reader.remote().and_then(|remote| remote.sha256.clone());
    let (path, bytes) = (file.path.clone(), file.bytes);
    FileDigest { path, published: sha256.is_some(), sha256, bytes }
}

/// A file with the digest made of all its bytes.
pub(crate) fn digested(file: &SourceFile, sha256: String) -> FileDigest {
    let (path, bytes) = (file.path.clone(), file.bytes);
    FileDigest { path, sha256: Some(sha256), published: false, bytes }
}

/// SHA-256 of every file of the checkpoint's own, in their order. One that is elsewhere is not read
/// whole for it: what the Hub publishes is passed on.
///
/// # Errors
///
/// Where a file cannot be read to its end.
pub fn file_digests(opened: &Opened, progress: &dyn Progress) -> Result<Vec<FileDigest>, Error> {
    let _step = step!("digesting files", model = opened.checkpoint.source);
    let digest_of = |file: &&SourceFile| {
        if file.reader.remote().is_some() {
            return Ok(published_of(file));
        }
        let digest = digest::sha256(file.reader.as_ref());
        progress.advance(file.bytes);
        let digest = digest.map_err(|source| Error::Digest { file: file.path.clone(), source })?;
        Ok(digested(file, digest))
    };
    opened.checkpoint.own_files().collect::<Vec<_>>().par_iter().map(digest_of).collect()
}

/// BLAKE3 of every tensor's bytes, in the order of the checkpoint's entries.
pub(crate) fn tensor_digests(
    opened: &Opened,
    progress: &dyn Progress,
) -> Result<Vec<String>, Error> {
    let _step = step!("digesting tensors", model = opened.checkpoint.source);
    let digest_of = |entry: &Entry| {
        let file = &opened.checkpoint.files[entry.file];
        let digest = digest::tensor(&opened.checkpoint, entry);
        progress.advance(entry.bytes);
        digest.map_err(|source| Error::Digest { file: file.path.clone(), source })
    };
    opened.checkpoint.entries.par_iter().map(digest_of).collect()
}

/// How many of a tensor's elements are not finite.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct NotFinite {
    /// NaN elements.
    pub(crate) nan: u64,
    /// Infinite elements.
    pub(crate) infinite: u64,
}

impl NotFinite {
    /// Both stretches of one tensor together.
    #[must_use]
    pub(crate) fn and(self, more: Self) -> Self {
        Self { nan: self.nan + more.nan, infinite: self.infinite + more.infinite }
    }

    /// "3 elements are NaN and 1 is infinite", or `None` when all are finite.
    pub(crate) fn sentence(self) -> Option<String> {
        let count = |n: u64, what: &str| match n {
            1 => format!("1 element is {what}"),
            n => format!("{n} elements are {what}"),
        };
        match (self.nan, self.infinite) {
            (0, 0) => None,
            (nan, 0) => Some(count(nan, "NaN")),
            (0, infinite) => Some(count(infinite, "infinite")),
            (nan, infinite) => {
                Some(format!("{}, {}", count(nan, "NaN"), count(infinite, "infinite")))
            }
        }
    }
}

/// Counts the elements of every float tensor that are NaN or infinite, in the order of entries.
pub(crate) fn not_finite(
    opened: &Opened,
    progress: &dyn Progress,
) -> Result<Vec<NotFinite>, Error> {
    let _step = step!("looking for weights that are not finite", model = opened.checkpoint.source);
    let entries = &opened.checkpoint.entries;
    let one = |(k, entry): (usize, &Entry)| {
        let search = |buffers: &mut Buffers, rows: Range<u64>| {
            let bytes = entry.dtype.covering(rows.end - rows.start);
            let found = search(opened, k, rows, buffers)?;
            progress.advance(bytes);
            Ok::<_, Error>(found)
        };
        let stretches: Vec<Range<u64>> = stretches(entry).collect();
        let found = stretches.into_par_iter().map_init(Buffers::default, search);
        found.try_reduce(NotFinite::default, |a, b| Ok(a.and(b)))
    };
    let counts: Vec<Result<NotFinite, Error>> = entries.par_iter().enumerate().map(one).collect();
    counts.into_iter().collect()
}

/// Stretches of elements of a tensor, as rows where all of it is one column; none unless it holds floats.
pub(crate) fn stretches(entry: &Entry) -> impl Iterator<Item = Range<u64>> + use<> {
    let elements = if entry.dtype.is_float() { entry.elements() } else { 0 };
    blocks(elements, 1).into_iter().map(|block| block.rows)
}

/// Memory that one thread reads into, block after block.
#[derive(Debug, Default)]
pub(crate) struct Buffers {
    bytes: Vec<u8>,
    numbers: Vec<f64>,
}

/// Elements of one stretch that are not finite: seen in their bytes where that can be, else once decoded.
pub(crate) fn search(
    opened: &Opened,
    entry: usize,
    rows: Range<u64>,
    buffers: &mut Buffers,
) -> Result<NotFinite, Error> {
    let Entry { dtype, .. } = opened.checkpoint.entries[entry];
    let elements = opened.checkpoint.entries[entry].elements();
    let flat = Tensor::new(&opened.checkpoint, entry, View::dense(elements, 1));
    let block = &Block { rows, cols: 0..1 };
    if let Some(kind) = stored_kind(dtype)
        && let Some(bytes) = flat.stored_block(block, &mut buffers.bytes)?
    {
        let (nan, infinite) = kind.not_finite(bytes);
        return Ok(NotFinite { nan, infinite });
    }
    flat.read_block_f64(block, &mut buffers.numbers)?;
    let count = |test: fn(f64) -> bool| buffers.numbers.iter().filter(|&&x| test(x)).count() as u64;
    Ok(NotFinite { nan: count(f64::is_nan), infinite: count(f64::is_infinite) })
}
