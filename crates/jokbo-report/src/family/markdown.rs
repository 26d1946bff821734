//! The trees in Markdown.

use std::fmt::Write as _;

use super::walk::walk;
use super::{ComponentTree, FamilyReport};
use crate::json::printable;
use crate::markdown::{escaped, section, table};
use crate::words::{self, family as said};

/// The trees in Markdown: for each component a table of links for every cluster.
pub fn family_markdown(report: &FamilyReport) -> String {
    let report = &printable(report);
    let mut out = format!("# Family tree of {}\n\n", said::models(report.models.len()));
    let mut rows = vec![["model", "source", "format", "parameters"].map(str::to_owned)];
    rows.extend(report.models.iter().map(|m| {
        let commit = m.commit.as_ref().map_or(String::new(), |c| format!(", commit {c}"));
        [
            m.model.clone(),
            m.source.clone(),
            format!("{}{commit}", m.format),
            words::count(m.parameters),
        ]
    }));
    out.push_str(&table(&rows));
    for tree in &report.components {
        component(&mut out, tree);
    }
    section(&mut out, "Oddities", report.oddities.iter().map(|oddity| escaped(oddity)));
    for note in said::FAMILY_NOTES {
        let _ = write!(out, "\n{note}\n");
    }
    let _ = write!(out, "\n{}\n\n{}\n", said::family_cost(report), said::family_closing(report));
    out
}

fn component(out: &mut String, tree: &ComponentTree) {
    let _ = write!(
        out,
        "\n## {}\n\n{}; {}",
        escaped(&tree.component),
        said::models(tree.members.len()),
        said::tested(tree)
    );
    let testable = said::testable(tree).map_or(String::new(), |testable| format!("; {testable}"));
    let _ = writeln!(out, "{testable}.");
    for cluster in &tree.clusters {
        let _ = write!(out, "\n**{}**\n\n", said::cluster(cluster));
        let head = ["from", "to", "distance", "p", "aligned cosine", "what is said"];
        let mut rows = vec![head.map(str::to_owned)];
        rows.extend(walk(cluster).iter().filter_map(|step| {
            let link = step.link?;
            Some([
                link.from.clone(),
                link.to.clone(),
                said::distance(link),
                words::p_value(link.log10_p),
                link.aligned_cosine.map_or("-".to_owned(), words::interval),
                said::link(link),
            ])
        }));
        out.push_str(&table(&rows));
    }
    let lines = said::notes(tree);
    if !lines.is_empty() {
        out.push('\n');
    }
    for line in lines {
        let _ = writeln!(out, "- {}", escaped(&line));
    }
}
