//! Sentences of a card that say where weights come from.

use crate::phrases::{PHRASES, components, find, first};
use crate::sentences::sentences;
use crate::{Claim, Place, Subject, quoted};

/// Most claims of prose from one card: a reader needs the first few, and a hostile card may hold a
/// million.
const LIMIT: usize = 64;

/// The claims in `lines` from line `from` on, counted from 0.
pub(crate) fn read(file: &str, lines: &[String], from: usize) -> Vec<Claim> {
    let claims = sentences(lines, from).into_iter().filter_map(|(line, sentence)| {
        let lower = sentence.to_lowercase();
        let (subject, phrase) = subject(&lower)?;
        Some(Claim {
            subject,
            value: phrase.to_owned(),
            about: components(&lower),
            place: Place { file: file.to_owned(), line: Some(line as u64 + 1), key: None },
            quote: quoted(&sentence),
        })
    });
    claims.take(LIMIT).collect()
}

/// What a sentence in lower case claims, and the phrase that says so.
///
/// A sentence that says where weights come from counts only where it is followed up by name, which
/// is `mention.rs`.
fn subject(lower: &str) -> Option<(Subject, &'static str)> {
    let (at, phrase) = first(lower, &PHRASES.from_scratch)?;
    let denied = is_denied(lower, at, at + phrase.len());
    Some((if denied { Subject::NotFromScratch } else { Subject::FromScratch }, phrase))
}

/// Whether the words around the phrase at `at..end` deny it: a word of denial before it in its
/// clause, or, as in Korean, behind it.
pub(crate) fn is_denied(lower: &str, at: usize, end: usize) -> bool {
    const CLAUSE: [char; 4] = [',', ';', ':', '，'];
    let before = lower[..at].rsplit(CLAUSE).next().unwrap_or("");
    let behind = lower[end..].split(CLAUSE).next().unwrap_or("");
    PHRASES.not_before.iter().any(|word| find(before, word).is_some())
        || PHRASES.not_behind.iter().any(|word| behind.contains(word.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says(text: &str) -> Vec<Subject> {
        read("README.md", &[text.to_owned()], 0).iter().map(|claim| claim.subject).collect()
    }

    #[test]
    fn claims_and_their_denials_are_told_apart() {
        use Subject::{FromScratch, NotFromScratch};
        for claim in [
            "It was trained from scratch on 10T tokens.",
            "A from-scratch model.",
            "본 모델은 프롬 스크래치로 자체 개발한 모델입니다.",
            "처음부터 학습한 독자 개발 모델",
            "We did not reuse weights, it was trained from scratch.",
        ] {
            assert_eq!(says(claim), [FromScratch], "{claim}");
        }
        for denial in [
            "This model was not trained from scratch.",
            "Fine-tuned rather than trained from scratch.",
            "It isn't a from-scratch model.",
            "프롬 스크래치 모델이 아닙니다.",
            "처음부터 학습하지 않았습니다.",
        ] {
            assert_eq!(says(denial), [NotFromScratch], "{denial}");
        }
        assert!(says("A model for chat.").is_empty());
        assert!(says("the fromscratchy way").is_empty());
    }

    #[test]
    fn a_claim_on_one_component_is_on_that_one() {
        let claims =
            read("README.md", &["The vision encoder was trained from scratch.".to_owned()], 0);
        assert_eq!(claims[0].about, ["vision-encoder"]);
        assert_eq!(claims[0].quote, "The vision encoder was trained from scratch.");
    }

    #[test]
    fn a_card_of_a_million_claims_gives_a_few() {
        let lines = vec!["From scratch.".to_owned(); 1000];
        assert_eq!(read("README.md", &lines, 0).len(), LIMIT);
    }
}
