//! What both checkpoints' configurations say of how they are built. No weight is read.

use jokbo_components::architecture;
use jokbo_verdict::{ArchitectureCase, Combination, ConfigField, NotMeasured};

use crate::Opened;

/// The fields of both side by side. Nothing where neither has a configuration, or where one is that
/// of an adapter; the reason where only one of them has one.
pub(crate) fn side_by_side(
    suspect: &Opened,
    reference: &Opened,
) -> Result<Option<ArchitectureCase>, NotMeasured> {
    let of = |opened: &Opened| {
        let checkpoint = &opened.checkpoint;
        checkpoint.config.clone().filter(|_| checkpoint.adapter.is_none())
    };
    let lacks = |side: &str| NotMeasured {
        what: "architecture".to_owned(),
        why: format!("the {side} has no configuration that was read"),
    };
    let (ours, theirs) = match (of(suspect), of(reference)) {
        (Some(ours), Some(theirs)) => (ours, theirs),
        (None, None) => return Ok(None),
        (None, Some(_)) => return Err(lacks("suspect")),
        (Some(_), None) => return Err(lacks("reference")),
    };
    let Some(found) = architecture(&ours, &theirs) else { return Ok(None) };
    let field = |f: jokbo_components::ConfigField| ConfigField {
        section: f.section,
        group: f.group,
        name: f.name,
        suspect: f.suspect,
        reference: f.reference,
        same: f.same,
    };
    let combination = |c: jokbo_components::Combination| Combination {
        section: c.section,
        kind: c.kind,
        known: c.known,
        alike: c.alike,
    };
    Ok(Some(ArchitectureCase {
        fields: found.fields.into_iter().map(field).collect(),
        combinations: found.combinations.into_iter().map(combination).collect(),
    }))
}
