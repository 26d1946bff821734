//! What would be read, from names and shapes alone.

use jokbo_verdict::{PlannedBytes, PlannedPart, ReadingPlan};

use crate::exhibit::{self, Scene};
use crate::prepared::chosen;
use crate::{Error, Opened, Plan, Reading, Reference, Silent, sampled};

/// What [`compare`](crate::compare()) would read under `plan`: reads no weight.
///
/// For a full comparison that is every byte. For a sampled one it is what the first look draws, at
/// least, and what all looks draw, at most, unless a tensor turns out to follow a formula: another is
/// then drawn in its place.
pub fn reading_plan(
    suspect: &Opened,
    reference: &Opened,
    plan: &Plan,
) -> Result<ReadingPlan, Error> {
    let reference = &reference.answering_to(suspect);
    let sources = vec![suspect.checkpoint.source.clone(), reference.checkpoint.source.clone()];
    let stored = suspect.bytes() + reference.bytes();
    let pairings = chosen(suspect, reference, &plan.components, &[])?;
    let components = pairings.len();
    let scene = Scene { suspect, reference, plan, progress: &Silent, components, known: None };
    match plan.reading {
        Reading::Full => {
            let all = pairings.iter().map(|pairing| {
                let bytes = exhibit::stored(scene, pairing);
                (pairing.component.to_string(), bytes)
            });
            Ok(whole(sources, all.collect(), stored))
        }
        Reading::Sampled { most_bytes } => {
            Ok(sampled::planned(scene, &pairings, sources, most_bytes))
        }
    }
}

/// What [`compare_panel`](crate::compare_panel) would read under `plan`: reads no weight.
///
/// Part by part and reference by reference, as if each was compared alone: bytes of the suspect that
/// serve several are counted for each. In a full comparison the total counts every byte once.
pub fn panel_plan(
    suspect: &Opened,
    references: &[Reference<'_>],
    plan: &Plan,
) -> Result<ReadingPlan, Error> {
    let mut sources = vec![suspect.checkpoint.source.clone()];
    let (mut parts, mut total) = (Vec::new(), PlannedBytes::default());
    let mut is_sampled = false;
    for reference in references {
        let source = &reference.opened.checkpoint.source;
        let components = match &reference.components[..] {
            [] => plan.components.clone(),
            named => named.to_vec(),
        };
        let plan = Plan { components, ..plan.clone() };
        let of = reading_plan(suspect, reference.opened, &plan)?;
        parts.extend(
            of.parts.into_iter().map(|part| PlannedPart {
                what: format!("{} against {source}", part.what),
                ..part
            }),
        );
        total.least += of.total.least;
        total.most += of.total.most;
        is_sampled |= of.sampled;
        sources.push(source.clone());
    }
    let stored = suspect.bytes() + references.iter().map(|r| r.opened.bytes()).sum::<u64>();
    let whole = |bytes: u64| if is_sampled { bytes.min(stored) } else { stored };
    let total = PlannedBytes { least: whole(total.least), most: whole(total.most), stored };
    Ok(ReadingPlan { sources, sampled: is_sampled, parts, total })
}

/// What [`inspect`](crate::inspect()) would read: every byte, or of a checkpoint that is elsewhere no
/// more than its header. Reads no weight.
pub fn inspection_plan(opened: &Opened) -> ReadingPlan {
    if opened.is_remote() {
        let read = opened.bytes_read();
        let total = PlannedBytes { least: read, most: read, stored: opened.bytes() };
        let what = "headers, read already".to_owned();
        let parts = vec![PlannedPart { what, is_component: false, bytes: total }];
        let sources = vec![opened.checkpoint.source.clone()];
        return ReadingPlan { sources, sampled: true, parts, total };
    }
    let components = &opened.assignment.components;
    let parts = components.iter().map(|component| {
        let of_it = |k: &usize| opened.assignment.entry_component[*k] == component.name;
        let entries = &opened.checkpoint.entries;
        let bytes = (0..entries.len()).filter(of_it).map(|k| entries[k].bytes).sum();
        (component.name.to_string(), bytes)
    });
    whole(vec![opened.checkpoint.source.clone()], parts.collect(), opened.bytes())
}

/// Everything, part by part; what belongs to no part is named last.
fn whole(sources: Vec<String>, parts: Vec<(String, u64)>, stored: u64) -> ReadingPlan {
    let all = |bytes| PlannedBytes { least: bytes, most: bytes, stored: bytes };
    // A tensor may be counted in two components of the suspect: the rest is then what is left.
    let rest = stored.saturating_sub(parts.iter().map(|(_, bytes)| bytes).sum());
    let mut planned: Vec<PlannedPart> = parts
        .into_iter()
        .map(|(what, bytes)| PlannedPart { what, is_component: true, bytes: all(bytes) })
        .collect();
    planned.push(PlannedPart {
        what: "headers, and what nothing answers to".to_owned(),
        is_component: false,
        bytes: all(rest),
    });
    ReadingPlan { sources, sampled: false, parts: planned, total: all(stored) }
}
