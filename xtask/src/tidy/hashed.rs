//! Nothing whose order is random.

use super::{Check, code_lines, holds};
use crate::tree::File;

pub(super) static CHECK: Check = Check {
    rule: "no collection of random order in src",
    covers: |file| file.is_rust() && file.path.contains("/src/"),
    judge,
};

/// In two halves each, so that this file keeps its own rule.
const RANDOM: &[&str] = &[concat!("Hash", "Map"), concat!("Hash", "Set")];

fn judge(files: &[&File]) -> Vec<String> {
    code_lines(files, |line| {
        let found = RANDOM.iter().find(|name| holds(line, name))?;
        Some(format!("{found} has no order of its own; its B-tree sister has one"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::{about, hold_the_tree_to};

    #[test]
    fn the_tree_keeps_the_rule() {
        hold_the_tree_to(&CHECK);
    }

    #[test]
    fn a_collection_of_random_order_is_named() {
        for name in RANDOM {
            let bad = format!("use std::collections::{name};\n");
            assert_eq!(about(&CHECK, "crates/a/src/b.rs", &bad).len(), 1);
        }
        assert!(about(&CHECK, "crates/a/src/b.rs", "use std::collections::BTreeMap;\n").is_empty());
    }
}
