//! Version 1 of the JSON report: a contract. It grows by addition only.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::tokenizers::TokenizerSection;

mod architecture;
pub(crate) mod audit;
mod by_layer;
mod panel;
mod relation;

pub(crate) use architecture::{Architecture, Combination, ConfigField};
pub(crate) use by_layer::{Chance, LayerGrid, LayerMatch, LayerValues, Section};
pub(crate) use panel::{Kinship, Link};
pub(crate) use relation::{Direction, ExpertMatch, Extent, Origin, ParentShare, RankOf, Relation};

/// Name and version of the contract.
pub const SCHEMA: &str = "jokbo/report/v1";

/// One comparison, whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// Always `jokbo/report/v1`.
    pub schema: String,
    /// What made the report.
    pub tool: Tool,
    /// Family-wise level: the chance that any component of an unrelated pair is called related.
    pub level: f64,
    /// Seed of every random choice.
    pub seed: u64,
    /// What else was asked for that changes the evidence, one `--name` or `--name=value` each:
    /// `--component`, `--sampled`, `--full`, `--max-bytes` (in bytes), `--map` (also from a
    /// `jokbo.toml`), `--parent`, `--base`, `--component-ref`, `--device` (last digits may differ from
    /// those of the processor). Absent when nothing was.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
    /// The checkpoint under question.
    pub suspect: Model,
    /// The checkpoint it was compared with; the first named where there are several.
    pub reference: Model,
    /// One verdict for each component of the suspect: where there are several references, against
    /// the best ancestor among them.
    pub components: Vec<Component>,
    /// Both configurations side by side; absent when either side has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub architecture: Option<Architecture>,
    /// Both tokenizers side by side; absent when either side carries none that was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokenizer: Option<TokenizerSection>,
    /// All references in the order they were named; absent when there is one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Model>,
    /// The same components against the other references, component by component, best ancestor
    /// first; absent when there is one reference.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub further: Vec<Component>,
    /// How the references are related that share ancestry with the same component; absent when no
    /// component has two.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kinships: Vec<Kinship>,
    /// Figures quoted in disputes that prove nothing, each beside its null.
    pub not_probative: Vec<NotProbative>,
    /// Lawful but odd things in either checkpoint, one sentence each.
    pub oddities: Vec<String>,
    /// What has no value here, and why.
    pub not_measured: Vec<NotMeasured>,
    /// What publishers say, and what follows under policies; absent of a comparison alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audit: Option<audit::Audit>,
    /// Bytes read of both checkpoints, headers included.
    #[serde(default)]
    pub cost: Cost,
}

/// Bytes read, of bytes there are.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Cost {
    /// Different bytes that were read, in whole pages.
    pub bytes_read: u64,
    /// Bytes that there are.
    pub bytes_stored: u64,
}

/// How a component was sampled.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Sampling {
    /// Looks at growing samples; each has a share of the level of its own.
    pub looks: u64,
    /// Why there was no further one: `settled`, `exhausted` (nothing was left to draw),
    /// `last-look`, `budget` (it would have cost more bytes than were allowed).
    pub stopped: String,
    /// `effect.cosine` with its interval over the sample; absent when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cosine: Option<Interval>,
    /// `effect.pearson` likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pearson: Option<Interval>,
    /// `effect.relative_l2` likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relative_l2: Option<Interval>,
}

/// What made the report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tool {
    /// Always `jokbo`.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Version of the grading rules.
    pub rules: String,
}

/// One checkpoint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Model {
    /// What the user named.
    pub source: String,
    /// The commit it was read at, of a repository on the Hub; absent for anything else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// How its bytes are laid out.
    pub format: String,
    /// Its weight files.
    pub files: Vec<File>,
    /// Number of elements in all its tensors.
    pub parameters: u64,
    /// Its components.
    pub components: Vec<ModelComponent>,
}

/// One weight file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct File {
    /// Path below the folder that was named.
    pub path: String,
    /// SHA-256 in lower-case hexadecimal. Absent when the file is elsewhere, so that it was not
    /// read whole, and nobody publishes its digest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// `published` when the digest is what the Hub publishes and was not recomputed; absent when
    /// it was computed from the bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// Size in bytes.
    pub bytes: u64,
}

/// One component of one checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ModelComponent {
    /// Its name.
    pub component: String,
    /// Number of elements.
    pub parameters: u64,
    /// Number of layers; 0 when it has none.
    pub layers: u64,
    /// What all its tensor names begin with.
    pub prefix: String,
    /// Placed by structure and shape because no name pattern knew it.
    pub inferred: bool,
}

/// One component of the suspect with its verdict.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Component {
    /// Its name.
    pub component: String,
    /// The reference it was held against; absent when there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Number of elements.
    pub parameters: u64,
    /// Its share of the suspect's parameters, in [0, 1].
    pub share_of_parameters: f64,
    /// `identical`, `derived`, `partly-derived`, `no-evidence`, `inconclusive`, `not-comparable`.
    pub verdict: String,
    /// `checkpoint`, `checkpoint-or-initialisation`, `none-found`.
    pub ancestry: String,
    /// How the weights were changed.
    pub relations: Vec<Relation>,
    /// Which side may have been made from the other, as a lean; absent where nothing says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<Direction>,
    /// Decimal logarithm of p, "at most", after all corrections; null when nothing was tested.
    pub log10_p: Option<f64>,
    /// Why this verdict and not the next, one sentence each.
    pub reasons: Vec<String>,
    /// Every test that gave a p.
    pub tests: Vec<Test>,
    /// Sizes, whatever the verdict.
    pub effect: Effect,
    /// What had to be undone before a test found the relation; absent when nothing had to be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alignment: Option<Alignment>,
    /// Layers and other groups of units, each by itself.
    pub sections: Vec<Section>,
    /// Stored matrices side by side, layer by layer; sizes that prove nothing alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub layer_values: Vec<LayerValues>,
    /// Every layer held against every layer of the reference, one grid for each network.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub layer_grids: Vec<LayerGrid>,
    /// How rows of tokens were lined up, where the tokenizers number them otherwise; absent for what
    /// was compared as it is stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_rows: Option<TokenRows>,
    /// Which layer of the reference each layer came from, where one was found.
    pub layer_map: Vec<LayerMatch>,
    /// What each expert came from, where one side has experts and a test found something.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expert_map: Vec<ExpertMatch>,
    /// How heads of attention answer to each other; absent unless a test of them found something and
    /// they can be told apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heads: Option<HeadMap>,
    /// Tensors that no name places, paired by what they hold; absent when there is none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub found_by_content: Vec<FoundByContent>,
    /// What the tests drew from.
    pub coverage: Coverage,
    /// The smallest effects that would have been found.
    pub power: Power,
    /// Bytes read of the component, in both models.
    #[serde(default)]
    pub cost: Cost,
    /// How it was sampled; absent when everything was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sampling: Option<Sampling>,
}

/// Heads of attention assigned twice, by what they read and by what they write. Nothing was renumbered
/// to get it, so no verdict rests on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HeadMap {
    /// Heads of keys and values in the layers looked at.
    pub heads: u64,
    /// Those that find the same partner both times.
    pub agreeing: u64,
    /// Those of them whose partner carries their own number.
    pub own_number: u64,
}

/// One test that gave a p.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Test {
    /// Its name, as `jokbo explain` knows it.
    pub name: String,
    /// `exact`, `model-based` or `empirical`.
    pub kind: String,
    /// The axes it renumbers were inferred from structure, not known from names.
    pub inferred_axes: bool,
    /// Decimal logarithm of its own p, "at most", not corrected.
    pub log10_p: f64,
    /// Units renumbered (for layer-search: pairs of layers).
    pub n: u64,
    /// Groups renumbered independently.
    pub groups: u64,
    /// z of the sum, or the number of agreeing units.
    pub statistic: f64,
    /// Random renumberings drawn.
    pub draws: u64,
}

/// Sizes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Effect {
    /// Over all paired matrices, as one long vector.
    pub cosine: Option<f64>,
    /// Over all paired matrices, as one long vector.
    pub pearson: Option<f64>,
    /// ||A - B|| / ||B|| over all paired matrices.
    pub relative_l2: Option<f64>,
    /// Mean cosine of units with equal numbers, with a 95 % interval.
    pub aligned_cosine: Option<Interval>,
    /// Share of compared values that are stored alike, formulas left out.
    pub equal_bits_share: Option<f64>,
    /// Share of units whose single mutual best match carries their own number.
    pub units_agreeing_share: Option<f64>,
}

/// What was undone on the rung of the alignment ladder where the relation was found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Alignment {
    /// The rung's test, as `jokbo explain` knows it.
    pub rung: String,
    /// How the residual stream lies to the reference's: `kept`, `permuted`, `signed`,
    /// `permuted and signed`, `rotated`, `of another width`.
    pub residual: String,
    /// How hidden units are numbered: `kept` or `renumbered`.
    pub units: String,
    /// The table whose vectors served as common directions; absent when none was needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anchors: Option<String>,
    /// Share of matched units on which two matchings from separate tensors agree; absent when
    /// units were not matched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreeing_share: Option<f64>,
    /// The largest such share among control pairs of layers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub control_share: Option<f64>,
    /// Mean cosine of units with their partners, with a 95 % interval.
    pub cosine: Option<Interval>,
    /// Layers compared: suspect, reference.
    pub layers: Vec<(u32, u32)>,
}

/// A value with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Interval {
    pub value: f64,
    pub low: f64,
    pub high: f64,
}

/// Two tensors paired by what they hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FoundByContent {
    /// Its name in the suspect.
    pub tensor: String,
    /// Its name in the reference.
    pub reference: String,
    /// The two are stored with their axes in different orders.
    pub reordered: bool,
}

/// What the tests drew from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Coverage {
    /// Parameters of tensors that entered an exact test.
    pub tested_parameters: u64,
    /// Their share of the component, in [0, 1]; null for a component without parameters.
    pub share: Option<f64>,
    /// What did not enter one, and why.
    pub not_tested: Vec<NotTested>,
}

/// A tensor no exact test drew from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NotTested {
    /// Its name.
    pub tensor: String,
    /// Its elements.
    pub parameters: u64,
    /// Why.
    pub why: String,
}

/// The smallest effects that would have been found at the level of the comparison.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Power {
    /// Smallest mean aligned cosine.
    pub aligned_cosine: Option<f64>,
    /// Smallest share of copied units.
    pub units_share: Option<f64>,
    /// The same for relations that were hidden, one for each rung that was tried.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hidden: Vec<HiddenPower>,
}

/// What one rung of the alignment ladder would have found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HiddenPower {
    /// The rung's test, as `jokbo explain` knows it.
    pub rung: String,
    /// Smallest mean cosine of aligned units or coordinates.
    pub aligned_cosine: f64,
}

/// Rows of a table that were lined up by token. Every p of the component pays for the look at the
/// rows as they are stored, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TokenRows {
    /// Tokens of both tokenizers, each with its row.
    pub shared: u64,
    /// Rows of the suspect's table.
    pub suspect: u64,
}

/// A figure that proves nothing, beside what it is between unrelated models.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NotProbative {
    /// What it is.
    pub figure: String,
    /// The component it was seen in.
    pub component: String,
    /// The reference it was seen against; absent when there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Its value here.
    pub value: Option<f64>,
    /// What it is between unrelated models.
    pub null: String,
    /// Why it proves nothing.
    pub why: String,
}

/// Something without a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NotMeasured {
    /// The component it is missing in; empty when it is missing for the checkpoints as wholes.
    pub component: String,
    /// The reference it is missing against; absent when there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// What has no value.
    pub what: String,
    /// Why.
    pub why: String,
}
