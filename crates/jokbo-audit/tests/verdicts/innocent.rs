//! Nobody innocent is called.

use jokbo_audit::{Plan, Silent, compare};
use jokbo_verdict::{Grade, grade};
use rayon::prelude::*;

use crate::model::{Model, Spread};
use crate::{case, grade_of, verdicts};

/// Pairs that are simulated: 2,000, or as many as `JOKBO_PAIRS` says.
fn simulated() -> u64 {
    let asked = std::env::var("JOKBO_PAIRS").ok();
    asked.map_or(2000, |pairs| pairs.parse().expect("JOKBO_PAIRS is a number"))
}

/// Tests whose p must be uniform here.
const TESTS: [&str; 4] =
    ["attention-heads", "attention-products", "renumbered-units", "anchored-units"];

#[test]
fn thousands_of_unrelated_pairs_of_one_config_give_no_finding() {
    let spreads =
        [Spread::Normal, Spread::Heavy, Spread::Shifted, Spread::Anisotropic, Spread::LowRank];
    let plan = Plan { draws: 199, ..Plan::default() };
    let n = simulated();
    let pairs: Vec<(f64, [f64; 4])> = (0..n)
        .into_par_iter()
        .map(|pair| {
            let model = |seed| {
                let spread = spreads[(pair % 5) as usize];
                let config = serde_json::json!({ "num_attention_heads": 4 });
                Model::new(seed).spread(spread).language("", 2, 12, 20).open_with(Some(config))
            };
            let case = compare(&model(2 * pair), &model(2 * pair + 1), &plan, &Silent).unwrap();
            let verdicts = grade(&case);
            for verdict in &verdicts {
                assert_eq!(verdict.grade, Grade::NoEvidence, "pair {pair}: {verdict:?}");
            }
            let language = case.exhibits.iter().find(|e| e.component == "language-model").unwrap();
            let rungs = TESTS
                .map(|rung| language.tests.iter().find(|test| test.name == rung).unwrap().log10_p);
            (verdicts.iter().filter_map(|v| v.log10_p).fold(0.0, f64::min), rungs)
        })
        .collect();
    let least: Vec<f64> = pairs.iter().map(|(p, _)| *p).collect();
    for (rung, name) in TESTS.iter().enumerate() {
        let distance = from_uniform(pairs.iter().map(|(_, rungs)| rungs[rung]).collect());
        // The 0.001 point of the Kolmogorov-Smirnov statistic, and p-values in steps of 1/200.
        assert!(distance < 1.95 / (n as f64).sqrt() + 0.005, "{name}: {distance} from uniform");
    }
    // Family-wise over the components of a pair: at most one in 1,000 is expected below 1e-3, and
    // six standard deviations more are not.
    let small = least.iter().filter(|p| **p <= -3.0).count();
    let expected = n as f64 / 1000.0;
    assert!(small as f64 <= expected + 6.0 * expected.sqrt(), "{small} of {n} pairs below 1e-3");
}

/// The largest distance between the distribution of `log10_ps` and the uniform one.
fn from_uniform(log10_ps: Vec<f64>) -> f64 {
    let mut ps: Vec<f64> = log10_ps.into_iter().map(|p| 10f64.powf(p)).collect();
    ps.sort_by(f64::total_cmp);
    let n = ps.len() as f64;
    let distance =
        |(k, p): (usize, &f64)| (p - k as f64 / n).abs().max((p - (k + 1) as f64 / n).abs());
    ps.iter().enumerate().map(distance).fold(0.0, f64::max)
}

#[test]
fn the_model_based_rung_finds_nothing_between_unrelated_models() {
    // Large enough to be matched; by agreement and by surprise its p is 1, or its check fails.
    let spreads =
        [Spread::Normal, Spread::Heavy, Spread::Shifted, Spread::Anisotropic, Spread::LowRank];
    let plan = Plan { draws: 19, ..Plan::default() };
    let modelled: Vec<Option<f64>> = (0..200u64)
        .into_par_iter()
        .map(|pair| {
            let model = |seed| {
                let spread = spreads[(pair % 5) as usize];
                Model::new(seed).vocabulary(64).spread(spread).language("", 3, 24, 48).open()
            };
            let case = compare(&model(2 * pair), &model(2 * pair + 1), &plan, &Silent).unwrap();
            assert!(grade(&case).iter().all(|v| !v.grade.is_finding()), "{:#?}", grade(&case));
            let language = case.exhibits.iter().find(|e| e.component == "language-model").unwrap();
            language.tests.iter().find(|test| test.name == "matched-units").map(|t| t.log10_p)
        })
        .collect();
    let tested = modelled.iter().flatten().count();
    assert!(modelled.iter().flatten().all(|p| -3.0 < *p), "{modelled:?}");
    assert!(100 < tested, "the check passed in {tested} of 200 pairs");
}

#[test]
fn the_norm_cosine_trap_is_shown_and_not_used() {
    let (a, b) = (Model::new(1).language("", 3, 48, 80), Model::new(2).language("", 3, 48, 80));
    let case = case(&a, &b);
    let language = case.exhibits.iter().find(|e| e.component == "language-model").unwrap();
    let norms = language.norms.unwrap();
    assert!(0.94 < norms.cosine && norms.pearson.unwrap().abs() < 0.2, "{norms:?}");
    assert!(grade(&case).iter().all(|v| v.grade == Grade::NoEvidence));
    assert!(language.power.aligned_cosine.unwrap() < 0.2, "{:?}", language.power);
}

#[test]
fn norms_of_unlike_levels_do_not_make_a_correlation() {
    // Training moves each kind of norm to a level of its own, the same in unrelated models: about
    // one mean for all of them such models correlate at 0.9 (bench/runs/2026-11-24-trained).
    let levelled = |seed| {
        let mut model = Model::new(seed).language("", 3, 48, 80);
        for t in &mut model.tensors {
            let level = match &t.name {
                name if name.contains("input_layernorm") => 0.5,
                name if name.contains("norm") => 2.0,
                _ => 0.0,
            };
            t.values.iter_mut().for_each(|x| *x += level);
        }
        model
    };
    let unrelated = case(&levelled(1), &levelled(2));
    let norms = unrelated.exhibits[0].norms.unwrap();
    assert!(0.94 < norms.cosine && norms.pearson.unwrap().abs() < 0.2, "{norms:?}");
    let parent = levelled(1);
    let child = case(&parent.clone().noised(0.05, 9), &parent);
    assert!(0.99 < child.exhibits[0].norms.unwrap().pearson.unwrap());
}

#[test]
fn the_false_accusation_in_miniature() {
    // Two mixtures of one width, of other depth, other units and other heads: their norms agree at
    // 0.96 and nothing else does. Shapes that differ are said to differ.
    let suspect = Model::new(1).mixture(5, 48, 20, 6);
    let reference = Model::new(2).mixture(4, 48, 24, 6);
    let case = case(&suspect, &reference);
    assert!(grade(&case).iter().all(|v| v.grade == Grade::NoEvidence), "{:#?}", grade(&case));
    let language = case.exhibits.iter().find(|e| e.component == "language-model").unwrap();
    assert!(0.94 < language.norms.unwrap().cosine, "{:?}", language.norms);
    let not_tested = &language.coverage.not_tested;
    let why = |name: &str| {
        let found = not_tested.iter().find(|u| u.tensor.contains(name));
        found.map(|u| u.why.clone()).unwrap_or_default()
    };
    assert_eq!(why("layers.0.self_attn.q_proj"), "shape [76, 48] here, [72, 48] in the reference");
    assert_eq!(why("layers.4.self_attn.k_proj"), "the reference has 4 layers");
    assert!(language.sections.iter().any(|s| s.name == "layer 0 shared expert"));
}

#[test]
fn a_fine_tuned_mixture_is_found_in_every_expert() {
    let parent = Model::new(1).mixture(3, 48, 20, 6);
    let case = case(&parent.clone().noised(0.3, 9), &parent);
    assert_eq!(grade_of(&grade(&case), "language-model"), Grade::Derived);
    let language = case.exhibits.iter().find(|e| e.component == "language-model").unwrap();
    assert_eq!(language.sections.len(), 3 * 7, "{:?}", language.sections);
    assert!(language.sections.iter().all(|s| 0.8 < s.aligned_cosine));
}

#[test]
fn equal_constants_are_no_ground() {
    // Two models that were never trained share every norm weight and bias, and nothing else.
    let fresh = |seed| {
        let mut model = Model::new(seed).language("", 2, 24, 40);
        for t in model.tensors.iter_mut().filter(|t| t.name.contains("norm")) {
            t.values.fill(1.0);
        }
        model
    };
    let found = verdicts(&fresh(1), &fresh(2));
    assert!(found.iter().all(|v| v.grade == Grade::NoEvidence), "{found:?}");
}

#[test]
fn weights_that_are_not_finite_poison_nothing() {
    let parent = Model::new(1).language("", 2, 32, 48);
    let mut child = parent.clone().noised(0.1, 9);
    child.tensors[3].values[5] = f32::NAN;
    child.tensors[5].values[7] = f32::INFINITY;
    let case = case(&child, &parent);
    let odd = case.oddities.join("\n");
    assert!(odd.contains("1 element is NaN") && odd.contains("1 element is infinite"), "{odd}");
    assert!(odd.contains(&child.tensors[3].name), "{odd}");
    assert_eq!(grade_of(&grade(&case), "language-model"), Grade::Derived);
    let values = case.exhibits[0].values.unwrap();
    assert!(values.cosine.unwrap().is_finite() && values.relative_l2.unwrap().is_finite());
}

#[test]
fn the_case_does_not_depend_on_threads() {
    let parent = Model::new(1).language("", 2, 32, 48);
    let child = parent.clone().noised(0.5, 9);
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| case(&child, &parent))
    };
    let one = on(1);
    assert_eq!(one, on(2));
    assert_eq!(one, on(5));
}
