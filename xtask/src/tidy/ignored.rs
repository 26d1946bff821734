//! A test that does not run is no test.

use super::{Check, all_lines};
use crate::tree::File;

pub(super) static CHECK: Check = Check { rule: "no test is ignored", covers: File::is_rust, judge };

fn judge(files: &[&File]) -> Vec<String> {
    all_lines(files, |line| {
        let line = line.trim_start();
        let ignored = line.starts_with("#[ignore")
            || line.starts_with("#[cfg_attr") && line.contains("ignore")
            || line.starts_with("//") && line.contains("```ignore");
        ignored.then(|| "assert what happens today instead of ignoring the test".to_owned())
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
    fn an_ignored_test_is_named() {
        for bad in ["    #[ignore]", "#[ignore = \"slow\"]", "#[cfg_attr(windows, ignore)]"] {
            assert_eq!(about(&CHECK, "crates/a/tests/b.rs", bad).len(), 1, "{bad}");
        }
        assert_eq!(about(&CHECK, "crates/a/src/b.rs", "/// ```ignore").len(), 1);
        assert!(about(&CHECK, "crates/a/src/b.rs", "#[test]\nfn ignored() {}").is_empty());
    }
}
