//! What no test drew from: formulas nobody trained, and everything else with its reason.

use std::collections::{BTreeMap, BTreeSet};

use jokbo_components::{ComponentPairing, Pair, Unpaired};
use jokbo_statistics::formula::Formula;
use jokbo_verdict::{Coverage, Exhibit, FormulaTensor, Untested};

use super::{Scene, Seen};
use crate::step::step;
use crate::{Error, formulas};

/// Lists the component's formula tensors, paired or not.
pub(crate) fn formula_tensors(
    scene: Scene<'_>,
    pairing: &ComponentPairing,
    seen: &Seen,
    exhibit: &mut Exhibit,
) -> Result<(), Error> {
    let _step = step!("formulas", pairing.component);
    let found = seen.pairs.iter().zip(&seen.formulas).zip(&seen.values);
    exhibit.formulas.extend(found.filter_map(|((pair, formula), values)| {
        Some(FormulaTensor {
            tensor: scene.entry_name(pair.suspect),
            formula: (*formula)?.name(),
            parameters: values.sums.pairs(),
            equal_share: values.sums.equal_share(),
            cosine: values.sums.cosine(),
        })
    }));
    for Unpaired { suspect, .. } in &pairing.unpaired {
        if let Some(formula) = formulas::of_part(scene.suspect, *suspect)? {
            exhibit.formulas.push(FormulaTensor {
                tensor: scene.entry_name(*suspect),
                formula: formula.name(),
                parameters: scene.suspect.tensor(*suspect).view().elements(),
                equal_share: None,
                cosine: None,
            });
        }
    }
    Ok(())
}

/// What the tests drew from; every part of the component that none did is listed with the reason.
pub(crate) fn coverage(
    scene: Scene<'_>,
    pairing: &ComponentPairing,
    seen: &Seen,
    tested: &BTreeSet<usize>,
    exhibit: &mut Exhibit,
) {
    let size = |part: usize| scene.suspect.tensor(part).view().elements();
    let mut reasons: BTreeMap<usize, String> =
        pairing.unpaired.iter().map(|u| (u.suspect, u.why.clone())).collect();
    for (pair, formula) in seen.pairs.iter().zip(&seen.formulas) {
        reasons.insert(pair.suspect, why_not(scene, pair, *formula));
    }
    let untested = reasons.into_iter().filter(|(part, _)| !tested.contains(part));
    exhibit.coverage = Coverage {
        tested: tested.iter().map(|&part| size(part)).sum(),
        not_tested: untested
            .map(|(part, why)| Untested {
                tensor: scene.entry_name(part),
                parameters: size(part),
                why,
            })
            .collect(),
    };
}

/// Why no test drew from a pair, should none have.
fn why_not(scene: Scene<'_>, pair: &Pair, formula: Option<Formula>) -> String {
    let part = scene.part(pair);
    let moves = part.rows.may_be_renumbered() || part.cols.may_be_renumbered();
    match formula {
        Some(formula) => format!("a formula nobody trained: {}", formula.name()),
        None if !scene.is_float(pair) => "not floating-point: compared bit by bit only".to_owned(),
        None if scene.is_sampled() && moves => {
            "not drawn: the sample holds no line of it".to_owned()
        }
        None if part.inferred => "no axis is known that may be renumbered".to_owned(),
        None if !moves => "every axis has a meaning and is never renumbered".to_owned(),
        None => "the axis is not as long as in the other tensors of the group".to_owned(),
    }
}
