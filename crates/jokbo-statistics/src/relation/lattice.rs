//! Whether values lie on the lattice of a block format, even when stored as plain numbers again.
//!
//! A quantised tensor holds `s · q`, or `s · q + m`, with whole `q` and one scale `s` for a row or
//! for a group of neighbours in it; formats with a table hold `s · t_q`. Dequantised and rounded to
//! bfloat16 the values still lie there within half a step of the type. For one group and one
//! number of steps `k` between 0 (or the smallest value) and the largest, the scale follows from the
//! largest value; the fit is asked of every element, and its chance on a continuous spread, the
//! product over elements of twice the tolerance divided by the step, must be below one in a million.

use super::rounding::Rounding;
use super::sample::Sample;
use crate::number::float_usize;

/// Chance below which a group does not lie on a lattice by accident.
const CHANCE: f64 = 1e-6;
/// Share of groups that must lie on theirs.
const GROUPS: f64 = 0.95;
/// Rows looked at. The lattice is in every row or in none.
const ROWS: usize = 32;
/// Groups below this many say too little.
const FEWEST_GROUPS: usize = 4;

/// Elements that share a scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// All of the tensor.
    Tensor,
    /// A row: one output channel.
    Row,
    /// This many neighbours in a row.
    Elements(usize),
}

/// What the values of a group may be, before the scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Levels {
    /// Whole numbers of steps from 0, at most this many to either side.
    Steps(u32),
    /// Whole numbers of steps from a value of the group's own, at most this many.
    Offset(u32),
    /// The values of a table, by its name.
    Table(&'static str),
    /// What the stored type allows, in codes of so many bits where that is known.
    Stored(Option<u32>),
}

/// The lattice of a tensor.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lattice {
    /// Elements that share a scale.
    pub group: Group,
    /// Values before the scale.
    pub levels: Levels,
    /// Share of elements that hold the level nearest to the other side's value, in `[0, 1]`.
    pub nearest: f64,
}

impl Lattice {
    /// Bits that a code needs; `None` where only the name of the stored type says it.
    pub fn bits(&self) -> Option<u32> {
        match self.levels {
            // A ternary code has three values; above, two's complement holds one more below.
            Levels::Steps(1) => Some(2),
            Levels::Steps(most) => Some(u32::BITS - (most - 1).leading_zeros() + 1),
            Levels::Offset(most) => Some(u32::BITS - most.leading_zeros()),
            Levels::Table(_) => Some(4),
            Levels::Stored(bits) => bits,
        }
    }

    /// A published format with such groups and levels, when there is one.
    pub fn like(&self) -> Option<&'static str> {
        match (self.group, self.levels, self.bits().unwrap_or(0)) {
            (Group::Elements(32), Levels::Table("FP4"), _) => Some("MXFP4"),
            (Group::Elements(16), Levels::Table("FP4"), _) => Some("NVFP4"),
            (_, Levels::Table(name), _) => Some(name),
            (Group::Elements(32), Levels::Steps(_), 4) => Some("GGUF Q4_0"),
            (Group::Elements(32), Levels::Steps(_), 5) => Some("GGUF Q5_0"),
            (Group::Elements(32), Levels::Steps(_), 8) => Some("GGUF Q8_0"),
            (Group::Elements(32), Levels::Offset(_), 4) => Some("GGUF Q4_1 or Q4_K"),
            (Group::Elements(32), Levels::Offset(_), 5) => Some("GGUF Q5_1 or Q5_K"),
            (Group::Elements(16), Levels::Steps(_), 6) => Some("GGUF Q6_K"),
            (Group::Elements(16), Levels::Steps(_), 3) => Some("GGUF Q3_K"),
            (Group::Elements(16), Levels::Offset(_), 2) => Some("GGUF Q2_K"),
            _ => None,
        }
    }
}

/// NormalFloat4: Dettmers et al., *QLoRA*, 2023, arXiv 2305.14314, appendix E.
const NF4: [f64; 16] = [
    -1.0,
    -0.696_192_800_998_687_7,
    -0.525_073_051_452_636_7,
    -0.394_917_488_098_144_5,
    -0.284_441_381_692_886_35,
    -0.184_773_430_228_233_34,
    -0.091_050_036_251_544_95,
    0.0,
    0.079_580_299_556_255_34,
    0.160_930_201_411_247_25,
    0.246_112_301_945_686_34,
    0.337_915_241_718_292_24,
    0.440_709_829_330_444_34,
    0.562_617_003_917_694_1,
    0.722_956_836_223_602_3,
    1.0,
];
/// OCP E2M1, in halves.
const FP4: [f64; 15] = [-12., -8., -6., -4., -3., -2., -1., 0., 1., 2., 3., 4., 6., 8., 12.];
/// The table of ggml's `IQ4_NL` (`kvalues_iq4nl` in `ggml-common.h`).
const IQ4_NL: [f64; 16] =
    [-127., -104., -83., -65., -49., -35., -22., -10., 1., 13., 25., 38., 53., 69., 89., 113.];
const TABLES: [(&str, &[f64]); 3] = [("NF4", &NF4), ("FP4", &FP4), ("IQ4_NL", &IQ4_NL)];

/// The kinds of levels, coarsest first: a coarse lattice lies on finer ones too.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Steps(u32, u32),
    Offset,
    Table(&'static str, &'static [f64]),
}

/// Finds the lattice of A, when B does not lie on one too. `None` for a side in blocks, for rows
/// shorter than 32, and for values that lie on none.
pub fn lattice(sample: &Sample) -> Option<Lattice> {
    let (of_a, of_b) = (sample.rounding_a?, sample.rounding_b?);
    let found = first(sample)?;
    let n = found.fits.len() * found.size;
    let (a, b) = (&sample.a()[..n], &sample.b()[..n]);
    if fit_all(found.kind, found.size, sample.cols(), b, of_b).is_some() {
        return None;
    }
    Some(found.against(a, b, (of_a, of_b)))
}

/// Whether A lies on a lattice, B's aside.
pub fn is_on_one(sample: &Sample) -> bool {
    first(sample).is_some()
}

/// The first lattice that A lies on.
fn first(sample: &Sample) -> Option<Found> {
    let (of_a, cols) = (sample.rounding_a?, sample.cols());
    if cols < 32 {
        return None;
    }
    let a = &sample.a()[..sample.rows().min(ROWS) * cols];
    let kinds = [Kind::Steps(1, 3)]
        .into_iter()
        .chain(TABLES.map(|(name, table)| Kind::Table(name, table)))
        .chain([Kind::Steps(4, 127), Kind::Offset]);
    let sizes = [cols, 256, 128, 64, 32, 16];
    let all = kinds.flat_map(|kind| sizes.map(|size| (kind, size)));
    let mut fitting = all.filter(|(_, size)| *size <= cols && cols.is_multiple_of(*size));
    fitting.find_map(|(kind, size)| fit_all(kind, size, cols, a, of_a))
}

/// Groups of one size with the lattice of each.
struct Found {
    kind: Kind,
    group: Group,
    size: usize,
    fits: Vec<Option<Fit>>,
}

/// The lattice of one group: `origin + step · level`.
#[derive(Debug, Clone, Copy)]
struct Fit {
    step: f64,
    origin: f64,
    most: u32,
}

/// Fits every group of `size`; `None` unless nearly all lie on a lattice.
fn fit_all(kind: Kind, size: usize, cols: usize, a: &[f32], of: Rounding) -> Option<Found> {
    let (mut fits, mut good, mut bad) = (Vec::new(), 0usize, 0usize);
    for part in a.chunks_exact(size) {
        let is_blank = part.iter().all(|x| *x == 0.0);
        let fit = if is_blank { None } else { fit(kind, part, of) };
        good += usize::from(fit.is_some());
        bad += usize::from(fit.is_none() && !is_blank);
        fits.push(fit);
        // Too many misses already for what is left to make up for.
        let all = float_usize(a.len() / size);
        if (1.0 - GROUPS) * all + 1.0 < float_usize(bad) {
            return None;
        }
    }
    let is_enough = FEWEST_GROUPS <= good && GROUPS * float_usize(good + bad) <= float_usize(good);
    let group = if size < cols {
        Group::Elements(size)
    } else if have_one_step(&fits) {
        Group::Tensor
    } else {
        Group::Row
    };
    is_enough.then_some(Found { kind, group, size, fits })
}

fn have_one_step(fits: &[Option<Fit>]) -> bool {
    let mut steps: Vec<f64> = fits.iter().flatten().map(|fit| fit.step).collect();
    steps.sort_by(f64::total_cmp);
    let Some(median) = steps.get(steps.len() / 2) else { return false };
    // A scale read from a bfloat16 is known to four parts in a thousand.
    let alike = steps.iter().filter(|step| (*step / median - 1.0).abs() < 0.01);
    GROUPS * float_usize(steps.len()) <= float_usize(alike.count())
}

fn fit(kind: Kind, part: &[f32], of: Rounding) -> Option<Fit> {
    let low = part.iter().fold(f32::INFINITY, |m, x| m.min(*x));
    let high = part.iter().fold(f32::NEG_INFINITY, |m, x| m.max(*x));
    let (low, high) = (f64::from(low), f64::from(high));
    let top = low.abs().max(high.abs());
    // The scale is known from the largest value, to within half of that value's own step.
    let slip = 0.5 * of.spacing(top) / top;
    let half = |x: f64| 1.05 * (0.5 * of.spacing(x) + x.abs() * slip);
    match kind {
        Kind::Steps(from, to) => (from..=to).find_map(|most| {
            let step = top / f64::from(most);
            let nearest = |x: f64| (x / step).round() * step;
            is_on(part, half, nearest, step).then_some(Fit { step, origin: 0.0, most })
        }),
        Kind::Offset if low < high => (1..=31).find_map(|most| {
            let step = (high - low) / f64::from(most);
            let ends = 0.5 * (of.spacing(low).max(of.spacing(high)));
            let nearest = |x: f64| low + ((x - low) / step).round() * step;
            let half = |x: f64| 1.05 * (0.5 * of.spacing(x) + ends);
            is_on(part, half, nearest, step).then_some(Fit { step, origin: low, most })
        }),
        Kind::Offset => None,
        Kind::Table(_, table) => table.iter().filter(|level| **level != 0.0).find_map(|level| {
            // The largest value may be any of the levels, of its own sign.
            let anchor = if low.abs() < high.abs() { high } else { low };
            let step = Some(anchor / level).filter(|step| 0.0 < *step)?;
            let nearest = |x: f64| step * of_table(table, x / step);
            let apart = step * (table[table.len() - 1] - table[0]) / float_usize(table.len());
            is_on(part, half, nearest, apart).then_some(Fit { step, origin: 0.0, most: 0 })
        }),
    }
}

fn of_table(table: &[f64], x: f64) -> f64 {
    let closer = |best: f64, level: &f64| {
        if (level - x).abs() < (best - x).abs() { *level } else { best }
    };
    table.iter().fold(f64::INFINITY, closer)
}

/// Whether every element is within its tolerance of the nearest level, and that is no accident.
fn is_on(
    part: &[f32],
    half: impl Fn(f64) -> f64,
    nearest: impl Fn(f64) -> f64,
    apart: f64,
) -> bool {
    let mut chance = 1.0;
    for x in part.iter().map(|x| f64::from(*x)) {
        let half = half(x);
        if half < (x - nearest(x)).abs() {
            return false;
        }
        // A zero is on every lattice through 0, and may be a masked weight.
        chance *= if x == 0.0 { 1.0 } else { (2.0 * half / apart).min(1.0) };
    }
    chance < CHANCE
}

impl Found {
    /// The lattice, with the share of A's values that are the levels nearest to B's.
    fn against(&self, a: &[f32], b: &[f32], (of_a, of_b): (Rounding, Rounding)) -> Lattice {
        let (mut near, mut all, mut most) = (0usize, 0usize, 1u32);
        let parts = a.chunks_exact(self.size).zip(b.chunks_exact(self.size)).zip(&self.fits);
        for ((a, b), fit) in parts.filter_map(|(parts, fit)| fit.map(|fit| (parts, fit))) {
            most = most.max(fit.most);
            let low = a.iter().fold(f64::INFINITY, |m, x| m.min(f64::from(*x)));
            let high = a.iter().fold(f64::NEG_INFINITY, |m, x| m.max(f64::from(*x)));
            for (x, y) in a.iter().zip(b).map(|(x, y)| (f64::from(*x), f64::from(*y))) {
                // What lies beyond the last level is nearest to that.
                let inside = y.clamp(low, high);
                let level = match self.kind {
                    Kind::Table(_, table) => fit.step * of_table(table, inside / fit.step),
                    _ => fit.origin + ((inside - fit.origin) / fit.step).round() * fit.step,
                };
                let slack = of_a.spacing(x) + of_b.spacing(y);
                let is_nearest = match self.kind {
                    Kind::Table(..) => (x - level).abs() <= slack,
                    _ => (x - inside).abs() <= 0.5 * fit.step + slack,
                };
                near += usize::from(is_nearest);
                all += 1;
            }
        }
        let levels = match self.kind {
            Kind::Steps(..) => Levels::Steps(most),
            Kind::Offset => Levels::Offset(most),
            Kind::Table(name, _) => Levels::Table(name),
        };
        let nearest = float_usize(near) / float_usize(all.max(1));
        Lattice { group: self.group, levels, nearest }
    }
}
