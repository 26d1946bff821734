//! What follows from evidence: kept apart from it, and computed from it alone.
//!
//! [`audit`] takes verdicts and what the publishers say, and returns three things: what was
//! [disclosed](Disclosure) of what was found, which [duties](Inherited) the licences of ancestors hand
//! on, and the [outcome](PolicyOutcome) of every rule of every policy. A policy is a file of rules
//! ([`Policy`]); four are shipped. No verdict depends on anything here, and the same evidence may be
//! held against any number of policies.

pub mod card;
mod disclosure;
mod evidence;
mod licence;
mod outcome;
mod party;
mod policy;

pub use disclosure::{Disclosure, Status, disclosures};
pub use evidence::{Evidence, Found, Look};
pub use licence::{
    Duty, DutyKind, Inherited, Licence, Owed, Standing as DutyStanding, inherited, licence,
};
pub use outcome::{Ground, Outcome, PolicyOutcome, RuleOutcome, Why, evaluate};
pub use party::{Parties, Party};
pub use policy::{Asks, Broken, Policy, Rule, Words, shipped, shipped_names};

use jokbo_verdict::{Panel, PanelVerdicts};

/// Everything that follows.
#[derive(Debug, Clone, PartialEq)]
pub struct Audit {
    /// Who says what.
    pub parties: Parties,
    /// For every component and every reference that was asked about it.
    pub disclosures: Vec<Disclosure>,
    /// Models that the suspect's card declares and that no reference is.
    pub not_given: Vec<jokbo_claims::Claim>,
    /// The licences of the references that something was found in, with what they ask.
    pub inherited: Vec<Inherited>,
    /// One for each policy, in the order given.
    pub policies: Vec<PolicyOutcome>,
}

/// Says what follows from `verdicts` on `panel`, from what the `parties` say, under `policies`.
///
/// `parties.references` are in the order of the panel's cases. Cost: what is said is searched once
/// for every reference.
pub fn audit(
    panel: &Panel,
    verdicts: &PanelVerdicts,
    parties: Parties,
    policies: &[Policy],
) -> Audit {
    let evidence = Evidence::of(panel, verdicts);
    let disclosures = disclosures(&evidence, &parties);
    let inherited = inherited(&evidence, &parties);
    let policies = policies
        .iter()
        .map(|policy| evaluate(policy, &evidence, &disclosures, &inherited))
        .collect();
    let not_given = parties.not_given();
    Audit { disclosures, not_given, inherited, policies, parties }
}
