//! The fields of a card's front matter that say where a model comes from.
//!
//! The keys are those of the Hub's model cards (<https://huggingface.co/docs/hub/model-cards>).

use serde_json::{Map, Value};

use crate::{Claim, Place, Subject, quoted};

/// Longest front matter that is parsed, in bytes. Real ones have a few hundred; those that list the
/// results of a hundred benchmarks, some 40 thousand.
const LIMIT: usize = 1 << 18;

/// The fields that are read, in the order they are reported.
const FIELDS: [(&str, Subject); 7] = [
    ("base_model", Subject::BaseModel),
    ("base_model_relation", Subject::BaseModelRelation),
    ("license", Subject::Licence),
    ("license_name", Subject::LicenceName),
    ("license_link", Subject::LicenceLink),
    ("tags", Subject::Tag),
    ("datasets", Subject::Dataset),
];

/// Most values of one field: a merge of more models than this was never published.
const VALUES_LIMIT: usize = 256;

/// The claims of front matter `lines`, the first of which is line 2 of `file`.
///
/// # Errors
///
/// A sentence, where it is no YAML mapping.
pub(crate) fn read(file: &str, lines: &[String]) -> Result<Vec<Claim>, String> {
    let text = lines.join("\n");
    let unread = |why: &str| format!("{file}: the front matter is not read: {why}");
    if LIMIT < text.len() {
        return Err(unread(&format!("it has {} bytes, and the limit is {LIMIT}", text.len())));
    }
    // `no` is a language in a card, and no answer.
    let options = serde_saphyr::options! { strict_booleans: true };
    let fields = serde_saphyr::from_str_with_options::<Map<String, Value>>(&text, options);
    let fields = fields.map_err(|error| {
        let first = error.to_string();
        let first = first.lines().next().unwrap_or("it is no YAML mapping").trim();
        unread(first.trim_end_matches('.'))
    })?;
    let mut claims = Vec::new();
    for (key, subject) in FIELDS {
        let Some(value) = fields.get(key) else { continue };
        for value in values(value) {
            let line = line_of(lines, key, &value);
            claims.push(Claim {
                subject,
                quote: line.map_or_else(|| value.clone(), |k| quoted(&lines[k])),
                value,
                about: Vec::new(),
                place: Place {
                    file: file.to_owned(),
                    line: line.map(|k| k as u64 + 2),
                    key: Some(key.to_owned()),
                },
            });
        }
    }
    Ok(claims)
}

/// A text or number, or those in a list.
fn values(value: &Value) -> Vec<String> {
    let one = |value: &Value| match value {
        Value::String(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(is) => Some(is.to_string()),
        _ => None,
    };
    match value {
        Value::Array(items) => items.iter().filter_map(one).take(VALUES_LIMIT).collect(),
        _ => one(value).into_iter().collect(),
    }
}

/// The line that holds `value` at or below the one with `key`.
fn line_of(lines: &[String], key: &str, value: &str) -> Option<usize> {
    let is_key = |line: &String| {
        line.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with(':'))
    };
    let at = lines.iter().position(is_key)?;
    let goes_on = |line: &String| line.starts_with([' ', '-', '#']) || line.is_empty();
    let block = lines[at + 1..].iter().take_while(|line| goes_on(line)).count();
    Some((at..=at + block).find(|&k| lines[k].contains(value)).unwrap_or(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn every_value_has_the_line_it_stands_on() {
        let claims = read(
            "README.md",
            &lines("license: other\nlicense_name: qwen-research\nbase_model:\n- a/b\n- c/d\ntags: [x, y]"),
        )
        .unwrap();
        let shown: Vec<_> =
            claims.iter().map(|c| (c.value.as_str(), c.place.line.unwrap())).collect();
        let want = [("a/b", 5), ("c/d", 6), ("other", 2), ("qwen-research", 3), ("x", 7), ("y", 7)];
        assert_eq!(shown, want);
    }

    #[test]
    fn broken_front_matter_is_one_sentence() {
        let why = read("README.md", &lines("a: [1\nb: }")).unwrap_err();
        assert!(why.starts_with("README.md: the front matter is not read: "), "{why}");
        assert!(!why.contains('\n'));
        let why = read("README.md", &lines("- a\n- b")).unwrap_err();
        assert!(why.contains("not read"), "{why}");
        let why = read("README.md", &["x".repeat(LIMIT + 1)]).unwrap_err();
        assert!(why.contains("the limit is 262144"), "{why}");
    }

    #[test]
    fn a_bomb_of_aliases_is_refused_at_once() {
        let mut text = "a: &a [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
        for (name, of) in "bcdefghijk".chars().zip("abcdefghij".chars()) {
            let ten = vec![format!("*{of}"); 10].join(",");
            text.push_str(&format!("{name}: &{name} [{ten}]\n"));
        }
        assert!(read("README.md", &lines(&text)).is_err());
    }
}
