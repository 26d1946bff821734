//! Merges compared with their parents named: the method, the coefficients and the map of layers.

use anyhow::Context as _;
use serde::Serialize;
use serde_json::Value;

use super::compare::Engine;
use super::folder;
use super::manifest::{Manifest, Network};
use super::ranking::count;

/// One component of one merge.
#[derive(Debug, Serialize)]
pub(crate) struct Merged {
    pub(crate) name: String,
    pub(crate) component: String,
    /// How it was put together, and how the report says so.
    pub(crate) method: String,
    pub(crate) said: Option<String>,
    /// Planted coefficients with what was said: value and 95 % interval. Empty where the method has
    /// none, or another was said.
    pub(crate) coefficients: Vec<(f64, [f64; 3])>,
    /// Matrices of which the parent is right, of all in layers; for pass-through merges.
    pub(crate) matrices: Option<(usize, usize)>,
}

/// What all merges come to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub(crate) struct Summary {
    pub(crate) components: usize,
    /// Of the right method.
    pub(crate) named: usize,
    pub(crate) coefficients: usize,
    pub(crate) largest_error: f64,
    pub(crate) mean_error: f64,
    /// Coefficients that lie in their interval, widened by 0.0001.
    pub(crate) covered: usize,
    pub(crate) matrices: usize,
    pub(crate) matrices_right: usize,
}

/// Intervals come from thousands of weights and may be narrower than the digits of a coefficient
/// that was applied to bf16.
const DIGITS: f64 = 1e-4;

/// Compares every merge with its parents and, where there was one, its base.
pub(crate) fn all(engine: &Engine, manifest: &Manifest) -> anyhow::Result<Vec<Merged>> {
    let mut found = Vec::new();
    for (child, network) in manifest.networks.iter().enumerate() {
        let Some(method) = network.relation.strip_prefix("merged-") else { continue };
        let place = |name: &str| manifest.place(name).context("a parent is not in the manifest");
        let base = network.truth["base"].as_str();
        let named = network.parents.iter().filter(|parent| Some(parent.as_str()) != base);
        let parents = named.map(|parent| place(parent)).collect::<anyhow::Result<Vec<usize>>>()?;
        let base = base.map(place).transpose()?;
        let (first, others) = parents.split_first().context("a merge without parents")?;
        let report = engine.compare(&folder(), (child, *first), (others, base), manifest)?;
        let names: Vec<&str> =
            parents.iter().map(|&k| manifest.networks[k].name.as_str()).collect();
        let components = report["components"].as_array().into_iter().flatten();
        found.extend(components.map(|c| judge(network, method, &names, c)));
    }
    Ok(found)
}

fn judge(network: &Network, method: &str, parents: &[&str], component: &Value) -> Merged {
    let relations = component["relations"].as_array().into_iter().flatten();
    let merge = relations.into_iter().find(|r| r["kind"] == "merged");
    let name = component["component"].as_str().unwrap_or("").to_owned();
    let of_layers = network.truth["layer_map"].as_array();
    // A table is one tensor, and in a pass-through merge one parent's.
    let is_table =
        of_layers.is_some() && component["layer_map"].as_array().is_none_or(Vec::is_empty);
    let is_right = |merge: &&Value| merge["method"] == method;
    let right = merge.filter(is_right);
    let coefficients = right.map_or(Vec::new(), |merge| {
        let said = merge["parents"].as_array().into_iter().flatten();
        let interval = |p: &Value| {
            ["value", "low", "high"].map(|key| p["coefficient"][key].as_f64().unwrap_or(f64::NAN))
        };
        planted(network, parents.len()).into_iter().zip(said.map(interval)).collect()
    });
    let matrices = right.zip(of_layers).map(|(merge, map)| origins(merge, map));
    let said = merge.and_then(|m| m["method"].as_str()).map(str::to_owned);
    let said = said.or_else(|| is_table.then(|| method.to_owned()));
    Merged {
        name: network.name.clone(),
        component: name,
        method: method.to_owned(),
        said,
        coefficients,
        matrices,
    }
}

/// The coefficients that were written down when it was made. A pass-through merge has none.
fn planted(network: &Network, parents: usize) -> Vec<f64> {
    if let Some(t) = network.truth["t"].as_f64() {
        return vec![1.0 - t, t];
    }
    let all = network.truth["coefficients"].as_array().into_iter().flatten();
    all.filter_map(Value::as_f64).take(parents).collect()
}

/// Matrices whose layer's parent is right, of all that lie in a layer of the map.
fn origins(merge: &Value, map: &[Value]) -> (usize, usize) {
    let said = merge["origins"].as_array().into_iter().flatten();
    let judged = said.filter_map(|origin| {
        let mut words = origin["part"].as_str()?.split(' ').skip_while(|word| *word != "layer");
        let layer: usize = words.nth(1)?.parse().ok()?;
        let want = map.get(layer)?[0].as_str()?;
        let path = std::path::Path::new(origin["parent"].as_str()?);
        Some(path.file_name().is_some_and(|name| name == want))
    });
    judged.fold((0, 0), |(right, all), is_right| (right + usize::from(is_right), all + 1))
}

/// Counts.
pub(crate) fn sum(merges: &[Merged]) -> Summary {
    let each = || merges.iter().flat_map(|m| &m.coefficients);
    let error = |(want, said): &(f64, [f64; 3])| (want - said[0]).abs();
    let is_covered = |&&(want, [_, low, high]): &&(f64, [f64; 3])| {
        (low - DIGITS..=high + DIGITS).contains(&want)
    };
    let n = each().count();
    let matrices = || merges.iter().filter_map(|m| m.matrices);
    Summary {
        components: merges.len(),
        named: merges.iter().filter(|m| m.said.as_ref() == Some(&m.method)).count(),
        coefficients: n,
        largest_error: each().map(error).fold(0.0, f64::max),
        mean_error: each().map(error).sum::<f64>() / count(n.max(1)),
        covered: each().filter(is_covered).count(),
        matrices: matrices().map(|(_, all)| all).sum(),
        matrices_right: matrices().map(|(right, _)| right).sum(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn network(truth: Value) -> Network {
        Network {
            name: "m".to_owned(),
            family: "llama".to_owned(),
            relation: "merged-linear".to_owned(),
            parents: vec!["a".to_owned(), "b".to_owned()],
            roots: Default::default(),
            undecided: Default::default(),
            truth,
        }
    }

    #[test]
    fn errors_and_intervals_are_those_of_the_right_method_alone() {
        let network = network(json!({"coefficients": [0.6, 0.4]}));
        let share = |value: f64| json!({"coefficient": {"value": value, "low": value - 0.01, "high": value + 0.01}});
        let said = |method: &str| {
            let merge =
                json!({"kind": "merged", "method": method, "parents": [share(0.605), share(0.35)]});
            judge(
                &network,
                "linear",
                &["a", "b"],
                &json!({"component": "core", "relations": [merge]}),
            )
        };
        let all = sum(&[said("linear"), said("slerp")]);
        assert_eq!((all.components, all.named, all.coefficients, all.covered), (2, 1, 2, 1));
        assert!((all.largest_error - 0.05).abs() < 1e-12);
        let silent =
            judge(&network, "linear", &["a", "b"], &json!({"component": "core", "relations": []}));
        assert_eq!((silent.said, silent.coefficients.len()), (None, 0));
    }

    #[test]
    fn the_parent_of_every_matrix_is_judged() {
        let network = network(json!({"layer_map": [["a", 0], ["b", 1]]}));
        let origin = |part: &str, parent: &str| json!({"part": part, "parent": parent});
        let merge = json!({"kind": "merged", "method": "pass-through", "parents": [], "origins": [
            origin("core layer 0 up", "x/a"), origin("core layer 1 up", "x/a"), origin("core layer 1 down", "x/b"),
        ]});
        let component = json!({"component": "core", "relations": [merge], "layer_map": [{}]});
        assert_eq!(judge(&network, "pass-through", &["a", "b"], &component).matrices, Some((2, 3)));
    }
}
