//! Where large products are made: here, or on a device that does the same sums in another order.

use std::fmt::{self, Debug};
use std::sync::{Arc, OnceLock};

use crate::features::Features;
use crate::matrix::{Matrix, products};
use crate::relation::spectrum;
use crate::scores::Scores;

/// A device that makes products and singular values in place of the processor.
///
/// What it gives may differ from the processor in the last digits, because it sums in another order,
/// and in nothing else: products in `f32` with no narrower type inside, singular values in `f64`.
pub trait Accelerator: Debug + Send + Sync {
    /// What a report calls it: one word.
    fn name(&self) -> &'static str;

    /// Whether products of `n` rows with `m` rows, each `width` wide, are worth the way to the device.
    fn takes_products(&self, n: usize, m: usize, width: usize) -> bool;

    /// All inner products of `n` rows of `a` with `m` rows of `b`, shape `[n, m]` in row order.
    ///
    /// # Errors
    ///
    /// What went wrong on the device, as the end of a sentence.
    fn products(
        &self,
        a: &[f32],
        b: &[f32],
        shape: (usize, usize, usize),
    ) -> Result<Vec<f32>, String>;

    /// Whether the singular values of a matrix of this shape are worth the way to the device.
    fn takes_singular_values(&self, rows: usize, cols: usize) -> bool;

    /// The singular values of `matrix`, shape `[rows, cols]` in row order, largest first; as many as the
    /// shorter side is long.
    ///
    /// # Errors
    ///
    /// What went wrong on the device, as the end of a sentence.
    fn singular_values(&self, rows: usize, cols: usize, matrix: &[f64])
    -> Result<Vec<f64>, String>;
}

/// The processor, or an [`Accelerator`] beside it. The processor is the default, and the only one that
/// gives the same bits on every machine.
///
/// It is handed to what uses it, so that two comparisons in one program can differ in it.
///
/// A device may fail in the middle. The first fault is kept: from then on the processor does the work, so
/// that no caller holds a made-up number, and [`Device::check`] refuses what came of it. Whoever hands out
/// results asks it first.
#[derive(Clone, Default)]
pub struct Device(Option<Arc<Beside>>);

struct Beside {
    accelerator: Box<dyn Accelerator>,
    fault: OnceLock<Fault>,
}

/// A device that was asked for failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The device.
    pub device: &'static str,
    /// What it was doing, and what went wrong.
    pub what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the device {} failed: {}", self.device, self.what)
    }
}

impl std::error::Error for Fault {}

impl Device {
    /// A device beside the processor.
    pub fn with(accelerator: impl Accelerator + 'static) -> Self {
        let accelerator = Box::new(accelerator);
        Self(Some(Arc::new(Beside { accelerator, fault: OnceLock::new() })))
    }

    /// `cpu`, or the name of what stands beside it.
    pub fn name(&self) -> &'static str {
        self.0.as_ref().map_or("cpu", |beside| beside.accelerator.name())
    }

    /// `a · bᵀ`, shape `[a.rows, b.rows]`. Time `O(a.rows · b.rows · cols)`.
    ///
    /// # Panics
    /// When the rows are not equally wide: a bug of the caller.
    #[must_use]
    pub fn times_transposed(&self, a: &Matrix, b: &Matrix) -> Matrix {
        assert_eq!(a.cols(), b.cols(), "a product needs rows of one width");
        let shape = (a.rows(), b.rows(), a.cols());
        Matrix::of_products(shape.0, shape.1, self.products(a.values(), b.values(), shape))
    }

    /// The inner products of all rows, as [`Scores::products`].
    ///
    /// # Panics
    /// When the shapes differ: a bug of the caller.
    #[must_use]
    pub fn scores(&self, a: &Features, b: &Features) -> Scores {
        assert_eq!((a.units(), a.width()), (b.units(), b.width()), "scores need equal shapes");
        let shape = (a.units(), a.units(), a.width());
        Scores::of_products(a.units(), self.products(a.rows(), b.rows(), shape))
    }

    /// As [`singular_values`](spectrum::singular_values). A device need not go by way of the Gram matrix,
    /// so what drowns in its rounding here may be told there. All differences of squares together must
    /// be within `8 k · 2⁻⁵²` of the largest square, `k` the shorter side: what
    /// [`rank`](crate::relation::rank) allows for.
    #[must_use]
    pub fn singular_values(&self, rows: usize, cols: usize, matrix: &[f64]) -> Vec<f64> {
        let takes = |on: &dyn Accelerator| on.takes_singular_values(rows, cols);
        let made = self.ask("singular values", takes, rows.min(cols), |on| {
            on.singular_values(rows, cols, matrix)
        });
        made.unwrap_or_else(|| spectrum::singular_values(rows, cols, matrix))
    }

    /// Whether nothing went wrong on the device so far.
    ///
    /// # Errors
    ///
    /// The first thing that did.
    pub fn check(&self) -> Result<(), Fault> {
        let fault = self.0.as_ref().and_then(|beside| beside.fault.get());
        fault.map_or(Ok(()), |fault| Err(fault.clone()))
    }

    fn products(&self, a: &[f32], b: &[f32], shape: (usize, usize, usize)) -> Vec<f32> {
        let (n, m, width) = shape;
        let takes = |on: &dyn Accelerator| on.takes_products(n, m, width);
        let made = self.ask("a product", takes, n * m, |on| on.products(a, b, shape));
        made.unwrap_or_else(|| products(a, b, width, n, m))
    }

    /// What the device makes of it; `None` where there is none, the work is not for it, or it failed.
    fn ask<T>(
        &self,
        what: &str,
        takes: impl FnOnce(&dyn Accelerator) -> bool,
        length: usize,
        make: impl FnOnce(&dyn Accelerator) -> Result<Vec<T>, String>,
    ) -> Option<Vec<T>> {
        let beside = self.0.as_ref().filter(|beside| beside.fault.get().is_none())?;
        let on = beside.accelerator.as_ref();
        if !takes(on) {
            return None;
        }
        let made = make(on).and_then(|made| match made.len() == length {
            true => Ok(made),
            false => Err(format!("{} numbers came back, not {length}", made.len())),
        });
        made.map_err(|why| {
            let what = format!("{what}: {why}");
            beside.fault.get_or_init(|| Fault { device: on.name(), what });
        })
        .ok()
    }
}

/// By name: two devices of one name are asked for alike.
impl PartialEq for Device {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Debug for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::near::near;
    use crate::polar;
    use crate::seed::Draws;
    use std::sync::Mutex;

    /// Sums in `f64` what the processor sums in `f32`, takes what is 8 wide and more, and may fail or
    /// lose a number.
    #[derive(Debug, Default)]
    struct Twin {
        asked: Arc<Mutex<usize>>,
        fails: bool,
        loses: bool,
    }

    impl Accelerator for Twin {
        fn name(&self) -> &'static str {
            "twin"
        }

        fn takes_products(&self, _: usize, _: usize, width: usize) -> bool {
            8 <= width
        }

        fn products(
            &self,
            a: &[f32],
            b: &[f32],
            (n, m, width): (usize, usize, usize),
        ) -> Result<Vec<f32>, String> {
            *self.asked.lock().unwrap() += 1;
            if self.fails {
                return Err("it is tired".to_owned());
            }
            let dot = |at: usize| -> f32 {
                let (i, j) = (at / m, at % m);
                let pairs = a[i * width..(i + 1) * width].iter().zip(&b[j * width..]);
                pairs.map(|(&x, &y)| f64::from(x) * f64::from(y)).sum::<f64>() as f32
            };
            Ok((usize::from(self.loses)..n * m).map(dot).collect())
        }

        fn takes_singular_values(&self, rows: usize, cols: usize) -> bool {
            8 <= rows.min(cols)
        }

        fn singular_values(
            &self,
            rows: usize,
            cols: usize,
            matrix: &[f64],
        ) -> Result<Vec<f64>, String> {
            *self.asked.lock().unwrap() += 1;
            Ok(spectrum::singular_values(rows, cols, matrix).into_iter().map(|s| -s).collect())
        }
    }

    fn noise(rows: usize, cols: usize, seed: u64) -> Matrix {
        let mut draws = Draws::new(seed, "noise");
        let values = (0..rows * cols).map(|_| draws.below(2001) as f32 / 1000.0 - 1.0).collect();
        Matrix::new(rows, cols, values).unwrap()
    }

    #[test]
    fn the_processor_gives_the_bits_it_always_gave() {
        let (a, b) = (noise(9, 40, 1), noise(7, 40, 2));
        let cpu = Device::default();
        assert_eq!(cpu.times_transposed(&a, &b), a.times_transposed(&b));
        assert_eq!((cpu.name(), format!("{cpu:?}").as_str(), cpu.check()), ("cpu", "cpu", Ok(())));
        let square: Vec<f64> = noise(9, 9, 3).values().iter().map(|&x| x.into()).collect();
        let got = cpu.singular_values(9, 9, &square);
        assert_eq!(got, spectrum::singular_values(9, 9, &square));
    }

    #[test]
    fn a_device_makes_what_it_takes_and_the_processor_the_rest() {
        let asked = Arc::default();
        let twin = Device::with(Twin { asked: Arc::clone(&asked), ..Twin::default() });
        let count = || *asked.lock().unwrap();
        let (a, b) = (noise(9, 40, 1), noise(7, 40, 2));
        let (got, want) = (twin.times_transposed(&a, &b), a.times_transposed(&b));
        assert_eq!((got.rows(), got.cols(), count()), (9, 7, 1));
        got.values()
            .iter()
            .zip(want.values())
            .for_each(|(g, w)| near((*g).into(), (*w).into(), 1e-5));
        let narrow = noise(3, 7, 1);
        assert_eq!(twin.times_transposed(&narrow, &narrow), narrow.times_transposed(&narrow));
        assert_eq!(count(), 1);
        let mut features = Features::new(9);
        features.push(a.values());
        let (got, want) =
            (twin.scores(&features, &features), Scores::products(&features, &features));
        near(got.row(3)[4].into(), want.row(3)[4].into(), 1e-5);
        assert_eq!(count(), 2);
        // The twin turns their signs, so that it is seen who made them.
        assert!(twin.singular_values(8, 8, &[1.0; 64])[0] < 0.0);
        assert!(twin.singular_values(7, 8, &[1.0; 56])[0] > 0.0);
        let factor = polar::factor_on(&noise(10, 30, 5), &twin);
        let here = polar::factor(&noise(10, 30, 5));
        factor
            .values()
            .iter()
            .zip(here.values())
            .for_each(|(g, w)| near((*g).into(), (*w).into(), 1e-4));
        assert!(4 + 2 * 3 < count(), "{}", count());
        assert_eq!(twin.check(), Ok(()));
        assert_ne!(twin, Device::default());
    }

    #[test]
    fn a_fault_is_kept_and_no_number_is_made_up() {
        let (a, b) = (noise(9, 40, 1), noise(7, 40, 2));
        let asked = Arc::default();
        let failing = Twin { asked: Arc::clone(&asked), fails: true, loses: false };
        let (failing, losing) =
            (Device::with(failing), Device::with(Twin { loses: true, ..Twin::default() }));
        for (device, why) in [(&failing, "it is tired"), (&losing, "62 numbers came back, not 63")]
        {
            for _ in 0..2 {
                assert_eq!(device.times_transposed(&a, &b), a.times_transposed(&b));
            }
            let fault = device.clone().check().unwrap_err().to_string();
            assert_eq!(fault, format!("the device twin failed: a product: {why}"));
        }
        assert_eq!(*asked.lock().unwrap(), 1, "what failed once is not asked again");
    }
}
