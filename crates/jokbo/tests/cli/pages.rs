//! Every page a person reads, word by word.

use insta::{Settings, assert_snapshot};

use crate::program::jokbo;

/// A snapshot without what changes from release to release or from system to system.
fn settings() -> Settings {
    let mut settings = Settings::clone_current();
    settings.add_filter(r"jokbo \d+\.\d+\.\d+", "jokbo VERSION");
    settings.add_filter(r"jokbo\.exe", "jokbo");
    settings
}

/// One snapshot for each row: its name, and what was typed.
#[track_caller]
fn check(pages: &[(&str, &[&str])]) {
    settings().bind(|| {
        for (name, args) in pages {
            let ran = jokbo(*args);
            assert_eq!(ran.err, "", "{args:?}");
            assert_snapshot!(*name, ran.out);
        }
    });
}

#[test]
fn comparisons_as_text() {
    check(&[
        ("noised.text", &["compare", "fracast-noised", "fracast"]),
        ("detectors.text", &["compare", "silero-vad", "akiki"]),
        ("strangers.text", &["compare", "silero-vad", "fracast"]),
        ("panel.text", &["compare", "fracast-bf16", "fracast-noised", "silero-vad", "fracast"]),
    ]);
}

#[test]
fn comparisons_as_markdown() {
    check(&[
        ("noised.markdown", &["compare", "fracast-noised", "fracast", "--format", "markdown"]),
        ("detectors.markdown", &["compare", "silero-vad", "akiki", "--format", "markdown"]),
        (
            "panel.markdown",
            &["compare", "fracast-bf16", "fracast-noised", "silero-vad", "--format", "markdown"],
        ),
    ]);
}

#[test]
fn inspections() {
    check(&[
        ("inspect-silero", &["inspect", "silero-vad"]),
        ("inspect-akiki-tensors", &["inspect", "akiki", "--tensors"]),
        ("inspect-fracast", &["inspect", "fracast"]),
        ("inspect-fracast-diagram", &["inspect", "fracast", "--diagram"]),
        ("inspect-noised.markdown", &["inspect", "fracast-noised", "--format", "markdown"]),
    ]);
}

#[test]
fn help_of_every_command() {
    check(&[
        ("help", &["--help"]),
        ("help-compare", &["compare", "--help"]),
        ("help-audit", &["audit", "--help"]),
        ("help-verify", &["verify", "--help"]),
        ("help-inspect", &["inspect", "--help"]),
        ("help-tree", &["tree", "--help"]),
        ("help-tokenizers", &["tokenizers", "--help"]),
        ("help-demo", &["demo", "--help"]),
        ("help-explain", &["explain", "--help"]),
    ]);
}

#[test]
fn explanations() {
    check(&[
        ("explain-all", &["explain"]),
        ("explain-derived", &["explain", "derived"]),
        ("explain-no-evidence", &["explain", "no", "evidence"]),
        ("explain-norm-cosine", &["explain", "Norm-Cosine"]),
    ]);
}

#[test]
fn a_diagram_is_drawn_from_names_and_shapes_alone() {
    let ran = jokbo(["inspect", "fracast", "--diagram=svg"]);
    assert_eq!(ran.err, "");
    assert!(ran.out.starts_with("<svg xmlns=") && ran.out.ends_with("</svg>\n"));
    let ran = jokbo(["inspect", "fracast", "--diagram", "--format", "json"]);
    assert_eq!((ran.code, ran.out.as_str()), (4, ""));
}
