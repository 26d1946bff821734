//! The trees in the language of Graphviz.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{ComponentTree, FamilyReport};
use crate::json::printable;
use crate::words::family as said;

/// The trees as one undirected graph for Graphviz, a subgraph for each component. A link has an arrow
/// at the model that may have been made from the other, where something says so.
pub fn family_dot(report: &FamilyReport) -> String {
    let report = &printable(report);
    let mut out = String::from(
        "graph family {\n  graph [rankdir=LR, fontname=\"Helvetica\", compound=true]\n  node \
         [shape=box, style=rounded, fontname=\"Helvetica\", fontsize=11]\n  edge \
         [fontname=\"Helvetica\", fontsize=9, arrowhead=normal, dir=none]\n",
    );
    for (k, tree) in report.components.iter().enumerate() {
        component(&mut out, k, tree);
    }
    out.push_str("}\n");
    out
}

fn component(out: &mut String, k: usize, tree: &ComponentTree) {
    let ids: BTreeMap<&str, String> = tree
        .members
        .iter()
        .enumerate()
        .map(|(m, member)| (member.model.as_str(), format!("c{k}m{m}")))
        .collect();
    // Every name of a link or a cluster is that of a member.
    let id = |model: &str| ids.get(model).map_or("", String::as_str);
    let _ = writeln!(
        out,
        "  subgraph cluster_{k} {{\n    label={}",
        quoted(&format!("{}: {}", tree.component, said::tested(tree)))
    );
    for member in &tree.members {
        let alone = tree.alone.iter().any(|alone| alone.model == member.model);
        let style = if alone { ", style=\"rounded,dashed\"" } else { "" };
        let _ = writeln!(out, "    {} [label={}{style}]", id(&member.model), quoted(&member.model));
    }
    for link in tree.clusters.iter().flat_map(|cluster| &cluster.links) {
        let direction = match &link.child {
            Some(child) if *child == link.to => ", dir=forward",
            Some(_) => ", dir=back",
            None => "",
        };
        let tip = quoted(&said::link(link));
        let _ = writeln!(
            out,
            "    {} -- {} [label={}, tooltip={tip}{direction}]",
            id(&link.from),
            id(&link.to),
            quoted(&said::distance(link)),
        );
    }
    out.push_str("  }\n");
}

/// A string of the language, in which nothing but a quotation mark and a backslash means something.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' | '\r' => out.push(' '),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_name_stays_a_string() {
        assert_eq!(quoted("a\"]; b -- c [x=\"\\"), "\"a\\\"]; b -- c [x=\\\"\\\\\"");
    }
}
