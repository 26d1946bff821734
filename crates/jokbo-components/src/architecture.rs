//! Two configurations side by side: how each says that its networks are built.
//!
//! A configuration is hostile: it is walked to a fixed depth, a fixed number of fields is kept, and
//! what is shown of a value has a fixed length. What is compared is the whole value.

mod known;
mod value;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde_json::{Map, Value};

pub use known::Combination;

use crate::roles::DataError;

/// How deep sub-configurations may lie in one another. Published ones lie two deep
/// (`thinker_config.vision_config`).
const DEPTH: usize = 4;

/// Most fields of one configuration that are kept. Published ones have up to a hundred of these.
const FIELDS: usize = 512;

/// Longest key of a sub-configuration that is followed, in bytes.
const KEY: usize = 64;

/// What two configurations say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Architecture {
    /// Every field that either gives: those that differ first, then those that one side gives.
    pub fields: Vec<ConfigField>,
    /// How common the sizes are that both share, one for each network that has all of them.
    pub combinations: Vec<Combination>,
}

/// One field of both configurations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigField {
    /// The sub-configuration: empty for that of the language model or of the whole, else `vision`,
    /// `audio`, `talker` and so on.
    pub section: String,
    /// `model`, `size`, `attention`, `mlp`, `positions`, `norm`, `vocabulary` or `input`.
    pub group: &'static str,
    /// What it is called, whatever the file calls it.
    pub name: String,
    /// The suspect's value, shortened; `None` when it gives none.
    pub suspect: Option<String>,
    /// The reference's.
    pub reference: Option<String>,
    /// Whether both give the same value.
    pub same: bool,
}

/// Compares two configurations field by field. `None` when one of them says nothing of how it is
/// built.
pub fn architecture(suspect: &Value, reference: &Value) -> Option<Architecture> {
    let (ours, theirs) = (read(suspect), read(reference));
    if ours.is_empty() || theirs.is_empty() {
        return None;
    }
    let combinations = known::combinations(&ours, &theirs);
    let keys: std::collections::BTreeSet<&Key> = ours.keys().chain(theirs.keys()).collect();
    let mut fields: Vec<ConfigField> = keys
        .into_iter()
        .map(|key| {
            let (a, b) = (ours.get(key), theirs.get(key));
            let same = matches!((a, b), (Some(a), Some(b)) if value::same(a, b));
            let (mut suspect, reference) = (a.map(value::shown), b.map(value::shown));
            if !same && suspect == reference {
                // Two long lists that look alike when they are summed up.
                suspect = suspect.map(|text| format!("{text} (others)"));
            }
            let (section, name) = (key.section.clone(), key.name.clone());
            ConfigField { section, group: GROUPS[key.group], name, suspect, reference, same }
        })
        .collect();
    let rank = |field: &ConfigField| match (field.same, &field.suspect, &field.reference) {
        (false, Some(_), Some(_)) => 0,
        (false, ..) => 1,
        (true, ..) => 2,
    };
    fields.sort_by_key(rank);
    Some(Architecture { fields, combinations })
}

/// The groups, in the order in which they are shown.
const GROUPS: [&str; 8] =
    ["model", "size", "attention", "mlp", "positions", "norm", "vocabulary", "input"];

/// Where a field stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    section: String,
    /// Its place in [`GROUPS`].
    group: usize,
    name: String,
}

type Fields = BTreeMap<Key, Value>;

fn read(config: &Value) -> Fields {
    let mut fields = Fields::new();
    if let Value::Object(object) = config {
        walk(object, ("", ""), 0, &mut fields);
    }
    fields
}

/// Adds what `object` gives to `section`. `path` is where it lies: the type of a model keeps the
/// name of its place, since a language model's own type stands beside that of the whole.
fn walk(
    object: &Map<String, Value>,
    (section, path): (&str, &str),
    depth: usize,
    fields: &mut Fields,
) {
    for (name, group, value) in known_fields(object) {
        let name = if name == "model_type" { format!("{path}{name}") } else { name.to_owned() };
        if fields.len() < FIELDS {
            fields.insert(Key { section: section.to_owned(), group, name }, value.clone());
        }
    }
    for (key, value) in object {
        let Value::Object(inner) = value else { continue };
        if let Some(below) = section_of(section, key).filter(|_| depth < DEPTH) {
            // A section of its own begins a path of its own.
            let path = if below == section { format!("{path}{key}.") } else { String::new() };
            walk(inner, (&below, &path), depth + 1, fields);
        }
    }
}

/// The known fields of one object: name, place of the group, value. The name itself goes before its
/// other names, and what is written under the rotation of positions belongs here.
fn known_fields(object: &Map<String, Value>) -> Vec<(&'static str, usize, &Value)> {
    let mut found: BTreeMap<&str, (usize, &Value, bool)> = BTreeMap::new();
    let rotation = ["rope_scaling", "rope_parameters"];
    let inner = rotation.iter().filter_map(|key| object.get(*key)?.as_object());
    let inner = inner.flatten().filter_map(|(key, value)| match key.as_str() {
        "type" => Some(("rope_type", value)),
        "factor" => Some(("rope_factor", value)),
        "rope_theta" | "rope_type" | "partial_rotary_factor" => Some((key.as_str(), value)),
        _ => None,
    });
    let own = object.iter().map(|(key, value)| (key.as_str(), value));
    for (key, value) in own.chain(inner) {
        let Some((name, group)) = names().get(key) else { continue };
        if value.is_null() || value.is_object() {
            continue;
        }
        let is_own = key == name.as_str();
        let held = found.entry(name).or_insert((*group, value, is_own));
        if is_own && !held.2 {
            *held = (*group, value, true);
        }
    }
    found.into_iter().map(|(name, (group, value, _))| (name, group, value)).collect()
}

/// The section that the sub-configuration `key` of `section` belongs to. `None` when it says nothing
/// of a network.
fn section_of(section: &str, key: &str) -> Option<String> {
    let name = key.strip_suffix("_config")?;
    if KEY < key.len() {
        return None;
    }
    let name = match name {
        "quantization" | "generation" | "compression" => return None,
        "text" | "llm" | "language" | "lm" | "thinker" => return Some(section.to_owned()),
        "vit" | "visual" | "vision_encoder" | "vision_model" => "vision",
        "speech" | "audio_encoder" | "audio_model" => "audio",
        name => name,
    };
    Some(if section.is_empty() { name.to_owned() } else { format!("{section}.{name}") })
}

/// Every name that a field goes by: what it is called here, and the place of its group.
fn names() -> &'static BTreeMap<String, (String, usize)> {
    static NAMES: OnceLock<BTreeMap<String, (String, usize)>> = OnceLock::new();
    NAMES.get_or_init(|| parse().unwrap_or_else(|error| panic!("{error}: {error:?}")))
}

fn parse() -> Result<BTreeMap<String, (String, usize)>, DataError> {
    const FILE: &str = "config_fields.toml";
    type Groups = BTreeMap<String, BTreeMap<String, Vec<String>>>;
    let groups: Groups = toml::from_str(include_str!("../data/config_fields.toml"))
        .map_err(|source| DataError::Toml { file: FILE.to_owned(), source })?;
    let mut names = BTreeMap::new();
    for (group, fields) in groups {
        let place = GROUPS.iter().position(|known| *known == group);
        let place = place.ok_or_else(|| DataError::meaning(FILE, format!("group {group}")))?;
        for (name, others) in fields {
            for alias in others.into_iter().chain([name.clone()]) {
                if names.insert(alias.clone(), (name.clone(), place)).is_some() {
                    return Err(DataError::meaning(FILE, format!("{alias} is given twice")));
                }
            }
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// The fields in the order of the report, as `section name suspect reference same`.
    fn compared(suspect: &Value, reference: &Value) -> Vec<String> {
        let shown = |value: &Option<String>| value.as_deref().unwrap_or("-").to_owned();
        let compared = architecture(suspect, reference).unwrap();
        let line = |f: &ConfigField| {
            let (a, b) = (shown(&f.suspect), shown(&f.reference));
            let same = if f.same { "=" } else { "!" };
            format!("{} {} {a} {same} {b}", f.section, f.name)
        };
        compared.fields.iter().map(line).collect()
    }

    #[test]
    fn differences_come_first_and_other_names_mean_the_same_field() {
        let ours = json!({"model_type": "a", "hidden_size": 64, "n_layer": 3, "rms_norm_eps": 1e-05,
            "head_dim": 16, "dropout": 0.1, "vocab_size": null});
        let theirs = json!({"model_type": "a", "d_model": 64, "num_hidden_layers": 4,
            "layer_norm_epsilon": 0.00001, "tie_word_embeddings": false});
        let want = [
            " num_hidden_layers 3 ! 4",
            " head_dim 16 ! -",
            " tie_word_embeddings - ! false",
            " model_type a = a",
            " hidden_size 64 = 64",
            " rms_norm_eps 1e-5 = 1e-5",
        ];
        assert_eq!(compared(&ours, &theirs), want);
    }

    #[test]
    fn sub_configurations_stand_side_by_side_wherever_they_lie() {
        let omni = json!({"model_type": "omni", "thinker_config": {
            "text_config": {"model_type": "words", "hidden_size": 8, "rope_parameters": {"rope_theta": 10000.0}},
            "vision_config": {"model_type": "eye", "depth": 2, "num_heads": 4}}});
        let vision = json!({"model_type": "vlm", "hidden_size": 8, "rope_theta": 10000,
            "vision_config": {"model_type": "eye", "num_hidden_layers": 2, "num_attention_heads": 4}});
        let want = [
            " model_type omni ! vlm",
            " thinker_config.text_config.model_type words ! -",
            " hidden_size 8 = 8",
            " rope_theta 10000 = 10000",
            "vision model_type eye = eye",
            "vision num_hidden_layers 2 = 2",
            "vision num_attention_heads 4 = 4",
        ];
        assert_eq!(compared(&omni, &vision), want);
    }

    #[test]
    fn a_hostile_configuration_is_walked_to_a_depth_and_a_number_of_fields() {
        let deep = (0..100).fold(
            json!({"hidden_size": 1}),
            |inner, k| json!({"hidden_size": k, "a_config": inner}),
        );
        let sections = |config: &Value| read(config).len();
        assert_eq!(sections(&deep), DEPTH + 1);
        let many: Map<String, Value> =
            (0..10_000).map(|k| (format!("{k}_config"), json!({"hidden_size": k}))).collect();
        assert_eq!(sections(&Value::Object(many)), FIELDS);
        let long = json!({(format!("{}_config", "a".repeat(1000))): {"hidden_size": 1}});
        assert_eq!(sections(&long), 0);
        assert_eq!(architecture(&json!([]), &json!({"hidden_size": 1})), None);
    }

    #[test]
    fn lists_that_look_alike_and_differ_are_told_apart() {
        let of =
            |first: &str| json!({"layer_types": [first, "b", "c", "d", "e", "f", "g", "h", "i"]});
        assert_eq!(compared(&of("a"), &of("z")), [" layer_types 9 values (others) ! 9 values"]);
    }
}
