//! LoRA adapters: two of one base and one task are innocent, and a copy is found through its ranks.

use jokbo_audit::{Opened, Plan, compare};
use jokbo_statistics::seed::Draws;
use jokbo_verdict::{Ancestry, Grade, Relation, Verdict, grade};
use serde_json::{Value, json};

use crate::kept::Checked;
use crate::model::{Model, Tensor, normal};

const RANK: usize = 8;
const WIDTH: usize = 48;
const MODULES: [&str; 4] =
    ["0.self_attn.q_proj", "0.mlp.up_proj", "1.self_attn.q_proj", "1.mlp.up_proj"];

fn drawn(seed: u64, purpose: &str, n: usize) -> Vec<f32> {
    let mut draws = Draws::new(seed, purpose);
    (0..n).map(|_| normal(&mut draws)).collect()
}

/// `x y` of square or narrow matrices, row by row; `inner` is what both have in common.
fn times(x: &[f32], y: &[f32], inner: usize) -> Vec<f32> {
    let cols = y.len() / inner;
    let row = |r: usize| {
        (0..cols).map(move |c| (0..inner).map(|k| x[r * inner + k] * y[k * cols + c]).sum())
    };
    (0..x.len() / inner).flat_map(row).collect()
}

fn turned(x: &[f32], cols: usize) -> Vec<f32> {
    (0..cols).flat_map(|c| (0..x.len() / cols).map(move |r| x[r * cols + c])).collect()
}

/// What training does first, from a random `A` and `B` at zero: the gradient of the task, which is
/// the same for everybody who has the base and the data, times `A`; and back.
fn trained(seed: u64, task: u64) -> Model {
    let mut model = Model::new(seed);
    for module in MODULES {
        let gradient = drawn(task, module, WIDTH * WIDTH);
        let mut a = drawn(seed, module, RANK * WIDTH);
        let b: Vec<f32> =
            times(&gradient, &turned(&a, WIDTH), WIDTH).iter().map(|x| 0.02 * x).collect();
        let back = times(&turned(&b, RANK), &gradient, WIDTH);
        a.iter_mut().zip(back).for_each(|(a, x)| *a += 0.02 * x);
        let name = |end: &str| format!("base_model.model.model.layers.{module}.lora_{end}.weight");
        model.tensors.push(Tensor { name: name("A"), shape: vec![RANK, WIDTH], values: a });
        model.tensors.push(Tensor { name: name("B"), shape: vec![WIDTH, RANK], values: b });
    }
    model
}

fn config(start: &Value) -> Value {
    json!({ "peft_type": "LORA", "r": RANK, "lora_alpha": 16, "init_lora_weights": start })
}

fn open(model: &Model) -> Opened {
    model.open_with(Some(config(&json!(true))))
}

fn verdicts(suspect: &Opened, reference: &Opened) -> Vec<Verdict> {
    grade(&compare(suspect, reference, &Plan::default(), &Checked).unwrap())
}

/// The only verdict.
#[track_caller]
fn verdict(suspect: &Opened, reference: &Opened) -> Verdict {
    let mut all = verdicts(suspect, reference);
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

/// The mean over modules of the cosine of two adapters' products. Between unrelated matrices of this
/// size it is 0, give or take 0.02.
fn product_cosine(x: &Model, y: &Model) -> f32 {
    let product =
        |m: &Model, k: usize| times(&m.tensors[2 * k + 1].values, &m.tensors[2 * k].values, RANK);
    let dot = |x: &[f32], y: &[f32]| x.iter().zip(y).map(|(x, y)| x * y).sum::<f32>();
    let cosines = (0..MODULES.len()).map(|k| {
        let (x, y) = (product(x, k), product(y, k));
        dot(&x, &y) / (dot(&x, &x) * dot(&y, &y)).sqrt()
    });
    cosines.sum::<f32>() / MODULES.len() as f32
}

#[test]
fn adapters_of_one_base_and_one_task_are_innocent_although_their_products_agree() {
    for seed in 0..30 {
        let (x, y) = (trained(2 * seed, 7), trained(2 * seed + 1, 7));
        assert!(0.08 < product_cosine(&x, &y), "the trap is gone");
        let verdict = verdict(&open(&x), &open(&y));
        assert_eq!(verdict.grade, Grade::NoEvidence, "{verdict:?}");
        assert!(-3.5 < verdict.log10_p.unwrap(), "{verdict:?}");
    }
}

#[test]
fn a_copy_is_found_and_is_never_said_to_be_more_than_a_common_start() {
    let parent = trained(1, 7);
    let verdict = verdict(&open(&parent.clone().noised(0.1, 2)), &open(&parent));
    assert_eq!(verdict.grade, Grade::Derived, "{verdict:?}");
    assert!(verdict.log10_p.unwrap() < -10.0);
    assert_eq!(verdict.ancestry, Ancestry::CheckpointOrInitialisation);
}

#[test]
fn equal_values_in_what_began_at_zero_are_a_checkpoint() {
    let parent = trained(1, 7);
    let mut child = parent.clone().noised(0.1, 2);
    for (of, from) in child.tensors.iter_mut().zip(&parent.tensors) {
        if of.name.contains("lora_B") {
            of.values.clone_from(&from.values);
        }
    }
    let verdict = verdict(&open(&child), &open(&parent));
    assert_eq!((verdict.grade, verdict.ancestry), (Grade::Derived, Ancestry::Checkpoint));
}

#[test]
fn a_common_random_start_is_found_as_one_and_not_as_a_checkpoint() {
    let verdict = verdict(&open(&trained(1, 7)), &open(&trained(1, 8)));
    assert_eq!(verdict.grade, Grade::Derived, "{verdict:?}");
    assert_eq!(verdict.ancestry, Ancestry::CheckpointOrInitialisation);
}

#[test]
fn adapters_that_began_at_the_base_have_no_numbering_to_draw_from() {
    let (x, y) = (trained(1, 7), trained(1, 8));
    let pissa = |model: &Model| model.open_with(Some(config(&json!("pissa_niter_16"))));
    for (x, y) in [(pissa(&x), pissa(&y)), (pissa(&x), open(&y)), (open(&x), pissa(&y))] {
        let verdict = verdict(&x, &y);
        assert_eq!(verdict.grade, Grade::Inconclusive, "{verdict:?}");
    }
    // Without a configuration nobody knows how they began.
    let verdict = verdict(&x.open_with(None), &y.open_with(None));
    assert_eq!(verdict.grade, Grade::Inconclusive, "{verdict:?}");
}

/// What `peft` saves of an adapter that began at singular vectors, as the difference to that start.
fn converted(seed: u64) -> Model {
    let mut model = Model::new(seed);
    for module in MODULES {
        let start = drawn(99, module, 2 * RANK * WIDTH);
        let noise = drawn(seed, module, 2 * RANK * WIDTH);
        let moved: Vec<f32> = start.iter().zip(noise).map(|(x, e)| x + 0.2 * e).collect();
        let (a, b) = start.split_at(RANK * WIDTH);
        let (moved_a, moved_b) = moved.split_at(RANK * WIDTH);
        let up: Vec<f32> = (0..WIDTH)
            .flat_map(|r| {
                let row = r * RANK..(r + 1) * RANK;
                let before = b[row.clone()].iter().map(|x| -x);
                moved_b[row].iter().copied().chain(before).collect::<Vec<f32>>()
            })
            .collect();
        let name = |end: &str| format!("base_model.model.model.layers.{module}.lora_{end}.weight");
        let down = [moved_a, a].concat();
        model.tensors.push(Tensor { name: name("A"), shape: vec![2 * RANK, WIDTH], values: down });
        model.tensors.push(Tensor { name: name("B"), shape: vec![WIDTH, 2 * RANK], values: up });
    }
    model
}

#[test]
fn converted_adapters_that_share_their_bases_vectors_are_innocent() {
    let open = |seed| {
        let mut config = config(&json!(true));
        config["r"] = json!(2 * RANK);
        converted(seed).open_with(Some(config))
    };
    let verdict = verdict(&open(1), &open(2));
    assert!(!verdict.grade.is_finding(), "{verdict:?}");
}

#[test]
fn an_adapter_says_nothing_of_a_model_without_its_base() {
    let model = Model::new(5).language("", 2, WIDTH, WIDTH).open();
    let adapter = open(&trained(1, 7));
    for (suspect, reference) in [(&adapter, &model), (&model, &adapter)] {
        for verdict in verdicts(suspect, reference) {
            assert_eq!(verdict.grade, Grade::NotComparable, "{verdict:?}");
            assert!(verdict.reasons.iter().any(|why| why.contains("--base")), "{verdict:?}");
        }
    }
}

#[test]
fn an_adapter_on_its_base_is_the_merged_model() {
    let base = Model::new(5).language("", 2, WIDTH, WIDTH);
    let adapter = trained(1, 7);
    let mut merged = base.clone();
    for (k, module) in MODULES.iter().enumerate() {
        let (a, b) = (&adapter.tensors[2 * k].values, &adapter.tensors[2 * k + 1].values);
        let name = format!("model.layers.{module}.weight");
        let weight = merged.tensors.iter_mut().find(|t| t.name == name).unwrap();
        let product = (0..WIDTH * WIDTH).map(|at| {
            let (r, c) = (at / WIDTH, at % WIDTH);
            let term = |k: usize| f64::from(b[r * RANK + k]) * f64::from(a[k * WIDTH + c]);
            (0..RANK).map(term).sum::<f64>()
        });
        for (w, x) in weight.values.iter_mut().zip(product) {
            *w = (f64::from(*w) + 2.0 * x) as f32;
        }
    }
    let on_base = open(&adapter).on_base(&base.open()).unwrap();
    assert_eq!(on_base.parameters(), base.open().parameters());
    for verdict in verdicts(&on_base, &merged.open()) {
        assert!(matches!(verdict.grade, Grade::Identical | Grade::Derived), "{verdict:?}");
        assert_eq!(verdict.ancestry, Ancestry::Checkpoint);
        let same = [Relation::SameBits { share: 1.0 }];
        let converted =
            [Relation::Converted { from: "LORA_MERGED".into(), to: "F32".into(), lossless: false }];
        assert!(verdict.relations == same || verdict.relations == converted, "{verdict:?}");
    }
}

#[test]
fn a_base_that_does_not_fit_is_refused_by_name() {
    let adapter = open(&trained(1, 7));
    let refused = |base: &Opened| {
        let error = adapter.on_base(base).unwrap_err();
        std::error::Error::source(&error).unwrap().to_string()
    };
    let narrow = Model::new(5).language("", 2, WIDTH / 2, WIDTH).open();
    assert_eq!(
        refused(&narrow),
        "memory: the adapter cannot be merged at `model.layers.0.mlp.up_proj`: the base's shape is [48, 24], and the product's [48, 48]"
    );
    let shallow = Model::new(5).language("", 1, WIDTH, WIDTH).open();
    assert!(
        refused(&shallow)
            .ends_with("`model.layers.1.mlp.up_proj`: the base has no tensor of that name")
    );
    assert!(refused(&adapter).contains("which is an adapter too"));
}

#[test]
fn an_adapter_on_its_base_differs_from_it_by_its_rank() {
    let base = Model::new(5).language("", 2, WIDTH, WIDTH);
    let on_base = open(&trained(1, 7)).on_base(&base.open()).unwrap();
    let verdicts = verdicts(&on_base, &base.open());
    let language = verdicts.iter().find(|v| v.component == "language-model").unwrap();
    let is_rank = |r: &Relation| match r {
        Relation::AdapterMerged { rank, tensors, .. } => {
            *rank == RANK as u64 && tensors.len() == MODULES.len()
        }
        _ => false,
    };
    assert!(language.relations.iter().any(is_rank), "{:?}", language.relations);
    assert!(!language.relations.iter().any(|r| r.word() == "quantised"));
}
