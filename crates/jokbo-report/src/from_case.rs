//! A case and its verdicts put into the contract, figure by figure.

use jokbo_verdict as v;

use crate::schema::{
    Alignment, Architecture, Component, Cost, Coverage, Effect, File, FoundByContent, HeadMap,
    HiddenPower, Interval, Model, ModelComponent, NotMeasured, NotProbative, NotTested, Power,
    Report, SCHEMA, Sampling, Test, TokenRows, Tool,
};
use crate::tokenizers::TokenizerSection;
use crate::words;

mod audit;
mod by_layer;
mod panel;
mod relation;

pub use audit::is_policy;

impl Report {
    /// Puts a case and its verdicts into the contract. `version` is that of the program.
    pub fn new(case: &v::Case, verdicts: &[v::Verdict], version: &str) -> Self {
        let pairs = || case.exhibits.iter().zip(verdicts);
        Self {
            schema: SCHEMA.to_owned(),
            tool: Tool::of(version),
            level: case.level,
            seed: case.seed,
            options: Vec::new(),
            suspect: Model::from(&case.suspect),
            reference: Model::from(&case.reference),
            components: pairs().map(|(e, verdict)| component(e, verdict)).collect(),
            architecture: case.architecture.as_ref().map(Architecture::from),
            tokenizer: case.tokenizer.as_ref().map(TokenizerSection::from),
            references: Vec::new(),
            further: Vec::new(),
            kinships: Vec::new(),
            not_probative: case.exhibits.iter().flat_map(not_probative).collect(),
            oddities: case.oddities.clone(),
            not_measured: of_wholes(case)
                .chain(pairs().flat_map(|(e, verdict)| not_measured(e, verdict)))
                .collect(),
            audit: None,
            cost: cost(case.cost),
        }
    }
}

impl Tool {
    /// This program, which has `version`.
    pub fn of(version: &str) -> Self {
        Self { name: "jokbo".to_owned(), version: version.to_owned(), rules: v::RULES.to_owned() }
    }
}

fn cost(cost: v::Cost) -> Cost {
    Cost { bytes_read: cost.read, bytes_stored: cost.stored }
}

fn of_wholes(case: &v::Case) -> impl Iterator<Item = NotMeasured> {
    case.not_measured.iter().map(|n| NotMeasured {
        component: String::new(),
        reference: None,
        what: n.what.clone(),
        why: n.why.clone(),
    })
}

impl From<&v::Model> for Model {
    fn from(model: &v::Model) -> Self {
        Self {
            source: model.source.clone(),
            commit: model.commit.clone(),
            format: model.format.clone(),
            files: model
                .files
                .iter()
                .map(|f| File {
                    path: f.path.clone(),
                    sha256: f.sha256.clone(),
                    digest: f.published.then(|| "published".to_owned()),
                    bytes: f.bytes,
                })
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
}

fn component(e: &v::Exhibit, verdict: &v::Verdict) -> Component {
    let values = e.values;
    Component {
        component: e.component.clone(),
        reference: None,
        parameters: e.parameters,
        share_of_parameters: e.share,
        verdict: verdict.grade.word().to_owned(),
        ancestry: verdict.ancestry.word().to_owned(),
        relations: verdict.relations.iter().map(relation::relation).collect(),
        direction: verdict.direction.as_ref().map(relation::direction),
        log10_p: verdict.log10_p,
        reasons: verdict.reasons.clone(),
        tests: e.tests.iter().map(test).collect(),
        effect: Effect {
            cosine: values.and_then(|v| v.cosine),
            pearson: values.and_then(|v| v.pearson),
            relative_l2: values.and_then(|v| v.relative_l2),
            aligned_cosine: e.aligned.map(interval),
            equal_bits_share: values.and_then(|v| share(v.equal, v.pairs)),
            units_agreeing_share: e.agreeing_share,
        },
        alignment: e.alignment.as_ref().map(alignment),
        sections: e.sections.iter().map(by_layer::section).collect(),
        layer_values: e.layer_values.iter().map(by_layer::values).collect(),
        layer_grids: e.layer_grids.iter().map(by_layer::grid).collect(),
        token_rows: e
            .token_rows
            .map(|rows| TokenRows { shared: rows.shared, suspect: rows.suspect }),
        layer_map: e.layer_map.iter().map(by_layer::entry).collect(),
        expert_map: e.expert_map.iter().map(relation::expert).collect(),
        heads: e.heads.map(|h| HeadMap { heads: h.heads, agreeing: h.agreeing, own_number: h.own }),
        found_by_content: e
            .found_by_content
            .iter()
            .map(|f| FoundByContent {
                tensor: f.tensor.clone(),
                reference: f.reference.clone(),
                reordered: f.reordered,
            })
            .collect(),
        coverage: Coverage {
            tested_parameters: e.coverage.tested,
            share: share(e.coverage.tested, e.parameters),
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
        power: Power {
            aligned_cosine: e.power.aligned_cosine,
            units_share: e.power.units_share,
            hidden: e
                .power
                .hidden
                .iter()
                .map(|h| HiddenPower { rung: h.rung.to_owned(), aligned_cosine: h.aligned_cosine })
                .collect(),
        },
        cost: cost(e.cost),
        sampling: e.sampling.as_ref().map(|s| sampling(s, values)),
    }
}

/// The intervals of a sample around the values they belong to.
fn sampling(sampling: &v::Sampling, values: Option<v::Values>) -> Sampling {
    let around = |value: Option<f64>, interval: Option<v::Interval>| {
        let (value, v::Interval { low, high }) = (value?, interval?);
        Some(Interval { value, low, high })
    };
    Sampling {
        looks: sampling.looks,
        stopped: sampling.stopped.word().to_owned(),
        cosine: around(values.and_then(|v| v.cosine), sampling.cosine),
        pearson: around(values.and_then(|v| v.pearson), sampling.pearson),
        relative_l2: around(values.and_then(|v| v.relative_l2), sampling.relative_l2),
    }
}

fn interval(a: v::AlignedCosine) -> Interval {
    Interval { value: a.value, low: a.low, high: a.high }
}

fn alignment(a: &v::Alignment) -> Alignment {
    Alignment {
        rung: a.rung.to_owned(),
        residual: a.residual.to_owned(),
        units: a.units.to_owned(),
        anchors: a.anchors.clone(),
        agreeing_share: a.agreeing_share,
        control_share: a.control_share,
        cosine: a.cosine.map(interval),
        layers: a.layers.clone(),
    }
}

fn test(test: &v::Test) -> Test {
    Test {
        name: test.name.to_owned(),
        kind: match test.kind {
            v::TestKind::Exact | v::TestKind::ExactInferred => "exact",
            v::TestKind::ModelBased => "model-based",
        }
        .to_owned(),
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
            reference: None,
            value: Some(norms.cosine),
            null: words::NORM_COSINE_NULL.to_owned(),
            why: words::norm_cosine_why(norms.pearson, norms.weights),
        });
    }
    if let Some(curve) = &e.depth_curve {
        out.push(NotProbative {
            figure: format!("correlation over depth of the spread of {}", curve.role),
            component: e.component.clone(),
            reference: None,
            value: Some(curve.pearson),
            null: words::DEPTH_CURVE_NULL.to_owned(),
            why: words::depth_curve_why(curve.layers),
        });
    }
    // A tensor that is constant in one model and learned in the other misleads nobody.
    let misleading = |f: &&v::FormulaTensor| f.cosine.or(f.equal_share).is_some_and(|x| 0.9 <= x);
    for formula in e.formulas.iter().filter(misleading) {
        out.push(NotProbative {
            figure: format!("cosine of {} ({})", formula.tensor, formula.formula),
            component: e.component.clone(),
            reference: None,
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
    if e.parameters == 0 {
        out.push(("coverage.share".to_owned(), words::NO_PARAMETERS.to_owned()));
    }
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
        .map(|(what, why)| NotMeasured {
            component: e.component.clone(),
            reference: None,
            what,
            why,
        })
        .collect()
}
