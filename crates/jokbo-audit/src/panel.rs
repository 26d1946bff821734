//! The order of events for one suspect and a panel of references.
//!
//! How many looks there will be is settled first, from names alone. Then every reference is compared
//! with the suspect, and at last those references with each other that share ancestry with the same
//! component of it.

use std::collections::BTreeMap;

use jokbo_components::Pair;
use jokbo_verdict::{Between, Case, Cost, Panel, Verdict, grade_panel, panel_looks};

use crate::carried;
use crate::compare::{AlreadySeen, measured};
use crate::once::{self, Once, SideBySide};
use crate::prepared::{Prepared, prepare};
use crate::values::PairValues;
use crate::{Error, Opened, Parents, Plan, Progress, sampled};

/// One reference of a panel.
#[derive(Debug, Clone)]
pub struct Reference<'a> {
    /// The checkpoint.
    pub opened: &'a Opened,
    /// The suspect's components to hold against it; all that were asked for when empty.
    pub components: Vec<String>,
}

/// Compares `suspect` with every reference, and references with each other where more than one
/// shares ancestry with the same component of it.
///
/// Every look is paid for: all components against all references and all pairs of these, whether
/// they could be looked at or not. Each model is digested once. The result does not depend on the
/// order of `references`, but for its listing.
pub fn compare_panel(
    suspect: &Opened,
    references: &[Reference<'_>],
    plan: &Plan,
    progress: &dyn Progress,
) -> Result<Panel, Error> {
    let ready: Vec<Prepared<'_>> = references
        .iter()
        .map(|reference| {
            let plan = with_components(plan, reference.components.clone());
            prepare(suspect, reference.opened, &plan, progress)
        })
        .collect::<Result<_, Error>>()?;
    let models: Vec<&Opened> =
        std::iter::once(suspect).chain(references.iter().map(|r| r.opened)).collect();
    let looking =
        Looking { plan, progress, looks: looks(&ready), once: once(&ready, &models, progress)? };
    let cases = ready
        .iter()
        .enumerate()
        .map(|(k, ready)| looking.case(ready, (0, k + 1), looking.once.values.get(k)))
        .collect::<Result<Vec<Case>, Error>>()?;
    let mut panel = Panel { cases, between: Vec::new(), cost: Cost::default() };
    for (pair, components) in related(&panel) {
        // Called as the suspect calls them, so that they answer to each other as they did to it.
        let [a, b] = [pair.0, pair.1].map(|k| references[k].opened.answering_to(suspect));
        let has = |opened: &Opened, name: &str| {
            opened.assignment.parts.iter().any(|part| part.key.component.to_string() == name)
        };
        let components: Vec<String> =
            components.into_iter().filter(|name| has(&a, name) && has(&b, name)).collect();
        if components.is_empty() {
            continue;
        }
        let ready = prepare(&a, &b, &with_components(plan, components), progress)?;
        let case = looking.case(&ready, (pair.0 + 1, pair.1 + 1), None)?;
        panel.between.push(Between { references: pair, case });
    }
    panel.cost = Cost {
        read: models.iter().map(|opened| opened.bytes_read()).sum(),
        stored: models.iter().map(|opened| opened.bytes()).sum(),
    };
    Ok(panel)
}

fn with_components(plan: &Plan, components: Vec<String>) -> Plan {
    if components.is_empty() { plan.clone() } else { Plan { components, ..plan.clone() } }
}

/// What all comparisons of a panel have in common.
struct Looking<'a> {
    plan: &'a Plan,
    progress: &'a dyn Progress,
    looks: usize,
    /// Of the suspect, then of every reference, and of the suspect with every reference; of none where
    /// only samples are read.
    once: Once,
}

impl Looking<'_> {
    /// One comparison, of the models with these places; the values of its pairs where they were seen.
    fn case(
        &self,
        ready: &Prepared<'_>,
        (a, b): (usize, usize),
        values: Option<&BTreeMap<Pair, PairValues>>,
    ) -> Result<Case, Error> {
        let Self { plan, progress, looks, once } = self;
        if ready.is_sampled {
            return sampled::case(ready, *looks, plan, *progress);
        }
        let carried = carried::both(&ready.suspect, &ready.reference, plan)?;
        let tokens = carried.as_ref().ok().and_then(|carried| carried.as_ref()?.tokens.as_ref());
        let seen = AlreadySeen { surveys: [&once.surveys[a], &once.surveys[b]], values };
        measured(ready, *looks, seen, (Parents::default(), tokens), plan, *progress)
    }
}

/// Every byte of every model, unless only samples are read.
fn once(
    ready: &[Prepared<'_>],
    models: &[&Opened],
    progress: &dyn Progress,
) -> Result<Once, Error> {
    if ready.iter().all(|ready| ready.is_sampled) {
        return Ok(Once { surveys: Vec::new(), values: Vec::new() });
    }
    let comparisons: Vec<SideBySide<'_>> = ready.iter().map(Prepared::side_by_side).collect();
    once::read(models, &comparisons, progress)
}

/// Looks that are paid for: of every component all references it is held against, and all pairs.
fn looks(ready: &[Prepared<'_>]) -> usize {
    let mut references: BTreeMap<String, usize> = BTreeMap::new();
    for pairing in ready.iter().flat_map(|ready| &ready.pairings) {
        *references.entry(pairing.component.to_string()).or_default() += 1;
    }
    references.into_values().map(panel_looks).sum()
}

/// Pairs of references with the components in which the suspect was found to share ancestry with
/// both. Which of two stands as the suspect follows from their names, not from their order.
fn related(panel: &Panel) -> BTreeMap<(usize, usize), Vec<String>> {
    let verdicts = grade_panel(panel).cases;
    let source = |k: usize| &panel.cases[k].reference.source;
    let found = |k: usize| {
        let found = verdicts[k].iter().filter(|verdict| verdict.grade.is_finding());
        found.map(|Verdict { component, .. }| component).collect::<Vec<_>>()
    };
    let mut pairs: BTreeMap<(usize, usize), Vec<String>> = BTreeMap::new();
    for a in 0..verdicts.len() {
        for b in 0..verdicts.len() {
            let before = (source(a), a) < (source(b), b);
            let theirs = found(b);
            let both: Vec<String> =
                found(a).into_iter().filter(|name| theirs.contains(name)).cloned().collect();
            if before && !both.is_empty() {
                pairs.insert((a, b), both);
            }
        }
    }
    pairs
}
