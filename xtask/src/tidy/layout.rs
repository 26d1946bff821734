//! A module's file is named after it.

use super::Check;
use crate::tree::File;

pub(super) static CHECK: Check = Check {
    rule: "a module is in the file of its name, never in mod.rs",
    covers: File::is_rust,
    judge,
};

fn judge(files: &[&File]) -> Vec<String> {
    let nameless = files.iter().filter(|file| file.name() == "mod.rs");
    nameless.map(|file| format!("{}: name the file after the module", file.path)).collect()
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
    fn a_nameless_module_is_named() {
        assert_eq!(about(&CHECK, "crates/a/src/b/mod.rs", "").len(), 1);
        assert!(about(&CHECK, "crates/a/src/b/amod.rs", "").is_empty());
    }
}
