//! What follows from the evidence put into the contract.

use jokbo_claims as c;
use jokbo_policy as p;

use crate::schema::Report;
use crate::schema::audit::{
    Audit, Claim, Disclosure, Duty, Ground, Licence, Policy, Publisher, Rule, Words,
};

impl Report {
    /// The same report with what follows from it.
    #[must_use]
    pub fn with_audit(self, audit: &p::Audit) -> Self {
        let named = Named { references: &audit.parties.references };
        let audit = Audit {
            publishers: publishers(&audit.parties),
            disclosures: audit.disclosures.iter().map(|row| named.disclosure(row)).collect(),
            not_given: audit.not_given.iter().map(claim).collect(),
            licences: audit.inherited.iter().map(|one| named.licence(one)).collect(),
            policies: audit.policies.iter().map(|one| named.policy(one)).collect(),
        };
        Self { audit: Some(audit), ..self }
    }

    /// The same report with what these publishers say now. One without an audit stays as it is.
    #[must_use]
    pub fn with_publishers(self, parties: &p::Parties) -> Self {
        let audit = self.audit.map(|audit| Audit { publishers: publishers(parties), ..audit });
        Self { audit, ..self }
    }
}

/// Whether `stored` is an outcome of `policy`, as it is written now.
pub fn is_policy(stored: &Policy, policy: &p::Policy) -> bool {
    let head = (&stored.id, &stored.version, &stored.title, &stored.about);
    let rules = || stored.rules.iter().zip(&policy.rules);
    let same = |(stored, now): (&Rule, &p::Rule)| {
        let Rule { id, asks, of, except, least_tested, says, source, .. } = stored;
        let what =
            (id, asks.as_str(), of, except) == (&now.id, now.asks.word(), &now.of, &now.except);
        let least = *least_tested == least(now);
        what && least && (says, source) == (&words(&now.says), &now.source.as_ref().map(words))
    };
    head == (&policy.id, &policy.version, &words(&policy.title), &words(&policy.about))
        && stored.rules.len() == policy.rules.len()
        && rules().all(same)
}

/// The least share that must have been tested; nothing where any will do.
fn least(rule: &p::Rule) -> Option<f64> {
    (0.0 < rule.least_tested).then_some(rule.least_tested)
}

fn publishers(parties: &p::Parties) -> Vec<Publisher> {
    std::iter::once(&parties.suspect).chain(&parties.references).map(publisher).collect()
}

fn publisher(party: &p::Party) -> Publisher {
    Publisher {
        model: party.source.clone(),
        looked: party.looked,
        claims: party.said.claims.iter().map(claim).collect(),
        silences: party.said.silences.clone(),
        configuration: party.configuration.clone(),
        tokenizer: party.tokenizer.clone(),
    }
}

fn claim(claim: &c::Claim) -> Claim {
    Claim {
        subject: subject(claim.subject).to_owned(),
        value: claim.value.clone(),
        about: claim.about.clone(),
        file: claim.place.file.clone(),
        line: claim.place.line,
        key: claim.place.key.clone(),
        quote: claim.quote.clone(),
    }
}

fn mention(mention: &c::Mention) -> Claim {
    let says = match mention.says {
        c::Says::Declared => "declared",
        c::Says::Denied => "denied",
        c::Says::Mentioned => "mentioned",
        c::Says::Trace => "trace",
    };
    Claim {
        subject: says.to_owned(),
        value: String::new(),
        about: mention.about.clone(),
        file: mention.place.file.clone(),
        line: mention.place.line,
        key: mention.place.key.clone(),
        quote: mention.quote.clone(),
    }
}

fn subject(subject: c::Subject) -> &'static str {
    match subject {
        c::Subject::BaseModel => "base-model",
        c::Subject::BaseModelRelation => "base-model-relation",
        c::Subject::Licence => "licence",
        c::Subject::LicenceName => "licence-name",
        c::Subject::LicenceLink => "licence-link",
        c::Subject::Tag => "tag",
        c::Subject::Dataset => "dataset",
        c::Subject::FromScratch => "from-scratch",
        c::Subject::NotFromScratch => "not-from-scratch",
        c::Subject::NamedOrigin => "named-origin",
        c::Subject::ModelType => "model-type",
        c::Subject::Name => "name",
        c::Subject::LicenceText => "licence-text",
    }
}

fn place(place: &c::Place) -> String {
    match place.line {
        Some(line) => format!("{} line {line}", place.file),
        None => place.file.clone(),
    }
}

fn words(words: &p::Words) -> Words {
    Words { en: words.en.clone(), ko: words.ko.clone().unwrap_or_else(|| words.en.clone()) }
}

/// References called by what the user named.
struct Named<'a> {
    references: &'a [p::Party],
}

impl Named<'_> {
    fn source(&self, reference: usize) -> String {
        self.references[reference].source.clone()
    }

    fn disclosure(&self, row: &p::Disclosure) -> Disclosure {
        Disclosure {
            component: row.component.clone(),
            reference: self.source(row.reference),
            verdict: row.grade.word().to_owned(),
            status: row.status.word().to_owned(),
            named: row.mentions.iter().map(mention).collect(),
            own: row.own.iter().map(claim).collect(),
        }
    }

    fn licence(&self, one: &p::Inherited) -> Licence {
        let known = one.licence;
        let filled = |text: &String| (!text.is_empty()).then(|| text.clone());
        Licence {
            reference: self.source(one.reference),
            components: one.components.clone(),
            declared: one.declared.as_ref().map(claim),
            is_spdx: one.is_spdx,
            title: known.map(|licence| licence.title.clone()),
            spdx: known.and_then(|licence| filled(&licence.spdx)),
            source: known.and_then(|licence| filled(&licence.source)),
            own: one.own.as_ref().map(claim),
            duties: one.owed.iter().map(duty).collect(),
        }
    }

    fn policy(&self, one: &p::PolicyOutcome) -> Policy {
        Policy {
            id: one.policy.id.clone(),
            version: one.policy.version.clone(),
            title: words(&one.policy.title),
            about: words(&one.policy.about),
            outcome: one.outcome.word().to_owned(),
            rules: one.rules.iter().map(|rule| self.rule(rule)).collect(),
        }
    }

    fn rule(&self, one: &p::RuleOutcome) -> Rule {
        Rule {
            id: one.rule.id.clone(),
            asks: one.rule.asks.word().to_owned(),
            of: one.rule.of.clone(),
            except: one.rule.except.clone(),
            least_tested: least(&one.rule),
            says: words(&one.rule.says),
            source: one.rule.source.as_ref().map(words),
            outcome: one.outcome.word().to_owned(),
            grounds: one.grounds.iter().map(|ground| self.ground(ground)).collect(),
        }
    }

    fn ground(&self, ground: &p::Ground) -> Ground {
        Ground {
            outcome: ground.outcome.word().to_owned(),
            why: ground.why.word().to_owned(),
            component: ground.component.clone(),
            reference: ground.reference.map(|reference| self.source(reference)),
            duties: (0 < ground.count).then_some(ground.count as u64),
        }
    }
}

fn duty(owed: &p::Owed) -> Duty {
    Duty {
        kind: owed.duty.kind.word().to_owned(),
        clause: owed.duty.clause.clone(),
        says: owed.duty.says.clone(),
        says_ko: owed.duty.ko.clone(),
        standing: owed.standing.word().to_owned(),
        place: owed.place.as_ref().map(place),
    }
}
