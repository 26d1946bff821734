//! The tool measures; it does not accuse.

use super::{Check, all_lines};
use crate::tree::File;

pub(super) static CHECK: Check = Check {
    rule: "no accusing word in .rs and .md",
    covers: |file| file.ends_with(&[".rs", ".md"]),
    judge,
};

const ACCUSING: &[&str] = &["stolen", "plagiar", "theft", "cheat"];

/// Lines that may hold such a word, because they are there to find it: the file, and how the line
/// begins.
const LAWFUL: &[(&str, &str)] = &[
    ("crates/jokbo-report/src/explain.rs", "for word in ["),
    ("crates/jokbo/tests/cli/wording.rs", "["),
    ("xtask/src/tidy/accusing.rs", "const ACCUSING: "),
];

fn judge(files: &[&File]) -> Vec<String> {
    let judge_file = |file: &&File| {
        let begins: Vec<&str> =
            LAWFUL.iter().filter(|(path, _)| *path == file.path).map(|(_, line)| *line).collect();
        all_lines(&[file], |line| {
            let lawful = begins.iter().any(|begin| line.trim_start().starts_with(begin));
            let lower = line.to_lowercase();
            let found = ACCUSING.iter().find(|word| lower.contains(**word))?;
            (!lawful).then(|| format!("`{found}` accuses; say what was measured"))
        })
    };
    files.iter().flat_map(judge_file).collect()
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
    fn an_accusing_word_is_named_however_it_is_written() {
        for word in ACCUSING {
            for bad in [format!("Model B is {word}."), word.to_uppercase(), format!("{word}rised")]
            {
                assert_eq!(about(&CHECK, "README.md", &bad).len(), 1, "{bad}");
            }
        }
        assert!(about(&CHECK, "README.md", "Model B shares weight ancestry with A.").is_empty());
    }

    #[test]
    fn a_lawful_line_is_lawful_in_its_own_file_only() {
        let (path, begin) = LAWFUL[0];
        let line = format!("    {begin}\"{}\"] {{", ACCUSING[0]);
        assert!(about(&CHECK, path, &line).is_empty());
        assert_eq!(about(&CHECK, "crates/a/src/b.rs", &line).len(), 1);
        assert_eq!(about(&CHECK, path, &format!("// {line}")).len(), 1);
    }
}
