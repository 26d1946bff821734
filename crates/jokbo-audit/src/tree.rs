//! The order of events for the family tree of a set of models.
//!
//! Every model is read once, into a fingerprint of seeded rows and columns that are the same for all
//! models. All pairs of fingerprints are then tested without another byte, and graded; mixtures are
//! looked for in each cluster, and of the links of the trees alone how the weights differ.

use std::collections::{BTreeMap, BTreeSet};

use jokbo_components::{ComponentName, pair};
use jokbo_statistics::order::Order;
use jokbo_verdict::{
    Cost, FAMILY_TESTS, Family, FamilyComponent, FamilyPair, FamilyTree, FileDigest, Member,
    grade_family, rules,
};
use rayon::prelude::*;

use crate::compare::oddities;
use crate::{Error, Opened, Plan, Progress};

mod fingerprint;
mod links;
mod mixtures;
mod pairs;

use fingerprint::Fingerprint;
use pairs::Pairing;

/// Draws the family tree of `models`: all pairs tested in every component.
///
/// `plan` gives level, seed and the components that are asked for; what is read is the same whatever
/// else it says. The result depends on the models and these alone, not on the order of `models`.
/// Each model is read once; of a link of a tree seeded rows are read again, at most once for each
/// model but one. Memory: some 256 KiB for each matrix of each model. Time grows with the pairs.
///
/// # Errors
/// When a model is an adapter, a component that was asked for is in none, or a weight cannot be read.
pub fn tree(models: &[&Opened], plan: &Plan, progress: &dyn Progress) -> Result<Family, Error> {
    let mut models: Vec<&Opened> = models.to_vec();
    models.sort_by(|a, b| a.checkpoint.source.cmp(&b.checkpoint.source));
    if let Some(adapter) = models.iter().find(|opened| opened.is_adapter()) {
        return Err(Error::AdapterInTree { path: adapter.checkpoint.source.clone() });
    }
    let called = Called::of(&models);
    let wanted = called.wanted(&models, &plan.components)?;
    let order = Order::new(plan.seed);
    progress.stage("reading models", models.iter().map(|opened| opened.bytes()).sum());
    let read = |opened: &&Opened| {
        let is_wanted = |name: &ComponentName| wanted.contains(&called.name(name));
        Fingerprint::read(opened, &order, is_wanted, progress)
    };
    let prints: Vec<Fingerprint> = models.iter().map(read).collect::<Result<_, Error>>()?;
    let subjects: Vec<Subject<'_>> =
        models.iter().zip(&prints).map(|(&opened, print)| Subject { opened, print }).collect();
    let mut family = Family {
        level: plan.level,
        seed: plan.seed,
        models: models.iter().map(|opened| opened.model(unread(opened))).collect(),
        components: wanted.iter().map(|name| members(name, &called, &subjects)).collect(),
        oddities: models
            .iter()
            .flat_map(|opened| oddities(&format!("{}: ", opened.checkpoint.source), opened, &[]))
            .collect(),
        cost: Cost::default(),
    };
    progress.stage("testing pairs", 0);
    test_all(&mut family, &called, &subjects);
    let trees = grade_family(&family);
    mixtures::look(&mut family, &trees, &called, &subjects);
    let trees = grade_family(&family);
    state_power(&mut family, &trees, &called, &subjects);
    progress.stage("looking at links", 0);
    links::look(&mut family, &trees, &called, &subjects, plan)?;
    family.cost = Cost {
        read: models.iter().map(|opened| opened.bytes_read()).sum(),
        stored: models.iter().map(|opened| opened.bytes()).sum(),
    };
    Ok(family)
}

/// One model with what was read of it.
#[derive(Clone, Copy)]
struct Subject<'a> {
    opened: &'a Opened,
    print: &'a Fingerprint,
}

/// What components are called in a tree: by their kind, so that networks of other names are held
/// against each other; by their full name where any model has two of that kind.
struct Called {
    several: BTreeSet<String>,
}

impl Called {
    fn of(models: &[&Opened]) -> Self {
        let mut several = BTreeSet::new();
        for opened in models {
            let mut seen = BTreeSet::new();
            for component in &opened.assignment.components {
                let kind = component.name.kind.to_string();
                if !seen.insert(kind.clone()) {
                    several.insert(kind);
                }
            }
        }
        Self { several }
    }

    fn name(&self, name: &ComponentName) -> String {
        let kind = name.kind.to_string();
        if self.several.contains(&kind) { name.to_string() } else { kind }
    }

    /// The components that are asked for; all that any model has when none is.
    fn wanted(&self, models: &[&Opened], asked: &[String]) -> Result<Vec<String>, Error> {
        let components = models.iter().flat_map(|opened| &opened.assignment.components);
        let mut all: Vec<&ComponentName> = components.map(|component| &component.name).collect();
        all.sort();
        let mut names: Vec<String> = all.iter().map(|name| self.name(name)).collect();
        names.dedup();
        if let Some(asked) = asked.iter().find(|asked| !names.contains(asked)) {
            let (asked, found) = (asked.clone(), names.join(", "));
            return Err(Error::InNoModel { asked, found });
        }
        names.retain(|name| asked.is_empty() || asked.contains(name));
        Ok(names)
    }
}

/// The files of a model, which are not digested: no file is read whole for a tree.
fn unread(opened: &Opened) -> Vec<FileDigest> {
    let files = opened.checkpoint.own_files();
    files
        .map(|file| FileDigest {
            path: file.path.clone(),
            sha256: None,
            published: false,
            bytes: file.reader.len(),
        })
        .collect()
}

fn members(name: &str, called: &Called, subjects: &[Subject<'_>]) -> FamilyComponent {
    let member = |(model, subject): (usize, &Subject<'_>)| {
        let assignment = &subject.opened.assignment;
        let is_it = |own: &ComponentName| called.name(own) == name;
        let own = assignment.components.iter().find(|component| is_it(&component.name))?;
        let parts = assignment.parts.iter().enumerate();
        let testable = parts
            .filter(|(k, part)| is_it(&part.key.component) && subject.print.pieces.contains_key(k));
        Some(Member {
            model,
            parameters: own.parameters,
            testable: testable.map(|(_, part)| part.view.elements()).sum(),
        })
    };
    FamilyComponent {
        component: name.to_owned(),
        members: subjects.iter().enumerate().filter_map(member).collect(),
        pairs: Vec::new(),
        mixtures: Vec::new(),
        power: None,
    }
}

/// Tests every pair of models in every component that both have.
fn test_all(family: &mut Family, called: &Called, subjects: &[Subject<'_>]) {
    let n = subjects.len();
    let all: Vec<(usize, usize)> = (0..n).flat_map(|a| (a + 1..n).map(move |b| (a, b))).collect();
    let components = &family.components;
    let level = test_level(family);
    let tested: Vec<Vec<(usize, FamilyPair)>> = all
        .par_iter()
        .map(|&(a, b)| test_pair(components, called, (a, b), (subjects[a], subjects[b]), level))
        .collect();
    for (place, pair) in tested.into_iter().flatten() {
        family.components[place].pairs.push(pair);
    }
}

/// The level of one test of one pair, in decimal logarithms.
fn test_level(family: &Family) -> f64 {
    let pairs = |component: &FamilyComponent| {
        let n = component.members.len();
        n * n.saturating_sub(1) / 2
    };
    let looks: usize = family.components.iter().map(pairs).sum();
    rules::look_level(family.level, looks * FAMILY_TESTS)
}

/// Says what would have been found between the two members of every component that share fewest
/// units, of those that were tested and not found related. Others were tested on more.
fn state_power(
    family: &mut Family,
    trees: &[FamilyTree],
    called: &Called,
    subjects: &[Subject<'_>],
) {
    let log10_level = test_level(family);
    for (component, tree) in family.components.iter_mut().zip(trees) {
        let units = |k: &usize| -> u64 {
            component.pairs[*k].exhibit.tests.iter().map(|test| test.n).max().unwrap_or(0)
        };
        let not_found = |k: &usize| tree.log10_ps[*k].is_some() && !tree.related.contains(k);
        let Some(k) = (0..component.pairs.len()).filter(not_found).min_by_key(units) else {
            continue;
        };
        let (a, b) = component.pairs[k].members;
        let subject = |member: usize| subjects[component.members[member].model];
        let (suspect, reference) = (subject(a), subject(b));
        let paired = paired(called, suspect, reference);
        let Some(pairs) = paired.get(&component.component) else { continue };
        let pairing = Pairing { suspect, reference, pairs, log10_level };
        component.power = Some(pairing.power());
    }
}

/// One pair of models: a pair of members for every component that both have, with its place among
/// the components.
fn test_pair(
    components: &[FamilyComponent],
    called: &Called,
    (a, b): (usize, usize),
    (suspect, reference): (Subject<'_>, Subject<'_>),
    log10_level: f64,
) -> Vec<(usize, FamilyPair)> {
    let paired = paired(called, suspect, reference);
    let nothing = Vec::new();
    let of_one = |(place, component): (usize, &FamilyComponent)| {
        let at = |model: usize| component.members.iter().position(|m| m.model == model);
        let members = (at(a)?, at(b)?);
        let pairs = paired.get(&component.component).unwrap_or(&nothing);
        let pairing = Pairing { suspect, reference, pairs, log10_level };
        let (distance, exhibit) = pairing.measure(&component.component);
        Some((place, FamilyPair { members, distance, exhibit }))
    };
    components.iter().enumerate().filter_map(of_one).collect()
}

/// Parts that answer to each other in components of one name, by name.
fn paired(
    called: &Called,
    suspect: Subject<'_>,
    reference: Subject<'_>,
) -> BTreeMap<String, Vec<jokbo_components::Pair>> {
    let (a, b) = (suspect.opened, reference.opened);
    let pairings = pair(&a.assignment, &b.assignment, &a.checkpoint.entries, &b.checkpoint.entries);
    let name =
        |opened: &Opened, part: usize| called.name(&opened.assignment.parts[part].key.component);
    let mut by_name: BTreeMap<String, Vec<jokbo_components::Pair>> = BTreeMap::new();
    for pair in pairings.into_iter().flat_map(|pairing| pairing.pairs) {
        let ours = name(a, pair.suspect);
        if ours == name(b, pair.reference) {
            by_name.entry(ours).or_default().push(pair);
        }
    }
    by_name
}
