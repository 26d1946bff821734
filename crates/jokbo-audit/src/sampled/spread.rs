//! Figures of a sample with their intervals, from the spread over its stretches.

use jokbo_statistics::join::join;
use jokbo_statistics::number::float_usize;
use jokbo_statistics::pass::PairSums;
use jokbo_verdict::Interval;

/// Half the width of a 95 % interval, in standard errors.
const WIDTH: f64 = 1.96;

/// Cosine, Pearson and relative L2 of a sample, as 95 % intervals.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Spread {
    pub(crate) cosine: Option<Interval>,
    pub(crate) pearson: Option<Interval>,
    pub(crate) relative_l2: Option<Interval>,
}

impl Spread {
    /// Leaves one stretch out at a time (the jackknife of Quenouille and Tukey): with `θ_k` the
    /// figure without stretch `k` of `m`, the standard error is
    /// `sqrt((m - 1) / m · Σ (θ_k - mean θ)²)`. Stretches are drawn at random, the values in one
    /// are not independent of each other. Time `O(m)`.
    pub(crate) fn of(stretches: &[PairSums]) -> Self {
        let without = without_one(stretches);
        let whole = join(stretches.to_vec(), PairSums::join);
        let interval = |figure: fn(&PairSums) -> Option<f64>, low: f64, high: f64| {
            let value = figure(whole.as_ref()?)?;
            let left: Vec<f64> = without.iter().map(figure).collect::<Option<_>>()?;
            let m = float_usize(left.len());
            let mean = left.iter().sum::<f64>() / m;
            let square: f64 = left.iter().map(|x| (x - mean) * (x - mean)).sum();
            let half = WIDTH * ((m - 1.0) / m * square).sqrt();
            (2.0 <= m)
                .then(|| Interval { low: (value - half).max(low), high: (value + half).min(high) })
        };
        Self {
            cosine: interval(PairSums::cosine, -1.0, 1.0),
            pearson: interval(PairSums::pearson, -1.0, 1.0),
            relative_l2: interval(PairSums::relative_l2, 0.0, f64::INFINITY),
        }
    }
}

/// The sums of all stretches but one, for each: what comes before it joined with what comes after.
fn without_one(stretches: &[PairSums]) -> Vec<PairSums> {
    let mut before = vec![PairSums::default()];
    let mut after = before.clone();
    for (first, last) in stretches.iter().zip(stretches.iter().rev()) {
        before.push(before.last().copied().unwrap_or_default().join(*first));
        after.push(last.join(after.last().copied().unwrap_or_default()));
    }
    (0..stretches.len()).map(|k| before[k].join(after[stretches.len() - 1 - k])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jokbo_statistics::seed::Draws;

    fn noise(n: usize, purpose: &str) -> Vec<f32> {
        let mut draws = Draws::new(1, purpose);
        let small = |x: u64| f32::from(u16::try_from(x).unwrap());
        (0..n).map(|_| small(draws.below(2001)) / 1000.0 - 1.0).collect()
    }

    fn stretches(n: usize, of: usize, mix: f32) -> Vec<PairSums> {
        let (b, other) = (noise(n * of, "b"), noise(n * of, "other"));
        let a: Vec<f32> = b.iter().zip(&other).map(|(x, y)| mix * x + y).collect();
        a.chunks(of).zip(b.chunks(of)).map(|(a, b)| PairSums::of(a, b)).collect()
    }

    #[test]
    fn the_interval_holds_the_figure_and_is_about_as_wide_as_it_should_be() {
        // Uniform values: the correlation of n pairs has a standard error of (1 - r²) / sqrt(n).
        let found = Spread::of(&stretches(200, 100, 1.0)).cosine.unwrap();
        let r = 0.5f64.sqrt();
        assert!(found.low < r && r < found.high, "{found:?}");
        let want = 2.0 * WIDTH * 0.5 / (20_000f64).sqrt();
        let ratio = (found.high - found.low) / want;
        assert!((0.7..1.4).contains(&ratio), "{found:?}, {ratio}");
    }

    #[test]
    fn equal_values_have_no_spread_and_one_stretch_has_no_interval() {
        let a = noise(500, "a");
        let same: Vec<PairSums> = a.chunks(50).map(|a| PairSums::of(a, a)).collect();
        let spread = Spread::of(&same);
        let far = spread.relative_l2.unwrap();
        assert_eq!((far.low.to_bits(), far.high.to_bits()), (0, 0));
        assert!(0.999_999 < spread.cosine.unwrap().low);
        assert_eq!(Spread::of(&same[..1]), Spread::default());
        assert_eq!(Spread::of(&[]), Spread::default());
    }
}
