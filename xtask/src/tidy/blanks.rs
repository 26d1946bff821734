//! No blanks that nobody sees.

use super::{Check, all_lines};
use crate::tree::File;

pub(super) static CHECK: Check = Check {
    rule: "no tab and no blank at the end of a line in .rs, .md and .toml",
    covers: |file| file.ends_with(&[".rs", ".md", ".toml"]),
    judge,
};

fn judge(files: &[&File]) -> Vec<String> {
    all_lines(files, |line| {
        let at_end = line.ends_with(char::is_whitespace).then_some("a blank ends the line");
        let tab = line.contains('\t').then_some("a tab is in the line");
        at_end.or(tab).map(str::to_owned)
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
    fn unseen_blanks_are_named_by_line() {
        assert_eq!(about(&CHECK, "a.md", "one\ntwo \n"), ["a.md:2: a blank ends the line"]);
        assert_eq!(about(&CHECK, "a.toml", "\ta = 1\n"), ["a.toml:1: a tab is in the line"]);
        assert_eq!(about(&CHECK, "a.rs", "a();\t\n").len(), 1);
        assert!(about(&CHECK, "a.rs", "a();\n\n    b();\n").is_empty());
    }
}
