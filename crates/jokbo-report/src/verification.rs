//! What of a stored report still holds: its contract, and its text for a terminal.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::json::printable;
use crate::schema::{Model, Report, Tool};
use crate::text::WIDTH;
use crate::words;
use crate::words::verification as said;

mod changes;

pub use changes::changes;

/// Name and version of the contract.
const VERIFICATION_SCHEMA: &str = "jokbo/verification/v1";

/// Changes of one component that a terminal is shown; the JSON holds all.
const SHOWN: usize = 20;

/// A stored report held against what is there now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Verification {
    /// Always `jokbo/verification/v1`.
    pub schema: String,
    /// The report, as it was named.
    pub report: String,
    /// `holds`, `holds-as-far-as-checked`, `no-longer-holds`, or `error` where a file could not be
    /// read and nothing else speaks against the report.
    pub outcome: String,
    /// What made the report.
    pub made_by: Tool,
    /// What checked it.
    pub checked_by: Tool,
    /// Every weight file that the report names, model by model.
    pub files: Vec<FileCheck>,
    /// Whether the figures were computed again from the weights.
    pub recomputed: bool,
    /// What no longer holds of the figures: changed verdicts first, then component by component.
    pub changes: Vec<Change>,
    /// What could not be checked, and why: one sentence each.
    pub not_checked: Vec<String>,
    /// The line that makes the report again, where that takes a person; for a shell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redo: Option<String>,
}

/// One weight file, held against what the report says of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FileCheck {
    /// The model, as the report names it.
    pub model: String,
    /// The file, as the report names it.
    pub file: String,
    /// `holds`, `differs`, `not-there`, `not-checked`, or `error` where it could not be read or may
    /// not be.
    pub outcome: String,
    /// Its size in bytes, by the report.
    pub bytes: u64,
    /// Its SHA-256, by the report; absent where that gives none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// Its size now; absent where it was not seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes_now: Option<u64>,
    /// Its SHA-256 now; absent where it was not computed, which of a file of another size it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256_now: Option<String>,
    /// Why it was not checked, or could not be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// One thing that is no longer as the report says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// The component; absent of what concerns the whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub component: Option<String>,
    /// The reference, where there are several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// The field, with what leads to it: `effect.cosine`, `tests[hidden-units].log10_p`.
    pub field: String,
    /// What the report says; null where it says nothing.
    pub then: Value,
    /// What it is now; null where there is no such thing.
    pub now: Value,
}

impl Verification {
    /// Of `report`, which is called `name`: nothing is checked yet. `version` is that of the program.
    pub fn of(report: &Report, name: &str, version: &str) -> Self {
        Self {
            schema: VERIFICATION_SCHEMA.to_owned(),
            report: name.to_owned(),
            outcome: String::new(),
            made_by: report.tool.clone(),
            checked_by: Tool::of(version),
            files: Vec::new(),
            recomputed: false,
            changes: Vec::new(),
            not_checked: Vec::new(),
            redo: None,
        }
        .settled()
    }

    /// The same with the outcome that its parts say.
    #[must_use]
    pub fn settled(self) -> Self {
        let any = |outcome: &str| self.files.iter().any(|file| file.outcome == outcome);
        let open = any("not-there") || any("not-checked") || !self.not_checked.is_empty();
        let outcome = if any("differs") || !self.changes.is_empty() {
            "no-longer-holds"
        } else if any("error") {
            "error"
        } else if open || self.files.is_empty() {
            "holds-as-far-as-checked"
        } else {
            "holds"
        };
        Self { outcome: outcome.to_owned(), ..self }
    }

    fn is_of_another_program(&self) -> bool {
        self.made_by != self.checked_by
    }
}

impl Report {
    /// Every model that it names: the suspect, then the references in their order.
    pub fn models(&self) -> impl Iterator<Item = &Model> {
        let only = self.references.is_empty().then_some(&self.reference);
        std::iter::once(&self.suspect).chain(only).chain(&self.references)
    }
}

/// For a terminal, with a final newline.
pub fn verification_text(verification: &Verification) -> String {
    let v = &printable(verification);
    let mut out = String::new();
    let mut say = |line: &str, first: &str, rest: &str| {
        let _ = writeln!(out, "{}", words::wrap(line, first, rest, WIDTH));
    };
    let Tool { name, version, rules } = &v.made_by;
    say(&format!("{}: a report of {name} {version}, rules {rules}", v.report), "", "  ");
    if v.is_of_another_program() {
        say(&said::other_program(&v.checked_by), "", "  ");
    }
    say("", "", "");
    say("Weight files", "", "");
    if v.files.is_empty() {
        say("The report names none.", "  ", "    ");
    }
    v.files.iter().for_each(|file| say(&said::file(file), "  ", "    "));
    say("", "", "");
    say("Figures", "", "");
    match (v.recomputed, v.changes.is_empty()) {
        (false, true) => say(said::NOT_RECOMPUTED, "  ", "    "),
        (true, true) => say(said::ALL_THE_SAME, "  ", "    "),
        (_, false) => lines(&v.changes).iter().for_each(|line| say(line, "  ", "    ")),
    }
    if !v.not_checked.is_empty() {
        say("", "", "");
        say("Not checked", "", "");
        v.not_checked.iter().for_each(|why| say(why, "  ", "    "));
    }
    if let Some(redo) = &v.redo {
        // Whole, for whoever types it.
        let _ = writeln!(out, "\n  {redo}");
    }
    let _ = writeln!(out, "\n{}", said::outcome(&v.outcome, v.recomputed));
    out
}

/// Changed verdicts, then the other changes of each component, only so many of one.
fn lines(changes: &[Change]) -> Vec<String> {
    let is_verdict = |change: &&Change| change.field == "verdict";
    let mut lines: Vec<String> = changes.iter().filter(is_verdict).map(said::change).collect();
    let rest: Vec<&Change> = changes.iter().filter(|change| !is_verdict(change)).collect();
    for of_one in rest.chunk_by(|a, b| (&a.component, &a.reference) == (&b.component, &b.reference))
    {
        lines.extend(of_one.iter().take(SHOWN).map(|change| said::change(change)));
        if let Some(more) = of_one.len().checked_sub(SHOWN).filter(|more| 0 < *more) {
            lines.push(format!("{}and {more} more", said::concerned(of_one[0])));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(component: &str, field: &str) -> Change {
        let component = (!component.is_empty()).then(|| component.to_owned());
        let (then, now) = (Value::from("a"), Value::Null);
        Change { component, reference: None, field: field.to_owned(), then, now }
    }

    fn file(outcome: &str) -> FileCheck {
        FileCheck {
            model: "m".to_owned(),
            file: "f".to_owned(),
            outcome: outcome.to_owned(),
            bytes: 1,
            sha256: None,
            bytes_now: None,
            sha256_now: None,
            why: None,
        }
    }

    fn verification(files: &[&str], changes: Vec<Change>, not_checked: &[&str]) -> Verification {
        let tool = Tool::of("1.0.0");
        Verification {
            schema: VERIFICATION_SCHEMA.to_owned(),
            report: "r".to_owned(),
            outcome: String::new(),
            made_by: tool.clone(),
            checked_by: tool,
            files: files.iter().map(|outcome| file(outcome)).collect(),
            recomputed: true,
            changes,
            not_checked: not_checked.iter().map(|&why| why.to_owned()).collect(),
            redo: None,
        }
        .settled()
    }

    #[test]
    fn the_outcome_is_the_worst_that_is_known() {
        let outcome = |files: &[&str], changed: bool, not_checked: &[&str]| {
            let changes = if changed { vec![change("c", "f")] } else { Vec::new() };
            verification(files, changes, not_checked).outcome
        };
        assert_eq!(outcome(&["holds", "holds"], false, &[]), "holds");
        assert_eq!(outcome(&["holds", "not-there"], false, &[]), "holds-as-far-as-checked");
        assert_eq!(outcome(&["holds", "not-checked"], false, &[]), "holds-as-far-as-checked");
        assert_eq!(outcome(&["holds"], false, &["a"]), "holds-as-far-as-checked");
        assert_eq!(outcome(&["not-there", "error"], false, &["a"]), "error");
        assert_eq!(outcome(&["error", "differs"], false, &[]), "no-longer-holds");
        assert_eq!(outcome(&["error", "holds"], true, &[]), "no-longer-holds");
        // Nothing that was checked is no reason to trust it.
        assert_eq!(outcome(&[], false, &[]), "holds-as-far-as-checked");
    }

    #[test]
    fn verdicts_come_first_and_long_lists_are_cut() {
        let many = (0..SHOWN + 3).map(|k| change("eyes", &format!("f{k}")));
        let changes = many.chain([change("mouth", "verdict"), change("", "kinships")]).collect();
        let lines = lines(&verification(&["holds"], changes, &[]).changes);
        assert!(lines[0].starts_with("mouth: verdict was a"), "{lines:#?}");
        assert_eq!(lines.len(), SHOWN + 3);
        assert_eq!(lines[SHOWN + 1], "eyes: and 3 more");
        assert!(lines[SHOWN + 2].starts_with("kinships was a"), "{lines:#?}");
    }

    #[test]
    fn a_terminal_is_not_obeyed() {
        let mut bad = verification(&["differs"], vec![change("\u{1b}[2J", "verdict")], &[]);
        bad.files[0].file = "\u{202e}x".to_owned();
        let text = verification_text(&bad);
        assert!(text.chars().all(|c| c == '\n' || !words::is_unprintable(c)), "{text}");
    }

    #[test]
    fn another_program_is_said_first() {
        let mut other = verification(&["holds"], Vec::new(), &[]);
        other.made_by.rules = "1".to_owned();
        let text = verification_text(&other);
        assert!(text.lines().nth(1).is_some_and(|line| line.starts_with("Checked by")), "{text}");
    }
}
