//! The residual stream permuted, signed, rotated or of another width; hidden units kept.
//!
//! Units are read along the vectors of tokens (or pixels) instead of along coordinates, with the
//! weights of the norm before the layer multiplied in, since a rotation can hide only there. What
//! that gives is the same in a model and in its rotated copy, and nothing about hidden units was
//! fitted; so the aligned test over their renumberings is exact.

use std::collections::BTreeMap;

use jokbo_statistics::device::Device;
use jokbo_statistics::features::Features;
use jokbo_statistics::matrix::Matrix;
use jokbo_statistics::number::float_usize;
use jokbo_statistics::permutation::{Group, Groups, Renumberings};
use jokbo_statistics::scores::Scores;
use jokbo_statistics::seed::Draws;
use jokbo_verdict::{Alignment, HiddenPower, Section, Test, TestKind};

use super::anchors::Anchors;
use super::blocks::{Block, Network};
use super::path::{self, Path, Tried};
use super::{Climb, NotTried, Outcome};
use crate::layer_map::Slot;
use crate::renumbering::{mean_cosine, section};
use crate::step::step;
use crate::{Error, Opened};

const NAME: &str = "anchored-units";
/// Units drawn from a layer.
const UNITS: u64 = 256;
/// Cosine from which a unit is its partner: unrelated ones stay far below.
const SAME: f64 = 0.5;

/// The rung; `Err` inside says why it could not be tried.
pub(super) fn test(climb: Climb<'_>) -> Result<Result<Outcome, NotTried>, Error> {
    let Climb { scene, network, .. } = climb;
    let plan = scene.plan;
    let _step = step!("anchored units", network.component);
    let (anchors, path) = match climb.anchored()? {
        Ok(both) => both,
        Err(why) => return Ok(Err((NAME, why.to_owned()))),
    };
    // What came from one and the same layer or expert is renumbered together: the scores add.
    let mut by_origin: BTreeMap<(usize, usize), Scores> = BTreeMap::new();
    let mut sections: Vec<Section> = Vec::new();
    let mut cosines: Vec<f64> = Vec::new();
    let mut tried: Vec<(Tried<'_>, f64)> = Vec::new();
    for one @ Tried { mine, theirs, origin } in path.tried(climb) {
        let units = mine.units.min(theirs.units);
        let purpose = format!("{NAME}/units/{}", network.stack);
        let units = Draws::new(plan.seed, &purpose).choose(units, UNITS);
        let (mut a, mut b) = (Features::new(units.len()), Features::new(units.len()));
        for slot in &network.slots {
            let on = &plan.device;
            a.push_centred(
                along(on, scene.suspect, mine, slot, &units, &anchors.suspect)?.values(),
            );
            b.push_centred(
                along(on, scene.reference, theirs, slot, &units, &anchors.reference)?.values(),
            );
        }
        let scores = plan.device.scores(&a.unit_rows(), &b.unit_rows());
        let diagonal = scores.diagonal();
        let group = Group::of(scores.clone(), &Renumberings::default(), 0);
        let section = group.map(|g| section(mine.name(), Some(mine.layer), &g, &diagonal).0);
        sections.extend(section);
        let same = diagonal.iter().filter(|cosine| SAME <= **cosine).count();
        tried.push((one, float_usize(same) / float_usize(diagonal.len().max(1))));
        cosines.extend(diagonal);
        let sum = match by_origin.remove(&origin) {
            Some(others) => others.plus(&scores).unwrap_or(scores),
            None => scores,
        };
        by_origin.insert(origin, sum);
    }
    let purpose = format!("{NAME}/{}/{}", network.component, network.stack);
    let mut groups = Groups::new(plan.renumberings(&purpose));
    for scores in by_origin.into_values() {
        groups.push(scores);
    }
    let Some(outcome) = groups.test() else {
        return Ok(Err((NAME, "the weights do not vary over hidden units".to_owned())));
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
            residual: residual(network, anchors, &plan.device),
            units: "kept",
            anchors: anchors.table.clone(),
            agreeing_share: None,
            control_share: None,
            cosine: mean_cosine(&cosines),
            layers: path.pairs(climb),
        },
        power: groups
            .smallest_mean_score(climb.log10_level)
            .map(|aligned_cosine| HiddenPower { rung: NAME, aligned_cosine }),
        sections,
        experts: path::expert_map(climb, &tried),
    }))
}

/// What the chosen units read or write along each anchor, shape `[units, anchors]`.
pub(super) fn along(
    device: &Device,
    opened: &Opened,
    block: &Block,
    slot: &Slot,
    units: &[u64],
    anchors: &Matrix,
) -> Result<Matrix, Error> {
    let all: Vec<u64> = (0..anchors.cols() as u64).collect();
    let mut weights = block.read(opened, slot, units, &all)?;
    if Network::reads(slot)
        && let Some(gains) = block.gains(opened)?.filter(|gains| gains.len() == weights.cols())
    {
        for r in 0..weights.rows() {
            weights.row_mut(r).iter_mut().zip(&gains).for_each(|(x, gain)| *x *= gain);
        }
    }
    Ok(device.times_transposed(&weights, anchors))
}

/// What to try together, by second moments along a few anchors.
pub(super) fn layers(climb: Climb<'_>, anchors: &Anchors) -> Result<Path, Error> {
    let few: Vec<usize> = (0..anchors.suspect.rows().min(path::FEATURES)).collect();
    let (mine, theirs) = (anchors.suspect.select(&few), anchors.reference.select(&few));
    let device = &climb.scene.plan.device;
    path::find(climb, |opened, block, is_suspect| {
        let all: Vec<u64> = (0..block.units).collect();
        let anchors = if is_suspect { &mine } else { &theirs };
        along(device, opened, block, &climb.network.slots[0], &all, anchors)
    })
}

/// How the residual streams lie to each other: read off the matrix that carries the reference's
/// coordinates to the suspect's along the anchors, row by row. In a permutation each row has one
/// entry that stands out.
pub(super) fn residual(network: &Network, anchors: &Anchors, device: &Device) -> &'static str {
    const ROWS: usize = 256;
    if network.width.0 != network.width.1 {
        return "of another width";
    }
    let mine = anchors.suspect.transposed();
    let rows: Vec<usize> = (0..mine.rows().min(ROWS)).collect();
    let carried = device.times_transposed(&mine.select(&rows), &anchors.reference.transposed());
    // Fewer anchors than coordinates carry only their share of each.
    let share = (float_usize(anchors.suspect.rows()) / float_usize(mine.rows())).min(1.0);
    let (mut single, mut same, mut negative) = (0, 0, 0);
    for r in 0..carried.rows() {
        let row = carried.row(r);
        let all: f64 = row.iter().map(|&x| f64::from(x).powi(2)).sum();
        let top = row.iter().enumerate().max_by(|x, y| x.1.abs().total_cmp(&y.1.abs()));
        let Some((at, &top)) = top else { continue };
        if 0.5 * share * all <= f64::from(top).powi(2) {
            single += 1;
            same += usize::from(at == r);
            negative += usize::from(top < 0.0);
        }
    }
    let most = |count: usize| 9 * carried.rows() <= 10 * count;
    match (most(single), most(same), 10 * negative <= single) {
        (false, _, _) => "rotated",
        (true, true, true) => "kept",
        (true, true, false) => "signed",
        (true, false, true) => "permuted",
        (true, false, false) => "permuted and signed",
    }
}
