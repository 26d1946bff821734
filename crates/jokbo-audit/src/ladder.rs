//! The alignment ladder: ancestry found when it was hidden.
//!
//! Identity is the first rung: units compared under their own numbers, in [`crate::exhibit`]. Where
//! it finds nothing, the same question is asked again after undoing what may have been done to
//! hide the answer. Each rung is fitted on one set of weights and tested on another, whose
//! renumbering cannot change the fit:
//!
//! | rung | hidden | fitted on | tested by renumbering |
//! |---|---|---|---|
//! | `renumbered-units` | hidden units renumbered or pruned | one half of the residual coordinates | the other half |
//! | `anchored-units` | residual stream permuted, signed, rotated, of another width | tables of tokens or pixels | hidden units |
//! | `matched-units` | both | tables, then units | nothing is left: a model, and controls |
//!
//! Layers are lined up first by what no renumbering changes ([`path`]), so that depth may have
//! changed as well. The climb stops at the first rung that reaches the level.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use jokbo_components::ComponentPairing;
use jokbo_verdict::{Exhibit, NotMeasured};

use crate::Error;
use crate::exhibit::Scene;
use crate::step::step;

mod anchored;
pub(crate) mod anchors;
pub(crate) mod blocks;
mod matched;
mod path;
mod renumbered;

use anchors::Anchors;
use blocks::Network;
use path::Path;

/// What a rung that could not be tried is called in the report, and why.
type NotTried = (&'static str, String);

/// Climbs the ladder for one component. Returns the suspect's parts that a rung drew from.
///
/// `has_sinusoids` says that residual coordinates have a meaning and may not be renumbered.
pub(crate) fn climb(
    scene: Scene<'_>,
    pairing: &ComponentPairing,
    has_sinusoids: bool,
    log10_level: f64,
    exhibit: &mut Exhibit,
) -> Result<BTreeSet<usize>, Error> {
    let _step = step!("ladder", pairing.component);
    let networks = blocks::networks(scene, pairing);
    let Some(network) = networks.first() else { return Ok(BTreeSet::new()) };
    let mut drawn: BTreeSet<usize> = BTreeSet::new();
    let rungs = [renumbered::test, anchored::test, matched::test];
    let has_sinusoids = has_sinusoids || network.marked;
    let shared = OnceLock::new();
    let climb = Climb { scene, network, has_sinusoids, log10_level, shared: &shared };
    for rung in rungs {
        let outcome = rung(climb)?;
        scene.plan.device.check()?;
        match outcome {
            Ok(outcome) => {
                drawn.extend(network.parts_of_suspect());
                let found = outcome.test.log10_p <= log10_level;
                exhibit.tests.push(outcome.test);
                exhibit.power.hidden.extend(outcome.power);
                if found {
                    exhibit.aligned = outcome.alignment.cosine;
                    exhibit.agreeing_share = outcome.alignment.agreeing_share;
                    if !outcome.sections.is_empty() {
                        exhibit.sections = outcome.sections;
                    }
                    exhibit.alignment = Some(outcome.alignment);
                    exhibit.expert_map = outcome.experts;
                    break;
                }
            }
            Err((what, why)) => {
                exhibit.not_measured.push(NotMeasured { what: what.to_owned(), why });
            }
        }
    }
    Ok(drawn)
}

/// What every rung sees.
#[derive(Clone, Copy)]
struct Climb<'a> {
    scene: Scene<'a>,
    network: &'a Network,
    has_sinusoids: bool,
    log10_level: f64,
    /// What the rungs of [`Climb::anchored`] share.
    shared: &'a OnceLock<Result<(Anchors, Path), String>>,
}

impl<'a> Climb<'a> {
    /// The anchors of the network and what to try together along them, or why there are none. Two
    /// rungs start from them; they are made for the first that asks.
    fn anchored(self) -> Result<Result<(&'a Anchors, &'a Path), &'a str>, Error> {
        let made = match self.shared.get() {
            Some(made) => made,
            None => {
                let made = match anchors::find(self)? {
                    Ok(anchors) => {
                        anchored::layers(self, &anchors).map(|path| Ok((anchors, path)))?
                    }
                    Err(why) => Err(why),
                };
                self.shared.get_or_init(|| made)
            }
        };
        Ok(made.as_ref().map(|(anchors, path)| (anchors, path)).map_err(String::as_str))
    }
}

/// What a rung gave.
struct Outcome {
    test: jokbo_verdict::Test,
    alignment: jokbo_verdict::Alignment,
    power: Option<jokbo_verdict::HiddenPower>,
    sections: Vec<jokbo_verdict::Section>,
    experts: Vec<jokbo_verdict::ExpertMatch>,
}
