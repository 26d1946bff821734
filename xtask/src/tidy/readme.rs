//! The README and the checks name the same commands.

use super::Check;
use crate::check::COMPARE;
use crate::tree::File;

pub(super) static CHECK: Check = Check {
    rule: "a README at the root shows the test command and the comparison that the checks run",
    covers: |file| file.path.ends_with(".md"),
    judge,
};

fn judge(files: &[&File]) -> Vec<String> {
    let commands = ["cargo xtask check".to_owned(), format!("cargo {}", COMPARE.join(" "))];
    let root = files.iter().filter(|file| file.path == "README.md");
    root.flat_map(|readme| commands.iter().filter(|command| !readme.text.contains(*command)))
        .map(|command| format!("README.md: `{command}` is run by the checks and not shown"))
        .collect()
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
    fn a_command_that_the_readme_does_not_show_is_named() {
        let compare = format!("cargo {}", COMPARE.join(" "));
        assert_eq!(about(&CHECK, "README.md", "cargo test").len(), 2);
        assert_eq!(about(&CHECK, "README.md", &compare).len(), 1);
        assert!(about(&CHECK, "README.md", &format!("{compare}\ncargo xtask check")).is_empty());
    }
}
