//! Views of the parts in one stored tensor: turned, cut and unstacked.

use jokbo_tensors::{Entry, View, Walk};

use crate::around::Around;
use crate::choose::Choice;
use crate::family::{Layout, Split};
use crate::{Expert, Param};

/// More experts than any layer has. A stack of more is left whole, so that a hostile shape cannot
/// ask for a part per element.
const MAX_EXPERTS: u64 = 4096;

const IN_STEPS: LeftWhole = "its rows are stored in several steps";

/// One part of a tensor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Piece<'a> {
    pub(crate) role: &'a str,
    pub(crate) expert: Expert,
    pub(crate) view: View,
}

/// Why a tensor that holds several parts was left whole, as the end of a sentence.
pub(crate) type LeftWhole = &'static str;

/// The parts of a tensor whose rule is known. Together they cover each element once; the second
/// value says why a tensor that holds several parts was left whole.
pub(crate) fn pieces<'a>(
    entry: &Entry,
    choice: &Choice<'a>,
    around: &Around<'_>,
) -> (Vec<Piece<'a>>, Option<LeftWhole>) {
    let rule = choice.rule;
    let expert = match choice.hit.expert {
        Some(number) => Expert::Routed(number),
        None if rule.shared => Expert::Shared,
        None => Expert::None,
    };
    let one = |role: &'a str, view| vec![Piece { role, expert, view }];
    let first: &'a str = &rule.roles[0];
    let cut = match rule.layout {
        Layout::Plain => return (one(first, as_trained(entry, choice, around)), None),
        Layout::Transposed => return (one(first, turned(&entry.shape)), None),
        Layout::Squeezed => return (one(first, whole(squeezed(&entry.shape))), None),
        Layout::Fused { split, transposed } => {
            let view = if transposed { turned(&entry.shape) } else { whole(&entry.shape) };
            let views = fused(view, rule.roles.len(), split, choice, around);
            views.map(|views| {
                let parts = rule.roles.iter().zip(views);
                parts.map(|(role, view)| Piece { role, expert, view }).collect()
            })
        }
        Layout::Stacked { alternate, upright } => {
            let flipped = if upright { Some(false) } else { around.flipped(choice) };
            stacked(&entry.shape, rule.roles.len(), alternate, flipped).map(|views| {
                let parts = views.into_iter().zip(rule.roles.iter().cycle());
                parts.map(|((e, view), role)| Piece { role, expert: e, view }).collect()
            })
        }
    };
    match cut {
        Ok(pieces) => (pieces, None),
        Err(why) => (one(rule.whole.as_deref().unwrap_or(first), whole(&entry.shape)), Some(why)),
    }
}

/// The whole tensor as it was before the file's writer changed it: rows of a head's two halves
/// rejoined, what was added taken off.
fn as_trained(entry: &Entry, choice: &Choice<'_>, around: &Around<'_>) -> View {
    let rule = choice.rule;
    let is_weight = rule.param.unwrap_or(choice.hit.param) == Param::Weight;
    let added = if is_weight { rule.added } else { 0 };
    let view = View { added, ..whole(&entry.shape) };
    match around.head_size().filter(|_| rule.interleaved) {
        Some(head) => view.halves_rejoined(head).unwrap_or(view),
        None => view,
    }
}

/// Why the rows of a tensor keep the order that the file's writer gave them, when they do.
pub(crate) fn left_interleaved(
    entry: &Entry,
    choice: &Choice<'_>,
    around: &Around<'_>,
) -> Option<LeftWhole> {
    if !choice.rule.interleaved || entry.shape.contains(&0) {
        return None;
    }
    let Some(head) = around.head_size() else { return Some("the config has no size of a head") };
    let fits = whole(&entry.shape).halves_rejoined(head).is_some();
    (!fits).then_some("its rows are not whole heads of the config's size")
}

/// The whole tensor, first axis as rows. An empty tensor has no columns, so that its other sizes
/// are never multiplied.
pub(crate) fn whole(shape: &[u64]) -> View {
    if shape.contains(&0) {
        return View::dense(shape[0], 0);
    }
    View::of_shape(shape)
}

fn turned(shape: &[u64]) -> View {
    let view = whole(shape);
    if shape.len() == 2 { view.transposed() } else { view }
}

fn squeezed(shape: &[u64]) -> &[u64] {
    let ones = shape.iter().take_while(|&&size| size == 1).count();
    &shape[ones.min(shape.len().saturating_sub(1))..]
}

fn fused(
    view: View,
    n: usize,
    split: Split,
    choice: &Choice<'_>,
    around: &Around<'_>,
) -> Result<Vec<View>, LeftWhole> {
    if view.elements() == 0 {
        return Err("it is empty");
    }
    let n_parts = n as u64;
    let sizes = match split {
        Split::Equal if view.rows.is_multiple_of(n_parts) => vec![view.rows / n_parts; n],
        Split::Equal => return Err("its rows cannot be divided evenly"),
        Split::Grouped => {
            let query = around.query_rows(choice, view.rows);
            let query = query.ok_or(
                "neither the attention output nor the config says how wide its queries are",
            )?;
            let rest = view.rows - query;
            vec![query, rest / 2, rest / 2]
        }
        Split::Heads => {
            let heads = around.heads().ok_or("the config has no head count")?;
            let per_head = heads.checked_mul(n_parts).filter(|&k| view.rows.is_multiple_of(k));
            let block =
                view.rows / per_head.ok_or("its rows do not fit the config's head count")?;
            let stride = view.row_walk.stride().ok_or(IN_STEPS)?;
            let row_walk = Walk::nested([(heads, n_parts * block * stride), (block, stride)]);
            let row_walk = row_walk.ok_or("its heads are empty")?;
            let view_of = |part: u64| View {
                offset: view.row_start(part * block),
                rows: heads * block,
                row_walk,
                ..view
            };
            return Ok((0..n_parts).map(view_of).collect());
        }
    };
    let mut start = 0;
    Ok(sizes
        .into_iter()
        .map(|rows| {
            start += rows;
            view.row_range(start - rows, rows)
        })
        .collect())
}

/// The views in a stack `[expert, a, b]`, or `[expert, a]` for vectors: `n` for each expert.
fn stacked(
    shape: &[u64],
    n: usize,
    alternate: bool,
    flipped: Option<bool>,
) -> Result<Vec<(Expert, View)>, LeftWhole> {
    if shape.contains(&0) {
        return Err("it is empty");
    }
    let (experts, a, b, flipped) = match *shape {
        [experts, a, b] => {
            (experts, a, b, flipped.ok_or("the stacks beside it do not show its layout")?)
        }
        [experts, a] => (experts, a, 1, false),
        _ => return Err("it is not a stack of matrices or vectors"),
    };
    if MAX_EXPERTS < experts {
        return Err("it has more experts than any known model");
    }
    let n_parts = n as u64;
    let rows = if flipped { b } else { a };
    if !rows.is_multiple_of(n_parts) {
        return Err("its rows cannot be divided evenly");
    }
    let mut views = Vec::new();
    for number in 0..experts {
        let whole = View { offset: number * a * b, ..View::dense(a, b) };
        let whole = if flipped { whole.transposed() } else { whole };
        let expert = Expert::Routed(u32::try_from(number).unwrap_or(u32::MAX));
        for part in 0..n_parts {
            let view = if alternate {
                let row_walk = whole.row_walk.times(n_parts);
                View { offset: whole.row_start(part), rows: rows / n_parts, row_walk, ..whole }
            } else {
                whole.row_range(part * (rows / n_parts), rows / n_parts)
            };
            views.push((expert, view));
        }
    }
    Ok(views)
}
