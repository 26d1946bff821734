//! Everything measured on one component of the suspect.

use std::collections::{BTreeMap, BTreeSet};

use jokbo_components::{ComponentPairing, Pair, PairedBy, Part};
use jokbo_statistics::formula::Formula;
use jokbo_statistics::number::float;
use jokbo_tensors::Tensor;
use jokbo_verdict::{Cost, Exhibit, FoundByContent, TensorChange, rules};

use crate::step::step;
use crate::values::{self, PairValues};
use crate::{
    Error, Opened, Plan, Progress, Reading, attention, experts, formulas, ladder, layer_map,
    relation, widths,
};

mod contained;
pub(crate) mod exact;
pub(crate) mod left_out;
pub(crate) mod sides;

/// Both models, the plan and who hears of progress: what every step needs.
#[derive(Clone, Copy)]
pub(crate) struct Scene<'a> {
    pub(crate) suspect: &'a Opened,
    pub(crate) reference: &'a Opened,
    pub(crate) plan: &'a Plan,
    pub(crate) progress: &'a dyn Progress,
    /// Components that are compared.
    pub(crate) components: usize,
    /// Values of pairs that were put side by side already, where that was done.
    pub(crate) known: Option<&'a BTreeMap<Pair, PairValues>>,
}

impl Scene<'_> {
    pub(crate) fn part(&self, pair: &Pair) -> &Part {
        &self.suspect.assignment.parts[pair.suspect]
    }

    /// Whether only a sample is read.
    pub(crate) fn is_sampled(&self) -> bool {
        matches!(self.plan.reading, Reading::Sampled { .. })
    }

    pub(crate) fn entry_name(&self, part: usize) -> String {
        let part = &self.suspect.assignment.parts[part];
        self.suspect.checkpoint.entries[part.entry].name.clone()
    }

    pub(crate) fn is_float(&self, pair: &Pair) -> bool {
        let reference = &self.reference.assignment.parts[pair.reference];
        self.suspect.checkpoint.entries[self.part(pair).entry].dtype.is_float()
            && self.reference.checkpoint.entries[reference.entry].dtype.is_float()
    }
}

/// Measures one component.
///
/// The exact tests pair layers of one number, a choice made before looking. Where the layer map
/// shows that layers moved, values and sizes follow the map, and their p is paid for.
pub(crate) fn measure(scene: Scene<'_>, pairing: &ComponentPairing) -> Result<Exhibit, Error> {
    let Scene { suspect, reference, plan, .. } = scene;
    let mut exhibit = about(scene, pairing);
    let log10_level = rules::test_level(plan.level, scene.components);
    let map = layer_map::search(suspect, reference, &pairing.component, plan, log10_level)?;
    let straight = measure_pairs(scene, pairing, &pairing.pairs)?;
    let waves = has_sinusoids(scene, pairing, &straight)?;
    let testable = straight.testable(scene);
    let mut tested = exact::run_tests(scene, &testable, waves, map.as_ref(), &mut exhibit)?;
    let looked = attention::test(scene, &testable, waves, log10_level, &mut exhibit)?;
    tested.extend(looked.parts);
    if !exact::numbering_is_shared(&exhibit, log10_level) {
        tested.extend(ladder::climb(scene, pairing, waves, log10_level, &mut exhibit)?);
        if exhibit.alignment.is_none() {
            exhibit.aligned = looked.cosine.or(exhibit.aligned);
        }
    }
    let moved = map.as_ref().filter(|map| !map.is_straight());
    let (seen, mut followed) = match moved {
        None => (straight, BTreeSet::new()),
        Some(map) => {
            let pairs = map.follow(suspect, reference, &pairing.pairs);
            let seen = measure_pairs(scene, pairing, &pairs)?;
            let followed = exact::sizes_along(scene, &seen.testable(scene), map, &mut exhibit)?;
            (seen, followed)
        }
    };
    followed.extend(tested);
    exhibit.found_by_content = by_content(scene, pairing);
    exhibit.nearest = pairing.pairs.iter().filter(|p| p.by == PairedBy::Nearest).count() as u64;
    sides::side_by_side(scene, pairing, &seen.answered(), &mut exhibit);
    left_out::formula_tensors(scene, pairing, &seen, &mut exhibit)?;
    contained::measure(scene, pairing, &seen, &mut exhibit)?;
    left_out::coverage(scene, pairing, &seen, &followed, &mut exhibit);
    exhibit.widths = widths::of(scene, &pairing.component);
    // Values at equal places say nothing of a copy whose places were changed.
    if exhibit.alignment.is_none() && rules::may_be_found(&exhibit, log10_level) {
        exhibit.changes = changes(scene, pairing, &seen)?;
        exhibit.expert_map = experts::map(scene, &pairing.component, map.as_ref())?;
    }
    let stored = stored(scene, pairing);
    exhibit.cost = Cost { read: stored, stored };
    Ok(exhibit)
}

/// Pairs with what was read from them.
pub(crate) struct Seen {
    /// The pairs.
    pub(crate) pairs: Vec<Pair>,
    /// The formula each follows.
    pub(crate) formulas: Vec<Option<Formula>>,
    /// Their values side by side.
    pub(crate) values: Vec<PairValues>,
}

impl Seen {
    /// Pairs that are not a formula, with their values.
    fn learned(&self) -> impl Iterator<Item = (Pair, PairValues)> {
        let all = self.pairs.iter().zip(&self.values).zip(&self.formulas);
        all.filter(|(_, formula)| formula.is_none()).map(|((pair, values), _)| (*pair, *values))
    }

    /// The pairs without those that are only nearest: their values side by side say nothing.
    fn answered(&self) -> Self {
        let kept = |pair: &Pair| pair.by != PairedBy::Nearest;
        let which: Vec<usize> = (0..self.pairs.len()).filter(|k| kept(&self.pairs[*k])).collect();
        Self {
            pairs: which.iter().map(|k| self.pairs[*k]).collect(),
            formulas: which.iter().map(|k| self.formulas[*k]).collect(),
            values: which.iter().map(|k| self.values[*k]).collect(),
        }
    }

    /// Learned pairs of floating-point tensors: what a test may draw from.
    fn testable(&self, scene: Scene<'_>) -> Vec<Pair> {
        self.learned().map(|(pair, _)| pair).filter(|pair| scene.is_float(pair)).collect()
    }
}

/// Whether sinusoidal positions are added to the component's residual stream. Coordinate `j` then
/// has the same frequency in every such model, so its numbering is not exchangeable.
fn has_sinusoids(scene: Scene<'_>, pairing: &ComponentPairing, seen: &Seen) -> Result<bool, Error> {
    let _step = step!("formulas", pairing.component);
    let mut found = seen.formulas.iter().flatten().any(|f| *f == Formula::SinusoidalPositions);
    for unpaired in &pairing.unpaired {
        let formula = formulas::of_part(scene.suspect, unpaired.suspect)?;
        found |= formula == Some(Formula::SinusoidalPositions);
    }
    Ok(found)
}

fn changes(
    scene: Scene<'_>,
    pairing: &ComponentPairing,
    seen: &Seen,
) -> Result<Vec<TensorChange>, Error> {
    let _step = step!("changes", pairing.component);
    relation::changes(scene, &seen.answered().learned().collect::<Vec<_>>())
}

fn measure_pairs(
    scene: Scene<'_>,
    pairing: &ComponentPairing,
    pairs: &[Pair],
) -> Result<Seen, Error> {
    let formulas = {
        let _step = step!("formulas", pairing.component);
        formulas::find(scene.suspect, scene.reference, pairs)?
    };
    let _step = step!("values side by side", pairing.component);
    let known = scene.known.and_then(|known| pairs.iter().map(|p| known.get(p).copied()).collect());
    let values = match known {
        Some(values) => values,
        None => values::compare(scene.suspect, scene.reference, pairs, scene.progress)?,
    };
    Ok(Seen { pairs: pairs.to_vec(), formulas, values })
}

pub(crate) fn by_content(scene: Scene<'_>, pairing: &ComponentPairing) -> Vec<FoundByContent> {
    let found = pairing.pairs.iter().filter(|pair| pair.by == PairedBy::Content);
    found
        .map(|pair| {
            let (a, b) =
                (scene.suspect.tensor(pair.suspect), scene.reference.tensor(pair.reference));
            let stored = |tensor: Tensor<'_>| tensor.view().is_dense();
            FoundByContent {
                tensor: a.entry().name.clone(),
                reference: b.entry().name.clone(),
                reordered: stored(a) != stored(b),
            }
        })
        .collect()
}

/// Bytes of a component's tensors in both models: of the suspect, and of what answers to it.
pub(crate) fn stored(scene: Scene<'_>, pairing: &ComponentPairing) -> u64 {
    let theirs = |pair: &Pair| scene.reference.assignment.parts[pair.reference].entry;
    let theirs: BTreeSet<usize> = pairing.pairs.iter().map(theirs).collect();
    let ours = scene.suspect.assignment.parts.iter();
    let ours: BTreeSet<usize> = ours
        .filter(|part| part.key.component == pairing.component)
        .map(|part| part.entry)
        .collect();
    let bytes = |opened: &Opened, entries: &BTreeSet<usize>| -> u64 {
        entries.iter().map(|&entry| opened.checkpoint.entries[entry].bytes).sum()
    };
    bytes(scene.suspect, &ours) + bytes(scene.reference, &theirs)
}

/// An exhibit with nothing measured yet.
pub(crate) fn about(scene: Scene<'_>, pairing: &ComponentPairing) -> Exhibit {
    let components = &scene.suspect.assignment.components;
    let parameters = components
        .iter()
        .find(|component| component.name == pairing.component)
        .map_or(0, |component| component.parameters);
    Exhibit {
        component: pairing.component.to_string(),
        parameters,
        share: float(parameters) / float(scene.suspect.parameters().max(1)),
        ..Exhibit::default()
    }
}
