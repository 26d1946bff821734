//! Which licence a text is, by how it begins.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::{Claim, Place, Subject, quoted};

/// Lines looked at: titles stand at the top, some below a notice of copyright.
const LINES: usize = 30;

/// How texts begin.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Texts {
    begins: BTreeMap<String, Vec<String>>,
}

static TEXTS: LazyLock<Texts> = LazyLock::new(|| {
    toml::from_str(include_str!("../data/licence_texts.toml"))
        .expect("the beginnings are part of the program, and a test reads them")
});

/// The identifiers of the licences that are known by how their texts begin.
pub fn known_texts() -> impl Iterator<Item = &'static str> {
    TEXTS.begins.keys().map(String::as_str)
}

/// The licence that the file's first lines name, when they are known.
pub(crate) fn read(file: &str, lines: &[String]) -> Option<Claim> {
    let top = lines.iter().take(LINES).enumerate();
    let found = top.flat_map(|(k, line)| {
        let lower = line.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        let named = TEXTS.begins.iter().flat_map(|(id, texts)| texts.iter().map(move |t| (id, t)));
        let named = named.filter(move |(_, text)| lower.contains(text.as_str()));
        named.map(move |(id, text)| (text.len(), std::cmp::Reverse(k), id))
    });
    let (_, std::cmp::Reverse(line), id) = found.max()?;
    Some(Claim {
        subject: Subject::LicenceText,
        value: id.clone(),
        about: Vec::new(),
        place: Place { file: file.to_owned(), line: Some(line as u64 + 1), key: None },
        quote: quoted(&lines[line]),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn is(text: &str, want: Option<&str>) {
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        assert_eq!(read("LICENSE", &lines).map(|claim| claim.value).as_deref(), want);
    }

    #[test]
    fn titles_name_the_licence_and_the_longest_decides() {
        is("\n                 Apache License\n   Version 2.0, January 2004", Some("apache-2.0"));
        is("LLAMA 3.1 COMMUNITY LICENSE AGREEMENT", Some("llama3.1"));
        is("META LLAMA 3 COMMUNITY LICENSE AGREEMENT", Some("llama3"));
        is("Qwen RESEARCH LICENSE AGREEMENT", Some("qwen-research"));
        is("Creative Commons Attribution-NonCommercial 4.0 International", Some("cc-by-nc-4.0"));
        is("all rights reserved", None);
        is(&"\n".repeat(40), None);
    }
}
