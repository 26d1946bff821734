//! The four shipped policies over every kind of evidence, and laws that hold for all of them.

use jokbo_claims::{Shipped, read};
use jokbo_policy::{
    Evidence, Found, Look, Outcome, Parties, Party, Policy, disclosures, evaluate, inherited,
    shipped,
};
use jokbo_verdict::{Ancestry, Grade};
use proptest::prelude::*;

fn party(source: &str, papers: &[(&str, &str)]) -> Party {
    let papers = papers.iter().map(|(file, text)| (*file, text.as_bytes())).collect();
    let said = read(&Shipped { papers, ..Shipped::default() });
    Party { source: source.to_owned(), said, looked: true, ..Party::default() }
}

fn found(component: &str, grade: Grade) -> Found {
    let ancestry = if grade.is_finding() { Ancestry::Checkpoint } else { Ancestry::NoneFound };
    let look = Look { reference: 0, grade, ancestry, child: None, tested: Some(0.5) };
    Found { component: component.to_owned(), looks: vec![look] }
}

fn outcome(policy: &Policy, evidence: &Evidence, card: &str, licence: &str) -> Outcome {
    held(policy, evidence, &[("README.md", card)], licence)
}

fn held(policy: &Policy, evidence: &Evidence, papers: &[(&str, &str)], licence: &str) -> Outcome {
    let theirs = format!("---\nlicense: {licence}\n---\n");
    let parties = Parties {
        suspect: party("hf://maker/Seed-Think-32B", papers),
        references: vec![party("hf://Qwen/Qwen2.5-VL-32B-Instruct", &[("README.md", &theirs)])],
    };
    let disclosures = disclosures(evidence, &parties);
    let inherited = inherited(evidence, &parties);
    evaluate(policy, evidence, &disclosures, &inherited).outcome
}

/// A vision-language model whose encoder alone shares ancestry with the reference.
fn borrowed_encoder() -> Evidence {
    let components = vec![
        found("vision-encoder", Grade::Derived),
        found("projector", Grade::NoEvidence),
        found("language-model", Grade::NoEvidence),
        found("token-embedding", Grade::NoEvidence),
    ];
    Evidence { components }
}

#[track_caller]
fn is(policy: &str, evidence: &Evidence, card: &str, licence: &str, want: Outcome) {
    let (policy, _) = shipped(policy).expect("it is shipped");
    assert_eq!(outcome(&policy, evidence, card, licence), want, "{}: {card}", policy.id);
}

#[test]
fn a_borrowed_encoder_meets_the_core_policy_where_the_card_says_so() {
    let evidence = borrowed_encoder();
    let silent = "A model.";
    let says = "The vision encoder is initialized from Qwen2.5-VL.";
    for card in [silent, says] {
        is("from-scratch", &evidence, card, "mit", Outcome::NotMet);
        is("national-programme-2026", &evidence, card, "mit", Outcome::NotMet);
    }
    is("core-from-scratch", &evidence, silent, "mit", Outcome::NotMet);
    is("disclosed", &evidence, silent, "mit", Outcome::NotMet);
    is("disclosed", &evidence, says, "mit", Outcome::Met);
    // The text of the licence does not lie there.
    is("core-from-scratch", &evidence, says, "apache-2.0", Outcome::NotMet);
    is("core-from-scratch", &evidence, says, "nobody-knows", Outcome::CannotTell);
    let (policy, _) = shipped("core-from-scratch").unwrap();
    let with_copy = [("README.md", says), ("LICENSE", "Apache License\nVersion 2.0")];
    assert_eq!(held(&policy, &evidence, &with_copy, "apache-2.0"), Outcome::Met);
}

#[test]
fn nothing_found_meets_what_weights_can_answer() {
    let evidence = Evidence {
        components: vec![
            found("language-model", Grade::NoEvidence),
            found("token-embedding", Grade::NoEvidence),
        ],
    };
    is("from-scratch", &evidence, "", "mit", Outcome::Met);
    is("core-from-scratch", &evidence, "", "mit", Outcome::Met);
    is("disclosed", &evidence, "", "mit", Outcome::Met);
    // Training logs are for people.
    is("national-programme-2026", &evidence, "", "mit", Outcome::CannotTell);
}

#[test]
fn what_was_not_compared_or_not_settled_is_never_met() {
    for grade in [Grade::NotComparable, Grade::Inconclusive] {
        let evidence = Evidence { components: vec![found("language-model", grade)] };
        is("from-scratch", &evidence, "", "mit", Outcome::CannotTell);
        is("core-from-scratch", &evidence, "", "mit", Outcome::CannotTell);
    }
    let none = Evidence { components: Vec::new() };
    is("from-scratch", &none, "", "mit", Outcome::CannotTell);
}

#[test]
fn a_random_start_in_common_is_left_open() {
    let mut evidence = Evidence { components: vec![found("language-model", Grade::Derived)] };
    evidence.components[0].looks[0].ancestry = Ancestry::CheckpointOrInitialisation;
    is("from-scratch", &evidence, "", "mit", Outcome::CannotTell);
}

#[test]
fn too_little_tested_is_left_open() {
    let mut evidence = Evidence { components: vec![found("language-model", Grade::NoEvidence)] };
    evidence.components[0].looks[0].tested = Some(0.01);
    is("from-scratch", &evidence, "", "mit", Outcome::CannotTell);
}

fn any_grade() -> impl Strategy<Value = Grade> {
    prop::sample::select(vec![
        Grade::Identical,
        Grade::Derived,
        Grade::PartlyDerived,
        Grade::NoEvidence,
        Grade::Inconclusive,
        Grade::NotComparable,
    ])
}

proptest! {
    /// One more finding can only lower an outcome, under every shipped policy and whatever the card
    /// says.
    #[test]
    fn a_finding_never_raises_an_outcome(
        grades in prop::collection::vec(any_grade(), 4),
        which in 0_usize..4,
        card in prop::sample::select(vec!["", "Trained from scratch.", "The vision encoder is from Qwen2.5-VL."]),
    ) {
        let names = ["vision-encoder", "projector", "language-model", "output-head"];
        let of = |grades: &[Grade]| Evidence {
            components: names.iter().zip(grades).map(|(name, grade)| found(name, *grade)).collect(),
        };
        let mut clean = grades.clone();
        clean[which] = Grade::NoEvidence;
        let mut more = grades.clone();
        more[which] = Grade::Derived;
        for name in jokbo_policy::shipped_names() {
            let (policy, _) = shipped(&name).unwrap();
            let (before, after) =
                (outcome(&policy, &of(&clean), card, "mit"), outcome(&policy, &of(&more), card, "mit"));
            prop_assert!(before <= after, "{name}: {before:?} became {after:?}");
        }
    }
}
