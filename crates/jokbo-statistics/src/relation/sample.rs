//! Some rows of a pair of tensors, side by side.

use std::sync::Arc;

use super::rounding::Rounding;
use crate::seed::Draws;

/// Rows of the suspect's tensor A and of the reference's tensor B, shape `[rows, cols]` each.
///
/// Elements of which either side is not finite are held as 0 on both sides.
#[derive(Debug, Clone)]
pub struct Sample {
    rows: usize,
    cols: usize,
    a: Arc<Vec<f32>>,
    b: Arc<Vec<f32>>,
    /// How A is stored; `None` for a type in blocks.
    pub rounding_a: Option<Rounding>,
    /// How B is stored; `None` for a type in blocks.
    pub rounding_b: Option<Rounding>,
}

impl Sample {
    /// Puts rows side by side. `None` unless both lengths are `rows · cols` and neither is 0.
    pub fn new(
        cols: usize,
        (mut a, mut b): (Vec<f32>, Vec<f32>),
        (rounding_a, rounding_b): (Option<Rounding>, Option<Rounding>),
    ) -> Option<Self> {
        if cols == 0 || a.is_empty() || a.len() != b.len() || a.len() % cols != 0 {
            return None;
        }
        for (x, y) in a.iter_mut().zip(&mut b) {
            if !x.is_finite() || !y.is_finite() {
                (*x, *y) = (0.0, 0.0);
            }
        }
        let rows = a.len() / cols;
        Some(Self { rows, cols, a: a.into(), b: b.into(), rounding_a, rounding_b })
    }

    /// A and B again, for their memory to be used again. `None` where another sample still holds them.
    pub fn into_sides(self) -> Option<(Vec<f32>, Vec<f32>)> {
        Some((Arc::try_unwrap(self.a).ok()?, Arc::try_unwrap(self.b).ok()?))
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of columns.
    pub fn cols(&self) -> usize {
        self.cols
    }

    /// A's elements in row order.
    pub fn a(&self) -> &[f32] {
        &self.a
    }

    /// B's elements in row order.
    pub fn b(&self) -> &[f32] {
        &self.b
    }

    /// The pairs `(a, b)` in row order.
    pub fn pairs(&self) -> impl Iterator<Item = (f64, f64)> + Clone + '_ {
        self.a.iter().zip(self.b.iter()).map(|(&a, &b)| (f64::from(a), f64::from(b)))
    }

    /// The rows of A and of B, in their order: `rows` pairs of `cols` elements each.
    pub fn lines(&self) -> impl Iterator<Item = (&[f32], &[f32])> + Clone {
        self.a.chunks_exact(self.cols).zip(self.b.chunks_exact(self.cols))
    }

    /// The same rows with A and B exchanged. No element is moved.
    #[must_use]
    pub fn swapped(&self) -> Self {
        Self {
            a: self.b.clone(),
            b: self.a.clone(),
            rounding_a: self.rounding_b,
            rounding_b: self.rounding_a,
            ..*self
        }
    }

    /// The same rows with A's element put for B's wherever `gone` says so of `(a, b)`: those
    /// elements then count as unchanged.
    #[must_use]
    pub fn without(&self, gone: impl Fn(f32, f32) -> bool) -> Self {
        let kept = |(&a, &b): (&f32, &f32)| if gone(a, b) { a } else { b };
        let b: Vec<f32> = self.a.iter().zip(self.b.iter()).map(kept).collect();
        Self { b: b.into(), a: self.a.clone(), ..*self }
    }

    /// How both sides round; `None` where one is stored in blocks.
    pub(super) fn roundings(&self) -> Option<Roundings> {
        let (a, b) = (self.rounding_a?, self.rounding_b?);
        let share_of_b = if b.is_coarser_than(a) { 1.0 } else { 0.0 };
        Some(Roundings { a, b, share_of_b })
    }

    /// The same where B may be the rounded side as well as A.
    fn rounding_of_b(&self, b: f64) -> f64 {
        let (Some(of_a), Some(of_b)) = (self.rounding_a, self.rounding_b) else { return 0.0 };
        if of_a.is_coarser_than(of_b) { 0.0 } else { of_b.variance(b) }
    }

    /// The change `A - B` on at most `n` rows and `n` columns, the columns drawn by `seed`.
    pub fn square(&self, n: usize, seed: u64) -> Square {
        let roundings = self.roundings();
        let cols = Draws::new(seed, "relation/columns").choose(self.cols as u64, n as u64);
        let rows = self.rows.min(n);
        let mut square =
            Square { rows, cols: cols.len(), change: Vec::new(), rounding: Vec::new() };
        for row in 0..rows {
            for &col in &cols {
                let at = row * self.cols + usize::try_from(col).unwrap_or(0);
                let (a, b) = (f64::from(self.a[at]), f64::from(self.b[at]));
                square.change.push(a - b);
                let rounding = roundings.map_or(0.0, |of| of.variance(a, b));
                square.rounding.push(rounding.max(self.rounding_of_b(b)));
            }
        }
        square
    }
}

/// How the two sides of a sample round.
#[derive(Debug, Clone, Copy)]
pub(super) struct Roundings {
    a: Rounding,
    b: Rounding,
    /// 1 where B is the coarser type, else 0.
    share_of_b: f64,
}

impl Roundings {
    /// How far, squared and on average, rounding alone moves `a - b`: the rounding of A, and that
    /// of B where B is the coarser type (the number that was rounded to B is then not known).
    #[inline]
    pub(super) fn variance(self, a: f64, b: f64) -> f64 {
        self.a.variance(a) + self.share_of_b * self.b.variance(b)
    }
}

/// The change at the crossings of some rows and columns, shape `[rows, cols]`.
#[derive(Debug, Clone)]
pub struct Square {
    /// Number of rows.
    pub rows: usize,
    /// Number of columns.
    pub cols: usize,
    /// `A - B`.
    pub change: Vec<f64>,
    /// Variance that rounding alone gives each element, whichever side was rounded.
    pub rounding: Vec<f64>,
}
