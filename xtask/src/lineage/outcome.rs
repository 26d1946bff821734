//! What was said of one pair beside what is true, component by component.

use serde::Serialize;
use serde_json::Value;

use super::kin::{self, Kin};
use super::manifest::Manifest;

/// One pair.
#[derive(Debug, Serialize)]
pub(crate) struct Outcome {
    pub(crate) suspect: String,
    pub(crate) reference: String,
    pub(crate) kin: Kin,
    /// Both were trained from their own random start and are of one family: their tests show
    /// whether exact p-values are uniform.
    pub(crate) null: bool,
    pub(crate) components: Vec<Component>,
}

/// One component of the suspect.
#[derive(Debug, Serialize)]
pub(crate) struct Component {
    pub(crate) component: String,
    /// Whether it shares a random draw with the same component of the reference.
    pub(crate) related: bool,
    pub(crate) verdict: String,
    /// Corrected; absent when nothing was tested.
    pub(crate) log10_p: Option<f64>,
    pub(crate) ancestry: String,
    /// Why this verdict and not the next.
    pub(crate) reasons: Vec<String>,
    pub(crate) relations: Vec<Value>,
    /// Which side came later, as a lean, where one is given.
    pub(crate) direction: Option<Value>,
    /// Pairs of layers, suspect and reference, where a map was found.
    pub(crate) layer_map: Vec<(u64, u64)>,
    /// Experts with what they came from, as the report has it.
    pub(crate) expert_map: Vec<Value>,
    /// Tests that gave a p: name and decimal logarithm, not corrected.
    pub(crate) tests: Vec<(String, f64)>,
}

impl Component {
    /// Whether shared weight ancestry was said, of the whole or of a part.
    pub(crate) fn is_finding(&self) -> bool {
        ["identical", "derived", "partly-derived"].contains(&self.verdict.as_str())
    }

    /// What pairs are ranked by: `-log10 p`, 0 where there is no p.
    pub(crate) fn score(&self) -> f64 {
        match (self.verdict.as_str(), self.log10_p) {
            // Equality of all values needs no test.
            ("identical", p) => p.map_or(f64::INFINITY, |p| -p),
            (_, p) => p.map_or(0.0, |p| -p),
        }
    }
}

impl Outcome {
    /// Reads what matters here out of a report.
    pub(crate) fn new(
        manifest: &Manifest,
        suspect: usize,
        reference: usize,
        report: &Value,
    ) -> Self {
        let (a, b) = (&manifest.networks[suspect], &manifest.networks[reference]);
        let alone = a.parents.is_empty() && b.parents.is_empty() && a.family == b.family;
        let kin = kin::of(manifest, suspect, reference);
        let components = list(&report["components"])
            .map(|c| (c, text(&c["component"])))
            .filter(|(_, name)| a.decides(b, name))
            .map(|(c, name)| component(c, a.shares(b, name)))
            .collect();
        Self {
            suspect: a.name.clone(),
            reference: b.name.clone(),
            null: alone && kin == Kin::Independent,
            kin,
            components,
        }
    }

    /// The best score of a component.
    pub(crate) fn score(&self) -> f64 {
        self.components.iter().map(Component::score).fold(0.0, f64::max)
    }
}

fn component(said: &Value, related: bool) -> Component {
    let layer = |m: &Value| Some((m["suspect"].as_u64()?, m["reference"].as_u64()?));
    let test = |t: &Value| Some((text(&t["name"]).to_owned(), t["log10_p"].as_f64()?));
    Component {
        component: text(&said["component"]).to_owned(),
        related,
        verdict: text(&said["verdict"]).to_owned(),
        log10_p: said["log10_p"].as_f64(),
        ancestry: text(&said["ancestry"]).to_owned(),
        reasons: list(&said["reasons"]).map(|why| text(why).to_owned()).collect(),
        relations: list(&said["relations"]).cloned().collect(),
        direction: said.get("direction").filter(|d| d.is_object()).cloned(),
        layer_map: list(&said["layer_map"]).filter_map(layer).collect(),
        expert_map: list(&said["expert_map"]).cloned().collect(),
        tests: list(&said["tests"]).filter_map(test).collect(),
    }
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("")
}
