//! Layers that were dropped, repeated, or replaced.

use jokbo_verdict::{Case, Grade, grade};

use crate::model::Model;
use crate::{case, grade_of, verdicts};

/// The language model whose layer `k` is layer `from[k]` of `parent`.
pub(crate) fn rebuilt(parent: &Model, from: &[usize]) -> Model {
    let layer = |name: &str| name.split('.').nth(2).and_then(|s| s.parse::<usize>().ok());
    let mut child = parent.clone().only(|name| !name.contains(".layers."));
    for (to, from) in from.iter().enumerate() {
        let old = parent.tensors.iter().filter(|t| layer(&t.name) == Some(*from));
        child.tensors.extend(old.map(|t| {
            let mut t = t.clone();
            t.name = t.name.replace(&format!(".layers.{from}."), &format!(".layers.{to}."));
            t
        }));
    }
    child
}

fn map(case: &Case) -> Vec<(u32, u32)> {
    let exhibit = case.exhibits.iter().find(|e| e.component == "language-model").unwrap();
    exhibit.layer_map.iter().map(|m| (m.suspect, m.reference)).collect()
}

#[test]
fn repeated_layers_are_followed_to_where_they_came_from() {
    let parent = Model::new(1).language("", 4, 48, 80);
    let child = rebuilt(&parent, &[0, 1, 2, 1, 2, 3]).noised(0.1, 9);
    let case = case(&child, &parent);
    assert_eq!(map(&case), [(0, 0), (1, 1), (2, 2), (3, 1), (4, 2), (5, 3)]);
    assert_eq!(grade_of(&grade(&case), "language-model"), Grade::Derived);
    let exhibit = case.exhibits.iter().find(|e| e.component == "language-model").unwrap();
    assert!(0.98 < exhibit.values.unwrap().cosine.unwrap(), "{:?}", exhibit.values);
    assert!(0.98 < exhibit.aligned.unwrap().value, "{:?}", exhibit.aligned);
}

#[test]
fn dropped_layers_are_followed_too() {
    let parent = Model::new(1).language("", 6, 48, 80);
    let child = rebuilt(&parent, &[0, 2, 4, 5]).noised(0.3, 9);
    let case = case(&child, &parent);
    assert_eq!(map(&case), [(0, 0), (1, 2), (2, 4), (3, 5)]);
    assert_eq!(grade_of(&grade(&case), "language-model"), Grade::Derived);
}

#[test]
fn layers_of_its_own_beside_borrowed_ones_are_partly_derived() {
    let parent = Model::new(1).language("", 4, 48, 80);
    let own = Model::new(2).language("", 4, 48, 80);
    let is_late = |name: &str| name.contains(".layers.2.") || name.contains(".layers.3.");
    let child = parent.clone().only(|n| !is_late(n)).and(own.only(is_late)).noised(0.1, 9);
    let found = verdicts(&child, &parent);
    let language = found.iter().find(|v| v.component == "language-model").unwrap();
    assert_eq!(language.grade, Grade::PartlyDerived, "{language:?}");
    let reasons = language.reasons.join("\n");
    assert!(reasons.contains("layer 2, layer 3"), "{reasons}");
}

#[test]
fn renumbered_units_are_outside_these_tests_and_the_power_statement_stays() {
    // Another numbering of every hidden unit hides the relation from the aligned test; the residual
    // stream still shows it.
    let parent = Model::new(1).language("", 3, 64, 80);
    let mut child = parent.clone().noised(0.1, 9);
    for t in &mut child.tensors {
        if t.name.contains("gate_proj") || t.name.contains("up_proj") {
            t.values.rotate_left(7 * 64);
        } else if t.name.contains("down_proj") {
            t.values.chunks_mut(80).for_each(|row| row.rotate_left(7));
        }
    }
    let case = case(&child, &parent);
    let exhibit = case.exhibits.iter().find(|e| e.component == "language-model").unwrap();
    let p = |name: &str| exhibit.tests.iter().find(|t| t.name == name).unwrap().log10_p;
    assert!(-4.0 < p("hidden-units"), "{}", p("hidden-units"));
    assert!(p("residual-coordinates") < -20.0, "{}", p("residual-coordinates"));
    assert_eq!(grade_of(&grade(&case), "language-model"), Grade::Derived);
}

#[test]
fn layers_that_do_not_vary_over_units_are_not_searched() {
    let model = |seed: u64, varies: bool| {
        let mut model = Model::new(seed);
        model.tensor("bert.embeddings.word_embeddings.weight", &[40, 24]);
        for layer in 0..3 {
            model.tensor(&format!("bert.encoder.layer.{layer}.intermediate.dense.bias"), &[64]);
            let bias = model.tensors.last_mut().unwrap();
            bias.values.iter_mut().for_each(|value| *value *= f32::from(u8::from(varies)));
        }
        model
    };
    for (ours, theirs) in [(false, true), (true, false), (false, false)] {
        let case = case(&model(1, ours), &model(2, theirs));
        let tests = case.exhibits.iter().flat_map(|exhibit| &exhibit.tests);
        assert!(tests.clone().all(|test| test.statistic.is_finite()));
        assert!(tests.clone().all(|test| test.name != "layer-search"));
    }
}
