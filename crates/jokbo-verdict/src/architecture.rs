//! Two configurations side by side. Architecture is a choice that anybody can make: nothing here
//! ever raises a verdict on weights.

/// What two configurations say of how their networks are built.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ArchitectureCase {
    /// Every field that either gives: those that differ first, then those that one side gives.
    pub fields: Vec<ConfigField>,
    /// How common the sizes are that both share, one for each network that has all of them.
    pub combinations: Vec<Combination>,
}

/// One field of both configurations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigField {
    /// The sub-configuration: empty for that of the language model or of the whole.
    pub section: String,
    /// The group it belongs to.
    pub group: &'static str,
    /// What it is called, whatever the file calls it.
    pub name: String,
    /// The suspect's value, shortened; `None` when it gives none.
    pub suspect: Option<String>,
    /// The reference's.
    pub reference: Option<String>,
    /// Whether both give the same value.
    pub same: bool,
}

/// How common the sizes are that two networks share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Combination {
    /// The sub-configuration, as in [`ConfigField::section`].
    pub section: String,
    /// `language`, `vision` or `audio`.
    pub kind: &'static str,
    /// Known configurations of that kind.
    pub known: u64,
    /// Those with the same hidden size, layers, attention heads and width of the MLP.
    pub alike: Vec<String>,
}
