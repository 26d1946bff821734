//! Both hidden: the residual stream rotated and the hidden units renumbered.
//!
//! Units are read along tokens, as in the rung before, and then matched. Every numbering has been
//! fitted now, so no renumbering is left to compare with: this p is model-based. Its assumption is
//! checked in the same run on pairs of layers that did not come from one another, and where the
//! check fails there is no p.

use jokbo_statistics::matching::{self, Matching, agreeing_share, match_units};
use jokbo_statistics::matrix::Matrix;
use jokbo_statistics::number::float;
use jokbo_verdict::{Alignment, Test, TestKind, rules};

use super::anchored::{along, layers, residual};
use super::anchors::{self, Anchors};
use super::renumbered::{twice, units};
use super::{Climb, NotTried, Outcome, path};
use crate::renumbering::mean_cosine;
use crate::{Error, Opened};

const NAME: &str = "matched-units";
/// Layers of the suspect that are matched, evenly spread.
const LAYERS: usize = 8;
/// Anchors the units are read along.
const ANCHORS: usize = 384;
/// Fewer matched units cannot show a share of one in twenty.
const FEWEST: u64 = 64;

/// The rung; `Err` inside says why it could not be tried.
pub(super) fn test(climb: Climb<'_>) -> Result<Result<Outcome, NotTried>, Error> {
    let Climb { network, .. } = climb;
    let anchors = match anchors::find(climb)? {
        Ok(anchors) => anchors,
        Err(why) => return Ok(Err((NAME, why))),
    };
    let path = layers(climb, &anchors)?;
    let step = path.len().div_ceil(LAYERS).max(1);
    let pairs: Vec<(usize, usize)> = path.iter().copied().enumerate().step_by(step).collect();
    let controls = controls(&pairs, network.reference.len());
    if controls.is_empty() {
        return Ok(Err((NAME, "there is no second layer to serve as a control".to_owned())));
    }
    let run = |pairs: &[(usize, usize)]| -> Result<Vec<Matching>, Error> {
        pairs.iter().map(|&(i, j)| one(climb, &anchors, i, j)).collect()
    };
    let (found, beside) = (run(&pairs)?, run(&controls)?);
    if found.iter().map(|m| m.units.min(m.among)).sum::<u64>() < FEWEST {
        return Ok(Err((NAME, "too few hidden units to be matched".to_owned())));
    }
    if let Some(control) = beside.iter().find(|control| 0.0 <= control.surprise()) {
        let why = format!(
            "the check of its assumption failed: a pair of layers that serves as a control gained \
             {:.0} nats, more than the {:.0} it was free to choose",
            control.gain, control.cost
        );
        return Ok(Err((NAME, why)));
    }
    let control_share = beside
        .iter()
        .filter_map(|control| agreeing_share(std::slice::from_ref(control)))
        .fold(0.0, f64::max);
    if rules::MOST_AGREEING_CONTROL < control_share {
        let why = format!(
            "the check of its assumption failed: in a pair of layers that serves as a control \
             {:.1} % of the units agree",
            100.0 * control_share
        );
        return Ok(Err((NAME, why)));
    }
    let cosines: Vec<f64> = found.iter().map(|m| m.cosine).collect();
    Ok(Ok(Outcome {
        test: Test {
            name: NAME,
            kind: TestKind::ModelBased,
            log10_p: matching::log10_p(&found),
            n: found.iter().map(|m| m.units).sum(),
            groups: found.len() as u64,
            statistic: float(found.iter().map(|m| m.agreeing).sum::<u64>()),
            draws: 0,
        },
        alignment: Alignment {
            rung: NAME,
            residual: residual(network, &anchors),
            units: "renumbered",
            anchors: Some(anchors.table),
            agreeing_share: agreeing_share(&found),
            control_share: Some(control_share),
            cosine: mean_cosine(&cosines),
            layers: path::pairs(network, &path),
        },
        power: None,
        sections: Vec::new(),
    }))
}

/// Pairs of layers that did not come from one another: each layer of the suspect with the origin of
/// the one half-way round, so that neighbours, which share more, are avoided where they can be.
fn controls(pairs: &[(usize, usize)], theirs: usize) -> Vec<(usize, usize)> {
    if theirs < 2 {
        return Vec::new();
    }
    let far = |&(i, j): &(usize, usize)| (i, (j + theirs / 2) % theirs);
    pairs.iter().map(far).collect()
}

fn one(climb: Climb<'_>, anchors: &Anchors, i: usize, j: usize) -> Result<Matching, Error> {
    let Climb { scene, network, .. } = climb;
    let (mine, theirs) = (&network.suspect[i], &network.reference[j]);
    let (a, b) = units(climb, mine, theirs);
    let few: Vec<usize> = (0..anchors.suspect.rows().min(ANCHORS)).collect();
    let side = |opened: &Opened, block, units: &[u64], anchors: &Matrix| {
        let slots = network.slots.iter();
        slots.map(|slot| along(opened, block, slot, units, anchors)).collect::<Result<Vec<_>, _>>()
    };
    let sides = (
        side(scene.suspect, mine, &a, &anchors.suspect.select(&few))?,
        side(scene.reference, theirs, &b, &anchors.reference.select(&few))?,
    );
    Ok(match_units(&twice(network, sides)))
}
