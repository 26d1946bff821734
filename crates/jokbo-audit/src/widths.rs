//! How wide the dense networks of one component are on either side.

use std::collections::BTreeSet;

use jokbo_components::{Axis, ComponentName, Expert};
use jokbo_verdict::Widths;

use crate::Opened;
use crate::exhibit::Scene;
use crate::renumbering::{Side, extents};

/// Hidden units and residual coordinates of both. `None` unless every layer of a side has as many as
/// its others: then no one number says it.
pub(crate) fn of(scene: Scene<'_>, component: &ComponentName) -> Option<Widths> {
    let is_units = |axis: &Axis| matches!(axis, Axis::Units(group) if group == "mlp");
    let is_residual = |axis: &Axis| *axis == Axis::Residual;
    let both = |is_it: &dyn Fn(&Axis) -> bool| {
        Some((one(scene.suspect, component, is_it)?, one(scene.reference, component, is_it)?))
    };
    Some(Widths { units: both(&is_units)?, coordinates: both(&is_residual)? })
}

/// The length of all axes of a kind outside experts, when it is one.
fn one(opened: &Opened, component: &ComponentName, is_it: &dyn Fn(&Axis) -> bool) -> Option<u64> {
    let mut found = BTreeSet::new();
    for (k, part) in opened.assignment.parts.iter().enumerate() {
        if part.key.component != *component || part.key.expert != Expert::None {
            continue;
        }
        for (axis, side) in [(&part.rows, Side::Rows), (&part.cols, Side::Cols)] {
            if is_it(axis) {
                found.insert(extents(opened.tensor(k), side).0);
            }
        }
    }
    found.first().copied().filter(|_| found.len() == 1)
}
