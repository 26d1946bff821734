//! A square of two values, constant along every diagonal and split at the main one: a causal mask,
//! with or without a window.

/// Smallest side of a mask.
const SMALLEST: usize = 4;

/// Whether the last two axes are a square `[n, n]` that holds a mask, the same one for every index
/// of the axes before.
///
/// The value depends on the diagonal `col - row` alone and takes two values, minus infinity
/// among them: one value on one side of the main diagonal, the other from there to the far
/// corner or over a band of two or more diagonals. The identity is not a mask.
///
/// Cost: a few values of the first column and row, then up to the first value that is off.
pub(super) fn is_mask(values: &[f32], shape: &[u64]) -> bool {
    let [.., rows, cols] = shape else { return false };
    let Ok(n) = usize::try_from(*cols) else { return false };
    if rows != cols || n < SMALLEST || values.len() < n * n {
        return false;
    }
    let first = &values[..n * n];
    is_split_along_diagonals(first, n)
        && first
            .chunks_exact(n)
            .zip(first[n..].chunks_exact(n))
            .all(|(above, row)| above[..n - 1] == row[1..])
        && values.chunks_exact(n * n).skip(1).all(|square| square == first)
}

/// Whether the first column, upwards, and then the first row take two values with one change
/// beside the main diagonal and at most one more, two or more places away.
fn is_split_along_diagonals(square: &[f32], n: usize) -> bool {
    // Diagonal `d` runs from `-(n - 1)`, the lower left corner, to `n - 1`; place `d + n - 1`.
    let diagonal = |place: usize| {
        if place < n { square[(n - 1 - place) * n] } else { square[place - (n - 1)] }
    };
    let (main, lowest) = (n - 1, diagonal(0));
    let mut changes = [None; 2];
    let mut seen = 0;
    let mut other = lowest;
    for place in 1..2 * n - 1 {
        let (before, here) = (diagonal(place - 1), diagonal(place));
        if here == before {
            continue;
        }
        let third = seen == 1 && here != lowest;
        if seen == 2 || third || here.is_nan() || before.is_nan() {
            return false;
        }
        other = if seen == 0 { here } else { other };
        changes[seen] = Some(place);
        seen += 1;
    }
    let beside = |place: usize| place == main || place == main + 1;
    match changes {
        [Some(only), None] => other != lowest && beside(only),
        [Some(start), Some(end)] => 2 <= end - start && (beside(start) || beside(end)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(n: u16, value: impl Fn(i32, i32) -> f32) -> Vec<f32> {
        let n = i32::from(n);
        (0..n).flat_map(|r| (0..n).map(move |c| (r, c))).map(|(r, c)| value(r, c)).collect()
    }

    #[test]
    fn causal_masks_of_every_convention_are_recognised() {
        let cases: [fn(i32, i32) -> f32; 5] = [
            |r, c| f32::from(u8::from(c <= r)),
            |r, c| f32::from(u8::from(r < c)),
            |r, c| if r < c { f32::NEG_INFINITY } else { 0.0 },
            |r, c| if r < c { -1e4 } else { 0.0 },
            |r, c| if c < r { 1.0 } else { 0.0 },
        ];
        for (i, case) in cases.into_iter().enumerate() {
            assert!(is_mask(&square(64, case), &[64, 64]), "case {i}");
            assert!(is_mask(&square(64, case), &[1, 1, 64, 64]), "case {i}");
            let twice = square(8, case).repeat(3);
            assert!(is_mask(&twice, &[3, 8, 8]), "case {i}");
        }
    }

    #[test]
    fn a_causal_window_is_recognised() {
        let window = square(64, |r, c| f32::from(u8::from(c <= r && r - c < 16)));
        assert!(is_mask(&window, &[1, 1, 64, 64]));
    }

    #[test]
    fn one_changed_value_a_third_value_and_the_identity_are_refused() {
        let causal = square(32, |r, c| f32::from(u8::from(c <= r)));
        for at in [1, 32, 33, 500, 1023] {
            let mut changed = causal.clone();
            changed[at] = 1.0 - changed[at];
            assert!(!is_mask(&changed, &[32, 32]), "{at}");
            changed[at] = 0.5;
            assert!(!is_mask(&changed, &[32, 32]), "{at}");
            changed[at] = f32::NAN;
            assert!(!is_mask(&changed, &[32, 32]), "{at}");
        }
        assert!(!is_mask(&square(32, |r, c| f32::from(u8::from(r == c))), &[32, 32]));
        assert!(!is_mask(&square(32, |r, c| f32::from(u8::from(r < c + 9))), &[32, 32]));
        assert!(!is_mask(&causal, &[16, 64]));
        assert!(!is_mask(&causal, &[1024]));
        let stack = [causal.clone(), square(32, |r, c| f32::from(u8::from(r < c)))].concat();
        assert!(!is_mask(&stack, &[2, 32, 32]));
    }
}
