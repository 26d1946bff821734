//! Nobody innocent is called.

use jokbo_audit::{Plan, Silent, compare};
use jokbo_verdict::{Grade, grade};
use rayon::prelude::*;

use crate::model::{Model, Spread};
use crate::{case, grade_of, verdicts};

#[test]
fn two_thousand_unrelated_pairs_of_one_config_give_no_finding() {
    let spreads = [Spread::Normal, Spread::Heavy, Spread::Shifted, Spread::Anisotropic];
    let plan = Plan { draws: 199, ..Plan::default() };
    let least: Vec<f64> = (0..2000u64)
        .into_par_iter()
        .map(|pair| {
            let model = |seed| {
                let spread = spreads[(pair % 4) as usize];
                Model::new(seed).spread(spread).language("", 2, 12, 20).open()
            };
            let case = compare(&model(2 * pair), &model(2 * pair + 1), &plan, &Silent).unwrap();
            let verdicts = grade(&case);
            for verdict in &verdicts {
                assert_eq!(verdict.grade, Grade::NoEvidence, "pair {pair}: {verdict:?}");
            }
            verdicts.iter().filter_map(|v| v.log10_p).fold(0.0, f64::min)
        })
        .collect();
    // Family-wise over the components of a pair: at most 2,000 in 1,000 are expected below 1e-3.
    let small = least.iter().filter(|p| **p <= -3.0).count();
    assert!(small <= 10, "{small} of 2,000 pairs below 1e-3");
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
    assert_eq!(why("layers.4.mlp.experts.0.up"), "the reference has 4 layers");
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
