//! Two tokenizers side by side, and what relation their figures show.
//!
//! Tokenizers are tools and conventions: nothing here ever raises a verdict on weights.

use jokbo_statistics::vocabulary::{Merges, Overlap};

/// Neighbours kept from which on two vocabularies are called related. Measured on 171 pairs of 19
/// public vocabularies: at most 0.023 between those trained separately, 0.16 and more where one
/// was taken from the other or both from a third.
pub const RELATED_NEIGHBOURS: f64 = 0.05;

/// Why a tokenizer that is elsewhere has no figures beside a sample: it may have more bytes than a
/// verdict on one needs. It says where a model lay, and nothing of the model.
pub const NOT_FETCHED: &str = "is elsewhere, and is not fetched for a sample";

/// Shared tokens below which no relation is said: a few words in common may stand in one order by
/// chance.
pub const LEAST_SHARED: u64 = 500;

/// What was measured on two tokenizers.
#[derive(Debug, Clone, PartialEq)]
pub struct TokenizerCase {
    /// The suspect's.
    pub suspect: TokenizerInfo,
    /// The reference's.
    pub reference: TokenizerInfo,
    /// Learned tokens of both; special and unused ones are left out.
    pub overlap: Overlap,
    /// Merges of both, where both have some.
    pub merges: Option<Merges>,
    /// Learned tokens of both in the order in which they were learned, where both files say it.
    pub pieces: Option<Merges>,
    /// Special tokens of both, by name.
    pub marks: Marks,
    /// Whether every learned token and merge is the same, ids included.
    pub all_equal: bool,
    /// Share of learned tokens by script, largest first.
    pub scripts: Vec<Script>,
}

/// Special tokens of two tokenizers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Marks {
    /// Only in the suspect.
    pub added: u64,
    /// Only in the reference.
    pub dropped: u64,
}

/// One tokenizer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenizerInfo {
    /// What the user named.
    pub source: String,
    /// The file it was read from.
    pub file: String,
    /// The form of that file.
    pub format: String,
    /// How it writes tokens.
    pub notation: String,
    /// All tokens.
    pub tokens: u64,
    /// Special, unused and single-byte ones among them.
    pub special: u64,
    /// Merges.
    pub merges: u64,
}

/// How much of either vocabulary is written in one script.
#[derive(Debug, Clone, PartialEq)]
pub struct Script {
    /// Its Unicode name, or `partial` for pieces of a character and `common` for signs of all.
    pub name: String,
    /// Share of the suspect's learned tokens, in `[0, 1]`.
    pub suspect: f64,
    /// Share of the reference's.
    pub reference: f64,
}

/// How one vocabulary came from the other, as far as the figures show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenizerRelation {
    /// The same tokens under the same ids, in the same form.
    Same,
    /// The same tokens under the same ids, written in another form.
    ReExported,
    /// The same tokens under other ids.
    Renumbered,
    /// Every token of the reference, the learned ones under their ids, and more.
    Extended {
        /// How many more.
        by: u64,
    },
    /// Tokens of the reference, the learned ones under their ids, and no others.
    Cut {
        /// How many fewer.
        by: u64,
    },
    /// One vocabulary was changed into the other, or both grew from a third.
    Related {
        /// Tokens that only the suspect has.
        added: u64,
        /// Tokens that only the reference has.
        dropped: u64,
    },
    /// What they share is what separate trainings on similar text share.
    TrainedSeparately,
    /// Too little is shared to say.
    NotSaid,
}

impl TokenizerRelation {
    /// The word used in every report.
    pub fn word(self) -> &'static str {
        match self {
            TokenizerRelation::Same => "same",
            TokenizerRelation::ReExported => "re-exported",
            TokenizerRelation::Renumbered => "renumbered",
            TokenizerRelation::Extended { .. } => "extended",
            TokenizerRelation::Cut { .. } => "cut",
            TokenizerRelation::Related { .. } => "related",
            TokenizerRelation::TrainedSeparately => "trained-separately",
            TokenizerRelation::NotSaid => "not-said",
        }
    }

    /// Whether one vocabulary was taken, in whole or in part, from the other or from a third.
    pub fn is_related(self) -> bool {
        !matches!(self, TokenizerRelation::TrainedSeparately | TokenizerRelation::NotSaid)
    }
}

/// The relation that the figures of `case` show.
pub fn tokenizer_relation(case: &TokenizerCase) -> TokenizerRelation {
    let overlap = &case.overlap;
    let added = overlap.suspect - overlap.shared + case.marks.added;
    let dropped = overlap.reference - overlap.shared + case.marks.dropped;
    let all_kept = overlap.kept == Some(1.0);
    let (ours, theirs) = (&case.suspect, &case.reference);
    if overlap.shared < LEAST_SHARED {
        return TokenizerRelation::NotSaid;
    }
    match (added, dropped) {
        (0, 0) if case.all_equal && ours.format == theirs.format => TokenizerRelation::Same,
        (0, 0) if all_kept => TokenizerRelation::ReExported,
        (0, 0) => TokenizerRelation::Renumbered,
        (by, 0) if all_kept => TokenizerRelation::Extended { by },
        (0, by) if all_kept => TokenizerRelation::Cut { by },
        _ if overlap.neighbours.is_some_and(|kept| RELATED_NEIGHBOURS <= kept) => {
            TokenizerRelation::Related { added, dropped }
        }
        _ => TokenizerRelation::TrainedSeparately,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(
        suspect: u64,
        reference: u64,
        shared: u64,
        kept: f64,
        neighbours: f64,
    ) -> TokenizerCase {
        let info = |tokens| TokenizerInfo {
            source: "m".to_owned(),
            file: "tokenizer.json".to_owned(),
            format: "tokenizer.json".to_owned(),
            notation: "byte-level".to_owned(),
            tokens,
            special: 0,
            merges: 0,
        };
        let overlap = Overlap {
            suspect,
            reference,
            shared,
            kept: Some(kept),
            neighbours: Some(neighbours),
            ..Overlap::default()
        };
        TokenizerCase {
            suspect: info(suspect),
            reference: info(reference),
            overlap,
            merges: None,
            pieces: None,
            marks: Marks::default(),
            all_equal: suspect == reference && shared == suspect && kept == 1.0,
            scripts: Vec::new(),
        }
    }

    #[track_caller]
    fn shows(case: &TokenizerCase, want: TokenizerRelation) {
        assert_eq!(tokenizer_relation(case), want);
    }

    #[test]
    fn each_relation_has_its_figures() {
        shows(&case(1000, 1000, 1000, 1.0, 1.0), TokenizerRelation::Same);
        shows(&case(1000, 1000, 1000, 0.0, 1.0), TokenizerRelation::Renumbered);
        shows(&case(1064, 1000, 1000, 1.0, 1.0), TokenizerRelation::Extended { by: 64 });
        shows(&case(900, 1000, 900, 1.0, 1.0), TokenizerRelation::Cut { by: 100 });
        let related = TokenizerRelation::Related { added: 300, dropped: 100 };
        shows(&case(1200, 1000, 900, 0.0, 0.16), related);
        let mut marked = case(1000, 1000, 1000, 1.0, 1.0);
        marked.marks.added = 64;
        shows(&marked, TokenizerRelation::Extended { by: 64 });
        let mut exported = case(1000, 1000, 1000, 1.0, 1.0);
        exported.suspect.format = "gguf".to_owned();
        shows(&exported, TokenizerRelation::ReExported);
        let mut merges_differ = case(1000, 1000, 1000, 1.0, 1.0);
        merges_differ.all_equal = false;
        shows(&merges_differ, TokenizerRelation::ReExported);
    }

    #[test]
    fn what_separate_trainings_share_relates_nobody() {
        // A small vocabulary nearly contained in a large one, in roughly one order.
        shows(&case(9000, 1000, 980, 0.0, 0.023), TokenizerRelation::TrainedSeparately);
        shows(&case(9000, 1000, 1000, 0.0, 0.023), TokenizerRelation::TrainedSeparately);
        shows(&case(600, 600, 499, 1.0, 1.0), TokenizerRelation::NotSaid);
        assert!(!TokenizerRelation::TrainedSeparately.is_related());
        assert!(TokenizerRelation::Cut { by: 1 }.is_related());
    }
}
