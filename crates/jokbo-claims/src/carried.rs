//! What configurations and weight files carry about where they come from. Programs write it, and
//! publishers forget it there.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{Claim, Place, Subject, quoted};

/// Keys of a configuration that name another model.
const ORIGINS: [&str; 3] = ["_name_or_path", "base_model_name_or_path", "_commit_base"];

/// Deepest configuration inside a configuration that is read.
const DEPTH: usize = 4;

/// Keys of GGUF files, and of `__metadata__`, with what they say. Those with a number in them are
/// `general.base_model.0.repo_url` and the like.
const CARRIED: [(&str, Subject); 8] = [
    ("general.name", Subject::Name),
    ("general.license", Subject::Licence),
    ("general.license.name", Subject::LicenceName),
    ("general.license.link", Subject::LicenceLink),
    ("base_model", Subject::NamedOrigin),
    ("base_model_name", Subject::NamedOrigin),
    ("_name_or_path", Subject::NamedOrigin),
    ("modelspec.title", Subject::Name),
];

/// The claims of a configuration.
pub(crate) fn by_config(file: &str, config: &Value) -> Vec<Claim> {
    let mut claims = Vec::new();
    walk(file, config, "", "", DEPTH, &mut claims);
    claims
}

fn walk(file: &str, config: &Value, path: &str, about: &str, depth: usize, out: &mut Vec<Claim>) {
    let Value::Object(fields) = config else { return };
    for (key, value) in fields {
        let here = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        let subject = match key.as_str() {
            "model_type" => Some(Subject::ModelType),
            key if ORIGINS.contains(&key) => Some(Subject::NamedOrigin),
            _ => None,
        };
        match (value, subject) {
            (Value::String(text), Some(subject)) if !text.trim().is_empty() => out.push(Claim {
                subject,
                value: text.trim().to_owned(),
                about: (!about.is_empty()).then(|| about.to_owned()).into_iter().collect(),
                place: Place { file: file.to_owned(), line: None, key: Some(here) },
                quote: quoted(text),
            }),
            (Value::Object(_), _) if 0 < depth => {
                let inner = component(key).unwrap_or(about);
                walk(file, value, &here, inner, depth - 1, out);
            }
            _ => {}
        }
    }
}

/// The kind of component that a part of a configuration is on.
fn component(key: &str) -> Option<&'static str> {
    const KEYS: [(&str, &str); 9] = [
        ("discrete_vision_config", "vision-encoder"),
        ("discrete_audio_config", "audio-encoder"),
        ("vision_config", "vision-encoder"),
        ("visual", "vision-encoder"),
        ("audio_config", "audio-encoder"),
        ("audio_encoder_config", "audio-encoder"),
        ("text_config", "language-model"),
        ("llm_config", "language-model"),
        ("language_config", "language-model"),
    ];
    KEYS.into_iter().find(|(known, _)| *known == key).map(|(_, kind)| kind)
}

/// The claims in what weight files carry about themselves.
pub(crate) fn by_metadata(metadata: &BTreeMap<&str, &str>) -> Vec<Claim> {
    let claims = metadata.iter().filter_map(|(key, value)| {
        let subject = CARRIED.into_iter().find(|(known, _)| known == key).map(|(_, s)| s);
        let subject = subject.or_else(|| of_base(key))?;
        (!value.trim().is_empty()).then(|| Claim {
            subject,
            value: value.trim().to_owned(),
            about: Vec::new(),
            place: Place {
                file: "the weight files".to_owned(),
                line: None,
                key: Some((*key).to_owned()),
            },
            quote: quoted(value),
        })
    });
    claims.collect()
}

/// `general.base_model.0.name` and `general.base_model.0.repo_url`.
fn of_base(key: &str) -> Option<Subject> {
    let rest = key.strip_prefix("general.base_model.")?;
    let (number, field) = rest.split_once('.')?;
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    (is_number && ["name", "repo_url"].contains(&field)).then_some(Subject::NamedOrigin)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_nested_model_type_is_on_its_component() {
        let config = json!({
            "model_type": "vlm",
            "_name_or_path": "/data/ckpt",
            "vision_config": { "model_type": "qwen2_5_vl", "depth": 32 },
        });
        let claims = by_config("config.json", &config);
        let shown: Vec<_> = claims
            .iter()
            .map(|c| (c.place.key.as_deref().unwrap(), c.value.as_str(), c.about.join(",")))
            .collect();
        assert_eq!(
            shown,
            [
                ("model_type", "vlm", String::new()),
                ("_name_or_path", "/data/ckpt", String::new()),
                ("vision_config.model_type", "qwen2_5_vl", "vision-encoder".to_owned()),
            ]
        );
    }

    #[test]
    fn gguf_files_name_their_bases() {
        let metadata = BTreeMap::from([
            ("general.base_model.0.repo_url", "https://hub/a/b"),
            ("general.base_model.count", "1"),
            ("general.license", "apache-2.0"),
            ("tokenizer.ggml.model", "gpt2"),
        ]);
        let subjects: Vec<_> = by_metadata(&metadata).iter().map(|claim| claim.subject).collect();
        assert_eq!(subjects, [Subject::NamedOrigin, Subject::Licence]);
    }
}
