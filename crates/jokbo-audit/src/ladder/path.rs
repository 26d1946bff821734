//! Which layer of the reference each layer of the suspect is tried with, and which expert with
//! which, before any test.
//!
//! The second moments of a layer's features, `Fᵀ F` summed over its hidden units, are the same
//! under every renumbering of them, and summed over experts the same under every renumbering of
//! those. So a path chosen by how alike they are is the same under every renumbering too, and a test
//! that renumbers hidden units needs no correction for the choice.

use jokbo_components::Expert;
use jokbo_statistics::device::Device;
use jokbo_statistics::layer_path;
use jokbo_statistics::matrix::Matrix;
use jokbo_statistics::relation::Side;
use jokbo_statistics::seed::Draws;
use jokbo_statistics::standardise::columns;
use jokbo_verdict::ExpertMatch;

use super::Climb;
use super::blocks::{Block, Layer};
use crate::step::step;
use crate::{Error, Opened};

/// Features whose second moments are compared.
pub(super) const FEATURES: usize = 96;

/// Which layer answers to which, and within them which expert.
#[derive(Debug, Clone)]
pub(super) struct Path {
    /// For each layer of the suspect the place of a layer of the reference.
    pub(super) layers: Vec<usize>,
    /// For each layer of the suspect, those of its experts that are drawn, each with the place of
    /// the reference's block it is tried with.
    experts: Vec<Vec<(usize, usize)>>,
}

/// Two blocks that are tried together.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tried<'a> {
    pub(super) mine: &'a Block,
    pub(super) theirs: &'a Block,
    /// The place of the reference's layer, and of the block in it.
    pub(super) origin: (usize, usize),
}

/// The path. `features` gives those of one block, all hidden units, on either side.
pub(super) fn find(
    climb: Climb<'_>,
    features: impl Fn(&Opened, &Block, bool) -> Result<Matrix, Error>,
) -> Result<Path, Error> {
    let Climb { scene, network, .. } = climb;
    let _step = step!("layers lined up", network.component);
    let moments_of = |opened: &Opened, layers: &[Layer], is_suspect: bool| {
        let of_layer = |layer: &Layer| {
            let blocks = layer.blocks.iter();
            blocks
                .map(|block| Ok(moments(&features(opened, block, is_suspect)?, &scene.plan.device)))
                .collect()
        };
        layers.iter().map(of_layer).collect::<Result<Vec<Vec<Vec<f64>>>, Error>>()
    };
    let mine = moments_of(scene.suspect, &network.suspect, true)?;
    let theirs = moments_of(scene.reference, &network.reference, false)?;
    let whole = |layers: &[Vec<Vec<f64>>]| layers.iter().map(|l| sum(l)).collect::<Vec<_>>();
    let (a, b) = (whole(&mine), whole(&theirs));
    let scores: Vec<Vec<Option<f64>>> =
        a.iter().map(|x| b.iter().map(|y| Some(dot(x, y))).collect()).collect();
    let layers = if b.len() == 1 { vec![0; a.len()] } else { layer_path::path(&scores) };
    let experts = layers.iter().zip(&mine).enumerate().map(|(k, (&at, blocks))| {
        let purpose = format!("ladder/experts/{}/{k}", network.stack);
        let drawn = Draws::new(scene.plan.seed, &purpose)
            .choose(blocks.len() as u64, scene.plan.experts.max(1));
        let tried = drawn.into_iter().filter_map(|k| {
            let k = usize::try_from(k).ok()?;
            let scored = theirs[at].iter().map(|other| dot(&blocks[k], other)).enumerate();
            Some((k, scored.max_by(|x, y| x.1.total_cmp(&y.1))?.0))
        });
        tried.collect()
    });
    Ok(Path { experts: experts.collect(), layers })
}

impl Path {
    /// All blocks that are tried together, by the suspect's layers.
    pub(super) fn tried<'a>(&'a self, climb: Climb<'a>) -> impl Iterator<Item = Tried<'a>> {
        let network = climb.network;
        let layers = network.suspect.iter().zip(&self.layers).zip(&self.experts);
        layers.flat_map(move |((layer, &at), experts)| {
            experts.iter().map(move |&(mine, theirs)| Tried {
                mine: &layer.blocks[mine],
                theirs: &network.reference[at].blocks[theirs],
                origin: (at, theirs),
            })
        })
    }

    /// The path by the layers' own numbers: suspect, reference.
    pub(super) fn pairs(&self, climb: Climb<'_>) -> Vec<(u32, u32)> {
        let network = climb.network;
        let layers = network.suspect.iter().zip(&self.layers);
        layers.map(|(mine, &at)| (mine.number, network.reference[at].number)).collect()
    }
}

/// Experts with those they were tried with, by their own numbers, and the share of their units that
/// proved to be the other's.
pub(super) fn expert_map(climb: Climb<'_>, tried: &[(Tried<'_>, f64)]) -> Vec<ExpertMatch> {
    let routed = |block: &Block| match block.expert {
        Expert::Routed(number) => Some(number),
        Expert::None | Expert::Shared => None,
    };
    let one = |&(tried, units_share): &(Tried<'_>, f64)| {
        Some(ExpertMatch {
            side: Side::Suspect,
            stack: climb.network.stack.clone(),
            layer: tried.mine.layer,
            expert: routed(tried.mine)?,
            other_layer: tried.theirs.layer,
            other_expert: routed(tried.theirs),
            units_share,
            units: Vec::new(),
        })
    };
    tried.iter().filter_map(one).collect()
}

fn dot(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(p, q)| p * q).sum()
}

/// The sum of vectors, of length 1.
fn sum(vectors: &[Vec<f64>]) -> Vec<f64> {
    let mut all = vectors.first().cloned().unwrap_or_default();
    for vector in vectors.iter().skip(1) {
        all.iter_mut().zip(vector).for_each(|(x, y)| *x += y);
    }
    of_length_one(all)
}

fn of_length_one(mut vector: Vec<f64>) -> Vec<f64> {
    let length = vector.iter().map(|x| x * x).sum::<f64>().sqrt();
    if 0.0 < length {
        vector.iter_mut().for_each(|x| *x /= length);
    }
    vector
}

/// The second moments between different features, as one vector of length 1.
fn moments(features: &Matrix, device: &Device) -> Vec<f64> {
    let turned = columns(features.clone()).transposed();
    let gram = device.times_transposed(&turned, &turned);
    let pairs = (0..gram.rows()).flat_map(|r| gram.row(r)[..r].iter().map(|&x| f64::from(x)));
    of_length_one(pairs.collect())
}
