//! Sums over paired elements, eight lanes side by side.

use crate::widest::{self, Kernel};

/// Partial sums kept side by side.
const LANES: usize = 8;

/// `N` sums over all pairs of `a[i]`, `b[i]`, shape `[n]` each, of what `each` gives for a pair. Lanes and
/// their order are fixed, so every machine gets the same bits. One pass, `O(n)` time.
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
        let mut lanes = [[0.0f64; LANES]; N];
        let (whole_a, rest_a) = self.a.as_chunks::<LANES>();
        let (whole_b, rest_b) = self.b.as_chunks::<LANES>();
        for (a, b) in whole_a.iter().zip(whole_b) {
            for lane in 0..LANES {
                add(&mut lanes, lane, (self.each)(f64::from(a[lane]), f64::from(b[lane])));
            }
        }
        for (lane, (&a, &b)) in rest_a.iter().zip(rest_b).enumerate() {
            add(&mut lanes, lane, (self.each)(f64::from(a), f64::from(b)));
        }
        // As in the sums of a pass: seen as one block of memory, lanes stay side by side.
        let lanes = std::hint::black_box(lanes);
        lanes.map(|[a, b, c, d, e, f, g, h]| ((a + b) + (c + d)) + ((e + f) + (g + h)))
    }
}

/// Adds what one pair gives to its lane. A closure would not be compiled for the widest instructions.
#[inline(always)]
fn add<const N: usize>(lanes: &mut [[f64; LANES]; N], lane: usize, more: [f64; N]) {
    for (lanes, more) in lanes.iter_mut().zip(more) {
        lanes[lane] += more;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::near::near;

    #[test]
    fn every_set_of_instructions_gives_the_same_bits() {
        let noise = |seed: u32| -> Vec<f32> {
            (0..1003u32).map(|k| ((k ^ seed).wrapping_mul(2_654_435_761) >> 9) as f32).collect()
        };
        let (a, b) = (noise(1), noise(2));
        let each = |x: f64, y: f64| [x, x * y, if x < y { 1.0 } else { 0.0 }];
        let all = widest::every(|| Sums { a: &a, b: &b, each });
        assert!(all.iter().all(|sums| *sums == all[0]));
        let want: f64 = a.iter().zip(&b).map(|(&x, &y)| f64::from(x) * f64::from(y)).sum();
        near(all[0][1] / want, 1.0, 1e-14);
        let smaller = a.iter().zip(&b).filter(|(x, y)| x < y).count();
        assert_eq!(all[0][2], smaller as f64);
    }
}
