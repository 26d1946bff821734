//! What a component shows layer by layer.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A group of units by itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Section {
    /// Its name.
    pub section: String,
    /// Its layer; absent when it is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layer: Option<u32>,
    /// Decimal logarithm of its own p, not corrected.
    pub log10_p: f64,
    /// Mean aligned cosine of its units.
    pub aligned_cosine: f64,
    /// What that mean would be by chance; absent in reports of earlier programs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chance: Option<Chance>,
    /// Units drawn.
    pub units: u64,
    /// How many of them are the single best match of their own number, and it of them; absent in
    /// reports of earlier programs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreeing: Option<u64>,
}

/// The mean aligned cosine of a section over all renumberings of its units.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Chance {
    /// Its mean.
    pub mean: f64,
    /// Its standard deviation.
    pub sd: f64,
}

/// One entry of the layer map.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LayerMatch {
    /// Which network inside the component; absent when there is one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub stack: String,
    /// The suspect's layer.
    pub suspect: u32,
    /// The reference's layer.
    pub reference: u32,
    /// Decimal logarithm of p, paid for by all pairs looked at.
    pub log10_p: f64,
}

/// Stored matrices of one layer beside those that answer to them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LayerValues {
    /// Which network inside the component; absent when there is one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub stack: String,
    /// The suspect's layer.
    pub suspect: u32,
    /// The reference's layer.
    pub reference: u32,
    /// Over all its matrices, as one long vector; null when undefined.
    pub cosine: Option<f64>,
    /// Over all its matrices, as one long vector; null when undefined.
    pub pearson: Option<f64>,
    /// Pairs of elements.
    pub pairs: u64,
}

/// Every layer of one network held against every layer of the reference's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LayerGrid {
    /// Which network inside the component; absent when there is one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub stack: String,
    /// The suspect's layers: rows of `z`.
    pub suspect: Vec<u32>,
    /// The reference's layers: columns of `z`.
    pub reference: Vec<u32>,
    /// How far units of equal numbers answer to each other beyond chance, in standard deviations over
    /// all renumberings, to one decimal; null where a layer does not vary over its units.
    pub z: Vec<Vec<Option<f64>>>,
}
