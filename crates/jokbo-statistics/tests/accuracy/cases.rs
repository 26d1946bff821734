//! Pairs that are hard to sum, and their figures by compensated sums.

use jokbo_statistics::pass::PairSums;
use jokbo_statistics::stored::Kind;

/// How the numbers of a pair are stored.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum As {
    F64,
    F32,
    Bf16,
}

impl As {
    fn rounded(self, x: f64) -> f64 {
        match self {
            As::F64 => x,
            As::F32 => f64::from(x as f32),
            As::Bf16 => f64::from(f32::from_bits((x as f32).to_bits() & 0xffff_0000)),
        }
    }

    fn sums(self, a: &[f64], b: &[f64]) -> PairSums {
        let short = |side: &[f64]| side.iter().map(|&x| x as f32).collect::<Vec<_>>();
        let upper = |side: &[f64]| -> Vec<u8> {
            short(side).into_iter().flat_map(|x| x.to_bits().to_le_bytes()[2..].to_vec()).collect()
        };
        match self {
            As::F64 => PairSums::of(a, b),
            As::F32 => PairSums::of(&short(a), &short(b)),
            As::Bf16 => PairSums::of_bytes(Kind::Bf16, &upper(a), &upper(b)),
        }
    }
}

/// Numbers made one by one, so that a thousand million of them need no memory.
pub(crate) struct Hard {
    /// What is hard about it.
    pub(crate) name: &'static str,
    /// The `k`-th pair.
    pub(crate) pair: fn(u64) -> (f64, f64),
    /// How many times its spread the mean is.
    pub(crate) mean_by_spread: f64,
    /// How they are stored.
    pub(crate) stored: As,
}

impl Hard {
    /// Whether cosine, Pearson and relative L2 err by less than they may over some millions of pairs and more.
    pub(crate) fn keeps(&self, errors: [f64; 3]) -> bool {
        let may_err = match self.stored {
            As::F64 | As::F32 => [1e-14, 1e-14 + self.mean_by_spread * f64::EPSILON, 1e-14],
            As::Bf16 => [1e-7; 3],
        };
        errors.iter().zip(may_err).all(|(error, may)| *error < may)
    }
}

/// All of them.
pub(crate) const ALL: &[Hard] = &[
    Hard {
        name: "weights of a layer and the same with 10 % of noise",
        pair: |k| (0.02 * noise(k, 1), 0.02 * noise(k, 1) + 0.002 * noise(k, 2)),
        mean_by_spread: 0.0,
        stored: As::F32,
    },
    Hard {
        name: "a mean of 1000, a spread of 0.001",
        pair: |k| (1e3 + 1e-3 * noise(k, 1), 1e3 + 1e-3 * (noise(k, 1) + noise(k, 2))),
        mean_by_spread: 1e6,
        stored: As::F32,
    },
    Hard {
        name: "the same in f64, a spread of 0.000001",
        pair: |k| (1e3 + 1e-6 * noise(k, 1), 1e3 + 1e-6 * (noise(k, 1) + noise(k, 2))),
        mean_by_spread: 1e9,
        stored: As::F64,
    },
    Hard {
        name: "a mean of the size of the spread",
        pair: |k| (1.0 + noise(k, 1), 1.0 + noise(k, 1) + noise(k, 2)),
        mean_by_spread: 1.0,
        stored: As::F32,
    },
    Hard {
        name: "sizes from 10^-18 to 10^18",
        pair: |k| (noise(k, 1) * size(k, 3), noise(k, 2) * size(k, 4)),
        mean_by_spread: 0.0,
        stored: As::F32,
    },
    Hard {
        name: "one part in ten million apart",
        pair: |k| (noise(k, 1), noise(k, 1) * (1.0 + 1e-7 * noise(k, 2))),
        mean_by_spread: 0.0,
        stored: As::F64,
    },
    Hard {
        name: "one element of 10^15 in every 1024, the rest of 1",
        pair: |k| if k % 1024 == 5 { (1e15, -1e15) } else { (noise(k, 1), noise(k, 2)) },
        mean_by_spread: 0.0,
        stored: As::F32,
    },
    Hard {
        name: "weights and noise, in BF16",
        pair: |k| (0.02 * noise(k, 1), 0.02 * noise(k, 1) + 0.002 * noise(k, 2)),
        mean_by_spread: 0.0,
        stored: As::Bf16,
    },
    Hard {
        name: "a mean of the size of the spread, in BF16",
        pair: |k| (1.0 + noise(k, 1), 1.0 + noise(k, 1) + noise(k, 2)),
        mean_by_spread: 1.0,
        stored: As::Bf16,
    },
    Hard {
        name: "a mean of 1, a spread of 0.02, in BF16",
        pair: |k| (1.0 + 0.02 * noise(k, 1), 1.0 + 0.02 * (noise(k, 1) + noise(k, 2))),
        mean_by_spread: 50.0,
        stored: As::Bf16,
    },
    Hard {
        name: "sizes from 10^-18 to 10^18, in BF16",
        pair: |k| (noise(k, 1) * size(k, 3), noise(k, 2) * size(k, 4)),
        mean_by_spread: 0.0,
        stored: As::Bf16,
    },
];

/// What the pass and the compensated sums say of the first `n` pairs.
pub(crate) struct Figures {
    pub(crate) pass: [f64; 3],
    pub(crate) want: [f64; 3],
}

impl Figures {
    /// Cosine and Pearson by difference, relative L2 by ratio.
    pub(crate) fn errors(&self) -> [f64; 3] {
        let [cosine, pearson, l2] = [0, 1, 2].map(|k| (self.pass[k], self.want[k]));
        let apart = |(got, want): (f64, f64)| (got - want).abs();
        [apart(cosine), apart(pearson), apart(l2) / l2.1]
    }
}

/// Both over `n` pairs, block by block as a comparison reads them.
pub(crate) fn figures(hard: &Hard, n: u64) -> Figures {
    const BLOCK: u64 = 1 << 18;
    let mut parts = Vec::new();
    let mut sums = [Twice::default(); 6];
    for start in (0..n).step_by(1 << 18) {
        let pair = |k| {
            let (x, y) = (hard.pair)(k);
            (hard.stored.rounded(x), hard.stored.rounded(y))
        };
        let (a, b): (Vec<f64>, Vec<f64>) = (start..n.min(start + BLOCK)).map(pair).unzip();
        for (&x, &y) in a.iter().zip(&b) {
            let d = Twice::of(x).plus(Twice::of(-y));
            let terms = [Twice::of(x), Twice::of(y), product(x, x), product(y, y), product(x, y)];
            for (sum, term) in sums.iter_mut().zip(terms) {
                *sum = sum.plus(term);
            }
            sums[5] = sums[5].plus(d.times(d));
        }
        parts.push(hard.stored.sums(&a, &b));
    }
    let all = jokbo_statistics::join::join(parts, PairSums::join).unwrap();
    let pass = [all.cosine(), all.pearson(), all.relative_l2()].map(Option::unwrap);
    let [x, y, xx, yy, xy, dd] = sums;
    let count = Twice::of(n as f64);
    let central = |square: Twice, p: Twice, q: Twice| square.plus(p.times(q).over(count).minus());
    let (cxx, cyy, cxy) = (central(xx, x, x), central(yy, y, y), central(xy, x, y));
    let cosine = xy.high / (xx.high.sqrt() * yy.high.sqrt());
    let pearson = cxy.high / (cxx.high.sqrt() * cyy.high.sqrt());
    Figures { pass, want: [cosine, pearson, (dd.high / yy.high).sqrt()] }
}

/// A number as the sum of two: some 32 digits (Dekker, *A floating-point technique for extending the
/// available precision*, 1971).
#[derive(Debug, Clone, Copy, Default)]
struct Twice {
    high: f64,
    low: f64,
}

impl Twice {
    fn of(high: f64) -> Self {
        Self { high, low: 0.0 }
    }

    /// The exact sum of two numbers (Knuth, *The Art of Computer Programming*, volume 2, 4.2.2).
    fn sum(a: f64, b: f64) -> Self {
        let high = a + b;
        let of_b = high - a;
        Self { high, low: (a - (high - of_b)) + (b - of_b) }
    }

    fn plus(self, other: Self) -> Self {
        let sum = Self::sum(self.high, other.high);
        let low = sum.low + (self.low + other.low);
        let high = sum.high + low;
        Self { high, low: low - (high - sum.high) }
    }

    fn minus(self) -> Self {
        Self { high: -self.high, low: -self.low }
    }

    fn times(self, other: Self) -> Self {
        let exact = product(self.high, other.high);
        exact.plus(Self::of(self.high * other.low + self.low * other.high))
    }

    fn over(self, other: Self) -> Self {
        let first = self.high / other.high;
        let rest = self.plus(other.times(Self::of(first)).minus());
        Self::of(first).plus(Self::of(rest.high / other.high))
    }
}

/// The exact product of two numbers.
fn product(a: f64, b: f64) -> Twice {
    let high = a * b;
    Twice { high, low: a.mul_add(b, -high) }
}

/// A number in `[-1, 1)` that looks like chance: the same for the same place and stream (the mixing
/// function of SplitMix64, Steele, Lea and Flood, 2014).
fn noise(k: u64, stream: u64) -> f64 {
    let mut z = k.wrapping_add(stream << 40).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 52) as f64 - 1.0
}

/// A size between 10^-18 and 10^18.
fn size(k: u64, stream: u64) -> f64 {
    10f64.powf(18.0 * noise(k, stream))
}
