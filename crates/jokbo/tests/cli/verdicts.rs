//! What every pair of `examples/` must come out as, in every component.

use serde_json::{Value, json};

use crate::program::{components, folder, list, near, number, report};

/// Bounds of a finding: far beyond the level, after correction never beyond the best of its tests.
#[track_caller]
fn is_found(component: &Value, verdict: &str) {
    assert_eq!(component["verdict"], verdict, "{component:#}");
    assert_eq!(component["ancestry"], "checkpoint");
    let p = number(&component["log10_p"]);
    let best = list(&component["tests"]).iter().map(|t| number(&t["log10_p"])).reduce(f64::min);
    assert!(p < -100.0 && best.unwrap() <= p, "{p} against {best:?}");
    assert!(list(&component["tests"]).iter().all(|test| test["kind"] == "exact"));
    let aligned = &component["effect"]["aligned_cosine"];
    let (low, high) = (number(&aligned["low"]), number(&aligned["high"]));
    assert!(low <= number(&aligned["value"]) && number(&aligned["value"]) <= high);
}

/// Tested, nothing found, and the report says what would have been.
#[track_caller]
fn is_clean(component: &Value) {
    assert_eq!(component["verdict"], "no-evidence", "{component:#}");
    assert_eq!(component["ancestry"], "none-found");
    assert_eq!(component["relations"], json!([]));
    assert!(-3.0 < number(&component["log10_p"]));
    near(number(&component["effect"]["aligned_cosine"]["value"]), 0.0, 0.05);
    near(number(&component["effect"]["cosine"]), 0.0, 0.05);
    assert!(number(&component["effect"]["units_agreeing_share"]) < 0.02);
    assert!(number(&component["power"]["aligned_cosine"]) < 0.25);
    assert!(number(&component["power"]["units_share"]) < 0.15);
}

#[test]
fn a_checkpoint_is_identical_to_itself() {
    for component in components(&report("fracast", "fracast")) {
        is_found(component, "identical");
        assert_eq!(component["relations"], json!([{ "kind": "same-bits", "share": 1.0 }]));
        near(number(&component["effect"]["equal_bits_share"]), 1.0, 0.0);
        near(number(&component["effect"]["cosine"]), 1.0, 1e-9);
        near(number(&component["effect"]["relative_l2"]), 0.0, 0.0);
        near(number(&component["effect"]["units_agreeing_share"]), 1.0, 0.0);
    }
}

#[test]
fn a_lossless_conversion_is_identical_in_both_directions() {
    for (suspect, reference) in [("fracast-f64", "fracast"), ("fracast", "fracast-f64")] {
        for component in components(&report(suspect, reference)) {
            is_found(component, "identical");
            let relations = list(&component["relations"]);
            assert_eq!(relations.len(), 1);
            assert_eq!(relations[0]["kind"], "converted");
            assert_eq!(relations[0]["lossless"], true);
            near(number(&component["effect"]["relative_l2"]), 0.0, 0.0);
        }
    }
}

#[test]
fn values_rounded_to_bf16_are_derived_and_converted_with_loss() {
    for component in components(&report("fracast-bf16", "fracast")) {
        is_found(component, "derived");
        let rounded =
            json!([{ "kind": "converted", "from": "F32", "to": "BF16", "lossless": false }]);
        assert_eq!(component["relations"], rounded);
        near(number(&component["effect"]["pearson"]), 1.0, 1e-5);
        near(number(&component["effect"]["relative_l2"]), 0.002, 0.001);
        assert!(number(&component["effect"]["equal_bits_share"]) < 0.001);
    }
}

#[test]
fn the_int8_release_of_a_model_is_derived_at_a_cosine_of_four_nines() {
    for component in components(&report("fracast-int8", "fracast")) {
        is_found(component, "derived");
        assert!(0.9999 <= number(&component["effect"]["cosine"]), "{component:#}");
        near(number(&component["effect"]["units_agreeing_share"]), 1.0, 0.0);
    }
}

#[test]
fn a_quantised_language_model_pairs_with_its_parent_in_every_layout() {
    let of = |kind: &str| folder(&format!("data/golden/composed/llama/{kind}"));
    for kind in ["gptq", "awq", "fp8"] {
        let report = report(of(kind), of("float"));
        let found = components(&report).iter().find(|c| c["component"] == "language-model");
        let found = found.unwrap();
        assert_eq!(found["verdict"], "derived", "{kind}: {found:#}");
        assert!(0.99 < number(&found["effect"]["cosine"]), "{kind}: {found:#}");
        near(number(&found["effect"]["units_agreeing_share"]), 1.0, 0.01);
        assert_eq!(list(&report["oddities"]), &[] as &[Value], "{kind}");
    }
}

#[test]
fn added_noise_of_a_tenth_is_derived_at_a_cosine_of_0_995() {
    for component in components(&report("fracast-noised", "fracast")) {
        is_found(component, "derived");
        near(number(&component["effect"]["cosine"]), 0.995, 0.001);
        near(number(&component["effect"]["pearson"]), 0.995, 0.001);
        near(number(&component["effect"]["relative_l2"]), 0.1, 0.003);
        near(number(&component["effect"]["aligned_cosine"]["value"]), 0.99, 0.008);
        assert!(0.95 < number(&component["effect"]["units_agreeing_share"]));
        let noise = &component["relations"][0];
        assert_eq!((&noise["kind"], &noise["side"]), (&"noise-added".into(), &"suspect".into()));
        assert_eq!(component["direction"]["child"], "suspect");
        near(number(&noise["sd"]["value"]), 0.1, 0.002);
    }
}

#[test]
fn two_children_of_one_parent_share_ancestry() {
    for component in components(&report("fracast-noised", "fracast-bf16")) {
        is_found(component, "derived");
        near(number(&component["effect"]["cosine"]), 0.995, 0.001);
    }
}

#[test]
fn random_weights_of_one_shape_and_spread_are_no_evidence() {
    let report = report("fracast-random", "fracast");
    components(&report).iter().for_each(is_clean);
    let trap = list(&report["not_probative"]).iter().find(|n| n["component"] == "other:core");
    assert_eq!(trap.unwrap()["figure"], "cosine of norm weights");
    assert!(0.9 < number(&trap.unwrap()["value"]), "the trap is gone: {trap:?}");
}

/// A component of which nothing but the formula could be paired was not tested, so it may be said
/// to be not comparable; never anything that leans towards a finding, and never the convolutions.
#[test]
fn detectors_with_one_front_end_are_no_evidence_and_the_fourier_basis_is_set_aside() {
    for (suspect, reference, basis) in
        [("akiki", "silero-vad", "basis"), ("silero-vad", "akiki", "stft_conv.weight")]
    {
        let report = report(suspect, reference);
        let (tested, rest): (Vec<&Value>, Vec<&Value>) =
            components(&report).iter().partition(|c| !list(&c["tests"]).is_empty());
        assert!(!tested.is_empty());
        tested.into_iter().for_each(is_clean);
        for component in rest {
            assert_eq!(component["verdict"], "not-comparable", "{component:#}");
        }
        let figures = list(&report["not_probative"]);
        let shown = figures.iter().find(|n| n["figure"].as_str().unwrap().contains(basis)).unwrap();
        near(number(&shown["value"]), 1.0, 1e-6);
        let left_out = components(&report).iter().flat_map(|c| list(&c["coverage"]["not_tested"]));
        let why = left_out.filter(|t| t["tensor"] == basis).map(|t| t["why"].as_str().unwrap());
        assert!(why.collect::<String>().contains("Fourier basis"));
    }
}

#[test]
fn models_with_nothing_in_common_are_not_comparable() {
    for (suspect, reference) in [("silero-vad", "fracast"), ("fracast", "silero-vad")] {
        for component in components(&report(suspect, reference)) {
            assert_eq!(component["verdict"], "not-comparable", "{component:#}");
            assert_eq!(component["ancestry"], "none-found");
            assert_eq!(component["log10_p"], Value::Null);
            assert_eq!(component["tests"], json!([]));
            near(number(&component["coverage"]["share"]), 0.0, 0.0);
        }
    }
}
