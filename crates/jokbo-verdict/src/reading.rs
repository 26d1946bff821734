//! What a command would read, known before it reads a weight.

/// Bytes that a command would read, part by part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadingPlan {
    /// What the user named: one checkpoint, or the suspect and the reference.
    pub sources: Vec<String>,
    /// Only a sample would be read.
    pub sampled: bool,
    /// The components, then what belongs to none.
    pub parts: Vec<PlannedPart>,
    /// What would be read in all.
    pub total: PlannedBytes,
}

/// One part of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedPart {
    /// A component's name, or what else would be read.
    pub what: String,
    /// Whether it is a component.
    pub is_component: bool,
    /// Its bytes.
    pub bytes: PlannedBytes,
}

/// Different bytes, in whole pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PlannedBytes {
    /// Read if the first look settles the verdict; all that is read when there is but one look.
    pub least: u64,
    /// Read if every look is needed.
    pub most: u64,
    /// There are.
    pub stored: u64,
}
