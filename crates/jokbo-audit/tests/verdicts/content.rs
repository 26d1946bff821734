//! Tensors whose names say nothing are found by what they hold, and the look accuses nobody.

use jokbo_verdict::Grade;
use rayon::prelude::*;

use crate::attacks::{mix_values, renumber_units, rotate, scale_units};
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
fn named_weights_are_tested_against_the_nearest_where_none_is_found() {
    let least: Vec<f64> = (0..1000u64)
        .into_par_iter()
        .map(|pair| {
            let spread = [Spread::Normal, Spread::Heavy, Spread::Shifted, Spread::Anisotropic];
            let model =
                |seed| Model::new(seed).spread(spread[(pair % 4) as usize]).language("", 2, 12, 20);
            let case = case(&model(2 * pair), &exported(model(2 * pair + 1)));
            let verdicts = jokbo_verdict::grade(&case);
            let language = verdicts.iter().find(|v| v.component == "language-model").unwrap();
            assert_eq!(language.grade, Grade::NoEvidence, "pair {pair}: {language:?}");
            let exhibit = case.exhibits.iter().find(|e| e.component == "language-model").unwrap();
            let found = exhibit.found_by_content.len();
            // All seven of both layers, or none where one seemed to be found.
            assert!((found == 0) == (exhibit.nearest == 14), "{found}, {}", exhibit.nearest);
            assert!(exhibit.tests.iter().all(|test| test.statistic.is_finite()));
            language.log10_p.unwrap()
        })
        .collect();
    let small = least.iter().filter(|p| **p <= -2.0).count();
    assert!(small <= 22, "{small} of 1,000 pairs below 1e-2");
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

/// Tensors of these names and shapes with random values.
fn network(seed: u64, tensors: &[(&str, &[usize])]) -> Model {
    let mut model = Model::new(seed);
    for (name, shape) in tensors {
        model.tensor(name, shape);
    }
    model
}

/// The tensors of several networks in one list, back to front, as another framework keeps them.
fn list_of(networks: &[&Model]) -> Model {
    let all = networks.iter().flat_map(|network| &network.tensors).enumerate();
    let tensors = all.map(|(k, t)| turned(t, format!("{k}"))).collect();
    holding(tensors)
}

/// A model of these tensors.
fn holding(tensors: Vec<Tensor>) -> Model {
    let mut model = Model::new(0);
    model.tensors = tensors;
    model
}

#[test]
fn a_network_in_a_list_of_several_is_derived_whichever_side_it_is_on() {
    let small: &[(&str, &[usize])] = &[
        ("conv1.weight", &[10, 3, 3, 3]),
        ("conv1.bias", &[10]),
        ("conv2.weight", &[16, 10, 3, 3]),
        ("conv2.bias", &[16]),
        ("conv3.weight", &[32, 16, 3, 3]),
        ("conv3.bias", &[32]),
        ("conv4_1.weight", &[2, 32, 1, 1]),
        ("conv4_2.weight", &[4, 32, 1, 1]),
    ];
    let (ours, another) = (network(1, small), network(2, small));
    let other = network(3, &[("dense.weight", &[48, 40]), ("dense.bias", &[48])]);
    let list = list_of(&[&ours, &other]);
    for (suspect, reference) in [(&ours, &list), (&list, &ours)] {
        let grades = verdicts(suspect, reference);
        assert_eq!(grade_of(&grades, "other:root"), Grade::Derived, "{grades:#?}");
    }
    let strangers = list_of(&[&another, &other]);
    for (suspect, reference) in [(&ours, &strangers), (&strangers, &ours)] {
        assert!(!verdicts(suspect, reference).iter().any(|v| v.grade.is_finding()));
    }
}

#[test]
fn what_stands_in_the_reference_whole_is_derived_without_an_axis_to_renumber() {
    let recurrent: &[(&str, &[usize])] =
        &[("rnn.weight_ih", &[64, 24]), ("rnn.weight_hh", &[64, 16]), ("head.weight", &[1, 16, 1])];
    let ours = network(1, recurrent);
    let more = network(2, &[("dense.weight", &[40, 30]), ("last.weight", &[7, 9])]);
    let called = |prefix: &str, network: &Model| -> Vec<Tensor> {
        let name = |t: &Tensor| format!("{prefix}.{}", t.name.replace('.', "_"));
        network.tensors.iter().map(|t| Tensor { name: name(t), ..t.clone() }).collect()
    };
    let list = |other: &Model| holding([more.tensors.clone(), called("net", other)].concat());
    let list_with_ours = list(&ours);
    let case = case(&ours, &list_with_ours);
    let grades = jokbo_verdict::grade(&case);
    assert!(case.exhibits.iter().all(|exhibit| exhibit.tests.is_empty()));
    assert!(grades.iter().all(|v| v.grade == Grade::Derived), "{grades:#?}");
    // One value less, and it is not all of it.
    let mut changed = ours.clone();
    changed.tensors[1].values[5] += 0.25;
    assert!(!verdicts(&changed, &list_with_ours).iter().any(|v| v.grade.is_finding()));
    let strangers = list(&network(9, recurrent));
    assert!(!verdicts(&ours, &strangers).iter().any(|v| v.grade.is_finding()));
}

#[test]
fn what_everybody_holds_is_no_evidence_however_much_of_it_is_equal() {
    let tensor = |name: &str, shape: &[usize], value: &dyn Fn(usize) -> f32| {
        let n: usize = shape.iter().product();
        Tensor { name: name.to_owned(), shape: shape.to_vec(), values: (0..n).map(value).collect() }
    };
    // Blocks of zeros and ones, steps that repeat, and a window that is symmetric: in no formula's
    // place, so that nothing but how often their values repeat tells them from learned ones.
    let window = |k: usize| (0.0016 * k.min(1919 - k) as f32).sin() + 1.5;
    let everybody = [
        tensor("a.table", &[64, 48], &|k| f32::from(u8::from(k % 7 < 3))),
        tensor("b.table", &[96, 80], &|k| [0.5, -1.25, 3.0, 7.5, -0.75][k * k % 5]),
        tensor("c.window", &[40, 48], &window),
        tensor("d.index", &[50, 70], &|k| (k % 50) as f32),
    ];
    let own = |seed| network(seed, &[("own.weight", &[20, 30])]).tensors;
    let ours = holding(everybody.to_vec());
    let theirs = holding([everybody.to_vec(), own(2)].concat());
    let grades = verdicts(&ours, &theirs);
    assert!(!grades.iter().any(|v| v.grade.is_finding()), "{grades:#?}");
    // One table of many values may be computed by a rule that is not known here.
    let one = network(7, &[("a.table", &[40, 50])]);
    let with_one = holding([one.tensors.clone(), own(3)].concat());
    let grades = verdicts(&one, &with_one);
    assert!(!grades.iter().any(|v| v.grade.is_finding()), "{grades:#?}");
}

/// Tensors in an order and under names that say nothing, as an export without names has them.
fn nameless(mut model: Model) -> Model {
    model.tensors.sort_by_key(|t| {
        let scattered =
            |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
        t.name.bytes().fold(0xcbf2_9ce4_8422_2325, scattered)
    });
    for (k, t) in model.tensors.iter_mut().enumerate() {
        t.name = format!("t{k:03}");
    }
    model
}

#[test]
fn what_was_hidden_and_renamed_is_found_along_tokens() {
    let parent = Model::new(1).vocabulary(300).language("", 4, 96, 160);
    let scaled = scale_units(renumber_units(rotate(parent.clone(), 96), 160));
    // As stored, turned back to front, and with the names on the other side.
    let hidden = nameless(mix_values(scaled, 24).noised(0.05, 9));
    let mut back_to_front = hidden.clone();
    for t in back_to_front.tensors.iter_mut().filter(|t| t.shape.len() == 2 && t.shape[0] != 300) {
        *t = turned(t, t.name.clone());
    }
    for (suspect, reference) in [(&hidden, &parent), (&back_to_front, &parent), (&parent, &hidden)]
    {
        let case = case(suspect, reference);
        let verdicts = jokbo_verdict::grade(&case);
        assert_eq!(grade_of(&verdicts, "language-model"), Grade::Derived, "{verdicts:#?}");
        let language = case.exhibits.iter().find(|e| e.component == "language-model").unwrap();
        let alignment = language.alignment.as_ref().unwrap();
        assert_eq!([alignment.rung, alignment.residual], ["matched-units", "rotated"]);
        assert_eq!(alignment.layers, [(0, 0), (1, 1), (2, 2), (3, 3)]);
        // Every matrix but those of values and outputs, which were mixed, is said to be the right one.
        let right = |role: &str| {
            let all = language.found_by_content.iter();
            all.filter(|f| f.tensor.contains(role) || f.reference.contains(role)).count()
        };
        for role in ["gate_proj", "up_proj", "down_proj", "q_proj", "k_proj"] {
            assert_eq!(right(role), 4, "{role}: {:?}", language.found_by_content);
        }
    }
}

#[test]
fn strangers_without_names_stay_strangers() {
    let least: Vec<f64> = (0..300u64)
        .into_par_iter()
        .map(|pair| {
            let spreads = [Spread::Normal, Spread::Heavy, Spread::Shifted, Spread::LowRank];
            let model = |seed| {
                let model = Model::new(seed).spread(spreads[(pair % 4) as usize]).vocabulary(80);
                model.language("", 2, 24, 40)
            };
            let (ours, theirs) = (nameless(model(2 * pair)), model(2 * pair + 1));
            let verdicts = jokbo_verdict::grade(&case(&ours, &theirs));
            for verdict in &verdicts {
                assert!(!verdict.grade.is_finding(), "pair {pair}: {verdict:?}");
            }
            verdicts.iter().filter_map(|v| v.log10_p).fold(0.0, f64::min)
        })
        .collect();
    let small = least.iter().filter(|p| **p <= -2.0).count();
    assert!(small <= 10, "{small} of 300 pairs below 1e-2");
}
