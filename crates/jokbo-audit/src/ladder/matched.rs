//! Both hidden: the residual stream rotated and the hidden units renumbered.
//!
//! Units are read along tokens, as in the rung before, and then matched. Where sinusoidal positions
//! give the residual coordinates a meaning, or there is no table of tokens, they are read along the
//! coordinates themselves. Every numbering has been
//! fitted now, so no renumbering is left to compare with: this p is model-based. Its assumption is
//! checked in the same run on pairs of layers that did not come from one another, and where the
//! check fails there is no p.

use jokbo_statistics::matching::{self, Matching, agreeing_share, match_units};
use jokbo_statistics::matrix::Matrix;
use jokbo_statistics::number::float;
use jokbo_verdict::{Alignment, Test, TestKind, rules};

use super::anchored::{along, layers, residual};
use super::anchors::{self, Anchors};
use super::blocks::Network;
use super::path::{self, Tried};
use super::renumbered::{twice, units, with_shares};
use super::{Climb, NotTried, Outcome};
use crate::in_flight::in_flight;
use crate::renumbering::mean_cosine;
use crate::step::step;
use crate::{Error, Opened};

const NAME: &str = "matched-units";
/// Layers, or experts, of the suspect that are matched, evenly spread.
const BLOCKS: usize = 8;
/// Anchors the units are read along.
const ANCHORS: usize = 384;
/// Fewer matched units cannot show a share of one in twenty.
const FEWEST: u64 = 64;

/// The rung; `Err` inside says why it could not be tried.
pub(super) fn test(climb: Climb<'_>) -> Result<Result<Outcome, NotTried>, Error> {
    let Climb { network, .. } = climb;
    let _step = step!("matched units", network.component);
    let along_tables = match climb.has_sinusoids {
        true => Err(""),
        false => climb.anchored()?,
    };
    let along_coordinates;
    let (anchors, path) = match (along_tables, anchors::coordinates(climb)) {
        (Ok(both), _) => both,
        (Err(_), Some(anchors)) => {
            let path = layers(climb, &anchors)?;
            along_coordinates = (anchors, path);
            (&along_coordinates.0, &along_coordinates.1)
        }
        (Err(why), None) => return Ok(Err((NAME, why.to_owned()))),
    };
    let all: Vec<Tried<'_>> = path.tried(climb).collect();
    let tried: Vec<Tried<'_>> =
        all.iter().copied().step_by(all.len().div_ceil(BLOCKS).max(1)).collect();
    let controls: Vec<Tried<'_>> = tried.iter().filter_map(|t| control(network, t)).collect();
    if controls.is_empty() {
        return Ok(Err((NAME, "there is no second layer to serve as a control".to_owned())));
    }
    let run = |tried: &[Tried<'_>]| -> Result<Vec<Matching>, Error> {
        in_flight(tried, |_, tried| one(climb, anchors, tried))
    };
    let (found, beside) = (run(&tried)?, run(&controls)?);
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
            residual: residual(network, anchors, &climb.scene.plan.device),
            units: "renumbered",
            anchors: anchors.table.clone(),
            agreeing_share: agreeing_share(&found),
            control_share: Some(control_share),
            cosine: mean_cosine(&cosines),
            layers: path.pairs(climb),
        },
        power: None,
        sections: Vec::new(),
        experts: path::expert_map(climb, &with_shares(&tried, &found)),
    }))
}

/// A pair that did not come from one another: the same block of the suspect with that of the layer
/// half-way round, so that neighbours, which share more, are avoided where they can be. Where there
/// is but one layer, with another of its experts.
fn control<'a>(network: &'a Network, tried: &Tried<'a>) -> Option<Tried<'a>> {
    let (layer, block) = tried.origin;
    let far = |k: usize, n: usize| (k + n / 2) % n;
    let layers = network.reference.len();
    let origin = if 1 < layers {
        let at = far(layer, layers);
        (at, block.min(network.reference[at].blocks.len() - 1))
    } else {
        (layer, far(block, network.reference[layer].blocks.len()))
    };
    let theirs = &network.reference[origin.0].blocks[origin.1];
    (origin != tried.origin).then_some(Tried { theirs, origin, ..*tried })
}

fn one(climb: Climb<'_>, anchors: &Anchors, tried: &Tried<'_>) -> Result<Matching, Error> {
    let Climb { scene, network, .. } = climb;
    let Tried { mine, theirs, .. } = *tried;
    let device = &scene.plan.device;
    let (a, b) = units(climb, mine, theirs);
    let few: Vec<usize> = (0..anchors.suspect.rows().min(ANCHORS)).collect();
    let side = |opened: &Opened, block, units: &[u64], anchors: &Matrix| {
        let slots = network.slots.iter();
        slots
            .map(|slot| along(device, opened, block, slot, units, anchors))
            .collect::<Result<Vec<_>, _>>()
    };
    let sides = (
        side(scene.suspect, mine, &a, &anchors.suspect.select(&few))?,
        side(scene.reference, theirs, &b, &anchors.reference.select(&few))?,
    );
    Ok(match_units(&twice(network, sides), device))
}
