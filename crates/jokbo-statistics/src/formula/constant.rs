//! All values equal.

/// Fewest values that count as a constant when they are not 0 or 1, the values that tensors are
/// created with: two or three learned numbers in BF16 may well be equal.
const FEWEST: usize = 4;

/// Whether all of `values` are equal: zeros of either sign are, infinities may be, NaN never is.
///
/// Cost: up to the first value that differs.
pub(super) fn is_constant(values: &[f32]) -> bool {
    let Some(&first) = values.first() else { return false };
    let enough = FEWEST <= values.len() || first == 0.0 || first == 1.0;
    enough && values.iter().all(|&value| value == first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeros_ones_and_any_repeated_value_are_constant() {
        assert!(is_constant(&[0.0; 1]));
        assert!(is_constant(&[1.0; 2]));
        assert!(is_constant(&[0.0, -0.0]));
        assert!(is_constant(&[0.3; 4]));
        assert!(is_constant(&[f32::NEG_INFINITY; 9]));
    }

    #[test]
    fn a_lone_learned_number_a_nan_and_nothing_are_not() {
        assert!(!is_constant(&[0.3]));
        assert!(!is_constant(&[0.3; 3]));
        assert!(!is_constant(&[f32::NAN; 9]));
        assert!(!is_constant(&[0.0, 0.0, 0.0, f32::MIN_POSITIVE]));
        assert!(!is_constant(&[]));
    }
}
