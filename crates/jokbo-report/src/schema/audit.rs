//! What publishers say and what follows under policies, in the contract.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What an audit adds to the evidence. No verdict rests on any of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Audit {
    /// What is said of each model: the suspect first, then the references in their order.
    pub publishers: Vec<Publisher>,
    /// For every component and reference: what was found, what was declared, and whether they agree.
    pub disclosures: Vec<Disclosure>,
    /// Models that the suspect's card declares as its base and that no reference is called: not
    /// checked.
    pub not_given: Vec<Claim>,
    /// Licences of references in which something was found, and what they ask.
    pub licences: Vec<Licence>,
    /// One for each policy; absent when none was asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<Policy>,
}

/// What the publisher of one model says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Publisher {
    /// The model, as the user named it.
    pub model: String,
    /// Whether there was a folder to look into; where not, silence means nothing.
    pub looked: bool,
    /// Field by field and sentence by sentence, quoted.
    pub claims: Vec<Claim>,
    /// What is missing or broken, one sentence each.
    pub silences: Vec<String>,
    /// SHA-256 of its configuration, as JSON without spaces and with the keys in their order; absent
    /// where none was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub configuration: Option<String>,
    /// SHA-256 of the tokenizer in files beside its weights, token by token; absent where none was
    /// read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokenizer: Option<String>,
}

/// One thing that is said, quoted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Claim {
    /// `base-model`, `base-model-relation`, `licence`, `licence-name`, `licence-link`, `tag`,
    /// `dataset`, `from-scratch`, `not-from-scratch`, `named-origin` (a program left it in a
    /// configuration or a weight file), `model-type`, `name`, `licence-text`; of a mention of a
    /// reference `declared`, `denied`, `mentioned`, `trace`.
    pub subject: String,
    /// The value of a field, or the phrase by which a sentence was found.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub value: String,
    /// Kinds of components that it is said of; absent where it is said of the whole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub about: Vec<String>,
    /// The file.
    pub file: String,
    /// Its line, from 1; absent where lines mean nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// The key, of a field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The words themselves.
    pub quote: String,
}

/// One component and one reference.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Disclosure {
    /// The component.
    pub component: String,
    /// The reference.
    pub reference: String,
    /// What was found, as of the component.
    pub verdict: String,
    /// `disclosed`, `named-only`, `undisclosed`, `contradicted`, `declared-not-found`,
    /// `declared-not-tested`, `nothing-declared`, `not-looked`.
    pub status: String,
    /// Where the suspect's publisher names the reference, of this component or of the whole.
    pub named: Vec<Claim>,
    /// Where the suspect's publisher says that the weights are the house's own.
    pub own: Vec<Claim>,
}

/// The licence of one reference, and what it asks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Licence {
    /// The reference.
    pub reference: String,
    /// The suspect's components that share ancestry with it.
    pub components: Vec<String>,
    /// Where the reference's publisher names the licence; absent where nobody does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declared: Option<Claim>,
    /// Whether that is an SPDX expression.
    pub is_spdx: bool,
    /// The licence's title; absent where the table does not know it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Its SPDX identifier, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spdx: Option<String>,
    /// Where its text is published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Where the suspect's publisher names its own licence; absent where nobody does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own: Option<Claim>,
    /// What it asks of who passes on what was made from the reference.
    pub duties: Vec<Duty>,
}

/// One duty, held against what lies beside the suspect's weights. No legal advice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Duty {
    /// `licence-copy`, `notice`, `naming`, `derivative-naming`, `share-alike`, `non-commercial`,
    /// `user-threshold`, `use-restrictions`, `state-changes`, `no-training-of-others`,
    /// `no-derivatives`.
    pub kind: String,
    /// Where in the licence; absent where the clause has no number.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub clause: String,
    /// In plain English.
    pub says: String,
    /// In Korean.
    pub says_ko: String,
    /// `met`, `not-met` (it must lie beside the weights), `not-seen` (it may be met elsewhere),
    /// `needs-a-human`.
    pub standing: String,
    /// Where it is met, or what stands against it: file, and line where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
}

/// A policy held against the evidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Policy {
    /// What it is called on the command line.
    pub id: String,
    /// Its version.
    pub version: String,
    /// Its name.
    pub title: Words,
    /// What it is for, and where it is from.
    pub about: Words,
    /// `met`, `not-met`, `cannot-tell`: of all its rules.
    pub outcome: String,
    /// Rule by rule.
    pub rules: Vec<Rule>,
}

/// A text in both languages of the reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Words {
    /// In English.
    pub en: String,
    /// In Korean; English where there is none.
    pub ko: String,
}

/// One condition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Rule {
    /// Its name within the policy.
    pub id: String,
    /// `no-ancestry`, `disclosed`, `licence-duties`, `licence-papers`, `free-licences`, `human`.
    pub asks: String,
    /// Kinds of components that it is asked of; absent where of all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub of: Vec<String>,
    /// Kinds of components that it is not asked of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub except: Vec<String>,
    /// Least share of a component that must have been tested for silence to count; absent where any
    /// will do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub least_tested: Option<f64>,
    /// The condition in words.
    pub says: Words,
    /// Where it is from; absent where the policy does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Words>,
    /// `met`, `not-met`, `cannot-tell`.
    pub outcome: String,
    /// Why; those that decide it first.
    pub grounds: Vec<Ground>,
}

/// One thing that speaks for an outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ground {
    /// What it speaks for, as of a rule.
    pub outcome: String,
    /// `shares-ancestry`, `may-share-a-start`, `nothing-found`, `unsettled`, `not-compared`,
    /// `tested-too-little`, `no-such-component`, `disclosed`, `named-only`, `undisclosed`,
    /// `contradicted`, `not-looked`, `nothing-inherited`, `no-licence`, `unknown-licence`,
    /// `duties-met`, `duties-not-met`, `duties-open`, `free-licence`, `limited-licence`,
    /// `needs-a-human`.
    pub why: String,
    /// The component it is of; absent where it is of the whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub component: Option<String>,
    /// The reference it is of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// How many duties, where they are counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duties: Option<u64>,
}
