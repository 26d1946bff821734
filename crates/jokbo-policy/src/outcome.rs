//! A policy held against evidence: one outcome a rule, and its grounds.

use jokbo_verdict::{Ancestry, Grade};

use crate::disclosure::Status;
use crate::licence::Standing;
use crate::{Asks, Disclosure, Evidence, Found, Inherited, Policy, Rule};

/// What a policy says of the suspect.
#[derive(Debug, Clone, PartialEq)]
pub struct PolicyOutcome {
    /// The policy.
    pub policy: Policy,
    /// Of all its rules: not met where one is not, else untold where one is, else met.
    pub outcome: Outcome,
    /// Rule by rule.
    pub rules: Vec<RuleOutcome>,
}

/// What one rule says.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleOutcome {
    /// The rule.
    pub rule: Rule,
    /// Whether it is met.
    pub outcome: Outcome,
    /// Why, one thing each; those that decide it first.
    pub grounds: Vec<Ground>,
}

/// Whether a condition is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// It is, as far as these references can show.
    Met,
    /// Nothing here can tell.
    CannotTell,
    /// It is not.
    NotMet,
}

impl Outcome {
    /// The word used in every report.
    pub fn word(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::CannotTell => "cannot-tell",
            Self::NotMet => "not-met",
        }
    }
}

/// One thing that speaks for an outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ground {
    /// What it speaks for.
    pub outcome: Outcome,
    /// What it is.
    pub why: Why,
    /// The component it is of.
    pub component: Option<String>,
    /// The place of the reference it is of, among those named.
    pub reference: Option<usize>,
    /// Number of duties, where they are counted.
    pub count: usize,
}

/// What speaks for an outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// The component shares ancestry with the reference.
    SharesAncestry,
    /// It shares a checkpoint or only a random start with it.
    MayShareAStart,
    /// It was tested, and nothing was found.
    NothingFound,
    /// It was compared, and the tests could not settle it.
    Unsettled,
    /// No reference has anything to compare it with.
    NotCompared,
    /// Too little of it was tested.
    TestedTooLittle,
    /// The suspect has no such component.
    NoSuchComponent,
    /// What was found is declared.
    Disclosed,
    /// The reference is named, without a known phrase that says what for.
    NamedOnly,
    /// What was found is not declared.
    Undisclosed,
    /// The contrary is declared.
    Contradicted,
    /// There was nothing to look for a declaration in.
    NotLooked,
    /// Nothing was found that asks for a declaration, or that hands a duty on.
    NothingInherited,
    /// Nobody says what the reference is licensed under.
    NoLicence,
    /// The table does not know its licence.
    UnknownLicence,
    /// So many duties are met.
    DutiesMet,
    /// So many duties are not.
    DutiesNotMet,
    /// So many duties need a person to look.
    DutiesOpen,
    /// The licence limits no use.
    FreeLicence,
    /// The licence limits use in so many ways.
    LimitedLicence,
    /// Weights and papers cannot answer.
    NeedsAHuman,
}

impl Why {
    /// The word used in reports for programs.
    pub fn word(self) -> &'static str {
        match self {
            Self::SharesAncestry => "shares-ancestry",
            Self::MayShareAStart => "may-share-a-start",
            Self::NothingFound => "nothing-found",
            Self::Unsettled => "unsettled",
            Self::NotCompared => "not-compared",
            Self::TestedTooLittle => "tested-too-little",
            Self::NoSuchComponent => "no-such-component",
            Self::Disclosed => "disclosed",
            Self::NamedOnly => "named-only",
            Self::Undisclosed => "undisclosed",
            Self::Contradicted => "contradicted",
            Self::NotLooked => "not-looked",
            Self::NothingInherited => "nothing-inherited",
            Self::NoLicence => "no-licence",
            Self::UnknownLicence => "unknown-licence",
            Self::DutiesMet => "duties-met",
            Self::DutiesNotMet => "duties-not-met",
            Self::DutiesOpen => "duties-open",
            Self::FreeLicence => "free-licence",
            Self::LimitedLicence => "limited-licence",
            Self::NeedsAHuman => "needs-a-human",
        }
    }
}

/// Holds a policy against everything that is known.
pub fn evaluate(
    policy: &Policy,
    evidence: &Evidence,
    disclosures: &[Disclosure],
    inherited: &[Inherited],
) -> PolicyOutcome {
    let known = Known { evidence, disclosures, inherited };
    let rules: Vec<RuleOutcome> = policy.rules.iter().map(|rule| known.outcome(rule)).collect();
    let outcome = rules.iter().map(|rule| rule.outcome).max().unwrap_or(Outcome::CannotTell);
    PolicyOutcome { policy: policy.clone(), outcome, rules }
}

struct Known<'a> {
    evidence: &'a Evidence,
    disclosures: &'a [Disclosure],
    inherited: &'a [Inherited],
}

impl Known<'_> {
    fn outcome(&self, rule: &Rule) -> RuleOutcome {
        let mut grounds = match rule.asks {
            Asks::NoAncestry => self.no_ancestry(rule),
            Asks::Disclosed => self.disclosed(rule),
            Asks::LicenceDuties => self.duties(rule, Outcome::CannotTell),
            Asks::LicencePapers => self.duties(rule, Outcome::Met),
            Asks::FreeLicences => self.free(rule),
            Asks::Human => vec![ground(Outcome::CannotTell, Why::NeedsAHuman)],
        };
        grounds.sort_by_key(|ground| std::cmp::Reverse(ground.outcome));
        let outcome = grounds.first().map_or(Outcome::CannotTell, |ground| ground.outcome);
        RuleOutcome { rule: rule.clone(), outcome, grounds }
    }

    fn asked<'a>(&'a self, rule: &'a Rule) -> impl Iterator<Item = &'a Found> {
        self.evidence.components.iter().filter(|found| rule.is_asked_of(found.kind()))
    }

    fn no_ancestry(&self, rule: &Rule) -> Vec<Ground> {
        let grounds: Vec<Ground> =
            self.asked(rule).flat_map(|found| ancestry(found, rule.least_tested)).collect();
        if grounds.is_empty() {
            return vec![ground(Outcome::CannotTell, Why::NoSuchComponent)];
        }
        grounds
    }

    fn disclosed(&self, rule: &Rule) -> Vec<Ground> {
        let kinds = |row: &&Disclosure| rule.is_asked_of(crate::evidence::kind(&row.component));
        let found = self.disclosures.iter().filter(kinds).filter(|row| row.grade.is_finding());
        let grounds = found.map(|row| {
            let (outcome, why) = match row.status {
                Status::Disclosed => (Outcome::Met, Why::Disclosed),
                Status::Named => (Outcome::CannotTell, Why::NamedOnly),
                Status::Contradicted => (Outcome::NotMet, Why::Contradicted),
                Status::NotLooked => (Outcome::CannotTell, Why::NotLooked),
                _ => (Outcome::NotMet, Why::Undisclosed),
            };
            of(ground(outcome, why), &row.component, row.reference)
        });
        // What could not be settled may be there and ask for a declaration.
        let open = self.disclosures.iter().filter(kinds).filter(|row| {
            row.grade == Grade::Inconclusive && row.status != Status::DeclaredNotTested
        });
        let open = open.map(|row| {
            of(ground(Outcome::CannotTell, Why::Unsettled), &row.component, row.reference)
        });
        or_nothing(grounds.chain(open).collect())
    }

    /// Duties of ancestors' licences; those that only people can see speak for `open`.
    fn duties(&self, rule: &Rule, open: Outcome) -> Vec<Ground> {
        let grounds = self.licences(rule).flat_map(|one| {
            if let Some(why) = unknown(one) {
                return vec![at(why, one.reference)];
            }
            let count = |standings: &[Standing], outcome, why| {
                let n = one.owed.iter().filter(|owed| standings.contains(&owed.standing)).count();
                (0 < n).then(|| at(Ground { count: n, ..ground(outcome, why) }, one.reference))
            };
            let all = [
                count(&[Standing::NotMet], Outcome::NotMet, Why::DutiesNotMet),
                count(&[Standing::NotSeen, Standing::Human], open, Why::DutiesOpen),
                count(&[Standing::Met], Outcome::Met, Why::DutiesMet),
            ];
            all.into_iter().flatten().collect()
        });
        or_nothing(grounds.collect())
    }

    fn free(&self, rule: &Rule) -> Vec<Ground> {
        let grounds = self.licences(rule).map(|one| {
            if let Some(why) = unknown(one) {
                return at(why, one.reference);
            }
            let n = one.owed.iter().filter(|owed| owed.duty.kind.limits_use()).count();
            let found = match n {
                0 => ground(Outcome::Met, Why::FreeLicence),
                _ => Ground { count: n, ..ground(Outcome::NotMet, Why::LimitedLicence) },
            };
            at(found, one.reference)
        });
        or_nothing(grounds.collect())
    }

    fn licences<'a>(&'a self, rule: &'a Rule) -> impl Iterator<Item = &'a Inherited> {
        self.inherited.iter().filter(|one| {
            one.components.iter().any(|name| rule.is_asked_of(crate::evidence::kind(name)))
        })
    }
}

/// What one component says on whether it shares ancestry: everything that was found, or what its best
/// comparison leaves open.
fn ancestry(found: &Found, least_tested: f64) -> Vec<Ground> {
    let name = &found.component;
    let findings: Vec<Ground> = found
        .findings()
        .map(|look| {
            let (outcome, why) = match look.ancestry {
                Ancestry::CheckpointOrInitialisation => (Outcome::CannotTell, Why::MayShareAStart),
                _ => (Outcome::NotMet, Why::SharesAncestry),
            };
            of(ground(outcome, why), name, look.reference)
        })
        .collect();
    if !findings.is_empty() {
        return findings;
    }
    let compared = || found.looks.iter().filter(|look| look.grade != Grade::NotComparable);
    if compared().next().is_none() {
        let one = ground(Outcome::CannotTell, Why::NotCompared);
        return vec![Ground { component: Some(name.clone()), ..one }];
    }
    let looks = compared().map(|look| {
        let enough = look.tested.is_some_and(|share| least_tested <= share);
        let (outcome, why) = match look.grade {
            Grade::NoEvidence if enough => (Outcome::Met, Why::NothingFound),
            Grade::NoEvidence => (Outcome::CannotTell, Why::TestedTooLittle),
            _ => (Outcome::CannotTell, Why::Unsettled),
        };
        of(ground(outcome, why), name, look.reference)
    });
    looks.collect()
}

fn unknown(one: &Inherited) -> Option<Ground> {
    match (&one.declared, one.licence) {
        (None, _) => Some(ground(Outcome::CannotTell, Why::NoLicence)),
        (Some(_), None) => Some(ground(Outcome::CannotTell, Why::UnknownLicence)),
        (Some(_), Some(_)) => None,
    }
}

fn or_nothing(grounds: Vec<Ground>) -> Vec<Ground> {
    if grounds.is_empty() { vec![ground(Outcome::Met, Why::NothingInherited)] } else { grounds }
}

fn ground(outcome: Outcome, why: Why) -> Ground {
    Ground { outcome, why, component: None, reference: None, count: 0 }
}

fn at(ground: Ground, reference: usize) -> Ground {
    Ground { reference: Some(reference), ..ground }
}

fn of(ground: Ground, component: &str, reference: usize) -> Ground {
    Ground { component: Some(component.to_owned()), reference: Some(reference), ..ground }
}
