//! Values of a configuration: when two are the same, and how one is shown.

use serde_json::{Number, Value};

/// Most characters that are shown of one value.
const SHOWN: usize = 48;

/// Longest list that is shown element by element.
const LISTED: usize = 6;

/// Most different elements of a longer list that are counted one by one.
const KINDS: usize = 3;

/// Whether two values say the same. Numbers do when they are one as 32-bit floats, which is all that
/// GGUF keeps; texts do whatever lines join their words (`qwen2_moe`, `qwen2moe`).
pub(super) fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => match (a.as_i64(), b.as_i64()) {
            (Some(a), Some(b)) => a == b,
            _ => narrow(a) == narrow(b),
        },
        (Value::String(a), Value::String(b)) => {
            let plain = |text: &str| text.replace(['_', '-'], "");
            plain(a) == plain(b)
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        _ => a == b,
    }
}

#[allow(clippy::cast_possible_truncation, reason = "digits beyond these are no difference here")]
fn narrow(number: &Number) -> Option<f32> {
    number.as_f64().map(|number| number as f32)
}

/// A value in a few characters.
pub(super) fn shown(value: &Value) -> String {
    let text = match value {
        Value::Number(number) => match (number.as_i64(), narrow(number)) {
            (None, Some(number)) => {
                let text = format!("{number:?}");
                text.strip_suffix(".0").unwrap_or(&text).to_owned()
            }
            _ => number.to_string(),
        },
        Value::String(text) => text.clone(),
        Value::Array(list) => list_shown(list),
        Value::Bool(_) | Value::Null => value.to_string(),
        Value::Object(_) => "an object".to_owned(),
    };
    if text.chars().count() <= SHOWN {
        return text;
    }
    text.chars().take(SHOWN - 1).chain(['…']).collect()
}

fn list_shown(list: &[Value]) -> String {
    if list.iter().any(|element| element.is_array() || element.is_object()) {
        return format!("{} values", list.len());
    }
    if list.len() <= LISTED {
        let all: Vec<String> = list.iter().map(shown).collect();
        return format!("[{}]", all.join(", "));
    }
    let mut kinds: Vec<(String, usize)> = Vec::new();
    for element in list {
        let text = shown(element);
        match kinds.iter().position(|(kind, _)| *kind == text) {
            Some(k) => kinds[k].1 += 1,
            None if kinds.len() == KINDS => return format!("{} values", list.len()),
            None => kinds.push((text, 1)),
        }
    }
    let counted: Vec<String> = kinds.into_iter().map(|(kind, n)| format!("{n} {kind}")).collect();
    counted.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_are_shown_short() {
        for (value, want) in [
            (json!(14336), "14336"),
            (json!(1e-05), "1e-5"),
            (json!(10000.0), "10000"),
            (json!(9.999_999_747_378_752e-6), "1e-5"),
            (json!(true), "true"),
            (json!([7, 15, 23, 31]), "[7, 15, 23, 31]"),
            (json!(["a", "b", "a", "a", "b", "a", "a"]), "5 a, 2 b"),
            (json!([1, 2, 3, 4, 5, 6, 7]), "7 values"),
            (json!([[1], [2]]), "2 values"),
        ] {
            assert_eq!(shown(&value), want);
        }
        assert_eq!(shown(&json!("x".repeat(1000))).chars().count(), SHOWN);
    }

    #[test]
    fn what_two_writers_write_of_one_value_is_the_same() {
        assert!(same(&json!(1e-5), &json!(9.999_999_747_378_752e-6)));
        assert!(same(&json!(10000), &json!(10000.0)));
        assert!(same(&json!("qwen2_moe"), &json!("qwen2moe")));
        assert!(same(&json!([1, 2]), &json!([1, 2])));
        assert!(!same(&json!([1, 2]), &json!([2, 1])));
        // Above 2^24 whole numbers are compared as such.
        assert!(!same(&json!(16_777_216), &json!(16_777_217)));
        assert!(!same(&json!(1), &json!("1")));
    }
}
