//! How the weights were changed, planted in whole models and named with its parameters.

use jokbo_audit::{Opened, Parents, Plan, compare, compare_with_parents, from_memory};
use jokbo_statistics::seed::Draws;
use jokbo_verdict::{Grade, MergeMethod, Pattern, Relation, Side, Verdict, grade};

use crate::kept::Checked;
use crate::model::{Model, normal};
use crate::verdicts;

fn parent() -> Model {
    Model::new(1).language("", 3, 48, 96)
}

fn language(verdicts: &[Verdict]) -> &Verdict {
    verdicts.iter().find(|v| v.component == "language-model").unwrap()
}

fn bf16(x: f32) -> f32 {
    let bits = x.to_bits();
    f32::from_bits((bits + 0x7fff + (bits >> 16 & 1)) & 0xffff_0000)
}

/// A model of which every tensor is moved by what `step` says of its place.
fn moved(model: &Model, seed: u64, step: impl Fn(&mut Draws, &[usize]) -> Vec<f32>) -> Model {
    let mut out = model.clone();
    for t in &mut out.tensors {
        let mut draws = Draws::new(seed, &t.name);
        let by = step(&mut draws, &t.shape);
        t.values.iter_mut().zip(by).for_each(|(x, d)| *x += d);
    }
    out
}

fn product(draws: &mut Draws, rows: usize, cols: usize, rank: usize) -> Vec<f32> {
    let u: Vec<f32> = (0..rows * rank).map(|_| normal(draws)).collect();
    let v: Vec<f32> = (0..rank * cols).map(|_| normal(draws)).collect();
    let at =
        |k: usize| (0..rank).map(|r| u[k / cols * rank + r] * v[r * cols + k % cols]).sum::<f32>();
    (0..rows * cols).map(|k| at(k) / (rank as f32).sqrt()).collect()
}

/// What training leaves: directions of falling size, in every tensor.
fn tuned(model: &Model, by: f32, seed: u64) -> Model {
    moved(model, seed, |draws, shape| {
        let (rows, cols) = (shape[0], shape.get(1).copied().unwrap_or(1));
        let mut sum = vec![0.0; rows * cols];
        for k in 0..40 {
            let size = 0.02 * by / (k as f32 + 1.0).sqrt();
            let one = product(draws, rows, cols, 1);
            sum.iter_mut().zip(one).for_each(|(x, d)| *x += size * d);
        }
        sum
    })
}

fn mixed(models: &[(f32, &Model)]) -> Model {
    let mut out = models[0].1.clone();
    for (at, t) in out.tensors.iter_mut().enumerate() {
        for (k, x) in t.values.iter_mut().enumerate() {
            *x = bf16(models.iter().map(|(c, m)| c * m.tensors[at].values[k]).sum());
        }
    }
    out
}

#[test]
fn each_change_of_a_whole_model_has_its_name() {
    let parent = parent();
    let words = |child: &Model| -> Vec<&str> {
        language(&verdicts(child, &parent)).relations.iter().map(Relation::word).collect()
    };
    assert_eq!(words(&parent.clone().noised(0.1, 9)), ["noise-added"]);
    assert_eq!(words(&tuned(&parent, 0.1, 9)), ["fine-tuned"]);
    let adapter = moved(&parent, 9, |draws, shape| match shape {
        [rows, cols] if (*rows, *cols) == (96, 48) => {
            product(draws, *rows, *cols, 4).into_iter().map(|x| 0.004 * x).collect()
        }
        shape => vec![0.0; shape.iter().product()],
    });
    assert_eq!(words(&adapter), ["same-bits", "adapter-merged"]);
    let mut masked = parent.clone();
    let matrices = masked.tensors.iter_mut().filter(|t| t.shape.len() == 2);
    matrices.flat_map(|t| &mut t.values).for_each(|x| {
        if x.abs() < 0.0135 {
            *x = 0.0;
        }
    });
    assert_eq!(words(&masked), ["same-bits", "zero-masked"]);
    let mut scaled = parent.clone();
    scaled.tensors.iter_mut().flat_map(|t| &mut t.values).for_each(|x| *x *= 1.25);
    // Vectors are not looked at closer; every matrix was multiplied.
    assert_eq!(words(&scaled), ["scaled"]);
}

#[test]
fn parameters_and_direction_come_with_the_name() {
    let parent = parent();
    let child = parent.clone().noised(0.2, 9);
    for (suspect, reference, side) in
        [(&child, &parent, Side::Suspect), (&parent, &child, Side::Reference)]
    {
        let found = verdicts(suspect, reference);
        let verdict = language(&found);
        let Relation::NoiseAdded { sd, relative: true, side: Some(of), .. } = verdict.relations[0]
        else {
            panic!("{:?}", verdict.relations);
        };
        assert_eq!((of, verdict.direction.as_ref().unwrap().child), (side, side));
        assert!(sd.low - 0.002 <= 0.2 && 0.2 <= sd.high + 0.002, "{sd:?}");
    }
    let mut child = parent.clone();
    for t in child.tensors.iter_mut().filter(|t| t.shape.len() == 2) {
        for part in t.values.chunks_mut(4) {
            let mut order = [0, 1, 2, 3];
            order.sort_by(|i, j| part[*i].abs().total_cmp(&part[*j].abs()));
            (part[order[0]], part[order[1]]) = (0.0, 0.0);
        }
    }
    let found = verdicts(&parent, &child);
    let verdict = language(&found);
    let is_mask = |r: &Relation| {
        matches!(r, Relation::ZeroMasked { side: Side::Reference, share, pattern, .. }
            if *pattern == Pattern::OfGroup(2, 4) && (share - 0.5).abs() < 1e-9)
    };
    assert!(verdict.relations.iter().any(is_mask), "{:?}", verdict.relations);
    assert_eq!(verdict.direction.as_ref().unwrap().child, Side::Reference);
    // Training has no side.
    let found = verdicts(&tuned(&parent, 0.1, 9), &parent);
    assert_eq!(language(&found).direction, None);
}

#[test]
fn a_table_that_grew_says_so_beside_what_else_changed() {
    let (parent, grown) = (parent(), Model::new(2).language("", 3, 48, 96));
    let mut child = tuned(&parent, 0.1, 9);
    let table = child.tensors.iter_mut().find(|t| t.name.contains("embed_tokens")).unwrap();
    table.values.extend(&grown.tensors[0].values[..7 * 48]);
    table.shape[0] += 7;
    let found = verdicts(&child, &parent);
    let embedding = found.iter().find(|v| v.component == "token-embedding").unwrap();
    let resized = embedding
        .relations
        .iter()
        .any(|r| matches!(r, Relation::VocabularyResized { rows: (57, 50), .. }));
    assert!(resized, "{:?}", embedding.relations);
}

#[test]
fn nothing_is_named_between_strangers() {
    for verdict in verdicts(&Model::new(2).language("", 3, 48, 96), &parent()) {
        assert_eq!(verdict.grade, Grade::NoEvidence);
        assert_eq!((verdict.relations, verdict.direction), (Vec::new(), None));
    }
}

fn merged(child: &Model, parents: &[&Model], base: Option<&Model>) -> Vec<Relation> {
    let child = child.open();
    let opened: Vec<Opened> = parents.iter().map(|p| p.open()).collect();
    let models: Vec<&Opened> = opened.iter().collect();
    let base = base.map(Model::open);
    let parents = Parents { models: &models, base: base.as_ref() };
    let plan = Plan::default();
    let case = compare_with_parents(&child, models[0], parents, &plan, &Checked).unwrap();
    language(&grade(&case)).relations.clone()
}

#[track_caller]
fn check_coefficients(relations: &[Relation], method: MergeMethod, want: &[f64]) {
    let [Relation::Merged(merge)] = relations else { panic!("{relations:?}") };
    assert_eq!(merge.method, method);
    for (parent, want) in merge.parents.iter().zip(want) {
        let c = parent.coefficient;
        assert!((c.value - want).abs() < 0.02, "{c:?}, planted {want}");
        assert!(c.low - 0.002 <= *want && *want <= c.high + 0.002, "{c:?}, planted {want}");
    }
}

#[test]
fn merges_show_their_coefficients() {
    let base = parent();
    let [a, b, c] = [11, 12, 13].map(|seed| mixed(&[(1.0, &tuned(&base, 0.3, seed))]));
    let child = mixed(&[(0.6, &a), (0.4, &b)]);
    check_coefficients(&merged(&child, &[&a, &b], None), MergeMethod::Linear, &[0.6, 0.4]);
    let child = mixed(&[(0.5, &a), (0.3, &b), (0.2, &c)]);
    let found = merged(&child, &[&a, &b, &c], None);
    check_coefficients(&found, MergeMethod::Linear, &[0.5, 0.3, 0.2]);
    // A parent that had no part in it gets none.
    let child = mixed(&[(0.7, &a), (0.3, &c)]);
    let found = merged(&child, &[&a, &b, &c], None);
    check_coefficients(&found, MergeMethod::Linear, &[0.7, 0.0, 0.3]);
    let base = mixed(&[(1.0, &base)]);
    let child = mixed(&[(-0.1, &base), (0.7, &a), (0.4, &b)]);
    let found = merged(&child, &[&a, &b], Some(&base));
    check_coefficients(&found, MergeMethod::TaskArithmetic, &[0.7, 0.4]);
}

#[test]
fn a_great_circle_and_a_pass_through_are_told_from_a_sum() {
    let base = parent();
    let [a, b] = [11, 12].map(|seed| mixed(&[(1.0, &tuned(&base, 2.0, seed))]));
    let mut child = a.clone();
    for (t, other) in child.tensors.iter_mut().zip(&b.tensors) {
        let dot = |x: &[f32], y: &[f32]| {
            x.iter().zip(y).map(|(x, y)| f64::from(*x) * f64::from(*y)).sum::<f64>()
        };
        let (x, y) = (&t.values, &other.values);
        let angle = (dot(x, y) / (dot(x, x) * dot(y, y)).sqrt()).acos();
        let at = |share: f64| ((share * angle).sin() / angle.sin()) as f32;
        t.values = x.iter().zip(y).map(|(x, y)| bf16(at(0.65) * x + at(0.35) * y)).collect();
    }
    let found = merged(&child, &[&a, &b], None);
    check_coefficients(&found, MergeMethod::Slerp, &[0.65, 0.35]);
    let mut child = a.clone();
    for (t, other) in child.tensors.iter_mut().zip(&b.tensors) {
        if t.name.contains("layers.1.") {
            t.values.clone_from(&other.values);
        }
    }
    let found = merged(&child, &[&a, &b], None);
    let [Relation::Merged(merge)] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(merge.method, MergeMethod::PassThrough);
    let of_b = merge.origins.iter().filter(|o| o.part.contains("layer 1"));
    assert_eq!((of_b.count(), merge.origins.len()), (7, 21));
    // Layers of b laid on those of a: matrices are followed to the layers they came from.
    let mut child = a.clone();
    for t in b.tensors.iter().filter(|t| t.name.contains("layers.2.")) {
        let name = t.name.replace("layers.2.", "layers.3.");
        child.tensors.push(crate::model::Tensor { name, ..t.clone() });
    }
    let found = merged(&child, &[&a, &b], None);
    let [.., Relation::Merged(merge)] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((merge.method, merge.origins.len()), (MergeMethod::PassThrough, 28));
    let shares: Vec<f64> = merge.parents.iter().map(|p| p.coefficient.value).collect();
    assert_eq!(shares, [0.75, 0.25]);
}

/// The base with what `kept` leaves of each parent's differences, element by element.
fn with_parts(base: &Model, parents: &[&Model], kept: impl Fn(&[f32], &mut Draws) -> f32) -> Model {
    let mut out = base.clone();
    for (at, t) in out.tensors.iter_mut().enumerate() {
        let mut draws = Draws::new(7, &t.name);
        for (k, x) in t.values.iter_mut().enumerate() {
            let tasks: Vec<f32> = parents.iter().map(|p| p.tensors[at].values[k] - *x).collect();
            *x = bf16(*x + kept(&tasks, &mut draws));
        }
    }
    out
}

#[test]
fn merges_of_which_elements_were_dropped_show_how() {
    let base = mixed(&[(1.0, &parent())]);
    let [a, b] = [11, 12].map(|seed| mixed(&[(1.0, &tuned(&base, 0.5, seed))]));
    let random = with_parts(&base, &[&a, &b], |tasks, draws| {
        let keep =
            |w: f32, t: f32, draws: &mut Draws| if draws.below(10) < 6 { w / 0.6 * t } else { 0.0 };
        keep(0.6, tasks[0], draws) + keep(0.3, tasks[1], draws)
    });
    let found = merged(&random, &[&a, &b], Some(&base));
    check_coefficients(&found, MergeMethod::Dare, &[0.6, 0.3]);
    let Relation::Merged(merge) = &found[0] else { unreachable!("checked above") };
    for kept in merge.parents.iter().map(|p| p.kept.unwrap()) {
        assert!(kept.low - 0.01 < 0.6 && 0.6 < kept.high + 0.01, "{kept:?}");
    }
    let elected = with_parts(&base, &[&a, &b], |tasks, _| {
        let large = |w: f32, t: f32| if 0.004 < t.abs() { w * t } else { 0.0 };
        let (x, y) = (large(1.0, tasks[0]), large(0.7, tasks[1]));
        match (x, y) {
            (x, y) if x * y > 0.0 => 0.5 * (x + y),
            (x, y) if x.abs() < y.abs() => y,
            (x, _) => x,
        }
    });
    let found = merged(&elected, &[&a, &b], Some(&base));
    check_coefficients(&found, MergeMethod::Ties, &[1.0, 0.7]);
    // Without the base there is nothing to count differences from.
    let found = merged(&random, &[&a, &b], None);
    assert!(found.iter().all(|r| r.word() != "merged"), "{found:?}");
}

#[test]
fn a_fine_tune_of_one_parent_is_no_merge_of_two() {
    let base = parent();
    let [a, b] = [11, 12].map(|seed| tuned(&base, 0.3, seed));
    let child = tuned(&a, 0.1, 20);
    let words = |relations: Vec<Relation>| {
        relations.iter().map(Relation::word).collect::<Vec<&'static str>>()
    };
    assert_eq!(words(merged(&child, &[&a, &b], None)), ["fine-tuned"]);
    assert_eq!(words(merged(&child, &[&a, &b], Some(&base))), ["fine-tuned"]);
    assert_eq!(words(merged(&a, &[&a, &b], None)), ["same-bits"]);
}

/// The model with every matrix in 8 bits, with one scale for each row or for all of it.
fn in_eight_bits(model: &Model, by_row: bool) -> Opened {
    let mut header = serde_json::Map::new();
    let mut data = Vec::new();
    let mut put = |name: String, dtype: &str, shape: Vec<usize>, bytes: Vec<u8>| {
        let start = data.len();
        data.extend(bytes);
        let place = [start, data.len()];
        let entry = serde_json::json!({ "dtype": dtype, "shape": shape, "data_offsets": place });
        header.insert(name, entry);
    };
    let floats = |x: &[f32]| x.iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<u8>>();
    for t in &model.tensors {
        let [rows, cols] = t.shape[..] else {
            put(t.name.clone(), "F32", t.shape.clone(), floats(&t.values));
            continue;
        };
        let each = if by_row { cols } else { rows * cols };
        let of = |part: &[f32]| part.iter().fold(0.0f32, |m, x| m.max(x.abs())) / 127.0;
        let scales: Vec<f32> = t.values.chunks(each).map(of).collect();
        let code = |(at, x): (usize, &f32)| (x / scales[at / each]).round() as i8 as u8;
        let codes = t.values.iter().enumerate().map(code).collect();
        let shape = if by_row { vec![rows, 1] } else { vec![1] };
        put(format!("{}_scale", t.name), "F32", shape, floats(&scales));
        put(t.name.clone(), "I8", t.shape.clone(), codes);
    }
    let header = serde_json::Value::from(header).to_string();
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header.as_bytes());
    file.extend(data);
    from_memory("memory", vec![("model.safetensors".to_owned(), file)], None).unwrap()
}

fn of_language(suspect: &Opened, reference: &Opened) -> Verdict {
    let case = compare(suspect, reference, &Plan::default(), &Checked).unwrap();
    language(&grade(&case)).clone()
}

#[test]
fn stored_codes_say_their_bits_and_what_shares_a_scale() {
    let parent = parent();
    for (by_row, shares) in [(true, "row"), (false, "tensor")] {
        let child = in_eight_bits(&parent, by_row);
        for (suspect, reference, of) in
            [(&child, &parent.open(), Side::Suspect), (&parent.open(), &child, Side::Reference)]
        {
            let verdict = of_language(suspect, reference);
            let is_so = |r: &Relation| {
                matches!(r, Relation::Quantised { side, bits: Some(8), per, group: None, nearest, .. }
                    if (*side, *per) == (of, shares) && 0.999 < *nearest)
            };
            assert!(verdict.relations.iter().any(is_so), "{:?}", verdict.relations);
            assert!(verdict.relations.iter().all(|r| r.word() != "changed"));
            assert_eq!(verdict.direction.unwrap().child, of);
        }
    }
}

#[test]
fn what_was_tuned_before_it_was_rounded_is_not_only_quantised() {
    let parent = parent();
    let verdict = of_language(&in_eight_bits(&tuned(&parent, 0.3, 9), true), &parent.open());
    let words: Vec<&str> = verdict.relations.iter().map(Relation::word).collect();
    assert_eq!(words, ["quantised", "changed"]);
}
