//! An in-toto statement (attestation framework, v1) over the suspect's files, for signing with tools
//! that exist.

use serde_json::{Value, json};

use crate::json::json;
use crate::schema::Report;

/// The report as the predicate of an unsigned statement, with a final newline. Its subjects are the
/// suspect's files whose digest is known.
pub fn in_toto(report: &Report) -> String {
    let subjects: Vec<Value> = report
        .suspect
        .files
        .iter()
        .filter_map(|file| {
            let sha256 = file.sha256.as_ref()?;
            Some(json!({ "name": file.path, "digest": { "sha256": sha256 } }))
        })
        .collect();
    json(&json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": subjects,
        "predicateType": "https://github.com/jokbo/jokbo/schema/report-v1",
        "predicate": report,
    }))
}
