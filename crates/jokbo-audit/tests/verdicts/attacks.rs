//! What a person can do to a language model without changing what it computes.

use jokbo_statistics::matrix::Matrix;
use jokbo_statistics::polar;
use jokbo_statistics::seed::Draws;

use crate::model::{Model, Tensor, normal};

/// Names of tensors by what their axes are.
fn reads(name: &str) -> bool {
    ["q_proj", "k_proj", "v_proj", "gate_proj", "up_proj"].iter().any(|n| name.contains(n))
}

fn writes(name: &str) -> bool {
    name.contains("o_proj") || name.contains("down_proj")
}

fn is_table(name: &str) -> bool {
    name.contains("embed_tokens") || name.contains("lm_head")
}

fn layer(name: &str) -> Option<usize> {
    name.split('.').skip_while(|part| *part != "layers").nth(1)?.parse().ok()
}

fn matrix(t: &Tensor) -> Matrix {
    Matrix::new(t.shape[0], t.shape[1], t.values.clone()).unwrap()
}

fn put(t: &mut Tensor, matrix: &Matrix) {
    t.shape = vec![matrix.rows(), matrix.cols()];
    t.values = matrix.values().to_vec();
}

fn order(n: usize, seed: u64, purpose: &str) -> Vec<usize> {
    let mut order: Vec<usize> = (0..n).collect();
    Draws::new(seed, purpose).shuffle(&mut order);
    order
}

/// Hidden units of every layer renumbered, and only the first `kept` of them left.
pub(crate) fn renumber_units(mut model: Model, kept: usize) -> Model {
    for t in &mut model.tensors {
        let Some(layer) = layer(&t.name) else { continue };
        let purpose = format!("units/{layer}");
        if t.name.contains("gate_proj") || t.name.contains("up_proj") {
            let order = &order(t.shape[0], 5, &purpose)[..kept];
            let chosen = matrix(t).select(order);
            put(t, &chosen);
        } else if t.name.contains("down_proj") {
            let order = &order(t.shape[1], 5, &purpose)[..kept];
            let chosen = matrix(t).transposed().select(order).transposed();
            put(t, &chosen);
        }
    }
    model
}

/// Hidden units of every layer without a gate renumbered.
pub(crate) fn renumber_plain_units(mut model: Model) -> Model {
    for t in &mut model.tensors {
        let Some(layer) = layer(&t.name) else { continue };
        let purpose = format!("units/{layer}");
        if t.name.contains("fc1") {
            let chosen = matrix(t).select(&order(t.shape[0], 5, &purpose));
            put(t, &chosen);
        } else if t.name.contains("fc2") {
            let order = order(t.shape[1], 5, &purpose);
            let chosen = matrix(t).transposed().select(&order).transposed();
            put(t, &chosen);
        }
    }
    model
}

/// The experts of every layer renumbered: expert `e` becomes `order[e]` of the map that is returned,
/// layer by layer.
pub(crate) fn renumber_experts(
    mut model: Model,
    layers: usize,
    n: usize,
) -> (Model, Vec<Vec<u32>>) {
    let orders: Vec<Vec<usize>> =
        (0..layers).map(|layer| order(n, 8, &format!("experts/{layer}"))).collect();
    for t in &mut model.tensors {
        let Some((before, after)) = t.name.split_once(".experts.") else { continue };
        let Some((number, rest)) = after.split_once('.') else { continue };
        let (layer, number): (usize, usize) = (layer(&t.name).unwrap(), number.parse().unwrap());
        let place = orders[layer].iter().position(|&e| e == number).unwrap();
        t.name = format!("{before}.experts.{place}.{rest}");
    }
    let map = orders.iter().map(|order| order.iter().map(|&e| u32::try_from(e).unwrap()).collect());
    (model, map.collect())
}

/// Norm weights multiplied into what reads them, and set to 1.
fn fold_norms(model: &mut Model) {
    let gains: Vec<(String, Vec<f32>)> = model
        .tensors
        .iter()
        .filter(|t| t.name.contains("norm"))
        .map(|t| (t.name.clone(), t.values.clone()))
        .collect();
    let find = |part: &str| gains.iter().find(|(name, _)| name.contains(part)).map(|g| g.1.clone());
    for t in &mut model.tensors {
        let norm = match layer(&t.name) {
            Some(k) if t.name.contains("self_attn") && reads(&t.name) => {
                find(&format!("layers.{k}.input_layernorm"))
            }
            Some(k) if reads(&t.name) => find(&format!("layers.{k}.post_attention_layernorm")),
            None if t.name.contains("lm_head") => find("model.norm"),
            _ => None,
        };
        if let Some(norm) = norm {
            t.values.chunks_mut(norm.len()).for_each(|row| {
                row.iter_mut().zip(&norm).for_each(|(x, gain)| *x *= gain);
            });
        } else if t.name.contains("norm") {
            t.values.fill(1.0);
        }
    }
}

/// The residual stream turned by an orthogonal matrix `[d, d]`; norms folded first.
fn turn(mut model: Model, turned: &Matrix) -> Model {
    fold_norms(&mut model);
    for t in &mut model.tensors {
        if reads(&t.name) || is_table(&t.name) {
            let m = matrix(t).times_transposed(turned);
            put(t, &m);
        } else if writes(&t.name) {
            let m = turned.times_transposed(&matrix(t).transposed());
            put(t, &m);
        }
    }
    model
}

/// A random rotation of the residual stream.
pub(crate) fn rotate(model: Model, d: usize) -> Model {
    let mut draws = Draws::new(6, "rotation");
    let noise = Matrix::new(d, d, (0..d * d).map(|_| normal(&mut draws)).collect()).unwrap();
    turn(model, &polar::factor(&noise))
}

/// Residual coordinates renumbered and some of their signs flipped, norms kept as they are.
pub(crate) fn permute_and_sign(mut model: Model, d: usize, flip: bool) -> Model {
    let order = order(d, 7, "coordinates");
    let mut draws = Draws::new(7, "signs");
    let signs: Vec<f32> =
        (0..d).map(|_| if flip && draws.below(2) == 0 { -1.0 } else { 1.0 }).collect();
    let moved = |row: &[f32], signed: bool| -> Vec<f32> {
        order.iter().zip(&signs).map(|(&j, s)| row[j] * if signed { *s } else { 1.0 }).collect()
    };
    for t in &mut model.tensors {
        if reads(&t.name) || is_table(&t.name) {
            t.values = t.values.chunks(d).flat_map(|row| moved(row, true)).collect();
        } else if writes(&t.name) {
            let turned = matrix(t).transposed();
            let rows: Vec<f32> = turned.values().chunks(d).flat_map(|r| moved(r, true)).collect();
            let m = Matrix::new(turned.rows(), d, rows).unwrap().transposed();
            put(t, &m);
        } else if t.name.contains("norm") {
            t.values = moved(&t.values, false);
        }
    }
    model
}

/// Every unit's `up` row scaled and signed, and its `down` column by the inverse.
pub(crate) fn scale_units(mut model: Model) -> Model {
    for t in &mut model.tensors {
        let Some(layer) = layer(&t.name) else { continue };
        let (is_up, is_down) = (t.name.contains("up_proj"), t.name.contains("down_proj"));
        if !is_up && !is_down {
            continue;
        }
        let (h, width) = (if is_up { t.shape[0] } else { t.shape[1] }, t.shape[1]);
        let mut draws = Draws::new(8, &format!("scales/{layer}"));
        let scales: Vec<f32> = (0..h)
            .map(|_| {
                let size = (0.5 * normal(&mut draws)).exp();
                if draws.below(2) == 0 { size } else { -size }
            })
            .collect();
        for (k, x) in t.values.iter_mut().enumerate() {
            *x *= if is_up { scales[k / width] } else { scales[k % width].recip() };
        }
    }
    model
}

/// Values and outputs of every head mixed by an invertible matrix.
pub(crate) fn mix_values(mut model: Model, head: usize) -> Model {
    let turned: Matrix = {
        let mut draws = Draws::new(9, "mixing");
        let noise = (0..head * head).map(|_| normal(&mut draws)).collect();
        polar::factor(&Matrix::new(head, head, noise).unwrap())
    };
    for t in &mut model.tensors {
        let is_values = t.name.contains("v_proj");
        if !is_values && !t.name.contains("o_proj") {
            continue;
        }
        let rows = if is_values { matrix(t) } else { matrix(t).transposed() };
        let mixed: Vec<f32> = (0..rows.rows() / head)
            .flat_map(|h| {
                let chosen: Vec<usize> = (h * head..(h + 1) * head).collect();
                let block = rows.select(&chosen);
                turned.times_transposed(&block.transposed()).values().to_vec()
            })
            .collect();
        let mixed = Matrix::new(rows.rows(), rows.cols(), mixed).unwrap();
        put(t, &if is_values { mixed } else { mixed.transposed() });
    }
    model
}

/// Query and key rows dropped, so that attention tells nothing.
pub(crate) fn own_attention(model: Model, own: Model) -> Model {
    let is_attention = |name: &str| name.contains("self_attn");
    model.only(|name| !is_attention(name)).and(own.only(is_attention))
}
