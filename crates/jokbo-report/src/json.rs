//! The contract as JSON text, and as text that a terminal may be shown.

use serde::{Deserialize, Serialize};

use crate::family::FamilyReport;
use crate::schema::Report;
use crate::words;

/// The report as JSON text with a final newline. What a terminal would obey rather than show is
/// written as JSON's own escape, so the value is unchanged.
pub fn json(report: &impl Serialize) -> String {
    let text = serde_json::to_string_pretty(report)
        .expect("the contract holds only strings, numbers and lists, which always serialise");
    let mut shown = String::with_capacity(text.len() + 1);
    for c in text.chars() {
        // Outside strings, JSON holds no such character but the line break.
        if c != '\n' && words::is_unprintable(c) {
            let mut units = [0; 2];
            shown.extend(c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
        } else {
            shown.push(c);
        }
    }
    shown.push('\n');
    shown
}

/// The same with every control character in every string shown as an escape: names come from hostile
/// files, and a terminal must not obey them. [`json`] has escapes of its own.
pub(crate) fn printable<T: Serialize + for<'a> Deserialize<'a>>(report: &T) -> T {
    fn walk(value: &mut serde_json::Value) {
        use serde_json::Value;
        match value {
            Value::String(text) if text.chars().any(words::is_unprintable) => {
                *text = words::printable(text);
            }
            Value::Array(items) => items.iter_mut().for_each(walk),
            Value::Object(fields) => fields.values_mut().for_each(walk),
            _ => {}
        }
    }
    let mut value = serde_json::to_value(report)
        .expect("the contract holds only strings, numbers and lists, which always serialise");
    walk(&mut value);
    serde_json::from_value(value)
        .expect("only strings changed, and no number of a report is NaN or infinite")
}

/// The JSON Schema of the contract, generated from its types.
pub fn json_schema() -> String {
    json(&schemars::schema_for!(Report))
}

/// The JSON Schema of the contract of a family, generated from its types.
pub fn family_json_schema() -> String {
    json(&schemars::schema_for!(FamilyReport))
}
