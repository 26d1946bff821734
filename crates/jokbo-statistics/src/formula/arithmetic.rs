//! Values in equal steps: position indices, evenly spaced grids.

use super::rounding::{SINGLE, relative_error};
use crate::number::float_usize;

/// Fewest values of a sequence.
const FEWEST: usize = 4;

/// Fewest values that are judged with the tolerance of a short type, where four learned numbers
/// could pass by chance.
const FEWEST_SHORT: usize = 8;

/// The range must exceed the tolerance by this factor: a norm that training hardly moved is flat
/// within the rounding of BF16, and is not a sequence.
const RANGE_OVER_TOLERANCE: f64 = 32.0;

/// Whether `values`, read flat, go up or down in equal steps.
///
/// Each value may be off by twice the rounding of the largest, once for itself and once for the
/// ends from which the step is taken.
///
/// Cost: about 70 values, then up to the first that is off.
pub(super) fn is_arithmetic(values: &[f32]) -> bool {
    let n = values.len();
    let (Some(&first), Some(&last)) = (values.first(), values.last()) else { return false };
    if n < FEWEST {
        return false;
    }
    let (first, last) = (f64::from(first), f64::from(last));
    let step = (last - first) / float_usize(n - 1);
    let error = if n < FEWEST_SHORT { SINGLE } else { relative_error(values) };
    let tolerance = 2.0 * error * first.abs().max(last.abs());
    let spans = RANGE_OVER_TOLERANCE * tolerance < (last - first).abs();
    let near = |(i, &value): (usize, &f32)| {
        (f64::from(value) - (first + step * float_usize(i))).abs() <= tolerance
    };
    spans && last.is_finite() && first.is_finite() && values.iter().enumerate().all(near)
}

#[cfg(test)]
mod tests {
    use super::super::fixture::short;
    use super::*;

    #[test]
    fn indices_and_grids_are_sequences() {
        let indices: Vec<f32> = (0..514_u16).map(f32::from).collect();
        let grid: Vec<f32> = (0..100_u16).map(|i| -1.0 + f32::from(i) * (2.0 / 99.0)).collect();
        let falling: Vec<f32> = indices.iter().map(|v| -v).collect();
        assert!(is_arithmetic(&indices));
        assert!(is_arithmetic(&falling));
        assert!(is_arithmetic(&grid));
        assert!(is_arithmetic(&short(&grid)));
        assert!(is_arithmetic(&[0.0, 1.0, 2.0, 3.0]));
    }

    #[test]
    fn one_value_out_of_step_is_enough_to_refuse() {
        let mut indices: Vec<f32> = (0..514_u16).map(f32::from).collect();
        indices[300] += 10.0;
        assert!(!is_arithmetic(&indices));
        assert!(!is_arithmetic(&[0.0, 1.0, 2.0, 3.01]));
        assert!(!is_arithmetic(&[0.0, f32::INFINITY, 2.0, 3.0]));
        assert!(!is_arithmetic(&[0.0, 1.0, 2.0, f32::INFINITY]));
    }

    #[test]
    fn an_almost_flat_vector_is_not_a_sequence() {
        let flat: Vec<f32> = (0..64_u16).map(|i| 1.0 - f32::from(i % 3) / 256.0).collect();
        assert!(!is_arithmetic(&flat));
    }
}
