//! How the reports read: no accusing word, no wide line, no stray blank.

use crate::program::{PAIRS, is_plain, jokbo};

const ACCUSING: [&str; 9] =
    ["stolen", "steal", "theft", "plagiar", "guilt", "innocent", "cheat", "pirat", "accus"];

/// Columns that any line may need: a terminal of that width is common, and tables need it.
const WIDTH: usize = 110;

#[test]
fn every_page_is_plain_and_narrow_and_accuses_nobody() {
    for (suspect, reference) in PAIRS {
        for format in ["text", "markdown"] {
            let page = jokbo(["compare", suspect, reference, "--format", format]).out;
            is_plain(&page);
            let lower = page.to_lowercase();
            assert_eq!(ACCUSING.iter().find(|word| lower.contains(*word)), None);
            assert!(page.lines().all(|line| line.trim_end() == line), "a blank at a line's end");
            if format == "text" {
                let widest = page.lines().map(|line| line.chars().count()).max().unwrap();
                assert!(widest <= WIDTH, "{widest} columns in:\n{page}");
            }
        }
    }
}

#[test]
fn no_help_and_no_explanation_accuses() {
    let pages = [
        jokbo(["--help"]).out,
        jokbo(["compare", "--help"]).out,
        jokbo(["inspect", "--help"]).out,
        jokbo(["explain", "--help"]).out,
    ];
    let terms = jokbo(["explain"]).out;
    assert!(10 < terms.lines().count());
    for page in pages.into_iter().chain(terms.lines().map(|term| jokbo(["explain", term]).out)) {
        assert_ne!(page, "");
        let lower = page.to_lowercase();
        assert_eq!(ACCUSING.iter().find(|word| lower.contains(*word)), None, "{page}");
    }
}

#[test]
fn the_verdict_of_every_component_comes_before_any_reason() {
    let page = jokbo(["compare", "fracast-noised", "fracast"]).out;
    let reasons = page.find("other:core: derived").unwrap();
    for name in ["other:core", "other:head"] {
        let row = page.lines().find(|line| line.starts_with(name)).unwrap();
        assert!(row.contains("derived") && page.find(row).unwrap() < reasons);
    }
}
