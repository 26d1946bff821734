//! A number never stands in for a failure.

use super::{Check, code_lines};
use crate::tree::File;

pub(super) static CHECK: Check = Check {
    rule: "no failed computation becomes a default in jokbo-statistics and jokbo-verdict",
    covers: |file| {
        ["crates/jokbo-statistics/src/", "crates/jokbo-verdict/src/"]
            .iter()
            .any(|room| file.is_rust() && file.path.starts_with(room))
    },
    judge,
};

fn judge(files: &[&File]) -> Vec<String> {
    code_lines(files, |line| {
        let complaint = "a failure becomes a default here; say what it is, or return it";
        line.contains("unwrap_or_default").then(|| complaint.to_owned())
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
    fn a_default_outside_tests_is_named() {
        let path = "crates/jokbo-verdict/src/a.rs";
        let line = "let x = solve().unwrap_or_default();\n";
        assert_eq!(about(&CHECK, path, line).len(), 1);
        let in_tests = format!("#[cfg(test)]\nmod tests {{\n    {line}}}\n");
        assert!(about(&CHECK, path, &in_tests).is_empty());
        assert!(about(&CHECK, path, &format!("// {line}")).is_empty());
    }
}
