//! Experts that were copied from a dense network, cut from one, or put in another order.

use jokbo_audit::{Plan, compare};
use jokbo_verdict::{Case, Relation, Side, grade};

use crate::kept::Checked;
use crate::model::{Model, Tensor};

const WIDTH: usize = 48;
const UNITS: usize = 96;

/// The dense model with `experts` in place of each MLP, each with the units that `of` says.
fn with_experts(dense: &Model, experts: usize, of: impl Fn(usize) -> Vec<usize>) -> Model {
    let mut out = Model::new(9);
    for t in &dense.tensors {
        let Some((stem, role)) = t.name.split_once("mlp.") else {
            out.tensors.push(t.clone());
            continue;
        };
        let w = match role.split('.').next() {
            Some("gate_proj") => "w1",
            Some("down_proj") => "w2",
            _ => "w3",
        };
        for expert in 0..experts {
            let units = of(expert);
            let (rows, cols) = (t.shape[0], t.shape[1]);
            let (shape, values) = if w == "w2" {
                let row = |r: usize| units.iter().map(move |u| t.values[r * cols + u]);
                (vec![rows, units.len()], (0..rows).flat_map(row).collect())
            } else {
                let row = |u: &usize| t.values[u * cols..(u + 1) * cols].to_vec();
                (vec![units.len(), cols], units.iter().flat_map(row).collect())
            };
            let name = format!("{stem}block_sparse_moe.experts.{expert}.{w}.weight");
            out.tensors.push(Tensor { name, shape, values });
        }
        if w == "w1" {
            out.matrix(format!("{stem}block_sparse_moe.gate.weight"), experts, WIDTH);
        }
    }
    out
}

fn case(suspect: &Model, reference: &Model) -> Case {
    compare(&suspect.open(), &reference.open(), &Plan::default(), &Checked).unwrap()
}

fn made(case: &Case) -> Vec<(Side, bool, u64, u64)> {
    let all = grade(case).into_iter().flat_map(|v| v.relations);
    let experts = all.filter_map(|r| match r {
        Relation::ExpertsMade { side, is_split, experts, layers, .. } => {
            Some((side, is_split, experts, layers))
        }
        _ => None,
    });
    experts.collect()
}

fn language(case: &Case) -> &jokbo_verdict::Exhibit {
    case.exhibits.iter().find(|e| e.component == "language-model").unwrap()
}

#[test]
fn copies_of_a_dense_network_are_upcycled_from_either_side() {
    let dense = Model::new(1).language("", 3, WIDTH, UNITS);
    let moe = with_experts(&dense, 4, |_| (0..UNITS).collect()).noised(0.5, 3);
    assert_eq!(made(&case(&moe, &dense)), [(Side::Suspect, false, 4, 3)]);
    assert_eq!(made(&case(&dense, &moe)), [(Side::Reference, false, 4, 3)]);
}

#[test]
fn parts_of_a_dense_network_are_a_split_and_name_their_units() {
    let dense = Model::new(1).language("", 3, WIDTH, UNITS);
    let part = |expert: usize| (0..UNITS).filter(|u| u * 7 % 4 == expert).collect::<Vec<usize>>();
    let moe = with_experts(&dense, 4, part).noised(0.3, 3);
    let case_of = case(&moe, &dense);
    assert_eq!(made(&case_of), [(Side::Suspect, true, 4, 3)]);
    for one in &language(&case_of).expert_map {
        let want: Vec<u64> = part(one.expert as usize).iter().map(|u| *u as u64).collect();
        assert_eq!((&one.units, one.other_layer), (&want, one.layer));
    }
    // Experts that all hold the same part are no split.
    let same = with_experts(&dense, 4, |_| part(0));
    assert_eq!(made(&case(&same, &dense)), []);
}

#[test]
fn experts_in_another_order_are_placed_and_strangers_are_not() {
    let (dense, other) = (Model::new(1), Model::new(2));
    let grown = |m: Model| m.language("", 2, WIDTH, UNITS);
    let quarter = |e: usize| (0..UNITS / 4).map(|u| 4 * u + e).collect::<Vec<usize>>();
    let moe = with_experts(&grown(dense), 4, quarter);
    let mut moved = moe.clone();
    for t in &mut moved.tensors {
        if let Some((stem, rest)) = t.name.split_once("experts.") {
            let (number, role) = rest.split_once('.').unwrap();
            let number: u32 = number.parse().unwrap();
            t.name = format!("{stem}experts.{}.{role}", (number + 3) % 4);
        }
    }
    let case_of = case(&moved, &moe);
    let map = &language(&case_of).expert_map;
    assert_eq!(map.len(), 8);
    assert!(map.iter().all(|m| m.other_expert == Some((m.expert + 1) % 4)), "{map:?}");
    let stranger = with_experts(&grown(other), 4, quarter);
    assert!(language(&case(&stranger, &moe)).expert_map.is_empty());
}
