//! The attention of every layer that both models have, and its matrices over some coordinates.

use std::collections::BTreeMap;

use jokbo_components::{Axis, Pair, PairedBy, Param};
use jokbo_statistics::attention::{Circuit, Heads};
use jokbo_statistics::matrix::Matrix;

use super::shape::{self, Latent, Said};
use crate::exhibit::Scene;
use crate::{Error, Opened};

/// More heads than any known model has in a layer. Of each a map of 64 by 64 coordinates is held, so a
/// configuration cannot ask for more than some megabytes.
const MOST_HEADS: u64 = 1024;

/// One layer of both models.
pub(super) struct Layer {
    pub(super) suspect: Matrices,
    pub(super) reference: Matrices,
    /// How the rows of either fall into heads.
    pub(super) heads: (Heads, Heads),
    /// Whether a configuration says so; otherwise all rows are taken for one head.
    pub(super) are_known: bool,
    /// No name told what the matrices are.
    pub(super) inferred: bool,
}

/// All layers that can be looked at.
pub(super) struct Found {
    pub(super) layers: Vec<Layer>,
    /// Width of the residual stream, the same in both.
    pub(super) width: u64,
    /// Whether residual coordinates may be renumbered.
    pub(super) may_renumber: bool,
}

/// The parts that hold one layer's attention in one model.
#[derive(Debug, Clone, Copy)]
pub(super) enum Matrices {
    /// Queries, keys, values, outputs.
    Plain([usize; 4]),
    /// Multi-head latent attention: keys and values are made from a few latent coordinates.
    Latent { query: Query, down: usize, norm: Option<usize>, up: usize, out: usize, sizes: Latent },
}

/// Queries, as one matrix or through a latent of their own.
#[derive(Debug, Clone, Copy)]
pub(super) enum Query {
    Whole(usize),
    Low { down: usize, norm: Option<usize>, up: usize },
}

impl Matrices {
    /// All parts but the norms of latents.
    pub(super) fn parts(&self) -> Vec<usize> {
        match *self {
            Self::Plain(parts) => parts.to_vec(),
            Self::Latent { query: Query::Whole(query), down, up, out, .. } => {
                vec![query, down, up, out]
            }
            Self::Latent {
                query: Query::Low { down: low, up: high, .. }, down, up, out, ..
            } => {
                vec![low, high, down, up, out]
            }
        }
    }

    /// What reads the residual stream, and what writes it.
    fn ends(&self) -> ([usize; 3], usize) {
        match *self {
            Self::Plain([q, k, v, o]) => ([q, k, v], o),
            Self::Latent {
                query: Query::Whole(q) | Query::Low { down: q, .. }, down, out, ..
            } => ([q, down, down], out),
        }
    }
}

/// The layers; `Err` says why there are none.
pub(super) fn find(scene: Scene<'_>, pairs: &[Pair]) -> Result<Found, String> {
    let mut by_layer: BTreeMap<(&str, u32), BTreeMap<&str, Pair>> = BTreeMap::new();
    for pair in pairs {
        let key = &scene.part(pair).key;
        if let (Param::Weight, Some(layer)) = (key.param, key.layer) {
            by_layer.entry((&key.stack, layer)).or_default().insert(&key.role, *pair);
        }
    }
    let mut why = "no layer of both models has queries, keys, values and outputs".to_owned();
    let mut found: Option<Found> = None;
    for ((stack, _), roles) in &by_layer {
        let (layer, width, may_renumber) = match layer(scene, stack, roles) {
            Some(Ok(layer)) => layer,
            Some(Err(reason)) => {
                why = reason;
                continue;
            }
            None => continue,
        };
        let all = found.get_or_insert_with(|| Found { layers: Vec::new(), width, may_renumber });
        if all.width == width {
            all.may_renumber &= may_renumber;
            all.layers.push(layer);
        }
    }
    found.ok_or(why)
}

/// One layer, the width of its residual stream, and whether that may be renumbered.
fn layer(
    scene: Scene<'_>,
    stack: &str,
    roles: &BTreeMap<&str, Pair>,
) -> Option<Result<(Layer, u64, bool), String>> {
    let sides = [scene.suspect, scene.reference];
    let part = [|pair: &Pair| pair.suspect, |pair: &Pair| pair.reference];
    let first = part[0](roles.get("attention-output")?);
    let component = &scene.suspect.assignment.parts[first].key.component;
    let own = sides.map(|opened| shape::said(opened, component).filter(|_| stack.is_empty()));
    let said = [own[0].or(own[1]), own[1].or(own[0])];
    let of = |side: usize| matrices(roles, part[side], said[side]);
    let (a, b) = (of(0)?, of(1)?);
    let widths = [(sides[0], &a), (sides[1], &b)].map(|(opened, m)| width(opened, m));
    let [Some((width, may)), Some((other, may_other))] = widths else {
        return Some(Err("attention does not read and write one residual stream".to_owned()));
    };
    if width != other {
        let why = format!("the residual stream is {width} wide here, {other} in the reference");
        return Some(Err(why));
    }
    let known = (heads(sides[0], &a, said[0]), heads(sides[1], &b, said[1]));
    let alone = (as_one(sides[0], &a), as_one(sides[1], &b));
    let (heads, are_known) = match (known, alone) {
        ((Some(a), Some(b)), _) => ((a, b), true),
        (_, (Some(a), Some(b))) => ((a, b), false),
        _ => {
            let why =
                "no configuration says how the rows of queries, keys and values fall into heads";
            return Some(Err(why.to_owned()));
        }
    };
    let parts = &scene.suspect.assignment.parts;
    let is_inferred = |pair: &Pair| parts[pair.suspect].inferred || pair.by == PairedBy::Nearest;
    let mine = a.parts();
    let inferred = roles.values().filter(|pair| mine.contains(&pair.suspect)).all(is_inferred);
    Some(Ok((
        Layer { suspect: a, reference: b, heads, are_known, inferred },
        width,
        may && may_other,
    )))
}

fn matrices(
    roles: &BTreeMap<&str, Pair>,
    side: fn(&Pair) -> usize,
    said: Option<Said>,
) -> Option<Matrices> {
    let part = |role: &str| roles.get(role).map(side);
    let out = part("attention-output")?;
    let query = part("attention-query");
    if let (Some(q), Some(k), Some(v)) = (query, part("attention-key"), part("attention-value")) {
        return Some(Matrices::Plain([q, k, v, out]));
    }
    let low = || {
        let (down, up) = (part("attention-query-down")?, part("attention-query-up")?);
        Some(Query::Low { down, norm: part("attention-query-latent-norm"), up })
    };
    Some(Matrices::Latent {
        query: query.map(Query::Whole).or_else(low)?,
        down: part("attention-latent-down")?,
        norm: part("attention-latent-norm"),
        up: part("attention-latent-up")?,
        out,
        sizes: said?.latent?,
    })
}

/// The width of the residual stream that all matrices read and write, and whether it may be
/// renumbered.
fn width(opened: &Opened, matrices: &Matrices) -> Option<(u64, bool)> {
    let (reads, writes) = matrices.ends();
    let part = |part: usize| &opened.assignment.parts[part];
    let width = part(writes).view.rows;
    let fits = reads.iter().all(|&p| part(p).view.cols == width);
    let may = part(writes).rows == Axis::Residual
        && reads.iter().all(|&p| part(p).cols == Axis::Residual);
    (fits && 1 < width).then_some((width, may))
}

/// The heads that a configuration names, where the shapes bear it out.
fn heads(opened: &Opened, matrices: &Matrices, said: Option<Said>) -> Option<Heads> {
    let said = said.filter(|said| said.heads <= MOST_HEADS)?;
    let view = |part: usize| opened.assignment.parts[part].view;
    let (groups, each) = match *matrices {
        Matrices::Plain([q, k, v, o]) => {
            let size = whole(view(q).rows, said.heads)?;
            let groups = whole(view(k).rows, size)?;
            let value = whole(view(v).rows, groups)?;
            let fits = view(o).cols == said.heads.checked_mul(value)?
                && said.pairs.is_none_or(|pairs| pairs == groups);
            (groups, whole(said.heads, groups).filter(|_| fits)?)
        }
        Matrices::Latent {
            query: Query::Whole(q) | Query::Low { up: q, .. },
            down,
            up,
            out,
            sizes,
            ..
        } => {
            let Latent { plain, rotary, value } = sizes;
            let each = |size: u64| said.heads.checked_mul(size);
            let fits = Some(view(q).rows) == each(plain.checked_add(rotary)?)
                && Some(view(up).rows) == each(plain.checked_add(value)?)
                && Some(view(out).cols) == each(value)
                && Some(view(down).rows) == view(up).cols.checked_add(rotary);
            (fits.then_some(said.heads)?, 1)
        }
    };
    Some(Heads { groups: usize::try_from(groups).ok()?, each: usize::try_from(each).ok()? })
}

fn whole(n: u64, of: u64) -> Option<u64> {
    (0 < of && n.is_multiple_of(of)).then(|| n / of).filter(|count| 0 < *count)
}

/// All rows as one head, which is enough for sums over heads where every query head has keys and
/// values of its own.
fn as_one(opened: &Opened, matrices: &Matrices) -> Option<Heads> {
    let Matrices::Plain([q, k, v, o]) = *matrices else { return None };
    let view = |part: usize| opened.assignment.parts[part].view;
    let fits = view(q).rows == view(k).rows && view(v).rows == view(o).cols;
    fits.then_some(Heads { groups: 1, each: 1 })
}

/// What one side of a layer's attention is read from, and over which residual coordinates.
#[derive(Clone, Copy)]
pub(super) struct Over<'a> {
    pub(super) opened: &'a Opened,
    pub(super) matrices: &'a Matrices,
    pub(super) heads: Heads,
    pub(super) coordinates: &'a [u64],
}

impl Over<'_> {
    /// Queries with keys.
    pub(super) fn reads(self) -> Result<Option<Circuit>, Error> {
        let (queries, keys) = match *self.matrices {
            Matrices::Plain([q, k, ..]) => rayon::join(|| self.turned(q), || self.turned(k)),
            Matrices::Latent { query, down, norm, up, sizes, .. } => {
                let queries = match query {
                    Query::Whole(part) => self.turned(part),
                    Query::Low { down, norm, up } => {
                        let latent = scaled(self.opened, self.rows(down)?, norm)?;
                        let all = all(self.opened.tensor(up).view().rows);
                        Ok(through(self.opened, up, &all, &latent)?.transposed())
                    }
                };
                let (latent, rotary) = self.latent(down, norm, sizes)?;
                let plain = through(self.opened, up, &self.made(up, sizes, Made::Keys), &latent)?;
                (queries, Ok(with_rotary(&plain, &rotary, self.heads.groups).transposed()))
            }
        };
        Ok(Circuit::new(self.heads, queries?, keys?))
    }

    /// Outputs with values.
    pub(super) fn writes(self) -> Result<Option<Circuit>, Error> {
        let (outputs, values) = match *self.matrices {
            Matrices::Plain([.., v, o]) => rayon::join(|| self.columns(o), || self.turned(v)),
            Matrices::Latent { down, norm, up, out, sizes, .. } => {
                let (latent, _) = self.latent(down, norm, sizes)?;
                let values =
                    through(self.opened, up, &self.made(up, sizes, Made::Values), &latent)?;
                (self.columns(out), Ok(values.transposed()))
            }
        };
        Ok(Circuit::new(self.heads, outputs?, values?))
    }

    /// A part that reads the residual stream: its rows over the coordinates.
    fn rows(self, part: usize) -> Result<Matrix, Error> {
        gather(self.opened, part, &all(self.opened.tensor(part).view().rows), self.coordinates)
    }

    /// The same, a row for each coordinate: turned a few rows at a time, so that it is never held twice.
    fn turned(self, part: usize) -> Result<Matrix, Error> {
        const TOGETHER: usize = 256;
        let rows = all(self.opened.tensor(part).view().rows);
        let mut turned = Matrix::zeros(self.coordinates.len(), rows.len());
        for (block, rows) in rows.chunks(TOGETHER).enumerate() {
            let few = gather(self.opened, part, rows, self.coordinates)?;
            turned.put_turned(block * TOGETHER, &few);
        }
        Ok(turned)
    }

    /// A part that writes the residual stream, a row for each coordinate.
    fn columns(self, part: usize) -> Result<Matrix, Error> {
        gather(self.opened, part, self.coordinates, &all(self.opened.tensor(part).view().cols))
    }

    /// What keys and values are made from, scaled by the norm on it, and the rotary rows beside it.
    fn latent(
        self,
        down: usize,
        norm: Option<usize>,
        sizes: Latent,
    ) -> Result<(Matrix, Matrix), Error> {
        let (latent, rotary) = split(&self.rows(down)?, sizes);
        Ok((scaled(self.opened, latent, norm)?, rotary))
    }

    /// The rows of keys or of values among those that a latent is made into, head by head. None where a
    /// configuration asks for more than there are.
    fn made(self, up: usize, Latent { plain, value, .. }: Latent, what: Made) -> Vec<u64> {
        let heads = self.heads.groups as u64;
        let both = plain.saturating_add(value);
        if self.opened.tensor(up).view().rows < both.saturating_mul(heads) {
            return Vec::new();
        }
        let of_head = match what {
            Made::Keys => 0..plain,
            Made::Values => plain..both,
        };
        (0..heads).flat_map(|head| of_head.clone().map(move |k| head * both + k)).collect()
    }
}

/// What a latent is made into.
#[derive(Clone, Copy)]
enum Made {
    Keys,
    Values,
}

fn all(n: u64) -> Vec<u64> {
    (0..n).collect()
}

fn gather(opened: &Opened, part: usize, rows: &[u64], cols: &[u64]) -> Result<Matrix, Error> {
    let values = opened.tensor(part).gather(rows, cols)?;
    Ok(Matrix::new(rows.len(), cols.len(), values).unwrap_or_default())
}

/// What rows of a matrix make of the latent coordinates.
fn through(opened: &Opened, up: usize, rows: &[u64], latent: &Matrix) -> Result<Matrix, Error> {
    let view = opened.tensor(up).view();
    if view.cols != latent.rows() as u64 || rows.iter().any(|row| view.rows <= *row) {
        return Ok(Matrix::default());
    }
    let up = gather(opened, up, rows, &all(view.cols))?;
    Ok(up.times_transposed(&latent.transposed()))
}

/// Latent coordinates times the weights of the norm on them.
fn scaled(opened: &Opened, mut latent: Matrix, norm: Option<usize>) -> Result<Matrix, Error> {
    if let Some(norm) = norm {
        let gains = opened.tensor(norm).gather(&all(opened.tensor(norm).view().rows), &[0])?;
        for (r, gain) in gains.iter().enumerate().take(latent.rows()) {
            latent.row_mut(r).iter_mut().for_each(|x| *x *= gain);
        }
    }
    Ok(latent)
}

/// All rows but those that all heads' keys share for their rotary positions, and those.
fn split(matrix: &Matrix, Latent { rotary, .. }: Latent) -> (Matrix, Matrix) {
    let at = matrix.rows().saturating_sub(usize::try_from(rotary).unwrap_or(0));
    (matrix.rows_in(0..at), matrix.rows_in(at..matrix.rows()))
}

/// Every head's keys with the rotary rows that all share below them.
fn with_rotary(plain: &Matrix, rotary: &Matrix, heads: usize) -> Matrix {
    let each = plain.rows() / heads.max(1);
    let mut keys = Vec::with_capacity((plain.rows() + heads * rotary.rows()) * plain.cols());
    for head in 0..heads {
        keys.extend_from_slice(plain.rows_in(head * each..(head + 1) * each).values());
        keys.extend_from_slice(rotary.values());
    }
    let rows = plain.rows() + heads * rotary.rows();
    Matrix::new(rows, plain.cols(), keys).unwrap_or_default()
}
