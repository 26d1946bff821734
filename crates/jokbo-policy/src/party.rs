//! Who says what: the publisher of the suspect, and those of the references.

use jokbo_claims::{Claim, Names, Said, Subject};

/// All publishers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Parties {
    /// Of the suspect.
    pub suspect: Party,
    /// Of the references, in the order they were named.
    pub references: Vec<Party>,
}

/// One publisher's model, and what is said of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Party {
    /// What the user named.
    pub source: String,
    /// What lies beside the weights.
    pub said: Said,
    /// Whether there was a folder to look into; where not, silence means nothing.
    pub looked: bool,
    /// A digest of its configuration, where one was read. Nothing is judged by it.
    pub configuration: Option<String>,
    /// The same of the tokenizer in files beside the weights.
    pub tokenizer: Option<String>,
}

impl Party {
    /// What it is called.
    pub fn names(&self) -> Names {
        Names::of(&self.source, &self.said)
    }

    /// The licence that is declared, by identifier or, where that says `other`, by name.
    pub(crate) fn licences(&self) -> Vec<&Claim> {
        let is_one = |claim: &&Claim| {
            !["other", "unknown"].contains(&claim.value.to_ascii_lowercase().as_str())
        };
        let of = |subject| self.said.of(subject).filter(is_one);
        let declared: Vec<&Claim> = of(Subject::Licence).collect();
        if !declared.is_empty() {
            return declared;
        }
        let named: Vec<&Claim> = of(Subject::LicenceName).collect();
        if named.is_empty() { of(Subject::LicenceText).collect() } else { named }
    }
}

impl Parties {
    /// Models that the suspect's card declares as its base, and that no reference is called.
    pub(crate) fn not_given(&self) -> Vec<Claim> {
        let names: Vec<Names> = self.references.iter().map(Party::names).collect();
        let given = |claim: &Claim| {
            let only = Said { claims: vec![claim.clone()], ..Said::default() };
            names.iter().any(|names| names.mentions(&only).iter().any(|m| m.exact))
        };
        let declared = self.suspect.said.of(Subject::BaseModel);
        declared.filter(|claim| !given(claim)).cloned().collect()
    }
}
