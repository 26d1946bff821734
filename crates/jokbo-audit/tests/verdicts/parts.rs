//! Each component is judged by itself, whatever its tensors are called or how they are stored.

use jokbo_verdict::{Ancestry, Grade, Relation};

use crate::model::{Model, Tensor};
use crate::{case, grade_of, verdicts};

#[test]
fn a_borrowed_encoder_is_found_beside_an_own_language_model() {
    let reference =
        Model::new(1).vision("visual.", 3, 32, 48).and(Model::new(2).language("", 3, 40, 64));
    let encoder = Model::new(1).vision("visual.", 3, 32, 48).noised(0.1, 9);
    let suspect = encoder.renamed("visual.", "model.vision_model.").and(Model::new(3).language(
        "model.language_model.",
        4,
        40,
        64,
    ));
    for (a, b) in [(&suspect, &reference), (&reference, &suspect)] {
        let found = verdicts(a, b);
        assert_eq!(grade_of(&found, "vision-encoder"), Grade::Derived);
        assert_eq!(grade_of(&found, "language-model"), Grade::NoEvidence);
        assert_eq!(grade_of(&found, "token-embedding"), Grade::NoEvidence);
        assert_eq!(grade_of(&found, "output-head"), Grade::NoEvidence);
    }
    let case = case(&suspect, &reference);
    let encoder = case.exhibits.iter().find(|e| e.component == "vision-encoder").unwrap();
    let cosine = encoder.values.unwrap().cosine.unwrap();
    let planted = 1.0 / (1.0f64 + 0.01).sqrt();
    assert!((cosine - planted).abs() < 0.002, "cosine {cosine}, planted {planted}");
}

#[test]
fn fused_and_split_forms_are_the_same_weights() {
    let split = Model::new(1).language("", 2, 24, 40);
    let mut fused = split.clone().only(|name| {
        !["q_proj", "k_proj", "v_proj", "gate_proj", "up_proj"].iter().any(|p| name.contains(p))
    });
    for layer in 0..2 {
        for (name, parts) in [
            (
                "self_attn.qkv_proj",
                ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"].as_slice(),
            ),
            ("mlp.gate_up_proj", &["mlp.gate_proj", "mlp.up_proj"]),
        ] {
            let at = |name: &str| format!("model.layers.{layer}.{name}.weight");
            let parts: Vec<&Tensor> = parts
                .iter()
                .map(|part| split.tensors.iter().find(|t| t.name == at(part)).unwrap())
                .collect();
            fused.tensors.push(Tensor {
                name: at(name),
                shape: vec![parts.iter().map(|t| t.shape[0]).sum(), 24],
                values: parts.iter().flat_map(|t| t.values.clone()).collect(),
            });
        }
    }
    for (a, b) in [(&split, &fused), (&fused, &split)] {
        let found = verdicts(a, b);
        assert!(found.iter().all(|v| v.grade == Grade::Identical), "{found:#?}");
        assert_eq!(found[0].relations, [Relation::SameBits { share: 1.0 }]);
    }
}

#[test]
fn ancestry_says_checkpoint_only_where_initialisation_cannot_explain_it() {
    let parent = Model::new(1).language("", 3, 48, 80);
    let near = verdicts(&parent.clone().noised(0.1, 9), &parent);
    assert_eq!(near[0].ancestry, Ancestry::Checkpoint);
    let far = verdicts(&parent.clone().noised(3.0, 9), &parent);
    assert_eq!(far[0].grade, Grade::Derived, "{:?}", far[0]);
    assert_eq!(far[0].ancestry, Ancestry::CheckpointOrInitialisation);
}

#[test]
fn names_no_pattern_knows_are_still_compared() {
    let rename = |model: Model| {
        model
            .only(|name| name.contains("mlp"))
            .renamed("model.layers.", "zeta.stack.")
            .renamed("mlp.gate_proj", "a")
            .renamed("mlp.up_proj", "b")
            .renamed("mlp.down_proj", "c")
    };
    let parent = rename(Model::new(1).language("", 3, 48, 80));
    let found = verdicts(&parent.clone().noised(0.2, 9), &parent);
    assert_eq!(grade_of(&found, "other:zeta"), Grade::Derived);
    let stranger = rename(Model::new(2).language("", 3, 48, 80));
    assert_eq!(grade_of(&verdicts(&stranger, &parent), "other:zeta"), Grade::NoEvidence);
}

#[test]
fn integers_are_compared_bit_by_bit() {
    // Two 64-bit integers that are one and the same as floating-point numbers.
    let big = |last: u64| {
        let mut header =
            r#"{"steps":{"dtype":"I64","shape":[2],"data_offsets":[0,16]}}"#.to_owned();
        header.extend(std::iter::repeat_n(' ', 8 - header.len() % 8));
        let mut file = (header.len() as u64).to_le_bytes().to_vec();
        file.extend(header.as_bytes());
        file.extend([1u64 << 60, (1 << 60) + last].iter().flat_map(|x| x.to_le_bytes()));
        jokbo_audit::from_memory("memory", vec![("m.safetensors".to_owned(), file)], None).unwrap()
    };
    let plan = jokbo_audit::Plan::default();
    for (last, equal) in [(0, 2), (1, 1)] {
        let case = jokbo_audit::compare(&big(last), &big(0), &plan, &jokbo_audit::Silent).unwrap();
        let values = case.exhibits[0].values;
        let formulas = &case.exhibits[0].formulas;
        let share = formulas.first().and_then(|f| f.equal_share);
        let got = values.map(|v| v.equal).or(share.map(|s| (2.0 * s) as u64));
        assert_eq!(got, Some(equal), "{values:?}, {formulas:?}");
    }
}

#[test]
fn a_component_the_reference_lacks_is_not_comparable() {
    let suspect = Model::new(1).vision("visual.", 2, 16, 24);
    let reference = Model::new(2).language("", 2, 16, 24);
    let found = verdicts(&suspect, &reference);
    assert_eq!(grade_of(&found, "vision-encoder"), Grade::NotComparable);
    assert!(found[0].reasons.iter().any(|r| r.contains("nothing comparable")), "{found:?}");
}
