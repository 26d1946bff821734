//! The phrases that find a sentence, from `data/phrases.toml`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

/// Everything sentences are searched for, in lower case.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Phrases {
    pub(crate) from_scratch: Vec<String>,
    pub(crate) made_from: Vec<String>,
    pub(crate) not_before: Vec<String>,
    pub(crate) not_behind: Vec<String>,
    pub(crate) components: BTreeMap<String, Vec<String>>,
}

/// The phrases that are shipped.
pub(crate) static PHRASES: LazyLock<Phrases> = LazyLock::new(|| {
    toml::from_str(include_str!("../data/phrases.toml"))
        .expect("the phrases are part of the program, and a test reads them")
});

/// Where `phrase` stands in `text`, both in lower case: as whole words where it begins and ends in
/// Latin letters; Korean words take endings, so those are found anywhere.
pub(crate) fn find(text: &str, phrase: &str) -> Option<usize> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let free = |at: usize, end: usize| {
        let first = phrase.chars().next().is_some_and(is_word);
        let last = phrase.chars().next_back().is_some_and(is_word);
        let before = text[..at].chars().next_back().is_some_and(is_word);
        let behind = text[end..].chars().next().is_some_and(is_word);
        !((first && before) || (last && behind))
    };
    let mut places = text.match_indices(phrase).map(|(at, _)| at);
    places.find(|&at| free(at, at + phrase.len()))
}

/// The first of `phrases` that stands in `text`, and where.
pub(crate) fn first<'a>(text: &str, phrases: &'a [String]) -> Option<(usize, &'a str)> {
    let found = phrases.iter().filter_map(|phrase| Some((find(text, phrase)?, phrase.as_str())));
    // The longest of those that begin first says most.
    found.min_by_key(|&(at, phrase)| (at, std::cmp::Reverse(phrase.len())))
}

/// The kinds of components that `text`, in lower case, names.
pub(crate) fn components(text: &str) -> Vec<String> {
    let named = PHRASES.components.iter().filter(|(_, words)| first(text, words).is_some());
    named.map(|(kind, _)| kind.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_phrase_is_in_lower_case_and_not_empty() {
        let all = [&PHRASES.from_scratch, &PHRASES.made_from];
        let all = all.into_iter().chain([&PHRASES.not_before, &PHRASES.not_behind]);
        for phrase in all.chain(PHRASES.components.values()).flatten() {
            assert_eq!(*phrase, phrase.to_lowercase());
            assert!(!phrase.trim().is_empty());
        }
    }

    #[test]
    fn latin_phrases_are_whole_words() {
        assert_eq!(find("not a knot", "not"), Some(0));
        assert_eq!(find("a knot", "not"), None);
        assert_eq!(find("nothing", "not"), None);
        assert_eq!(find("자체 개발했다", "자체 개발"), Some(0));
        assert_eq!(components("our vit and the llm"), ["language-model", "vision-encoder"]);
        assert!(components("with vitality").is_empty());
    }
}
