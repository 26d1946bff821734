//! Relations that were hidden on purpose, and the rung of the ladder that finds them.

use jokbo_verdict::{Case, Exhibit, Grade, Relation, Side, TestKind, grade};

use crate::attacks::{
    mix_values, own_attention, permute_and_sign, renumber_experts, renumber_plain_units,
    renumber_units, rotate, scale_units,
};
use crate::model::Model;
use crate::{case, grade_of};

const D: usize = 96;
const H: usize = 160;

fn parent() -> Model {
    Model::new(1).vocabulary(300).language("", 4, D, H)
}

fn language(case: &Case) -> &Exhibit {
    case.exhibits.iter().find(|e| e.component == "language-model").unwrap()
}

/// The language model's exhibit, its verdict checked, and `[rung, residual, units]`.
#[track_caller]
fn found(child: &Model, parent: &Model) -> (Exhibit, [&'static str; 3]) {
    let case = case(child, parent);
    let verdicts = grade(&case);
    let exhibit = language(&case).clone();
    assert_eq!(grade_of(&verdicts, "language-model"), Grade::Derived, "{exhibit:#?}");
    let alignment = exhibit.alignment.clone();
    let steps = alignment.map_or(["identity", "", ""], |a| [a.rung, a.residual, a.units]);
    (exhibit, steps)
}

#[test]
fn renumbered_units_are_matched_on_one_half_and_tested_on_the_other() {
    let child = own_attention(
        renumber_units(parent().noised(0.3, 9), H),
        Model::new(3).language("", 4, D, H),
    );
    let (exhibit, steps) = found(&child, &parent());
    assert_eq!(steps, ["renumbered-units", "kept", "renumbered"]);
    let alignment = exhibit.alignment.unwrap();
    assert!(0.9 < alignment.agreeing_share.unwrap(), "{alignment:?}");
    assert!(0.8 < alignment.cosine.unwrap().low, "{alignment:?}");
    assert!(exhibit.tests.iter().all(|test| test.kind == TestKind::Exact));
}

#[test]
fn half_of_the_units_pruned_and_the_rest_renumbered_are_found() {
    let child = renumber_units(parent().noised(0.3, 9), H / 2);
    let (exhibit, steps) = found(&child, &parent());
    assert_eq!(steps, ["renumbered-units", "kept", "renumbered"]);
    assert!(0.9 < exhibit.alignment.unwrap().agreeing_share.unwrap());
    for (suspect, reference) in [(&child, &parent()), (&parent(), &child)] {
        let verdicts = crate::verdicts(suspect, reference);
        let size = |m: &Model| m.tensors.iter().map(|t| t.values.len()).sum::<usize>();
        let is_first = size(suspect) < size(reference);
        let side = if is_first { Side::Suspect } else { Side::Reference };
        let language = verdicts.iter().find(|v| v.component == "language-model").unwrap();
        let is_narrower =
            |r: &Relation| matches!(r, Relation::WidthPruned { side: of, .. } if *of == side);
        assert!(language.relations.iter().any(is_narrower), "{:?}", language.relations);
        assert_eq!(language.direction, None);
    }
}

#[test]
fn a_signed_permutation_of_the_residual_stream_is_found_along_tokens() {
    for (flip, residual) in [(true, "permuted and signed"), (false, "permuted")] {
        let child = permute_and_sign(parent().noised(0.2, 9), D, flip);
        let (exhibit, steps) = found(&child, &parent());
        assert_eq!(steps, ["anchored-units", residual, "kept"]);
        assert!(0.8 < exhibit.aligned.unwrap().value, "{:?}", exhibit.aligned);
        assert!(exhibit.tests.iter().all(|test| test.kind == TestKind::Exact));
    }
}

#[test]
fn a_permuted_stream_is_undone_where_equal_values_had_shown_the_relation() {
    // Most permutations leave some coordinate where it was: every unit then holds an equal value.
    let mut shown = 0;
    for d in [64, 72, 80, 88] {
        let parent = Model::new(1).vocabulary(300).language("", 4, d, H);
        let (exhibit, steps) = found(&permute_and_sign(parent.clone(), d, false), &parent);
        assert_eq!(steps, ["anchored-units", "permuted", "kept"]);
        let equal = exhibit.tests.iter().find(|test| test.name == "equal-values");
        shown += u32::from(equal.is_some_and(|test| test.log10_p < -20.0));
    }
    assert!(0 < shown);
}

#[test]
fn a_rotation_with_folded_norms_is_found_along_tokens() {
    let child = rotate(parent(), D).noised(0.2, 9);
    let (exhibit, steps) = found(&child, &parent());
    assert_eq!(steps, ["anchored-units", "rotated", "kept"]);
    assert!(0.8 < exhibit.aligned.unwrap().value, "{:?}", exhibit.aligned);
}

#[test]
fn when_the_embeddings_were_replaced_the_output_head_serves() {
    let mut child = rotate(parent(), D).noised(0.1, 9);
    let other = Model::new(4).vocabulary(300).language("", 4, D, H);
    child.tensors[0] = other.tensors[0].clone();
    let (exhibit, steps) = found(&child, &parent());
    assert_eq!(steps[0], "anchored-units");
    assert_eq!(exhibit.alignment.unwrap().anchors.as_deref(), Some("output-head"));
}

#[test]
fn everything_at_once_is_found_by_the_model_based_test_and_called_that() {
    let child = mix_values(scale_units(renumber_units(rotate(parent(), D), H)), 24)
        .noised(0.1, 9)
        .renamed("model.", "backbone.model.");
    let (exhibit, steps) = found(&child, &parent());
    assert_eq!(steps, ["matched-units", "rotated", "renumbered"]);
    let alignment = exhibit.alignment.clone().unwrap();
    assert!(alignment.control_share.unwrap() <= 0.05, "{alignment:?}");
    let test = exhibit.tests.iter().find(|test| test.name == "matched-units").unwrap();
    assert_eq!(test.kind, TestKind::ModelBased);
}

#[test]
fn what_needs_no_ladder_does_not_climb_it() {
    for child in [
        parent().noised(0.5, 9),
        scale_units(parent()).noised(0.1, 9),
        mix_values(parent(), 24).noised(0.1, 9),
    ] {
        let (exhibit, steps) = found(&child, &parent());
        assert_eq!(steps[0], "identity");
        let rungs = ["renumbered-units", "anchored-units", "matched-units"];
        assert!(!exhibit.tests.iter().any(|test| rungs.contains(&test.name)), "{exhibit:#?}");
    }
}

#[test]
fn layers_dropped_from_a_rotated_copy_are_followed() {
    let child = rotate(parent(), D).noised(0.1, 9);
    let gone = ".layers.1.";
    let mut child = child.only(|name| !name.contains(gone));
    for t in &mut child.tensors {
        for (from, to) in [(2, 1), (3, 2)] {
            t.name = t.name.replace(&format!(".layers.{from}."), &format!(".layers.{to}."));
        }
    }
    let (exhibit, steps) = found(&child, &parent());
    assert_eq!(steps, ["anchored-units", "rotated", "kept"]);
    assert_eq!(exhibit.alignment.unwrap().layers, [(0, 0), (1, 2), (2, 3)]);
}

#[test]
fn experts_that_were_renumbered_are_told_apart_by_what_no_renumbering_changes() {
    const EXPERTS: usize = 4;
    let mixture = |seed| Model::new(seed).mixture(3, D, 80, EXPERTS);
    for (units_too, rung) in [(false, "anchored-units"), (true, "matched-units")] {
        let rotated = rotate(mixture(1), D);
        let rotated = if units_too { renumber_units(rotated, 80) } else { rotated };
        let (child, map) = renumber_experts(rotated.noised(0.1, 9), 3, EXPERTS);
        let (exhibit, steps) = found(&child, &mixture(1));
        assert_eq!(steps[..2], [rung, "rotated"]);
        let experts = exhibit.expert_map;
        assert_eq!(experts.len(), if units_too { 6 } else { 3 * EXPERTS }, "{experts:?}");
        for e in experts {
            let want = map[e.layer as usize][e.expert as usize];
            assert_eq!((e.other_layer, e.other_expert), (e.layer, Some(want)), "{e:?}");
            assert!(0.9 < e.units_share, "{e:?}");
        }
    }
    let case = case(&mixture(2), &mixture(1));
    assert!(grade(&case).iter().all(|v| v.grade == Grade::NoEvidence));
}

/// An audio encoder with sinusoidal positions: its residual coordinates have a meaning.
fn encoder(seed: u64) -> Model {
    let mut model = Model::new(seed);
    model.tensor("model.encoder.conv1.weight", &[48, 16, 3]);
    model.tensor("model.encoder.conv2.weight", &[48, 48, 3]);
    for layer in 0..4 {
        let at = |name: &str| format!("model.encoder.layers.{layer}.{name}.weight");
        for name in ["q_proj", "k_proj", "v_proj", "out_proj"] {
            model.matrix(at(&format!("self_attn.{name}")), 48, 48);
        }
        model.matrix(at("fc1"), 160, 48);
        model.matrix(at("fc2"), 48, 160);
        model.norm(at("self_attn_layer_norm"), 48);
        model.norm(at("final_layer_norm"), 48);
    }
    model
}

#[test]
fn units_renumbered_under_coordinates_that_have_a_meaning_are_matched() {
    let case_of = |child: &Model| case(child, &encoder(1));
    // Convolutions of its own: their channels would say it under their own numbers.
    let is_layer = |name: &str| name.contains(".layers.");
    let child = encoder(1).noised(0.1, 9).only(is_layer).and(encoder(3).only(|n| !is_layer(n)));
    let found = case_of(&renumber_plain_units(child));
    assert_eq!(grade(&found)[0].grade, Grade::Derived, "{found:#?}");
    let alignment = found.exhibits[0].alignment.clone().unwrap();
    assert_eq!((alignment.rung, alignment.residual), ("matched-units", "kept"));
    assert_eq!(alignment.anchors, None);
    let strangers = case_of(&renumber_plain_units(encoder(2)));
    assert_eq!(grade(&strangers)[0].grade, Grade::NoEvidence, "{strangers:#?}");
}

#[test]
fn unrelated_models_climb_to_the_top_and_nothing_is_found() {
    let other = Model::new(2).vocabulary(300).language("", 4, D, H);
    let case = case(&other, &parent());
    let verdicts = grade(&case);
    assert!(verdicts.iter().all(|v| v.grade == Grade::NoEvidence), "{verdicts:#?}");
    let exhibit = language(&case);
    let rungs: Vec<&str> = exhibit.tests.iter().map(|test| test.name).collect();
    for rung in ["renumbered-units", "anchored-units", "matched-units"] {
        assert!(rungs.contains(&rung), "{rungs:?}");
    }
    assert!(exhibit.alignment.is_none());
    assert!(exhibit.power.hidden.iter().all(|power| power.aligned_cosine < 0.4), "{exhibit:#?}");
}
