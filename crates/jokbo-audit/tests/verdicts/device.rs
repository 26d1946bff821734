//! The same verdicts when another device makes the products, and none when it fails.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use jokbo_audit::{Accelerator, Device, Error, Plan, compare};
use jokbo_statistics::relation::spectrum;
use jokbo_verdict::{Case, Relation, grade};

use crate::attacks::{permute_and_sign, renumber_units, rotate};
use crate::case;
use crate::kept::Checked;
use crate::model::Model;

const D: usize = 96;
const H: usize = 160;

/// Takes all work there is, sums from the last number to the first, and moves every singular value by as
/// much as a device may. From call `fails_at` on it fails.
#[derive(Debug)]
struct Backwards {
    products: Arc<AtomicUsize>,
    values: Arc<AtomicUsize>,
    fails_at: usize,
}

impl Backwards {
    fn is_due(&self, count: &AtomicUsize) -> Result<(), String> {
        match count.fetch_add(1, Ordering::Relaxed) < self.fails_at {
            true => Ok(()),
            false => Err("the cable came out".to_owned()),
        }
    }
}

impl Accelerator for Backwards {
    fn name(&self) -> &'static str {
        "backwards"
    }

    fn takes_products(&self, _: usize, _: usize, _: usize) -> bool {
        true
    }

    fn products(
        &self,
        a: &[f32],
        b: &[f32],
        (n, m, width): (usize, usize, usize),
    ) -> Result<Vec<f32>, String> {
        self.is_due(&self.products)?;
        let dot = |at: usize| -> f32 {
            let (x, y) = (&a[at / m * width..][..width], &b[at % m * width..][..width]);
            x.iter().rev().zip(y.iter().rev()).map(|(x, y)| x * y).sum()
        };
        Ok((0..n * m).map(dot).collect())
    }

    fn takes_singular_values(&self, _: usize, _: usize) -> bool {
        true
    }

    fn singular_values(
        &self,
        rows: usize,
        cols: usize,
        matrix: &[f64],
    ) -> Result<Vec<f64>, String> {
        self.is_due(&self.values)?;
        let here = spectrum::singular_values(rows, cols, matrix);
        let off = 4.0 * f64::EPSILON * here.first().map_or(0.0, |top| top * top);
        Ok(here.iter().map(|s| (s * s + off).sqrt()).collect())
    }
}

fn on(fails_at: usize) -> (Plan, Arc<AtomicUsize>, Arc<AtomicUsize>) {
    let (products, values) = (Arc::default(), Arc::default());
    let counts = (Arc::clone(&products), Arc::clone(&values));
    let device = Device::with(Backwards { products, values, fails_at });
    (Plan { device, ..Plan::default() }, counts.0, counts.1)
}

fn parent() -> Model {
    Model::new(1).vocabulary(300).language("", 4, D, H)
}

/// Every component's grade, the rung that found it and the names of what was done to it.
fn told(case: &Case) -> Vec<String> {
    let verdicts = grade(case);
    let rung = |component: &str| {
        let exhibit = case.exhibits.iter().find(|e| e.component == component);
        exhibit.and_then(|e| e.alignment.as_ref()).map(|a| (a.rung, a.residual, a.units))
    };
    let one = |v: &jokbo_verdict::Verdict| {
        let words: Vec<&str> = v.relations.iter().map(Relation::word).collect();
        format!("{} {:?} {:?} {words:?}", v.component, v.grade, rung(&v.component))
    };
    verdicts.iter().map(one).collect()
}

#[test]
fn verdicts_are_the_same_when_another_device_sums_in_another_order() {
    let hidden = [
        renumber_units(parent().noised(0.3, 9), H / 2),
        permute_and_sign(parent().noised(0.2, 9), D, true),
        renumber_units(rotate(parent(), D), H).noised(0.1, 9),
        Model::new(7).vocabulary(300).language("", 4, D, H),
        parent().noised(0.1, 9),
    ];
    let mut differ = 0;
    for child in &hidden {
        let (plan, products, _) = on(usize::MAX);
        let there = compare(&child.open(), &parent().open(), &plan, &Checked).unwrap();
        let here = case(child, &parent());
        assert_eq!(told(&there), told(&here));
        differ += usize::from(there != here);
        let climbed = here.exhibits.iter().any(|e| e.alignment.is_some());
        assert!(!climbed || 20 < products.load(Ordering::Relaxed));
    }
    assert!(0 < differ, "last digits do differ");
}

#[test]
fn a_merged_adapter_is_one_by_the_singular_values_of_another_device() {
    let mut draws = jokbo_statistics::seed::Draws::new(5, "adapter");
    let mut child = parent();
    for t in child.tensors.iter_mut().filter(|t| t.name.contains("_proj")) {
        let (rows, cols) = (t.shape[0], t.shape[1]);
        let mut side = |n: usize| -> Vec<f32> {
            (0..n * 4).map(|_| 0.02 * crate::model::normal(&mut draws)).collect()
        };
        let (up, down) = (side(rows), side(cols));
        for (at, x) in t.values.iter_mut().enumerate() {
            let (i, j) = (at / cols, at % cols);
            *x += (0..4).map(|k| up[i * 4 + k] * down[j * 4 + k]).sum::<f32>();
        }
    }
    let (plan, _, values) = on(usize::MAX);
    let there = compare(&child.open(), &parent().open(), &plan, &Checked).unwrap();
    let told = told(&there);
    assert_eq!(told, self::told(&case(&child, &parent())));
    assert!(told.iter().any(|line| line.contains("adapter-merged")), "{told:?}");
    assert!(10 < values.load(Ordering::Relaxed));
}

#[test]
fn what_a_device_left_unfinished_is_an_error() {
    let child = permute_and_sign(parent().noised(0.2, 9), D, true);
    for fails_at in [0, 20] {
        let (plan, ..) = on(fails_at);
        let error = compare(&child.open(), &parent().open(), &plan, &Checked).unwrap_err();
        assert!(matches!(&error, Error::Device(_)), "{error:?}");
        let said = "the device backwards failed: a product: the cable came out; `--device cpu` \
                    needs none";
        assert_eq!(error.to_string(), said);
    }
    // Where nothing was asked of it there is nothing to refuse.
    let (plan, products, _) = on(0);
    let same = compare(&parent().open(), &parent().open(), &plan, &Checked).unwrap();
    assert_eq!(products.load(Ordering::Relaxed), 0);
    assert_eq!(told(&same), told(&case(&parent(), &parent())));
}
