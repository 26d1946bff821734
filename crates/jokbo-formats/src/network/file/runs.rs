//! Which requests bring a set of blocks.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::network::cache::BLOCK;

/// Most blocks of one request: 4 MiB, so that a large read is several requests at once and a
/// failure costs little.
const LONGEST: u64 = 256;

/// Blocks not asked for that a request may bring along to save another one: one block costs less
/// than a request does on any line.
const GAP: u64 = 1;

/// Most blocks read ahead of small reads in a row: 1 MiB. The tables of a GGUF file have a few.
pub(super) const AHEAD_UP_TO: u64 = 64;

/// The ranges of bytes that hold `blocks` of a file of `len` bytes: neighbours together.
pub(super) fn runs(blocks: &BTreeSet<u64>, len: u64) -> Vec<Range<u64>> {
    let mut runs: Vec<Range<u64>> = Vec::new();
    for &block in blocks {
        match runs.last_mut() {
            Some(run) if block - run.end <= GAP && block - run.start < LONGEST => {
                run.end = block + 1;
            }
            _ => runs.push(block..block + 1),
        }
    }
    runs.into_iter().map(|run| run.start * BLOCK..(run.end * BLOCK).min(len)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(blocks: &[u64], len: u64, want: &[(u64, u64)]) {
        let got = runs(&blocks.iter().copied().collect(), len);
        let want: Vec<Range<u64>> = want.iter().map(|&(a, b)| a * BLOCK..b * BLOCK).collect();
        assert_eq!(got, want, "{blocks:?}");
    }

    #[test]
    fn neighbours_go_together_and_far_ones_apart() {
        check(&[], 1 << 30, &[]);
        check(&[3], 1 << 30, &[(3, 4)]);
        check(&[3, 4, 6, 9], 1 << 30, &[(3, 7), (9, 10)]);
        let many: Vec<u64> = (0..600).collect();
        check(&many, 1 << 30, &[(0, 256), (256, 512), (512, 600)]);
    }

    #[test]
    fn the_last_block_ends_where_the_file_does() {
        let got = runs(&[1].into(), BLOCK + 5);
        assert_eq!(got.first(), Some(&(BLOCK..BLOCK + 5)));
    }
}
