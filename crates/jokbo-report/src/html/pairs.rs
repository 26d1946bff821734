//! Every layer against every layer of the reference: a table that is its own picture.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::markup::escaped;
use super::words::{Label, Words};
use crate::schema::{Component, LayerGrid};
use crate::words as said;

/// Bounds of |z| between the shades. Two to four happen by chance among some hundred pairs.
const SHADES: [f64; 5] = [4.0, 8.0, 16.0, 40.0, 100.0];

/// One table for each network of the component.
pub(crate) fn grids(component: &Component, words: &dyn Words) -> String {
    component.layer_grids.iter().map(|grid| table(component, grid, words)).collect()
}

fn table(component: &Component, grid: &LayerGrid, words: &dyn Words) -> String {
    let name = match grid.stack.as_str() {
        "" => words.label(Label::Pairs).to_owned(),
        stack => format!("{}: {stack}", words.label(Label::Pairs)),
    };
    let name = escaped(&name);
    let mut out = format!(
        "<figure class=\"pairs\" data-say=\"{}\"><div class=\"wide\" tabindex=\"0\" role=\"group\" \
         aria-label=\"{name}\"><table class=\"grid\"><caption>{name}</caption>\n<thead><tr>\
         <th scope=\"col\">{}</th>",
        escaped(words.label(Label::PairSays)),
        escaped(words.label(Label::Layer)),
    );
    for layer in &grid.reference {
        let _ = write!(out, "<th scope=\"col\">{layer}</th>");
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    let origins: BTreeSet<(u32, u32)> = component
        .layer_map
        .iter()
        .filter(|m| m.stack == grid.stack)
        .map(|m| (m.suspect, m.reference))
        .collect();
    for (layer, row) in grid.suspect.iter().zip(&grid.z) {
        let _ = write!(out, "<tr><th scope=\"row\">{layer}</th>");
        for (other, z) in grid.reference.iter().zip(row) {
            let from = if origins.contains(&(*layer, *other)) { " from" } else { "" };
            let about = about(component, grid, (*layer, *other), words);
            let _ = write!(out, "<td class=\"z{}{from}\"{about}>{}</td>", shade(*z), shown(*z));
        }
        out.push_str("</tr>\n");
    }
    let _ = writeln!(
        out,
        "</tbody></table></div>\n<p class=\"choose\" hidden><label>{} <select></select></label> \
         <label>{} <select></select></label> <output></output></p>\n\
         <figcaption>{}</figcaption></figure>",
        escaped(words.label(Label::SuspectLayer)),
        escaped(words.label(Label::ReferenceLayer)),
        escaped(words.label(Label::PairsNote))
    );
    out
}

/// Stored values of a pair of layers that was read side by side.
fn about(
    component: &Component,
    grid: &LayerGrid,
    (suspect, reference): (u32, u32),
    words: &dyn Words,
) -> String {
    let found = component
        .layer_values
        .iter()
        .find(|l| l.stack == grid.stack && l.suspect == suspect && l.reference == reference);
    let Some((cosine, pearson)) = found.and_then(|l| Some((l.cosine?, l.pearson?))) else {
        return String::new();
    };
    let text = format!(
        "{} {}, {} {}",
        words.label(Label::Cosine),
        said::small(cosine),
        words.label(Label::Pearson),
        said::small(pearson)
    );
    format!(" title=\"{}\"", escaped(&text))
}

/// How dark a cell is.
fn shade(z: Option<f64>) -> usize {
    z.map_or(0, |z| SHADES.iter().take_while(|bound| **bound <= z.abs()).count())
}

/// One decimal below ten, where it tells something.
fn shown(z: Option<f64>) -> String {
    match z {
        None => "–".to_owned(),
        Some(z) if z.abs() < 9.95 => {
            let text = format!("{z:.1}");
            if text == "-0.0" { "0.0".to_owned() } else { text }
        }
        Some(z) => format!("{z:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shades_follow_the_distance_and_numbers_stay_short() {
        let z = [None, Some(-0.04), Some(3.96), Some(4.0), Some(-9.96), Some(39.0), Some(212.4)];
        assert_eq!(z.map(shade), [0, 0, 0, 1, 2, 3, 5]);
        assert_eq!(z.map(shown), ["–", "0.0", "4.0", "4.0", "-10", "39", "212"]);
    }
}
