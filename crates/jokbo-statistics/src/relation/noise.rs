//! Whether a change is independent noise, or has the structure that training leaves.
//!
//! For rows `Δ_i` of a change whose entries are independent and as often positive as negative,
//! whatever their sizes, `E <Δ_i, Δ_j>² = Σ_k E Δ_ik² Δ_jk²`: flipping the sign of any entry changes
//! nothing (the null of Hong, Sheng and Dobriban, *Selecting the number of components in PCA via
//! random signflips*, 2020). So
//!
//! ```text
//! structure = Σ_{i<j} <Δ_i, Δ_j>² / Σ_{i<j} Σ_k Δ_ik² Δ_jk²
//! ```
//!
//! is 1 for noise and for errors of rounding, with standard deviation about `2 / rows`. Gradients
//! of different units share directions, so training leaves far more.

use super::sample::{Roundings, Sample, Square};
use crate::lanes::{dot, sums};
use crate::number::float_usize;
use crate::widest::{self, Kernel};

/// The ratio above. `None` for fewer than two rows, or when no two rows changed in one column.
/// Time `O(rows² cols)`.
pub fn structure(square: &Square) -> Option<f64> {
    let (rows, cols) = (square.rows, square.cols);
    // Rows of length 1: a few large rows must not speak for all.
    let mut lines = square.change.clone();
    for line in lines.chunks_exact_mut(cols.max(1)) {
        let norm = dot(line, line).sqrt();
        if 0.0 < norm {
            line.iter_mut().for_each(|x| *x /= norm);
        }
    }
    let squares: Vec<f64> = lines.iter().map(|x| x * x).collect();
    let (products, expected) = widest::run(Pairs { lines: &lines, squares: &squares, cols, rows });
    (0.0 < expected).then(|| products / expected)
}

/// All pairs of lines.
struct Pairs<'a> {
    lines: &'a [f64],
    squares: &'a [f64],
    cols: usize,
    rows: usize,
}

impl Kernel for Pairs<'_> {
    /// The sum of squared products of two lines, and that of the products of their squares.
    type Output = (f64, f64);

    #[inline(always)]
    fn run<const FUSED: bool>(self) -> (f64, f64) {
        let cols = self.cols;
        let line = |i: usize| &self.lines[i * cols..(i + 1) * cols];
        let square = |i: usize| &self.squares[i * cols..(i + 1) * cols];
        let (mut products, mut expected) = (0.0, 0.0);
        for i in 1..self.rows {
            for j in 0..i {
                let product = dot(line(i), line(j));
                products += product * product;
                expected += dot(square(i), square(j));
            }
        }
        (products, expected)
    }
}

/// A change over this is structured; independent noise on as few as 32 rows stays below it.
pub const STRUCTURED: f64 = 1.3;

/// What is known of a change that may be noise.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Noise {
    /// Standard deviation of the noise, what rounding adds taken off.
    pub sd: f64,
    /// One standard error of it.
    pub error: f64,
    /// Standard deviation of B's elements, in the sample.
    pub spread: f64,
    /// Elements of the sample.
    pub elements: u64,
}

/// Reads the standard deviation of the change, when it is independent and identical noise: no
/// structure, one size over rows, columns and small and large weights, uncorrelated with B. `None`
/// when it is not, or is lost in rounding. `structure` is what [`structure()`] says of `square`.
pub fn noise(sample: &Sample, square: &Square, structure: f64) -> Option<Noise> {
    const FEWEST: usize = 16;
    let (rows, cols) = (square.rows, square.cols);
    let roundings = sample.roundings()?;
    if rows.min(cols) < FEWEST {
        return None;
    }
    if (structure - 1.0).abs() > 0.05 + 6.0 / float_usize(rows) {
        return None;
    }
    let moments = Moments::of(sample, roundings)?;
    moments.is_uniform().then_some(())?;
    is_level(square).then_some(())?;
    let n = moments.n;
    let kurtosis = moments.fourth / (moments.raw * moments.raw);
    let sd = moments.variance.sqrt();
    let error = 0.5 * sd * (moments.raw / moments.variance) * ((kurtosis - 1.0) / n).sqrt();
    Some(Noise { sd, error, spread: moments.spread, elements: sample.a().len() as u64 })
}

struct Moments {
    n: f64,
    /// Mean square of the change, and the same less what rounding gives.
    raw: f64,
    variance: f64,
    fourth: f64,
    mean: f64,
    spread: f64,
    /// Correlation of the change with B.
    with_weights: f64,
    /// Mean square of the change, less rounding, where `|B|` is in its lower and upper half.
    halves: (f64, f64),
}

impl Moments {
    fn of(sample: &Sample, roundings: Roundings) -> Option<Self> {
        let n = float_usize(sample.a().len());
        let (a, b) = (sample.a(), sample.b());
        let [sum_b, sum] = sums(a, b, |a, b| [b, a - b]);
        let (mean_b, mean) = (sum_b / n, sum / n);
        let [sizes] = sums(a, b, |_, b| [(b - mean_b).abs()]);
        let size = sizes / n;
        let [raw, rounding, fourth, cross, square_b, large, many] = sums(a, b, |a, b| {
            let (d, v) = ((a - b) * (a - b), roundings.variance(a, b));
            let from_mean = b - mean_b;
            let is_large = if size < from_mean.abs() { 1.0 } else { 0.0 };
            let cross = (a - b - mean) * from_mean;
            [d, v, d * d, cross, from_mean * from_mean, is_large * (d - v), is_large]
        });
        // Small weights first.
        let halves = [(raw - rounding - large, n - many), (large, many)];
        let variance = (raw - rounding) / n;
        // Rounding may explain half of the change at most, or its size is not to be trusted.
        let is_seen =
            0.5 * raw / n < variance && 0.0 < square_b && halves.iter().all(|h| 0.0 < h.1);
        is_seen.then(|| Self {
            n,
            raw: raw / n,
            variance,
            fourth: fourth / n,
            mean,
            spread: (square_b / n).sqrt(),
            with_weights: cross / (raw * square_b).sqrt(),
            halves: (halves[0].0 / halves[0].1, halves[1].0 / halves[1].1),
        })
    }

    /// One size whatever the weight, no mean, no correlation; and no fewer small or more large
    /// steps than noise in common use has (uniform 1.8, normal 3, Laplace 6).
    fn is_uniform(&self) -> bool {
        const BEYOND: f64 = 5.0;
        let kurtosis = self.fourth / (self.raw * self.raw);
        let error = BEYOND / self.n.sqrt();
        let ratio = self.halves.1 / self.halves.0;
        (1.5..7.0).contains(&kurtosis)
            && self.with_weights.abs() <= error
            && self.mean.abs() <= error * self.raw.sqrt()
            && (ratio - 1.0).abs() <= 0.03 + 3.0 * error * (kurtosis - 1.0).sqrt()
    }
}

/// Whether rows and columns changed by one amount: their mean squares scatter no more than those
/// of identical entries do.
fn is_level(square: &Square) -> bool {
    let (rows, cols) = (square.rows, square.cols);
    let excess: Vec<f64> =
        square.change.iter().zip(&square.rounding).map(|(d, v)| d * d - v).collect();
    let n = float_usize(excess.len());
    let mean = excess.iter().sum::<f64>() / n;
    let variance = excess.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n;
    let scatter = |sums: Vec<f64>, each: usize| {
        let k = float_usize(sums.len());
        let each = float_usize(each);
        let spread = sums.iter().map(|s| (s / each - mean).powi(2)).sum::<f64>() / k;
        spread / (variance / each) <= 1.3 + 5.0 * (2.0 / k).sqrt()
    };
    let row = |i: usize| excess[i * cols..(i + 1) * cols].iter().sum::<f64>();
    let col = |j: usize| (0..rows).map(|i| excess[i * cols + j]).sum::<f64>();
    scatter((0..rows).map(row).collect(), cols) && scatter((0..cols).map(col).collect(), rows)
}
