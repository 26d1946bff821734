//! Which members of a cluster are mixtures of others in it, from their fingerprints alone.

use std::collections::BTreeMap;

use jokbo_components::{Expert, Param};
use jokbo_statistics::mixture::mixtures;
use jokbo_statistics::number::float_usize;
use jokbo_verdict::{Family, FamilyMixture, FamilyTree};
use rayon::prelude::*;

use super::fingerprint::Piece;
use super::{Called, Subject};
use crate::values::is_matrix;

/// What a matrix is called in every model: stack, layer, expert, role, and which of several alike.
type Place<'a> = (&'a str, Option<u32>, Expert, &'a str, Param, usize);

/// Looks for mixtures in every cluster, among members that have the same matrices. What is asked is
/// whether weights were added, so that a mixture of other shapes is not looked for.
pub(super) fn look(
    family: &mut Family,
    trees: &[FamilyTree],
    called: &Called,
    subjects: &[Subject<'_>],
) {
    for (component, tree) in family.components.iter_mut().zip(trees) {
        for cluster in &tree.clusters {
            let mut alike: BTreeMap<Vec<_>, Vec<(usize, Matrices<'_>)>> = BTreeMap::new();
            for &member in &cluster.members {
                let subject = subjects[component.members[member].model];
                let matrices = matrices(subject, called, &component.component);
                let shape = |piece: &Piece| (piece.rows.clone(), piece.cols.clone());
                let layout = matrices.iter().map(|(place, piece)| (*place, shape(piece)));
                alike.entry(layout.collect()).or_default().push((member, matrices));
            }
            for group in alike.into_values().filter(|group| 3 <= group.len()) {
                let (members, matrices): (Vec<usize>, Vec<Matrices<'_>>) =
                    group.into_iter().unzip();
                let found = mixtures(&products(&matrices)).into_iter();
                component.mixtures.extend(found.map(|mixture| FamilyMixture {
                    member: members[mixture.of],
                    of: mixture.members.iter().map(|&(k, w)| (members[k], w)).collect(),
                    left: mixture.left,
                }));
            }
        }
        component.mixtures.sort_by_key(|mixture| mixture.member);
    }
}

/// The matrices of a component by their place.
type Matrices<'a> = BTreeMap<Place<'a>, &'a Piece>;

fn matrices<'a>(subject: Subject<'a>, called: &Called, component: &str) -> Matrices<'a> {
    let mut matrices: Matrices<'a> = BTreeMap::new();
    for (&k, piece) in &subject.print.pieces {
        let part = &subject.opened.assignment.parts[k];
        if !is_matrix(part) || called.name(&part.key.component) != component {
            continue;
        }
        let key = &part.key;
        let place =
            |nth| (key.stack.as_str(), key.layer, key.expert, key.role.as_str(), key.param, nth);
        let nth = (0..).find(|&nth| !matrices.contains_key(&place(nth))).unwrap_or(0);
        matrices.insert(place(nth), piece);
    }
    matrices
}

/// Inner products of all with all, each matrix scaled so that it weighs as much as it has elements
/// whatever its own scale.
fn products(models: &[Matrices<'_>]) -> Vec<Vec<f64>> {
    let n = models.len();
    let dot = |a: &Piece, b: &Piece| -> f64 {
        let finite = |x: &f32, y: &f32| x.is_finite() && y.is_finite();
        let pairs = a.values.iter().zip(&b.values).filter(|(x, y)| finite(x, y));
        pairs.map(|(&x, &y)| f64::from(x) * f64::from(y)).sum()
    };
    let places: Vec<Place<'_>> = models.first().map_or(Vec::new(), |m| m.keys().copied().collect());
    let weights: Vec<f64> = places
        .par_iter()
        .map(|place| {
            let squares: f64 = models.iter().map(|m| dot(m[place], m[place])).sum();
            let elements = float_usize(models[0][place].values.len());
            if 0.0 < squares { elements * float_usize(n) / squares } else { 0.0 }
        })
        .collect();
    let one = |(a, b): (usize, usize)| -> f64 {
        let each = places.iter().zip(&weights);
        each.map(|(place, weight)| weight * dot(models[a][place], models[b][place])).sum()
    };
    let pairs: Vec<(usize, usize)> = (0..n).flat_map(|a| (0..=a).map(move |b| (a, b))).collect();
    let all: Vec<f64> = pairs.par_iter().map(|&pair| one(pair)).collect();
    let mut products = vec![vec![0.0; n]; n];
    for ((a, b), product) in pairs.into_iter().zip(all) {
        products[a][b] = product;
        products[b][a] = product;
    }
    products
}
