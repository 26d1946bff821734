//! The checks of relations against numbers that an independent script made.

#![allow(clippy::unwrap_used, reason = "a failed unwrap in a test is a failed test")]

use jokbo_statistics::relation::merge::Products;
use jokbo_statistics::relation::noise::structure;
use jokbo_statistics::relation::sample::Square;
use jokbo_statistics::relation::spectrum::singular_values;
use serde_json::Value;

fn golden() -> Value {
    serde_json::from_str(include_str!("../../../data/golden/relations.json")).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

#[allow(clippy::cast_possible_truncation, reason = "the numbers were written as f32")]
fn singles(value: &Value) -> Vec<f32> {
    numbers(value).into_iter().map(|x| x as f32).collect()
}

#[track_caller]
fn near(got: f64, want: f64) {
    assert!((got - want).abs() <= 1e-6, "got {got}, want {want}");
}

#[test]
fn singular_values_and_structure_agree() {
    for case in golden()["spectrum"].as_array().unwrap() {
        let side = |name: &str| usize::try_from(case[name].as_u64().unwrap()).unwrap();
        let (rows, cols) = (side("rows"), side("cols"));
        let change = numbers(&case["matrix"]);
        let got = singular_values(rows, cols, &change);
        let want = numbers(&case["values"]);
        assert_eq!(got.len(), want.len());
        got.iter().zip(&want).for_each(|(g, w)| near(g / want[0], w / want[0]));
        let square = Square { rows, cols, change, rounding: vec![0.0; rows * cols] };
        near(structure(&square).unwrap(), case["structure"].as_f64().unwrap());
    }
}

#[test]
fn coefficients_and_places_agree() {
    for case in golden()["merge"].as_array().unwrap() {
        let child = singles(&case["child"]);
        let parents: Vec<Vec<f32>> =
            case["parents"].as_array().unwrap().iter().map(singles).collect();
        let tensors: Vec<&[f32]> =
            [child.as_slice()].into_iter().chain(parents.iter().map(Vec::as_slice)).collect();
        let mixture = Products::of(&tensors, None, |_, _| 0.0).mixture().unwrap();
        let want = numbers(&case["coefficients"]);
        mixture.coefficients.iter().zip(want).for_each(|(g, w)| near(*g, w));
    }
    for case in golden()["slerp"].as_array().unwrap() {
        let [child, one, two] = ["child", "one", "two"].map(|name| singles(&case[name]));
        let place = Products::of(&[&child, &one, &two], None, |_, _| 0.0).on_circle();
        near(place.unwrap().0, case["t"].as_f64().unwrap());
    }
}
