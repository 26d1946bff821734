//! Documents are for a reader who was not there.

use super::{Check, all_lines, is_comment};
use crate::tree::File;

pub(super) static CHECK: Check = Check {
    rule: "documents and comments speak of the tool, not of how it was made",
    covers: |file| file.ends_with(&[".rs", ".md"]) && file.path != "xtask/src/tidy/leftovers.rs",
    judge,
};

const LEFTOVERS: &[&str] = &["session", "sessions", "registry host"];

fn judge(files: &[&File]) -> Vec<String> {
    let judge_file = |file: &&File| {
        all_lines(&[file], |line| {
            let read = file.path.ends_with(".md") || is_comment(line);
            let found = LEFTOVERS.iter().find(|phrase| has_words(line, phrase)).filter(|_| read)?;
            Some(format!("`{found}` is about how this was made"))
        })
    };
    files.iter().flat_map(judge_file).collect()
}

/// Whether the words of `phrase` follow each other in `line`, each whole.
fn has_words(line: &str, phrase: &str) -> bool {
    let lower = line.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
    let wanted: Vec<&str> = phrase.split(' ').collect();
    words.windows(wanted.len()).any(|window| window == wanted)
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
    fn a_leftover_is_named() {
        for phrase in LEFTOVERS {
            let bad = format!("As found in an earlier {phrase}.");
            assert_eq!(about(&CHECK, "docs/a.md", &bad).len(), 1, "{bad}");
            assert_eq!(about(&CHECK, "crates/a/src/b.rs", &format!("    /// {bad}")).len(), 1);
        }
    }

    #[test]
    fn a_longer_word_or_a_name_in_code_is_lawful() {
        assert!(about(&CHECK, "docs/a.md", "InferenceSession, obsessions").is_empty());
        assert!(about(&CHECK, "crates/a/src/b.rs", "let session = 1;").is_empty());
    }
}
