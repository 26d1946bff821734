//! One random order of all numbers, from which samples are cut that overlap as much as they can.

use std::collections::BTreeMap;

use crate::seed::Draws;

/// Numbers that are put in order; those of an axis beyond them are never drawn.
const NUMBERS: u32 = 1 << 20;

/// A seeded order of the numbers below 2^20.
///
/// The sample of an axis is the first of its numbers in this order, so that two axes of one length
/// give the same sample, and two of different lengths samples that share what they can: those of
/// `n` and of `2n` numbers have half of the smaller in common when both are larger than the sample,
/// and all of it when both are not. What is common to two samples follows from the two lengths alone.
#[derive(Debug, Clone)]
pub struct Order {
    numbers: Vec<u32>,
}

impl Order {
    /// The order under `seed`. Memory 4 MiB.
    pub fn new(seed: u64) -> Self {
        let mut numbers: Vec<u32> = (0..NUMBERS).collect();
        Draws::new(seed, "order").shuffle(&mut numbers);
        Self { numbers }
    }

    /// The first `k` numbers below `n`, in rising order; all when `n <= k`. Time `O(2^20 k / n)`.
    pub fn first(&self, n: u64, k: u64) -> Vec<u64> {
        if n <= k {
            return (0..n).collect();
        }
        let below = self.numbers.iter().map(|&x| u64::from(x)).filter(|&x| x < n);
        let mut chosen: Vec<u64> = below.take(usize::try_from(k).unwrap_or(usize::MAX)).collect();
        chosen.sort_unstable();
        chosen
    }
}

/// Where the same numbers stand in two samples, both in rising order: their places in `a` and `b`.
pub fn common(a: &[u64], b: &[u64]) -> (Vec<usize>, Vec<usize>) {
    if a == b {
        return ((0..a.len()).collect(), (0..b.len()).collect());
    }
    let places: BTreeMap<u64, usize> = b.iter().enumerate().map(|(k, &x)| (x, k)).collect();
    a.iter().enumerate().filter_map(|(k, x)| Some((k, *places.get(x)?))).unzip()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_number_is_as_likely_as_any_other() {
        let mut counts = [0u32; 40];
        for seed in 0..40 {
            let order = Order::new(seed);
            order.first(40, 10).iter().for_each(|&x| counts[x as usize] += 1);
        }
        // 400 draws of 40 numbers: 10 each, with a standard deviation below 3.
        assert_eq!(counts.iter().sum::<u32>(), 400);
        assert!(counts.iter().all(|c| (1..22).contains(c)), "{counts:?}");
    }

    proptest! {
        #[test]
        fn samples_of_two_lengths_share_what_both_hold(
            n in 1u64..3000, m in 1u64..3000, k in 1u64..300,
        ) {
            thread_local! { static ORDER: Order = Order::new(7); }
            let (a, b) = ORDER.with(|order| (order.first(n, k), order.first(m, k)));
            prop_assert_eq!(a.len() as u64, n.min(k));
            prop_assert!(a.windows(2).all(|w| w[0] < w[1]) && a.iter().all(|&x| x < n));
            let (at_a, at_b) = common(&a, &b);
            let shared: Vec<u64> = a.iter().copied().filter(|x| b.contains(x)).collect();
            prop_assert_eq!(at_a.iter().map(|&i| a[i]).collect::<Vec<_>>(), shared.clone());
            prop_assert_eq!(at_b.iter().map(|&j| b[j]).collect::<Vec<_>>(), shared);
            // What the longer axis drew below the end of the shorter one is in the shorter one's.
            let (short, long) = if n <= m { (&a, &b) } else { (&b, &a) };
            let inside = long.iter().filter(|&&x| x < n.min(m));
            prop_assert!(inside.into_iter().all(|x| short.contains(x)));
        }
    }
}
