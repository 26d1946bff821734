//! Attention by what its function cannot change.
//!
//! A head may be rewritten without changing what the network computes. Any invertible matrix may stand
//! between values and outputs, and one between queries and keys where positions are not rotary; with
//! rotary positions a complex factor `c` on a pair of key coordinates and `1 / c̄` on that of the
//! queries. What none of these touches are two maps of the residual stream into itself,
//!
//! ```text
//! reads   Qᵀ K   shape [d, d]: which coordinates are compared with which
//! writes  O V    shape [d, d]: what a coordinate that is attended to becomes
//! ```
//!
//! (Elhage et al., *A Mathematical Framework for Transformer Circuits*, 2021, call them the QK and OV
//! circuits: here a [`Circuit`] each, so that both need not be held at once). `⟨O_A V_A, O_B V_B⟩ = tr((V_B V_Aᵀ)(O_Aᵀ O_B))`, and `Qᵀ K` is the real part of
//! `Σ conj(q) k` over rotary pairs, in which `c` cancels whichever coordinates are paired: so neither
//! pairing need be known. Under grouped queries the maps of a group are sums over its query heads,
//! which do not depend on their order, and the sum over all heads does not depend on any numbering of
//! heads.
//!
//! Two tests come of it. Heads are the units of one ([`maps_of_groups`](Circuit::maps_of_groups),
//! [`maps_of_heads`](Circuit::maps_of_heads)): exact under the stored numbering, and weak where heads
//! are few. Residual coordinates are those of the other ([`along`](Circuit::along)): with the
//! coordinates cut in two halves, S1 held and S2 renumbered, a coordinate of S2 has the features
//! `M[S1, j]` and `M[j, S1]` of the sums over heads, and the aligned test over renumberings of S2 is
//! exact however the heads were numbered, mixed or turned.

use std::borrow::Cow;
use std::ops::Range;

use crate::assignment::assign;
use crate::features::Features;
use crate::matrix::{Matrix, products};
use crate::number::float_usize;
use crate::standardise;

/// How the rows of a layer's attention fall into heads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heads {
    /// Heads of keys and values.
    pub groups: usize,
    /// Query heads that share one of them.
    pub each: usize,
}

/// What the heads of one layer read, or what they write, over some coordinates of the residual stream.
#[derive(Debug, Clone)]
pub struct Circuit {
    heads: Heads,
    per_query: Matrix,
    per_group: Matrix,
}

impl Circuit {
    /// From queries `[s, groups · each · q]` with keys `[s, groups · q]`, or from outputs
    /// `[s, groups · each · v]` with values `[s, groups · v]`: a row for each of `s` coordinates. `None` when
    /// the shapes do not fit each other.
    pub fn new(heads: Heads, per_query: Matrix, per_group: Matrix) -> Option<Self> {
        let Heads { groups, each } = heads;
        let (many, few) = (per_query.cols(), per_group.cols());
        let fit = 0 < groups
            && 0 < each
            && few.is_multiple_of(groups)
            && few.checked_mul(each) == Some(many)
            && 0 < many
            && per_query.rows() == per_group.rows();
        fit.then_some(Self { heads, per_query, per_group })
    }

    /// How many heads there are.
    pub fn heads(&self) -> Heads {
        self.heads
    }

    /// What each group of heads reads, or writes, between the first `few` coordinates, one row a
    /// group, shape `[groups, few²]`; summed over its query heads. Time `O(few² · rows)`.
    pub fn maps_of_groups(&self, few: usize) -> Matrix {
        let Heads { groups, each } = self.heads;
        self.rows_of(groups, few, |g| (g, g * each..(g + 1) * each))
    }

    /// What each query head of one group reads, or writes, shape `[each, few²]`.
    pub fn maps_of_heads(&self, group: usize, few: usize) -> Matrix {
        let each = self.heads.each;
        self.rows_of(each, few, |k| (group, group * each + k..group * each + k + 1))
    }

    fn rows_of(
        &self,
        units: usize,
        few: usize,
        of: impl Fn(usize) -> (usize, Range<usize>),
    ) -> Matrix {
        let few = few.min(self.per_query.rows());
        let [left, right] = [&self.per_query, &self.per_group].map(|m| m.rows_in(0..few));
        let size = right.cols() / self.heads.groups;
        let mut maps = Matrix::zeros(units, few * few);
        for unit in 0..units {
            let (group, heads) = of(unit);
            let mut summed = left.columns(heads.start * size, size);
            for head in heads.skip(1) {
                summed = sum(&summed, &left.columns(head * size, size));
            }
            let map = summed.times_transposed(&right.columns(group * size, size));
            maps.row_mut(unit).copy_from_slice(map.values());
        }
        maps
    }

    /// The features of every coordinate from `first` on along the `first` ones before it, summed over
    /// all heads, either way round. Two matrices of shape `[coordinates - first, first]`. Time
    /// `O(first · coordinates · rows)`.
    pub fn along(&self, first: usize) -> [Matrix; 2] {
        let Self { per_query, per_group, .. } = self;
        let first = first.min(per_query.rows());
        let (held, moved) = (0..first, first..per_query.rows());
        [
            self.over_heads(per_group, moved.clone(), per_query, held.clone()),
            self.over_heads(per_query, moved, per_group, held),
        ]
    }

    /// Rows of `a` times rows of `b`, shape `[rows of a, rows of b]`, summed over all heads. Whichever has rows
    /// for every query head has those of a group added up first.
    fn over_heads(&self, a: &Matrix, of_a: Range<usize>, b: &Matrix, of_b: Range<usize>) -> Matrix {
        let width = a.cols().min(b.cols());
        let ((a, n), (b, m)) = (self.summed(a, of_a, width), self.summed(b, of_b, width));
        Matrix::of_products(n, m, products(&a, &b, width, n, m))
    }

    /// Some rows with the query heads of every group added up, each `width` long; and how many they are.
    fn summed<'a>(
        &self,
        of: &'a Matrix,
        rows: Range<usize>,
        width: usize,
    ) -> (Cow<'a, [f32]>, usize) {
        let Heads { groups, each } = self.heads;
        let values = &of.values()[rows.start * of.cols()..rows.end * of.cols()];
        if of.cols() == width {
            return (values.into(), rows.len());
        }
        let size = width / groups;
        let mut summed = vec![0.0; rows.len() * width];
        for (sums, row) in summed.chunks_exact_mut(width).zip(values.chunks_exact(of.cols())) {
            for (head, row) in row.chunks_exact(size).enumerate() {
                let sums = &mut sums[head / each * size..][..size];
                sums.iter_mut().zip(row).for_each(|(sum, x)| *sum += x);
            }
        }
        (summed.into(), rows.len())
    }
}

/// Rows of features for a test over heads, both maps weighing the same: centred over the units, then
/// of length 1.
pub fn unit_features(maps: &[Matrix]) -> Features {
    let mut features = Features::new(maps.first().map_or(0, Matrix::rows));
    maps.iter().for_each(|map| features.push_centred(map.values()));
    features.unit_rows()
}

/// Heads of one layer assigned twice.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Assigned {
    /// Heads.
    pub heads: u64,
    /// Those that find one partner by what they read and by what they write: K.
    pub agreeing: u64,
    /// Those of them whose partner carries their own number.
    pub own: u64,
    /// Decimal logarithm of `1 / K!`, which bounds `P(K >= k)` if the two assignments are independent.
    /// Nothing was renumbered to get it, so it decides no verdict.
    pub log10_p: f64,
}

/// Assigns the heads of one layer by what they read, and again by what they write. Maps as
/// [`Circuit::maps_of_groups`] gives them of both circuits; columns are standardised first. Time `O(heads² few² +
/// heads³)`.
pub fn assigned(a: &[Matrix; 2], b: &[Matrix; 2]) -> Assigned {
    let by = |k: usize| {
        let ready = |m: &Matrix| standardise::unit_rows(standardise::columns(m.clone()));
        assign(&ready(&a[k]).times_transposed(&ready(&b[k])))
    };
    let (read, written) = (by(0), by(1));
    let both = || read.iter().zip(&written).enumerate().filter(|(_, (x, y))| x.is_some() && x == y);
    let agreeing = both().count();
    Assigned {
        heads: read.len() as u64,
        agreeing: agreeing as u64,
        own: both().filter(|(k, (x, _))| **x == Some(*k)).count() as u64,
        log10_p: -libm::lgamma(float_usize(agreeing) + 1.0) / std::f64::consts::LN_10,
    }
}

fn sum(a: &Matrix, b: &Matrix) -> Matrix {
    a.mean_with(b).scaled(2.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scores::Scores;
    use crate::seed::Draws;
    use proptest::prelude::*;

    const S: usize = 10;

    fn noise(rows: usize, cols: usize, purpose: &str) -> Matrix {
        let mut draws = Draws::new(1, purpose);
        let values = (0..rows * cols).map(|_| draws.below(2001) as f32 / 1000.0 - 1.0).collect();
        Matrix::new(rows, cols, values).unwrap()
    }

    /// What is read and what is written.
    fn attention(heads: Heads, size: usize, purpose: &str) -> [Circuit; 2] {
        let (many, few) = (heads.groups * heads.each * size, heads.groups * size);
        let of = |name: &str, rows: usize| noise(S, rows, &format!("{purpose}/{name}"));
        let circuit =
            |[left, right]: [&str; 2]| Circuit::new(heads, of(left, many), of(right, few)).unwrap();
        [["q", "k"], ["o", "v"]].map(circuit)
    }

    fn maps_of_groups(both: &[Circuit; 2]) -> [Matrix; 2] {
        both.each_ref().map(|circuit| circuit.maps_of_groups(S))
    }

    /// Mixes columns `start .. start + size` of every row by an invertible matrix.
    fn mix(matrix: &mut Matrix, start: usize, by: &Matrix) {
        for r in 0..matrix.rows() {
            let old = matrix.row(r)[start..start + by.cols()].to_vec();
            let terms = |k: usize| by.row(k).iter().zip(&old).map(|(x, y)| x * y);
            (0..by.rows()).for_each(|k| matrix.row_mut(r)[start + k] = terms(k).sum());
        }
    }

    fn diagonal(values: &[f32]) -> Matrix {
        let n = values.len();
        let mut matrix = Matrix::new(n, n, vec![0.0; n * n]).unwrap();
        values.iter().enumerate().for_each(|(k, x)| matrix.row_mut(k)[k] = *x);
        matrix
    }

    /// The reflection along a vector: orthogonal, and its own transpose.
    fn reflection(along: &Matrix) -> Matrix {
        let n = along.cols();
        let square: f32 = along.values().iter().map(|x| x * x).sum();
        let mut matrix = diagonal(&vec![1.0; n]);
        for (r, x) in along.values().iter().enumerate() {
            let row = matrix.row_mut(r).iter_mut().zip(along.values());
            row.for_each(|(entry, y)| *entry -= 2.0 * x * y / square);
        }
        matrix
    }

    /// `c` on the pair (p, q) of coordinates: a rotation and a scale.
    fn complex(size: usize, pair: (usize, usize), (re, im): (f32, f32)) -> Matrix {
        let mut matrix = diagonal(&vec![1.0; size]);
        let (p, q) = pair;
        (matrix.row_mut(p)[p], matrix.row_mut(p)[q]) = (re, -im);
        (matrix.row_mut(q)[p], matrix.row_mut(q)[q]) = (im, re);
        matrix
    }

    fn all_features(a: &[Circuit; 2]) -> Vec<f32> {
        let of = |a: &Circuit| -> Vec<Matrix> {
            let heads = (0..a.heads().groups).map(|g| a.maps_of_heads(g, S));
            heads.chain([a.maps_of_groups(S)]).chain(a.along(4)).collect()
        };
        a.iter().flat_map(of).flat_map(|m| m.values().to_vec()).collect()
    }

    #[track_caller]
    fn alike(a: &[f32], b: &[f32]) {
        assert_eq!(a.len(), b.len());
        let size = a.iter().map(|x| x.abs()).fold(0.0, f32::max);
        let most = a.iter().zip(b).map(|(x, y)| (x - y).abs()).fold(0.0, f32::max);
        assert!(most < 1e-4 * size, "{most} of {size}");
    }

    proptest! {
        #[test]
        fn mixed_values_and_turned_queries_change_no_feature(
            groups in 1usize..4, each in 1usize..4, halves in 1usize..3, interleaved: bool,
            re in 0.5f32..2.0, im in -2.0f32..2.0, seed: u64,
        ) {
            let (heads, size) = (Heads { groups, each }, 2 * halves);
            let plain = attention(heads, size, &format!("{seed}"));
            let mut other = plain.clone();
            let rotation = reflection(&noise(1, size, &format!("mix/{seed}")));
            let stretch: Vec<f32> = (0..size).map(|k| 0.5 + k as f32).collect();
            let inverse: Vec<f32> = stretch.iter().map(|x| x.recip()).collect();
            // Values by D R, outputs by the transposed inverse, which is D⁻¹ R; R is its own transpose.
            let on_values = diagonal(&stretch).times_transposed(&rotation);
            let on_outputs = diagonal(&inverse).times_transposed(&rotation);
            for g in 0..groups {
                let pair = if interleaved { (size - 2, size - 1) } else { (0, size / 2) };
                let [reads, writes] = &mut other;
                let (queries, keys) = (&mut reads.per_query, &mut reads.per_group);
                let (outputs, values) = (&mut writes.per_query, &mut writes.per_group);
                mix(values, g * size, &on_values);
                mix(keys, g * size, &complex(size, pair, (re, im)));
                let square = re * re + im * im;
                // 1 / c̄ = c / |c|².
                let back = complex(size, pair, (re / square, im / square));
                for h in g * each..(g + 1) * each {
                    mix(outputs, h * size, &on_outputs);
                    mix(queries, h * size, &back);
                }
            }
            alike(&all_features(&plain), &all_features(&other));
        }

        #[test]
        fn heads_in_another_order_renumber_the_rows_and_leave_the_sums(
            groups in 2usize..5, each in 1usize..4, seed: u64,
        ) {
            let (heads, size) = (Heads { groups, each }, 2);
            let plain = attention(heads, size, &format!("{seed}"));
            let mut draws = Draws::new(seed, "orders");
            let mut order: Vec<usize> = (0..groups).collect();
            draws.shuffle(&mut order);
            let mut queries = Vec::new();
            for g in &order {
                let mut within: Vec<usize> = (g * each..(g + 1) * each).collect();
                draws.shuffle(&mut within);
                queries.extend(within);
            }
            let columns = |order: &[usize]| -> Vec<usize> {
                order.iter().flat_map(|h| h * size..(h + 1) * size).collect()
            };
            let by = |matrix: &Matrix, order: &[usize]| {
                matrix.transposed().select(&columns(order)).transposed()
            };
            for plain in plain {
                let (per_query, per_group) =
                    (by(&plain.per_query, &queries), by(&plain.per_group, &order));
                let other = Circuit { heads, per_query, per_group };
                for (x, y) in plain.along(3).iter().zip(&other.along(3)) {
                    alike(x.values(), y.values());
                }
                let (x, y) = (plain.maps_of_groups(S), other.maps_of_groups(S));
                alike(x.select(&order).values(), y.values());
            }
        }
    }

    #[test]
    fn a_score_of_heads_is_the_trace_of_products() {
        let heads = Heads { groups: 3, each: 1 };
        let ([_, a], [_, b]) = (attention(heads, 4, "a"), attention(heads, 4, "b"));
        let scores = a.maps_of_groups(S).times_transposed(&b.maps_of_groups(S));
        for (i, j) in [(0, 0), (1, 2), (2, 1)] {
            let block = |m: &Matrix, k: usize| m.transposed().rows_in(4 * k..4 * k + 4);
            let v = block(&b.per_group, j).times_transposed(&block(&a.per_group, i));
            let o = block(&a.per_query, i).times_transposed(&block(&b.per_query, j));
            let trace: f32 =
                (0..4).map(|r| (0..4).map(|c| v.row(r)[c] * o.row(c)[r]).sum::<f32>()).sum();
            assert!((scores.row(i)[j] - trace).abs() < 1e-3, "{i} {j}");
        }
    }

    #[test]
    fn heads_in_another_order_are_assigned_and_unrelated_ones_do_not_agree() {
        let heads = Heads { groups: 12, each: 1 };
        let a = maps_of_groups(&attention(heads, 4, "a"));
        assert_eq!(assigned(&a, &a).own, 12);
        let swapped: Vec<usize> = [1, 0].into_iter().chain(2..12).collect();
        let found = assigned(&a, &[a[0].select(&swapped), a[1].select(&swapped)]);
        assert_eq!((found.heads, found.agreeing, found.own), (12, 12, 10));
        assert!(found.log10_p < -8.0, "{found:?}");
        let others = (0..20).map(|k| {
            let b = maps_of_groups(&attention(heads, 4, &format!("b{k}")));
            assigned(&a, &b).agreeing
        });
        let sum: u64 = others.sum();
        assert!(sum < 60, "{sum} of 240, where 20 are expected");
    }

    #[test]
    fn scores_of_a_layer_with_itself_are_cosines_and_shapes_must_fit() {
        let a = attention(Heads { groups: 4, each: 2 }, 2, "a");
        let features = unit_features(&maps_of_groups(&a));
        let scores = Scores::products(&features, &features);
        assert!(scores.diagonal().iter().all(|x| (x - 1.0).abs() < 1e-5));
        let of = |rows: usize| noise(S, rows, "m");
        let new = |groups, each, many, few| {
            Circuit::new(Heads { groups, each }, of(many), of(few)).is_some()
        };
        assert!(new(2, 3, 12, 4) && new(2, 3, 24, 8));
        assert!(!new(2, 3, 8, 4) && !new(0, 1, 4, 4) && !new(3, 1, 4, 4) && !new(1, 1, 0, 0));
        let longer = noise(S + 1, 4, "m");
        assert!(Circuit::new(Heads { groups: 1, each: 1 }, longer, of(4)).is_none());
    }
}
