//! Tensors whose names say nothing are found by what they hold, and the look accuses nobody.

use jokbo_verdict::Grade;
use rayon::prelude::*;

use crate::model::{Model, Spread, Tensor};
use crate::{case, grade_of, verdicts};

/// The same weights as another framework's export would hold them: matrices inside layers turned
/// and called by a number, all else as it was.
fn exported(mut model: Model) -> Model {
    for (k, t) in model.tensors.iter_mut().enumerate() {
        if t.shape.len() == 2 && t.name.contains("layers.") {
            *t = turned(t, format!("onnx::MatMul_{}", 470 - k));
        }
    }
    model
}

/// A tensor stored back to front.
fn turned(t: &Tensor, name: String) -> Tensor {
    let n = t.values.len();
    let mut values = vec![0.0; n];
    for (at, value) in t.values.iter().enumerate() {
        let (mut rest, mut place, mut stride) = (at, 0, n);
        for &size in t.shape.iter().rev() {
            stride /= size;
            place += rest % size * stride;
            rest /= size;
        }
        values[place] = *value;
    }
    Tensor { name, shape: t.shape.iter().rev().copied().collect(), values }
}

#[test]
fn an_export_without_names_is_derived_whichever_side_it_is_on() {
    let parent = Model::new(1).language("", 3, 48, 80);
    let export = exported(parent.clone().noised(0.05, 9));
    for (suspect, reference) in [(&export, &parent), (&parent, &export)] {
        let case = case(suspect, reference);
        assert_eq!(grade_of(&jokbo_verdict::grade(&case), "language-model"), Grade::Derived);
        let language = case.exhibits.iter().find(|e| e.component == "language-model").unwrap();
        let found = &language.found_by_content;
        assert_eq!(found.len(), 3 * 7, "{found:?}");
        assert!(found.iter().all(|f| f.reordered));
        assert_eq!(language.layer_map.len(), 3);
        assert!(language.tests.iter().any(|t| t.name == "hidden-units" && t.log10_p < -20.0));
        assert!(0.99 < language.values.unwrap().cosine.unwrap());
    }
    let same = case(&exported(parent.clone()), &parent);
    assert!(jokbo_verdict::grade(&same).iter().all(|v| v.grade == Grade::Identical));
}

#[test]
fn the_look_accuses_nobody() {
    let spreads = [Spread::Normal, Spread::Heavy, Spread::Shifted, Spread::Anisotropic];
    let least: Vec<(f64, usize)> = (0..2000u64)
        .into_par_iter()
        .map(|pair| {
            let model = |seed| {
                Model::new(seed).spread(spreads[(pair % 4) as usize]).language("", 2, 12, 20)
            };
            let case = case(&exported(model(2 * pair)), &model(2 * pair + 1));
            let verdicts = jokbo_verdict::grade(&case);
            for verdict in &verdicts {
                assert!(
                    matches!(verdict.grade, Grade::NoEvidence | Grade::NotComparable),
                    "pair {pair}: {verdict:?}"
                );
            }
            let found = case.exhibits.iter().map(|e| e.found_by_content.len()).sum();
            (verdicts.iter().filter_map(|v| v.log10_p).fold(0.0, f64::min), found)
        })
        .collect();
    let small = least.iter().filter(|(p, _)| *p <= -2.0).count();
    assert!(small <= 35, "{small} of 2,000 pairs below 1e-2");
    // The look itself must have led somewhere, or nothing was tried here.
    let led = least.iter().filter(|(_, found)| 0 < *found).count();
    assert!(50 < led, "{led} of 2,000 pairs");
}

#[test]
fn convolutions_of_another_framework_are_found_with_their_axes_reversed() {
    let mut ours = Model::new(3);
    for (name, shape) in [
        ("conv1.weight", vec![32, 3, 3, 3]),
        ("conv1.bias", vec![32]),
        ("conv2.weight", vec![64, 32, 3, 3]),
        ("conv2.bias", vec![64]),
        ("dense.weight", vec![16, 64]),
    ] {
        ours.tensor(name, &shape);
    }
    let mut theirs = ours.clone();
    for (k, t) in theirs.tensors.iter_mut().enumerate() {
        *t = turned(t, format!("net.{k}"));
    }
    let (there, back) = (case(&theirs, &ours), case(&ours, &theirs));
    for case in [&there, &back] {
        let found: usize = case.exhibits.iter().map(|e| e.found_by_content.len()).sum();
        assert_eq!(found, 5);
        let grades = jokbo_verdict::grade(case);
        assert!(grades.iter().all(|v| v.grade == Grade::Identical), "{grades:#?}");
    }
    let mut other = Model::new(4);
    for t in &ours.tensors {
        other.tensor(&t.name, &t.shape);
    }
    for (k, t) in other.tensors.iter_mut().enumerate() {
        *t = turned(t, format!("net.{k}"));
    }
    assert!(!verdicts(&other, &ours).iter().any(|v| v.grade.is_finding()));
}
