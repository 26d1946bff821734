//! Whether layer and expert maps are what the making says.

use serde_json::Value;

use super::manifest::{Manifest, Network};
use super::outcome::Component;

/// For each layer of a suspect with a stored map: the reference's layer it was taken from, or `None`
/// where it came from another parent. `None` as a whole when the truth holds no map.
fn true_map(suspect: &Network, reference: &Network) -> Option<Vec<Option<u64>>> {
    let rows = suspect.truth.get("layer_map")?.as_array()?;
    let layer = |row: &Value| {
        let (owner, layer) = (row.get(0)?.as_str()?, row.get(1)?.as_u64()?);
        (owner == reference.name).then_some(layer)
    };
    Some(rows.iter().map(layer).collect())
}

/// Layers of the suspect that the found map places rightly, and all that it had to place. Siblings
/// share coordinates, so a layer of another parent may be left out or placed at its own number.
pub(crate) fn judge(
    manifest: &Manifest,
    suspect: &str,
    reference: &str,
    found: &Component,
) -> Option<(usize, usize)> {
    let network = |name: &str| Some(&manifest.networks[manifest.place(name)?]);
    let wanted = true_map(network(suspect)?, network(reference)?)?;
    let placed = |layer: usize| {
        found.layer_map.iter().find(|(s, _)| usize::try_from(*s) == Ok(layer)).map(|(_, r)| *r)
    };
    let asked = wanted.iter().enumerate().filter_map(|(k, want)| Some((k, (*want)?)));
    let (mut right, mut all) = (0, 0);
    for (layer, want) in asked {
        all += 1;
        right += usize::from(placed(layer) == Some(want));
    }
    Some((right, all))
}

/// Experts of the suspect that the found map places rightly, of all whose origin the making gives:
/// an expert of the reference, the dense network of their layer, or units of it.
pub(crate) fn judge_experts(
    manifest: &Manifest,
    suspect: &str,
    reference: &str,
    found: &Component,
) -> Option<(usize, usize)> {
    let network = &manifest.networks[manifest.place(suspect)?];
    // The map leads to the parent that the experts were taken from.
    if network.parents.first().map(String::as_str) != Some(reference) {
        return None;
    }
    let entry = |layer: usize, expert: usize| {
        let is_it = |m: &&Value| m["layer"] == layer && m["expert"] == expert;
        found.expert_map.iter().find(is_it).filter(|m| m["other_layer"] == layer)
    };
    let tally =
        |answers: Vec<bool>| (answers.iter().filter(|right| **right).count(), answers.len());
    let list = |key: &str| network.truth[key].as_array();
    if let Some(layers) = list("expert_map") {
        let wanted = layers.iter().enumerate().flat_map(|(layer, order)| {
            let order = order.as_array().into_iter().flatten().enumerate();
            order.map(move |(expert, from)| (layer, expert, from))
        });
        let is_right = |(layer, expert, from): (usize, usize, &Value)| {
            entry(layer, expert).is_some_and(|m| m["other_expert"] == *from)
        };
        return Some(tally(wanted.map(is_right).collect()));
    }
    let is_dense = |m: &&Value| m["other_expert"].is_null();
    if let Some(layers) = list("units_of_experts") {
        let parts = layers.iter().enumerate().flat_map(|(layer, experts)| {
            let experts = experts.as_array().into_iter().flatten().enumerate();
            experts.map(move |(expert, units)| (layer, expert, units))
        });
        let is_right = |(layer, expert, units): (usize, usize, &Value)| {
            let units = units.as_array().map_or(&[][..], Vec::as_slice);
            let said = entry(layer, expert).filter(is_dense).and_then(|m| m["units"].as_array());
            said.is_some_and(|said| !said.is_empty() && said.iter().all(|u| units.contains(u)))
        };
        return Some(tally(parts.map(is_right).collect()));
    }
    let experts = usize::try_from(network.truth["experts"].as_u64()?).ok()?;
    let layers: std::collections::BTreeSet<u64> =
        found.layer_map.iter().map(|(layer, _)| *layer).collect();
    let all = (0..layers.len()).flat_map(|layer| (0..experts).map(move |expert| (layer, expert)));
    Some(tally(
        all.map(|(layer, expert)| entry(layer, expert).filter(is_dense).is_some()).collect(),
    ))
}
