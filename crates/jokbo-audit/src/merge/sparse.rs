//! Merges of task vectors of which elements were dropped: TIES and DARE.

use jokbo_statistics::relation::rounding::Rounding;
use jokbo_statistics::relation::sparse::Points;
use jokbo_statistics::seed::Draws;
use jokbo_verdict::{Estimate, Merge, MergeMethod, ParentShare};

use super::{Fitted, LEFT, T95};

/// Elements drawn in all, and at least from one tensor: 2 MiB for each parent.
const POINTS: usize = 1 << 18;
const LEAST: usize = 512;

/// Elements to draw from each of so many tensors.
pub(super) fn points_of_one(tensors: usize) -> u64 {
    (POINTS / tensors.max(1)).max(LEAST) as u64
}

/// So many elements of one tensor, from the values of the child, its parents and the base, in this
/// order, and how the child was rounded. None for a child stored in blocks.
pub(super) fn points(
    all: &[Vec<f32>],
    child: Option<Rounding>,
    count: u64,
    mut draws: Draws,
) -> Points {
    let mut points = Points::of(all.len().saturating_sub(2));
    let (Some(rounding), [values, parents @ .., base]) = (child, all) else { return points };
    let places = draws.choose(values.len() as u64, count);
    for at in places.into_iter().filter_map(|at| usize::try_from(at).ok()) {
        let origin = f64::from(base[at]);
        let value = f64::from(values[at]);
        let tasks: Vec<f64> = parents.iter().map(|p| f64::from(p[at]) - origin).collect();
        points.push(value - origin, &tasks, rounding.variance(value));
    }
    points
}

/// One set of sums for all tensors, where it leaves no more than rounding.
pub(super) fn find(fitted: &[&Fitted], sources: &[String]) -> Option<Merge> {
    let points = fitted.iter().map(|f| f.points.clone()).reduce(Points::join)?;
    let found = points.fit().filter(|found| found.left <= LEFT)?;
    let estimate = |value: f64, error: f64| {
        let half = T95 * error;
        Estimate { value, low: value - half, high: value + half }
    };
    let parent = |(k, source): (usize, &String)| {
        let ((factor, off), (kept, kept_off)) = (found.factors[k], found.kept[k]);
        // Random drops are made up for: the weight is what is kept times what it is enlarged by.
        let (coefficient, kept) = if found.elects {
            (estimate(factor, off), None)
        } else {
            let error = f64::hypot(kept * off, factor * kept_off);
            (estimate(factor * kept, error), Some(estimate(kept, kept_off)))
        };
        ParentShare { source: source.clone(), coefficient, kept }
    };
    Some(Merge {
        method: if found.elects { MergeMethod::Ties } else { MergeMethod::Dare },
        parents: sources.iter().enumerate().map(parent).collect(),
        base: None,
        place: None,
        origins: Vec::new(),
        explained: 1.0,
    })
}
