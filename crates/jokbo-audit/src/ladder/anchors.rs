//! Directions of the residual stream that have a name of their own: those of tokens and pixels.
//!
//! Tokens and pixels mean the same in both models, so what a hidden unit reads along the vector of
//! token 17 can be compared with what the other model's unit reads along *its* vector of token 17,
//! however the stream was permuted, signed or rotated, and even when it has another width.

use std::cmp::Reverse;

use jokbo_components::{Axis, ComponentKind, ComponentName, Expert, Param, Part};
use jokbo_statistics::device::Device;
use jokbo_statistics::matrix::Matrix;
use jokbo_statistics::number::float_usize;
use jokbo_statistics::polar;
use jokbo_statistics::seed::Draws;
use jokbo_statistics::standardise::unit_rows;

use super::Climb;
use super::blocks::adds_one;
use crate::{Error, Opened};

/// Tokens (or pixels, positions) drawn.
const TOKENS: u64 = 1024;
/// Fewer give too few directions to read a unit along.
const FEWEST: u64 = 16;
/// Of those, how many are compared to choose among tables.
const COMPARED: usize = 256;

/// One direction a token, in both models' residual streams.
#[derive(Debug, Clone)]
pub(crate) struct Anchors {
    /// The table they come from: `token-embedding`, `output-head`, `patch-embedding`. `None` for the
    /// residual coordinates as they are.
    pub(crate) table: Option<String>,
    /// Shape `[tokens, width]` in the suspect: orthonormal.
    pub(crate) suspect: Matrix,
    /// The same tokens in the reference.
    pub(crate) reference: Matrix,
}

/// A table of named vectors on the residual stream: the part, and whether names number its rows.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Table {
    role: String,
    part: usize,
    by_rows: bool,
}

/// The anchors of a network, from the table on whose vectors both models agree most; `Err` inside
/// says why there are none.
///
/// The choice sees tables only. Hidden units may be renumbered without changing it, so a test over
/// their renumberings stays exact.
pub(super) fn find(climb: Climb<'_>) -> Result<Result<Anchors, String>, Error> {
    let Climb { scene, network, .. } = climb;
    let models = (scene.suspect, scene.reference);
    between(
        models,
        &network.component,
        network.width,
        (scene.plan.seed, TOKENS),
        &scene.plan.device,
    )
}

/// As [`find`], along at most `tokens` tokens, for a component of both models and the widths of its
/// residual stream in them.
pub(crate) fn between(
    (suspect, reference): (&Opened, &Opened),
    component: &ComponentName,
    width: (u64, u64),
    (seed, tokens): (u64, u64),
    device: &Device,
) -> Result<Result<Anchors, String>, Error> {
    let mine = tables(suspect, component, width.0);
    let theirs = tables(reference, component, width.1);
    let mut best: Option<(f64, String, (Matrix, Matrix))> = None;
    for a in &mine {
        let Some(b) = theirs.iter().find(|b| b.role == a.role) else { continue };
        let names = names(suspect, a).min(names(reference, b));
        if names < FEWEST {
            continue;
        }
        let purpose = format!("anchors/{}", a.role);
        let chosen = Draws::new(seed, &purpose).choose(names, tokens);
        let vectors = (
            vectors(suspect, component.clone(), a, &chosen)?,
            vectors(reference, component.clone(), b, &chosen)?,
        );
        let agreement = agreement(&vectors.0, &vectors.1, device);
        if best.as_ref().is_none_or(|(most, _, _)| *most < agreement) {
            best = Some((agreement, a.role.clone(), vectors));
        }
    }
    let Some((_, table, (a, b))) = best else {
        return Ok(Err(
            "both models hold no table of tokens, positions or pixels on this residual stream"
                .to_owned(),
        ));
    };
    let table = Some(table);
    Ok(Ok(Anchors {
        table,
        suspect: polar::factor_on(&a, device),
        reference: polar::factor_on(&b, device),
    }))
}

/// The residual coordinates as they are, seeded; `None` where the streams differ in width.
pub(super) fn coordinates(climb: Climb<'_>) -> Option<Anchors> {
    let (width, other) = climb.network.width;
    if width != other {
        return None;
    }
    let purpose = format!("anchors/coordinates/{}", climb.network.stack);
    let chosen = Draws::new(climb.scene.plan.seed, &purpose).choose(width, TOKENS);
    let wide = usize::try_from(width).ok()?;
    let mut matrix = Matrix::new(chosen.len(), wide, vec![0.0; chosen.len() * wide])?;
    for (r, &at) in chosen.iter().enumerate() {
        *matrix.row_mut(r).get_mut(usize::try_from(at).ok()?)? = 1.0;
    }
    Some(Anchors { table: None, suspect: matrix.clone(), reference: matrix })
}

/// The tables that write to or read from the residual stream of a component, embeddings first.
fn tables(opened: &Opened, component: &ComponentName, width: u64) -> Vec<Table> {
    let speaks =
        matches!(component.kind, ComponentKind::LanguageModel | ComponentKind::TextEncoder);
    let shared = [ComponentKind::TokenEmbedding, ComponentKind::OutputHead];
    let belongs = |part: &Part| {
        part.key.component == *component || (speaks && shared.contains(&part.key.component.kind))
    };
    let mut found: Vec<Table> = Vec::new();
    for (k, part) in opened.assignment.parts.iter().enumerate() {
        let outside = part.key.layer.is_none() && part.key.expert == Expert::None;
        let float = opened.checkpoint.entries[part.entry].dtype.is_float();
        if !(outside && float && part.key.param == Param::Weight && belongs(part)) {
            continue;
        }
        let by_rows = match (&part.rows, &part.cols) {
            (Axis::Fixed, Axis::Residual) if part.view.cols == width => true,
            (Axis::Residual, Axis::Fixed) if part.view.rows == width && 1 < part.view.cols => false,
            _ => continue,
        };
        if found.iter().all(|table| table.role != part.key.role) {
            found.push(Table { role: part.key.role.clone(), part: k, by_rows });
        }
    }
    found.sort_by_key(|table| Reverse(table.role.contains("embedding")));
    found
}

fn names(opened: &Opened, table: &Table) -> u64 {
    let view = opened.tensor(table.part).view();
    if table.by_rows { view.rows } else { view.cols }
}

/// The vectors of the chosen names, shape `[names, width]`, about their mean. What an output head
/// reads was scaled by the last norm, whose weights belong to it.
fn vectors(
    opened: &Opened,
    component: ComponentName,
    table: &Table,
    chosen: &[u64],
) -> Result<Matrix, Error> {
    let tensor = opened.tensor(table.part);
    let across = |n: u64| (0..n).collect::<Vec<u64>>();
    let (width, values) = if table.by_rows {
        let width = tensor.view().cols;
        (width, tensor.gather(chosen, &across(width))?)
    } else {
        let width = tensor.view().rows;
        (width, tensor.gather(&across(width), chosen)?)
    };
    let (names, width) = (chosen.len(), usize::try_from(width).unwrap_or(0));
    let shape = if table.by_rows { (names, width) } else { (width, names) };
    let mut matrix = Matrix::new(shape.0, shape.1, values).unwrap_or_default();
    if !table.by_rows {
        matrix = matrix.transposed();
    }
    if table.role == "output-head"
        && let Some(gains) = final_gains(opened, &component, width)?
    {
        for r in 0..matrix.rows() {
            matrix.row_mut(r).iter_mut().zip(&gains).for_each(|(x, gain)| *x *= gain);
        }
    }
    Ok(about_mean(matrix))
}

fn final_gains(
    opened: &Opened,
    component: &ComponentName,
    width: usize,
) -> Result<Option<Vec<f32>>, Error> {
    let norm = opened.assignment.parts.iter().position(|part| {
        part.key.component == *component
            && part.key.role == "norm-final"
            && part.key.param == Param::Weight
            && usize::try_from(part.view.rows) == Ok(width)
    });
    let Some(norm) = norm else { return Ok(None) };
    let all: Vec<u64> = (0..opened.tensor(norm).view().rows).collect();
    let added = if adds_one(opened) { 1.0 } else { 0.0 };
    Ok(Some(opened.tensor(norm).gather(&all, &[0])?.into_iter().map(|x| x + added).collect()))
}

fn about_mean(mut matrix: Matrix) -> Matrix {
    let n = float_usize(matrix.rows().max(1));
    let mut means = vec![0.0f64; matrix.cols()];
    for r in 0..matrix.rows() {
        let row = matrix.row(r).iter();
        means.iter_mut().zip(row).for_each(|(mean, &x)| *mean += f64::from(x) / n);
    }
    #[allow(clippy::cast_possible_truncation, reason = "rounding to nearest is meant")]
    for r in 0..matrix.rows() {
        let row = matrix.row_mut(r).iter_mut();
        row.zip(&means).for_each(|(x, mean)| *x = (f64::from(*x) - mean) as f32);
    }
    matrix
}

/// How alike the angles between tokens are in both models: the correlation of all cosines between
/// different tokens. A rotation of the stream changes none of them.
fn agreement(a: &Matrix, b: &Matrix, device: &Device) -> f64 {
    let cosines = |matrix: &Matrix| {
        let few: Vec<usize> = (0..matrix.rows().min(COMPARED)).collect();
        let rows = unit_rows(matrix.select(&few));
        let gram = device.times_transposed(&rows, &rows);
        let below = (0..gram.rows()).flat_map(|r| gram.row(r)[..r].to_vec());
        below.map(f64::from).collect::<Vec<f64>>()
    };
    let (x, y) = (cosines(a), cosines(b));
    let mean = |v: &[f64]| v.iter().sum::<f64>() / float_usize(v.len().max(1));
    let (mx, my) = (mean(&x), mean(&y));
    let sum = |f: &dyn Fn(f64, f64) -> f64| -> f64 {
        x.iter().zip(&y).map(|(&p, &q)| f(p - mx, q - my)).sum()
    };
    let (xy, xx, yy) = (sum(&|p, q| p * q), sum(&|p, _| p * p), sum(&|_, q| q * q));
    if xx <= 0.0 || yy <= 0.0 { 0.0 } else { xy / (xx * yy).sqrt() }
}
