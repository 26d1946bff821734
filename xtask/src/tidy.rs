//! `cargo xtask tidy`: rules of the house that no compiler checks.
//!
//! Each rule is one file with one [`Check`] and a test in which a bad text makes it complain. Its
//! other test holds the real tree to it, so `cargo test` runs every rule as well.

mod accusing;
mod blanks;
mod defaults;
mod first_line;
mod hashed;
mod ignored;
mod layout;
mod leftovers;
mod places;
mod quiet;
mod readme;
mod reasons;
mod size;
mod walls;

use crate::say;
use crate::tree::{self, File};

/// One rule.
pub(crate) struct Check {
    /// The rule in a few words.
    rule: &'static str,
    /// Whether a file has to obey it.
    covers: fn(&File) -> bool,
    /// What the files it covers do against it: one sentence each, with the place.
    judge: fn(&[&File]) -> Vec<String>,
}

/// Every rule.
static ALL: &[&Check] = &[
    &first_line::CHECK,
    &size::CHECK,
    &layout::CHECK,
    &blanks::CHECK,
    &ignored::CHECK,
    &defaults::CHECK,
    &hashed::CHECK,
    &quiet::CHECK,
    &accusing::CHECK,
    &places::CHECK,
    &leftovers::CHECK,
    &readme::CHECK,
    &reasons::CHECK,
    &walls::CHECK,
];

/// Holds the tree to every rule and prints every complaint before it fails.
pub(crate) fn run() -> anyhow::Result<()> {
    let files = tree::read()?;
    let mut n_complaints = 0;
    for check in ALL {
        let (n_files, complaints) = check.hold(&files);
        let outcome = if complaints.is_empty() { "ok" } else { "NOT KEPT" };
        say::line(&format!("tidy: {} ({n_files} files): {outcome}", check.rule));
        for complaint in &complaints {
            say::line(&format!("  {complaint}"));
        }
        n_complaints += complaints.len();
    }
    anyhow::ensure!(n_complaints == 0, "the tree is not tidy: {n_complaints} complaints above");
    Ok(())
}

impl Check {
    /// The number of files looked at, and the complaints. To have looked at no file is one.
    fn hold(&self, files: &[File]) -> (usize, Vec<String>) {
        let covered: Vec<&File> = files.iter().filter(|file| (self.covers)(file)).collect();
        if covered.is_empty() {
            return (0, vec![format!("no file was looked at for the rule: {}", self.rule)]);
        }
        (covered.len(), (self.judge)(&covered))
    }
}

/// One complaint for each line of code outside tests in which `says` finds something to say.
fn code_lines(files: &[&File], says: impl Fn(&str) -> Option<String>) -> Vec<String> {
    places(files, |file| file.code().filter(|(_, line)| !is_comment(line)).collect(), says)
}

/// One complaint for each line of any kind in which `says` finds something to say.
fn all_lines(files: &[&File], says: impl Fn(&str) -> Option<String>) -> Vec<String> {
    places(files, |file| file.lines().collect(), says)
}

fn places(
    files: &[&File],
    lines: impl Fn(&File) -> Vec<(usize, &str)>,
    says: impl Fn(&str) -> Option<String>,
) -> Vec<String> {
    let mut complaints = Vec::new();
    for file in files {
        for (number, line) in lines(file) {
            complaints.extend(says(line).map(|what| format!("{}:{number}: {what}", file.path)));
        }
    }
    complaints
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with("//")
}

/// Whether `line` holds `word` with no letter, digit or `_` just before it.
fn holds(line: &str, word: &str) -> bool {
    let part_of_name = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| !line[..at].ends_with(part_of_name))
}

/// Fails with every complaint about the real tree.
#[cfg(test)]
#[track_caller]
fn hold_the_tree_to(check: &Check) {
    let (_, complaints) = check.hold(&tree::read().unwrap());
    assert!(complaints.is_empty(), "{}:\n{}", check.rule, complaints.join("\n"));
}

/// The complaints about one made-up file.
#[cfg(test)]
fn about(check: &Check, path: &str, text: &str) -> Vec<String> {
    check.hold(&[File::new(path, text)]).1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_complains_when_it_looked_at_no_file() {
        for check in ALL {
            let (n_files, complaints) = check.hold(&[]);
            assert_eq!((n_files, complaints.len()), (0, 1), "{}", check.rule);
        }
    }

    #[test]
    fn every_rule_is_listed_once() {
        let files = tree::read().unwrap();
        let stored = files.iter().filter(|file| file.path.starts_with("xtask/src/tidy/")).count();
        assert_eq!(ALL.len(), stored);
        let mut rules: Vec<&str> = ALL.iter().map(|check| check.rule).collect();
        rules.sort_unstable();
        rules.dedup();
        assert_eq!(rules.len(), stored);
    }

    #[test]
    fn a_word_is_found_only_where_it_begins() {
        assert!(holds("a = env::var()", "env::") && holds("std::env::var()", "env::"));
        assert!(!holds("my_env::var()", "env::"));
    }
}
