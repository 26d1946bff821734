//! What a term means, from the same cards that every other page prints.

use std::fmt::Write as _;

use jokbo_policy::card::{self, Card};
use jokbo_verdict::card as verdict;

use crate::words;

/// The names of all terms, sorted.
pub fn terms() -> Vec<&'static str> {
    let mut names: Vec<&str> = all().map(|card| card.id).collect();
    names.sort_unstable();
    names
}

/// The card of `term` as text, or `None` when there is no such term. Spaces, hyphens and case do
/// not matter.
pub fn explain(term: &str) -> Option<String> {
    let wanted = plain(term);
    all().find(|card| plain(card.id) == wanted).map(page)
}

fn all() -> impl Iterator<Item = &'static Card> {
    verdict::all().chain(card::all())
}

fn plain(term: &str) -> String {
    term.to_lowercase().replace([' ', '_'], "-")
}

fn page(card: &Card) -> String {
    let mut out = format!("{}\n\n{}\n", card.id, wrap(card.means));
    let mut say = |label: &str, text: &str| {
        if !text.is_empty() {
            let _ = write!(out, "\n{label}\n{}\n", wrap(text));
        }
    };
    say("When it misleads", card.misleads);
    say("How it is computed", card.definition);
    say("Source", card.reference);
    out
}

/// Two spaces in, for a terminal of 80 columns.
fn wrap(text: &str) -> String {
    words::wrap(text, "  ", "  ", 78)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_term_can_be_explained_however_it_is_typed() {
        for term in terms() {
            assert!(explain(term).is_some_and(|page| page.lines().all(|l| l.chars().count() < 80)));
        }
        assert_eq!(explain("No Evidence"), explain("no-evidence"));
        assert_eq!(explain("guilt"), None);
    }

    #[test]
    fn no_card_accuses() {
        for term in terms() {
            let page = explain(term).unwrap().to_lowercase();
            for word in ["stolen", "plagiar", "theft", "guilty", "cheat"] {
                assert!(!page.contains(word), "{term}: {word}");
            }
        }
    }
}
