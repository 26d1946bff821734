//! What was asked for that changes the evidence, as a report keeps it.

use std::fmt::Display;

use super::{Compare, On};
use crate::placements;

impl Compare {
    /// One `--name` or `--name=value` for each, in the order of the help text. Level and seed have
    /// fields of their own in the report.
    ///
    /// # Errors
    ///
    /// Where the `jokbo.toml` of the current folder cannot be read.
    pub(crate) fn options(&self) -> anyhow::Result<Vec<String>> {
        let mut all = Vec::new();
        let mut say = |name: &str, value: &dyn Display| all.push(format!("{name}={value}"));
        for one in &self.component_ref {
            let reference = one.reference.display();
            say("--component-ref", &format_args!("{}={reference}", one.component));
        }
        self.parent.iter().for_each(|model| say("--parent", &model.display()));
        self.base.iter().for_each(|model| say("--base", &model.display()));
        self.looks.component.iter().for_each(|name| say("--component", name));
        self.max_bytes.iter().for_each(|bytes| say("--max-bytes", bytes));
        // What the file says counts as typed: whoever redoes the report has another file, or none.
        placements::all(&self.shared.running.map)?.iter().for_each(|place| say("--map", place));
        if self.device == On::Cuda {
            say("--device", &"cuda");
        }
        let flags = [("--sampled", self.amount.sampled), ("--full", self.amount.full)];
        all.extend(flags.iter().filter(|(_, typed)| *typed).map(|(name, _)| (*name).to_owned()));
        Ok(all)
    }
}
