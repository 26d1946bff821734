//! The picture as one SVG file that needs nothing else: no font, no script, no network.

use std::fmt::Write as _;

use super::{Diagram, Place, share};
use crate::json::printable;
use crate::schema::{Model, ModelComponent};
use crate::words;

/// Width and height of a box, and the room between boxes, in pixels.
pub(crate) const BOX: (usize, usize) = (208, 74);
const GAP: (usize, usize) = (64, 18);
const MARGIN: usize = 24;
/// Height of the title above the boxes.
const TITLE: usize = 64;
/// What lies above the boxes, where the picture stands below a title of its own.
pub(crate) const TOP: usize = TITLE;
/// Longest name in a box, in characters; the whole name is in its tooltip.
pub(crate) const NAME: usize = 25;

/// The head of an arrow, for the `marker-end` of class `arrow`.
pub(crate) const HEAD: &str = "<defs><marker id=\"head\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" \
    markerWidth=\"8\" markerHeight=\"8\" orient=\"auto\"><path class=\"head\" d=\"M0 0 8 4 0 8z\"/>\
    </marker></defs>\n";

const STYLE: &str = "\
    svg { background: #fff; font-family: system-ui, sans-serif; color: #1a1d21 }\n\
    text { fill: currentColor; font-size: 14px }\n\
    .title { font-size: 18px; font-weight: 600 }\n\
    .small { font-size: 12.5px; fill: #555c66 }\n\
    .name { font-weight: 600 }\n\
    .box { fill: #f4f6f9; stroke: #8a94a3; stroke-width: 1.25 }\n\
    .apart { stroke-dasharray: 5 4 }\n\
    .track { fill: #dde2ea } .share { fill: #2f6fb3 }\n\
    .arrow { fill: none; stroke: #7b8696; stroke-width: 1.5; marker-end: url(#head) } .head { fill: #7b8696 }\n\
    @media (prefers-color-scheme: dark) {\n\
    svg { background: #14171b; color: #e8ebef } .small { fill: #a7b0bc }\n\
    .box { fill: #1e2329; stroke: #66707e } .track { fill: #333b45 } .share { fill: #6aa9ea }\n\
    .arrow { stroke: #8b96a5 } .head { fill: #8b96a5 }\n\
    }\n";

/// The components of `model` from left to right: what reads, what joins, what thinks, what writes;
/// below them, dashed, what no pattern knows. Each box holds a bar of its share of the parameters.
pub fn diagram_svg(model: &Model) -> String {
    let model = &printable(model);
    let components = &model.components;
    let diagram = Diagram::of(components);
    let (places, width, height) = layout(&diagram, components.len());
    let title = format!("{}: {}", model.source, words::parameters(model.parameters));
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
         height=\"{height}\" role=\"img\" aria-labelledby=\"title description\">\n\
         <title id=\"title\">{}</title>\n<desc id=\"description\">{}</desc>\n<style>\n{STYLE}</style>\n{HEAD}",
        escaped(&title),
        escaped(&described(&diagram, components)),
    );
    let _ = writeln!(
        out,
        "<text class=\"title\" x=\"{MARGIN}\" y=\"32\">{}</text>",
        escaped(&model.source)
    );
    let under = format!(
        "{}, {}{}",
        model.format,
        words::parameters(model.parameters),
        words::commit(model)
    );
    let _ =
        writeln!(out, "<text class=\"small\" x=\"{MARGIN}\" y=\"52\">{}</text>", escaped(&under));
    for &(from, to) in &diagram.arrows {
        arrow(&mut out, places[from], places[to]);
    }
    for (k, component) in components.iter().enumerate() {
        boxed(&mut out, places[k], component, components, diagram.places[k] == Place::Apart);
    }
    out.push_str("</svg>\n");
    out
}

/// The upper left corner of every box, and width and height of the whole.
///
/// Encoders with a projector stand first and each projector beside them, so that the way of what
/// leads past the projectors is free.
pub(crate) fn layout(diagram: &Diagram, boxes: usize) -> (Vec<(usize, usize)>, usize, usize) {
    let joined = |&k: &usize| {
        diagram.arrows.iter().any(|&(from, to)| from == k && diagram.places[to] == Place::Joins)
    };
    let (mut reads, past): (Vec<usize>, Vec<usize>) = diagram.at(Place::Reads).partition(joined);
    reads.extend(past);
    let order =
        [Place::Joins, Place::Thinks, Place::Writes].map(|place| diagram.at(place).collect());
    let columns: Vec<Vec<usize>> = [vec![reads], order.to_vec()]
        .concat()
        .into_iter()
        .filter(|column| !column.is_empty())
        .collect();
    let tall = |n: usize| (n * (BOX.1 + GAP.1)).saturating_sub(GAP.1);
    let tallest = columns.iter().map(Vec::len).max().unwrap_or(0);
    let across = columns.len().max(1);
    let top = TITLE + MARGIN;
    let mut places = vec![(0, 0); boxes];
    for (c, column) in columns.iter().enumerate() {
        // Projectors are aligned with the column before them, all others stand in the middle.
        let is_aligned = diagram.places[column[0]] == Place::Joins && 0 < c;
        let beside = if is_aligned { columns[c - 1].len() } else { column.len() };
        let first = top + (tall(tallest) - tall(beside.max(column.len()))) / 2;
        for (r, &k) in column.iter().enumerate() {
            places[k] = (MARGIN + c * (BOX.0 + GAP.0), first + r * (BOX.1 + GAP.1));
        }
    }
    let below = top + if tallest == 0 { 0 } else { tall(tallest) + 2 * GAP.1 };
    for (n, k) in diagram.at(Place::Apart).enumerate() {
        let (row, column) = (n / across, n % across);
        places[k] = (MARGIN + column * (BOX.0 + GAP.0), below + row * (BOX.1 + GAP.1));
    }
    let bottom = places.iter().map(|place| place.1 + BOX.1).max().unwrap_or(TITLE);
    (places, 2 * MARGIN + across * (BOX.0 + GAP.0) - GAP.0, bottom + MARGIN)
}

/// From the right side of one box to the left side of another: straight past the columns between
/// them, then a bend.
pub(crate) fn arrow(out: &mut String, from: (usize, usize), to: (usize, usize)) {
    let (x0, y0) = (from.0 + BOX.0, from.1 + BOX.1 / 2);
    let (x1, y1) = (to.0, to.1 + BOX.1 / 2);
    let (bend, middle) = (x1 - GAP.0, x1 - GAP.0 / 2);
    let _ = writeln!(
        out,
        "<path class=\"arrow\" d=\"M{x0} {y0}H{bend}C{middle} {y0} {middle} {y1} {x1} {y1}\"/>"
    );
}

fn boxed(
    out: &mut String,
    (x, y): (usize, usize),
    component: &ModelComponent,
    all: &[ModelComponent],
    is_apart: bool,
) {
    let share = share(component, all);
    let layers = match component.layers {
        0 => String::new(),
        1 => ", 1 layer".to_owned(),
        n => format!(", {n} layers"),
    };
    let class = if is_apart { "box apart" } else { "box" };
    let whole =
        format!("{}: {}{layers}", component.component, words::parameters(component.parameters));
    let _ = writeln!(
        out,
        "<g><title>{}</title><rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{}\" height=\"{}\" rx=\"8\"/>",
        escaped(&whole),
        BOX.0,
        BOX.1
    );
    let (left, inner) = (x + 12, BOX.0 - 24);
    let name = escaped(&shortened(&component.component, NAME));
    let _ = writeln!(out, "<text class=\"name\" x=\"{left}\" y=\"{}\">{name}</text>", y + 24);
    let figures =
        format!("{}, {}{layers}", short_count(component.parameters), words::percent(share));
    let figures = escaped(&figures);
    let _ = writeln!(out, "<text class=\"small\" x=\"{left}\" y=\"{}\">{figures}</text>", y + 44);
    #[allow(clippy::cast_precision_loss, reason = "a few hundred pixels")]
    let long = (share * inner as f64).max(1.5);
    let bar = |class: &str, width: &str| {
        format!(
            "<rect class=\"{class}\" x=\"{left}\" y=\"{}\" width=\"{width}\" height=\"6\" rx=\"3\"/>",
            y + 56
        )
    };
    let _ = writeln!(
        out,
        "{}{}</g>",
        bar("track", &inner.to_string()),
        bar("share", &format!("{long:.1}"))
    );
}

/// The arrows in words, for those who cannot see them.
fn described(diagram: &Diagram, components: &[ModelComponent]) -> String {
    let name = |k: usize| components[k].component.as_str();
    let arrows: Vec<String> = diagram
        .arrows
        .iter()
        .map(|&(from, to)| format!("{} leads to {}", name(from), name(to)))
        .collect();
    if arrows.is_empty() {
        "Components of the model".to_owned()
    } else {
        format!("{}.", arrows.join("; "))
    }
}

/// `31.3 B`, `656.7 M`, `2`.
pub(crate) fn short_count(n: u64) -> String {
    #[allow(clippy::cast_precision_loss, reason = "shown with one decimal")]
    let scaled = |unit: u64| n as f64 / unit as f64;
    match n {
        0..=9_999 => words::count(n),
        10_000..=999_949 => format!("{:.1} k", scaled(1_000)),
        999_950..=999_949_999 => format!("{:.1} M", scaled(1_000_000)),
        _ => format!("{:.1} B", scaled(1_000_000_000)),
    }
}

/// A name of at most `most` characters, the last of them a sign where some were cut.
pub(crate) fn shortened(name: &str, most: usize) -> String {
    if name.chars().count() <= most {
        return name.to_owned();
    }
    let kept: String = name.chars().take(most - 1).collect();
    format!("{kept}…")
}

/// Text with what XML would read as markup written out.
pub(crate) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagram::tests::components;

    #[test]
    fn no_two_boxes_overlap_and_all_are_inside() {
        let names = [
            "language-model",
            "vision-encoder",
            "audio-encoder",
            "projector",
            "other:a",
            "other:b",
            "other:c",
            "token-embedding",
            "output-head",
            "text-encoder",
        ];
        for n in 1..=names.len() {
            let named: Vec<(&str, u64)> = names[..n].iter().map(|&name| (name, 5)).collect();
            let (places, width, height) = layout(&Diagram::of(&components(&named)), n);
            for (k, a) in places.iter().enumerate() {
                assert!(a.0 + BOX.0 + MARGIN <= width && a.1 + BOX.1 + MARGIN <= height);
                let apart =
                    |b: &(usize, usize)| BOX.0 <= a.0.abs_diff(b.0) || BOX.1 <= a.1.abs_diff(b.1);
                assert!(places[k + 1..].iter().all(apart), "{names:?} {n}");
            }
        }
    }

    #[test]
    fn a_hostile_name_is_text_and_nothing_else() {
        let shown = escaped(&shortened("other:</title><script>alert(\"&\")</script>", NAME));
        assert_eq!(shown, "other:&lt;/title&gt;&lt;script&gt;al…");
    }

    #[test]
    fn every_tag_is_one_of_ours_and_is_closed() {
        let named = components(&[("language-model", 1_000_000_000), ("other:<g>&\"", 1)]);
        let model = Model {
            source: "<a&b>".to_owned(),
            commit: None,
            format: "safetensors".to_owned(),
            files: Vec::new(),
            parameters: 1_000_000_001,
            components: named,
        };
        let svg = diagram_svg(&model);
        let mut open = Vec::new();
        for tag in svg.split('<').skip(1) {
            let (tag, _) = tag.split_once('>').unwrap();
            let name = tag.split([' ', '/']).find(|name| !name.is_empty()).unwrap();
            let known =
                ["svg", "title", "desc", "style", "defs", "marker", "path", "text", "rect", "g"];
            assert!(known.contains(&name), "{tag}");
            if tag.starts_with('/') {
                assert_eq!(open.pop(), Some(name));
            } else if !tag.ends_with('/') {
                open.push(name);
            }
        }
        assert_eq!(open, [""; 0]);
        assert!(svg.contains("1, &lt; 0.001 %"));
    }

    #[test]
    fn counts_are_shown_in_the_unit_that_fits() {
        let shown = [2, 9_999, 10_000, 999_950, 636_401_664, 31_285_744_640].map(short_count);
        assert_eq!(shown, ["2", "9,999", "10.0 k", "1.0 M", "636.4 M", "31.3 B"]);
    }
}
