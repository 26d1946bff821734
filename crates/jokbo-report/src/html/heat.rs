//! Sections of a component as a map: layers across, groups of units down, and the same numbers as a
//! table.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jokbo_verdict::share;

use super::markup::{escaped, folded, sortable};
use super::words::{Label, Words};
use crate::diagram::shortened;
use crate::schema::Section;
use crate::words as said;

/// Width and height of a cell, and the room for names and numbers, in pixels.
const CELL: (usize, usize) = (46, 26);
const NAMES: usize = 150;
const TOP: usize = 22;
/// Characters of a name that there is room for.
const NAME: usize = 22;

/// What a section is called within its layer: `expert 3` of `layer 2 expert 3`; nothing of a whole
/// layer.
fn within(section: &Section) -> &str {
    let Some(layer) = section.layer else { return &section.section };
    let name = section.section.strip_suffix(&format!("layer {layer}")).map(str::trim_end);
    let begin = format!("layer {layer} ");
    let inside = section.section.strip_prefix(&begin).or(name);
    inside.unwrap_or(&section.section)
}

/// The map, and the table behind it. Nothing without sections.
pub(crate) fn map(sections: &[Section], words: &dyn Words) -> String {
    if sections.is_empty() {
        return String::new();
    }
    format!("{}{}", drawn(sections, words), numbers(sections, words))
}

/// Names of rows in the order in which they first occur, and layers in theirs.
fn axes(sections: &[Section]) -> (Vec<&str>, Vec<u32>) {
    let mut rows: Vec<&str> = Vec::new();
    for section in sections {
        if !rows.contains(&within(section)) {
            rows.push(within(section));
        }
    }
    let layers: BTreeMap<u32, ()> =
        sections.iter().filter_map(|s| s.layer).map(|layer| (layer, ())).collect();
    (rows, layers.into_keys().collect())
}

fn drawn(sections: &[Section], words: &dyn Words) -> String {
    let (rows, layers) = axes(sections);
    let across = layers.len().max(1);
    let (width, height) = (NAMES + across * CELL.0 + 2, TOP + rows.len() * CELL.1 + 2);
    let title = escaped(words.label(Label::HeatMap));
    let mut out = format!(
        "<figure><div class=\"wide\" tabindex=\"0\" role=\"group\" aria-label=\"{title}\"><svg \
         class=\"heat\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         role=\"img\" aria-label=\"{title}\">\n"
    );
    for (k, layer) in layers.iter().enumerate() {
        let x = NAMES + k * CELL.0 + CELL.0 / 2;
        let _ = writeln!(out, "<text class=\"small middle\" x=\"{x}\" y=\"15\">{layer}</text>");
    }
    for (r, row) in rows.iter().enumerate() {
        let name = if row.is_empty() {
            words.label(Label::AllUnits).to_owned()
        } else {
            words.section(row)
        };
        let y = TOP + r * CELL.1 + 17;
        let _ = writeln!(
            out,
            "<text class=\"small\" x=\"0\" y=\"{y}\">{}</text>",
            escaped(&shortened(&name, NAME))
        );
    }
    for section in sections {
        let r = rows.iter().position(|row| *row == within(section)).unwrap_or(0);
        let k = section.layer.and_then(|layer| layers.iter().position(|l| *l == layer));
        cell(&mut out, section, (NAMES + k.unwrap_or(0) * CELL.0, TOP + r * CELL.1), words);
    }
    let _ = writeln!(
        out,
        "</svg></div>\n<figcaption>{}</figcaption></figure>",
        escaped(words.label(Label::HeatMapNote))
    );
    out
}

fn cell(out: &mut String, section: &Section, (x, y): (usize, usize), words: &dyn Words) {
    let cosine = said::small(section.aligned_cosine);
    let about = format!(
        "{}: {} {cosine}, {}, {}",
        words.section(&section.section),
        words.label(Label::AlignedCosine),
        words.p(Some(section.log10_p)),
        words.units(section.units)
    );
    // Far from 0 is dark: a mirrored unit is as telling as an equal one.
    let depth = section.aligned_cosine.abs().clamp(0.0, 1.0);
    let _ = writeln!(
        out,
        "<g><title>{}</title><rect class=\"cell\" x=\"{x}\" y=\"{y}\" width=\"{}\" height=\"{}\"/>\
         <rect class=\"depth\" x=\"{x}\" y=\"{y}\" width=\"{1}\" height=\"{2}\" \
         fill-opacity=\"{depth:.3}\"/><text class=\"tiny middle\" x=\"{3}\" y=\"{4}\">{5}</text></g>",
        escaped(&about),
        CELL.0 - 2,
        CELL.1 - 2,
        x + CELL.0 / 2 - 1,
        y + 16,
        escaped(&short(section.aligned_cosine)),
    );
}

/// Two digits, as many as a cell has room for; never rounded up to 1.
fn short(cosine: f64) -> String {
    let text =
        if (0.995..1.0).contains(&cosine) { "0.99".to_owned() } else { format!("{cosine:.2}") };
    if text == "-0.00" { "0.00".to_owned() } else { text }
}

fn numbers(sections: &[Section], words: &dyn Words) -> String {
    let head = [Label::Section, Label::AlignedCosine, Label::P, Label::Units, Label::UnitsAgreeing];
    let head = head.map(|label| words.label(label));
    let rows: Vec<Vec<String>> = sections
        .iter()
        .map(|s| {
            vec![
                escaped(&words.section(&s.section)),
                said::small(s.aligned_cosine),
                escaped(&words.p(Some(s.log10_p))),
                said::count(s.units),
                s.agreeing
                    .and_then(|n| share(n, s.units))
                    .map_or_else(|| "–".to_owned(), said::percent),
            ]
        })
        .collect();
    let label = words.label(Label::NumbersOfHeatMap);
    folded(label, &sortable(label, &head, &rows, &[1, 2, 3, 4]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_is_named_within_its_layer() {
        let name = |section: &str, layer| {
            let section = section.to_owned();
            let s = Section {
                section,
                layer,
                log10_p: 0.0,
                aligned_cosine: 0.0,
                chance: None,
                units: 1,
                agreeing: None,
            };
            within(&s).to_owned()
        };
        assert_eq!(name("layer 3", Some(3)), "");
        assert_eq!(name("layer 3 expert 1", Some(3)), "expert 1");
        assert_eq!(name("tower layer 3", Some(3)), "tower");
        assert_eq!(name("conv-stem", None), "conv-stem");
    }

    #[test]
    fn a_cell_never_says_one_of_what_is_less() {
        assert_eq!([short(0.9999), short(1.0), short(-0.001)], ["0.99", "1.00", "0.00"]);
    }
}
