//! Whether all of a component stands in the reference, bit for bit, and how much that says.

use std::collections::BTreeSet;

use jokbo_components::{ComponentPairing, PairedBy};
use jokbo_verdict::{Contained, Exhibit};
use rayon::prelude::*;

use super::{Scene, Seen};
use crate::step::step;
use crate::{Error, Opened};

/// Most elements of one tensor that are looked at: distinct values are held in memory.
const LOOKED_AT: u64 = 1 << 20;

/// Different magnitudes above which a tensor is taken for learned, however often they repeat: in 16
/// bits a large one has no more than some thousands.
const MANY: usize = 1000;

/// Share of a smaller tensor's values whose magnitudes must differ. Learned values in 32 bits hardly
/// ever repeat; a window is symmetric, and every second value is there twice.
const SHARE: f64 = 0.75;

/// Measures it where every learned tensor of the suspect's component was paired, and holds the same
/// values as its partner or those that a change of type makes of them.
///
/// Tensors that are a formula are left aside, and so are those whose values repeat as no learned
/// ones do. Cost: the tensors are read once more, at most a million values of each.
pub(super) fn measure(
    scene: Scene<'_>,
    pairing: &ComponentPairing,
    seen: &Seen,
    exhibit: &mut Exhibit,
) -> Result<(), Error> {
    let Some(values) = exhibit.values else { return Ok(()) };
    let rounded = exhibit.conversion.as_ref().is_some_and(|c| 1.0 <= c.rounded_share);
    let all = values.pairs == values.equal || rounded;
    if values.complete || !all || !covers_all(scene, pairing, seen, exhibit) {
        return Ok(());
    }
    let _step = step!("contained", pairing.component);
    let pairs: Vec<_> = seen.testable(scene);
    let varied: Vec<usize> = pairs
        .par_iter()
        .map(|pair| {
            let ours = varied(scene.suspect, pair.suspect)?;
            Ok(ours.min(varied(scene.reference, pair.reference)?))
        })
        .collect::<Result<_, Error>>()?;
    let telling = varied.iter().filter(|n| 0 < **n);
    exhibit.contained = Some(Contained {
        tensors: telling.clone().count() as u64,
        distinct: telling.sum::<usize>() as u64,
    });
    Ok(())
}

/// Whether every part of the component that is no formula was paired with one of its size. A single
/// value says too little to be found, and is left aside where it was not.
fn covers_all(
    scene: Scene<'_>,
    pairing: &ComponentPairing,
    seen: &Seen,
    exhibit: &Exhibit,
) -> bool {
    let of_formula = |part: usize| {
        let name = scene.entry_name(part);
        exhibit.formulas.iter().any(|formula| formula.tensor == name)
    };
    let whole = seen.pairs.iter().all(|pair| {
        // What is only nearest is not there.
        let answered = pair.by != PairedBy::Nearest;
        let elements = |opened: &Opened, part| opened.tensor(part).view().elements();
        let size = elements(scene.suspect, pair.suspect);
        answered && size == elements(scene.reference, pair.reference)
    });
    let is_one = |part: usize| scene.suspect.tensor(part).view().elements() == 1;
    let mut left = pairing.unpaired.iter().map(|unpaired| unpaired.suspect);
    whole && left.all(|part| is_one(part) || of_formula(part))
}

/// How many different magnitudes a part holds; 0 where they repeat as those of no learned tensor.
fn varied(opened: &Opened, part: usize) -> Result<usize, Error> {
    let tensor = opened.tensor(part);
    let (mut distinct, mut looked_at, mut values) = (BTreeSet::new(), 0u64, Vec::new());
    for block in tensor.view().blocks() {
        tensor.read_block(&block, &mut values)?;
        distinct.extend(values.iter().filter(|value| **value != 0.0).map(|v| v.abs().to_bits()));
        looked_at += values.len() as u64;
        if LOOKED_AT <= looked_at {
            break;
        }
    }
    let n = jokbo_statistics::number::float(looked_at);
    let learned = MANY <= distinct.len()
        || SHARE * n <= jokbo_statistics::number::float_usize(distinct.len());
    Ok(if learned { distinct.len() } else { 0 })
}
