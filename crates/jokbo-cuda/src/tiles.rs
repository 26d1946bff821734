//! How a product is cut where its matrices do not fit into the card's memory all at once.

/// Numbers that one piece may take, however much memory there is: cuBLAS counts in 32 bits.
const MOST: u64 = i32::MAX as u64;

/// How many numbers of 4 bytes may be put into `free` bytes: a fifth of the bytes is left for the library's
/// own work and for whoever else uses the card.
pub(crate) fn numbers_in(free: u64) -> u64 {
    free / 5
}

/// Rows of A and rows of B of one piece of `A Bᵀ`, so that both and their products are no more than `most`
/// numbers. `None` where a row is wider than a quarter of that, or empty.
///
/// What does not fit whole takes as many rows of B as fill a quarter, since they stay while the rows of A
/// pass, and then as many of A as fit.
pub(crate) fn cut(n: usize, m: usize, width: usize, most: u64) -> Option<(usize, usize)> {
    let most = most.min(MOST);
    let long = |length: usize| u64::try_from(length).ok();
    let (n_long, m_long, width) = (long(n)?, long(m)?, long(width)?);
    if width == 0 || most / 4 < width {
        return None;
    }
    let operands = n_long.checked_add(m_long).and_then(|rows| rows.checked_mul(width));
    let whole = operands.and_then(|sum| sum.checked_add(n_long.checked_mul(m_long)?));
    if whole.is_some_and(|whole| whole <= most) {
        return Some((n, m));
    }
    let of_b = m_long.min((most / 4) / width);
    let of_a = n_long.min((most - of_b * width) / (width + of_b));
    Some((usize::try_from(of_a).ok()?, usize::try_from(of_b).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_piece_fits_and_what_fits_whole_is_not_cut() {
        let shapes = [(1, 1, 1), (300, 200, 50), (1, 5000, 64), (5000, 1, 64), (64, 64, 9000)];
        for (n, m, width) in shapes.into_iter().chain([(5000, 4000, 1), (7, 9000, 3)]) {
            for most in [3, 4, 200, 257, 10_000, 100_000, 1 << 20, 1 << 40] {
                let Some((a, b)) = cut(n, m, width, most) else {
                    assert!(most / 4 < width as u64, "{n} {m} {width} in {most}");
                    continue;
                };
                assert!(0 < a && a <= n && 0 < b && b <= m, "{n} {m} {width} in {most}: {a} {b}");
                assert!((a * width + b * width + a * b) as u64 <= most.min(MOST));
                if (n * width + m * width + n * m) as u64 <= most {
                    assert_eq!((a, b), (n, m));
                }
            }
        }
    }

    #[test]
    fn no_piece_is_beyond_what_a_call_can_count() {
        let (n, m, width) = (1 << 20, 1 << 20, 1 << 12);
        let (a, b) = cut(n, m, width, u64::MAX).unwrap();
        assert!(0 < a && 0 < b && ((a + b) * width + a * b) as u64 <= MOST);
        let (a, b) = cut(usize::MAX, usize::MAX, 5, u64::MAX).unwrap();
        assert!(((a + b) * 5 + a * b) as u64 <= MOST);
        assert_eq!(cut(4, 4, 0, 100), None);
        assert_eq!(cut(4, 4, usize::MAX, u64::MAX), None);
    }

    #[test]
    fn a_fifth_of_the_memory_is_left() {
        for free in [0, 20, 1 << 30, u64::MAX] {
            assert!(numbers_in(free) <= free / 4 - free / 20);
        }
        assert_eq!(numbers_in(20), 4);
    }
}
