//! Unit by unit: how many units of each layer find their own number.

use std::fmt::Write as _;

use jokbo_verdict::share;

use super::chart::{Chart, number};
use super::markup::escaped;
use super::words::{Label, Words};
use crate::schema::{Component, Section};
use crate::words as said;

/// The picture; nothing of fewer than two layers.
pub(crate) fn agreement(component: &Component, words: &dyn Words) -> String {
    let sections = component.sections.iter();
    let bars: Vec<(&Section, u32, f64)> =
        sections.filter_map(|s| Some((s, s.layer?, share(s.agreeing?, s.units)?))).collect();
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
