//! Triangles over frequency, each further right than the last: a mel filter bank, or any bank of
//! triangular filters (Slaney's and HTK's spacing, linear spacing, with or without normalised
//! area).
//!
//! Row `m` rises in a straight line from the centre of filter `m - 1` to its own and falls to that
//! of filter `m + 1`. Recognised by that shape, since the spacing, the sample rate and the
//! normalisation differ between libraries. Banks that are straight in mel instead of in hertz
//! (Kaldi's) are not recognised.

use super::grid::Grid;
use super::rounding::{relative_error, spread};
use crate::number::float_usize;

/// Fewest filters that are not empty.
const FEWEST_FILTERS: usize = 4;

/// Fewest values that a straight line foretold. A matrix with two values a row, which any bank is
/// when read across, foretells none.
const FEWEST_CHECKS: usize = 16;

/// Largest distance from the line, as a share of the filter's peak, when the values were not
/// rounded to a shorter type.
const TOLERANCE: f64 = 1e-3;

/// Values at the first look.
const LOOKS: usize = 64;

/// Whether the tensor, shape `[filters, bins]` or `[bins, filters]` with axes of length one
/// anywhere, is a bank of triangular filters.
///
/// No value is negative; at most half are above zero; every row is empty or one triangle whose
/// feet are on the axis; peaks never move left. At least four filters, and at least 16 values, and
/// one for every four rows, that a straight line foretold.
///
/// Cost: 64 values, and the first rows, before a learned matrix is refused; one pass otherwise.
pub(super) fn is_mel_filter_bank(values: &[f32], shape: &[u64]) -> bool {
    let Some(grid) = Grid::new(values, shape) else { return false };
    let looks = || spread(values.len(), LOOKS).map(|i| values[i]);
    let positive = looks().filter(|&value| 0.0 < value).count();
    looks().all(|value| 0.0 <= value && value.is_finite())
        && 2 * positive <= looks().count()
        && [grid, grid.transposed()].into_iter().any(is_bank)
}

fn is_bank(grid: Grid<'_>) -> bool {
    let tolerance = TOLERANCE.max(4.0 * relative_error(grid.stored()));
    let (mut filters, mut checks) = (0, 0);
    let mut peaks = None;
    for row in 0..grid.rows {
        match triangle(|col| grid.at(row, col), grid.cols, tolerance) {
            Row::Empty => {}
            Row::Other => return false,
            Row::Triangle { peak, foretold } => {
                let (first, before) = peaks.unwrap_or((peak, peak));
                if peak < before {
                    return false;
                }
                peaks = Some((first, peak));
                filters += 1;
                checks += foretold;
            }
        }
    }
    FEWEST_FILTERS <= filters
        && FEWEST_CHECKS.max(grid.rows / 4) <= checks
        && peaks.is_some_and(|(first, last)| first < last)
}

/// What one row is.
enum Row {
    Empty,
    Triangle {
        /// Where its largest value is.
        peak: usize,
        /// How many of its values the ends of their side foretold.
        foretold: usize,
    },
    Other,
}

fn triangle(at: impl Fn(usize) -> f64, cols: usize, tolerance: f64) -> Row {
    let Some(start) = (0..cols).find(|&col| at(col) != 0.0) else { return Row::Empty };
    let mut end = start;
    let mut peak = start;
    for col in start..cols {
        let value = at(col);
        if value == 0.0 {
            break;
        }
        if !(0.0 < value && value.is_finite()) {
            return Row::Other;
        }
        end = col;
        peak = if at(peak) < value { col } else { peak };
    }
    if (end + 1..cols).any(|col| at(col) != 0.0) {
        return Row::Other;
    }
    // The true peak lies on a bin or between two; the bin with the largest value then belongs to
    // one side only.
    let slack = tolerance * at(peak);
    let edge = (0 < start, end + 1 < cols);
    // Where the rising side stops, itself excluded, and where the falling side starts.
    let ways = [(peak + 1, peak), (peak + 1, peak + 1), (peak, peak)];
    let straight = |&(stop, fall): &(usize, usize)| {
        let rises = side(|i| at(start + i), stop - start, slack, edge.0)?;
        let falls = side(|i| at(end - i), end + 1 - fall, slack, edge.1)?;
        Some(rises + falls)
    };
    match ways.iter().filter_map(straight).max() {
        Some(foretold) => Row::Triangle { peak, foretold },
        None => Row::Other,
    }
}

/// How many of the `count` values of one side are foretold by the two at its ends, or `None` when
/// one is not as foretold.
///
/// `at(0)` is the outermost value and `at(count - 1)` the innermost; those between must lie on the
/// line through both. With `foot` there is a zero further out, so the line must come down to zero
/// within one bin.
fn side(at: impl Fn(usize) -> f64, count: usize, slack: f64, foot: bool) -> Option<usize> {
    if count < 2 {
        return Some(0);
    }
    let last = count - 1;
    let slope = (at(last) - at(0)) / float_usize(last);
    let on_line = (1..last).all(|i| (at(i) - (at(0) + slope * float_usize(i))).abs() <= slack);
    let comes_down = !foot || at(0) <= slope + 2.0 * slack;
    (0.0 < slope && on_line && comes_down).then_some(count - 2)
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Random, noised, short, single};
    use super::*;

    /// A bank over `bins` up to 8 kHz, centres evenly spaced in `to_mel`, optionally of equal area.
    fn bank(filters: u32, bins: u32, to_hertz: fn(f64) -> f64, top: f64, area: bool) -> Vec<f32> {
        let edge = |m: u32| to_hertz(top * f64::from(m) / f64::from(filters + 1));
        let row = |m: u32| {
            let (low, centre, high) = (edge(m), edge(m + 1), edge(m + 2));
            let scale = if area { 2.0 / (high - low) } else { 1.0 };
            (0..bins).map(move |bin| {
                let hertz = 8000.0 * f64::from(bin) / f64::from(bins - 1);
                let up = (hertz - low) / (centre - low);
                let down = (high - hertz) / (high - centre);
                single(scale * up.min(down).max(0.0))
            })
        };
        (0..filters).flat_map(row).collect()
    }

    fn htk(mel: f64) -> f64 {
        700.0 * (10.0_f64.powf(mel / 2595.0) - 1.0)
    }

    fn slaney(mel: f64) -> f64 {
        if mel < 15.0 {
            mel * 200.0 / 3.0
        } else {
            1000.0 * ((mel - 15.0) * 6.4_f64.ln() / 27.0).exp()
        }
    }

    #[test]
    fn the_banks_of_the_usual_libraries_are_recognised() {
        for (filters, bins) in [(20, 257), (40, 129), (64, 513), (80, 201), (128, 201), (128, 1025)]
        {
            for area in [false, true] {
                let shape = [u64::from(filters), u64::from(bins)];
                let banks = [
                    bank(filters, bins, htk, 2840.0, area),
                    bank(filters, bins, slaney, 45.245, area),
                ];
                for values in banks {
                    assert!(is_mel_filter_bank(&values, &shape), "{shape:?} {area}");
                    assert!(is_mel_filter_bank(&short(&values), &shape), "short {shape:?} {area}");
                    let (f, b) =
                        (usize::try_from(filters).unwrap(), usize::try_from(bins).unwrap());
                    let turned: Vec<f32> = (0..b)
                        .flat_map(|j| (0..f).map(move |i| i * b + j))
                        .map(|i| values[i])
                        .collect();
                    assert!(
                        is_mel_filter_bank(&turned, &[shape[1], 1, shape[0]]),
                        "turned {shape:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn bumps_identities_and_changed_banks_are_refused() {
        let values = bank(80, 201, htk, 2840.0, false);
        let shape = [80, 201];
        let noisy: Vec<f32> = noised(&values, 0.05, 7)
            .iter()
            .zip(&values)
            .map(|(n, v)| if *v == 0.0 { 0.0 } else { n.abs() })
            .collect();
        assert!(!is_mel_filter_bank(&noisy, &shape));
        let squared: Vec<f32> = values.iter().map(|v| v * v).collect();
        assert!(!is_mel_filter_bank(&squared, &shape));
        let backwards: Vec<f32> = values.chunks(201).rev().flatten().copied().collect();
        assert!(!is_mel_filter_bank(&backwards, &shape));
        let identity: Vec<f32> =
            (0..80 * 201_u32).map(|i| f32::from(u8::from(i / 201 == i % 201))).collect();
        assert!(!is_mel_filter_bank(&identity, &shape));
        let bidiagonal: Vec<f32> = (0..80 * 201_u32)
            .map(|i| (i / 201, i % 201))
            .map(|(r, c)| if c == r || c == r + 1 { single(f64::from(1 + r % 7)) } else { 0.0 })
            .collect();
        assert!(!is_mel_filter_bank(&bidiagonal, &shape));
        let mut doubled = values;
        doubled[40 * 201] = 0.1;
        assert!(!is_mel_filter_bank(&doubled, &shape));
    }

    #[test]
    fn sparse_positive_matrices_are_refused() {
        let mut random = Random::new(11);
        for threshold in [0.0, 1.0, 2.0, 3.0] {
            let values: Vec<f32> =
                (0..80 * 201).map(|_| (random.normal() - threshold).max(0.0)).collect();
            assert!(!is_mel_filter_bank(&values, &[80, 201]), "{threshold}");
        }
    }
}
