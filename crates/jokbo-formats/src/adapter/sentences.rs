//! An adapter in words: what a reader should know before believing a comparison of it.

use super::{Adapter, Start};
use crate::Shown;
use crate::words::{count, list};

impl Adapter {
    /// Rank, scale, modules, and what it was made for.
    pub fn sentences(&self) -> Vec<String> {
        let mut ranks: Vec<u64> = self.factors.iter().map(|f| f.rank).collect();
        ranks.sort_unstable();
        ranks.dedup();
        let ranks: Vec<String> = ranks.iter().map(u64::to_string).collect();
        let mut said = vec![format!(
            "a LoRA adapter of {}, rank {}",
            count(self.factors.len() as u64, "module"),
            ranks.join(", ")
        )];
        let Some(config) = &self.config else {
            said.push("no adapter_config.json says how it is scaled or how it began".to_owned());
            return said;
        };
        if let Some(alpha) = &config.alpha {
            let over = if config.root { "the square root of the rank" } else { "the rank" };
            said.push(format!("its product is scaled by alpha {alpha} over {over}"));
        }
        if !config.targets.is_empty() {
            said.push(format!("its target modules are given as {}", list(&config.targets)));
        }
        if !config.saved.is_empty() {
            said.push(format!(
                "modules that were trained and saved whole: {}",
                list(&config.saved)
            ));
        }
        if config.turned {
            said.push("weights of its base are stored [in, out] (fan_in_fan_out)".to_owned());
        }
        if self.rescaled {
            said.push(
                "every weight is rescaled to a learned length (DoRA), which is not merged"
                    .to_owned(),
            );
        }
        if let Start::Other(how) = &config.start {
            said.push(format!("its matrices did not begin at random but as `{}`", Shown(how)));
        }
        if let Some(base) = &config.base {
            said.push(format!("it names `{}` as its base, which was not looked for", Shown(base)));
        }
        said
    }
}
