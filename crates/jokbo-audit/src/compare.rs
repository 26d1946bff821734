//! The order of events: two opened checkpoints in, one case out.

use std::collections::BTreeMap;

use jokbo_components::{ComponentPairing, Pair};
use jokbo_verdict::{Case, Cost, Exhibit, NotMeasured, rules};

use crate::adapter::{self, Kinds};
use crate::architecture;
use crate::carried;
use crate::exhibit::{self, Scene};
use crate::lined_up::{LinedUp, Tokens, paid};
use crate::merge;
use crate::once;
use crate::parts::Kept;
use crate::prepared::{Prepared, chosen, prepare};
use crate::step::step;
use crate::survey::{NotFinite, Survey};
use crate::values::PairValues;
use crate::{Error, Opened, Plan, Progress, sampled};

/// Measures everything that `plan` asks for on `suspect` and `reference`.
///
/// The result depends on the two checkpoints and the plan alone: not on threads, memory or time.
pub fn compare(
    suspect: &Opened,
    reference: &Opened,
    plan: &Plan,
    progress: &dyn Progress,
) -> Result<Case, Error> {
    compare_with_parents(suspect, reference, Parents::default(), plan, progress)
}

/// Models that the suspect may be a mixture of.
#[derive(Debug, Clone, Copy, Default)]
pub struct Parents<'a> {
    /// The reference first, then the others, in the order they were named. Fewer than two are none.
    pub models: &'a [&'a Opened],
    /// What their task vectors are counted from.
    pub base: Option<&'a Opened>,
}

/// As [`compare()`], and says of every component that is found whether it is a mixture of `parents`.
pub fn compare_with_parents(
    suspect: &Opened,
    reference: &Opened,
    parents: Parents<'_>,
    plan: &Plan,
    progress: &dyn Progress,
) -> Result<Case, Error> {
    let carried = carried::both(suspect, reference, plan)?;
    let tokens = carried.as_ref().ok().and_then(|carried| carried.as_ref()?.tokens.as_ref());
    let mut case = weights(suspect, reference, (parents, tokens), plan, progress)?;
    match architecture::side_by_side(suspect, reference) {
        Ok(found) => case.architecture = found,
        Err(missing) => case.not_measured.push(missing),
    }
    match carried {
        Ok(carried) => case.tokenizer = carried.map(|both| both.case),
        Err(missing) => case.not_measured.push(missing),
    }
    Ok(case)
}

/// The part of the case that is measured on weights.
fn weights(
    suspect: &Opened,
    reference: &Opened,
    (parents, tokens): (Parents<'_>, Option<&Tokens>),
    plan: &Plan,
    progress: &dyn Progress,
) -> Result<Case, Error> {
    let models: Vec<Opened> = parents.models.iter().map(|m| m.answering_to(suspect)).collect();
    let models: Vec<&Opened> = models.iter().collect();
    let base = parents.base.map(|base| base.answering_to(suspect));
    let parents = Parents { models: &models, base: base.as_ref() };
    let ready = prepare(suspect, reference, plan, progress)?;
    let looks = ready.pairings.len();
    if ready.is_sampled {
        let mut case = sampled::case(&ready, looks, plan, progress)?;
        if tokens.is_some() {
            case.not_measured.push(NotMeasured {
                what: "token_rows".to_owned(),
                why: "the tokenizers differ, and rows are lined up by token in a full comparison \
                      only: a sample reads stretches of stored rows"
                    .to_owned(),
            });
        }
        if 1 < parents.models.len() {
            case.not_measured.push(NotMeasured {
                what: "merge".to_owned(),
                why: "coefficients of a mixture are fitted in a full comparison only".to_owned(),
            });
        }
        return Ok(case);
    }
    let once = once::read(&[suspect, reference], &[ready.side_by_side()], progress)?;
    let surveys = [&once.surveys[0], &once.surveys[1]];
    let seen = AlreadySeen { surveys, values: once.values.first() };
    measured(&ready, looks, seen, (parents, tokens), plan, progress)
}

/// What reading all of both models showed.
#[derive(Clone, Copy)]
pub(crate) struct AlreadySeen<'a> {
    pub(crate) surveys: [&'a Survey; 2],
    /// Values of all pairs, where they were put side by side.
    pub(crate) values: Option<&'a BTreeMap<Pair, PairValues>>,
}

/// Everything about one pair that is read in full. `looks` is how many components share the level.
pub(crate) fn measured(
    ready: &Prepared<'_>,
    looks: usize,
    seen: AlreadySeen<'_>,
    (parents, tokens): (Parents<'_>, Option<&Tokens>),
    plan: &Plan,
    progress: &dyn Progress,
) -> Result<Case, Error> {
    let Prepared { kinds, suspect, reference, pairings, components, found, .. } = ready;
    let (suspect, reference): (&Opened, &Opened) = (suspect, reference);
    let [ours, theirs] = seen.surveys;
    let both = suspect.bytes() + reference.bytes();
    let mut odd = oddities("suspect: ", suspect, &ours.not_finite);
    odd.extend(oddities("reference: ", reference, &theirs.not_finite));
    let kept = Kept::of(ready, looks, seen.surveys, (parents, tokens), plan, progress)?;
    progress.stage("comparing weights", both);
    let known = seen.values;
    let scene = Scene { suspect, reference, plan, progress, components: looks, known };
    let lined = tokens.filter(|_| *kinds == Kinds::Models);
    let lined = lined.map(|tokens| {
        let _step = step!("rows lined up by token", model = reference.checkpoint.source);
        let lined = LinedUp::of(suspect, reference, tokens);
        let pairings = chosen(&lined.suspect, &lined.reference, components, found)?;
        Ok::<_, Error>((lined, pairings))
    });
    let lined = lined.transpose()?;
    let measured = |pairing: &ComponentPairing| {
        let mut exhibit = by_id_or_token(scene, pairing, lined.as_ref())?;
        adapter::mark(*kinds, &mut exhibit);
        if !exhibit.changes.is_empty() {
            exhibit.merge = merge::find(suspect, pairing, parents, plan)?;
        }
        Ok(exhibit)
    };
    let exhibits = pairings.iter().map(|pairing| match &kept {
        Some(kept) => kept.or_measured(pairing, || measured(pairing)),
        None => measured(pairing),
    });
    let exhibits = exhibits.collect::<Result<Vec<_>, Error>>()?;
    Ok(Case {
        level: plan.level,
        seed: plan.seed,
        looks,
        suspect: suspect.model(ours.files.clone()),
        reference: reference.model(theirs.files.clone()),
        exhibits,
        oddities: odd,
        cost: Cost { read: suspect.bytes_read() + reference.bytes_read(), stored: both },
        architecture: None,
        tokenizer: None,
        not_measured: Vec::new(),
    })
}

/// Measures a component as it is stored, and where nothing is found so and its tables can be lined up
/// by token, as they lie then.
fn by_id_or_token(
    scene: Scene<'_>,
    pairing: &ComponentPairing,
    lined: Option<&(LinedUp, Vec<ComponentPairing>)>,
) -> Result<Exhibit, Error> {
    let Some((lined, pairings)) = lined else { return exhibit::measure(scene, pairing) };
    let again = pairings.iter().find(|other| other.component == pairing.component);
    let Some(again) = again.filter(|_| lined.concerns(pairing)) else {
        let mut exhibit = exhibit::measure(scene, pairing)?;
        exhibit.not_measured.extend(lined.not_lined_up(pairing));
        return Ok(exhibit);
    };
    // What would have been found is said of the level that is left to either look.
    let of_two = Scene { components: 2 * scene.components, ..scene };
    let straight = paid(exhibit::measure(of_two, pairing)?);
    let log10_level = rules::test_level(scene.plan.level, scene.components);
    if rules::may_be_found(&straight, log10_level) {
        return Ok(straight);
    }
    let (suspect, reference) = (&lined.suspect, &lined.reference);
    let by_token = Scene { suspect, reference, known: None, ..of_two };
    let mut exhibit = paid(exhibit::measure(by_token, again)?);
    lined.mark(by_token, &straight, &mut exhibit);
    Ok(exhibit)
}

/// What opening both showed, where their weights were not all looked at.
pub(crate) fn opening_oddities(suspect: &Opened, reference: &Opened) -> Vec<String> {
    let mut odd = oddities("suspect: ", suspect, &[]);
    odd.extend(oddities("reference: ", reference, &[]));
    odd
}

/// What a reviewer must know of a checkpoint: what opening it showed, and weights not finite.
pub(crate) fn oddities(side: &str, opened: &Opened, not_finite: &[NotFinite]) -> Vec<String> {
    let opening = opened.oddities.iter().map(|oddity| format!("{side}{oddity}"));
    let entries = opened.checkpoint.entries.iter().zip(not_finite);
    let weights = entries.filter_map(|(entry, count)| {
        let file = &opened.checkpoint.files[entry.file].path;
        count.sentence().map(|what| format!("{side}{file}: {}: {what}", entry.name))
    });
    opening
        .chain(weights)
        .chain(opened.assignment.notes.iter().map(|n| format!("{side}{n}")))
        .collect()
}
