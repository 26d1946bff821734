//! Which layer of the reference each layer of the suspect is tried with, before any test.
//!
//! The second moments of a layer's features, `Fᵀ F` summed over its hidden units, are the same
//! under every renumbering of them. So a path chosen by how alike they are is the same under every
//! renumbering too, and a test that renumbers hidden units needs no correction for the choice.

use jokbo_statistics::layer_path;
use jokbo_statistics::matrix::Matrix;
use jokbo_statistics::standardise::columns;

use super::blocks::Network;
use crate::Error;

/// Features whose second moments are compared.
pub(super) const FEATURES: usize = 96;

/// The path: for each layer of the suspect the place of a layer of the reference. `features` gives
/// those of one layer, all hidden units, on either side.
pub(super) fn find(
    (mine, theirs): (usize, usize),
    features: impl Fn(bool, usize) -> Result<Matrix, Error>,
) -> Result<Vec<usize>, Error> {
    if theirs == 1 {
        return Ok(vec![0; mine]);
    }
    let side = |is_suspect: bool, n: usize| -> Result<Vec<Vec<f64>>, Error> {
        (0..n).map(|k| Ok(moments(&features(is_suspect, k)?))).collect()
    };
    let (a, b) = (side(true, mine)?, side(false, theirs)?);
    let scores: Vec<Vec<Option<f64>>> = a
        .iter()
        .map(|x| b.iter().map(|y| Some(x.iter().zip(y).map(|(p, q)| p * q).sum())).collect())
        .collect();
    Ok(layer_path::path(&scores))
}

/// The second moments between different features, as one vector of length 1.
fn moments(features: &Matrix) -> Vec<f64> {
    let turned = columns(features.clone()).transposed();
    let gram = turned.times_transposed(&turned);
    let pairs = (0..gram.rows()).flat_map(|r| gram.row(r)[..r].iter().map(|&x| f64::from(x)));
    let mut all: Vec<f64> = pairs.collect();
    let length = all.iter().map(|x| x * x).sum::<f64>().sqrt();
    if 0.0 < length {
        all.iter_mut().for_each(|x| *x /= length);
    }
    all
}

/// The path by the layers' own numbers: suspect, reference.
pub(super) fn pairs(network: &Network, path: &[usize]) -> Vec<(u32, u32)> {
    let layers = network.suspect.iter().zip(path);
    layers.map(|(mine, &at)| (mine.layer, network.reference[at].layer)).collect()
}
