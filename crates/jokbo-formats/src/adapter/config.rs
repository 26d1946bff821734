//! `adapter_config.json`: the few keys that weights depend on.

use std::collections::BTreeMap;

use serde_json::Value;

use super::names::names;
use crate::Shown;
use crate::oddity::Oddities;

/// What `adapter_config.json` says. Numbers with a fraction are kept as the text they have there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdapterConfig {
    /// `r`.
    pub rank: Option<u64>,
    /// `lora_alpha`.
    pub alpha: Option<String>,
    /// Modules with ranks of their own, by pattern.
    pub ranks: BTreeMap<String, u64>,
    /// Modules with an alpha of their own, by pattern.
    pub alphas: BTreeMap<String, String>,
    /// The scale is `alpha / sqrt(rank)`, not `alpha / rank`.
    pub root: bool,
    /// Weights are stored `[in, out]`.
    pub turned: bool,
    /// Weights are rescaled afterwards (DoRA).
    pub rescaled: bool,
    /// How `A` began.
    pub start: Start,
    /// Which modules were adapted, as the file says it.
    pub targets: Vec<String>,
    /// Which modules were trained and saved whole.
    pub saved: Vec<String>,
    /// What it was made for: a text, never followed.
    pub base: Option<String>,
}

/// How the matrices of an adapter began, before training.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Start {
    /// `A` at random, every row alike, and `B` at zero.
    Random,
    /// In another way, such as from the weights of the base, as the file calls it.
    Other(String),
}

impl AdapterConfig {
    /// Reads `config`; `None` when it is of another kind of adapter.
    pub(super) fn of(config: &Value, oddities: &mut Oddities) -> Option<Self> {
        match config["peft_type"].as_str() {
            Some("LORA") => {}
            Some(other) => {
                let what = format_args!("peft_type is `{}`, and LORA is read", Shown(other));
                oddities.tell("kinds of adapter", None, what);
                return None;
            }
            None => return None,
        }
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let decimal = |value: &Value| match value {
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
        let is = |key: &str| config[key].as_bool() == Some(true);
        let list = |key: &str| match &config[key] {
            Value::String(one) => vec![one.clone()],
            Value::Array(all) => all.iter().filter_map(text).collect(),
            _ => Vec::new(),
        };
        let table = |key: &str| config[key].as_object().into_iter().flatten();
        Some(Self {
            rank: config["r"].as_u64(),
            alpha: decimal(&config["lora_alpha"]),
            ranks: table("rank_pattern")
                .filter_map(|(k, v)| Some((k.clone(), v.as_u64()?)))
                .collect(),
            alphas: table("alpha_pattern")
                .filter_map(|(k, v)| Some((k.clone(), decimal(v)?)))
                .collect(),
            root: is("use_rslora"),
            turned: is("fan_in_fan_out"),
            rescaled: is("use_dora"),
            start: match &config["init_lora_weights"] {
                Value::Null | Value::Bool(true) => Start::Random,
                Value::String(how) if how == "gaussian" => Start::Random,
                Value::String(how) => Start::Other(how.clone()),
                other => Start::Other(other.to_string()),
            },
            targets: list("target_modules"),
            saved: list("modules_to_save"),
            base: text(&config["base_model_name_or_path"]),
        })
    }

    /// The alpha of `module`, or why it is not known.
    pub(super) fn alpha_of(&self, module: &str) -> Result<&str, String> {
        if let Some(own) = pattern(&self.alphas, module)? {
            return Ok(own);
        }
        self.alpha.as_deref().ok_or_else(|| "gives no lora_alpha".to_owned())
    }

    /// The rank that `module` should have, where one is given.
    pub(super) fn rank_of(&self, module: &str) -> Result<Option<u64>, String> {
        Ok(pattern(&self.ranks, module)?.copied().or(self.rank))
    }
}

/// What `table` says of `module`: its first pattern that names it.
fn pattern<'a, T>(table: &'a BTreeMap<String, T>, module: &str) -> Result<Option<&'a T>, String> {
    for (pattern, value) in table {
        match names(pattern, module) {
            Some(true) => return Ok(Some(value)),
            Some(false) => {}
            None => {
                return Err(format!(
                    "gives values by the expression `{}`, which is not read",
                    Shown(pattern)
                ));
            }
        }
    }
    Ok(None)
}
