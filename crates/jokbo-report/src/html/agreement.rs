//! Unit by unit: how many units of each layer find their own number.

use std::fmt::Write as _;

use super::chart::Chart;
use super::markup::escaped;
use super::words::{Label, Words};
use crate::schema::{Component, Section};
use crate::words as said;

/// The picture; nothing of fewer than two layers.
pub(crate) fn agreement(component: &Component, words: &dyn Words) -> String {
    let sections = component.sections.iter();
    let bars: Vec<(&Section, u32, f64)> =
        sections.filter_map(|s| Some((s, s.layer?, part(s.agreeing?, s.units)?))).collect();
    let layers = bars.iter().map(|(_, layer, _)| *layer);
    let Some(chart) = Chart::new(layers, std::iter::empty(), 0.0) else { return String::new() };
    let mut marks = String::new();
    for (section, layer, share) in &bars {
        // Experts of one layer stand beside one another.
        let beside: Vec<&str> = bars
            .iter()
            .filter(|(_, other, _)| other == layer)
            .map(|(s, ..)| s.section.as_str())
            .collect();
        let place = beside.iter().position(|name| *name == section.section).unwrap_or(0);
        let width = 0.8 * chart.column() / number(beside.len());
        let x = chart.x(*layer) - 0.4 * chart.column() + width * number(place);
        let about = format!(
            "{}: {} {} ({}/{})",
            words.section(&section.section),
            words.label(Label::UnitsAgreeing),
            said::percent(*share),
            said::count(section.agreeing.unwrap_or(0)),
            said::count(section.units)
        );
        let _ = writeln!(
            marks,
            "<rect class=\"long\" x=\"{x:.1}\" y=\"{:.1}\" width=\"{width:.1}\" height=\"{:.1}\">\
             <title>{}</title></rect>",
            chart.y(*share),
            chart.y(0.0) - chart.y(*share),
            escaped(&about)
        );
    }
    let caption = escaped(words.label(Label::AgreementNote));
    chart.figure(words.label(Label::Agreement), &marks, &caption)
}

/// `None` of nothing.
#[allow(clippy::cast_precision_loss, reason = "numbers of units")]
pub(super) fn part(some: u64, all: u64) -> Option<f64> {
    (all != 0).then(|| some as f64 / all as f64)
}

#[allow(clippy::cast_precision_loss, reason = "a number of experts")]
fn number(n: usize) -> f64 {
    n as f64
}
