//! The trees for a terminal.

use std::fmt::Write as _;

use super::walk::{Step, walk};
use super::{ComponentTree, FamilyCluster, FamilyReport};
use crate::json::printable;
use crate::text::WIDTH;
use crate::words::{self, family as said};

/// The trees for a terminal: for each component its clusters as indented trees, then what stands
/// alone and what would have been found.
pub fn family_text(report: &FamilyReport) -> String {
    let report = &printable(report);
    let parameters: u64 = report.models.iter().map(|model| model.parameters).sum();
    let mut out = format!(
        "{}, {} in all\n",
        said::models(report.models.len()),
        words::parameters(parameters)
    );
    for tree in &report.components {
        component(&mut out, tree);
    }
    if !report.oddities.is_empty() {
        out.push_str("\nOddities\n");
        for line in &report.oddities {
            let _ = writeln!(out, "{}", words::wrap(line, "  ", "    ", WIDTH));
        }
    }
    out.push('\n');
    let closing = [said::family_cost(report), said::family_closing(report)];
    for line in said::FAMILY_NOTES.iter().map(|n| (*n).to_owned()).chain(closing) {
        let _ = writeln!(out, "{}", words::wrap(&line, "", "", WIDTH));
    }
    out
}

fn component(out: &mut String, tree: &ComponentTree) {
    let mut head =
        format!("{}: {}; {}", tree.component, said::models(tree.members.len()), said::tested(tree));
    if let Some(testable) = said::testable(tree) {
        let _ = write!(head, "; {testable}");
    }
    let _ = writeln!(out, "\n{}", words::wrap(&head, "", "  ", WIDTH));
    for cluster in &tree.clusters {
        let _ = writeln!(out, "\n  {}", said::cluster(cluster));
        drawn(out, cluster);
    }
    let lines = said::notes(tree);
    if !lines.is_empty() {
        out.push('\n');
    }
    for line in lines {
        let _ = writeln!(out, "{}", words::wrap(&line, "  ", "    ", WIDTH));
    }
}

fn drawn(out: &mut String, cluster: &FamilyCluster) {
    let steps = walk(cluster);
    let named: Vec<String> =
        steps.iter().map(|step| format!("{}{}", lead(step), step.model)).collect();
    let wide = named.iter().map(|name| name.chars().count()).max().unwrap_or(0).min(MOST);
    for (step, name) in steps.iter().zip(&named) {
        let Some(link) = step.link else {
            let _ = writeln!(out, "    {name}");
            continue;
        };
        let blank = " ".repeat(wide.saturating_sub(name.chars().count()));
        let first = format!("    {name}{blank}  {:>7}", said::distance(link));
        let below = format!("    {}", under(step));
        let room = " ".repeat((wide + 15).saturating_sub(below.chars().count()));
        let text = said::link(link);
        if text.is_empty() {
            let _ = writeln!(out, "{first}");
        } else {
            let wrapped =
                words::wrap(&text, &format!("{first}  "), &format!("{below}{room}"), WIDTH);
            let _ = writeln!(out, "{wrapped}");
        }
    }
}

/// Names longer than this push what is said of their link aside, and no other's.
const MOST: usize = 48;

/// The lines that lead to a model.
fn lead(step: &Step<'_>) -> String {
    let Some((last, before)) = step.lasts.split_last() else { return String::new() };
    let mut text: String = before.iter().map(|&last| if last { "    " } else { "│   " }).collect();
    text.push_str(if *last { "└── " } else { "├── " });
    text
}

/// The lines that pass by under a model.
fn under(step: &Step<'_>) -> String {
    step.lasts.iter().map(|&last| if last { "    " } else { "│   " }).collect()
}
