//! LoRA adapters: pairs of narrow matrices whose product is added to a weight of another model.
//!
//! ```text
//! W' = W + s B A      A [rank, in]   B [out, rank]   s = alpha / rank, or alpha / sqrt(rank)
//! ```
//!
//! `adapter_config.json` says how; the names say where. What the configuration says of a base is a
//! text that is shown and never followed.
//!
//! Sources: Hu et al., *LoRA*, ICLR 2022; Kalajdzievski, arXiv:2312.03732, for the square root; the
//! names and keys are those of the package `peft`.

mod config;
mod merge;
mod names;
mod sentences;

use std::collections::BTreeMap;

use serde_json::Value;

pub use config::{AdapterConfig, Start};
pub use merge::merge;

use crate::oddity::Oddities;
use crate::{Entry, Shown};
use names::Factor;

/// What an adapter's files hold and say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adapter {
    /// `adapter_config.json`, when there is one that can be read.
    pub config: Option<AdapterConfig>,
    /// The pairs of matrices, in the order of the modules that they belong to.
    pub factors: Vec<Factors>,
    /// Every weight is scaled to a learned length afterwards (DoRA).
    pub rescaled: bool,
}

/// The two matrices of one module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Factors {
    /// The module's name in the model that was adapted.
    pub module: String,
    /// Index of `A`, `[rank, in]`, into the entries.
    pub down: usize,
    /// Index of `B`, `[out, rank]`, into the entries.
    pub up: usize,
    /// What both have in common.
    pub rank: u64,
    /// The module is a table, whose rows are the inputs.
    pub table: bool,
}

impl Adapter {
    /// The adapter in `entries`, when there is one.
    pub(crate) fn of(
        entries: &[Entry],
        config: Option<&Value>,
        oddities: &mut Oddities,
    ) -> Option<Self> {
        let mut found: BTreeMap<&str, [Option<usize>; 4]> = BTreeMap::new();
        for (k, entry) in entries.iter().enumerate() {
            if let Some((module, factor)) = names::factor(&entry.name) {
                let place = match factor {
                    Factor::Down => 0,
                    Factor::Up => 1,
                    Factor::TableDown => 2,
                    Factor::TableUp => 3,
                };
                let slot = &mut found.entry(module).or_default()[place];
                if slot.replace(k).is_some() {
                    let what = "the module has two such matrices, and the last is taken";
                    oddities.tell("matrices of one module", Some(&entry.name), what);
                }
            }
        }
        if found.is_empty() {
            return None;
        }
        let mut factors = Vec::new();
        for (module, [down, up, table_down, table_up]) in found {
            for (pair, table) in [((down, up), false), ((table_down, table_up), true)] {
                let (down, up) = match pair {
                    (Some(down), Some(up)) => (down, up),
                    (None, None) => continue,
                    (Some(alone), None) | (None, Some(alone)) => {
                        let what = "its other half is missing; it adapts nothing";
                        oddities.tell("matrices alone", Some(&entries[alone].name), what);
                        continue;
                    }
                };
                match rank(&entries[down], &entries[up]) {
                    Some(rank) => {
                        let module = module.to_owned();
                        factors.push(Factors { module, down, up, rank, table });
                    }
                    None => {
                        let what = format_args!(
                            "its shape {:?} and that of `{}`, {:?}, have no rank in common; it adapts nothing",
                            entries[down].shape,
                            Shown(&entries[up].name),
                            entries[up].shape
                        );
                        oddities.tell("matrices without a rank", Some(&entries[down].name), what);
                    }
                }
            }
        }
        let config = config.and_then(|config| AdapterConfig::of(config, oddities));
        if config.is_none() && factors.is_empty() {
            return None;
        }
        if config.is_none() && !fill_most(entries, &factors) {
            let what = "matrices are named as those of a LoRA adapter, beside a whole model; all are read as the model's own";
            oddities.tell("adapters in a model", None, what);
            return None;
        }
        if let Some(said) = config.as_ref().and_then(|config| config.rank) {
            let others = factors.iter().filter(|f| f.rank != said).count();
            let patterned = config.as_ref().is_some_and(|config| !config.ranks.is_empty());
            if 0 < others && !patterned {
                let what = format_args!(
                    "the configuration says rank {said}, and {others} of {} modules have another",
                    factors.len()
                );
                oddities.tell("ranks", None, what);
            }
        }
        let rescaled = config.as_ref().is_some_and(|config| config.rescaled)
            || entries.iter().any(|entry| entry.name.contains(".lora_magnitude_vector"));
        Some(Self { config, factors, rescaled })
    }
}

/// Whether at least half of all elements are in `factors`: an adapter's files hold little else.
fn fill_most(entries: &[Entry], factors: &[Factors]) -> bool {
    let sum = |all: &mut dyn Iterator<Item = &Entry>| {
        all.fold(0u64, |sum, entry| sum.saturating_add(entry.elements()))
    };
    let all = sum(&mut entries.iter());
    let own = sum(&mut factors.iter().flat_map(|f| [&entries[f.down], &entries[f.up]]));
    all / 2 <= own
}

/// The rank that `[rank, in, …]` and `[out, rank, 1, …]` have in common.
fn rank(down: &Entry, up: &Entry) -> Option<u64> {
    let rank = *down.shape.first()?;
    let [_, theirs, ones @ ..] = up.shape.as_slice() else { return None };
    let lawful = 0 < rank && *theirs == rank && ones.iter().all(|&axis| axis == 1);
    (lawful && 2 <= down.shape.len() && down.dtype.is_float() && up.dtype.is_float())
        .then_some(rank)
}
