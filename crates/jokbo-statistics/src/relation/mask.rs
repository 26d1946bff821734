//! Weights set to zero, and the pattern they were chosen by.

use super::sample::Sample;
use crate::number::{float, float_usize};

/// A share of zeros below this may be anything: underflow, padding, tokens that never occur.
pub const LEAST: f64 = 0.05;

/// Zeros of A where B is not zero.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mask {
    /// Share of A's elements that are zero where B's are not, in `[0, 1]`.
    pub share: f64,
    /// How they lie.
    pub pattern: Pattern,
}

/// How zeros lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pattern {
    /// Anywhere.
    Unstructured,
    /// At least this many zeros in every aligned group of that many along a row: 2 of 4.
    OfGroup(u8, u8),
    /// Whole rows: output units.
    Rows,
    /// Whole columns: input coordinates.
    Columns,
}

/// Finds zeros that A has and B has not. `None` when they are fewer than [`LEAST`] of all, or when
/// B's zeros are not all zeros of A too, but for one in a hundred.
pub fn mask(sample: &Sample) -> Option<Mask> {
    let count = |test: fn(bool, bool) -> bool| {
        let of = |(a, b): (&[f32], &[f32])| -> u64 {
            let both = a.iter().zip(b);
            both.filter(|(a, b)| test(**a == 0.0, **b == 0.0)).count() as u64
        };
        float(sample.lines().map(of).sum())
    };
    let gone = count(|a, b| a && !b);
    let share = gone / float_usize(sample.a().len());
    if share < LEAST || 0.01 * gone < count(|a, b| !a && b) {
        return None;
    }
    Some(Mask { share, pattern: pattern(sample, share) })
}

/// Groups that hardware or a pruning method knows. The share that each makes must be the share
/// that is seen: a matrix of nothing but zeros has every pattern.
const GROUPS: [(u8, u8); 3] = [(2, 4), (4, 8), (1, 4)];

fn pattern(sample: &Sample, share: f64) -> Pattern {
    let cols = sample.cols();
    let is_whole = |zeros: u64, all: u64| {
        let half = zeros.min(all - zeros);
        0 < zeros && float(half) <= 0.001 * float(all)
    };
    let lines = || sample.a().chunks_exact(cols);
    let (mut zero_rows, mut ragged_rows, mut by_col) = (0u64, 0u64, vec![0u64; cols]);
    for line in lines() {
        let zeros = line.iter().filter(|x| **x == 0.0).count() as u64;
        match is_whole(zeros, cols as u64) {
            true => zero_rows += u64::from(cols as u64 <= 2 * zeros),
            false => ragged_rows += u64::from(zeros != 0),
        }
        by_col.iter_mut().zip(line).for_each(|(n, x)| *n += u64::from(*x == 0.0));
    }
    if 1 < cols && 0 < zero_rows && ragged_rows == 0 {
        return Pattern::Rows;
    }
    let rows = sample.rows() as u64;
    if 1 < rows && by_col.iter().all(|&zeros| zeros == 0 || zeros == rows) {
        return Pattern::Columns;
    }
    let holds = |&(zeros, group): &(u8, u8)| {
        let each = usize::from(group);
        let near = (share - f64::from(zeros) / f64::from(group)).abs() < 0.02;
        let at_least =
            |part: &[f32]| usize::from(zeros) <= part.iter().filter(|x| **x == 0.0).count();
        let short = || lines().flat_map(|line| line.chunks_exact(each)).filter(|p| !at_least(p));
        near && cols.is_multiple_of(each) && 1000 * short().count() <= sample.a().len() / each
    };
    GROUPS
        .iter()
        .find(|group| holds(group))
        .map_or(Pattern::Unstructured, |&(zeros, group)| Pattern::OfGroup(zeros, group))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::Draws;

    fn masked(zero: impl Fn(usize, usize, &[f32]) -> bool) -> Option<Mask> {
        let (rows, cols) = (64, 64);
        let mut draws = Draws::new(1, "mask");
        let b: Vec<f32> =
            (0..rows * cols).map(|_| draws.below(1 << 20) as f32 - 524_287.5).collect();
        let a = (0..rows * cols)
            .map(|k| if zero(k / cols, k % cols, &b) { 0.0 } else { b[k] })
            .collect();
        mask(&Sample::new(cols, (a, b), (None, None)).unwrap())
    }

    #[test]
    fn every_pattern_is_told_from_the_others() {
        let small = |i: usize, j: usize, b: &[f32]| b[i * 64 + j].abs() < 2e5;
        assert_eq!(masked(small).unwrap().pattern, Pattern::Unstructured);
        let two_of_four = |i: usize, j: usize, b: &[f32]| {
            let group = &b[i * 64 + j / 4 * 4..][..4];
            group.iter().filter(|x| b[i * 64 + j].abs() < x.abs()).count() >= 2
        };
        let found = masked(two_of_four).unwrap();
        assert_eq!(found.pattern, Pattern::OfGroup(2, 4));
        assert!((found.share - 0.5).abs() < 0.01);
        assert_eq!(masked(|i, _, _| i % 3 == 0).unwrap().pattern, Pattern::Rows);
        assert_eq!(masked(|_, j, _| j % 5 == 0).unwrap().pattern, Pattern::Columns);
    }

    #[test]
    fn few_zeros_and_zeros_of_both_are_no_mask() {
        assert_eq!(masked(|i, j, _| (i * 64 + j) % 50 == 0), None);
        let zeros = Sample::new(4, (vec![0.0; 8], vec![0.0; 8]), (None, None)).unwrap();
        assert_eq!(mask(&zeros), None);
        // Zeros at places of their own on both sides: two pruned models, neither from the other.
        let of = |phase: usize| (0..64).map(|k| ((k + phase) % 4) as f32).collect::<Vec<f32>>();
        assert_eq!(mask(&Sample::new(8, (of(0), of(1)), (None, None)).unwrap()), None);
    }
}
