//! Grading, from hand-built exhibits: one table a rule, and laws over all of them.

#![allow(clippy::unwrap_used, reason = "a failed unwrap in a test is a failed test")]

use jokbo_verdict::{
    AlignedCosine, Alignment, Ancestry, Case, Chance, Contained, Conversion, Cost, Coverage,
    Exhibit, Grade, Model, Power, Relation, Section, Test, TestKind, Values, Verdict, grade,
};
use proptest::prelude::*;

fn test(name: &'static str, log10_p: f64) -> Test {
    Test { name, kind: TestKind::Exact, log10_p, n: 100, groups: 1, statistic: 0.0, draws: 999 }
}

fn values(equal: u64, complete: bool) -> Option<Values> {
    Some(Values {
        cosine: Some(0.99),
        pearson: Some(0.99),
        relative_l2: Some(0.1),
        pairs: 10_000,
        equal,
        complete,
    })
}

fn aligned(value: f64) -> Option<AlignedCosine> {
    Some(AlignedCosine { value, low: value - 0.01, high: value + 0.01 })
}

/// Tested, with power, and nothing found.
fn clean() -> Exhibit {
    Exhibit {
        component: "language-model".to_owned(),
        parameters: 10_000,
        share: 1.0,
        tests: vec![test("hidden-units", -0.4), test("agreeing-units", 0.0)],
        values: values(0, false),
        aligned: aligned(0.0),
        power: Power { aligned_cosine: Some(0.02), units_share: Some(0.01), hidden: vec![] },
        coverage: Coverage { tested: 9_000, not_tested: Vec::new() },
        ..Exhibit::default()
    }
}

fn found() -> Exhibit {
    Exhibit {
        tests: vec![test("hidden-units", -40.0), test("equal-values", 0.0)],
        aligned: aligned(0.5),
        ..clean()
    }
}

fn case(exhibits: Vec<Exhibit>) -> Case {
    let model = Model {
        source: String::new(),
        commit: None,
        format: String::new(),
        files: Vec::new(),
        parameters: 1,
        components: Vec::new(),
    };
    Case {
        level: 1e-6,
        seed: 0,
        looks: exhibits.len(),
        suspect: model.clone(),
        reference: model,
        exhibits,
        oddities: Vec::new(),
        cost: Cost::default(),
        architecture: None,
        tokenizer: None,
        not_measured: Vec::new(),
    }
}

fn verdict(exhibit: Exhibit) -> Verdict {
    grade(&case(vec![exhibit])).remove(0)
}

#[track_caller]
fn check(exhibit: Exhibit, want: Grade) {
    let got = verdict(exhibit);
    assert_eq!(got.grade, want, "{got:?}");
    assert!(!got.reasons.is_empty(), "a verdict needs a reason");
}

#[test]
fn each_grade_has_its_ground() {
    check(clean(), Grade::NoEvidence);
    check(found(), Grade::Derived);
    check(Exhibit { values: values(10_000, true), ..found() }, Grade::Identical);
    check(Exhibit { power: Power::default(), ..clean() }, Grade::Inconclusive);
    check(Exhibit { tests: Vec::new(), ..clean() }, Grade::Inconclusive);
    check(Exhibit { coverage: Coverage::default(), ..clean() }, Grade::Inconclusive);
    check(Exhibit { tests: Vec::new(), values: None, ..clean() }, Grade::NotComparable);
}

/// A model-based p with `agreeing` of the matched units and `control` in the worst control.
fn modelled(agreeing: f64, control: f64) -> Exhibit {
    let matched = Test { kind: TestKind::ModelBased, ..test("matched-units", -400.0) };
    Exhibit {
        tests: vec![test("hidden-units", -0.4), matched],
        alignment: Some(Alignment {
            rung: "matched-units",
            residual: "rotated",
            units: "renumbered",
            anchors: Some("token-embedding".to_owned()),
            agreeing_share: Some(agreeing),
            control_share: Some(control),
            cosine: aligned(0.9),
            layers: vec![(0, 0), (1, 1)],
        }),
        ..found()
    }
}

#[test]
fn a_table_along_a_stream_that_was_undone_is_left_open() {
    let table = |component: &str| Exhibit {
        component: component.to_owned(),
        tests: vec![test("residual-coordinates", -0.4)],
        ..clean()
    };
    let network = |residual| {
        let mut network = modelled(0.9, 0.01);
        network.component = "language-model".to_owned();
        network.alignment.as_mut().unwrap().residual = residual;
        network
    };
    let grades = |residual, component| {
        let verdicts = grade(&case(vec![network(residual), table(component)]));
        verdicts.into_iter().map(|v| v.grade).collect::<Vec<_>>()
    };
    assert_eq!(grades("rotated", "output-head"), [Grade::Derived, Grade::Inconclusive]);
    assert_eq!(grades("kept", "output-head"), [Grade::Derived, Grade::NoEvidence]);
    assert_eq!(grades("rotated", "vision-encoder"), [Grade::Derived, Grade::NoEvidence]);
}

#[test]
fn a_table_beside_a_related_network_says_that_its_tokens_may_carry_other_numbers() {
    let table = || Exhibit { component: "token-embedding".to_owned(), ..clean() };
    let said = |beside: Exhibit| {
        let verdict = grade(&case(vec![beside, table()])).remove(1);
        assert_eq!(verdict.grade, Grade::NoEvidence);
        verdict.reasons.iter().any(|why| why.contains("could not have been seen"))
    };
    assert!(said(found()) && !said(clean()));
    // The network itself has no tokens to number.
    let network = grade(&case(vec![found(), clean()])).remove(1);
    assert!(network.reasons.iter().all(|why| !why.contains("could not have been seen")));
}

#[test]
fn what_no_name_places_and_nothing_was_compared_with_is_said() {
    let unplaced = |share: f64| Exhibit {
        component: "other:root".to_owned(),
        share,
        tests: Vec::new(),
        values: None,
        ..clean()
    };
    let said = |share: f64| {
        let verdict = grade(&case(vec![clean(), unplaced(share)])).remove(0);
        verdict.reasons.iter().any(|why| why.contains("85.4 % of the suspect"))
    };
    assert!(said(0.854) && !said(0.01));
}

#[test]
fn attention_that_alone_is_related_makes_a_component_partly_derived() {
    let with = |hidden: f64, attention: f64| Exhibit {
        tests: vec![test("hidden-units", hidden), test("attention-products", attention)],
        ..clean()
    };
    check(with(-0.4, -20.0), Grade::PartlyDerived);
    check(with(-20.0, -20.0), Grade::Derived);
    check(with(-5.0, -20.0), Grade::Derived);
    check(with(-0.4, -2.0), Grade::NoEvidence);
    check(Exhibit { tests: vec![test("attention-heads", -20.0)], ..clean() }, Grade::Derived);
}

#[test]
fn a_model_based_p_needs_half_of_the_units_and_quiet_controls() {
    check(modelled(0.8, 0.01), Grade::Derived);
    check(modelled(0.5, 0.05), Grade::Derived);
    check(modelled(0.49, 0.01), Grade::Inconclusive);
    check(modelled(0.8, 0.06), Grade::Inconclusive);
    // An exact test that reached the level needs no such help.
    let mut exhibit = modelled(0.1, 0.06);
    exhibit.tests.push(test("residual-coordinates", -30.0));
    check(exhibit, Grade::Derived);
    let reasons = verdict(modelled(0.8, 0.01)).reasons.join(" ");
    assert_eq!(reasons, "model-based test beyond the level: matched-units");
}

#[test]
fn values_at_equal_places_say_nothing_of_a_copy_whose_places_changed() {
    let relations = verdict(modelled(0.8, 0.01)).relations;
    assert_eq!(relations, [Relation::Changed { relative_l2: None }]);
}

#[test]
fn equal_values_that_leave_something_over_are_not_identical() {
    check(Exhibit { values: values(10_000, false), ..found() }, Grade::Derived);
}

#[test]
fn a_handful_of_equal_values_is_not_identity() {
    let few = Values { pairs: 12, equal: 12, ..values(0, true).unwrap() };
    check(Exhibit { values: Some(few), ..clean() }, Grade::NoEvidence);
    check(Exhibit { values: Some(few), tests: Vec::new(), ..clean() }, Grade::Inconclusive);
}

#[test]
fn a_small_p_on_inferred_axes_needs_an_effect_too() {
    let inferred = |cosine: f64, equal: u64| {
        let mut exhibit = found();
        exhibit.tests.iter_mut().for_each(|t| t.kind = TestKind::ExactInferred);
        Exhibit { aligned: aligned(cosine), values: values(equal, false), ..exhibit }
    };
    check(inferred(0.1, 0), Grade::Inconclusive);
    check(inferred(0.31, 0), Grade::Derived);
    check(inferred(0.1, 600), Grade::Derived);
}

#[test]
fn sections_that_are_clean_beside_related_ones_make_it_partly_derived() {
    let section = |layer: u32, log10_p: f64, cosine: f64| Section {
        name: format!("layer {layer}"),
        layer: Some(layer),
        log10_p,
        aligned_cosine: cosine,
        chance: Chance { mean: 0.001, sd: 0.004 },
        units: 512,
        agreeing: 500,
    };
    let with = |sections: Vec<Section>| Exhibit { sections, ..found() };
    let related = || vec![section(0, -50.0, 0.8), section(1, -60.0, 0.9)];
    check(with(related()), Grade::Derived);
    let mut half = related();
    half.push(section(2, -0.3, 0.01));
    check(with(half), Grade::PartlyDerived);
    // A section that merely lacks power is not called clean.
    let mut weak = related();
    weak.push(section(2, -2.9, 0.7));
    check(with(weak), Grade::Derived);
}

#[test]
fn ancestry_follows_equal_values_or_a_cosine_near_one() {
    assert_eq!(verdict(found()).ancestry, Ancestry::CheckpointOrInitialisation);
    let close = Exhibit { aligned: aligned(0.95), ..found() };
    assert_eq!(verdict(close).ancestry, Ancestry::Checkpoint);
    let mut equal = found();
    equal.tests[1].log10_p = -30.0;
    assert_eq!(verdict(equal).ancestry, Ancestry::Checkpoint);
    assert_eq!(verdict(clean()).ancestry, Ancestry::NoneFound);
}

#[test]
fn a_conversion_is_named_only_when_every_value_is_the_rounded_one() {
    let converted = |rounded_share: f64| {
        let conversion = Conversion { from: "F32".into(), to: "BF16".into(), rounded_share };
        verdict(Exhibit { conversion: Some(conversion), ..found() }).relations
    };
    let want = Relation::Converted { from: "F32".into(), to: "BF16".into(), lossless: false };
    assert_eq!(converted(1.0), [want]);
    assert_eq!(converted(0.999), [Relation::Changed { relative_l2: Some(0.1) }]);
    assert_eq!(verdict(clean()).relations, []);
}

#[test]
fn every_look_is_paid_for() {
    // 10^-7.1 is 10^-6.1 after ten tests, and above the level in two components.
    let near = || Exhibit { tests: vec![test("hidden-units", -7.1)], ..found() };
    assert_eq!(grade(&case(vec![near()]))[0].grade, Grade::Derived);
    assert_eq!(grade(&case(vec![near(), clean()]))[0].grade, Grade::NoEvidence);
    // A component that could not be tested was a look all the same.
    let silent = Exhibit { tests: Vec::new(), ..clean() };
    let both = grade(&case(vec![near(), silent]));
    assert_eq!((both[0].grade, both[1].log10_p), (Grade::NoEvidence, None));
}

proptest! {
    #[test]
    fn a_weaker_p_never_raises_a_verdict(
        p in -100.0f64..0.0, q in -100.0f64..0.0, cosine in -1.0f64..1.0,
    ) {
        let at = |p: f64| {
            let exhibit = Exhibit {
                tests: vec![test("hidden-units", p)], aligned: aligned(cosine), ..clean()
            };
            verdict(exhibit).grade.is_finding()
        };
        prop_assert!(p >= q || at(p) >= at(q));
    }

    #[test]
    fn losing_a_test_never_makes_a_finding(
        ps in prop::collection::vec(-20.0f64..0.0, 2..5), lost in 0usize..5,
    ) {
        let with = |ps: &[f64]| Exhibit {
            tests: ps.iter().map(|p| test("hidden-units", *p)).collect(), ..clean()
        };
        let all = verdict(with(&ps)).grade.is_finding();
        let mut fewer = ps.clone();
        fewer.remove(lost % ps.len());
        prop_assert!(all || !verdict(with(&fewer)).grade.is_finding());
    }
}

#[test]
fn all_of_a_component_in_a_larger_reference_is_derived_where_it_can_say_something() {
    let held = |tensors, distinct| Exhibit {
        tests: Vec::new(),
        power: Power::default(),
        values: values(10_000, false),
        contained: Some(Contained { tensors, distinct }),
        ..clean()
    };
    check(held(2, 1000), Grade::Derived);
    // Few values, or one table.
    check(held(2, 999), Grade::Inconclusive);
    check(held(1, 100_000), Grade::Inconclusive);
    check(Exhibit { contained: None, ..held(2, 1000) }, Grade::Inconclusive);
    let copied = verdict(held(2, 1000));
    assert_eq!(copied.ancestry, Ancestry::Checkpoint);
    assert_eq!(copied.relations, [Relation::SameBits { share: 1.0 }]);
    assert_eq!(copied.log10_p, None);
}
