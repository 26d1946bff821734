//! What a reader is told about disclosure, licences and policies.

pub use jokbo_verdict::card::Card;

const fn word(id: &'static str, means: &'static str, misleads: &'static str) -> Card {
    Card { id, means, misleads, definition: "", reference: "" }
}

static WORDS: &[Card] = &[
    word(
        "disclosed",
        "Shared ancestry was found, and the card declares it: `base_model` names the reference, a \
         notice does, or a sentence names it with a known phrase such as \"initialized from\", of this \
         component or of the whole.",
        "A sentence is found by its phrases and quoted; whether it says enough is for people.",
    ),
    word(
        "named-only",
        "Shared ancestry was found, and the card names the reference, but no known phrase says what \
         for: a table of results, or a comparison. A person must read it.",
        "It is neither disclosed nor undisclosed.",
    ),
    word(
        "undisclosed",
        "Shared ancestry was found, and no card or notice beside the weights names the reference. A \
         name that a program left in a configuration is shown, and does not count: readers of a card do \
         not see it.",
        "It may be declared elsewhere, in a report or on another page. It says nothing about why.",
    ),
    word(
        "contradicted",
        "Shared ancestry was found, and the card says the contrary of this component or of the whole: \
         that it was trained from scratch, or is not based on the reference. The words are quoted.",
        "\"From scratch\" has several meanings, and a card may be older than the weights.",
    ),
    word(
        "declared-not-found",
        "The card says that this component comes from this reference, it was tested, and nothing was \
         found that would have been at the stated power.",
        "Training may have gone so far that nothing is left to find.",
    ),
    word(
        "licence-duty",
        "What the licence of an ancestor asks of who passes on what was made from it, held against what \
         lies beside the suspect's weights: met, not met (it must lie there), not seen (it may be \
         elsewhere), or for a person.",
        "No legal advice. That two models share ancestry does not say which was made from which; the \
         duties are those of the case that the suspect was made from the reference.",
    ),
    word(
        "policy",
        "Rules in a file, each met, not met, or not to be told from weights and papers. `from-scratch`, \
         `core-from-scratch`, `disclosed` and `national-programme-2026` are shipped; `--policy FILE` \
         takes one's own. No verdict depends on any of them.",
        "A rule is met as far as these references show: from scratch is never proved.",
    ),
    word(
        "cannot-tell",
        "Neither met nor not met: something was not compared or not settled, too little of it could be \
         tested, or no file can answer and a person must.",
        "It is not a mild form of not met.",
    ),
];

/// Every term of disclosure, licences and policies.
pub fn all() -> impl Iterator<Item = &'static Card> {
    WORDS.iter()
}
