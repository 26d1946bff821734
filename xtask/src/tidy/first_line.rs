//! The first line of every Rust file says what the file is.

use super::Check;
use crate::tree::File;

pub(super) static CHECK: Check = Check {
    rule: "the first line of every .rs file is a `//!` that says what the file is",
    covers: File::is_rust,
    judge,
};

fn judge(files: &[&File]) -> Vec<String> {
    let says_nothing = |file: &&&File| {
        let first = file.text.lines().next().unwrap_or("");
        first.strip_prefix("//! ").is_none_or(|words| words.trim().is_empty())
    };
    let complain = |file: &&File| format!("{}:1: the first line is no `//!` sentence", file.path);
    files.iter().filter(says_nothing).map(complain).collect()
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
    fn a_file_that_does_not_say_what_it_is_is_named() {
        for bad in ["", "use a::b;\n", "\n//! Late.\n", "//!\n", "// No.\n"] {
            assert_eq!(about(&CHECK, "crates/a/tests/b.rs", bad).len(), 1, "{bad:?}");
        }
        assert!(about(&CHECK, "xtask/src/a.rs", "//! What it is.\n").is_empty());
    }
}
