//! One look at one component: what was drawn, tested and put side by side.

use std::collections::{BTreeMap, BTreeSet};

use jokbo_components::{ComponentPairing, Pair};
use jokbo_statistics::formula::Formula;
use jokbo_statistics::join::join;
use jokbo_statistics::pass::PairSums;
use jokbo_statistics::sequential;
use jokbo_tensors::Block;
use jokbo_verdict::{Cost, Exhibit, FormulaTensor, NotMeasured, Sampling, Stopped, rules};
use rayon::prelude::*;

use super::Subject;
use super::spread::Spread;
use crate::Error;
use crate::exhibit::exact::{self, Scored};
use crate::exhibit::{self, Scene, Seen, left_out, sides};
use crate::layer_map::{self, Search};
use crate::renumbering::{self, Drawing, Tests};
use crate::step::step;
use crate::values::{self, Buffers, PairValues};

/// Tests all that was drawn so far, and keeps the smallest p of each test over the looks.
pub(super) fn measure(
    scene: Scene<'_>,
    subject: &mut Subject<'_>,
    look: usize,
) -> Result<(), Error> {
    let Scene { suspect, reference, plan, .. } = scene;
    let drawn = &subject.drawn;
    let log10_level = sequential::level_of(rules::test_level(plan.level, scene.components), look);
    let mut exhibit = exhibit::about(scene, subject.pairing);
    let name = &subject.pairing.component;
    let _step = step!("testing", name);
    let map = {
        let _step = step!("layer map", name);
        layer_map::search_grids(suspect, reference, &drawn.grids, log10_level)?
    };
    let score = |test: &str, drawings: &[Drawing]| {
        let _step = step!("units scored", name);
        let tests = Tests::new(test, &name.to_string(), plan);
        renumbering::score_drawn(suspect, reference, drawings, &tests, plan)
    };
    let groups =
        |drawings: &[Drawing]| drawings.iter().map(|d| d.group.clone()).collect::<Vec<_>>();
    let scored = Scored {
        kinds: (exact::kind_of(&groups(&drawn.units)), exact::kind_of(&groups(&drawn.residual))),
        units: score(exact::UNITS, &drawn.units)?,
        residual: score(exact::RESIDUAL, &drawn.residual)?,
        has_sinusoids: subject.has_sinusoids,
    };
    exact::state(&mut exhibit, &scored, map.as_ref(), log10_level);
    let mut blocks = drawn.blocks.clone();
    if let Some(map) = map.as_ref().filter(|map| !map.is_straight()) {
        let moved = along(scene, subject, map);
        exact::state_sizes(score(exact::UNITS, &moved)?, map, &mut exhibit);
        blocks = followed(scene, map, blocks, &drawn.units);
    }
    for test in &mut exhibit.tests {
        let paid = sequential::paid(test.log10_p, look);
        let least = subject.least.entry(test.name).or_insert(0.0);
        *least = least.min(paid);
        test.log10_p = *least;
    }
    for section in &mut exhibit.sections {
        section.log10_p = sequential::paid(section.log10_p, look);
    }
    for origin in &mut exhibit.layer_map {
        origin.log10_p = sequential::paid(origin.log10_p, look);
    }
    let seen = side_by_side(scene, subject, &blocks, &mut exhibit)?;
    left_out::coverage(scene, subject.pairing, &seen, &drawn.tested(), &mut exhibit);
    subject.exhibit = exhibit;
    Ok(())
}

/// The units that were drawn, of layers paired as the map says.
fn along(scene: Scene<'_>, subject: &Subject<'_>, map: &Search) -> Vec<Drawing> {
    let Scene { suspect, reference, .. } = scene;
    let pairs = map.follow(suspect, reference, &subject.pairing.pairs);
    let answer: BTreeMap<usize, Pair> = pairs.iter().map(|pair| (pair.suspect, *pair)).collect();
    let moved = |drawing: &Drawing| {
        let mut drawing = drawing.clone();
        let (members, features) = drawing
            .group
            .members
            .iter()
            .zip(&drawing.features)
            .filter_map(|(member, features)| {
                let mut member = *member;
                member.pair = *answer.get(&member.pair.suspect)?;
                Some((member, features.clone()))
            })
            .unzip();
        (drawing.group.members, drawing.features) = (members, features);
        (!drawing.group.members.is_empty()).then_some(drawing)
    };
    subject.drawn.units.iter().filter_map(moved).collect()
}

/// The blocks with every part of a moved layer answered by the layer it came from. Of moved layers
/// only the units were read in both models.
fn followed(
    scene: Scene<'_>,
    map: &Search,
    blocks: Vec<(Pair, Block)>,
    units: &[Drawing],
) -> Vec<(Pair, Block)> {
    let read: BTreeSet<usize> = exact::parts_of(units.iter().map(|drawing| &drawing.group));
    let pairs: Vec<Pair> = blocks.iter().map(|(pair, _)| *pair).collect();
    let answers = map.follow(scene.suspect, scene.reference, &pairs);
    let answer: BTreeMap<usize, Pair> = answers.iter().map(|pair| (pair.suspect, *pair)).collect();
    let moved = |(pair, block): (Pair, Block)| {
        let to = *answer.get(&pair.suspect)?;
        (to == pair || read.contains(&pair.suspect)).then_some((to, block))
    };
    blocks.into_iter().filter_map(moved).collect()
}

/// Sampled values side by side, with their intervals.
fn side_by_side(
    scene: Scene<'_>,
    subject: &Subject<'_>,
    blocks: &[(Pair, Block)],
    exhibit: &mut Exhibit,
) -> Result<Seen, Error> {
    let _step = step!("values side by side", subject.pairing.component);
    let read: Vec<PairValues> = blocks
        .par_iter()
        .map_init(Buffers::default, |buffers, (pair, block)| {
            values::compare_block(scene.suspect, scene.reference, pair, block, buffers)
        })
        .collect::<Result<_, _>>()?;
    let mut by_pair: BTreeMap<Pair, Vec<PairValues>> = BTreeMap::new();
    let mut stretches: Vec<PairSums> = Vec::new();
    for ((pair, _), values) in blocks.iter().zip(&read) {
        by_pair.entry(*pair).or_default().push(*values);
        if scene.is_float(pair) && values::is_matrix(scene.part(pair)) {
            stretches.push(values.sums);
        }
    }
    let pairs: Vec<Pair> = by_pair.keys().copied().collect();
    let joined = by_pair.into_values().filter_map(|values| join(values, PairValues::join));
    let seen = Seen { formulas: vec![None; pairs.len()], pairs, values: joined.collect() };
    exhibit.found_by_content = exhibit::by_content(scene, subject.pairing);
    sides::side_by_side(scene, subject.pairing, &seen, exhibit);
    if let Some(values) = &mut exhibit.values {
        values.complete = false;
    }
    let spread = Spread::of(&stretches);
    exhibit.sampling = Some(Sampling {
        looks: 0,
        stopped: Stopped::Settled,
        cosine: spread.cosine,
        pearson: spread.pearson,
        relative_l2: spread.relative_l2,
    });
    Ok(whole(subject.pairing, &subject.formulas, seen))
}

/// All pairs of the component with the formulas that were recognised, for the list of what no test
/// drew from.
fn whole(pairing: &ComponentPairing, known: &BTreeMap<usize, Formula>, seen: Seen) -> Seen {
    let pairs = pairing.pairs.clone();
    let formulas = pairs.iter().map(|pair| known.get(&pair.suspect).copied()).collect();
    let values: BTreeMap<Pair, PairValues> = seen.pairs.into_iter().zip(seen.values).collect();
    let of = |pair: &Pair| values.get(pair).copied().unwrap_or_default();
    Seen { values: pairs.iter().map(of).collect(), formulas, pairs }
}

/// The exhibit of a component that is done, with what it cost and why it is done.
pub(super) fn finished(scene: Scene<'_>, subject: Subject<'_>) -> Exhibit {
    let mut exhibit = subject.exhibit;
    let stored = exhibit::stored(scene, subject.pairing);
    // Pages at both ends of a small component hold bytes of its neighbours.
    exhibit.cost = Cost { read: subject.read.min(stored), stored };
    let sampling = exhibit.sampling;
    exhibit.sampling = Some(Sampling {
        looks: subject.looks as u64,
        stopped: subject.stopped.unwrap_or(Stopped::LastLook),
        cosine: sampling.and_then(|s| s.cosine),
        pearson: sampling.and_then(|s| s.pearson),
        relative_l2: sampling.and_then(|s| s.relative_l2),
    });
    exhibit.formulas = formulas(scene, &subject.formulas);
    exhibit.not_measured.push(NotMeasured {
        what: "alignment".to_owned(),
        why: "hidden relations, and how weights were changed, are looked for in a full comparison \
              only"
            .to_owned(),
    });
    if subject.looks == 0 {
        let nothing = Seen { pairs: Vec::new(), formulas: Vec::new(), values: Vec::new() };
        let seen = whole(subject.pairing, &subject.formulas, nothing);
        left_out::coverage(scene, subject.pairing, &seen, &BTreeSet::new(), &mut exhibit);
        exhibit.not_measured.push(NotMeasured {
            what: "tests".to_owned(),
            why: "the bytes that may be read were spent before this component".to_owned(),
        });
    }
    exhibit
}

/// The formulas that were recognised. They were read on one side at least, and compared on none.
fn formulas(scene: Scene<'_>, found: &BTreeMap<usize, Formula>) -> Vec<FormulaTensor> {
    let tensor = |(&part, formula): (&usize, &Formula)| FormulaTensor {
        tensor: scene.entry_name(part),
        formula: formula.name(),
        parameters: scene.suspect.tensor(part).view().elements(),
        equal_share: None,
        cosine: None,
    };
    found.iter().map(tensor).collect()
}
