//! Which paired tensors are a formula, and so take part in nothing.

use jokbo_components::{Pair, Part};
use jokbo_statistics::formula::{Formula, recognise};
use jokbo_tensors::{Tensor, View};
use rayon::prelude::*;

use crate::{Error, Opened};

/// Elements above which a tensor is taken as learned without looking: no position table, filter
/// bank or mask of a published model comes near, and looking means holding it in memory.
const LARGEST: u64 = 1 << 24;

/// The formula each pair follows on either side, in the order of `pairs`.
pub(crate) fn find(
    suspect: &Opened,
    reference: &Opened,
    pairs: &[Pair],
) -> Result<Vec<Option<Formula>>, Error> {
    pairs
        .par_iter()
        .map(|pair| {
            Ok(match of_part(suspect, pair.suspect)? {
                Some(formula) => Some(formula),
                None => of_part(reference, pair.reference)?,
            })
        })
        .collect()
}

/// The formula that part number `part` follows, if it may be one at all.
pub(crate) fn of_part(opened: &Opened, part: usize) -> Result<Option<Formula>, Error> {
    if !may_be_one(opened, part) {
        return Ok(None);
    }
    let part = &opened.assignment.parts[part];
    let entry = &opened.checkpoint.entries[part.entry];
    let flat = View::dense(entry.elements(), 1);
    let mut values = Vec::new();
    for block in flat.blocks() {
        let mut more = Vec::new();
        Tensor::new(&opened.checkpoint, part.entry, flat).read_block(&block, &mut more)?;
        values.append(&mut more);
    }
    Ok(recognise(&values, &entry.shape))
}

/// Whether part number `part` must be read to know that it follows no formula.
pub(crate) fn may_be_one(opened: &Opened, part: usize) -> bool {
    let part = &opened.assignment.parts[part];
    let entry = &opened.checkpoint.entries[part.entry];
    let whole = part.view.elements() == entry.elements();
    !is_surely_learned(part) && entry.elements() <= LARGEST && whole
}

/// Matrices between hidden units and the residual stream are learned: their names said so.
fn is_surely_learned(part: &Part) -> bool {
    let moves = part.rows.may_be_renumbered() || part.cols.may_be_renumbered();
    // A position table is a matrix with one fixed axis, and may well be a formula.
    let is_position = part.key.role.contains("position");
    !part.inferred && 1 < part.view.cols && moves && !is_position
}
