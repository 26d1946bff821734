//! Everything measured on two checkpoints: all that grading and reporting may see.

use jokbo_statistics::relation::{Change, Side};

mod by_layer;
mod quoted;

pub use by_layer::{Chance, LayerGrid, LayerMatch, LayerValues, Section};
pub use quoted::{DepthCurve, Norms};

use crate::relation::Estimate;
use crate::{ArchitectureCase, Cost, Sampling, TokenizerCase};

/// One suspect compared with one reference.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// Family-wise level of the whole comparison, such as `1e-6`.
    pub level: f64,
    /// Seed of every random choice.
    pub seed: u64,
    /// Components looked at in all: here, and in other comparisons that share the level. Every one
    /// is paid for, whether it could be tested or not.
    pub looks: usize,
    /// The checkpoint under question.
    pub suspect: Model,
    /// The checkpoint it is compared with.
    pub reference: Model,
    /// One for each component of the suspect, in the order of their names.
    pub exhibits: Vec<Exhibit>,
    /// Lawful but odd things in either checkpoint, one sentence each.
    pub oddities: Vec<String>,
    /// Bytes read of both checkpoints.
    pub cost: Cost,
    /// Both configurations side by side, where both have one.
    pub architecture: Option<ArchitectureCase>,
    /// Both tokenizers side by side, where both carry one.
    pub tokenizer: Option<TokenizerCase>,
    /// What has no value for the checkpoints as wholes, and why.
    pub not_measured: Vec<NotMeasured>,
}

/// One checkpoint, summed up.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// What the user named.
    pub source: String,
    /// The commit it was read at, of a repository on the Hub.
    pub commit: Option<String>,
    /// How its bytes are laid out.
    pub format: String,
    /// Its weight files.
    pub files: Vec<FileDigest>,
    /// Number of elements in all its tensors.
    pub parameters: u64,
    /// Its components.
    pub components: Vec<Component>,
}

/// One file with its digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileDigest {
    /// Path below the folder that was named.
    pub path: String,
    /// SHA-256, lower-case hexadecimal; `None` when the file was not read whole and nobody
    /// publishes it.
    pub sha256: Option<String>,
    /// The digest is what the Hub publishes, and was not recomputed.
    pub published: bool,
    /// Size.
    pub bytes: u64,
}

/// One component of one checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Component {
    /// Its name, as in `jokbo explain component`.
    pub name: String,
    /// Number of elements.
    pub parameters: u64,
    /// Number of layers; 0 when it has none.
    pub layers: u64,
    /// What all its tensor names begin with.
    pub prefix: String,
    /// Placed by structure and shape because no name pattern knew it.
    pub inferred: bool,
}

/// What was measured on one component of the suspect.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Exhibit {
    /// The component.
    pub component: String,
    /// Number of its elements.
    pub parameters: u64,
    /// Its share of the suspect's parameters, in `[0, 1]`.
    pub share: f64,
    /// Exact tests that gave a p.
    pub tests: Vec<Test>,
    /// Stored values side by side; `None` when nothing could be paired.
    pub values: Option<Values>,
    /// What says that all of it stands in the reference, where it does and the reference has more.
    pub contained: Option<Contained>,
    /// How the stored types differ, when they do.
    pub conversion: Option<Conversion>,
    /// How each pair of learned tensors differs; empty unless a test found something.
    pub changes: Vec<TensorChange>,
    /// The mixture of candidate parents that it is, when they were named and one was found.
    pub merge: Option<Merge>,
    /// Size of the finding.
    pub aligned: Option<AlignedCosine>,
    /// Share of units that find their own number, in `[0, 1]`.
    pub agreeing_share: Option<f64>,
    /// What had to be undone before a test found the relation; `None` when nothing had to be.
    pub alignment: Option<Alignment>,
    /// Layers and other groups of units, each by itself.
    pub sections: Vec<Section>,
    /// Stored matrices side by side, layer by layer.
    pub layer_values: Vec<LayerValues>,
    /// Every layer held against every layer of the reference, one grid for each network.
    pub layer_grids: Vec<LayerGrid>,
    /// Which layer of the reference each layer of the suspect came from, where one was found.
    pub layer_map: Vec<LayerMatch>,
    /// How wide both sides are, where each has one width.
    pub widths: Option<Widths>,
    /// What each expert came from, where one side has experts; empty unless a test found something.
    pub expert_map: Vec<ExpertMatch>,
    /// How heads of attention answer to each other, where a test of them found something and they can
    /// be told apart.
    pub heads: Option<HeadMap>,
    /// Layers of the reference outside the map that are one more copy of a layer in it.
    pub layers_answered_again: u64,
    /// Tensors that no name places, found in the reference by what they hold.
    pub found_by_content: Vec<FoundByContent>,
    /// Tensors that were tested against the nearest of their size, because no name says what the
    /// reference's are and none was found by what it holds.
    pub nearest: u64,
    /// How rows of tokens were lined up, where the tokenizers number them otherwise and this exhibit
    /// is of the tables in that order. Every p then pays for both orders.
    pub token_rows: Option<TokenRows>,
    /// Tensors nobody trained.
    pub formulas: Vec<FormulaTensor>,
    /// What the tests drew from.
    pub coverage: Coverage,
    /// What would have been found.
    pub power: Power,
    /// Norm weights side by side: shown, never used.
    pub norms: Option<Norms>,
    /// The spread of weights over depth side by side: shown, never used.
    pub depth_curve: Option<DepthCurve>,
    /// Statistics that have no value here, and why.
    pub not_measured: Vec<NotMeasured>,
    /// Both sides are LoRA adapters, whose first matrix keeps much of its random start.
    pub of_adapters: bool,
    /// Bytes read for it, of the component in both models.
    pub cost: Cost,
    /// How the sample was drawn that all this rests on; `None` when everything was read.
    pub sampling: Option<Sampling>,
}

/// Rows of a table that were lined up by token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenRows {
    /// Tokens of both tokenizers, each with its row.
    pub shared: u64,
    /// Rows of the suspect's table.
    pub suspect: u64,
}

/// Where a p-value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TestKind {
    /// Exact over renumberings; no assumption on the models.
    Exact,
    /// Exact if the axis that structure suggests is exchangeable really is: no name pattern knew
    /// the tensors.
    ExactInferred,
    /// Rests on a model of unrelated weights that is checked in the same run on controls.
    ModelBased,
}

/// What was undone on the rung of the alignment ladder where the relation was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Alignment {
    /// Card id of the rung's test.
    pub rung: &'static str,
    /// How the residual stream lies to the reference's: `kept`, `permuted`, `signed`, `rotated` …
    pub residual: &'static str,
    /// How hidden units are numbered: `kept` or `renumbered`.
    pub units: &'static str,
    /// The table whose vectors served as common directions, when the rung needed one.
    pub anchors: Option<String>,
    /// Share of matched units on which two matchings from separate tensors agree.
    pub agreeing_share: Option<f64>,
    /// The largest such share among controls.
    pub control_share: Option<f64>,
    /// Mean cosine of units with their partners.
    pub cosine: Option<AlignedCosine>,
    /// Layer of the suspect and layer of the reference that were compared.
    pub layers: Vec<(u32, u32)>,
}

/// One test that gave a p.
#[derive(Debug, Clone, PartialEq)]
pub struct Test {
    /// Card id of the test.
    pub name: &'static str,
    /// Where its p comes from.
    pub kind: TestKind,
    /// Decimal logarithm of the p-value: "at most".
    pub log10_p: f64,
    /// Units that were renumbered.
    pub n: u64,
    /// Groups renumbered independently of one another.
    pub groups: u64,
    /// The test's statistic: z of the sum, or the number of agreeing units.
    pub statistic: f64,
    /// Random renumberings drawn; 0 where the p needs none.
    pub draws: u64,
}

/// Stored values of paired tensors side by side, formula tensors left out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Values {
    /// Over all matrices; `None` when undefined.
    pub cosine: Option<f64>,
    /// Over all matrices; `None` when undefined.
    pub pearson: Option<f64>,
    /// `||A - B|| / ||B||` over all matrices; `None` when undefined.
    pub relative_l2: Option<f64>,
    /// Pairs of elements compared.
    pub pairs: u64,
    /// How many hold the same stored value.
    pub equal: u64,
    /// Every element of the suspect's component was paired with one of the reference's and no
    /// element of either was left over (formula tensors included).
    pub complete: bool,
}

/// What a component holds that stands in the reference to the last value: how much learning can be
/// seen in it. Formulas are left out, and tensors whose values repeat as no learned ones do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contained {
    /// Tensors.
    pub tensors: u64,
    /// Different magnitudes in them, counted tensor by tensor.
    pub distinct: u64,
}

/// How the stored types of the two models differ. Which of the two was converted is not said: a
/// copy can have been made either way.
#[derive(Debug, Clone, PartialEq)]
pub struct Conversion {
    /// The type that was rounded; of a change without loss, the reference's.
    pub from: String,
    /// The type it was rounded to; of a change without loss, the suspect's.
    pub to: String,
    /// Share of values that are the other side's rounded to [`Conversion::to`].
    pub rounded_share: f64,
}

/// How one pair of learned tensors differs.
#[derive(Debug, Clone, PartialEq)]
pub struct TensorChange {
    /// The part's name: `language-model layer 3 mlp-up`.
    pub part: String,
    /// Pairs of elements.
    pub parameters: u64,
    /// It has two axes, both longer than 1.
    pub is_matrix: bool,
    /// Rows of the suspect's and of the reference's, where tokens or classes were added or removed.
    pub resized: Option<(u64, u64)>,
    /// Its stored types: the suspect's and the reference's.
    pub types: [String; 2],
    /// Share of compared elements that are equal, once converted.
    pub equal_share: f64,
    /// What happened to it. `None` for what was not looked at closer: vectors.
    pub change: Option<Change>,
}

/// A mixture of several parents.
#[derive(Debug, Clone, PartialEq)]
pub struct Merge {
    /// How they were put together.
    pub method: MergeMethod,
    /// The parents with their coefficients, in the order they were named, the reference first.
    pub parents: Vec<ParentShare>,
    /// What task vectors are counted from.
    pub base: Option<String>,
    /// Where on the great circle from the first parent to the second, in `[0, 1]`.
    pub place: Option<Estimate>,
    /// The parent of each tensor, where every tensor is one parent's.
    pub origins: Vec<Origin>,
    /// Share of the squared distance to the nearest parent that is explained, in `[0, 1]`.
    pub explained: f64,
}

/// How parents were put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MergeMethod {
    /// A sum with one coefficient for each parent.
    Linear,
    /// The base and a sum of the parents' differences from it.
    TaskArithmetic,
    /// A place on the great circle between two parents, tensor by tensor.
    Slerp,
    /// Every tensor from one parent.
    PassThrough,
    /// The base and the parents' larger differences from it, those of one sign.
    Ties,
    /// The base and differences from it of which some were dropped at random.
    Dare,
}

/// A candidate parent with its part in a mixture.
#[derive(Debug, Clone, PartialEq)]
pub struct ParentShare {
    /// What the user named.
    pub source: String,
    /// Its coefficient; for a pass-through merge its share of the elements. For TIES what an entry is
    /// multiplied with where it alone is kept; for DARE that times the share kept.
    pub coefficient: Estimate,
    /// For DARE the share of its entries that were kept.
    pub kept: Option<Estimate>,
}

/// A tensor with the parent it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The part's name.
    pub part: String,
    /// The parent.
    pub parent: String,
}

/// The mean aligned cosine with a 95 % interval over units.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AlignedCosine {
    /// Mean over units, in `[-1, 1]`.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// Heads of attention assigned twice, by what they read and by what they write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeadMap {
    /// Heads (of keys and values) in the layers looked at.
    pub heads: u64,
    /// Those that find the same partner both times.
    pub agreeing: u64,
    /// Those of them whose partner carries their own number.
    pub own: u64,
}

/// Widths of the suspect and of the reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Widths {
    /// Hidden units of a dense layer.
    pub units: (u64, u64),
    /// Residual coordinates.
    pub coordinates: (u64, u64),
}

/// An expert of one side with the network of the other that it holds the units of.
#[derive(Debug, Clone, PartialEq)]
pub struct ExpertMatch {
    /// The side whose expert it is: the suspect where both have experts.
    pub side: Side,
    /// Which of several networks in the component; empty when there is one.
    pub stack: String,
    /// Its layer.
    pub layer: u32,
    /// Its number.
    pub expert: u32,
    /// The layer of the other side.
    pub other_layer: u32,
    /// The other side's expert; `None` for the dense network of the layer.
    pub other_expert: Option<u32>,
    /// Share of the units drawn that are the other's, in `[0, 1]`.
    pub units_share: f64,
    /// Where the other has more units: the numbers of those that were found.
    pub units: Vec<u64>,
}

/// A tensor of the suspect and one of the reference that were paired by what they hold, because
/// the name of at least one of them says nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundByContent {
    /// Its name in the suspect.
    pub tensor: String,
    /// Its name in the reference.
    pub reference: String,
    /// The two are stored with their axes in different orders.
    pub reordered: bool,
}

/// A tensor that is computed, not learned.
#[derive(Debug, Clone, PartialEq)]
pub struct FormulaTensor {
    /// Its name in the suspect.
    pub tensor: String,
    /// Which formula.
    pub formula: &'static str,
    /// Elements.
    pub parameters: u64,
    /// Share of its values that the reference holds too, in `[0, 1]`, when it was paired.
    pub equal_share: Option<f64>,
    /// Cosine with the reference's tensor, when it was paired and the cosine is defined.
    pub cosine: Option<f64>,
}

/// What the tests drew from.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Coverage {
    /// Parameters of tensors that entered an exact test.
    pub tested: u64,
    /// What did not, and why.
    pub not_tested: Vec<Untested>,
}

/// A tensor no exact test drew from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Untested {
    /// Its name.
    pub tensor: String,
    /// Its elements.
    pub parameters: u64,
    /// Why, as one sentence.
    pub why: String,
}

/// The smallest effects that would have been found at the level of the comparison.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Power {
    /// Smallest mean aligned cosine; `None` when no value would have been.
    pub aligned_cosine: Option<f64>,
    /// Smallest share of copied units; `None` when no share would have been.
    pub units_share: Option<f64>,
    /// The same for relations that were hidden, one for each rung that was tried.
    pub hidden: Vec<HiddenPower>,
}

/// What one rung of the alignment ladder would have found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HiddenPower {
    /// Card id of the rung's test.
    pub rung: &'static str,
    /// Smallest mean cosine of aligned units or coordinates.
    pub aligned_cosine: f64,
}

/// A statistic without a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotMeasured {
    /// What has no value.
    pub what: String,
    /// Why, as one sentence.
    pub why: String,
}

/// `part / whole` in `[0, 1]`; `None` when there is no whole.
pub fn share(part: u64, whole: u64) -> Option<f64> {
    use jokbo_statistics::number::float;
    (whole != 0).then(|| float(part) / float(whole))
}
