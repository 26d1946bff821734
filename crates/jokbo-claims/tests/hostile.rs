//! Whatever lies beside weights, reading it ends, quotes what is there, and finds no more than it may.

use jokbo_claims::{Names, Said, Shipped, read};
use proptest::prelude::*;

/// Everything a card could do to a reader of lines, front matter and phrases.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("---\n".to_owned()),
        Just("```\n".to_owned()),
        Just("\n\n".to_owned()),
        Just("base_model: a/b\n".to_owned()),
        Just("license: [mit, &a x, *a]\n".to_owned()),
        Just("It was not trained from scratch. ".to_owned()),
        Just("프롬 스크래치로 자체 개발".to_owned()),
        Just("based on Qwen2.5-VL-7B ".to_owned()),
        Just("| Qwen2.5-VL | 1 |\n".to_owned()),
        any::<String>(),
    ]
}

fn card() -> impl Strategy<Value = String> {
    prop::collection::vec(piece(), 0..40).prop_map(|pieces| pieces.concat())
}

fn said(card: &[u8]) -> Said {
    read(&Shipped { papers: vec![("README.md", card)], ..Shipped::default() })
}

proptest! {
    #[test]
    fn any_card_is_read_and_every_line_is_one_of_its_own(card in card()) {
        let said = said(card.as_bytes());
        let n = card.lines().count() as u64;
        let names = Names::of("hf://Qwen/Qwen2.5-VL-7B-Instruct", &Said::default());
        let mentions = names.mentions(&said);
        let lines = said.claims.iter().map(|claim| claim.place.line);
        for line in lines.chain(mentions.iter().map(|m| m.place.line)).flatten() {
            prop_assert!((1..=n).contains(&line), "line {line} of {n}");
        }
        prop_assert!(mentions.len() <= 32);
    }

    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let said = said(&bytes);
        prop_assert_eq!(said.texts.len(), usize::from(str::from_utf8(&bytes).is_ok()));
    }

    /// What is quoted stands in the card: quotations of prose are pieces of it, as lines are joined.
    #[test]
    fn a_quotation_stands_in_the_card(card in card()) {
        let joined = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let whole = joined(&card);
        for claim in said(card.as_bytes()).claims {
            let quote = joined(claim.quote.trim_end_matches('…'));
            prop_assert!(whole.contains(&quote), "{quote:?} in {whole:?}");
        }
    }
}
