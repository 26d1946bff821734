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
        write::model(&folder.join(name), &config, &tensors)?;
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
                None => weights::drawn(model, &name, shape),
                Some((_, tensor)) if tensor.shape != *shape => {
                    return Err(wrong(
                        case,
                        format!("{name} has another shape where it comes from"),
                    ));
                }
                Some((from, tensor)) => changed(tensor, from, model, &name),
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
