//! How several references are related to one another, in the contract.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How the references that share ancestry with one component are related.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Kinship {
    /// The component.
    pub component: String,
    /// `chain`: each reference lies on the way from the suspect to all that follow it. `relatives`:
    /// they share ancestry with each other too, and no order is claimed. `apart`: of some two of
    /// them that was not found.
    pub kind: String,
    /// The references, best ancestor first.
    pub references: Vec<String>,
    /// Everything that was looked at to say so: the suspect's links first.
    pub links: Vec<Link>,
}

/// Two models that were compared in one component.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Link {
    /// The first; the suspect's where it is one of the two.
    pub a: String,
    /// The second.
    pub b: String,
    /// As of a component; absent where the two could not be compared in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<String>,
    /// Decimal logarithm of p, "at most", after all corrections; absent when nothing was tested.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log10_p: Option<f64>,
    /// Mean cosine of units with their partners, 1 where all values are equal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aligned_cosine: Option<f64>,
    /// Which of the two may have been made from the other, as a lean; absent where nothing says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub child: Option<String>,
    /// What the lean rests on, one sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grounds: Vec<String>,
}
