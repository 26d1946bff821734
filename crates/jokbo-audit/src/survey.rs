//! Every byte of one checkpoint once: digests, and weights that are not finite.

use std::ops::Range;

use jokbo_formats::{SourceFile, digest};
use jokbo_tensors::{Block, Dtype, Entry, Tensor, View, blocks};
use jokbo_verdict::FileDigest;
use rayon::prelude::*;

use crate::step::step;
use crate::{Error, Opened, Progress, values};

/// What every byte of one checkpoint says, whatever it is compared with.
#[derive(Debug, Clone)]
pub(crate) struct Survey {
    /// Its files with their digests.
    pub(crate) files: Vec<FileDigest>,
    /// Weights that are not finite, in the order of its entries.
    pub(crate) not_finite: Vec<NotFinite>,
}

/// Surveys every one of `models`, each once.
pub(crate) fn all(models: &[&Opened], progress: &dyn Progress) -> Result<Vec<Survey>, Error> {
    let bytes = models.iter().map(|opened| opened.bytes()).sum();
    progress.stage("digesting files", bytes);
    let files = digests_of(models, progress)?;
    progress.stage("looking for weights that are not finite", bytes);
    let not_finite: Vec<_> =
        models.iter().map(|opened| not_finite(opened, progress)).collect::<Result<_, _>>()?;
    let both = files.into_iter().zip(not_finite);
    Ok(both.map(|(files, not_finite)| Survey { files, not_finite }).collect())
}

/// Every file of the checkpoint's own with the digest that is published of it, if any: reads none.
pub(crate) fn published(opened: &Opened) -> Vec<FileDigest> {
    let of = |file: &SourceFile| {
        let sha256 = file.reader.remote().and_then(|remote| remote.sha256.clone());
        let (path, bytes) = (file.path.clone(), file.bytes);
        FileDigest { path, published: sha256.is_some(), sha256, bytes }
    };
    opened.checkpoint.own_files().map(of).collect()
}

/// SHA-256 of every file of the checkpoint's own, in their order. One that is elsewhere is not read
/// whole for it: what the Hub publishes is passed on.
///
/// # Errors
///
/// Where a file cannot be read to its end.
pub fn file_digests(opened: &Opened, progress: &dyn Progress) -> Result<Vec<FileDigest>, Error> {
    Ok(digests_of(&[opened], progress)?.into_iter().flatten().collect())
}

/// The digests of several checkpoints' files: a file is read by one thread, and many at once.
fn digests_of(models: &[&Opened], progress: &dyn Progress) -> Result<Vec<Vec<FileDigest>>, Error> {
    let digest_of = |file: &SourceFile| {
        let (path, bytes) = (file.path.clone(), file.bytes);
        if let Some(remote) = file.reader.remote() {
            let sha256 = remote.sha256.clone();
            return Ok(FileDigest { path, published: sha256.is_some(), sha256, bytes });
        }
        let digest = digest::sha256(file.reader.as_ref());
        progress.advance(bytes);
        let digest = digest.map_err(|source| Error::Digest { file: path.clone(), source })?;
        Ok(FileDigest { path, sha256: Some(digest), published: false, bytes })
    };
    models
        .par_iter()
        .map(|opened| {
            let files: Vec<_> = opened.checkpoint.own_files().collect();
            files.into_par_iter().map(digest_of).collect()
        })
        .collect()
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
    let stretches: Vec<(usize, Range<u64>)> = entries
        .iter()
        .enumerate()
        .filter(|(_, entry)| entry.dtype.is_float())
        .flat_map(|(k, entry)| {
            blocks(entry.elements(), 1).into_iter().map(move |block| (k, block.rows))
        })
        .collect();
    let counts: Vec<Result<(usize, NotFinite), Error>> = stretches
        .into_par_iter()
        .map_init(Buffers::default, |buffers, (k, rows)| {
            let entry = &entries[k];
            let flat = Tensor::new(&opened.checkpoint, k, View::dense(entry.elements(), 1));
            let bytes = entry.dtype.covering(rows.end - rows.start);
            let found = of_block(entry.dtype, flat, &Block { rows, cols: 0..1 }, buffers)?;
            progress.advance(bytes);
            Ok((k, found))
        })
        .collect();
    let mut totals = vec![NotFinite::default(); entries.len()];
    for count in counts {
        let (k, more) = count?;
        totals[k].nan += more.nan;
        totals[k].infinite += more.infinite;
    }
    Ok(totals)
}

/// Memory that one thread reads into, block after block.
#[derive(Debug, Default)]
struct Buffers {
    bytes: Vec<u8>,
    numbers: Vec<f64>,
}

/// Elements of one block that are not finite: seen in their bytes where that can be, else once decoded.
fn of_block(
    dtype: Dtype,
    flat: Tensor<'_>,
    block: &Block,
    buffers: &mut Buffers,
) -> Result<NotFinite, Error> {
    if let Some(kind) = values::kind(dtype)
        && let Some(bytes) = flat.stored_block(block, &mut buffers.bytes)?
    {
        let (nan, infinite) = kind.not_finite(bytes);
        return Ok(NotFinite { nan, infinite });
    }
    flat.read_block_f64(block, &mut buffers.numbers)?;
    let count = |test: fn(f64) -> bool| buffers.numbers.iter().filter(|&&x| test(x)).count() as u64;
    Ok(NotFinite { nan: count(f64::is_nan), infinite: count(f64::is_infinite) })
}
