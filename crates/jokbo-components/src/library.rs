//! The data files, read once and checked: roles, prefixes and families with their index.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use crate::family::{Family, Rule};
use crate::prefixes::Prefixes;
use crate::roles::{self, DataError, Role};

/// The family files in the order in which they are tried when nothing else tells two apart. A
/// family stands after the one it extends, so that of two that explain a model equally well the
/// plainer one wins.
const FAMILIES: &[(&str, &str)] = &[
    ("llama.toml", include_str!("../data/families/llama.toml")),
    ("qwen3.toml", include_str!("../data/families/qwen3.toml")),
    ("gemma.toml", include_str!("../data/families/gemma.toml")),
    ("hyperclovax.toml", include_str!("../data/families/hyperclovax.toml")),
    ("phi2.toml", include_str!("../data/families/phi2.toml")),
    ("phi3.toml", include_str!("../data/families/phi3.toml")),
    ("llama-moe.toml", include_str!("../data/families/llama-moe.toml")),
    ("deepseek.toml", include_str!("../data/families/deepseek.toml")),
    ("mixtral.toml", include_str!("../data/families/mixtral.toml")),
    ("gpt-oss.toml", include_str!("../data/families/gpt-oss.toml")),
    ("gpt2.toml", include_str!("../data/families/gpt2.toml")),
    ("gpt-neox.toml", include_str!("../data/families/gpt-neox.toml")),
    ("bert.toml", include_str!("../data/families/bert.toml")),
    ("t5-encoder.toml", include_str!("../data/families/t5-encoder.toml")),
    ("t5-decoder.toml", include_str!("../data/families/t5-decoder.toml")),
    ("vit.toml", include_str!("../data/families/vit.toml")),
    ("timm.toml", include_str!("../data/families/timm.toml")),
    ("qwen-vision.toml", include_str!("../data/families/qwen-vision.toml")),
    ("clip.toml", include_str!("../data/families/clip.toml")),
    ("whisper-encoder.toml", include_str!("../data/families/whisper-encoder.toml")),
    ("whisper-decoder.toml", include_str!("../data/families/whisper-decoder.toml")),
    ("projectors.toml", include_str!("../data/families/projectors.toml")),
    ("qwen-talker.toml", include_str!("../data/families/qwen-talker.toml")),
    ("qwen-dit.toml", include_str!("../data/families/qwen-dit.toml")),
    ("bigvgan.toml", include_str!("../data/families/bigvgan.toml")),
    ("gguf.toml", include_str!("../data/families/gguf.toml")),
    ("gguf-llama.toml", include_str!("../data/families/gguf-llama.toml")),
    ("gguf-gemma.toml", include_str!("../data/families/gguf-gemma.toml")),
    ("gguf-qwen3next.toml", include_str!("../data/families/gguf-qwen3next.toml")),
    ("gguf-phi3.toml", include_str!("../data/families/gguf-phi3.toml")),
    ("gguf-bert.toml", include_str!("../data/families/gguf-bert.toml")),
    ("gguf-vision.toml", include_str!("../data/families/gguf-vision.toml")),
    ("gguf-audio.toml", include_str!("../data/families/gguf-audio.toml")),
];

/// Everything the data files say.
#[derive(Debug)]
pub(crate) struct Library {
    pub(crate) roles: BTreeMap<String, Role>,
    pub(crate) prefixes: Prefixes,
    /// What the folders of a model in parts say.
    pub(crate) folders: Prefixes,
    pub(crate) families: Vec<Family>,
    /// Family and rule by the last literal segment of the pattern.
    by_key: BTreeMap<String, Vec<(usize, usize)>>,
}

/// The library, read on first use.
pub(crate) fn library() -> &'static Library {
    static LIBRARY: OnceLock<Library> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        Library::read().expect("the data files are part of the program and a test reads them all")
    })
}

impl Library {
    fn read() -> Result<Self, DataError> {
        let roles = roles::read("roles.toml", include_str!("../data/roles.toml"))?;
        let prefixes = include_str!("../data/prefixes.toml");
        let prefixes = Prefixes::read("prefixes.toml", prefixes)?;
        let folders = Prefixes::read("folders.toml", include_str!("../data/folders.toml"))?;
        let mut families = Vec::with_capacity(FAMILIES.len());
        for (file, text) in FAMILIES {
            let family = Family::read(file, text, &families)?;
            for rule in &family.rules {
                if let Some(role) = rule.all_roles().find(|role| !roles.contains_key(*role)) {
                    return Err(DataError::meaning(file, format!("no role is called {role:?}")));
                }
            }
            families.push(family);
        }
        let mut by_key: BTreeMap<String, Vec<(usize, usize)>> = BTreeMap::new();
        for (f, family) in families.iter().enumerate() {
            for (r, rule) in family.rules.iter().enumerate() {
                let key = rule.pattern.key().unwrap_or_default().to_owned();
                by_key.entry(key).or_default().push((f, r));
            }
        }
        Ok(Self { roles, prefixes, folders, families, by_key })
    }

    /// The rules whose pattern ends in `key`, with the index of their family.
    pub(crate) fn rules_ending_in(&self, key: &str) -> impl Iterator<Item = (usize, &Rule)> {
        let places = self.by_key.get(key).map(Vec::as_slice).unwrap_or_default();
        places.iter().map(|&(f, r)| (f, &self.families[f].rules[r]))
    }
}

impl Rule {
    /// Every role a tensor of this rule can be given.
    pub(crate) fn all_roles(&self) -> impl Iterator<Item = &str> {
        self.roles.iter().chain(&self.whole).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_data_file_can_be_read() {
        Library::read().unwrap();
    }

    #[test]
    fn every_family_file_is_listed_once() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/data/families");
        let on_disk: BTreeSet<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        let listed: Vec<String> = FAMILIES.iter().map(|(file, _)| (*file).to_owned()).collect();
        assert_eq!(listed.len(), on_disk.len());
        assert_eq!(listed.iter().cloned().collect::<BTreeSet<_>>(), on_disk);
        for (file, family) in listed.iter().zip(&library().families) {
            assert_eq!(*file, format!("{}.toml", family.name));
        }
    }

    #[test]
    fn every_role_is_used_by_a_family() {
        let used: BTreeSet<&str> = library()
            .families
            .iter()
            .flat_map(|family| &family.rules)
            .flat_map(Rule::all_roles)
            .collect();
        let listed: BTreeSet<&str> = library().roles.keys().map(String::as_str).collect();
        assert_eq!(listed, used);
    }
}
