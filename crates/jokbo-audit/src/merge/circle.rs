//! Merges on the great circle between two parents (SLERP).

use jokbo_statistics::number::float_usize;
use jokbo_statistics::relation::merge::Products;
use jokbo_verdict::{Estimate, Merge, MergeMethod};

use super::{Fitted, LEAST, LEFT, STRETCHES, T95, shares};

/// How well the coefficients of all tensors fit one great circle.
const ON_CIRCLE: f64 = 0.01;

/// Every tensor lies at one place of the great circle between two of the parents.
pub(super) fn find(fitted: &[&Fitted], sources: &[String]) -> Option<Merge> {
    let joined = |f: &&Fitted| f.plain.iter().cloned().reduce(Products::join);
    let whole: Vec<Products> = fitted.iter().map(joined).collect::<Option<_>>()?;
    // The same without the first stretch of every tensor, without the second, and so on.
    let without = |skipped: usize| {
        let rest = |f: &&Fitted| {
            let kept = f.plain.iter().enumerate().filter(|(at, _)| *at != skipped);
            kept.map(|(_, p)| p.clone()).reduce(Products::join)
        };
        fitted.iter().map(rest).collect::<Option<Vec<Products>>>()
    };
    let left_out: Vec<Vec<Products>> = (0..STRETCHES).map(without).collect::<Option<_>>()?;
    let n = sources.len();
    let pairs = (0..n).flat_map(|one| (one + 1..n).map(move |other| (one, other)));
    pairs.into_iter().find_map(|(one, other)| {
        let place = of_two_parents(&whole, &left_out, (one, other))?;
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

/// The mean place of all tensors, with errors by leaving out stretches (the jackknife).
fn of_two_parents(
    whole: &[Products],
    left_out: &[Vec<Products>],
    (one, other): (usize, usize),
) -> Option<Estimate> {
    let of_two = |all: &[Products]| {
        let two: Vec<Products> = all.iter().map(|p| p.with_two(one, other)).collect();
        let places: Vec<(f64, f64)> = two.iter().map(Products::on_circle).collect::<Option<_>>()?;
        let mean = places.iter().map(|(t, _)| t).sum::<f64>() / float_usize(places.len());
        Some((two, places, mean))
    };
    let (two, places, mean) = of_two(whole)?;
    let means: Vec<f64> =
        left_out.iter().map(|all| of_two(all).map(|(.., mean)| mean)).collect::<Option<_>>()?;
    let n = float_usize(means.len());
    let centre = means.iter().sum::<f64>() / n;
    let variance = (n - 1.0) / n * means.iter().map(|t| (t - centre).powi(2)).sum::<f64>();
    let is_on =
        places.iter().all(|(t, off)| *off < ON_CIRCLE && (t - mean).abs() < 2.0 * ON_CIRCLE);
    let left = two.iter().filter_map(Products::mixture).map(|m| m.left).fold(0.0, f64::max);
    let is_inside = (LEAST..=1.0 - LEAST).contains(&mean);
    let half = T95 * variance.sqrt();
    (is_on && is_inside && left <= LEFT).then_some(Estimate {
        value: mean,
        low: mean - half,
        high: mean + half,
    })
}
