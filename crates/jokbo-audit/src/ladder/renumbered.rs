//! Hidden units renumbered or pruned, the residual stream kept.
//!
//! Units are matched on one random half S1 of the residual coordinates. The other half S2 is then
//! renumbered: `C_jk = Σ_layers Σ_i A_i[j] B_π(i)[k]` for j, k in S2. Under the null hypothesis B
//! with its residual coordinates renumbered inside S2 is as likely as B, and the matching, which
//! never looked there, stays the same; so the aligned test on `C` is exact, with one group for the
//! whole component.

use jokbo_statistics::matching::{Matching, Twice, agreeing_share, match_units};
use jokbo_statistics::matrix::Matrix;
use jokbo_statistics::permutation::Groups;
use jokbo_statistics::scores::Scores;
use jokbo_statistics::seed::Draws;
use jokbo_statistics::standardise::{columns, unit_rows, without_leading};
use jokbo_verdict::{Alignment, HiddenPower, Test, TestKind};

use super::blocks::{Block, Network};
use super::path::{self, Path, Tried};
use super::{Climb, NotTried, Outcome};
use crate::renumbering::mean_cosine;
use crate::step::step;
use crate::{Error, Opened};

const NAME: &str = "renumbered-units";
/// Units of the suspect matched in a layer.
const UNITS: u64 = 256;
/// Residual coordinates for the fit, and as many others for the test.
const COORDINATES: usize = 384;
/// Directions taken out before matching.
pub(super) const LEADING: usize = 2;

/// The rung; `Err` inside says why it could not be tried.
pub(super) fn test(climb: Climb<'_>) -> Result<Result<Outcome, NotTried>, Error> {
    let Climb { scene, network, .. } = climb;
    let device = &scene.plan.device;
    let _step = step!("renumbered units", network.component);
    let (width, other) = network.width;
    if width != other {
        let why = format!("the residual stream is {width} wide here, {other} in the reference");
        return Ok(Err((NAME, why)));
    }
    if climb.has_sinusoids {
        let why = "sinusoidal positions give the residual coordinates a meaning".to_owned();
        return Ok(Err((NAME, why)));
    }
    let (fit, held_out) = halves(width, scene.plan.seed, &network.stack);
    if held_out.len() < 2 {
        return Ok(Err((NAME, "the residual stream is too narrow to be halved".to_owned())));
    }
    let path = layers(climb, &fit)?;
    let n = held_out.len();
    let mut sums = vec![0.0f32; n * n];
    let mut matchings: Vec<Matching> = Vec::new();
    let mut cosines: Vec<f64> = Vec::new();
    let tried: Vec<Tried<'_>> = path.tried(climb).collect();
    for Tried { mine, theirs, .. } in tried.iter().copied() {
        let (a, b) = units(climb, mine, theirs);
        let matching = match_units(&features(climb, (mine, &a), (theirs, &b), &fit)?, device);
        let matched = matching.partners.iter().enumerate();
        let (i, j): (Vec<usize>, Vec<usize>) =
            matched.filter_map(|(i, j)| Some((i, (*j)?))).unzip();
        let mut rows = (Matrix::new(i.len(), 0, vec![]), Matrix::new(i.len(), 0, vec![]));
        for slot in &network.slots {
            let mut x = unit_rows(mine.read(scene.suspect, slot, &a, &held_out)?.select(&i));
            if network.is_signed(slot) {
                let turned = i.iter().enumerate().filter(|(_, i)| matching.turned[**i]);
                turned.for_each(|(r, _)| x.row_mut(r).iter_mut().for_each(|x| *x = -*x));
            }
            let y = unit_rows(theirs.read(scene.reference, slot, &b, &held_out)?.select(&j));
            let (x, y) = (columns(x), columns(y));
            let c = device.times_transposed(&x.transposed(), &y.transposed());
            sums.iter_mut().zip(c.values()).for_each(|(sum, c)| *sum += c);
            rows = (rows.0.map(|r| r.beside(&x)), rows.1.map(|r| r.beside(&y)));
        }
        if let (Some(x), Some(y)) = rows {
            cosines.extend(row_cosines(&unit_rows(x), &unit_rows(y)));
        }
        matchings.push(matching);
    }
    let purpose = format!("{NAME}/{}/{}", network.component, network.stack);
    let mut groups = Groups::new(scene.plan.renumberings(&purpose));
    let summed: u64 = matchings.iter().map(|m| m.units.min(m.among)).sum();
    let scale = 1.0 / jokbo_statistics::number::float(summed * network.slots.len() as u64).max(1.0);
    let scores = Scores::from_values(n, sums).map(|scores| scores.scaled(scale));
    if !scores.is_some_and(|scores| groups.push(scores)) {
        return Ok(Err((NAME, "the weights do not vary over residual coordinates".to_owned())));
    }
    let Some(outcome) = groups.test() else {
        return Ok(Err((NAME, "there is nothing to renumber".to_owned())));
    };
    Ok(Ok(Outcome {
        test: Test {
            name: NAME,
            kind: if network.inferred { TestKind::ExactInferred } else { TestKind::Exact },
            log10_p: outcome.log10_p,
            n: outcome.units,
            groups: outcome.groups,
            statistic: outcome.z,
            draws: outcome.draws,
        },
        alignment: Alignment {
            rung: NAME,
            residual: "kept",
            units: "renumbered",
            anchors: None,
            agreeing_share: agreeing_share(&matchings),
            control_share: None,
            cosine: mean_cosine(&cosines),
            layers: path.pairs(climb),
        },
        power: groups
            .smallest_mean_score(climb.log10_level)
            .map(|aligned_cosine| HiddenPower { rung: NAME, aligned_cosine }),
        sections: Vec::new(),
        experts: path::expert_map(climb, &with_shares(&tried, &matchings)),
    }))
}

/// What was tried with the share of units on which both matchings agree.
pub(super) fn with_shares<'a>(tried: &[Tried<'a>], found: &[Matching]) -> Vec<(Tried<'a>, f64)> {
    let share = |m: &Matching| agreeing_share(std::slice::from_ref(m)).unwrap_or(0.0);
    tried.iter().copied().zip(found.iter().map(share)).collect()
}

/// Cosine of equal rows of length 1.
fn row_cosines(x: &Matrix, y: &Matrix) -> Vec<f64> {
    let dot = |r: usize| x.row(r).iter().zip(y.row(r)).map(|(&p, &q)| f64::from(p) * f64::from(q));
    (0..x.rows()).map(|r| dot(r).sum()).collect()
}

/// Two halves of the residual coordinates, seeded, each cut to [`COORDINATES`], in rising order.
fn halves(width: u64, seed: u64, stack: &str) -> (Vec<u64>, Vec<u64>) {
    let mut all: Vec<u64> = (0..width).collect();
    Draws::new(seed, &format!("{NAME}/halves/{stack}")).shuffle(&mut all);
    let second = all.split_off(all.len() / 2);
    let cut = |mut half: Vec<u64>| {
        half.truncate(COORDINATES);
        half.sort_unstable();
        half
    };
    (cut(all), cut(second))
}

/// What to try together, by second moments over the coordinates of the fit alone.
fn layers(climb: Climb<'_>, fit: &[u64]) -> Result<Path, Error> {
    let few = &fit[..fit.len().min(path::FEATURES)];
    path::find(climb, |opened, block, _| {
        let all: Vec<u64> = (0..block.units).collect();
        block.read(opened, &climb.network.slots[0], &all, few)
    })
}

/// The units drawn from a block of the suspect, and those of the reference they are matched among:
/// all that are looked at.
pub(super) fn units(climb: Climb<'_>, mine: &Block, theirs: &Block) -> (Vec<u64>, Vec<u64>) {
    let purpose = format!("{NAME}/suspect/{}", climb.network.stack);
    let drawn = Draws::new(climb.scene.plan.seed, &purpose).choose(mine.units, UNITS);
    (drawn, (0..theirs.units).collect())
}

/// Features of both sides' units over `coordinates`, ready to be matched.
fn features(
    climb: Climb<'_>,
    (mine, a): (&Block, &[u64]),
    (theirs, b): (&Block, &[u64]),
    coordinates: &[u64],
) -> Result<Twice, Error> {
    let Climb { scene, network, .. } = climb;
    let side = |opened: &Opened, block: &Block, units: &[u64]| {
        let slots = network.slots.iter();
        slots
            .map(|slot| block.read(opened, slot, units, coordinates))
            .collect::<Result<Vec<_>, _>>()
    };
    let sides = (side(scene.suspect, mine, a)?, side(scene.reference, theirs, b)?);
    Ok(twice(network, sides))
}

/// Features slot by slot as two sets: the first slot, and the rest. A single slot is cut in two.
/// Rows have length 1 slot by slot, since what scales one slot's unit by a number may scale
/// another's by its inverse.
pub(super) fn twice(network: &Network, (a, b): (Vec<Matrix>, Vec<Matrix>)) -> Twice {
    let ready = |matrix: Matrix| unit_rows(without_leading(columns(matrix), LEADING));
    let cut = |slots: Vec<Matrix>| -> (Matrix, Matrix) {
        let mut slots = slots.into_iter().map(unit_rows);
        let first = slots.next().unwrap_or_default();
        match slots.next() {
            Some(second) => {
                (ready(first), ready(slots.fold(second, |all, more| all.beside(&more))))
            }
            None => {
                let turned = first.transposed();
                let (low, high): (Vec<usize>, Vec<usize>) =
                    (0..turned.rows()).partition(|column| column % 2 == 0);
                let part = |columns: &[usize]| ready(turned.select(columns).transposed());
                (part(&low), part(&high))
            }
        }
    };
    let ((a1, a2), (b1, b2)) = (cut(a), cut(b));
    let signed = network.slots.iter().any(|slot| network.is_signed(slot));
    Twice { first: (a1, b1), second: (a2, b2), signed }
}
