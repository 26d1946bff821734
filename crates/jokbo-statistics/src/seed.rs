//! Random choices that follow from a seed and a purpose alone.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// A stream of random choices for one purpose.
///
/// The stream is ChaCha8 under a key that is written out here: the seed, then the purpose, each
/// mixed by FNV-1a and spread by SplitMix64. No default of a library can change it.
#[derive(Debug, Clone)]
pub struct Draws(ChaCha8Rng);

impl Draws {
    /// The stream for `purpose` under `seed`.
    pub fn new(seed: u64, purpose: &str) -> Self {
        let mut state = fnv1a(&seed.to_le_bytes(), 0xcbf2_9ce4_8422_2325);
        state = fnv1a(purpose.as_bytes(), state);
        let mut key = [0; 32];
        for word in key.chunks_exact_mut(8) {
            word.copy_from_slice(&split_mix(&mut state).to_le_bytes());
        }
        Self(ChaCha8Rng::from_seed(key))
    }

    /// A number in `0..n`, each equally likely. `n` must not be 0.
    pub fn below(&mut self, n: u64) -> u64 {
        // Lemire's multiply-shift with rejection: unbiased for every n.
        let reject = n.wrapping_neg() % n;
        loop {
            let wide = u128::from(self.0.next_u64()) * u128::from(n);
            #[allow(clippy::cast_possible_truncation, reason = "the low half is meant")]
            let low = wide as u64;
            if reject <= low {
                return u64::try_from(wide >> 64).unwrap_or(0);
            }
        }
    }

    /// `k` different numbers of `0..n` in rising order, all sets equally likely; all of them when
    /// `n <= k`. Time and memory `O(k)` up to logarithms (Floyd's method).
    pub fn choose(&mut self, n: u64, k: u64) -> Vec<u64> {
        if n <= k {
            return (0..n).collect();
        }
        let mut chosen = std::collections::BTreeSet::new();
        for last in n - k..n {
            let candidate = self.below(last + 1);
            if !chosen.insert(candidate) {
                chosen.insert(last);
            }
        }
        chosen.into_iter().collect()
    }

    /// Puts `items` in a uniformly random order (Fisher and Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let place = usize::try_from(self.below(last as u64 + 1)).unwrap_or(last);
            items.swap(last, place);
        }
    }
}

fn fnv1a(bytes: &[u8], start: u64) -> u64 {
    bytes.iter().fold(start, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_stream_follows_from_seed_and_purpose_alone() {
        let first = |seed, purpose| Draws::new(seed, purpose).below(u64::MAX);
        assert_eq!(first(1, "units"), first(1, "units"));
        assert_ne!(first(1, "units"), first(2, "units"));
        assert_ne!(first(1, "units"), first(1, "columns"));
        // Pinned: a change here changes every report.
        assert_eq!(Draws::new(0, "units").choose(1000, 3), PINNED);
    }

    const PINNED: [u64; 3] = [234, 306, 929];

    proptest! {
        #[test]
        fn a_choice_is_sorted_distinct_and_inside(n in 0u64..500, k in 0u64..500, seed: u64) {
            let chosen = Draws::new(seed, "test").choose(n, k);
            prop_assert_eq!(chosen.len() as u64, n.min(k));
            prop_assert!(chosen.windows(2).all(|w| w[0] < w[1]));
            prop_assert!(chosen.iter().all(|&x| x < n));
        }

        #[test]
        fn a_shuffle_keeps_every_item(n in 0usize..200, seed: u64) {
            let mut items: Vec<usize> = (0..n).collect();
            Draws::new(seed, "test").shuffle(&mut items);
            items.sort_unstable();
            prop_assert_eq!(items, (0..n).collect::<Vec<_>>());
        }
    }

    #[test]
    fn every_order_of_four_is_equally_likely() {
        let mut counts = std::collections::BTreeMap::new();
        let mut draws = Draws::new(7, "orders");
        for _ in 0..24_000 {
            let mut items = [0, 1, 2, 3];
            draws.shuffle(&mut items);
            *counts.entry(items).or_insert(0u32) += 1;
        }
        assert_eq!(counts.len(), 24);
        // Chi-square with 23 degrees of freedom: 49.7 is its 0.001 point.
        let chi: f64 = counts.values().map(|&c| (f64::from(c) - 1000.0).powi(2) / 1000.0).sum();
        assert!(chi < 49.7, "chi-square {chi}");
    }
}
