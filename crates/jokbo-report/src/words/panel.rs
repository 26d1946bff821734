//! What is said of several references and of how they are related.

use super::small;
use crate::schema::{Component, Kinship, Link};

/// The references of one component drawn in a row, and what that rests on, one sentence each.
pub(crate) fn kinship(kinship: &Kinship, suspect: &str) -> Vec<String> {
    let links = || kinship.links.iter();
    let mut lines = vec![match kinship.kind.as_str() {
        "chain" => format!(
            "Chain: {}. Each reference lies on the way from the suspect to those after it, by \
             nearness: what lies in between may be the parent of both its neighbours.",
            drawn(kinship, suspect)
        ),
        "relatives" => format!(
            "Relatives: {} share ancestry with one another too. No order is claimed: none of them \
             lies on the way to the next.",
            kinship.references.join(", ")
        ),
        _ => {
            let apart = links().filter(|link| !is_found(link));
            let apart: Vec<String> =
                apart.map(|link| format!("{} and {}", link.a, link.b)).collect();
            format!(
                "Ancestors apart: of {} no shared ancestry was found between {}.",
                kinship.references.join(", "),
                apart.join("; ")
            )
        }
    }];
    let measured = links().filter_map(|link| {
        let cosine = small(link.aligned_cosine?);
        Some(format!("{} and {} {cosine}", link.a, link.b))
    });
    let measured: Vec<String> = measured.collect();
    if !measured.is_empty() {
        lines.push(format!("Aligned cosines: {}.", measured.join("; ")));
    }
    lines.extend(links().filter_map(lean));
    lines
}

/// The references that hold nothing to test a component against. `None` when there is none.
pub(crate) fn nothing_in(components: &[&Component]) -> Option<String> {
    let names: Vec<&str> = components.iter().map(|c| super::reference(c)).collect();
    let is_one = names.len() == 1;
    let hold = if is_one { "holds" } else { "hold" };
    (!names.is_empty()).then(|| format!("{} {hold} nothing to test it against.", names.join(", ")))
}

fn is_found(link: &Link) -> bool {
    link.verdict.as_deref().is_some_and(super::is_finding)
}

/// Which of two may have been made from the other.
fn lean(link: &Link) -> Option<String> {
    let child = link.child.as_ref()?;
    let parent = if *child == link.a { &link.b } else { &link.a };
    let grounds = link.grounds.join(", and ");
    Some(format!("A lean that {child} was made from {parent} or its like, since {grounds}."))
}

/// `suspect → near — far`: the arrow leads from child to parent where there is ground for it.
fn drawn(kinship: &Kinship, suspect: &str) -> String {
    let mut out = suspect.to_owned();
    let mut before = suspect;
    for reference in &kinship.references {
        let joins = |l: &&Link| {
            (l.a == before && l.b == *reference) || (l.b == before && l.a == *reference)
        };
        let child = kinship.links.iter().find(joins).and_then(|link| link.child.as_deref());
        let sign = match child {
            Some(child) if child == before => "→",
            Some(_) => "←",
            None => "—",
        };
        out.push_str(&format!(" {sign} {reference}"));
        before = reference;
    }
    out
}
