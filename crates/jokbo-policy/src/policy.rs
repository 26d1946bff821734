//! A policy: rules in a file, with their sources, versioned.

use serde::Deserialize;

/// The policies that are shipped, by their ids.
const SHIPPED: [&str; 4] = [
    include_str!("../data/policies/from-scratch.toml"),
    include_str!("../data/policies/core-from-scratch.toml"),
    include_str!("../data/policies/disclosed.toml"),
    include_str!("../data/policies/national-programme-2026.toml"),
];

/// Rules that a model is held against.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Policy {
    /// What it is called on the command line.
    pub id: String,
    /// Its version: a changed rule is another version.
    pub version: String,
    /// Its name.
    pub title: Words,
    /// What it is for, and where it is from.
    pub about: Words,
    /// Its rules.
    #[serde(rename = "rule")]
    pub rules: Vec<Rule>,
}

/// A text in both languages of the reports.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// English.
    pub en: String,
    /// Korean; English where a policy has none.
    #[serde(default)]
    pub ko: Option<String>,
}

/// One condition.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Rule {
    /// Its name within the policy.
    pub id: String,
    /// What is asked.
    pub asks: Asks,
    /// Kinds of components it is asked of; all of them when empty.
    #[serde(default)]
    pub of: Vec<String>,
    /// Kinds of components it is not asked of.
    #[serde(default)]
    pub except: Vec<String>,
    /// Least share of a component that must have been tested for silence to count, in `[0, 1]`.
    #[serde(default)]
    pub least_tested: f64,
    /// The condition in words.
    pub says: Words,
    /// Where it is from.
    #[serde(default)]
    pub source: Option<Words>,
}

/// What a rule asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Asks {
    /// No ancestry shared with any reference.
    NoAncestry,
    /// Whatever was found is declared on the card or in a notice.
    Disclosed,
    /// Every duty that the licences of ancestors hand on is met.
    LicenceDuties,
    /// The licence of every ancestor is known, and what it asks to lie beside the weights lies there.
    /// What only people can see is listed, and decides nothing.
    LicencePapers,
    /// No licence of an ancestor limits who may use it, how many, or what for.
    FreeLicences,
    /// Nothing weights can answer.
    Human,
}

impl Asks {
    /// The word used in policies and reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::NoAncestry => "no-ancestry",
            Self::Disclosed => "disclosed",
            Self::LicenceDuties => "licence-duties",
            Self::LicencePapers => "licence-papers",
            Self::FreeLicences => "free-licences",
            Self::Human => "human",
        }
    }
}

/// Why a policy is none.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Broken {
    /// It is too long.
    #[error("the policy has {has} bytes, and the limit is {limit}", limit = Policy::LIMIT)]
    TooLong {
        /// Its length.
        has: usize,
    },
    /// It is not as policies are written.
    #[error("the policy is not read: {0}")]
    NotRead(String),
    /// It has no rule.
    #[error("the policy has no rule")]
    NoRule,
    /// Two rules have one id.
    #[error("the policy has two rules called `{0}`")]
    Twice(String),
    /// A share is none.
    #[error("rule `{rule}`: least-tested is {got}, and a share lies between 0 and 1")]
    NoShare {
        /// The rule.
        rule: String,
        /// What was written.
        got: f64,
    },
}

impl Policy {
    /// Longest policy that is read, in bytes.
    pub const LIMIT: usize = 1 << 20;

    /// The policy in `text`, in TOML as `docs/policies.md` says.
    ///
    /// # Errors
    ///
    /// Where it is none, with the line.
    pub fn parse(text: &str) -> Result<Self, Broken> {
        if Self::LIMIT < text.len() {
            return Err(Broken::TooLong { has: text.len() });
        }
        let policy: Self = toml::from_str(text).map_err(|error| {
            let line = error.span().map(|span| text[..span.start].lines().count().max(1));
            let line = line.map_or(String::new(), |line| format!("line {line}: "));
            Broken::NotRead(format!("{line}{}", error.message()))
        })?;
        if policy.rules.is_empty() {
            return Err(Broken::NoRule);
        }
        for (k, rule) in policy.rules.iter().enumerate() {
            if policy.rules[..k].iter().any(|other| other.id == rule.id) {
                return Err(Broken::Twice(rule.id.clone()));
            }
            if !(0.0..=1.0).contains(&rule.least_tested) {
                return Err(Broken::NoShare { rule: rule.id.clone(), got: rule.least_tested });
            }
        }
        Ok(policy)
    }
}

impl Rule {
    /// Whether it is asked of components of this kind.
    pub(crate) fn is_asked_of(&self, kind: &str) -> bool {
        let among = |kinds: &[String]| kinds.iter().any(|named| named == kind);
        (self.of.is_empty() || among(&self.of)) && !among(&self.except)
    }
}

/// The shipped policy called `id`, with its text.
pub fn shipped(id: &str) -> Option<(Policy, &'static str)> {
    all().find(|(policy, _)| policy.id == id)
}

/// What the shipped policies are called.
pub fn shipped_names() -> Vec<String> {
    all().map(|(policy, _)| policy.id).collect()
}

fn all() -> impl Iterator<Item = (Policy, &'static str)> {
    SHIPPED.into_iter().map(|text| {
        let policy = Policy::parse(text);
        (policy.expect("shipped policies are part of the program, and a test reads them"), text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_policy_is_said_in_both_languages() {
        let names = shipped_names();
        assert_eq!(
            names,
            ["from-scratch", "core-from-scratch", "disclosed", "national-programme-2026"]
        );
        for name in names {
            let (policy, _) = shipped(&name).unwrap();
            let texts = policy.rules.iter().map(|rule| &rule.says);
            for words in texts.chain([&policy.title, &policy.about]) {
                assert!(words.ko.is_some(), "{name}: {}", words.en);
            }
        }
    }

    #[test]
    fn a_broken_policy_says_where() {
        #[track_caller]
        fn fails(text: &str, want: &str) {
            assert_eq!(Policy::parse(text).unwrap_err().to_string(), want);
        }
        let head = "id = \"a\"\nversion = \"1\"\ntitle.en = \"A\"\nabout.en = \"B\"\n";
        let rule = "[[rule]]\nid = \"x\"\nasks = \"human\"\nsays.en = \"C\"\n";
        assert!(Policy::parse(&format!("{head}{rule}")).is_ok());
        fails(&format!("{head}{rule}{rule}"), "the policy has two rules called `x`");
        fails(&format!("{head}rule = []"), "the policy has no rule");
        let odd = "least-tested = 2.0\n";
        fails(
            &format!("{head}{rule}{odd}"),
            "rule `x`: least-tested is 2, and a share lies between 0 and 1",
        );
        let unknown = format!("{head}{}", rule.replace("human", "magic"));
        let error = Policy::parse(&unknown).unwrap_err().to_string();
        assert!(
            error.starts_with("the policy is not read: line 7: unknown variant `magic`"),
            "{error}"
        );
        fails(
            &" ".repeat(Policy::LIMIT + 1),
            "the policy has 1048577 bytes, and the limit is 1048576",
        );
    }
}
