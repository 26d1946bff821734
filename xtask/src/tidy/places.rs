//! Nothing depends on where one machine keeps its files.

use super::{Check, all_lines};
use crate::tree::File;

pub(super) static CHECK: Check = Check {
    rule: "no path of one machine in code, documents and scripts",
    covers: |file| file.path != "xtask/src/tidy/places.rs",
    judge,
};

const MACHINE: &[&str] = &["/work/", "/root/", "/home/", "/Users/"];

fn judge(files: &[&File]) -> Vec<String> {
    let found = |words: &[&'static str], line: &str| {
        let found = words.iter().find(|word| begins_a_path(line, word))?;
        Some(format!("`{found}` is a path of one machine"))
    };
    let mut complaints = all_lines(files, |line| found(MACHINE, line));
    // A test may make a folder there, so Rust is looked at outside tests only.
    for file in files {
        let lines: Vec<(usize, &str)> = match file.path.ends_with(".rs") {
            true => file.code().collect(),
            false => file.lines().collect(),
        };
        let temporary =
            lines.into_iter().filter_map(|(n, line)| Some((n, found(&["/tmp/"], line)?)));
        complaints.extend(temporary.map(|(n, what)| format!("{}:{n}: {what}", file.path)));
    }
    complaints
}

/// Whether `path` stands in `line` as the beginning of a path, not as a part of a longer one.
fn begins_a_path(line: &str, path: &str) -> bool {
    let part_of_path = |c: char| c.is_alphanumeric() || "_-.}>*".contains(c);
    line.match_indices(path).any(|(at, _)| !line[..at].ends_with(part_of_path))
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
    fn a_path_of_one_machine_is_named() {
        for path in MACHINE.iter().chain(&["/tmp/"]) {
            for bad in [format!("see {path}x"), format!("(\"{path}x\")"), format!("A={path}x")] {
                for file in ["README.md", "crates/a/src/b.rs", ".ci/run"] {
                    assert_eq!(about(&CHECK, file, &bad).len(), 1, "{bad} in {file}");
                }
            }
        }
        assert_eq!(about(&CHECK, "crates/a/tests/b.rs", "(\"/work/x\")").len(), 1);
    }

    #[test]
    fn other_paths_and_temporary_folders_of_tests_are_lawful() {
        assert!(about(&CHECK, "README.md", "https://a.org/home/x, ../work/x, a/root/x").is_empty());
        assert!(about(&CHECK, "crates/a/tests/b.rs", "(\"/tmp/x\")").is_empty());
    }
}
