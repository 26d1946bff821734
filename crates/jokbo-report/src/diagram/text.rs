//! The picture in characters, from top to bottom.

use std::fmt::Write as _;

use super::{Diagram, Place, share};
use crate::json::printable;
use crate::schema::{Model, ModelComponent};
use crate::words;

/// Length of the bar of a whole model, in characters.
const BAR: f64 = 32.0;

/// The components of `model` from top to bottom, an arrow between what reads, what thinks and what
/// writes; last what no pattern knows. Each with its parameters and their share.
pub fn diagram_text(model: &Model) -> String {
    let model = &printable(model);
    let components = &model.components;
    let diagram = Diagram::of(components);
    let mut out = format!(
        "{} ({}, {}{})\n",
        model.source,
        model.format,
        words::parameters(model.parameters),
        words::commit(model)
    );
    let lead = if diagram.at(Place::Joins).next().is_some() { LEAD.chars().count() } else { 0 };
    let longest = components.iter().map(|c| c.component.chars().count()).max().unwrap_or(0);
    let width = lead + longest;
    let stages =
        [reading(&diagram), plain(&diagram, Place::Thinks), plain(&diagram, Place::Writes)];
    let mut before = "\n";
    for stage in stages.iter().filter(|stage| !stage.is_empty()) {
        out.push_str(before);
        stage.iter().for_each(|&(k, lead)| line(&mut out, (lead, k), components, width));
        before = "    ▼\n";
    }
    let apart = plain(&diagram, Place::Apart);
    if !apart.is_empty() {
        out.push_str(if apart.len() < components.len() { "\nApart\n" } else { "\n" });
        apart.iter().for_each(|&(k, lead)| line(&mut out, (lead, k), components, width));
    }
    out
}

/// What stands before a projector, below the encoders that lead to it.
const LEAD: &str = "└─▶ ";

/// Tables and encoders, each projector below the last encoder that leads to it.
fn reading(diagram: &Diagram) -> Vec<(usize, &'static str)> {
    let mut lines = Vec::new();
    let leads = |from: usize, to: usize| diagram.arrows.contains(&(from, to));
    let mut left: Vec<usize> = diagram.at(Place::Joins).collect();
    let order: Vec<usize> = diagram.at(Place::Reads).collect();
    for (n, &encoder) in order.iter().enumerate() {
        lines.push((encoder, ""));
        let is_last = |p: usize| leads(encoder, p) && !order[n + 1..].iter().any(|&e| leads(e, p));
        lines.extend(left.iter().filter(|p| is_last(**p)).map(|&p| (p, LEAD)));
        left.retain(|p| !is_last(*p));
    }
    lines.extend(left.into_iter().map(|p| (p, "")));
    lines
}

fn plain(diagram: &Diagram, place: Place) -> Vec<(usize, &'static str)> {
    diagram.at(place).map(|k| (k, "")).collect()
}

fn line(out: &mut String, (lead, k): (&str, usize), all: &[ModelComponent], width: usize) {
    let share = share(&all[k], all);
    let name = format!("{lead}{}", all[k].component);
    let (n, percent) = (words::count(all[k].parameters), words::percent(share));
    let text = format!("{name:<width$}  {n:>15}  {percent:>9}  {}", bar(share));
    let _ = writeln!(out, "{}", text.trim_end());
}

/// A bar with a resolution of an eighth of a character; something is never drawn as nothing.
fn bar(share: f64) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share in [0, 1] gives at most 256 eighths"
    )]
    let eighths = (share * BAR * 8.0).round() as usize;
    let eighths = if 0.0 < share { eighths.max(1) } else { eighths };
    format!("{}{}", "█".repeat(eighths / 8), EIGHTHS[eighths % 8])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_as_long_as_its_share_and_never_nothing() {
        assert_eq!(bar(0.5).chars().count(), 16);
        assert_eq!((bar(1e-9).as_str(), bar(0.0).as_str()), ("▏", ""));
        assert_eq!(bar(1.0), "█".repeat(32));
    }
}
