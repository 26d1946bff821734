//! A case with one exhibit for every verdict, and the verdicts on it.

use jokbo_report::Report;
use jokbo_verdict::{
    AlignedCosine, Ancestry, ArchitectureCase, Case, Chance, Combination, Component, ConfigField,
    Cost, Coverage, Exhibit, FileDigest, FormulaTensor, Grade, LayerGrid, LayerMatch, LayerValues,
    Marks, Model, Norms, NotMeasured, Overlap, Power, Relation, Section, Test, TestKind,
    TokenizerCase, TokenizerInfo, Untested, Values, Verdict,
};

/// The report on [`case`].
pub(crate) fn report() -> Report {
    let (case, verdicts) = case();
    Report::new(&case, &verdicts, "9.9.9")
}

/// Six components, six verdicts.
pub(crate) fn case() -> (Case, Vec<Verdict>) {
    let (exhibits, verdicts): (Vec<Exhibit>, Vec<Verdict>) =
        [identical(), derived(), partly(), clean(), unsettled(), strange()].into_iter().unzip();
    let components = exhibits.iter().map(|e| Component {
        name: e.component.clone(),
        parameters: e.parameters,
        layers: if e.component == "language-model" { 9 } else { 0 },
        prefix: format!("model.{}.", e.component.replace('-', "_")),
        inferred: e.component.starts_with("other:"),
    });
    let suspect = model("newcomer-12b", components.collect(), 2);
    let case = Case {
        level: 1e-6,
        seed: 7,
        looks: exhibits.len(),
        suspect,
        reference: model("elder-8b", Vec::new(), 1),
        exhibits,
        oddities: vec!["suspect: model-1.safetensors: the header begins with white space".into()],
        cost: Cost { read: 7_654_321, stored: 7_654_321 },
        architecture: Some(architecture()),
        tokenizer: Some(tokenizer()),
        not_measured: Vec::new(),
    };
    (case, verdicts)
}

/// Two configurations that agree in a common combination of sizes and in little else.
fn architecture() -> ArchitectureCase {
    let field = |group, name: &str, suspect: &str, reference: &str| ConfigField {
        section: String::new(),
        group,
        name: name.into(),
        suspect: (!suspect.is_empty()).then(|| suspect.into()),
        reference: (!reference.is_empty()).then(|| reference.into()),
        same: suspect == reference,
    };
    let depth =
        ConfigField { section: "vision".into(), ..field("size", "num_hidden_layers", "27", "32") };
    ArchitectureCase {
        fields: vec![
            field("model", "model_type", "newcomer", "elder"),
            field("positions", "rope_theta", "50000000", "10000"),
            depth,
            field("norm", "use_post_norm", "true", ""),
            field("size", "hidden_size", "4096", "4096"),
        ],
        combinations: vec![Combination {
            section: String::new(),
            kind: "language",
            known: 127,
            alike: vec!["a/b".into(), "c/d".into()],
        }],
    }
}

/// A vocabulary that was extended by 64 tokens.
fn tokenizer() -> TokenizerCase {
    let info = |source: &str, tokens| TokenizerInfo {
        source: source.into(),
        file: "tokenizer.json".into(),
        format: "tokenizer.json".into(),
        notation: "byte-level".into(),
        tokens,
        special: 3,
        merges: 0,
    };
    let overlap = Overlap {
        suspect: 32_061,
        reference: 31_997,
        shared: 31_997,
        jaccard: Some(0.998),
        kept: Some(1.0),
        order: Some(1.0),
        neighbours: Some(1.0),
        ..Overlap::default()
    };
    TokenizerCase {
        suspect: info("newcomer-12b", 32_064),
        reference: info("elder-8b", 32_000),
        overlap,
        merges: None,
        pieces: None,
        marks: Marks::default(),
        all_equal: false,
        scripts: Vec::new(),
    }
}

fn model(source: &str, components: Vec<Component>, files: u64) -> Model {
    let file = |k: u64| FileDigest {
        path: format!("model-{k}.safetensors"),
        sha256: Some(format!("{k:064x}")),
        published: false,
        bytes: 1_234_567 * k,
    };
    Model {
        source: source.into(),
        commit: None,
        format: "safetensors".into(),
        files: (1..=files).map(file).collect(),
        parameters: 12_000_000,
        components,
    }
}

fn verdict(component: &str, grade: Grade, log10_p: Option<f64>, reason: &str) -> Verdict {
    let ancestry = if grade.is_finding() { Ancestry::Checkpoint } else { Ancestry::NoneFound };
    let (component, reasons) = (component.into(), vec![reason.into()]);
    Verdict { component, grade, ancestry, relations: Vec::new(), direction: None, log10_p, reasons }
}

fn exhibit(component: &str, parameters: u64, share: f64) -> Exhibit {
    Exhibit { component: component.into(), parameters, share, ..Exhibit::default() }
}

fn test(name: &'static str, log10_p: f64, statistic: f64) -> Test {
    Test { name, kind: TestKind::Exact, log10_p, n: 512, groups: 4, statistic, draws: 999 }
}

fn values(cosine: f64, relative_l2: f64, equal: u64) -> Option<Values> {
    Some(Values {
        cosine: Some(cosine),
        pearson: Some(cosine),
        relative_l2: Some(relative_l2),
        pairs: 1_000_000,
        equal,
        complete: equal == 1_000_000,
    })
}

fn untested(tensor: &str, parameters: u64, why: &str) -> Untested {
    Untested { tensor: tensor.into(), parameters, why: why.into() }
}

fn identical() -> (Exhibit, Verdict) {
    let tests = vec![test("hidden-units", -1834.2, 71.5), test("equal-values", -990.0, 80.0)];
    let e = Exhibit {
        tests,
        values: values(1.0, 0.0, 1_000_000),
        aligned: Some(AlignedCosine { value: 1.0, low: 1.0, high: 1.0 }),
        agreeing_share: Some(1.0),
        coverage: Coverage { tested: 1_000_000, not_tested: Vec::new() },
        power: Power { aligned_cosine: Some(0.021), units_share: Some(0.01), hidden: vec![] },
        ..exhibit("audio-encoder", 1_000_000, 1.0 / 12.0)
    };
    let why = "all 1000000 stored values are equal";
    let mut v = verdict("audio-encoder", Grade::Identical, Some(-1833.9), why);
    v.relations = vec![Relation::SameBits { share: 1.0 }];
    (e, v)
}

fn derived() -> (Exhibit, Verdict) {
    let e = Exhibit {
        tests: vec![test("hidden-units", -812.7, 44.0), test("agreeing-units", -640.1, 480.0)],
        values: values(0.999_951, 0.009_9, 12_345),
        aligned: Some(AlignedCosine { value: 0.9812, low: 0.9801, high: 0.9823 }),
        agreeing_share: Some(0.9375),
        coverage: Coverage { tested: 900_000, not_tested: Vec::new() },
        power: Power { aligned_cosine: Some(0.021), units_share: Some(0.01), hidden: vec![] },
        norms: Some(Norms { cosine: 0.9998, pearson: Some(0.998), weights: 4096 }),
        ..exhibit("vision-encoder", 1_000_000, 1.0 / 12.0)
    };
    let why = "exact tests beyond the level: hidden-units, agreeing-units";
    let mut v = verdict("vision-encoder", Grade::Derived, Some(-812.4), why);
    v.ancestry = Ancestry::CheckpointOrInitialisation;
    v.relations = vec![
        Relation::Converted { from: "F32".into(), to: "BF16".into(), lossless: false },
        Relation::Changed { relative_l2: Some(0.0099) },
    ];
    (e, v)
}

/// Stored values of a layer beside those of the layer two before it, or of its own number.
fn values_of(layer: u32, cosine: f64) -> LayerValues {
    LayerValues {
        stack: String::new(),
        suspect: layer,
        reference: layer.saturating_sub(2),
        cosine: Some(cosine),
        pearson: Some(cosine - 0.001),
        pairs: 4096,
    }
}

/// A depth up-scaled model: layers 0 to 3 of the parent, then 2 to 5 of it again, and a last layer
/// of its own.
fn partly() -> (Exhibit, Verdict) {
    let at = |suspect, reference| LayerMatch {
        stack: String::new(),
        suspect,
        reference,
        log10_p: -90.0,
    };
    let section = |layer: u32, log10_p, aligned_cosine| Section {
        name: format!("layer {layer}"),
        layer: Some(layer),
        log10_p,
        aligned_cosine,
        chance: Chance { mean: 0.001, sd: 0.004 },
        units: 512,
        agreeing: 500,
    };
    let e = Exhibit {
        tests: vec![test("hidden-units", -300.0, 30.0), test("layer-search", -88.0, 29.0)],
        values: values(0.71, 0.64, 0),
        aligned: Some(AlignedCosine { value: 0.82, low: 0.78, high: 0.86 }),
        agreeing_share: Some(0.77),
        sections: vec![section(0, -93.1, 0.97), section(4, -91.0, 0.96), section(8, -0.3, 0.01)],
        layer_values: [(0, 0.97), (4, 0.96)]
            .map(|(layer, cosine)| values_of(layer, cosine))
            .to_vec(),
        layer_grids: vec![LayerGrid {
            stack: String::new(),
            suspect: vec![0, 4, 8],
            reference: vec![0, 2],
            z: vec![
                vec![Some(212.36), Some(-0.04)],
                vec![Some(1.2), Some(38.0)],
                vec![None, Some(9.96)],
            ],
        }],
        layer_map: (0..4).map(|k| at(k, k)).chain((4..8).map(|k| at(k, k - 2))).collect(),
        coverage: Coverage {
            tested: 7_000_000,
            not_tested: vec![
                untested("model.rotary.inv_freq", 64, "a formula nobody trained: RoPE frequencies"),
                untested("model.pos", 999_936, "its axes have a meaning and are never renumbered"),
            ],
        },
        formulas: vec![FormulaTensor {
            tensor: "model.rotary.inv_freq".into(),
            formula: "RoPE frequencies",
            parameters: 64,
            equal_share: Some(1.0),
            cosine: Some(1.0),
        }],
        power: Power { aligned_cosine: Some(0.004), units_share: Some(0.002), hidden: vec![] },
        ..exhibit("language-model", 8_000_000, 8.0 / 12.0)
    };
    let why = "2 of 3 sections share ancestry; nothing was found in layer 8";
    let mut v = verdict("language-model", Grade::PartlyDerived, Some(-299.2), why);
    v.relations = vec![Relation::Changed { relative_l2: None }];
    (e, v)
}

fn clean() -> (Exhibit, Verdict) {
    let e = Exhibit {
        tests: vec![test("hidden-units", -0.21, 0.4)],
        values: values(0.0021, 1.39, 3),
        aligned: Some(AlignedCosine { value: -0.0004, low: -0.013, high: 0.012 }),
        agreeing_share: Some(0.002),
        coverage: Coverage { tested: 999_000, not_tested: Vec::new() },
        power: Power { aligned_cosine: Some(0.037), units_share: Some(0.055), hidden: vec![] },
        norms: Some(Norms { cosine: 0.95, pearson: Some(0.013), weights: 4096 }),
        ..exhibit("token-embedding", 1_000_000, 1.0 / 12.0)
    };
    let why = "no exact test reached the level";
    (e, verdict("token-embedding", Grade::NoEvidence, Some(0.0), why))
}

fn unsettled() -> (Exhibit, Verdict) {
    let e = Exhibit {
        tests: vec![test("agreeing-units", 0.0, 0.0)],
        values: Some(Values {
            cosine: None,
            pearson: None,
            relative_l2: None,
            ..values(0.0, 0.0, 1).unwrap()
        }),
        agreeing_share: Some(0.0),
        coverage: Coverage { tested: 410, not_tested: Vec::new() },
        norms: Some(Norms { cosine: 0.97, pearson: None, weights: 1 }),
        ..exhibit("projector", 999_999, 999_999.0 / 12e6)
    };
    let why = "too few units to reach the level, whatever the relation";
    (e, verdict("projector", Grade::Inconclusive, Some(0.0), why))
}

fn strange() -> (Exhibit, Verdict) {
    let why = "the reference holds no tensor of its name or shape";
    let e = Exhibit {
        coverage: Coverage { tested: 0, not_tested: vec![untested("extra.weight", 1, why)] },
        not_measured: vec![NotMeasured { what: "hidden-units".into(), why: why.into() }],
        ..exhibit("other:extra", 1, 1.0 / 12e6)
    };
    (
        e,
        verdict(
            "other:extra",
            Grade::NotComparable,
            None,
            "the reference holds nothing comparable",
        ),
    )
}
