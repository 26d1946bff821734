//! The rows that a test of numbering compares: one row of features per unit.

use std::ops::Range;

use crate::lanes::sums;
use crate::number::float_usize;

/// Centring in `f32` leaves about one part in 10^7 of a column's mean; ten times that is kept away
/// from being scaled up to a direction.
pub(crate) const ROUNDING: f64 = 1e-6;

/// Features of `n` units of one model, shape `[n, d]` in row order.
///
/// Tensors that share the unit axis are laid side by side with [`Features::push`]. Everything done
/// to them treats all units alike, so renumbering the units only renumbers the rows: that is what
/// keeps a permutation test on them exact.
#[derive(Debug, Clone, PartialEq)]
pub struct Features {
    units: usize,
    width: usize,
    rows: Vec<f32>,
}

impl Features {
    /// No features yet, for `units` units.
    pub fn new(units: usize) -> Self {
        Self { units, width: 0, rows: Vec::new() }
    }

    /// Number of units.
    pub fn units(&self) -> usize {
        self.units
    }

    /// Number of features of each unit.
    pub fn width(&self) -> usize {
        self.width
    }

    /// The features of unit `unit`.
    pub fn row(&self, unit: usize) -> &[f32] {
        &self.rows[unit * self.width..(unit + 1) * self.width]
    }

    /// The features of all units, one after another.
    pub(crate) fn rows(&self) -> &[f32] {
        &self.rows
    }

    /// Appends one tensor's values, shape `[units, width]`, as they are. A value that is not
    /// finite becomes 0: it is listed elsewhere and must not poison a score.
    ///
    /// # Panics
    /// When the length is not a multiple of the number of units: a bug of the caller.
    pub fn push(&mut self, values: &[f32]) {
        let mut all = Self::zeros(self.units, self.width + values.len() / self.units.max(1));
        all.put(0, &self.rows);
        all.put(self.width, values);
        *self = all;
    }

    /// Appends one tensor's values after centring each column over the units and scaling the
    /// tensor to a mean square of 1, so that every element weighs the same whatever its tensor's
    /// scale. A constant tensor becomes zeros.
    ///
    /// # Panics
    /// As [`Features::push`].
    pub fn push_centred(&mut self, values: &[f32]) {
        let at = self.width;
        self.push(values);
        self.centre(at, self.width - at);
    }

    /// Zeros of shape `[units, width]`, to be filled tensor by tensor.
    pub fn zeros(units: usize, width: usize) -> Self {
        Self { units, width, rows: vec![0.0; units * width] }
    }

    /// Puts one tensor's values, shape `[units, w]`, in place of columns `at..at + w`, otherwise as
    /// [`Features::push`].
    ///
    /// # Panics
    /// As [`Features::push`], and where there are not as many columns: a bug of the caller.
    pub fn put(&mut self, at: usize, values: &[f32]) {
        if self.units == 0 {
            return;
        }
        assert_eq!(values.len() % self.units, 0, "features must come as whole rows");
        let wide = values.len() / self.units;
        assert!(at + wide <= self.width, "features must find room");
        for (row, new) in self.rows.chunks_mut(self.width.max(1)).zip(values.chunks(wide.max(1))) {
            let places = row[at..at + wide].iter_mut();
            places.zip(new).for_each(|(x, &new)| *x = or_zero(new));
        }
    }

    /// As [`Features::put`], of values of shape `[w, units or more]`: unit by unit down the columns, a square at
    /// a time, so that what is read and what is written both stay in the cache.
    ///
    /// # Panics
    /// Where there are not as many columns: a bug of the caller.
    pub fn put_turned(&mut self, at: usize, values: &[f32], units: usize) {
        const SQUARE: usize = 16;
        let wide = values.len() / units.max(1);
        for columns in (0..wide).step_by(SQUARE) {
            for unit in 0..self.units.min(units) {
                let row = &mut self.rows[unit * self.width + at..];
                for column in columns..wide.min(columns + SQUARE) {
                    row[column] = or_zero(values[column * units + unit]);
                }
            }
        }
    }

    /// Centres columns `at..at + wide` and scales them together, as [`Features::push_centred`] does with those
    /// of one tensor.
    pub fn centre(&mut self, at: usize, wide: usize) {
        centre(&mut self.rows, self.width, at..at + wide);
    }

    /// Scales every unit's features to Euclidean length 1. A unit of zeros stays zeros, and one
    /// shorter than a millionth of the longest is what rounding left of zeros and becomes them.
    #[must_use]
    pub fn unit_rows(mut self) -> Self {
        let width = self.width.max(1);
        let length = |row: &[f32]| -> f64 {
            row.iter().map(|&x| f64::from(x) * f64::from(x)).sum::<f64>().sqrt()
        };
        let longest = self.rows.chunks_exact(width).map(length).fold(0.0, f64::max);
        for row in self.rows.chunks_exact_mut(width) {
            let length = length(row);
            let scale = if length <= ROUNDING * longest { 0.0 } else { narrow(length.recip()) };
            row.iter_mut().for_each(|x| *x *= scale);
        }
        self
    }

    /// Removes each column's mean over the units.
    #[must_use]
    pub fn centred(mut self) -> Self {
        centre_columns(&mut self.rows, self.width, 0..self.width);
        self
    }
}

/// Removes the mean of each of these columns, over rows `width` wide, and scales all of them to a mean square
/// of 1; columns that are all constant become zeros. Sums in `f64`.
fn centre(values: &mut [f32], width: usize, columns: Range<usize>) {
    if columns.is_empty() || values.is_empty() {
        return;
    }
    centre_columns(values, width, columns.clone());
    let rows = values.chunks_exact(width).map(|row| &row[columns.clone()]);
    let square: f64 = rows.map(|row| sums(row, row, |x, _| [x * x])[0]).sum();
    let scale = (square / float_usize(values.len() / width * columns.len())).sqrt();
    if 0.0 < scale {
        let scale = narrow(scale.recip());
        let rows = values.chunks_exact_mut(width);
        rows.for_each(|row| row[columns.clone()].iter_mut().for_each(|x| *x *= scale));
    }
}

/// Removes the mean of each of these columns, over rows `width` wide; sums in `f64`.
fn centre_columns(values: &mut [f32], width: usize, columns: Range<usize>) {
    if columns.is_empty() || values.is_empty() {
        return;
    }
    let mut means = vec![0.0f64; columns.len()];
    for row in values.chunks_exact(width) {
        let row = row[columns.clone()].iter();
        means.iter_mut().zip(row).for_each(|(mean, &x)| *mean += f64::from(x));
    }
    let n = float_usize(values.len() / width);
    for row in values.chunks_exact_mut(width) {
        let row = row[columns.clone()].iter_mut();
        row.zip(&means).for_each(|(x, mean)| *x = narrow(f64::from(*x) - mean / n));
    }
}

/// A value that is not finite is 0: it is listed elsewhere and must not poison a score.
fn or_zero(x: f32) -> f32 {
    if x.is_finite() { x } else { 0.0 }
}

/// Nearest `f32`.
#[allow(clippy::cast_possible_truncation, reason = "rounding to nearest is meant")]
pub(crate) fn narrow(x: f64) -> f32 {
    x as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::near::near;

    #[test]
    fn tensors_are_laid_side_by_side() {
        let mut features = Features::new(2);
        features.push(&[1.0, 2.0, 3.0, 4.0]);
        features.push(&[5.0, 6.0]);
        assert_eq!(
            (features.row(0), features.row(1)),
            (&[1.0, 2.0, 5.0][..], &[3.0, 4.0, 6.0][..])
        );
    }

    #[test]
    fn put_in_their_places_they_are_what_they_are_one_after_another() {
        let tensors = [vec![1.0f32, 2.0, 3.0, 5.0], vec![7.0, -6.0], vec![]];
        let (mut stored, mut centred) = (Features::new(2), Features::new(2));
        let mut put = [Features::zeros(2, 3), Features::zeros(2, 3)];
        for (tensor, at) in tensors.iter().zip([0, 2, 3]) {
            stored.push(tensor);
            centred.push_centred(tensor);
            put[0].put(at, tensor);
            put[1].put(at, tensor);
            put[1].centre(at, tensor.len() / 2);
        }
        assert_eq!(put, [stored, centred]);
    }

    #[test]
    fn turned_values_find_the_places_of_the_others_and_later_units_are_left_out() {
        let (units, wide) = (19, 35);
        let values: Vec<f32> = (0u8..=255).cycle().take(units * wide).map(f32::from).collect();
        let turned: Vec<f32> =
            (0..units * wide).map(|k| values[k % units * wide + k / units]).collect();
        for kept in [0, 1, 18, 19] {
            let (mut straight, mut other) = (Features::zeros(kept, 40), Features::zeros(kept, 40));
            straight.put(3, &values[..kept * wide]);
            other.put_turned(3, &turned, units);
            assert_eq!(straight, other);
        }
    }

    #[test]
    fn centring_removes_what_all_units_share_and_scale_with_it() {
        let mut features = Features::new(3);
        features.push_centred(&[101.0, 102.0, 103.0]);
        features.push_centred(&[7.0; 3]);
        let rows: Vec<f32> = (0..3).flat_map(|u| features.row(u).to_vec()).collect();
        near(rows[0].into(), -1.5f64.sqrt(), 1e-6);
        assert_eq!((rows[2], rows[1], rows[3]), (0.0, 0.0, 0.0));
        let unit = features.unit_rows();
        near(unit.row(2)[0].into(), 1.0, 1e-6);
        assert_eq!(unit.row(1), [0.0, 0.0]);
    }

    #[test]
    fn a_value_that_is_not_finite_becomes_zero() {
        let mut features = Features::new(2);
        features.push(&[f32::NAN, f32::INFINITY]);
        assert_eq!((features.row(0), features.row(1)), (&[0.0][..], &[0.0][..]));
    }
}
