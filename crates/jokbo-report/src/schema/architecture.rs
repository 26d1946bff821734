//! Two configurations side by side, in the contract.

use jokbo_verdict as v;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::words;

/// What both configurations say of how their networks are built. No verdict rests on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Architecture {
    /// It in one paragraph.
    pub sentence: String,
    /// Every field that either gives: those that differ first, then those that one side gives.
    pub fields: Vec<ConfigField>,
    /// How common the sizes are that both share.
    pub combinations: Vec<Combination>,
}

/// One field of both configurations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ConfigField {
    /// `differs`, `one-sided` or `same`.
    pub is: String,
    /// The sub-configuration, such as `vision`; absent for that of the language model or of the
    /// whole.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub section: String,
    /// `model`, `size`, `attention`, `mlp`, `positions`, `norm`, `vocabulary` or `input`.
    pub group: String,
    /// What it is called, whatever the file calls it.
    pub field: String,
    /// The suspect's value, shortened; absent when it gives none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspect: Option<String>,
    /// The reference's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

/// How common the sizes are that two networks share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Combination {
    /// The sub-configuration; absent for that of the language model or of the whole.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub section: String,
    /// `language`, `vision` or `audio`.
    pub kind: String,
    /// Known configurations of that kind.
    pub known: u64,
    /// Those with the same hidden size, layers, attention heads and width of the MLP.
    pub alike: Vec<String>,
}

impl From<&v::ArchitectureCase> for Architecture {
    fn from(case: &v::ArchitectureCase) -> Self {
        let field = |f: &v::ConfigField| ConfigField {
            is: match (f.same, &f.suspect, &f.reference) {
                (true, ..) => "same",
                (false, Some(_), Some(_)) => "differs",
                (false, ..) => "one-sided",
            }
            .to_owned(),
            section: f.section.clone(),
            group: f.group.to_owned(),
            field: f.name.clone(),
            suspect: f.suspect.clone(),
            reference: f.reference.clone(),
        };
        let combination = |c: &v::Combination| Combination {
            section: c.section.clone(),
            kind: c.kind.to_owned(),
            known: c.known,
            alike: c.alike.clone(),
        };
        let fields: Vec<ConfigField> = case.fields.iter().map(field).collect();
        let combinations: Vec<Combination> = case.combinations.iter().map(combination).collect();
        let sentence = words::architecture(&fields, &combinations);
        Self { sentence, fields, combinations }
    }
}
