//! Only the command line and the chores speak, look around, or end the process.

use super::{Check, code_lines, holds};
use crate::tree::File;

pub(super) static CHECK: Check = Check {
    rule: "only jokbo, xtask, examples and benchmarks print, read the environment or end the process",
    covers: |file| {
        let outermost = ["crates/jokbo/", "xtask/"].iter().any(|d| file.path.starts_with(d));
        // A crate's example or benchmark is a program of its own.
        let is_program = ["/examples/", "/benches/"].iter().any(|d| file.path.contains(d));
        file.is_rust() && !outermost && !is_program
    },
    judge,
};

const LOUD: &[&str] = &[
    "println!",
    "eprintln!",
    "print!",
    "eprint!",
    "dbg!",
    "stdout()",
    "stderr()",
    "std::env",
    "env::",
    "process::exit",
    "process::abort",
];

fn judge(files: &[&File]) -> Vec<String> {
    code_lines(files, |line| {
        let found = LOUD.iter().find(|word| holds(line, word))?;
        Some(format!("`{found}` belongs to jokbo or xtask"))
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
    fn a_room_that_speaks_is_named() {
        let path = "crates/jokbo-audit/src/a.rs";
        for word in LOUD {
            assert_eq!(about(&CHECK, path, &format!("    {word}\n")).len(), 1, "{word}");
        }
        assert_eq!(about(&CHECK, path, "use std::env;\n").len(), 1);
        assert!(about(&CHECK, path, "//!     println!(\"an example\");\n").is_empty());
        assert!(about(&CHECK, path, "let version = env!(\"CARGO_PKG_VERSION\");\n").is_empty());
    }

    #[test]
    fn tests_and_the_command_line_may_speak() {
        let speaks = "println!();\n";
        let in_tests = format!("#[cfg(test)]\nmod tests {{\n    {speaks}}}\n");
        assert!(about(&CHECK, "crates/jokbo-audit/src/a.rs", &in_tests).is_empty());
        assert!(about(&CHECK, "crates/jokbo-audit/tests/a.rs", speaks).is_empty());
        assert!(!(CHECK.covers)(&File::new("crates/jokbo/src/a.rs", speaks)));
        assert!(!(CHECK.covers)(&File::new("crates/jokbo-audit/examples/a.rs", speaks)));
        assert!(!(CHECK.covers)(&File::new("crates/jokbo-audit/benches/a.rs", speaks)));
    }
}
