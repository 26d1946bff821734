//! What was declared of what was found.

use jokbo_claims::{Claim, Mention, Says, Subject};
use jokbo_verdict::Grade;

use crate::evidence::kind;
use crate::{Evidence, Found, Look, Parties};

/// One component and one reference: what was found, what was declared, and whether they agree.
#[derive(Debug, Clone, PartialEq)]
pub struct Disclosure {
    /// The component.
    pub component: String,
    /// The reference's place among those named.
    pub reference: usize,
    /// What was found.
    pub grade: Grade,
    /// Whether both agree.
    pub status: Status,
    /// Where the suspect's publisher names the reference, of this component or of the whole.
    pub mentions: Vec<Mention>,
    /// Where the suspect's publisher says that the weights are the house's own, of this component or
    /// of the whole.
    pub own: Vec<Claim>,
}

/// Whether what was declared agrees with what was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Found, and declared.
    Disclosed,
    /// Found, and the reference is named without a phrase that says what for.
    Named,
    /// Found, and not declared where a reader of the card would see it.
    Undisclosed,
    /// Found, and the contrary is declared.
    Contradicted,
    /// Declared, and not found.
    DeclaredNotFound,
    /// Declared, and it could not be tested.
    DeclaredNotTested,
    /// Neither found nor declared.
    NothingDeclared,
    /// Found, and there was nothing to look for a declaration in.
    NotLooked,
}

impl Status {
    /// The word used in every report.
    pub fn word(self) -> &'static str {
        match self {
            Self::Disclosed => "disclosed",
            Self::Named => "named-only",
            Self::Undisclosed => "undisclosed",
            Self::Contradicted => "contradicted",
            Self::DeclaredNotFound => "declared-not-found",
            Self::DeclaredNotTested => "declared-not-tested",
            Self::NothingDeclared => "nothing-declared",
            Self::NotLooked => "not-looked",
        }
    }
}

/// Every component against every reference that was asked about it, in the order of the evidence.
pub fn disclosures(evidence: &Evidence, parties: &Parties) -> Vec<Disclosure> {
    let mentions: Vec<Vec<Mention>> = parties
        .references
        .iter()
        .map(|reference| reference.names().mentions(&parties.suspect.said))
        .collect();
    let rows = evidence.components.iter().flat_map(|found| {
        let mentions = &mentions;
        found.looks.iter().map(move |look| row(found, look, mentions, parties))
    });
    rows.collect()
}

fn row(found: &Found, look: &Look, mentions: &[Vec<Mention>], parties: &Parties) -> Disclosure {
    let of_it = |about: &[String]| is_about(about, &found.component);
    let named = mentions.get(look.reference).into_iter().flatten();
    let mentions: Vec<Mention> = named.filter(|m| of_it(&m.about)).cloned().collect();
    let own = parties.suspect.said.of(Subject::FromScratch);
    let own: Vec<Claim> = own.filter(|claim| of_it(&claim.about)).cloned().collect();
    Disclosure {
        component: found.component.clone(),
        reference: look.reference,
        grade: look.grade,
        status: status(look.grade, &mentions, &own, parties.suspect.looked),
        mentions,
        own,
    }
}

fn status(grade: Grade, mentions: &[Mention], own: &[Claim], looked: bool) -> Status {
    let says = |what| mentions.iter().any(|mention| mention.says == what);
    let declared = says(Says::Declared);
    if !grade.is_finding() {
        // A base model is declared of the whole, and only some components need come from it: only
        // what is said of this component, of this very model, can be missing in it.
        let of_it = |m: &Mention| m.says == Says::Declared && m.exact && !m.about.is_empty();
        return match grade {
            Grade::NoEvidence if mentions.iter().any(of_it) => Status::DeclaredNotFound,
            Grade::Inconclusive | Grade::NotComparable if declared => Status::DeclaredNotTested,
            _ => Status::NothingDeclared,
        };
    }
    if declared {
        Status::Disclosed
    } else if says(Says::Denied) || !own.is_empty() {
        Status::Contradicted
    } else if says(Says::Mentioned) {
        Status::Named
    } else if looked {
        Status::Undisclosed
    } else {
        Status::NotLooked
    }
}

/// Whether a sentence that names the kinds `about` is said of `component`. Tables of tokens and output
/// heads belong to the language model.
fn is_about(about: &[String], component: &str) -> bool {
    let kind = kind(component);
    let of_text = ["language-model", "token-embedding", "output-head"].contains(&kind);
    about.is_empty()
        || about.iter().any(|named| named == kind || (of_text && named == "language-model"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Party;
    use jokbo_claims::{Shipped, read};
    use jokbo_verdict::Ancestry;

    #[track_caller]
    fn is(grade: Grade, component: &str, card: &str, want: Status) {
        let party = |source: &str, card: &str| Party {
            source: source.to_owned(),
            said: read(&Shipped {
                papers: vec![("README.md", card.as_bytes())],
                ..Shipped::default()
            }),
            looked: true,
            ..Party::default()
        };
        let parties = Parties {
            suspect: party("hf://a/b", card),
            references: vec![party("hf://Qwen/Qwen2.5-VL-32B-Instruct", "")],
        };
        let ancestry = Ancestry::Checkpoint;
        let look = Look { reference: 0, grade, ancestry, child: None, tested: Some(1.0) };
        let found = Found { component: component.to_owned(), looks: vec![look] };
        let rows = disclosures(&Evidence { components: vec![found] }, &parties);
        assert_eq!(rows[0].status, want, "{card}");
    }

    #[test]
    fn what_is_found_is_disclosed_only_by_a_declaration_on_it() {
        let is = |component: &str, card: &str, want| is(Grade::Derived, component, card, want);
        let whole = "---\nbase_model: Qwen/Qwen2.5-VL-32B-Instruct\n---\n";
        is("vision-encoder", whole, Status::Disclosed);
        let encoder = "The vision encoder is initialized from Qwen2.5-VL.";
        is("vision-encoder", encoder, Status::Disclosed);
        is("vision-encoder:discrete", encoder, Status::Disclosed);
        is("language-model", encoder, Status::Undisclosed);
        is("vision-encoder", "A model.", Status::Undisclosed);
        is("vision-encoder", "Better than Qwen2.5-VL.", Status::Named);
    }

    #[test]
    fn a_claim_of_ones_own_work_contradicts_what_is_found_in_it() {
        let is = |component: &str, card: &str, want| is(Grade::Derived, component, card, want);
        is("vision-encoder", "Trained from scratch.", Status::Contradicted);
        is("vision-encoder", "The language model was trained from scratch.", Status::Undisclosed);
        is("token-embedding", "The language model was trained from scratch.", Status::Contradicted);
        is("vision-encoder", "It is not based on Qwen2.5-VL.", Status::Contradicted);
        let both = "From scratch.\nThe vision encoder is initialized from Qwen2.5-VL.";
        is("vision-encoder", both, Status::Disclosed);
    }

    #[test]
    fn what_is_not_found_can_only_miss_what_was_said_of_it() {
        let none = Grade::NoEvidence;
        let base = "---\nbase_model: Qwen/Qwen2.5-VL-32B-Instruct\n---\n";
        is(none, "projector", base, Status::NothingDeclared);
        let encoder = "The vision encoder is initialized from Qwen2.5-VL-32B-Instruct.";
        is(none, "vision-encoder", encoder, Status::DeclaredNotFound);
        is(Grade::Inconclusive, "vision-encoder", encoder, Status::DeclaredNotTested);
        is(none, "vision-encoder", "A model.", Status::NothingDeclared);
    }
}
