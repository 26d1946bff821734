//! A stored audit in every form, word by word. No weight is there: a form that needed one would fail.
//!
//! `tests/stored/audit.json` is the audit of the case `borrowed-encoder` under the four shipped policies,
//! as jokbo 0.1.0 wrote it. It is not made anew with the program: what was written must stay readable.

use std::path::PathBuf;

use insta::assert_snapshot;

use crate::program::command;

/// Every form that a report is written in, and the options that ask for it.
const FORMS: &[(&str, &[&str])] = &[
    ("text", &["text"]),
    ("markdown", &["markdown"]),
    ("html-en", &["html", "--lang", "en"]),
    ("html-ko", &["html", "--lang", "ko"]),
    ("sarif", &["sarif"]),
    ("junit", &["junit"]),
    ("cyclonedx-1.7", &["cyclonedx"]),
    ("cyclonedx-1.6", &["cyclonedx-1.6"]),
    ("spdx", &["spdx"]),
    ("in-toto", &["in-toto"]),
];

fn stored() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests", "stored", "audit.json"].iter().collect()
}

/// The stored audit as `jokbo render` writes it.
#[track_caller]
fn rendered(form: &[&str]) -> String {
    let output = command()
        .env("SOURCE_DATE_EPOCH", "1790000000")
        .arg("render")
        .arg(stored())
        .arg("--format")
        .args(form)
        .output()
        .unwrap();
    assert!(output.status.success(), "{form:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The page without its style sheet and script, which are files of their own.
fn without_files(page: &str) -> String {
    let (before, rest) = page.split_once("<style>").unwrap();
    let (_, rest) = rest.split_once("</style>").unwrap();
    let (between, rest) = rest.split_once("<script>").unwrap();
    let (_, after) = rest.split_once("</script>").unwrap();
    [before, between, after].concat()
}

#[test]
fn a_stored_audit_in_every_form() {
    for (name, form) in FORMS {
        let text = rendered(form);
        let text = if name.starts_with("html") { without_files(&text) } else { text };
        assert_snapshot!(format!("stored-{name}"), text);
    }
}

#[test]
fn a_stored_audit_as_json_is_what_was_stored() {
    let was = std::fs::read_to_string(stored()).unwrap();
    assert_eq!(rendered(&["json"]), was);
}
