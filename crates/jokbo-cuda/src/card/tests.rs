//! Everything but the card itself, on a card made of plain loops in column order.

use std::cell::RefCell;

use super::*;
use crate::call::tests::naive;
use jokbo_statistics::device::Device;
use jokbo_statistics::matrix::Matrix;
use jokbo_statistics::relation::spectrum;
use jokbo_statistics::seed::Draws;

/// Plain loops, with so much memory and no more.
#[derive(Debug)]
struct Loops {
    free: u64,
    said: RefCell<Vec<&'static str>>,
    /// What fails, by name.
    fails: &'static str,
}

impl Loops {
    fn new(free: u64) -> Self {
        Self { free, said: RefCell::default(), fails: "" }
    }

    fn says(&self, what: &'static str) -> Result<(), String> {
        self.said.borrow_mut().push(what);
        if what == self.fails { Err(format!("no {what} today")) } else { Ok(()) }
    }
}

impl Card for Loops {
    type Numbers = Vec<f32>;

    fn enter(&self) -> Result<(), String> {
        self.says("enter")
    }

    fn free(&self) -> Result<u64, String> {
        self.says("free").map(|()| self.free)
    }

    fn put(&self, numbers: &[f32]) -> Result<Vec<f32>, String> {
        self.says("put").map(|()| numbers.to_vec())
    }

    fn room(&self, length: usize) -> Result<Vec<f32>, String> {
        self.says("room").map(|()| vec![f32::NAN; length])
    }

    fn gemm(
        &self,
        call: &Gemm,
        first: &Vec<f32>,
        second: &Vec<f32>,
        out: &mut Vec<f32>,
    ) -> Result<(), String> {
        self.says("gemm")?;
        assert!(call.fits(first.len(), second.len(), out.len()), "{call:?}");
        let bytes = 4 * (first.len() + second.len() + out.len()) as u64;
        assert!(bytes <= self.free - self.free / 5, "{bytes} of {}", self.free);
        naive(call, first, second, out);
        Ok(())
    }

    fn take(&self, from: &Vec<f32>, to: &mut [f32]) -> Result<(), String> {
        to.copy_from_slice(from);
        self.says("take")
    }

    fn needed(&self, call: &Svd) -> Result<u64, String> {
        self.says("needed").map(|()| 8 * call.m as u64 * call.n as u64)
    }

    fn singular_values(&self, call: &Svd, matrix: &[f64]) -> Result<Vec<f64>, String> {
        self.says("values")?;
        let (m, n) = (call.m as usize, call.n as usize);
        assert!(call.fits(matrix.len(), n) && n <= m);
        // Column order read as row order is the transposed matrix.
        let mut values = spectrum::singular_values(n, m, matrix);
        values.reverse();
        Ok(values)
    }
}

fn noise(rows: usize, cols: usize, seed: u64) -> Matrix {
    let mut draws = Draws::new(seed, "noise");
    let values = (0..rows * cols).map(|_| draws.below(2001) as f32 / 1000.0 - 1.0).collect();
    Matrix::new(rows, cols, values).unwrap()
}

fn apart(got: &[f32], want: &Matrix) -> f32 {
    assert_eq!(got.len(), want.values().len());
    got.iter().zip(want.values()).map(|(g, w)| (g - w).abs()).fold(0.0, f32::max)
}

#[test]
fn a_product_is_the_same_however_little_memory_cuts_it() {
    for (n, m, width) in [(37, 23, 11), (1, 40, 9), (40, 1, 9), (5, 5, 64)] {
        let (a, b) = (noise(n, width, 1), noise(m, width, 2));
        let want = a.times_transposed(&b);
        let mut pieces = Vec::new();
        for free in [1 << 20, 8_000, 3_000, 20 * width as u64] {
            let cuda = Cuda::on(Loops::new(free));
            let made = cuda.products(a.values(), b.values(), (n, m, width)).unwrap();
            assert!(apart(&made, &want) < 1e-5, "{n} {m} {width} in {free}");
            let card = cuda.0.lock().unwrap();
            let said = card.said.borrow();
            assert_eq!(said[..2], ["enter", "free"], "memory is asked for before any is taken");
            pieces.push(said.iter().filter(|what| **what == "gemm").count());
        }
        assert_eq!(pieces[0], 1);
        assert!(pieces.is_sorted() && 1 < pieces[3], "{pieces:?}");
    }
}

#[test]
fn what_does_not_fit_at_all_says_how_much_there_is() {
    let (a, b) = (noise(2, 100, 1), noise(3, 100, 2));
    let cuda = Cuda::on(Loops::new(100));
    let why = cuda.products(a.values(), b.values(), (2, 3, 100)).unwrap_err();
    assert_eq!(why, "100 bytes are free on it, too few for rows of 100 numbers");
    let why = cuda.singular_values(4, 5, &[1.0; 20]).unwrap_err();
    assert_eq!(why, "100 bytes are free on it, too few for 160");
    let card = cuda.0.lock().unwrap();
    let said = card.said.borrow();
    assert!(!said.contains(&"put") && !said.contains(&"values"), "{said:?}");
}

#[test]
fn what_is_empty_or_no_matrix_never_reaches_the_card() {
    let cuda = Cuda::on(Loops::new(1 << 20));
    assert_eq!(cuda.products(&[], &[], (2, 3, 0)), Ok(vec![0.0; 6]));
    assert_eq!(cuda.products(&[], &[1.0, 2.0], (0, 2, 1)), Ok(Vec::new()));
    assert_eq!(cuda.singular_values(0, 4, &[]), Ok(Vec::new()));
    let why = cuda.products(&[1.0], &[1.0], (1, 2, 1)).unwrap_err();
    assert_eq!(why, "1 and 1 numbers are not the rows");
    assert!(cuda.products(&[], &[], (usize::MAX, usize::MAX, 2)).is_err());
    assert!(cuda.singular_values(2, 2, &[1.0; 3]).unwrap_err().contains("no matrix of 2 by 2"));
    assert_eq!(cuda.singular_values(1, 2, &[1.0, f64::NAN]).unwrap_err(), "a number is not finite");
    assert!(cuda.0.lock().unwrap().said.borrow().is_empty());
}

#[test]
fn singular_values_come_from_high_wide_and_square_matrices_largest_first() {
    for (rows, cols) in [(7, 12), (12, 7), (9, 9), (1, 4), (4, 1)] {
        let matrix: Vec<f64> = noise(rows, cols, 4).values().iter().map(|&x| x.into()).collect();
        let cuda = Cuda::on(Loops::new(1 << 20));
        let got = cuda.singular_values(rows, cols, &matrix).unwrap();
        let want = spectrum::singular_values(rows, cols, &matrix);
        assert_eq!(got.len(), rows.min(cols));
        assert!(got.iter().zip(&want).all(|(g, w)| (g - w).abs() < 1e-9), "{got:?} {want:?}");
    }
}

#[test]
fn whatever_fails_on_the_card_is_a_fault_and_not_a_number() {
    let (a, b) = (noise(8, 9, 1), noise(7, 9, 2));
    for fails in ["enter", "free", "put", "room", "gemm", "take"] {
        let cuda = Cuda::on(Loops { fails, ..Loops::new(1 << 20) });
        let why = cuda.products(a.values(), b.values(), (8, 7, 9)).unwrap_err();
        assert_eq!(why, format!("no {fails} today"));
    }
    for fails in ["enter", "free", "needed", "values"] {
        let cuda = Cuda::on(Loops { fails, ..Loops::new(1 << 20) });
        let why = cuda.singular_values(2, 2, &[1.0; 4]).unwrap_err();
        assert_eq!(why, format!("no {fails} today"));
    }
}

#[test]
fn small_products_stay_where_they_are() {
    let cuda = Cuda::on(Loops::new(1 << 30));
    assert!(cuda.takes_products(512, 512, 512));
    assert!(!cuda.takes_products(512, 512, 511));
    // A row against a table is moved, not multiplied.
    assert!(!cuda.takes_products(1, 1 << 16, 1 << 12));
    assert!(!cuda.takes_products(usize::MAX, usize::MAX, 2));
    assert!(!cuda.takes_products(0, 0, 0));
    assert!(cuda.takes_singular_values(256, 300) && !cuda.takes_singular_values(4096, 255));
    let (small, wide) = (noise(20, 30, 1), noise(512, 512, 2));
    let device = Device::with(cuda);
    assert_eq!(device.name(), "cuda");
    assert_eq!(device.times_transposed(&small, &small), small.times_transposed(&small));
    let (got, want) = (device.times_transposed(&wide, &wide), wide.times_transposed(&wide));
    assert!(apart(got.values(), &want) < 1e-3 && got != want, "the loops sum in another order");
    assert_eq!(device.check(), Ok(()));
}
