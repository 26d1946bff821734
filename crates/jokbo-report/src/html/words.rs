//! What a language must be able to say: a page has no words but these.

use crate::schema::audit::{Disclosure, Duty, Ground, Words as Both};
use crate::schema::{
    Alignment, Architecture, Component, Direction, ExpertMatch, FoundByContent, HeadMap, Kinship,
    LayerMatch, Relation, Report, TokenRows,
};
use crate::tokenizers::TokenizerSection;

/// A sentence of the report in the language of the page, or as it is where nobody has put it into
/// that language: a page marks it then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Said {
    Own(String),
    English(String),
}

/// One language.
pub(crate) trait Words {
    /// Its tag, as HTML wants it.
    fn tag(&self) -> &'static str;
    fn label(&self, label: Label) -> &'static str;
    /// Title of the page.
    fn title(&self, suspect: &str, reference: &str) -> String;
    /// Name of a component: `vision-encoder:discrete`.
    fn component(&self, name: &str) -> String;
    /// Name of a layer or another group of units.
    fn section(&self, name: &str) -> String;
    /// Name of a test.
    fn test(&self, name: &str) -> String;
    /// Kind of a test: `exact`.
    fn kind(&self, kind: &str) -> &'static str;
    /// Word of a verdict.
    fn verdict(&self, verdict: &str) -> &'static str;
    /// What a verdict says, in one sentence.
    fn headline(&self, component: &Component, reference: &str) -> String;
    fn ancestry(&self, ancestry: &str) -> Option<&'static str>;
    /// A sentence that the report holds in English.
    fn prose(&self, text: &str) -> Said;
    fn relation(&self, relation: &Relation) -> String;
    fn direction(&self, direction: &Direction) -> String;
    fn alignment(&self, alignment: &Alignment) -> String;
    fn power(&self, component: &Component) -> String;
    fn p(&self, log10_p: Option<f64>) -> String;
    fn parameters(&self, n: u64) -> String;
    fn layers(&self, n: u64) -> String;
    fn units(&self, n: u64) -> String;
    fn and_more(&self, n: usize) -> String;
    fn heads(&self, heads: HeadMap) -> String;
    fn token_rows(&self, rows: &TokenRows) -> String;
    fn layer_map(&self, map: &[LayerMatch]) -> Option<String>;
    fn expert_map(&self, map: &[ExpertMatch]) -> Option<String>;
    fn found_by_content(&self, found: &[FoundByContent]) -> Option<String>;
    fn sampled(&self, component: &Component) -> Option<String>;
    fn cost(&self, report: &Report) -> String;
    fn kinship(&self, kinship: &Kinship, suspect: &str) -> Vec<String>;
    fn architecture(&self, architecture: &Architecture) -> String;
    fn tokenizer(&self, section: &TokenizerSection) -> String;
    /// What the norm-cosine trap is.
    fn trap(&self) -> &'static str;
    /// What every page ends with.
    fn closing(&self) -> &'static str;
    /// Subject of a claim.
    fn subject(&self, subject: &str) -> &'static str;
    /// File and line of a claim.
    fn place(&self, file: &str, line: Option<u64>) -> String;
    /// Word of the status of a disclosure.
    fn status(&self, status: &str) -> &'static str;
    fn disclosure(&self, row: &Disclosure) -> String;
    /// Word of the outcome of a rule, or of how a duty stands.
    fn outcome(&self, outcome: &str) -> &'static str;
    fn ground(&self, ground: &Ground) -> String;
    fn duty<'a>(&self, duty: &'a Duty) -> &'a str;
    /// A text that the report holds in both languages.
    fn both<'a>(&self, text: &'a Both) -> &'a str;
}

/// A short text that says what something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Label {
    SkipToVerdicts,
    Contents,
    Suspect,
    Reference,
    References,
    Verdicts,
    Diagram,
    DiagramLegend,
    LeadsTo,
    NotCompared,
    NoComponent,
    Component,
    ShareOfModel,
    Parameters,
    CorrectedP,
    P,
    AlignedCosine,
    Cosine,
    Pearson,
    RelativeL2,
    EqualBits,
    UnitsAgreeing,
    Tested,
    Figures,
    Figure,
    Value,
    Why,
    Ancestry,
    Relation,
    Direction,
    Alignment,
    LayerMap,
    ExpertMap,
    Heads,
    FoundByContent,
    Power,
    HeatMap,
    HeatMapNote,
    AllUnits,
    Section,
    Units,
    NumbersOfHeatMap,
    Curve,
    Band,
    Agreement,
    AgreementNote,
    Pairs,
    PairsNote,
    PairSays,
    Layer,
    SuspectLayer,
    ReferenceLayer,
    Tests,
    Test,
    Kind,
    InferredAxes,
    Groups,
    Statistic,
    Draws,
    NotTested,
    NothingLeftOut,
    Tensors,
    NotMeasured,
    What,
    OtherReferences,
    Kinships,
    NotProbative,
    Null,
    Architecture,
    Tokenizers,
    AuditTitle,
    Policies,
    PoliciesSideBySide,
    WholeModel,
    Outcome,
    Version,
    Rules,
    Source,
    Disclosures,
    NothingToDisclose,
    NotGiven,
    Claims,
    NothingSaid,
    NotLooked,
    Subject,
    Place,
    Quotation,
    Licences,
    NoLegalAdvice,
    Duty,
    Clause,
    Standing,
    NoLicenceNamed,
    LicenceUnknown,
    LicenceWithoutDuties,
    Method,
    Program,
    RulesVersion,
    Level,
    Seed,
    Schema,
    Redo,
    Files,
    File,
    Bytes,
    Digest,
    Published,
    NoDigest,
    Oddities,
    Commit,
}
