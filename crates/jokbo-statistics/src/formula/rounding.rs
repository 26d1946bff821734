//! How finely a tensor's values were stored, read off the values themselves.

/// Largest relative error of a value computed in `f32` arithmetic: 64 units in the last place.
/// Rotary frequencies in real checkpoints stay below 16.
pub(super) const SINGLE: f64 = 1.0 / 262_144.0;

/// Largest relative error of rounding to F16: half a unit of 11 significant bits.
const F16: f64 = 1.0 / 2048.0;

/// Largest relative error of rounding to BF16: half a unit of 8 significant bits.
const BF16: f64 = 1.0 / 256.0;

/// Values that are looked at.
const LOOKS: usize = 64;

/// The largest relative error that storing can have left in `values`: of BF16 when no value has
/// more than 8 significant bits, of F16 when none has more than 11, else of `f32` arithmetic. A
/// file in F32 may well hold values that were once shorter, so its type does not tell.
///
/// Zeros tell nothing and are passed over; a slice of zeros counts as BF16.
///
/// Cost: 64 values spread over the slice, and the zeros before each.
pub(super) fn relative_error(values: &[f32]) -> f64 {
    let stretch = values.len().div_ceil(LOOKS).max(1);
    let looks = values.chunks(stretch).filter_map(|part| part.iter().find(|&&v| v != 0.0));
    let used = looks.fold(0, |bits, value| bits | value.to_bits());
    match used.trailing_zeros() {
        16.. => BF16,
        13.. => F16,
        _ => SINGLE,
    }
}

/// At most `looks` indices below `n`, evenly spread, from 0 on.
pub(super) fn spread(n: usize, looks: usize) -> impl Iterator<Item = usize> {
    (0..n).step_by(n.div_ceil(looks.max(1)).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shortest_type_that_holds_the_values_is_found() {
        assert_eq!(relative_error(&[1.0, 0.5, 3.0]), BF16);
        assert_eq!(relative_error(&[1.0, 1.0 + 1.0 / 1024.0]), F16);
        assert_eq!(relative_error(&[1.0, 0.1]), SINGLE);
        let mut sparse = vec![0.0; 1000];
        sparse[777] = 0.1;
        assert_eq!(relative_error(&sparse), SINGLE);
        assert_eq!(relative_error(&[0.0; 9]), BF16);
    }

    #[test]
    fn a_spread_stays_inside_and_is_never_too_long() {
        for n in [0, 1, 2, 63, 64, 65, 127, 128, 1000] {
            let indices: Vec<usize> = spread(n, LOOKS).collect();
            assert!(indices.len() <= LOOKS, "{n}");
            assert!(indices.iter().all(|&i| i < n), "{n}");
            assert_eq!(indices.is_empty(), n == 0, "{n}");
        }
    }
}
