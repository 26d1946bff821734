//! How common a combination of sizes is among published configurations (`data/known_configs.toml`).

use std::sync::OnceLock;

use serde::Deserialize;

use super::{Fields, Key};

/// How common the sizes are that two networks share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Combination {
    /// The sub-configuration, as in [`ConfigField::section`](super::ConfigField::section).
    pub section: String,
    /// `language`, `vision` or `audio`.
    pub kind: &'static str,
    /// Known configurations of that kind.
    pub known: u64,
    /// Those with the same hidden size, layers, attention heads and width of the MLP.
    pub alike: Vec<String>,
}

/// Hidden size, layers, attention heads, width of the MLP.
type Sizes = [u64; 4];

/// Where these stand: the place of the group and the name.
const NAMES: [(usize, &str); 4] = [
    (1, "hidden_size"),
    (1, "num_hidden_layers"),
    (2, "num_attention_heads"),
    (3, "intermediate_size"),
];

/// A name and its sizes.
type Row = (String, u64, u64, u64, u64);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Known {
    language: Vec<Row>,
    vision: Vec<Row>,
    audio: Vec<Row>,
}

fn known() -> &'static Known {
    static KNOWN: OnceLock<Known> = OnceLock::new();
    KNOWN.get_or_init(|| {
        toml::from_str(include_str!("../../data/known_configs.toml"))
            .unwrap_or_else(|error| panic!("known_configs.toml: {error}"))
    })
}

/// A combination for every section in which both give all four sizes, and the same.
pub(super) fn combinations(ours: &Fields, theirs: &Fields) -> Vec<Combination> {
    let mut sections: Vec<&str> = ours.keys().map(|key| key.section.as_str()).collect();
    sections.dedup();
    let shared = sections.into_iter().filter_map(|section| {
        let sizes =
            sizes(ours, section).filter(|sizes| self::sizes(theirs, section) == Some(*sizes))?;
        let (kind, rows) = of_kind(ours, section);
        let alike = rows.iter().filter(|(_, a, b, c, d)| [*a, *b, *c, *d] == sizes);
        Some(Combination {
            section: section.to_owned(),
            kind,
            known: rows.len() as u64,
            alike: alike.map(|row| row.0.clone()).collect(),
        })
    });
    shared.collect()
}

fn sizes(fields: &Fields, section: &str) -> Option<Sizes> {
    let size = |(group, name): (usize, &str)| {
        let key = Key { section: section.to_owned(), group, name: name.to_owned() };
        fields.get(&key)?.as_u64()
    };
    let [a, b, c, d] = NAMES.map(size);
    Some([a?, b?, c?, d?])
}

/// What kind of network a section describes: by its name, or by what the network takes in.
fn of_kind(fields: &Fields, section: &str) -> (&'static str, &'static [Row]) {
    let takes = |name: &str| {
        let key = Key { section: section.to_owned(), group: 7, name: name.to_owned() };
        fields.contains_key(&key)
    };
    let known = known();
    match section {
        "vision" => ("vision", &known.vision),
        "audio" => ("audio", &known.audio),
        _ if takes("patch_size") => ("vision", &known.vision),
        _ if takes("num_mel_bins") => ("audio", &known.audio),
        _ => ("language", &known.language),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{GROUPS, architecture};
    use super::*;

    #[test]
    fn a_common_combination_is_told_from_a_rare_one() {
        let of = |hidden: u64| {
            json!({"hidden_size": hidden, "num_hidden_layers": 32, "num_attention_heads": 32,
                "intermediate_size": 14336})
        };
        let common = architecture(&of(4096), &of(4096)).unwrap().combinations;
        assert_eq!((common.len(), common[0].kind), (1, "language"));
        let alike = &common[0].alike;
        assert!(alike.contains(&"mistralai/Mistral-7B-v0.1".to_owned()), "{alike:?}");
        assert!(alike.contains(&"meta-llama/Llama-3.1-8B".to_owned()), "{alike:?}");
        let rare = architecture(&of(4097), &of(4097)).unwrap().combinations;
        assert!(rare[0].alike.is_empty() && 100 < rare[0].known);
        assert!(architecture(&of(4096), &of(4097)).unwrap().combinations.is_empty());
    }

    #[test]
    fn an_encoder_is_compared_with_encoders() {
        let of = |model_type: &str| {
            json!({"model_type": model_type, "vision_config": {"hidden_size": 1280, "depth": 32,
                "num_heads": 16, "intermediate_size": 3456}})
        };
        let found = architecture(&of("a"), &of("b")).unwrap().combinations;
        assert_eq!(
            (found[0].section.as_str(), found[0].kind, found[0].alike.len()),
            ("vision", "vision", 2)
        );
    }

    #[test]
    fn the_table_names_each_model_once_and_its_groups_are_there() {
        let known = known();
        for rows in [&known.language, &known.vision, &known.audio] {
            let mut names: Vec<&str> = rows.iter().map(|row| row.0.as_str()).collect();
            names.sort_unstable();
            assert!(names.windows(2).all(|pair| pair[0] != pair[1]));
            assert!(rows.iter().all(|row| row.0.contains('/')));
            // An attention head has a whole number of coordinates.
            assert!(
                rows.iter().all(|(_, hidden, _, heads, _)| hidden % heads == 0 || heads < hidden)
            );
        }
        let names: Vec<&str> = NAMES.iter().map(|(group, _)| GROUPS[*group]).collect();
        assert_eq!(names, ["size", "size", "attention", "mlp"]);
        assert_eq!(GROUPS[7], "input");
    }
}
