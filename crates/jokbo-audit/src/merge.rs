//! Whether a component is a mixture of several candidate parents.

use std::collections::BTreeMap;

use jokbo_components::{ComponentPairing, Pair, pair};
use jokbo_statistics::number::{float, float_usize};
use jokbo_statistics::relation::merge::{Mixture, Products, with_errors};
use jokbo_statistics::relation::rounding::Rounding;
use jokbo_statistics::seed::Draws;
use jokbo_verdict::{Estimate, Merge, MergeMethod, Origin, ParentShare};
use rayon::prelude::*;

use crate::relation::{dtype, rounding_of};
use crate::{Error, Opened, Parents};

/// Rows and elements read of one tensor of one model: 4 MiB of `f32`.
const ROWS: u64 = 512;
const ELEMENTS: u64 = 1 << 20;
/// Stretches of rows that a tensor is cut into, so that few tensors have errors too.
const STRETCHES: usize = 4;
/// What is left of an exact mixture against what rounding leaves at most.
const LEFT: f64 = 1.5;
/// Share of the squared distance to the nearest parent that a mixture of task vectors with something
/// added explains. Without a base there is no such allowance: what is missing might be the base.
const EXPLAINED: f64 = 0.9;
/// By how much coefficients on a great circle add up to more than 1, or it is called a line.
const LONGER: f64 = 0.003;
/// A coefficient below this is no parent's.
const LEAST: f64 = 0.02;
/// How well the coefficients of all tensors fit one great circle.
const ON_CIRCLE: f64 = 0.01;
/// Normal quantile of a 95 % interval.
const Z95: f64 = 1.96;

/// One tensor with its inner products: as they are, and as task vectors.
struct Fitted {
    part: usize,
    /// By stretch.
    plain: Vec<Products>,
    tasks: Vec<Products>,
}

/// Looks for a mixture in one component. `None` when fewer than two parents hold its matrices, or
/// no mixture explains it.
pub(crate) fn find(
    suspect: &Opened,
    pairing: &ComponentPairing,
    parents: Parents<'_>,
    seed: u64,
) -> Result<Option<Merge>, Error> {
    if parents.models.len() < 2 {
        return Ok(None);
    }
    let answers: Vec<BTreeMap<usize, usize>> =
        parents.models.iter().chain(&parents.base).map(|model| answers(suspect, model)).collect();
    let fitted: Vec<Fitted> = pairing
        .pairs
        .par_iter()
        .filter_map(|one| fit(suspect, one, &answers, parents, seed).transpose())
        .collect::<Result<_, _>>()?;
    let sources: Vec<String> =
        parents.models.iter().map(|model| model.checkpoint.source.clone()).collect();
    let base = parents.base.map(|base| base.checkpoint.source.clone());
    let linear = mixture(&fitted, |f| &f.plain, MergeMethod::Linear, &sources);
    let circle = on_circle(&fitted, &sources);
    // On the circle coefficients add up to more than 1, on the line between parents to 1.
    let is_long = linear.as_ref().is_none_or(|merge| LONGER < total(merge) - 1.0);
    Ok(pass_through(suspect, &fitted, &sources).or(circle.filter(|_| is_long)).or(linear).or_else(
        || {
            let tasks = mixture(&fitted, |f| &f.tasks, MergeMethod::TaskArithmetic, &sources)?;
            Some(Merge { base, ..tasks })
        },
    ))
}

/// Which part of `model` answers to each part of the suspect, where the shapes are equal.
fn answers(suspect: &Opened, model: &Opened) -> BTreeMap<usize, usize> {
    let entries = (&suspect.checkpoint.entries, &model.checkpoint.entries);
    let shape = |opened: &Opened, part: usize| {
        let view = opened.tensor(part).view();
        (view.rows, view.cols)
    };
    pair(&suspect.assignment, &model.assignment, entries.0, entries.1)
        .into_iter()
        .flat_map(|pairing| pairing.pairs)
        .filter(|p| shape(suspect, p.suspect) == shape(model, p.reference))
        .map(|p| (p.suspect, p.reference))
        .collect()
}

/// Reads one matrix of all models. `None` for a vector, and for what a model lacks.
fn fit(
    suspect: &Opened,
    one: &Pair,
    answers: &[BTreeMap<usize, usize>],
    parents: Parents<'_>,
    seed: u64,
) -> Result<Option<Fitted>, Error> {
    let part = &suspect.assignment.parts[one.suspect];
    let Some(theirs) =
        answers.iter().map(|a| a.get(&one.suspect).copied()).collect::<Option<Vec<usize>>>()
    else {
        return Ok(None);
    };
    if !crate::values::is_matrix(part) {
        return Ok(None);
    }
    let (n, cols) = (part.view.rows, part.view.cols);
    let purpose = format!("merge/{}", part.key);
    let rows = Draws::new(seed, &purpose).choose(n, (ELEMENTS / cols).clamp(1, ROWS));
    let cols: Vec<u64> = (0..cols.min(ELEMENTS)).collect();
    let models = || parents.models.iter().chain(&parents.base).zip(&theirs);
    let mut types: Vec<Option<Rounding>> = vec![rounding_of(dtype(suspect, one.suspect))];
    types.extend(models().map(|(model, part)| rounding_of(dtype(model, *part))));
    let mut all = vec![suspect.tensor(one.suspect).gather(&rows, &cols)?];
    for (model, part) in models() {
        all.push(model.tensor(*part).gather(&rows, &cols)?);
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
    let tasks = if parents.base.is_some() { stretches(true) } else { Vec::new() };
    Ok(Some(Fitted { part: one.suspect, plain: stretches(false), tasks }))
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
    };
    sources.iter().enumerate().map(parent).collect()
}

/// One set of coefficients for all tensors.
fn mixture(
    fitted: &[Fitted],
    products: impl Fn(&Fitted) -> &Vec<Products>,
    method: MergeMethod,
    sources: &[String],
) -> Option<Merge> {
    let groups: Vec<Products> = fitted.iter().flat_map(|f| products(f).iter().cloned()).collect();
    let (found, errors) = with_errors(&groups)?;
    let certain = found.coefficients.iter().zip(&errors);
    let of_several = certain.filter(|(c, e)| LEAST + Z95 * **e < **c).count();
    let is_exact = found.left <= LEFT;
    let is_most = method == MergeMethod::TaskArithmetic && EXPLAINED <= found.explained;
    if of_several < 2 || !(is_exact || is_most) {
        return None;
    }
    let share = |k: usize| {
        let (value, half) = (found.coefficients[k], Z95 * errors[k]);
        Estimate { value, low: (value - half).max(0.0), high: value + half }
    };
    Some(Merge {
        method,
        parents: shares(sources, share),
        base: None,
        place: None,
        origins: Vec::new(),
        explained: found.explained,
    })
}

/// Every tensor lies at one place of the great circle between two of the parents.
fn on_circle(fitted: &[Fitted], sources: &[String]) -> Option<Merge> {
    let joined = |f: &Fitted| f.plain.iter().cloned().reduce(Products::join);
    let whole: Vec<Products> = fitted.iter().map(joined).collect::<Option<_>>()?;
    let n = sources.len();
    let pairs = (0..n).flat_map(|one| (one + 1..n).map(move |other| (one, other)));
    pairs.into_iter().find_map(|(one, other)| {
        let place = on_circle_of_two(&whole, one, other)?;
        let rest =
            |p: Estimate| Estimate { value: 1.0 - p.value, low: 1.0 - p.high, high: 1.0 - p.low };
        let share = |k: usize| match k {
            k if k == one => rest(place),
            k if k == other => place,
            _ => Estimate { value: 0.0, low: 0.0, high: 0.0 },
        };
        Some(Merge {
            method: MergeMethod::Slerp,
            parents: shares(sources, share),
            base: None,
            place: Some(place),
            origins: Vec::new(),
            explained: 1.0,
        })
    })
}

fn on_circle_of_two(whole: &[Products], one: usize, other: usize) -> Option<Estimate> {
    let two: Vec<Products> = whole.iter().map(|p| p.with_two(one, other)).collect();
    let places: Vec<(f64, f64)> = two.iter().map(Products::on_circle).collect::<Option<_>>()?;
    let n = float_usize(places.len());
    let mean = places.iter().map(|(t, _)| t).sum::<f64>() / n;
    let variance = places.iter().map(|(t, _)| (t - mean).powi(2)).sum::<f64>() / n;
    let is_on =
        places.iter().all(|(t, off)| *off < ON_CIRCLE && (t - mean).abs() < 2.0 * ON_CIRCLE);
    let left = two.iter().filter_map(Products::mixture).map(|m| m.left).fold(0.0, f64::max);
    let is_inside = (LEAST..=1.0 - LEAST).contains(&mean);
    let half = Z95 * (variance / n).sqrt();
    (is_on && is_inside && left <= LEFT).then_some(Estimate {
        value: mean,
        low: mean - half,
        high: mean + half,
    })
}
