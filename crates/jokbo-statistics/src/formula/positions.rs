//! Sines and cosines of the position at log-spaced frequencies: a table of position embeddings
//! that was computed.
//!
//! Value `(p, 2i)` is `sin((p + o) f_i)` and `(p, 2i + 1)` the cosine (*Attention Is All You
//! Need*), or all sines stand before all cosines (Whisper, fairseq, Marian). `f_i` is
//! `10000^(-2i/d)` or, where the last frequency is to be 1/10000 exactly, `10000^(-i/(d/2 - 1))`.
//! `o` is 0 or 1, and either function may come first. Rows of zeros, kept for padding, are allowed.
//!
//! A table that began as sinusoids and was then trained moves by far more than one per cent and is
//! not recognised. Tables over two spatial axes are not recognised.

use super::grid::Grid;
use super::rounding::spread;
use crate::number::float_usize;

/// Fewest positions.
const FEWEST_POSITIONS: usize = 8;

/// Smallest width.
const FEWEST_COORDINATES: usize = 4;

/// Most rows of zeros.
const MOST_PADDING: usize = 2;

/// Largest root mean square error, as a share of the root mean square of the formula. Rounding
/// to BF16 leaves 0.002.
const TOLERANCE: f64 = 0.01;

/// Largest error of one value at the first look.
const FIRST_LOOK: f64 = 0.05;

/// Values at the first look.
const LOOKS: usize = 64;

/// The longest wavelength, in turns.
const BASE: f64 = 10_000.0;

/// One convention of writing the table.
#[derive(Debug, Clone, Copy)]
struct Convention {
    interleaved: bool,
    cosine_first: bool,
    /// The last frequency is `1 / BASE` exactly.
    closed: bool,
    first_position: f64,
}

/// Whether the tensor, shape `[positions, d]` with axes of length one anywhere, is a table of
/// sinusoids: root mean square error at most 1 % of the root mean square.
///
/// Cost: a few values for each of 16 conventions before a learned table is refused; one pass
/// otherwise.
pub(super) fn is_sinusoidal(values: &[f32], shape: &[u64]) -> bool {
    let Some(grid) = Grid::new(values, shape) else { return false };
    if grid.rows < FEWEST_POSITIONS
        || grid.cols < FEWEST_COORDINATES
        || !grid.cols.is_multiple_of(2)
    {
        return false;
    }
    (0_u8..16).any(|choice| {
        let convention = Convention {
            interleaved: choice & 1 == 0,
            cosine_first: choice & 2 != 0,
            closed: choice & 4 != 0,
            first_position: f64::from(choice >> 3),
        };
        convention.looks_right(grid) && convention.holds(grid)
    })
}

impl Convention {
    /// The formula at position `row`, coordinate `col` of `width`.
    fn value(self, row: usize, col: usize, width: usize) -> f64 {
        let half = width / 2;
        let (i, second) =
            if self.interleaved { (col / 2, col % 2 == 1) } else { (col % half, half <= col) };
        let steps = if self.closed { half - 1 } else { half };
        let frequency = libm::pow(BASE, -float_usize(i) / float_usize(steps));
        let angle = (float_usize(row) + self.first_position) * frequency;
        if second == self.cosine_first { libm::sin(angle) } else { libm::cos(angle) }
    }

    /// A few values, off the first rows, which may be padding.
    fn looks_right(self, grid: Grid<'_>) -> bool {
        let skipped = MOST_PADDING * grid.cols;
        spread(grid.rows * grid.cols - skipped, LOOKS).enumerate().all(|(look, i)| {
            // The step may be a multiple of the width: move along, so that columns differ.
            let row = (skipped + i) / grid.cols;
            let col = (i + look) % grid.cols;
            (grid.at(row, col) - self.value(row, col, grid.cols)).abs() <= FIRST_LOOK
        })
    }

    fn holds(self, grid: Grid<'_>) -> bool {
        let mut error = 0.0;
        let mut padding = 0;
        // Sines and cosines of one angle have squares that sum to one: half a unit a value.
        let allowed = TOLERANCE * TOLERANCE * 0.5 * float_usize(grid.rows * grid.cols);
        (0..grid.rows).all(|row| {
            if (0..grid.cols).all(|col| grid.at(row, col) == 0.0) {
                padding += 1;
                return padding <= MOST_PADDING;
            }
            let square = |col| (grid.at(row, col) - self.value(row, col, grid.cols)).powi(2);
            error += (0..grid.cols).map(square).sum::<f64>();
            error <= allowed
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{noised, short, single};
    use super::*;

    fn table(rows: usize, cols: usize, convention: Convention) -> Vec<f32> {
        let places = (0..rows).flat_map(|row| (0..cols).map(move |col| (row, col)));
        places.map(|(row, col)| single(convention.value(row, col, cols))).collect()
    }

    const TRANSFORMER: Convention =
        Convention { interleaved: true, cosine_first: false, closed: false, first_position: 0.0 };
    const WHISPER: Convention = Convention { interleaved: false, closed: true, ..TRANSFORMER };

    #[test]
    fn the_first_values_are_those_of_the_papers() {
        let paper = table(8, 4, TRANSFORMER);
        assert_eq!(paper[..4], [0.0, 1.0, 0.0, 1.0]);
        assert_eq!(
            paper[4..8],
            [1.0_f32.sin(), 1.0_f32.cos(), single(0.01_f64.sin()), single(0.01_f64.cos())]
        );
        let whisper = table(8, 4, WHISPER);
        assert_eq!(whisper[..4], [0.0, 0.0, 1.0, 1.0]);
        assert_eq!(whisper[4..6], [1.0_f32.sin(), single(0.0001_f64.sin())]);
    }

    #[test]
    fn every_convention_is_recognised_also_when_rounded() {
        for (rows, cols) in [(8, 4), (50, 6), (512, 64), (1500, 384)] {
            for convention in [
                TRANSFORMER,
                WHISPER,
                Convention { interleaved: false, ..TRANSFORMER },
                Convention { closed: true, ..TRANSFORMER },
                Convention { cosine_first: true, ..WHISPER },
                Convention { first_position: 1.0, ..TRANSFORMER },
            ] {
                let values = table(rows, cols, convention);
                let shape = [1, u64::try_from(rows).unwrap(), u64::try_from(cols).unwrap()];
                assert!(is_sinusoidal(&values, &shape), "{shape:?} {convention:?}");
                assert!(is_sinusoidal(&short(&values), &shape), "{shape:?} {convention:?}");
            }
        }
    }

    #[test]
    fn a_row_of_zeros_for_padding_is_allowed() {
        let mut values = table(128, 32, Convention { interleaved: false, ..WHISPER });
        values[32..64].fill(0.0);
        assert!(is_sinusoidal(&values, &[128, 32]));
        values[..32 * 3].fill(0.0);
        assert!(!is_sinusoidal(&values, &[128, 32]));
    }

    #[test]
    fn a_table_that_was_trained_from_sinusoids_is_learned() {
        let values = table(448, 64, WHISPER);
        assert!(is_sinusoidal(&noised(&values, 0.005, 1), &[448, 64]));
        assert!(!is_sinusoidal(&noised(&values, 0.015, 1), &[448, 64]));
        let mut half = values.clone();
        half[224 * 64..].iter_mut().for_each(|v| *v *= 0.9);
        assert!(!is_sinusoidal(&half, &[448, 64]));
    }

    #[test]
    fn odd_narrow_and_short_tables_are_refused() {
        let values = table(64, 64, TRANSFORMER);
        assert!(!is_sinusoidal(&values[..64 * 63], &[64, 63]));
        assert!(!is_sinusoidal(&values[..64 * 2], &[64, 2]));
        assert!(!is_sinusoidal(&values[..7 * 64], &[7, 64]));
    }
}
