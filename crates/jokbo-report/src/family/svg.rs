//! The trees as one SVG file that needs nothing else: no font, no script, no network.

use std::fmt::Write as _;

use super::walk::{Step, walk};
use super::{ComponentTree, FamilyReport};
use crate::diagram::escaped;
use crate::json::printable;
use crate::words::{self, family as said};

/// Height of one model, and how far right of the model it hangs on each one stands.
const ROW: usize = 24;
const INDENT: usize = 78;
const MARGIN: usize = 24;
/// Height of the title of a component, and the room between two trees.
const TITLE: usize = 46;
const GAP: usize = 14;
/// Longest name, in characters; the whole name is in its tooltip. And the width of one, in pixels,
/// with room to spare.
const NAME: usize = 56;
const LETTER: usize = 8;

const STYLE: &str = "\
    svg { background: #fff; font-family: system-ui, sans-serif; color: #1a1d21 }\n\
    text { fill: currentColor; font-size: 13.5px }\n\
    .title { font-size: 18px; font-weight: 600 } .part { font-size: 15px; font-weight: 600 }\n\
    .small { font-size: 12px; fill: #555c66 } .far { font-size: 11.5px; fill: #555c66; text-anchor: middle }\n\
    .line { fill: none; stroke: #8a94a3; stroke-width: 1.4 }\n\
    .lean { stroke: #2f6fb3; stroke-width: 1.8 }\n\
    .dot { fill: #8a94a3 } .hub { fill: #2f6fb3 } .alone { fill: none; stroke: #8a94a3; stroke-dasharray: 2 2 }\n\
    .head { fill: #2f6fb3 }\n\
    @media (prefers-color-scheme: dark) {\n\
    svg { background: #14171b; color: #e8ebef } .small, .far { fill: #a7b0bc }\n\
    .line { stroke: #66707e } .lean { stroke: #6aa9ea } .dot { fill: #8b96a5 }\n\
    .hub, .head { fill: #6aa9ea } .alone { stroke: #8b96a5 }\n\
    }\n";

/// The trees below each other, each from its hub on the left, a distance beside every link; below
/// them what stands alone, with a dashed ring. A blue link has an arrow at the model that may have
/// been made from the other.
pub fn family_svg(report: &FamilyReport) -> String {
    let report = &printable(report);
    let mut body = String::new();
    let mut place = Place { y: MARGIN + TITLE, right: 0 };
    for tree in &report.components {
        component(&mut body, &mut place, tree);
    }
    let note = format!(
        "Distances: 0 for equal values, 1.414 for unrelated ones. Level {:e}, seed {}.",
        report.level, report.seed
    );
    place.text(&mut body, "small", MARGIN, &note);
    let (width, height) = (place.right + MARGIN, place.y + MARGIN);
    let title = format!("Family tree of {}", said::models(report.models.len()));
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
         height=\"{height}\" role=\"img\" aria-labelledby=\"title description\">\n\
         <title id=\"title\">{title}</title>\n<desc id=\"description\">{}</desc>\n<style>\n{STYLE}</style>\n\
         <defs><marker id=\"head\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"6\" \
         markerHeight=\"6\" orient=\"auto-start-reverse\"><path class=\"head\" d=\"M0 0 8 4 0 8z\"/></marker></defs>\n\
         <text class=\"title\" x=\"{MARGIN}\" y=\"36\">{title}</text>\n{body}</svg>\n",
        escaped(&described(report)),
    )
}

/// Where the next line goes, and how far right anything reached.
struct Place {
    y: usize,
    right: usize,
}

impl Place {
    /// A line of text at the left end `x`.
    fn text(&mut self, out: &mut String, class: &str, x: usize, text: &str) {
        let _ = writeln!(
            out,
            "<text class=\"{class}\" x=\"{x}\" y=\"{}\">{}</text>",
            self.y,
            escaped(text)
        );
        self.reach(x + LETTER * text.chars().count());
        self.y += ROW;
    }

    fn reach(&mut self, right: usize) {
        self.right = self.right.max(right);
    }
}

fn component(out: &mut String, place: &mut Place, tree: &ComponentTree) {
    place.text(out, "part", MARGIN, &tree.component);
    let under = format!("{}; {}", said::models(tree.members.len()), said::tested(tree));
    place.text(out, "small", MARGIN, &under);
    for cluster in &tree.clusters {
        let steps = walk(cluster);
        let top = place.y;
        let at = |k: usize| (MARGIN + 8 + INDENT * steps[k].lasts.len(), top + ROW * k);
        for (k, step) in steps.iter().enumerate() {
            link(out, step, at(step.above), at(k));
        }
        for (k, step) in steps.iter().enumerate() {
            let class = if step.link.is_none() { "hub" } else { "dot" };
            model(out, place, class, at(k), step);
        }
        place.y += ROW * steps.len() + GAP;
    }
    for alone in &tree.alone {
        let at = (MARGIN + 8, place.y);
        let name = Step { model: &alone.model, link: None, above: 0, lasts: Vec::new() };
        model(out, place, "alone", at, &name);
        place.y += ROW;
    }
    place.y += 2 * GAP;
}

/// From under one model down and right to another, with the distance above its last stretch.
fn link(out: &mut String, step: &Step<'_>, from: (usize, usize), to: (usize, usize)) {
    let Some(link) = step.link else { return };
    let (class, end) = match &link.child {
        None => ("line", ""),
        Some(child) if *child == link.to => ("line lean", " marker-end=\"url(#head)\""),
        Some(_) => ("line lean", " marker-start=\"url(#head)\""),
    };
    let _ = writeln!(
        out,
        "<path class=\"line\" d=\"M{0} {1}V{2}\"/><path class=\"{class}\" d=\"M{0} {2}H{3}\"{end}/>",
        from.0,
        from.1 + 5,
        to.1,
        to.0 - 6
    );
    let _ = writeln!(
        out,
        "<text class=\"far\" x=\"{}\" y=\"{}\">{}</text>",
        usize::midpoint(from.0, to.0) - 2,
        to.1 - 4,
        escaped(&said::distance(link))
    );
}

fn model(
    out: &mut String,
    place: &mut Place,
    class: &str,
    (x, y): (usize, usize),
    step: &Step<'_>,
) {
    let name = shortened(step.model);
    let tip = match step.link {
        Some(link) => {
            let p = words::p_value(link.log10_p);
            format!("{}: {p}; {}", step.model, said::link(link))
        }
        None => step.model.to_owned(),
    };
    let _ = writeln!(
        out,
        "<g><title>{}</title><circle class=\"{class}\" cx=\"{x}\" cy=\"{y}\" r=\"4.5\"/><text \
         x=\"{}\" y=\"{}\">{}</text></g>",
        escaped(&tip),
        x + 12,
        y + 5,
        escaped(&name)
    );
    place.reach(x + 12 + LETTER * name.chars().count());
}

/// The trees in words, for those who cannot see them.
fn described(report: &FamilyReport) -> String {
    let one = |tree: &ComponentTree| format!("{}: {}.", tree.component, said::tested(tree));
    report.components.iter().map(one).collect::<Vec<_>>().join(" ")
}

fn shortened(name: &str) -> String {
    if name.chars().count() <= NAME {
        return name.to_owned();
    }
    // The end of a path tells more than its beginning.
    let skipped = name.chars().count() - (NAME - 1);
    format!("…{}", name.chars().skip(skipped).collect::<String>())
}
