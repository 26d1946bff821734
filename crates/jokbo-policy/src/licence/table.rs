//! The table of licences, from `data/licences.toml`.

use std::sync::LazyLock;

use serde::Deserialize;

/// A licence that models are published under.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Licence {
    /// What model cards call it.
    pub id: String,
    /// All spellings met, in lower case.
    pub names: Vec<String>,
    /// Its title.
    pub title: String,
    /// Its SPDX identifier; empty where it has none.
    pub spdx: String,
    /// Where its text is published.
    pub source: String,
    /// The date of its version; empty where it prints none.
    pub dated: String,
    /// `text` where clauses were read in the text itself, `known` where they were not.
    pub read: String,
    /// What it asks of those who pass on what was made from the model.
    #[serde(default, rename = "duty")]
    pub duties: Vec<Duty>,
}

/// One thing that a licence asks.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Duty {
    /// What sort of thing.
    pub kind: DutyKind,
    /// Where in the licence; empty where the clause has no number.
    pub clause: String,
    /// Texts of which one must be shown.
    #[serde(default)]
    pub text: Vec<String>,
    /// How the name of the derived model must begin.
    #[serde(default)]
    pub begins: Vec<String>,
    /// The duty in plain English.
    pub says: String,
    /// The same in Korean.
    pub ko: String,
}

/// What sort of thing is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DutyKind {
    /// The text of the licence goes along.
    LicenceCopy,
    /// A notice goes along.
    Notice,
    /// The ancestor is named where users see it.
    Naming,
    /// The name of what is derived says it.
    DerivativeNaming,
    /// What is derived is under the same licence.
    ShareAlike,
    /// No commercial use.
    NonCommercial,
    /// Another licence above so many users.
    UserThreshold,
    /// Uses that are forbidden, and must be to those who receive it.
    UseRestrictions,
    /// Changes are marked.
    StateChanges,
    /// Outputs or weights may not train other models.
    NoTrainingOfOthers,
    /// Nothing may be made from it.
    NoDerivatives,
}

impl DutyKind {
    /// The word used in the table and in reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::LicenceCopy => "licence-copy",
            Self::Notice => "notice",
            Self::Naming => "naming",
            Self::DerivativeNaming => "derivative-naming",
            Self::ShareAlike => "share-alike",
            Self::NonCommercial => "non-commercial",
            Self::UserThreshold => "user-threshold",
            Self::UseRestrictions => "use-restrictions",
            Self::StateChanges => "state-changes",
            Self::NoTrainingOfOthers => "no-training-of-others",
            Self::NoDerivatives => "no-derivatives",
        }
    }

    /// Whether it limits who may use what is derived, how many, or what for.
    pub(crate) fn limits_use(self) -> bool {
        matches!(
            self,
            Self::NonCommercial
                | Self::UserThreshold
                | Self::UseRestrictions
                | Self::NoTrainingOfOthers
                | Self::NoDerivatives
        )
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[serde(rename = "licence")]
    licences: Vec<Licence>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    toml::from_str(include_str!("../../data/licences.toml"))
        .expect("the table is part of the program, and a test reads it")
});

/// The licence that a model card calls `name`, without regard to case, space or underscores.
pub fn licence(name: &str) -> Option<&'static Licence> {
    let plain = |name: &str| name.trim().to_lowercase().replace([' ', '_'], "-");
    let wanted = plain(name);
    let is_it = |licence: &&Licence| licence.names.iter().any(|name| plain(name) == wanted);
    TABLE.licences.iter().find(is_it)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_whole() {
        let mut names: Vec<&String> = Vec::new();
        for licence in &TABLE.licences {
            assert!(licence.names.contains(&licence.id), "{}", licence.id);
            assert!(licence.source.starts_with("https://"), "{}", licence.id);
            assert!(["text", "known"].contains(&licence.read.as_str()), "{}", licence.id);
            if !licence.spdx.is_empty() {
                assert!(spdx::license_id(&licence.spdx).is_some(), "{}", licence.spdx);
            }
            for name in &licence.names {
                assert_eq!(*name, name.to_lowercase());
                assert!(!names.contains(&name), "{name} is two licences");
                names.push(name);
            }
            for duty in &licence.duties {
                assert!(!duty.says.is_empty() && !duty.ko.is_empty(), "{}", licence.id);
                let naming = duty.kind == DutyKind::DerivativeNaming;
                assert_eq!(naming, !duty.begins.is_empty(), "{}: {}", licence.id, duty.says);
            }
        }
        assert!(20 <= TABLE.licences.len());
    }

    #[test]
    fn every_licence_that_is_known_by_its_text_is_in_the_table() {
        for id in jokbo_claims::known_texts() {
            assert!(licence(id).is_some(), "{id}");
        }
    }

    #[test]
    fn spellings_are_one_licence() {
        assert_eq!(licence("Apache-2.0").unwrap().id, "apache-2.0");
        assert_eq!(licence("llama3.1").unwrap().id, "llama3.1");
        assert!(licence("my-own").is_none());
    }
}
