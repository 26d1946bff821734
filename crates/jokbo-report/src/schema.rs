//! Version 1 of the JSON report: a contract. It grows by addition only.

use jokbo_verdict as v;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::words;

/// Name and version of the contract.
pub const SCHEMA: &str = "jokbo/report/v1";

/// One comparison, whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// Always `jokbo/report/v1`.
    pub schema: String,
    /// What made the report.
    pub tool: Tool,
    /// Family-wise level: the chance that any component of an innocent pair is called.
    pub level: f64,
    /// Seed of every random choice.
    pub seed: u64,
    /// The checkpoint under question.
    pub suspect: Model,
    /// The checkpoint it was compared with.
    pub reference: Model,
    /// One verdict for each component of the suspect.
    pub components: Vec<Component>,
    /// Figures quoted in disputes that prove nothing, each beside its null.
    pub not_probative: Vec<NotProbative>,
    /// Lawful but odd things in either checkpoint, one sentence each.
    pub oddities: Vec<String>,
    /// What has no value here, and why.
    pub not_measured: Vec<NotMeasured>,
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
    /// SHA-256 in lower-case hexadecimal.
    pub sha256: String,
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
    /// Decimal logarithm of p, "at most", after all corrections; null when nothing was tested.
    pub log10_p: Option<f64>,
    /// Why this verdict and not the next, one sentence each.
    pub reasons: Vec<String>,
    /// Every test that gave a p.
    pub tests: Vec<Test>,
    /// Sizes, whatever the verdict.
    pub effect: Effect,
    /// Layers and other groups of units, each by itself.
    pub sections: Vec<Section>,
    /// Which layer of the reference each layer came from, where one was found.
    pub layer_map: Vec<LayerMatch>,
    /// What the tests drew from.
    pub coverage: Coverage,
    /// The smallest effects that would have been found.
    pub power: Power,
}

/// How the weights were changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Relation {
    /// Stored values are the same.
    SameBits {
        /// Share of compared elements, in [0, 1].
        share: f64,
    },
    /// The same values in another stored type.
    Converted {
        /// The type that holds more.
        from: String,
        /// The type they were rounded to.
        to: String,
        /// Whether no bit was lost.
        lossless: bool,
    },
    /// Values differ in a way that is not named.
    Changed {
        /// ||A - B|| / ||B|| over matrices; null when undefined.
        relative_l2: Option<f64>,
    },
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

/// A value with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Interval {
    pub value: f64,
    pub low: f64,
    pub high: f64,
}

/// A group of units by itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Section {
    /// Its name.
    pub section: String,
    /// Its layer, when it is one.
    pub layer: Option<u32>,
    /// Decimal logarithm of its own p, not corrected.
    pub log10_p: f64,
    /// Mean aligned cosine of its units.
    pub aligned_cosine: f64,
    /// Units drawn.
    pub units: u64,
}

/// One entry of the layer map.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LayerMatch {
    /// Which network inside the component; absent when there is one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub stack: String,
    /// The suspect's layer.
    pub suspect: u32,
    /// The reference's layer.
    pub reference: u32,
    /// Decimal logarithm of p, paid for by all pairs looked at.
    pub log10_p: f64,
}

/// What the tests drew from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Coverage {
    /// Parameters of tensors that entered an exact test.
    pub tested_parameters: u64,
    /// Their share of the component, in [0, 1].
    pub share: f64,
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
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Power {
    /// Smallest mean aligned cosine.
    pub aligned_cosine: Option<f64>,
    /// Smallest share of copied units.
    pub units_share: Option<f64>,
}

/// A figure that proves nothing, beside what it is between unrelated models.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NotProbative {
    /// What it is.
    pub figure: String,
    /// The component it was seen in.
    pub component: String,
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
    /// The component it is missing in.
    pub component: String,
    /// What has no value.
    pub what: String,
    /// Why.
    pub why: String,
}

impl Report {
    /// Puts a case and its verdicts into the contract. `version` is that of the program.
    pub fn new(case: &v::Case, verdicts: &[v::Verdict], version: &str) -> Self {
        let pairs = || case.exhibits.iter().zip(verdicts);
        Self {
            schema: SCHEMA.to_owned(),
            tool: Tool {
                name: "jokbo".to_owned(),
                version: version.to_owned(),
                rules: v::RULES.to_owned(),
            },
            level: case.level,
            seed: case.seed,
            suspect: model(&case.suspect),
            reference: model(&case.reference),
            components: pairs().map(|(e, verdict)| component(e, verdict)).collect(),
            not_probative: case.exhibits.iter().flat_map(not_probative).collect(),
            oddities: case.oddities.clone(),
            not_measured: pairs().flat_map(|(e, verdict)| not_measured(e, verdict)).collect(),
        }
    }
}

/// The report as JSON text with a final newline.
pub fn json(report: &impl Serialize) -> String {
    let mut text = serde_json::to_string_pretty(report)
        .expect("the contract holds only strings, numbers and lists, which always serialise");
    text.push('\n');
    text
}

/// The same with every control character in every string shown as an escape: names come from hostile
/// files, and a terminal must not obey them. JSON needs no such help.
pub(crate) fn printable<T: Serialize + for<'a> Deserialize<'a> + Clone>(report: &T) -> T {
    fn walk(value: &mut serde_json::Value) {
        use serde_json::Value;
        match value {
            Value::String(text) if text.chars().any(words::is_unprintable) => {
                *text = words::printable(text);
            }
            Value::Array(items) => items.iter_mut().for_each(walk),
            Value::Object(fields) => fields.values_mut().for_each(walk),
            _ => {}
        }
    }
    let mut value = serde_json::to_value(report)
        .expect("the contract holds only strings, numbers and lists, which always serialise");
    walk(&mut value);
    // Only strings changed, so the shape still fits.
    serde_json::from_value(value).unwrap_or_else(|_| report.clone())
}

/// The JSON Schema of the contract, generated from its types.
pub fn json_schema() -> String {
    json(&schemars::schema_for!(Report))
}

pub(crate) fn model(model: &v::Model) -> Model {
    Model {
        source: model.source.clone(),
        format: model.format.clone(),
        files: model
            .files
            .iter()
            .map(|f| File { path: f.path.clone(), sha256: f.sha256.clone(), bytes: f.bytes })
            .collect(),
        parameters: model.parameters,
        components: model
            .components
            .iter()
            .map(|c| ModelComponent {
                component: c.name.clone(),
                parameters: c.parameters,
                layers: c.layers,
                prefix: c.prefix.clone(),
                inferred: c.inferred,
            })
            .collect(),
    }
}

fn component(e: &v::Exhibit, verdict: &v::Verdict) -> Component {
    let values = e.values;
    Component {
        component: e.component.clone(),
        parameters: e.parameters,
        share_of_parameters: e.share,
        verdict: verdict.grade.word().to_owned(),
        ancestry: verdict.ancestry.word().to_owned(),
        relations: verdict.relations.iter().map(relation).collect(),
        log10_p: verdict.log10_p,
        reasons: verdict.reasons.clone(),
        tests: e.tests.iter().map(test).collect(),
        effect: Effect {
            cosine: values.and_then(|v| v.cosine),
            pearson: values.and_then(|v| v.pearson),
            relative_l2: values.and_then(|v| v.relative_l2),
            aligned_cosine: e.aligned.map(|a| Interval {
                value: a.value,
                low: a.low,
                high: a.high,
            }),
            equal_bits_share: values.and_then(|v| share(v.equal, v.pairs)),
            units_agreeing_share: e.agreeing_share,
        },
        sections: e
            .sections
            .iter()
            .map(|s| Section {
                section: s.name.clone(),
                layer: s.layer,
                log10_p: s.log10_p,
                aligned_cosine: s.aligned_cosine,
                units: s.units,
            })
            .collect(),
        layer_map: e
            .layer_map
            .iter()
            .map(|m| LayerMatch {
                stack: m.stack.clone(),
                suspect: m.suspect,
                reference: m.reference,
                log10_p: m.log10_p,
            })
            .collect(),
        coverage: Coverage {
            tested_parameters: e.coverage.tested,
            share: share(e.coverage.tested, e.parameters).unwrap_or(0.0),
            not_tested: e
                .coverage
                .not_tested
                .iter()
                .map(|u| NotTested {
                    tensor: u.tensor.clone(),
                    parameters: u.parameters,
                    why: u.why.clone(),
                })
                .collect(),
        },
        power: Power { aligned_cosine: e.power.aligned_cosine, units_share: e.power.units_share },
    }
}

fn relation(relation: &v::Relation) -> Relation {
    match relation {
        v::Relation::SameBits { share } => Relation::SameBits { share: *share },
        v::Relation::Converted { from, to, lossless } => {
            Relation::Converted { from: from.clone(), to: to.clone(), lossless: *lossless }
        }
        v::Relation::Changed { relative_l2 } => Relation::Changed { relative_l2: *relative_l2 },
    }
}

fn test(test: &v::Test) -> Test {
    Test {
        name: test.name.to_owned(),
        kind: "exact".to_owned(),
        inferred_axes: test.kind == v::TestKind::ExactInferred,
        log10_p: test.log10_p,
        n: test.n,
        groups: test.groups,
        statistic: test.statistic,
        draws: test.draws,
    }
}

fn share(part: u64, whole: u64) -> Option<f64> {
    v::share(part, whole)
}

fn not_probative(e: &v::Exhibit) -> Vec<NotProbative> {
    let mut out = Vec::new();
    if let Some(norms) = e.norms {
        out.push(NotProbative {
            figure: "cosine of norm weights".to_owned(),
            component: e.component.clone(),
            value: Some(norms.cosine),
            null: words::NORM_COSINE_NULL.to_owned(),
            why: words::norm_cosine_why(norms.pearson, norms.weights),
        });
    }
    // A tensor that is constant in one model and learned in the other misleads nobody.
    let misleading = |f: &&v::FormulaTensor| f.cosine.or(f.equal_share).is_some_and(|x| 0.9 <= x);
    for formula in e.formulas.iter().filter(misleading) {
        out.push(NotProbative {
            figure: format!("cosine of {} ({})", formula.tensor, formula.formula),
            component: e.component.clone(),
            value: formula.cosine.or(formula.equal_share),
            null: words::FORMULA_NULL.to_owned(),
            why: words::formula_why(formula.equal_share),
        });
    }
    out
}

/// Everything that is null in a component, with its reason.
fn not_measured(e: &v::Exhibit, verdict: &v::Verdict) -> Vec<NotMeasured> {
    let mut out: Vec<(String, String)> =
        e.not_measured.iter().map(|n| (n.what.clone(), n.why.clone())).collect();
    let nothing = words::NOTHING_PAIRED;
    let mut missing = |absent: bool, what: &str, why: &str| {
        if absent {
            let why = if e.values.is_none() { nothing } else { why };
            out.push((what.to_owned(), why.to_owned()));
        }
    };
    let values = e.values;
    missing(verdict.log10_p.is_none(), "log10_p", words::NO_TEST);
    missing(values.and_then(|v| v.cosine).is_none(), "effect.cosine", words::NO_MATRIX);
    missing(values.and_then(|v| v.pearson).is_none(), "effect.pearson", words::NO_MATRIX);
    missing(values.and_then(|v| v.relative_l2).is_none(), "effect.relative_l2", words::NO_MATRIX);
    missing(e.aligned.is_none(), "effect.aligned_cosine", words::NO_UNITS);
    missing(values.is_none(), "effect.equal_bits_share", nothing);
    missing(e.agreeing_share.is_none(), "effect.units_agreeing_share", words::NO_UNITS);
    missing(e.power.aligned_cosine.is_none(), "power.aligned_cosine", words::NO_POWER);
    missing(e.power.units_share.is_none(), "power.units_share", words::NO_POWER);
    out.into_iter()
        .map(|(what, why)| NotMeasured { component: e.component.clone(), what, why })
        .collect()
}
