//! What is said of a stored report that was checked.

use serde_json::Value;

use super::count;
use crate::schema::Tool;
use crate::verification::{Change, FileCheck};

pub(crate) const NOT_RECOMPUTED: &str = "They were not computed again; --models does that.";
pub(crate) const ALL_THE_SAME: &str = "All were computed again, and are what the report says.";

/// Longest value that is shown, in characters.
const LONGEST: usize = 100;

/// That another program checks than the one that made the report.
pub(crate) fn other_program(checks: &Tool) -> String {
    format!(
        "Checked by {} {}, rules {}: figures may differ for that alone.",
        checks.name, checks.version, checks.rules
    )
}

/// How one file stands.
pub(crate) fn file(file: &FileCheck) -> String {
    let name = format!("{}: {}", file.model, file.file);
    let why = file.why.as_deref().unwrap_or("nobody knows why");
    let bytes = |bytes: u64| format!("{} bytes", count(bytes));
    match file.outcome.as_str() {
        "holds" => format!("{name}: holds"),
        "not-there" => format!("{name}: not there"),
        "not-checked" => format!("{name}: not checked ({why})"),
        "differs" => match (&file.sha256, &file.sha256_now, file.bytes_now) {
            (Some(then), Some(now), _) => {
                format!("{name}: differs, SHA-256 was {then}, and is {now}")
            }
            (_, _, Some(now)) => {
                format!("{name}: differs, was of {}, and is of {}", bytes(file.bytes), bytes(now))
            }
            _ => format!("{name}: differs"),
        },
        _ => format!("{name}: error ({why})"),
    }
}

/// Whom a change concerns, as the beginning of a line.
pub(crate) fn concerned(change: &Change) -> String {
    match (&change.component, &change.reference) {
        (Some(component), Some(reference)) => format!("{component} against {reference}: "),
        (Some(component), None) => format!("{component}: "),
        (None, _) => String::new(),
    }
}

/// What changed.
pub(crate) fn change(change: &Change) -> String {
    let (then, now) = (value(&change.then), value(&change.now));
    format!("{}{} was {then}, and is {now}", concerned(change), change.field)
}

fn value(value: &Value) -> String {
    let shown = match value {
        Value::Null => return "absent".to_owned(),
        Value::String(text) => text.clone(),
        Value::Object(_) => return "there".to_owned(),
        other => other.to_string(),
    };
    match shown.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &shown[..end]),
        None if shown.is_empty() => "empty".to_owned(),
        None => shown,
    }
}

/// What it comes to, where figures were computed again and where not.
pub(crate) fn outcome(outcome: &str, recomputed: bool) -> &'static str {
    match outcome {
        "holds" if recomputed => "The report holds.",
        "holds" => "The weight files are those that the report is of.",
        "no-longer-holds" => "The report no longer holds.",
        "error" => "A file could not be read, or may not be.",
        _ => "The report holds as far as it could be checked.",
    }
}
