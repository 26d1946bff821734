//! Whether layer maps are what the making says.

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
