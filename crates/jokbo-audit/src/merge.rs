//! Whether a component is a mixture of several candidate parents.

use std::collections::{BTreeMap, BTreeSet};

use jokbo_components::{ComponentName, ComponentPairing, Pair, pair};
use jokbo_statistics::number::float;
use jokbo_statistics::relation::merge::{Mixture, Products, with_errors};
use jokbo_statistics::relation::rounding::Rounding;
use jokbo_statistics::relation::sparse::Points;
use jokbo_statistics::seed::Draws;
use jokbo_verdict::{Estimate, Merge, MergeMethod, Origin, ParentShare};
use rayon::prelude::*;

use crate::relation::{dtype, rounding_of};
use crate::step::step;
use crate::{Error, Opened, Parents, Plan, layer_map};

mod circle;
mod sparse;

/// Rows and elements read of one tensor of one model: 4 MiB of `f32`.
const ROWS: u64 = 512;
const ELEMENTS: u64 = 1 << 20;
/// Stretches of rows that a tensor is cut into, so that few tensors have errors too.
const STRETCHES: usize = 16;
/// What is left of an exact mixture against what rounding leaves at most.
const LEFT: f64 = 1.5;
/// Share of the squared distance to the nearest parent that a mixture of task vectors with something
/// added explains. Without a base there is no such allowance: what is missing might be the base.
const EXPLAINED: f64 = 0.9;
/// By how much coefficients on a great circle add up to more than 1, or it is called a line.
const LONGER: f64 = 0.003;
/// A coefficient below this is no parent's.
const LEAST: f64 = 0.02;
/// Quantile of a 95 % interval: Student's for the 16 stretches of a single tensor, which is a little
/// wide for more.
const T95: f64 = 2.13;

/// One tensor with its inner products: as they are, and as task vectors.
struct Fitted {
    part: usize,
    /// All parents have it, and the base. A parent that has not is zeros.
    is_whole: bool,
    /// By stretch.
    plain: Vec<Products>,
    tasks: Vec<Products>,
    /// Some elements less the base.
    points: Points,
}

/// Looks for a mixture in one component. `None` when fewer than two parents hold its matrices, or
/// no mixture explains it.
pub(crate) fn find(
    suspect: &Opened,
    pairing: &ComponentPairing,
    parents: Parents<'_>,
    plan: &Plan,
) -> Result<Option<Merge>, Error> {
    if parents.models.len() < 2 {
        return Ok(None);
    }
    let _step = step!("merge", pairing.component);
    let models = || parents.models.iter().chain(&parents.base);
    let answers: Vec<BTreeMap<usize, usize>> = models()
        .map(|model| answers(suspect, model, &pairing.component, plan))
        .collect::<Result<_, _>>()?;
    let parts: Vec<usize> = answers.iter().flat_map(BTreeMap::keys).copied().collect();
    let parts: Vec<usize> = BTreeSet::from_iter(parts).into_iter().collect();
    let most = sparse::points_of_one(parts.len());
    let fitted: Vec<Fitted> = parts
        .par_iter()
        .filter_map(|one| fit(suspect, *one, &answers, parents, (plan.seed, most)).transpose())
        .collect::<Result<_, _>>()?;
    let sources: Vec<String> =
        parents.models.iter().map(|model| model.checkpoint.source.clone()).collect();
    let base = parents.base.map(|base| base.checkpoint.source.clone());
    let all = fitted;
    let (fitted, _): (Vec<&Fitted>, Vec<&Fitted>) = all.iter().partition(|f| f.is_whole);
    let linear =
        mixture(&fitted, |f| &f.plain, MergeMethod::Linear, &sources).filter(Mixed::is_exact);
    let linear = linear.map(|mixed| mixed.merge);
    let circle = circle::find(&fitted, &sources);
    // On the circle coefficients add up to more than 1, on the line between parents to 1.
    let is_long = linear.as_ref().is_none_or(|merge| LONGER < total(merge) - 1.0);
    let whole = pass_through(suspect, &all, &sources).or(circle.filter(|_| is_long)).or(linear);
    Ok(whole.or_else(|| {
        let tasks = mixture(&fitted, |f| &f.tasks, MergeMethod::TaskArithmetic, &sources);
        // A sum with something added comes last: dropped elements are the more exact reading.
        let (exact, most): (Vec<Mixed>, Vec<Mixed>) = tasks.into_iter().partition(Mixed::is_exact);
        let exact = exact.into_iter().next().map(|mixed| mixed.merge);
        let most = most.into_iter().find(Mixed::is_most).map(|mixed| mixed.merge);
        let found = exact.or_else(|| sparse::find(&fitted, &sources)).or(most)?;
        Some(Merge { base, ..found })
    }))
}

/// Which part of `model` answers to each part of the suspect's component, where the shapes are
/// equal: that of the layer it came from, where layers were moved.
fn answers(
    suspect: &Opened,
    model: &Opened,
    component: &ComponentName,
    plan: &Plan,
) -> Result<BTreeMap<usize, usize>, Error> {
    let entries = (&suspect.checkpoint.entries, &model.checkpoint.entries);
    let shape = |opened: &Opened, part: usize| {
        let view = opened.tensor(part).view();
        (view.rows, view.cols)
    };
    let all = pair(&suspect.assignment, &model.assignment, entries.0, entries.1);
    let own = all.into_iter().filter(|pairing| pairing.component == *component);
    let mut pairs: Vec<Pair> = own.flat_map(|pairing| pairing.pairs).collect();
    let level = plan.level.log10();
    if let Some(map) = layer_map::search(suspect, model, component, plan, level)?
        && !map.is_straight()
    {
        pairs = map.follow(suspect, model, &pairs);
    }
    Ok(pairs
        .into_iter()
        .filter(|p| shape(suspect, p.suspect) == shape(model, p.reference))
        .map(|p| (p.suspect, p.reference))
        .collect())
}

/// Reads one matrix of all models. `None` for a vector. `points` are drawn for dropped elements.
fn fit(
    suspect: &Opened,
    one: usize,
    answers: &[BTreeMap<usize, usize>],
    parents: Parents<'_>,
    (seed, points): (u64, u64),
) -> Result<Option<Fitted>, Error> {
    let part = &suspect.assignment.parts[one];
    let theirs: Vec<Option<usize>> = answers.iter().map(|a| a.get(&one).copied()).collect();
    let is_whole = theirs.iter().all(Option::is_some);
    if !crate::values::is_matrix(part) || theirs.iter().all(Option::is_none) {
        return Ok(None);
    }
    let (n, cols) = (part.view.rows, part.view.cols);
    let purpose = format!("merge/{}", part.key);
    let rows = Draws::new(seed, &purpose).choose(n, (ELEMENTS / cols).clamp(1, ROWS));
    let cols: Vec<u64> = (0..cols.min(ELEMENTS)).collect();
    let models = || parents.models.iter().chain(&parents.base).zip(&theirs);
    let mut types: Vec<Option<Rounding>> = vec![rounding_of(dtype(suspect, one))];
    types.extend(models().map(|(model, part)| rounding_of(dtype(model, (*part)?))));
    let mut all = vec![suspect.tensor(one).gather(&rows, &cols)?];
    for (model, part) in models() {
        let zeros = || vec![0.0; all[0].len()];
        all.push(match part {
            Some(part) => model.tensor(*part).gather(&rows, &cols)?,
            None => zeros(),
        });
    }
    for (of, values) in types.iter_mut().zip(&all) {
        *of = of.map(|of| of.as_seen(values));
    }
    let rounding = |k: usize, x: f64| types[k].map_or(0.0, |of| of.variance(x));
    let stretch = rows.len().div_ceil(STRETCHES) * cols.len();
    let stretches = |base: bool| {
        let count = parents.models.len() + 1;
        (0..all[0].len().div_ceil(stretch.max(1)))
            .map(|at| {
                let cut = |x: &Vec<f32>| at * stretch..((at + 1) * stretch).min(x.len());
                let tensors: Vec<&[f32]> = all[..count].iter().map(|x| &x[cut(x)]).collect();
                let base = base.then(|| &all[count][cut(&all[count])]);
                Products::of(&tensors, base, rounding)
            })
            .collect::<Vec<Products>>()
    };
    let has_tasks = parents.base.is_some() && is_whole;
    let tasks = if has_tasks { stretches(true) } else { Vec::new() };
    let points = if has_tasks {
        sparse::points(&all, types[0], points, Draws::new(seed, &format!("{purpose}/elements")))
    } else {
        Points::of(parents.models.len())
    };
    Ok(Some(Fitted { part: one, is_whole, plain: stretches(false), tasks, points }))
}

fn whole(products: &[Products]) -> Option<Mixture> {
    products.iter().cloned().reduce(Products::join)?.mixture()
}

/// Every tensor is one parent's, and they are not all the same one's.
fn pass_through(suspect: &Opened, fitted: &[Fitted], sources: &[String]) -> Option<Merge> {
    let owner = |f: &Fitted| {
        let mixture = whole(&f.plain)?;
        let mut positive = mixture.coefficients.iter().enumerate().filter(|(_, c)| LEAST < **c);
        let (parent, coefficient) = positive.next()?;
        let alone = positive.next().is_none() && (coefficient - 1.0).abs() < 0.005;
        (alone && mixture.left <= LEFT).then_some(parent)
    };
    let owners: Vec<usize> = fitted.iter().map(owner).collect::<Option<_>>()?;
    let first = *owners.first()?;
    if owners.iter().all(|owner| *owner == first) {
        return None;
    }
    let parts = || fitted.iter().zip(&owners);
    let size = |f: &Fitted| suspect.tensor(f.part).view().elements();
    let all: u64 = fitted.iter().map(size).sum();
    let share = |parent: usize| {
        let own: u64 = parts().filter(|(_, o)| **o == parent).map(|(f, _)| size(f)).sum();
        let value = float(own) / float(all.max(1));
        Estimate { value, low: value, high: value }
    };
    let map = parts().map(|(f, owner)| Origin {
        part: suspect.assignment.parts[f.part].key.to_string(),
        parent: sources[*owner].clone(),
    });
    Some(Merge {
        method: MergeMethod::PassThrough,
        parents: shares(sources, share),
        base: None,
        place: None,
        origins: map.collect(),
        explained: 1.0,
    })
}

fn total(merge: &Merge) -> f64 {
    merge.parents.iter().map(|parent| parent.coefficient.value).sum()
}

fn shares(sources: &[String], share: impl Fn(usize) -> Estimate) -> Vec<ParentShare> {
    let parent = |(k, source): (usize, &String)| ParentShare {
        source: source.clone(),
        coefficient: share(k),
        kept: None,
    };
    sources.iter().enumerate().map(parent).collect()
}

/// A sum of several parents, and what it leaves.
struct Mixed {
    merge: Merge,
    left: f64,
}

impl Mixed {
    /// No more is left than rounding leaves.
    fn is_exact(&self) -> bool {
        self.left <= LEFT
    }

    /// Most of it is explained.
    fn is_most(&self) -> bool {
        EXPLAINED <= self.merge.explained
    }
}

/// One set of coefficients for all tensors. `None` when fewer than two parents have a part in it.
fn mixture(
    fitted: &[&Fitted],
    products: impl Fn(&Fitted) -> &Vec<Products>,
    method: MergeMethod,
    sources: &[String],
) -> Option<Mixed> {
    let groups: Vec<Products> = fitted.iter().flat_map(|f| products(f).iter().cloned()).collect();
    let (found, errors) = with_errors(&groups)?;
    let certain = found.coefficients.iter().zip(&errors);
    let of_several = certain.filter(|(c, e)| LEAST + T95 * **e < **c).count();
    if of_several < 2 {
        return None;
    }
    let share = |k: usize| {
        let (value, half) = (found.coefficients[k], T95 * errors[k]);
        Estimate { value, low: (value - half).max(0.0), high: value + half }
    };
    let merge = Merge {
        method,
        parents: shares(sources, share),
        base: None,
        place: None,
        origins: Vec::new(),
        explained: found.explained,
    };
    Some(Mixed { merge, left: found.left })
}
