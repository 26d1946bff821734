//! Windowed cosines and sines of the whole frequencies: the basis of a short-time Fourier
//! transform, stored as a convolution or a matrix.
//!
//! Row `k` of the real part is `s_k w[n] cos(2 pi k n / N)`, of the imaginary part
//! `s_k w[n] sin(2 pi k n / N)`, for `n = 0..N` and `k = 0..=N/2` or fewer. The window `w` may
//! have any shape and is read off the tensor; the scale and sign `s_k` may be any, so that the
//! inverse basis passes too.

use std::f64::consts::TAU;

use super::grid::Grid;
use super::rounding::{relative_error, spread};
use crate::number::float_usize;

/// Fewest frequencies, and fewest samples.
const FEWEST: usize = 4;

/// Largest distance of a row from its formula, as a share of the row's length, when the values
/// were not rounded to a shorter type.
const TOLERANCE: f64 = 1e-3;

/// The same at the first look, on few samples.
const FIRST_LOOK: f64 = 0.1;

/// Samples at the first look.
const LOOKS: usize = 32;

/// Where the rows of the two parts are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layout {
    /// All real rows, then all imaginary rows.
    Stacked,
    /// A real row, its imaginary row, and so on.
    Interleaved,
    /// The real part alone.
    Real,
    /// The imaginary part alone.
    Imaginary,
}

/// One part of a row's formula.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wave {
    Cosine,
    Sine,
}

/// Whether the tensor, shape `[rows, N]` or `[N, rows]` with axes of length one anywhere, is a
/// Fourier basis.
///
/// Each row's distance from its formula must be below 1/1000 of the row's length (Euclidean), or
/// below twice the rounding of the type the values fit into.
///
/// Cost: at most 8 layouts of 64 values before a learned matrix is refused; two passes otherwise.
pub(super) fn is_fourier_basis(values: &[f32], shape: &[u64]) -> bool {
    let Some(grid) = Grid::new(values, shape) else { return false };
    let layouts = [Layout::Stacked, Layout::Interleaved, Layout::Real, Layout::Imaginary];
    [grid, grid.transposed()]
        .into_iter()
        .any(|grid| layouts.into_iter().any(|layout| Basis { grid, layout }.holds()))
}

/// A matrix, and the layout it is tried as.
struct Basis<'a> {
    grid: Grid<'a>,
    layout: Layout,
}

impl Basis<'_> {
    fn holds(&self) -> bool {
        let (rows, samples) = (self.grid.rows, self.grid.cols);
        let parts = if self.is_complex() { 2 } else { 1 };
        let frequencies = rows / parts;
        let fits = rows.is_multiple_of(parts)
            && FEWEST <= samples
            && (FEWEST..=samples / 2 + 1).contains(&frequencies);
        // The window is read off row 0 or 1, so these two rows say something about the formula.
        fits && self.row_is_near(2, LOOKS, FIRST_LOOK)
            && self.row_is_near(rows - 2, LOOKS, FIRST_LOOK)
            && self.window_is_wide()
            && {
                let tolerance = TOLERANCE.max(2.0 * relative_error(self.grid.stored()));
                (0..rows).all(|row| self.row_is_near(row, samples, tolerance))
            }
    }

    /// Whether the window's energy lies on four samples or more: a matrix with one column that is
    /// not zero is a multiple of anything there. `(sum w^2)^2 / sum w^4` counts equal samples.
    fn window_is_wide(&self) -> bool {
        let (mut squares, mut fourths) = (0.0, 0.0);
        for n in 0..self.grid.cols {
            let square = self.window(n).powi(2);
            squares += square;
            fourths += square * square;
        }
        0.0 < fourths && 4.0 * fourths <= squares * squares
    }

    fn is_complex(&self) -> bool {
        matches!(self.layout, Layout::Stacked | Layout::Interleaved)
    }

    /// The frequency and the part of `row`.
    fn wave(&self, row: usize) -> (usize, Wave) {
        let half = self.grid.rows / 2;
        match self.layout {
            Layout::Stacked if row < half => (row, Wave::Cosine),
            Layout::Stacked => (row - half, Wave::Sine),
            Layout::Interleaved if row.is_multiple_of(2) => (row / 2, Wave::Cosine),
            Layout::Interleaved => (row / 2, Wave::Sine),
            Layout::Real => (row, Wave::Cosine),
            Layout::Imaginary => (row, Wave::Sine),
        }
    }

    /// The window at sample `n`: the real row of frequency 0 or, when there is none, the sine of
    /// frequency 1 divided by itself. Where all sines are zero the window does not matter.
    fn window(&self, n: usize) -> f64 {
        if self.layout != Layout::Imaginary {
            return self.grid.at(0, n);
        }
        let sine = self.unwindowed(1, Wave::Sine, n);
        if sine == 0.0 { 0.0 } else { self.grid.at(1, n) / sine }
    }

    /// The wave of a frequency at sample `n`, with exact zeros.
    fn unwindowed(&self, frequency: usize, wave: Wave, n: usize) -> f64 {
        let samples = self.grid.cols;
        // Whole turns are taken off in integers, where nothing is rounded.
        let step = frequency * n % samples;
        let angle = TAU * float_usize(step) / float_usize(samples);
        match wave {
            Wave::Cosine => libm::cos(angle),
            Wave::Sine if (2 * step).is_multiple_of(samples) => 0.0,
            Wave::Sine => libm::sin(angle),
        }
    }

    /// Whether `row`, looked at in at most `looks` samples, is a multiple of its formula within
    /// `tolerance`, or is as good as zero where the formula is zero.
    fn row_is_near(&self, row: usize, looks: usize, tolerance: f64) -> bool {
        let (frequency, wave) = self.wave(row);
        let (mut stored, mut formula, mut both, mut window) = (0.0, 0.0, 0.0, 0.0);
        for n in spread(self.grid.cols, looks) {
            let value = self.grid.at(row, n);
            let weight = self.window(n);
            let want = weight * self.unwindowed(frequency, wave, n);
            stored += value * value;
            formula += want * want;
            both += value * want;
            window += weight * weight;
        }
        let limit = tolerance * tolerance;
        if formula <= 1e-12 * window {
            return stored <= limit * window;
        }
        // |v - s f|^2 with the best s, as a share of |v|^2.
        0.0 < stored && 1.0 - both * both / (stored * formula) <= limit
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Random, noised, short, single};
    use super::*;

    /// Rows of a basis of `samples`: real then imaginary, Hann window, `bins` frequencies.
    fn stacked(samples: usize, bins: usize, sign: f64) -> Vec<Vec<f32>> {
        let angle = |k: usize, n: usize| TAU * float_usize(k * n) / float_usize(samples);
        let hann = |n| 0.5 - 0.5 * angle(1, n).cos();
        let row = |k: usize, wave: fn(f64) -> f64, sign: f64| {
            (0..samples).map(|n| single(sign * hann(n) * wave(angle(k, n)))).collect()
        };
        let real = (0..bins).map(|k| row(k, f64::cos, 1.0));
        let imaginary = (0..bins).map(|k| row(k, f64::sin, sign));
        real.chain(imaginary).collect()
    }

    fn size(n: usize) -> u64 {
        u64::try_from(n).unwrap()
    }

    #[test]
    fn stacked_interleaved_and_separate_parts_are_recognised() {
        for samples in [16, 25, 256, 400] {
            let bins = samples / 2 + 1;
            for sign in [1.0, -1.0] {
                let rows = stacked(samples, bins, sign);
                let both = rows.concat();
                assert!(is_fourier_basis(&both, &[size(2 * bins), 1, size(samples)]));
                let (real, imaginary) = rows.split_at(bins);
                assert!(is_fourier_basis(&real.concat(), &[size(bins), size(samples)]));
                assert!(is_fourier_basis(&imaginary.concat(), &[size(bins), 1, size(samples)]));
                let pairs: Vec<f32> = real
                    .iter()
                    .zip(imaginary)
                    .flat_map(|(r, i)| [r.clone(), i.clone()])
                    .flatten()
                    .collect();
                assert!(is_fourier_basis(&pairs, &[size(2 * bins), size(samples)]));
                let turned: Vec<f32> =
                    (0..samples).flat_map(|n| rows.iter().map(move |row| row[n])).collect();
                assert!(is_fourier_basis(&turned, &[size(samples), size(2 * bins)]));
            }
        }
    }

    #[test]
    fn rounded_scaled_and_cropped_bases_are_recognised() {
        let rows = stacked(64, 20, -1.0);
        assert!(is_fourier_basis(&rows.concat(), &[40, 64]));
        assert!(is_fourier_basis(&short(&rows.concat()), &[40, 64]));
        let scaled: Vec<f32> = (1_u8..)
            .zip(&rows)
            .flat_map(|(s, row)| row.iter().map(move |v| v * f32::from(s)))
            .collect();
        assert!(is_fourier_basis(&scaled, &[40, 64]));
    }

    #[test]
    fn a_basis_that_training_moved_by_one_percent_is_learned() {
        let rows = stacked(64, 33, 1.0).concat();
        assert!(!is_fourier_basis(&noised(&rows, 0.01, 3), &[66, 64]));
        let mut one = rows.clone();
        one[10 * 64 + 7] += 0.1;
        assert!(!is_fourier_basis(&one, &[66, 64]));
        let mut lost = rows;
        lost[10 * 64..11 * 64].fill(0.0);
        assert!(!is_fourier_basis(&lost, &[66, 64]));
    }

    #[test]
    fn random_matrices_and_copies_of_one_row_are_refused() {
        let mut random = Random::new(5);
        let row: Vec<f32> = (0..64).map(|_| random.normal()).collect();
        assert!(!is_fourier_basis(&row.repeat(66), &[66, 64]));
        let noise: Vec<f32> = (0..66 * 64).map(|_| random.normal()).collect();
        assert!(!is_fourier_basis(&noise, &[66, 64]));
        assert!(!is_fourier_basis(&vec![0.0; 66 * 64], &[66, 64]));
        for live in [1, 2, 3] {
            let column: Vec<f32> = (0..66 * 64)
                .map(|i| if i % 64 < live { 1.0 + random.normal().abs() } else { 0.0 })
                .collect();
            assert!(!is_fourier_basis(&column, &[66, 64]), "{live} live columns");
        }
    }
}
