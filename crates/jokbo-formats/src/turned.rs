//! A tensor stored with its axes in another order, read as if they were in the order of its shape.

use std::io;
use std::sync::Arc;

use crate::ReadAt;

/// The elements of one tensor in the order of its shape, last axis fastest, wherever they lie.
///
/// NumPy writes an array in Fortran order when it is a transpose, and PyTorch saves a transposed
/// tensor by its strides. Nothing is copied ahead: a read gathers runs along the axis whose
/// elements lie side by side.
#[derive(Debug)]
pub(crate) struct Turned {
    inner: Arc<dyn ReadAt>,
    /// First byte of the first element.
    start: u64,
    /// Bytes of an element.
    each: u64,
    shape: Vec<u64>,
    /// Elements from one index of an axis to the next.
    strides: Vec<u64>,
    /// The axis whose stride is 1.
    fast: usize,
}

impl Turned {
    /// Of elements of `each` bytes from byte `start` of `inner` on. `None` unless the axes, in some
    /// order, fill the elements without a gap. The caller has checked that the product of `shape`
    /// and `each` is a number of 64 bits, and that so many bytes are there.
    pub(crate) fn of(
        inner: Arc<dyn ReadAt>,
        start: u64,
        each: u64,
        shape: &[u64],
        strides: &[u64],
    ) -> Option<Self> {
        // Without axes of one element, so that the first axis has rows to choose from.
        let long = shape.iter().zip(strides).filter(|(size, _)| **size != 1);
        let (shape, strides): (Vec<u64>, Vec<u64>) = long.unzip();
        let fast = fastest(&shape, &strides)?;
        Some(Self { inner, start, each, shape, strides, fast })
    }

    /// Whether axes of these strides can be read: see [`Turned::of`].
    pub(crate) fn can_be(shape: &[u64], strides: &[u64]) -> bool {
        fastest(shape, strides).is_some()
    }

    /// Strides of an array whose first axis is the fastest.
    pub(crate) fn fortran(shape: &[u64]) -> Vec<u64> {
        let mut stride = 1u64;
        let step = |&size: &u64| {
            let this = stride;
            stride = stride.saturating_mul(size);
            this
        };
        shape.iter().map(step).collect()
    }

    /// Elements behind one index of the first axis.
    fn row(&self) -> u64 {
        self.shape.iter().skip(1).product()
    }

    /// Rows `from .. to` of the first axis, in the order of the shape.
    fn rows(&self, from: u64, to: u64) -> io::Result<Vec<u8>> {
        let mut shape = self.shape.clone();
        if let Some(first) = shape.first_mut() {
            *first = to - from;
        }
        let elements: u64 = shape.iter().product();
        let each = place(self.each)?;
        let mut out = vec![0; place(elements * self.each)?];
        let steps = steps(&shape);
        let (run, jump) = (shape[self.fast], place(steps[self.fast] * self.each)?);
        let mut line = vec![0; place(run * self.each)?];
        let first = self.strides.first().map_or(0, |stride| stride * from);
        let mut at = vec![0u64; shape.len()];
        loop {
            let sum = |by: &[u64]| -> u64 { at.iter().zip(by).map(|(i, step)| i * step).sum() };
            let stored = self.start + (first + sum(&self.strides)) * self.each;
            self.inner.read_exact_at(&mut line, stored)?;
            let to = place(sum(&steps) * self.each)?;
            for (element, k) in line.chunks_exact(each).zip(0..) {
                let to = to + k * jump;
                out[to..to + each].copy_from_slice(element);
            }
            if !self.advance(&mut at, &shape) {
                return Ok(out);
            }
        }
    }

    /// The next place along all axes but the fast one, or `false` after the last.
    fn advance(&self, at: &mut [u64], shape: &[u64]) -> bool {
        for axis in (0..shape.len()).rev().filter(|&axis| axis != self.fast) {
            at[axis] += 1;
            if at[axis] < shape[axis] {
                return true;
            }
            at[axis] = 0;
        }
        false
    }
}

impl ReadAt for Turned {
    fn len(&self) -> u64 {
        self.shape.iter().product::<u64>() * self.each
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let n = u64::try_from(buffer.len()).unwrap_or(u64::MAX);
        let end = offset.checked_add(n).filter(|end| *end <= self.len());
        let end = end.ok_or(io::ErrorKind::UnexpectedEof)?;
        if n == 0 {
            return Ok(());
        }
        let row = self.row() * self.each;
        let (from, to) = (offset / row, end.div_ceil(row));
        let rows = self.rows(from, to)?;
        let start = place(offset - from * row)?;
        buffer.copy_from_slice(&rows[start..start + buffer.len()]);
        Ok(())
    }
}

/// The axis whose elements lie side by side, when the axes in some order fill all elements without
/// a gap. An axis of one element has no next, and its stride means nothing.
fn fastest(shape: &[u64], strides: &[u64]) -> Option<usize> {
    if shape.len() != strides.len() || shape.contains(&0) {
        return None;
    }
    let mut order: Vec<usize> = (0..shape.len()).filter(|&axis| shape[axis] != 1).collect();
    order.sort_by_key(|&axis| strides[axis]);
    let mut want = 1u64;
    for &axis in &order {
        if strides[axis] != want {
            return None;
        }
        want = want.checked_mul(shape[axis])?;
    }
    order.first().copied()
}

/// Elements from one index of an axis to the next in the order of `shape`.
fn steps(shape: &[u64]) -> Vec<u64> {
    let mut steps = Turned::fortran(&shape.iter().rev().copied().collect::<Vec<_>>());
    steps.reverse();
    steps
}

fn place(n: u64) -> io::Result<usize> {
    usize::try_from(n).map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Memory;

    /// Elements 0, 1, 2, … of two bytes each, after three others.
    fn turned(shape: &[u64], strides: &[u64]) -> Option<Turned> {
        let n: u64 = shape.iter().product();
        let numbers = (0..u16::try_from(n).unwrap()).flat_map(u16::to_le_bytes);
        let bytes = [9, 9, 9].into_iter().chain(numbers).collect();
        Turned::of(Arc::new(Memory(bytes)), 3, 2, shape, strides)
    }

    /// What each element of the shape is, worked out index by index.
    fn want(shape: &[u64], strides: &[u64]) -> Vec<u8> {
        let n: u64 = shape.iter().product();
        let steps = steps(shape);
        let stored = |k: u64| -> u64 {
            let index = steps.iter().zip(shape).map(|(step, size)| k / step % size);
            index.zip(strides).map(|(i, stride)| i * stride).sum()
        };
        (0..n).flat_map(|k| u16::try_from(stored(k)).unwrap().to_le_bytes()).collect()
    }

    #[test]
    fn every_order_of_the_axes_is_read_in_the_order_of_the_shape() {
        for (shape, strides) in [
            (&[4, 3][..], &[1, 4][..]),
            (&[4, 3], &[3, 1]),
            (&[2, 3, 4], &[1, 2, 6]),
            (&[2, 3, 4], &[12, 1, 3]),
            (&[2, 3, 4], &[1, 8, 2]),
            (&[2, 1, 3, 1], &[1, 99, 2, 0]),
            (&[5, 4, 3, 2], &[24, 1, 8, 4]),
        ] {
            let turned = turned(shape, strides).unwrap();
            let all = want(shape, strides);
            assert_eq!(turned.len(), all.len() as u64);
            for from in [0, 1, 4, 7, all.len() - 1] {
                for to in from..=all.len() {
                    let mut got = vec![0; to - from];
                    turned.read_exact_at(&mut got, from as u64).unwrap();
                    assert_eq!(got, all[from..to], "{shape:?} {strides:?} {from} {to}");
                }
            }
        }
    }

    #[test]
    fn elements_with_gaps_or_in_two_places_are_not_read() {
        for strides in [&[1, 5][..], &[0, 1], &[3, 2], &[3], &[4, 4]] {
            assert!(turned(&[4, 3], strides).is_none(), "{strides:?}");
        }
        assert!(turned(&[0, 3], &[3, 1]).is_none());
        assert!(turned(&[], &[]).is_none());
    }

    #[test]
    fn nothing_is_read_beyond_the_end() {
        let turned = turned(&[4, 3], &[1, 4]).unwrap();
        for (offset, n) in [(23, 2), (24, 1), (u64::MAX, 2)] {
            let error = turned.read_exact_at(&mut vec![0; n], offset).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
        }
        assert!(turned.read_exact_at(&mut [], 24).is_ok());
    }
}
