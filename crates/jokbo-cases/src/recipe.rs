//! What a recipe may say.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The models of a case, what was planted, and what must be found.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Recipe {
    /// The case in a few words.
    pub title: String,
    /// The model under question.
    pub suspect: String,
    /// The models it is compared with, in this order.
    pub references: Vec<String>,
    /// What the comparison must say.
    pub expect: Vec<Expected>,
    /// What shipped policies must say of it, by their ids, where the case is about them.
    #[serde(default)]
    pub policies: BTreeMap<String, String>,
    pub(crate) networks: BTreeMap<String, Network>,
    pub(crate) models: BTreeMap<String, Model>,
}

/// What the comparison must say of one component.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Expected {
    /// The suspect's component.
    pub component: String,
    /// Against which model.
    pub reference: String,
    /// `derived`, `no evidence` and so on.
    pub verdict: String,
    /// The verdict with suspect and reference swapped, where it is another.
    #[serde(default)]
    pub swapped: Option<String>,
    /// A relation that must be named.
    #[serde(default)]
    pub relation: Option<String>,
    /// The cosine of all its weights, give or take 0.002.
    #[serde(default)]
    pub cosine: Option<f64>,
    /// Least cosine of its norm weights, which is shown as not probative.
    #[serde(default)]
    pub norm_cosine: Option<f64>,
    /// Least correlation of spreads over depth, which is shown as not probative.
    #[serde(default)]
    pub depth_curve: Option<f64>,
    /// The layer of the reference that every layer of the suspect came from.
    #[serde(default)]
    pub layers: Option<Vec<u64>>,
}

/// The tensors of a network: names with a `#` for every number, and shapes.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Network {
    /// How many layers: what the first `#` of a name counts.
    #[serde(default)]
    pub(crate) layers: u64,
    /// How many experts: what the second `#` counts.
    #[serde(default)]
    pub(crate) experts: u64,
    pub(crate) tensors: BTreeMap<String, Vec<u64>>,
}

/// One checkpoint.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Model {
    /// Its `config.json`.
    #[serde(default)]
    pub(crate) config: toml::Table,
    /// Cards, licences and notices beside its weights, by name.
    #[serde(default)]
    pub(crate) papers: BTreeMap<String, String>,
    pub(crate) parts: Vec<Part>,
}

/// One network of a checkpoint.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Part {
    pub(crate) network: String,
    /// What stands before its names.
    #[serde(default)]
    pub(crate) prefix: String,
    /// The folder below the model's in which it lies.
    #[serde(default)]
    pub(crate) folder: String,
    /// How much larger the spread of the last layer is than that of the first, as a share; it grows
    /// evenly between them.
    #[serde(default)]
    pub(crate) rising: f64,
    /// Where its weights come from; drawn anew where it does not say.
    pub(crate) from: Option<From>,
}

/// Weights taken from another model.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct From {
    pub(crate) model: String,
    #[serde(default)]
    pub(crate) prefix: String,
    /// What a name is called there, where it is called otherwise. Names that are not there are drawn
    /// anew.
    #[serde(default)]
    pub(crate) called: BTreeMap<String, String>,
    /// The layer there for every layer here.
    pub(crate) layers: Option<Vec<u64>>,
    /// Training: a change of this share of each tensor's norm, other in every row and column.
    #[serde(default)]
    pub(crate) tuned: f64,
    /// Noise: independent, of this share of each tensor's norm.
    #[serde(default)]
    pub(crate) noise: f64,
}
