//! From a recipe to models.

use std::collections::BTreeMap;
use std::path::Path;

use crate::recipe::{From, Network, Part};
use crate::write::Tensor;
use crate::{Case, Error, weights, write};

/// How many models may be made of one another in a row: more is a circle.
const DEEPEST: usize = 8;

/// Writes every model of `case`.
pub(crate) fn all(case: &Case, folder: &Path) -> Result<(), Error> {
    for (name, model) in &case.recipe.models {
        let mut tensors: BTreeMap<String, Vec<Tensor>> = BTreeMap::new();
        for part in &model.parts {
            let made = made(case, name, part, DEEPEST)?;
            tensors.entry(part.folder.clone()).or_default().extend(made.into_values());
        }
        let config = serde_json::to_value(&model.config).map_err(|error| {
            wrong(case, format!("the configuration of {name} cannot be written: {error}"))
        })?;
        let folder = folder.join(name);
        write::model(&folder, &config, &tensors)?;
        write::papers(&folder, &model.papers)?;
    }
    Ok(())
}

/// The tensors of one part by the names that they have in its network.
fn made(
    case: &Case,
    model: &str,
    part: &Part,
    deepest: usize,
) -> Result<BTreeMap<String, Tensor>, Error> {
    let network = network(case, part)?;
    let source = part.from.as_ref().map(|from| taken(case, from, deepest)).transpose()?;
    let mut tensors = BTreeMap::new();
    for (template, shape) in &network.tensors {
        for numbers in numbers(template, network) {
            let (own, full) = (filled(template, &numbers), format!("{}{template}", part.prefix));
            let name = filled(&full, &numbers);
            let from = part.from.as_ref().zip(source.as_ref());
            let parent = from.and_then(|(from, source)| {
                source.get(&name_there(from, template, &numbers)).map(|tensor| (from, tensor))
            });
            let values = match parent {
                None => risen(weights::drawn(model, &name, shape), part, shape, &numbers, network),
                Some((from, tensor)) => {
                    let kept = kept(tensor, shape).ok_or_else(|| {
                        wrong(case, format!("{name} cannot be cut out of what it comes from"))
                    })?;
                    changed(&kept, from, model, &name)
                }
            };
            tensors.insert(own, Tensor { name, shape: shape.clone(), values });
        }
    }
    Ok(tensors)
}

/// The part that weights are taken from.
fn taken(case: &Case, from: &From, deepest: usize) -> Result<BTreeMap<String, Tensor>, Error> {
    let parts = case.recipe.models.get(&from.model).map(|model| &model.parts);
    let part = parts.and_then(|parts| parts.iter().find(|part| part.prefix == from.prefix));
    let (Some(part), Some(deepest)) = (part, deepest.checked_sub(1)) else {
        let what = format!("{} has no part {:?} to take weights from", from.model, from.prefix);
        return Err(wrong(case, what));
    };
    made(case, &from.model, part, deepest)
}

/// The values of a matrix of one layer at the spread that its depth gives it.
fn risen(
    mut values: Vec<f32>,
    part: &Part,
    shape: &[u64],
    numbers: &[u64],
    network: &Network,
) -> Vec<f32> {
    let Some(layer) = numbers.first().filter(|_| 1 < shape.len()) else { return values };
    #[allow(clippy::cast_precision_loss, reason = "layers are few")]
    let depth = *layer as f64 / network.layers.saturating_sub(1).max(1) as f64;
    #[allow(clippy::cast_possible_truncation, reason = "rounded to the nearest single")]
    let scale = (1.0 + part.rising * depth) as f32;
    values.iter_mut().for_each(|value| *value *= scale);
    values
}

/// `tensor` cut to `shape`: of every axis as many numbers as are asked for, evenly spaced, so that all
/// tensors that share an axis keep the same ones. `None` where more are asked for than there are.
fn kept(tensor: &Tensor, shape: &[u64]) -> Option<Tensor> {
    if tensor.shape == shape {
        return Some(tensor.clone());
    }
    let smaller = || shape.iter().zip(&tensor.shape).all(|(kept, all)| kept <= all);
    if tensor.shape.len() != shape.len() || !smaller() {
        return None;
    }
    let mut places = vec![0_u64];
    for (kept, all) in shape.iter().zip(&tensor.shape) {
        let along: Vec<u64> = (0..*kept).map(|k| k * all / kept).collect();
        places = places.iter().flat_map(|p| along.iter().map(move |k| p * all + k)).collect();
    }
    let value = |place: u64| tensor.values.get(usize::try_from(place).ok()?).copied();
    let values = places.into_iter().map(value).collect::<Option<Vec<_>>>()?;
    Some(Tensor { name: tensor.name.clone(), shape: shape.to_vec(), values })
}

fn changed(parent: &Tensor, from: &From, model: &str, name: &str) -> Vec<f32> {
    let mut values = parent.values.clone();
    if 0.0 < from.tuned {
        weights::tuned(&mut values, &parent.shape, from.tuned, model, name);
    }
    if 0.0 < from.noise {
        weights::noised(&mut values, from.noise, model, name);
    }
    values
}

/// What a tensor is called in the network that it comes from. A name there with fewer numbers is the
/// same for all of the numbers that it lacks: every expert of one dense network.
fn name_there(from: &From, template: &str, numbers: &[u64]) -> String {
    let mut there = numbers.to_vec();
    if let (Some(layers), Some(layer)) = (&from.layers, there.first_mut()) {
        let moved = usize::try_from(*layer).ok().and_then(|layer| layers.get(layer));
        *layer = moved.copied().unwrap_or(u64::MAX);
    }
    filled(from.called.get(template).map_or(template, String::as_str), &there)
}

fn network<'a>(case: &'a Case, part: &Part) -> Result<&'a Network, Error> {
    let found = case.recipe.networks.get(&part.network);
    found.ok_or_else(|| wrong(case, format!("no network is called {:?}", part.network)))
}

/// Every set of numbers that a name is written with.
fn numbers(template: &str, network: &Network) -> Vec<Vec<u64>> {
    match template.matches('#').count() {
        0 => vec![Vec::new()],
        1 => (0..network.layers).map(|layer| vec![layer]).collect(),
        _ => {
            let experts = |layer| (0..network.experts).map(move |expert| vec![layer, expert]);
            (0..network.layers).flat_map(experts).collect()
        }
    }
}

fn filled(template: &str, numbers: &[u64]) -> String {
    let number = |name: String, n: &u64| name.replacen('#', &n.to_string(), 1);
    numbers.iter().fold(template.to_owned(), number)
}

fn wrong(case: &Case, what: String) -> Error {
    Error::Meaning { case: case.name.clone(), what }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_keeps_evenly_spaced_rows_and_columns() {
        let values: Vec<f32> = (0..24_u8).map(f32::from).collect();
        let tensor = Tensor { name: "a".to_owned(), shape: vec![4, 6], values };
        assert_eq!(kept(&tensor, &[2, 3]).unwrap().values, [0.0, 2.0, 4.0, 12.0, 14.0, 16.0]);
        assert_eq!(kept(&tensor, &[4, 6]).unwrap().values, tensor.values);
        assert!(kept(&tensor, &[5, 6]).is_none() && kept(&tensor, &[24]).is_none());
    }
}
