//! Sums over paired elements in fixed lanes, added in a fixed tree: every machine gets the same bits, however
//! many lanes it moves at once.

use crate::widest::{self, Kernel};

/// Lanes of a sum over pairs.
const LANES: usize = 8;
/// Pairs that are taken together.
const GROUP: usize = 2 * LANES;

/// `N` sums over all pairs of `a[i]`, `b[i]`, shape `[n]` each, of what `each` gives for a pair. One pass,
/// `O(n)` time.
pub(crate) fn sums<const N: usize>(
    a: &[f32],
    b: &[f32],
    each: impl Fn(f64, f64) -> [f64; N],
) -> [f64; N] {
    widest::run(Sums { a, b, each })
}

struct Sums<'a, F> {
    a: &'a [f32],
    b: &'a [f32],
    each: F,
}

impl<const N: usize, F: Fn(f64, f64) -> [f64; N]> Kernel for Sums<'_, F> {
    type Output = [f64; N];

    #[inline(always)]
    fn run<const FUSED: bool>(self) -> [f64; N] {
        added(self.a, self.b, |x, y, mut sums: [f64; N]| {
            for (sum, more) in sums.iter_mut().zip((self.each)(x, y)) {
                *sum += more;
            }
            sums
        })
    }
}

/// As [`sums`], within a kernel; `each` adds a pair to one lane of all sums. Sixteen pairs come as two times
/// eight, whose `k`-th goes to lane `k`; of fewer than sixteen at the end, pair `i` goes to lane `i mod 8`.
///
/// Meanwhile the memory behind these elements is asked for: summing and waiting for it, one after the other,
/// took 1.4 times as long.
#[inline(always)]
pub(crate) fn added<T: Copy + Into<f64>, const N: usize>(
    a: &[T],
    b: &[T],
    each: impl Fn(f64, f64, [f64; N]) -> [f64; N],
) -> [f64; N] {
    let mut lanes = [[0.0f64; LANES]; N];
    let mut add = |lane: usize, x: f64, y: f64| {
        let sums = each(x, y, std::array::from_fn(|n| lanes[n][lane]));
        for (lanes, sum) in lanes.iter_mut().zip(sums) {
            lanes[lane] = sum;
        }
    };
    let mut behind = [a, b].map(|side| side.as_ptr_range().end);
    let [(whole_a, rest_a), (whole_b, rest_b)] = [a, b].map(|side| side.as_chunks::<GROUP>());
    for (a, b) in whole_a.iter().zip(whole_b) {
        for place in &mut behind {
            widest::soon(*place);
            *place = place.wrapping_add(GROUP);
        }
        let (a, b) = (halves(a), halves(b));
        for half in 0..2 {
            for lane in 0..LANES {
                add(lane, a[half][lane], b[half][lane]);
            }
        }
    }
    for (k, (&x, &y)) in rest_a.iter().zip(rest_b).enumerate() {
        add(k % LANES, x.into(), y.into());
    }
    together(lanes)
}

/// A group as `f64`, half by half. Widened all at once and added afterwards: one by one took three times as long.
#[inline(always)]
fn halves<T: Copy + Into<f64>>(group: &[T; GROUP]) -> [[f64; LANES]; 2] {
    let mut halves = [[0.0; LANES]; 2];
    for (half, numbers) in halves.iter_mut().zip(group.as_chunks::<LANES>().0) {
        for lane in 0..LANES {
            half[lane] = numbers[lane].into();
        }
    }
    halves
}

/// The inner product of `a` and `b`, of one length. `O(n)`.
#[inline(always)]
pub(crate) fn dot<T: Copy + Into<f64>>(a: &[T], b: &[f64]) -> f64 {
    const LANES: usize = 16;
    let mut lanes = [0.0f64; LANES];
    let ((whole_a, rest_a), (whole_b, rest_b)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    for (x, y) in whole_a.iter().zip(whole_b) {
        for lane in 0..LANES {
            lanes[lane] += x[lane].into() * y[lane];
        }
    }
    let rest: f64 = rest_a.iter().zip(rest_b).map(|(&x, y)| x.into() * y).sum();
    tree(lanes) + rest
}

/// Every sum's lanes, a power of two of them, added by [`tree`].
///
/// Seen as one block of memory, lanes stay beside one another in registers; seen as a tree of sums, they are
/// taken two at a time.
#[inline(always)]
pub(crate) fn together<const L: usize, const N: usize>(lanes: [[f64; L]; N]) -> [f64; N] {
    std::hint::black_box(lanes).map(tree)
}

/// The lanes, a power of two of them, added: the upper half to the lower, until one is left.
#[inline(always)]
pub(crate) fn tree<const L: usize>(mut lanes: [f64; L]) -> f64 {
    let mut half = L / 2;
    while half != 0 {
        for lane in 0..half {
            lanes[lane] += lanes[lane + half];
        }
        half /= 2;
    }
    lanes[0]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::near::near;

    fn noise(seed: u32) -> Vec<f32> {
        (0..1003u32).map(|k| ((k ^ seed).wrapping_mul(2_654_435_761) >> 9) as f32).collect()
    }

    #[test]
    fn every_set_of_instructions_gives_the_same_bits() {
        let (a, b) = (noise(1), noise(2));
        let each = |x: f64, y: f64| [x, x * y, if x < y { 1.0 } else { 0.0 }];
        let all = widest::every(|| Sums { a: &a, b: &b, each });
        assert!(all.iter().all(|sums| *sums == all[0]));
        let want: f64 = a.iter().zip(&b).map(|(&x, &y)| f64::from(x) * f64::from(y)).sum();
        near(all[0][1] / want, 1.0, 1e-14);
        let smaller = a.iter().zip(&b).filter(|(x, y)| x < y).count();
        assert_eq!(all[0][2], smaller as f64);
    }

    #[test]
    fn an_inner_product_is_the_sum_of_products_whatever_the_length() {
        let (a, b) = (noise(1), noise(2).into_iter().map(f64::from).collect::<Vec<_>>());
        for n in [0, 1, 15, 16, 17, 1003] {
            let want: f64 = a.iter().zip(&b[..n]).map(|(&x, y)| f64::from(x) * y).sum();
            near(dot(&a[..n], &b[..n]), want, 1e-14 * want);
        }
    }
}
