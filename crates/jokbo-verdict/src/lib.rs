//! Outcomes graded into a verdict per component.
//!
//! A [`Case`] holds everything that was measured on two checkpoints and nothing that was not;
//! [`grade()`] turns it into one [`Verdict`] per component by the rules of [`rules`]. Weights, names
//! of files and the clock play no part here, so a stored case can be graded again.

mod architecture;
pub mod card;
mod case;
mod family;
mod grade;
mod inspection;
mod panel;
mod reading;
mod relation;
pub mod rules;
mod sampling;
mod tokenizer;

pub use architecture::{ArchitectureCase, Combination, ConfigField};
pub use case::{
    AlignedCosine, Alignment, Case, Chance, Component, Contained, Conversion, Coverage, DepthCurve,
    Exhibit, ExpertMatch, FileDigest, FormulaTensor, FoundByContent, HeadMap, HiddenPower,
    LayerGrid, LayerMatch, LayerValues, Merge, MergeMethod, Model, Norms, NotMeasured, Origin,
    ParentShare, Power, Section, TensorChange, Test, TestKind, TokenRows, Untested, Values, Widths,
    share,
};
pub use family::{
    Cluster, FAMILY_TESTS, Family, FamilyComponent, FamilyMixture, FamilyPair, FamilyTree, Member,
    SLACK, TreeLink, family_looks, grade_family,
};
pub use grade::{Ancestry, Grade, Verdict, grade};
pub use inspection::{Inspection, TensorInfo};
pub use jokbo_statistics::relation::Side;
pub use jokbo_statistics::relation::mask::Pattern;
pub use jokbo_statistics::relation::scale::Per;
pub use jokbo_statistics::vocabulary::{Merges, Overlap};
pub use panel::{Between, Kinship, Link, Panel, PanelVerdicts, Standing, grade_panel, panel_looks};
pub use reading::{PlannedBytes, PlannedPart, ReadingPlan};
pub use relation::{Direction, Estimate, Extent, RankOf, Relation};
pub use sampling::{Cost, Interval, Sampling, Stopped};
pub use tokenizer::{
    LEAST_SHARED, Marks, NOT_FETCHED, RELATED_NEIGHBOURS, Script, TokenizerCase, TokenizerInfo,
    TokenizerRelation, tokenizer_relation,
};

/// Version of the grading rules. It changes whenever the same case can get another verdict, and
/// CHANGELOG.md says which under "Verdicts that change".
pub const RULES: &str = "2";
