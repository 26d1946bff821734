//! What a tensor looks like however its units are numbered: enough to find its copy, never evidence.
//!
//! A sketch holds the norms of a tensor's slices along each axis, sorted. Renumbering the units of
//! an axis moves slices about and changes no norm, so a pairing chosen by sketches is the same
//! under every renumbering, and an exact test on the pair needs no correction for having looked.
//!
//! Measured on the 38 matrices of a 6-layer encoder against its int8 copy, stored transposed: the
//! distance to the copied matrix is 0.00003 to 0.0004, to the nearest other one 0.009 to 0.09.

use std::collections::BTreeMap;

use crate::number::{float, float_usize};

/// Values kept of one axis.
const KEPT: usize = 64;

/// Slices of an axis up to which their order is kept too: kernel positions, which nobody renumbers.
const FEW: usize = 32;

/// A distance between sketches above this pairs nothing. A copy with 30 % of noise stays below it.
pub const FAR: f64 = 0.1;

/// How much nearer than every other candidate a copy must be.
const CLEARLY: f64 = 0.5;

/// The sorted norms of a tensor's slices, axis by axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Sketch {
    axes: Vec<Profile>,
}

#[derive(Debug, Clone, PartialEq)]
struct Profile {
    sorted: Vec<f64>,
    in_order: Vec<f64>,
}

impl Profile {
    fn of(values: Vec<f64>) -> Self {
        let mut sorted = values.clone();
        sorted.sort_by(f64::total_cmp);
        let in_order = if values.len() <= FEW { values } else { Vec::new() };
        Self { sorted: thinned(&sorted), in_order }
    }
}

/// Values spread evenly over a sorted list, its ends among them.
fn thinned(sorted: &[f64]) -> Vec<f64> {
    if sorted.len() <= KEPT {
        return sorted.to_vec();
    }
    let last = sorted.len() - 1;
    (0..KEPT).map(|k| sorted[(k * last + (KEPT - 1) / 2) / (KEPT - 1)]).collect()
}

/// Sums a tensor's squares along every axis, from pieces of it in row-major order.
#[derive(Debug, Clone)]
pub struct Sketching {
    axes: Vec<u64>,
    squares: Vec<Vec<f64>>,
    /// The values themselves, of a vector: their signs say more than their sizes.
    vector: Vec<f64>,
}

impl Sketching {
    /// Of a tensor with these axes. Memory: a number for each slice of each axis.
    pub fn new(axes: &[u64]) -> Self {
        let zeros = |&n: &u64| vec![0.0; usize::try_from(n).unwrap_or(usize::MAX)];
        Self { axes: axes.to_vec(), squares: axes.iter().map(zeros).collect(), vector: Vec::new() }
    }

    /// Adds the elements from `start` on, counted in row-major order. A vector's pieces must come
    /// in their order.
    pub fn add(&mut self, start: u64, values: &[f32]) {
        let Some((&width, _)) = self.axes.split_last() else { return };
        if self.axes.len() == 1 {
            self.vector.extend(values.iter().copied().map(f64::from));
            return;
        }
        let (mut at, mut rest) = (start, values);
        while !rest.is_empty() && width != 0 {
            let col = at % width;
            let here = usize::try_from(width - col).unwrap_or(usize::MAX).min(rest.len());
            let (line, later) = rest.split_at(here);
            self.add_line(at / width, col, line);
            (at, rest) = (at + here as u64, later);
        }
    }

    /// Adds a piece of one line along the last axis.
    fn add_line(&mut self, mut line: u64, col: u64, values: &[f32]) {
        let Some((last, outer)) = self.squares.split_last_mut() else { return };
        let col = usize::try_from(col).unwrap_or(usize::MAX);
        let mut sum = 0.0;
        for (square, &value) in last[col..].iter_mut().zip(values) {
            let more = f64::from(value) * f64::from(value);
            *square += more;
            sum += more;
        }
        for slices in outer.iter_mut().rev() {
            let n = slices.len() as u64;
            if let Some(slice) = slices.get_mut(usize::try_from(line % n).unwrap_or(usize::MAX)) {
                *slice += sum;
            }
            line /= n;
        }
    }

    /// The sketch. `None` when a value was not finite, there was none, or all slices are alike:
    /// such tensors look like too many others.
    pub fn finish(self) -> Option<Sketch> {
        let axes: Vec<Vec<f64>> = if self.axes.len() == 1 {
            vec![self.vector]
        } else {
            let roots = |sums: Vec<f64>| sums.into_iter().map(f64::sqrt).collect();
            self.squares.into_iter().map(roots).collect()
        };
        let all = || axes.iter().flatten();
        let differs = axes.iter().any(|axis| axis.iter().any(|x| *x != axis[0]));
        (differs && all().all(|x| x.is_finite()))
            .then(|| Sketch { axes: axes.into_iter().map(Profile::of).collect() })
    }
}

impl Sketch {
    /// How far `self`, with its axis `order[k]` as axis `k`, is from `other`: the mean over axes of
    /// `rms(a - b) / (rms(a) + rms(b))`, in `[0, 1]`. From axis 2 on slices are kernel positions
    /// and compared in their order. `None` when the axes do not fit.
    pub fn distance(&self, order: &[usize], other: &Sketch) -> Option<f64> {
        if order.len() != other.axes.len() || order.len() != self.axes.len() {
            return None;
        }
        let mut sum = 0.0;
        for (k, (&axis, theirs)) in order.iter().zip(&other.axes).enumerate() {
            let ours = self.axes.get(axis)?;
            let ordered = 2 <= k && !ours.in_order.is_empty();
            let (a, b) = if ordered {
                (&ours.in_order, &theirs.in_order)
            } else {
                (&ours.sorted, &theirs.sorted)
            };
            sum += apart(a, b)?;
        }
        Some(sum / float_usize(order.len()))
    }
}

fn apart(a: &[f64], b: &[f64]) -> Option<f64> {
    if a.len() != b.len() {
        return None;
    }
    let rms = |values: &mut dyn Iterator<Item = f64>| {
        (values.map(|x| x * x).sum::<f64>() / float(a.len().max(1) as u64)).sqrt()
    };
    let gap = rms(&mut a.iter().zip(b).map(|(x, y)| x - y));
    let size = rms(&mut a.iter().copied()) + rms(&mut b.iter().copied());
    Some(if size == 0.0 { 0.0 } else { gap / size })
}

/// One way in which a tensor of ours might be one of theirs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate {
    /// Ours.
    pub ours: usize,
    /// Theirs.
    pub theirs: usize,
    /// Which order of axes, by a number of the caller's.
    pub order: usize,
    /// [`Sketch::distance`], or [`crate::moments::Profile::distance`].
    pub distance: f64,
}

/// The candidates that are beyond doubt: no farther than `far`, and at most half as far as any other candidate with
/// the same tensor on either side. Where two are equally near, neither is taken.
///
/// Cost: one pass; the result is in the order of `candidates`.
pub fn clear_matches(candidates: &[Candidate], far: f64) -> Vec<Candidate> {
    let mut ours: BTreeMap<usize, Nearest> = BTreeMap::new();
    let mut theirs: BTreeMap<usize, Nearest> = BTreeMap::new();
    for (k, candidate) in candidates.iter().enumerate() {
        ours.entry(candidate.ours).or_default().see(k, candidate.distance);
        theirs.entry(candidate.theirs).or_default().see(k, candidate.distance);
    }
    let clear = |(k, candidate): (usize, &Candidate)| {
        let alone = ours[&candidate.ours].is_clearly(k) && theirs[&candidate.theirs].is_clearly(k);
        (alone && candidate.distance <= far).then_some(*candidate)
    };
    candidates.iter().enumerate().filter_map(clear).collect()
}

/// The nearest candidate with one tensor, and how far the next one is.
#[derive(Debug, Clone, Copy)]
struct Nearest {
    index: usize,
    distance: f64,
    next: f64,
}

impl Default for Nearest {
    fn default() -> Self {
        Self { index: usize::MAX, distance: f64::INFINITY, next: f64::INFINITY }
    }
}

impl Nearest {
    fn see(&mut self, index: usize, distance: f64) {
        if distance < self.distance {
            *self = Self { index, distance, next: self.distance };
        } else {
            self.next = self.next.min(distance);
        }
    }

    fn is_clearly(&self, index: usize) -> bool {
        self.index == index && self.distance < CLEARLY * self.next
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::near::near;
    use crate::seed::Draws;
    use proptest::prelude::*;

    /// Values around 0 whose size depends on the slice, from a seed.
    fn tensor(axes: &[u64], seed: u64) -> Vec<f32> {
        let mut draws = Draws::new(seed, "sketch/test");
        let n: u64 = axes.iter().product();
        (0..n).map(|_| draws.below(2001) as f32 / 1000.0 - 1.0).collect()
    }

    fn sketch(axes: &[u64], values: &[f32]) -> Sketch {
        let mut sketching = Sketching::new(axes);
        sketching.add(0, values);
        sketching.finish().unwrap()
    }

    proptest! {
        #[test]
        fn renumbering_units_changes_nothing(seed in 0u64..1000, rows in 2u64..40, cols in 2u64..90) {
            let values = tensor(&[rows, cols], seed);
            let mut draws = Draws::new(seed, "sketch/renumbering");
            let (mut p, mut q): (Vec<_>, Vec<_>) =
                ((0..rows as usize).collect(), (0..cols as usize).collect());
            draws.shuffle(&mut p);
            draws.shuffle(&mut q);
            let moved: Vec<f32> = p
                .iter()
                .flat_map(|&r| q.iter().map(move |&c| (r, c)))
                .map(|(r, c)| values[r * cols as usize + c])
                .collect();
            let apart = sketch(&[rows, cols], &moved)
                .distance(&[0, 1], &sketch(&[rows, cols], &values))
                .unwrap();
            prop_assert!(apart <= 1e-12, "{}", apart);
        }

        #[test]
        fn pieces_give_what_the_whole_gives(seed in 0u64..1000, cut in 0usize..=60) {
            let values = tensor(&[3, 4, 5], seed);
            let mut pieces = Sketching::new(&[3, 4, 5]);
            pieces.add(0, &values[..cut]);
            pieces.add(cut as u64, &values[cut..]);
            let apart = pieces.finish().unwrap().distance(&[0, 1, 2], &sketch(&[3, 4, 5], &values));
            prop_assert!(apart.unwrap() <= 1e-12);
        }
    }

    #[test]
    fn a_turned_copy_is_near_under_its_own_order_only() {
        let axes = [5, 4, 3, 2];
        let values = tensor(&axes, 7);
        let turned: Vec<f32> = (0..120)
            .map(|at| {
                let (w, h, i, o) = (at / 60, at / 20 % 3, at / 5 % 4, at % 5);
                values[((o * 4 + i) * 3 + h) * 2 + w]
            })
            .collect();
        let (ours, theirs) = (sketch(&[2, 3, 4, 5], &turned), sketch(&axes, &values));
        near(ours.distance(&[3, 2, 1, 0], &theirs).unwrap(), 0.0, 1e-12);
        assert_eq!(ours.distance(&[0, 1, 2, 3], &theirs), None);
        assert_eq!(ours.distance(&[1, 0], &theirs), None);
    }

    #[test]
    fn kernel_positions_keep_their_order() {
        let values = tensor(&[6, 5, 3, 3], 3);
        let swapped: Vec<f32> =
            (0..270).map(|at| values[at / 9 * 9 + at % 3 * 3 + at / 3 % 3]).collect();
        let (a, b) = (sketch(&[6, 5, 3, 3], &swapped), sketch(&[6, 5, 3, 3], &values));
        near(a.distance(&[0, 1, 3, 2], &b).unwrap(), 0.0, 1e-12);
        assert!(0.01 < a.distance(&[0, 1, 2, 3], &b).unwrap());
    }

    #[test]
    fn what_looks_like_anything_has_no_sketch() {
        for values in [vec![1.0; 6], vec![0.0; 6], vec![f32::NAN, 1.0, 2.0, 3.0, 4.0, 5.0]] {
            let mut sketching = Sketching::new(&[2, 3]);
            sketching.add(0, &values);
            assert_eq!(sketching.finish(), None, "{values:?}");
        }
        let mut ones = Sketching::new(&[4]);
        ones.add(0, &[1.0; 4]);
        assert_eq!(ones.finish(), None);
        assert_eq!(Sketching::new(&[]).finish(), None);
        assert_eq!(Sketching::new(&[0]).finish(), None);
    }

    #[test]
    fn only_what_is_beyond_doubt_is_matched() {
        let candidate = |ours, theirs, distance| Candidate { ours, theirs, order: 0, distance };
        let clear = candidate(0, 10, 0.001);
        let all = [
            clear,
            candidate(0, 11, 0.02),
            candidate(1, 11, 0.01),
            candidate(1, 12, 0.011),
            candidate(2, 13, 0.2),
            candidate(3, 14, 0.0),
            candidate(4, 14, 0.0),
        ];
        assert_eq!(clear_matches(&all, FAR), [clear]);
        assert_eq!(clear_matches(&[], FAR), []);
    }
}
