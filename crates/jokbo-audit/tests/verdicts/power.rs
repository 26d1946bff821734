//! The power statement keeps its word: what it names is planted, and found.

use jokbo_audit::{Plan, Silent, compare};
use jokbo_statistics::seed::Draws;
use jokbo_verdict::{Case, grade};
use rayon::prelude::*;

use crate::model::{Model, Spread};

const SPREADS: [Spread; 4] = [Spread::Normal, Spread::Heavy, Spread::Shifted, Spread::Anisotropic];

/// Only what shares hidden units, so that the planted effect is the one that is said.
fn units(seed: u64, spread: Spread) -> Model {
    Model::new(seed).spread(spread).language("", 2, 40, 96).only(|name| name.contains("mlp"))
}

fn power(suspect: &Model, reference: &Model) -> (f64, f64) {
    let plan = Plan { draws: 99, ..Plan::default() };
    let case = compare(&suspect.open(), &reference.open(), &plan, &Silent).unwrap();
    let power = &case.exhibits[0].power;
    (power.aligned_cosine.unwrap(), power.units_share.unwrap())
}

fn case(suspect: &Model, reference: &Model) -> Case {
    let plan = Plan { draws: 99, ..Plan::default() };
    compare(&suspect.open(), &reference.open(), &plan, &Silent).unwrap()
}

fn found(suspect: &Model, reference: &Model) -> bool {
    grade(&case(suspect, reference))[0].grade.is_finding()
}

/// Every weight of the suspect moved towards the reference's, in units of spread, so that units of
/// one number have mean cosine `c`.
fn turned(suspect: &Model, reference: &Model, c: f64) -> Model {
    let mut out = suspect.clone();
    for (t, r) in out.tensors.iter_mut().zip(&reference.tensors) {
        for (x, y) in t.values.iter_mut().zip(&r.values) {
            *x = ((1.0 - c * c).sqrt() * f64::from(*x) + c * f64::from(*y)) as f32;
        }
    }
    out
}

/// The first `n` units of every layer, in an order of their own, copied from the reference.
fn copied(suspect: &Model, reference: &Model, share: f64, seed: u64) -> Model {
    let mut out = suspect.clone();
    for layer in 0..2 {
        let h = 96;
        let n = (share * h as f64).ceil() as u64;
        let chosen = Draws::new(seed, &format!("copied/{layer}")).choose(h, n);
        let of_layer = format!("layers.{layer}.");
        let tensors = out.tensors.iter_mut().zip(&reference.tensors);
        for (t, r) in tensors.filter(|(t, _)| t.name.contains(&of_layer)) {
            let (rows, cols) = (t.shape[0], t.shape[1]);
            let is_rows = !t.name.contains("down_proj");
            for at in 0..rows * cols {
                let unit = if is_rows { at / cols } else { at % cols };
                if chosen.contains(&(unit as u64)) {
                    t.values[at] = r.values[at];
                }
            }
        }
    }
    out
}

#[test]
fn what_the_power_statement_names_is_found_ninety_nine_times_in_a_hundred() {
    for spread in SPREADS {
        let tries: Vec<(bool, bool)> = (0..100u64)
            .into_par_iter()
            .map(|seed| {
                let suspect = units(1000 + 2 * seed, spread);
                let reference = units(1001 + 2 * seed, spread);
                let (cosine, share) = power(&suspect, &reference);
                let by_cosine = found(&turned(&suspect, &reference, cosine), &reference);
                let by_share = found(&copied(&suspect, &reference, share, seed), &reference);
                (by_cosine, by_share)
            })
            .collect();
        let cosines = tries.iter().filter(|(cosine, _)| *cosine).count();
        let shares = tries.iter().filter(|(_, share)| *share).count();
        assert!(99 <= cosines && 99 <= shares, "{spread:?}: {cosines} and {shares} of 100");
    }
}

#[test]
fn half_of_what_the_power_statement_names_is_mostly_missed() {
    // Else the statement would be idle: any smaller effect would be found as well.
    let missed = (0..40u64).into_par_iter().filter(|seed| {
        let (suspect, reference) =
            (units(1000 + 2 * seed, Spread::Normal), units(1001 + 2 * seed, Spread::Normal));
        let (cosine, _) = power(&suspect, &reference);
        !found(&turned(&suspect, &reference, 0.5 * cosine), &reference)
    });
    assert!(30 <= missed.count());
}
