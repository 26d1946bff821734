//! Positive values that fall by one ratio: rotary inverse frequencies, attention bias slopes.
//!
//! Rotary frequencies are `base^(-2i/d)` for `i = 0..d/2`; position interpolation and a larger
//! base keep the ratio equal. Scalings that treat bands differently (YaRN, Llama 3.1) do not, and
//! are not recognised.

use super::rounding::{SINGLE, relative_error};
use crate::number::float_usize;

/// Fewest values of a sequence.
const FEWEST: usize = 4;

/// Fewest values that are judged with the tolerance of a short type, where four learned numbers
/// could pass by chance.
const FEWEST_SHORT: usize = 8;

/// The last value is at most this share of the first, so that a flat vector never passes.
const LEAST_FALL: f64 = 0.5;

/// Whether `values`, read flat, are positive and fall by an equal ratio.
///
/// Each value may be off by twice the relative rounding, once for itself and once for the ends
/// from which the ratio is taken.
///
/// Cost: about 70 values, then up to the first that is off.
pub(super) fn is_geometric(values: &[f32]) -> bool {
    let n = values.len();
    let (Some(&first), Some(&last)) = (values.first(), values.last()) else { return false };
    let (first, last) = (f64::from(first), f64::from(last));
    if n < FEWEST || !(0.0 < last && last <= LEAST_FALL * first && first.is_finite()) {
        return false;
    }
    let rate = libm::log(last / first) / float_usize(n - 1);
    let error = if n < FEWEST_SHORT { SINGLE } else { relative_error(values) };
    let near = |(i, &value): (usize, &f32)| {
        let want = first * libm::exp(rate * float_usize(i));
        (f64::from(value) - want).abs() <= 2.0 * error * want
    };
    values.iter().enumerate().all(near)
}

#[cfg(test)]
mod tests {
    use super::super::fixture::short;
    use super::*;

    fn inverse_frequencies(base: f32, dim: u16) -> Vec<f32> {
        (0..dim / 2).map(|i| 1.0 / base.powf(f32::from(2 * i) / f32::from(dim))).collect()
    }

    #[test]
    fn rotary_frequencies_of_any_base_are_recognised_also_when_rounded() {
        for base in [10_000.0, 500_000.0, 1_000_000.0] {
            for dim in [8, 16, 64, 80, 128, 256] {
                let frequencies = inverse_frequencies(base, dim);
                assert!(is_geometric(&frequencies), "{base} {dim}");
                assert!(dim == 8 || is_geometric(&short(&frequencies)), "{base} {dim}");
            }
        }
    }

    #[test]
    fn slopes_that_halve_are_recognised() {
        assert!(is_geometric(&[0.25, 0.0625, 0.015_625, 0.003_906_25]));
    }

    #[test]
    fn rising_flat_and_bent_sequences_are_refused() {
        let mut frequencies = inverse_frequencies(10_000.0, 128);
        assert!(!is_geometric(&frequencies.iter().rev().copied().collect::<Vec<_>>()));
        frequencies[40] *= 1.001;
        assert!(!is_geometric(&frequencies));
        assert!(!is_geometric(&[1.0, 0.999, 0.998, 0.997]));
        assert!(!is_geometric(&[1.0, 0.5, 0.25]));
        assert!(!is_geometric(&[1.0, 0.5, 0.25, 0.0]));
        assert!(!is_geometric(&[f32::INFINITY, 0.5, 0.25, 0.125]));
    }
}
