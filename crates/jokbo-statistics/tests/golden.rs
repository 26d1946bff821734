//! Our numbers against an independent script's: `reference/goldens.py`, NumPy and SciPy only.

#![allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::unwrap_used,
    reason = "a test counts in small numbers, and its failed unwrap is a failed test"
)]

use jokbo_statistics::attention::{Circuit, Heads};
use jokbo_statistics::features::Features;
use jokbo_statistics::many::holm;
use jokbo_statistics::matrix::Matrix;
use jokbo_statistics::pass::PairSums;
use jokbo_statistics::permutation::{Group, Groups, Renumberings};
use jokbo_statistics::scores::{Scores, z};
use serde_json::Value;

fn golden() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/golden/statistics.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[track_caller]
fn numbers(value: &Value) -> Vec<f32> {
    let flat = |v: &Value| -> Vec<f32> {
        match v.as_array() {
            Some(items) => items.iter().flat_map(numbers_of).collect(),
            None => numbers_of(v),
        }
    };
    flat(value)
}

fn numbers_of(value: &Value) -> Vec<f32> {
    match value {
        Value::Array(items) => items.iter().flat_map(numbers_of).collect(),
        other => vec![other.as_f64().unwrap() as f32],
    }
}

#[track_caller]
fn near(name: &str, got: Option<f64>, want: &Value, tol: f64) {
    match (got, want.as_f64()) {
        (Some(got), Some(want)) => {
            let room = tol * want.abs().max(1.0);
            assert!((got - want).abs() <= room, "{name}: got {got}, want {want}");
        }
        (None, None) => {}
        (got, _) => panic!("{name}: got {got:?}, want {want}"),
    }
}

#[test]
fn one_pass_figures_agree() {
    let golden = golden();
    let cases = golden["vectors"].as_array().unwrap();
    assert!(6 <= cases.len());
    for case in cases {
        let name = case["name"].as_str().unwrap();
        let (a, b) = (numbers(&case["a"]), numbers(&case["b"]));
        if a.len() != b.len() {
            assert!(case["cosine"].is_null(), "{name}: lengths differ, nothing is defined");
            continue;
        }
        let sums = PairSums::of(&a, &b);
        near(name, sums.cosine(), &case["cosine"], 1e-12);
        near(name, sums.pearson(), &case["pearson"], 1e-9);
        near(name, sums.relative_l2(), &case["relative_l2"], 1e-12);
        near(name, sums.equal_share(), &case["equal_bits"], 0.0);
    }
}

/// The double-centred scores of one golden case.
fn scores(case: &Value) -> Scores {
    let n = usize::try_from(case["n"].as_u64().unwrap()).unwrap();
    let rows = |values: &Value| {
        let mut features = Features::new(n);
        features.push_centred(&numbers(values));
        features.unit_rows()
    };
    Scores::products(&rows(&case["a"]), &rows(&case["b"])).double_centred()
}

fn trace(scores: &Scores) -> f64 {
    scores.diagonal().iter().sum()
}

#[test]
fn the_aligned_test_agrees() {
    let golden = golden();
    let cases = golden["aligned"].as_array().unwrap();
    assert!(6 <= cases.len());
    for case in cases {
        let name = case["name"].as_str().unwrap();
        let scores = scores(case);
        let (t, n) = (trace(&scores), scores.n() as u64);
        // Scores are kept in f32.
        near(name, Some(t), &case["t"], 1e-4);
        let variance = scores.sum_of_squares() / (n - 1) as f64;
        near(name, Some(variance), &case["variance"], 1e-4);
        if case["z"].is_null() {
            assert!(variance < 1e-12, "{name}: no z means no variance, got {variance}");
            continue;
        }
        near(name, z(t, scores.sum_of_squares(), n), &case["z"], 1e-4);
        let group = Group::of(scores, &Renumberings::default(), 0).unwrap();
        let (bound, _) = group.alone();
        near(name, Some(bound), &case["log10_p_bound"], 3e-3);
        if let Some(exact) = case["log10_p_exact"].as_f64() {
            assert!(exact <= bound + 1e-6, "{name}: {exact} above the bound {bound}");
        }
    }
}

#[test]
fn the_joint_test_agrees() {
    let golden = golden();
    let cases = golden["joint"].as_array().unwrap();
    assert!(!cases.is_empty());
    for case in cases {
        let names = case["aligned"].as_array().unwrap();
        let groups: Vec<Scores> = names
            .iter()
            .map(|name| {
                let all = golden["aligned"].as_array().unwrap();
                scores(all.iter().find(|c| c["name"] == *name).unwrap())
            })
            .collect();
        let scaled: Vec<Scores> = groups
            .iter()
            .map(|g| {
                let sd = (g.sum_of_squares() / (g.n() as f64 - 1.0)).sqrt();
                g.clone().scaled(sd.recip())
            })
            .collect();
        for (groups, want) in
            [(&groups, &case["as_they_are"]), (&scaled, &case["each_at_unit_variance"])]
        {
            let t: f64 = groups.iter().map(trace).sum();
            let variance: f64 =
                groups.iter().map(|g| g.sum_of_squares() / (g.n() as f64 - 1.0)).sum();
            near("joint t", Some(t), &want["t"], 1e-4);
            near("joint variance", Some(variance), &want["variance"], 1e-4);
        }
        let mut test = Groups::default();
        assert!(scaled.into_iter().all(|scores| test.push(scores)));
        let bound = test.test().unwrap().log10_p;
        near("joint bound", Some(bound), &case["each_at_unit_variance"]["log10_p_bound"], 3e-3);
    }
}

#[test]
fn maps_of_heads_agree_and_a_rewritten_layer_has_the_same() {
    let golden = golden();
    let cases = golden["attention"].as_array().unwrap();
    assert_eq!(cases.len(), 3);
    for case in cases {
        let name = case["name"].as_str().unwrap();
        let size = |key: &str| usize::try_from(case[key].as_u64().unwrap()).unwrap();
        let heads = Heads { groups: size("groups"), each: size("each") };
        let rows = |values: &Value| {
            let width = values[0].as_array().unwrap().len();
            Matrix::new(values.as_array().unwrap().len(), width, numbers(values)).unwrap()
        };
        let layer = |of: &Value| {
            let part = |part: &str| rows(&of[part]).transposed();
            let circuit = |[a, b]: [&str; 2]| Circuit::new(heads, part(a), part(b)).unwrap();
            [["queries", "keys"], ["outputs", "values"]].map(circuit)
        };
        let (plain, other) = (layer(&case["plain"]), layer(&case["rewritten"]));
        let order: Vec<usize> = numbers(&case["order"]).iter().map(|&k| k as usize).collect();
        let close = |got: &Matrix, want: &Matrix| {
            assert_eq!((got.rows(), got.cols()), (want.rows(), want.cols()), "{name}");
            let pairs = got.values().iter().zip(want.values());
            pairs.for_each(|(x, y)| assert!((x - y).abs() < 1e-3, "{name}: {x} for {y}"));
        };
        let want = [rows(&case["reads"]), rows(&case["writes"])];
        for (k, want) in want.iter().enumerate() {
            close(&plain[k].maps_of_groups(6), want);
            close(&other[k].maps_of_groups(6), &want.select(&order));
        }
        // Coordinates 2 to 5 along 0 and 1: read from, read by, written to, written by.
        let [reads, writes] = ["sum_of_reads", "sum_of_writes"].map(|part| rows(&case[part]));
        let part = |m: &Matrix| m.select(&[2, 3, 4, 5]).transposed().select(&[0, 1]).transposed();
        let want =
            [part(&reads.transposed()), part(&reads), part(&writes.transposed()), part(&writes)];
        for layer in [&plain, &other] {
            let along = layer.iter().flat_map(|circuit| circuit.along(2));
            along.zip(&want).for_each(|(got, want)| close(&got, want));
        }
    }
}

#[test]
fn holm_agrees() {
    let golden = golden();
    let cases = golden["holm"].as_array().unwrap();
    assert!(3 <= cases.len());
    for case in cases {
        let list = |key: &str| -> Vec<f64> {
            case[key].as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
        };
        for (got, want) in holm(&list("log10_p")).iter().zip(list("adjusted")) {
            assert!((got - want).abs() < 1e-9, "got {got}, want {want}");
        }
    }
}

#[test]
fn the_fixed_point_bound_is_never_below_the_exact_tail() {
    let golden = golden();
    let cases = golden["fixed_points"].as_array().unwrap();
    assert!(6 <= cases.len());
    for case in cases {
        let value = |key: &str| case[key].as_f64().unwrap();
        let (m, n, k) = (value("m"), value("n"), value("k"));
        let factorial: f64 = (1..=k as u64).map(|i| i as f64).product();
        let bound = (m / n).powf(k) / factorial;
        assert!(value("exact") <= bound.min(1.0) + 1e-12, "{case}");
    }
}
