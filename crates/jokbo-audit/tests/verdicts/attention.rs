//! Attention under what its function permits: values mixed, queries turned, heads in another order.

use jokbo_audit::{Plan, compare};
use jokbo_statistics::seed::Draws;
use jokbo_verdict::{Case, Exhibit, Grade, HeadMap, TestKind, grade};
use serde_json::{Value, json};

use crate::attacks::mix_values;
use crate::kept::Checked;
use crate::model::{Model, Tensor, normal};

const D: usize = 96;
const SIZE: usize = 8;
const LAYERS: usize = 3;
const NAMES: [&str; 4] = ["q_proj", "k_proj", "v_proj", "o_proj"];

/// How many heads of keys, and of queries for each of them.
type Shape = (usize, usize);

/// A Llama-like model of that shape.
fn model(seed: u64, (groups, each): Shape) -> Model {
    let mut model = Model::new(seed).vocabulary(60).language("", LAYERS, D, 120);
    model.tensors.retain(|t| !t.name.contains("self_attn"));
    for layer in 0..LAYERS {
        let at = |name: &str| format!("model.layers.{layer}.self_attn.{name}.weight");
        model.matrix(at("q_proj"), groups * each * SIZE, D);
        model.matrix(at("k_proj"), groups * SIZE, D);
        model.matrix(at("v_proj"), groups * SIZE, D);
        model.matrix(at("o_proj"), D, groups * each * SIZE);
    }
    model
}

fn config((groups, each): Shape) -> Value {
    json!({ "model_type": "llama", "hidden_size": D, "num_attention_heads": groups * each,
        "num_key_value_heads": groups })
}

/// All of `own` but its attention, which is that of `model`.
fn with_attention_of(own: Model, model: Model) -> Model {
    let is_attention = |name: &str| name.contains("self_attn");
    own.only(|name| !is_attention(name)).and(model.only(is_attention))
}

/// Rows (columns of outputs) of every head through `of`, which gets layer, role, head and a head's
/// rows.
fn by_heads(mut model: Model, of: impl Fn(&str, usize, &mut [Vec<f32>])) -> Model {
    for t in &mut model.tensors {
        let Some(role) = NAMES.iter().find(|name| t.name.contains(*name)) else { continue };
        let turned = *role == "o_proj";
        let mut rows = rows(t, turned);
        for (head, rows) in rows.chunks_mut(SIZE).enumerate() {
            of(role, head, rows);
        }
        put(t, rows, turned);
    }
    model
}

fn rows(t: &Tensor, turned: bool) -> Vec<Vec<f32>> {
    let (n, d) = (t.shape[0], t.shape[1]);
    match turned {
        false => t.values.chunks(d).map(<[f32]>::to_vec).collect(),
        true => (0..d).map(|c| (0..n).map(|r| t.values[r * d + c]).collect()).collect(),
    }
}

fn put(t: &mut Tensor, rows: Vec<Vec<f32>>, turned: bool) {
    let width = rows[0].len();
    t.values = match turned {
        false => rows.concat(),
        true => (0..width).flat_map(|c| rows.iter().map(move |row| row[c])).collect(),
    };
}

/// A complex factor for every rotary pair of a key head, undone in its query heads.
fn turn_queries(model: Model, each: usize) -> Model {
    by_heads(model, |role, head, rows| {
        if role != "q_proj" && role != "k_proj" {
            return;
        }
        let group = if role == "q_proj" { head / each } else { head };
        for k in 0..SIZE / 2 {
            let mut draws = Draws::new(3, &format!("turn/{group}/{k}"));
            let (re, im) = (normal(&mut draws), normal(&mut draws));
            let square = if role == "q_proj" { re * re + im * im } else { 1.0 };
            for c in 0..rows[k].len() {
                let (x, y) = (rows[k][c], rows[k + SIZE / 2][c]);
                rows[k][c] = (re * x - im * y) / square;
                rows[k + SIZE / 2][c] = (im * x + re * y) / square;
            }
        }
    })
}

/// Groups of heads in another order, and the query heads within each.
fn permute_heads(mut model: Model, (groups, each): Shape) -> Model {
    let mut order: Vec<usize> = (0..groups).collect();
    Draws::new(4, "groups").shuffle(&mut order);
    let mut queries = Vec::new();
    for g in &order {
        let mut within: Vec<usize> = (g * each..(g + 1) * each).collect();
        Draws::new(5, &format!("within/{g}")).shuffle(&mut within);
        queries.extend(within);
    }
    for t in &mut model.tensors {
        let Some(role) = NAMES.iter().find(|name| t.name.contains(*name)) else { continue };
        let of_queries = ["q_proj", "o_proj"].contains(role);
        let turned = *role == "o_proj";
        let all = rows(t, turned);
        let order = if of_queries { &queries } else { &order };
        let moved = order.iter().flat_map(|h| all[h * SIZE..(h + 1) * SIZE].to_vec()).collect();
        put(t, moved, turned);
    }
    model
}

fn compared(child: &Model, parent: &Model, config: Option<Value>) -> Case {
    let (a, b) = (child.open_with(config.clone()), parent.open_with(config));
    compare(&a, &b, &Plan::default(), &Checked).unwrap()
}

fn language(case: &Case) -> &Exhibit {
    case.exhibits.iter().find(|e| e.component == "language-model").unwrap()
}

#[track_caller]
fn log10_p(exhibit: &Exhibit, name: &str) -> f64 {
    let test = exhibit.tests.iter().find(|test| test.name == name);
    let test = test.unwrap_or_else(|| panic!("no {name}: {:?}", exhibit.not_measured));
    assert_eq!(test.kind, TestKind::Exact);
    test.log10_p
}

/// Attention alone copied and rewritten: the language model is found for it and for nothing else.
#[track_caller]
fn found_by_attention(child: &Model, parent: &Model, config: Option<Value>) -> Exhibit {
    let case = compared(child, parent, config);
    let exhibit = language(&case).clone();
    let verdicts = grade(&case);
    for verdict in &verdicts {
        let want = if verdict.component == "language-model" {
            Grade::PartlyDerived
        } else {
            Grade::NoEvidence
        };
        assert_eq!(verdict.grade, want, "{verdict:#?} {exhibit:#?}");
    }
    assert!(log10_p(&exhibit, "attention-products") < -20.0, "{exhibit:#?}");
    assert!(-3.0 < log10_p(&exhibit, "hidden-units"));
    assert!(0.5 < exhibit.aligned.unwrap().value, "{:?}", exhibit.aligned);
    exhibit
}

#[test]
fn attention_copied_mixed_and_turned_is_found_beside_a_network_of_its_own() {
    for shape in [(8, 1), (8, 3), (1, 8)] {
        let parent = model(1, shape);
        let rewritten = turn_queries(parent.clone(), shape.1).noised(0.1, 9);
        let rewritten = if shape.1 == 1 { mix_values(rewritten, SIZE) } else { rewritten };
        let child = with_attention_of(model(2, shape), rewritten);
        let exhibit = found_by_attention(&child, &parent, Some(config(shape)));
        assert!(log10_p(&exhibit, "attention-heads") < -6.0, "{shape:?}: {:?}", exhibit.tests);
        let heads = LAYERS as u64 * 8;
        assert_eq!(exhibit.heads, Some(HeadMap { heads, agreeing: heads, own: heads }));
    }
}

#[test]
fn heads_in_another_order_are_found_and_assigned() {
    for shape in [(8, 1), (8, 3)] {
        let parent = model(1, shape);
        let moved = permute_heads(turn_queries(parent.clone(), shape.1), shape);
        let child = with_attention_of(model(2, shape), moved.noised(0.1, 9));
        let exhibit = found_by_attention(&child, &parent, Some(config(shape)));
        assert!(-3.0 < log10_p(&exhibit, "attention-heads"));
        let map = exhibit.heads.unwrap();
        let all = LAYERS as u64 * 8;
        assert_eq!((map.heads, map.agreeing), (all, all));
        assert!(map.own < all / 2, "{map:?}");
    }
}

#[test]
fn without_a_number_of_heads_sums_over_them_are_still_seen() {
    let parent = model(1, (8, 1));
    let rewritten = mix_values(turn_queries(parent.clone(), 1), SIZE);
    let child = with_attention_of(model(2, (8, 1)), rewritten);
    let exhibit = found_by_attention(&child, &parent, None);
    let missing = exhibit.not_measured.iter().find(|n| n.what == "attention-heads").unwrap();
    assert!(missing.why.contains("how many heads"), "{}", missing.why);
    assert_eq!(exhibit.heads, None);
    // Of grouped queries nothing is known then.
    let case = compared(&model(2, (4, 2)), &model(1, (4, 2)), None);
    let named = |name: &str| language(&case).not_measured.iter().any(|n| n.what == name);
    assert!(named("attention-heads") && named("attention-products"));
}

#[test]
fn latent_attention_is_seen_through_its_products() {
    let (heads, plain, rotary, value, rank) = (6, 6, 4, 8, 24);
    let latent = |seed: u64| {
        let mut model = Model::new(seed).vocabulary(60).language("", LAYERS, D, 120);
        model.tensors.retain(|t| !t.name.contains("self_attn"));
        for layer in 0..LAYERS {
            let at = |name: &str| format!("model.layers.{layer}.self_attn.{name}.weight");
            model.matrix(at("q_a_proj"), rank, D);
            model.norm(at("q_a_layernorm"), rank);
            model.matrix(at("q_b_proj"), heads * (plain + rotary), rank);
            model.matrix(at("kv_a_proj_with_mqa"), rank + rotary, D);
            model.norm(at("kv_a_layernorm"), rank);
            model.matrix(at("kv_b_proj"), heads * (plain + value), rank);
            model.matrix(at("o_proj"), D, heads * value);
        }
        model
    };
    let parent = latent(1);
    let mut rewritten = parent.clone();
    // Latent coordinates scaled one by one: what the norm is multiplied with is taken off again above.
    for t in &mut rewritten.tensors {
        let is_norm = t.name.contains("kv_a_layernorm");
        if is_norm || t.name.contains("kv_b_proj") {
            for (k, x) in t.values.iter_mut().enumerate() {
                let scale = 0.25 + (k % rank) as f32;
                *x *= if is_norm { scale } else { scale.recip() };
            }
        }
    }
    let config = json!({ "model_type": "deepseek_v3", "hidden_size": D,
        "num_attention_heads": heads, "num_key_value_heads": heads, "qk_nope_head_dim": plain,
        "qk_rope_head_dim": rotary, "v_head_dim": value });
    let mut child = with_attention_of(latent(2), rewritten.clone());
    // Latents in another order are what the tests of hidden units see, and these are of their own.
    child
        .tensors
        .iter_mut()
        .filter(|t| t.name.contains("_a_"))
        .for_each(|t| reverse_latents(t, rank));
    child
        .tensors
        .iter_mut()
        .filter(|t| t.name.contains("_b_"))
        .for_each(|t| reverse_latents(t, rank));
    let exhibit = found_by_attention(&child, &parent, Some(config));
    assert!(log10_p(&exhibit, "attention-heads") < -3.0, "{:?}", exhibit.tests);
    assert_eq!(exhibit.heads.unwrap().own, LAYERS as u64 * heads as u64);
}

/// The latent coordinates back to front, wherever they are: rows of what is below, columns of what is
/// above.
fn reverse_latents(t: &mut Tensor, rank: usize) {
    if t.name.contains("_b_") {
        t.values.chunks_mut(rank).for_each(<[f32]>::reverse);
    } else {
        let width = t.values.len() / t.shape[0];
        let rows: Vec<Vec<f32>> = t.values.chunks(width).map(<[f32]>::to_vec).collect();
        let order = (0..rank).rev().chain(rank..t.shape[0]);
        t.values = order.flat_map(|r| rows[r].clone()).collect();
    }
}

#[test]
fn a_configuration_that_its_shapes_do_not_bear_out_is_not_believed() {
    let (child, parent) = (model(2, (8, 1)), model(1, (8, 1)));
    for heads in [7, 5, 1 << 40, u64::MAX] {
        let config = json!({ "model_type": "llama", "num_attention_heads": heads });
        let case = compared(&child, &parent, Some(config));
        assert!(language(&case).not_measured.iter().any(|n| n.what == "attention-heads"));
        assert_eq!(grade(&case)[0].grade, Grade::NoEvidence);
    }
}
