//! Cosines by layer: of units with equal numbers, beside what chance gives, and of stored values.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::chart::Chart;
use super::markup::escaped;
use super::words::{Label, Words};
use crate::schema::Component;
use crate::words as said;

/// How many standard deviations around the mean of random renumberings the band reaches: what lies
/// outside happens less than once in ten thousand layers.
const BAND: f64 = 4.0;

/// What is drawn as one kind of mark.
struct Series {
    label: Label,
    shape: Shape,
    /// What each mark is of, its layer and its value.
    marks: Vec<(String, u32, f64)>,
}

#[derive(Clone, Copy)]
enum Shape {
    Disc,
    Square,
    Cross,
}

impl Shape {
    fn at(self, x: f64, y: f64) -> String {
        match self {
            Self::Disc => format!("<circle class=\"dot\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\">"),
            Self::Square => format!(
                "<rect class=\"open\" x=\"{:.1}\" y=\"{:.1}\" width=\"9\" height=\"9\">",
                x - 4.5,
                y - 4.5
            ),
            Self::Cross => {
                format!("<path class=\"open\" d=\"M{:.1} {:.1}l8 8m0 -8l-8 8\">", x - 4.0, y - 4.0)
            }
        }
    }

    fn end(self) -> &'static str {
        match self {
            Self::Disc => "</circle>",
            Self::Square => "</rect>",
            Self::Cross => "</path>",
        }
    }
}

/// The picture; nothing of fewer than two layers.
pub(crate) fn curve(component: &Component, words: &dyn Words) -> String {
    let series = series(component, words);
    let all = || series.iter().flat_map(|s| &s.marks);
    let values = all().map(|(_, _, value)| *value);
    let Some(chart) = Chart::new(all().map(|(_, layer, _)| *layer), values, -0.1) else {
        return String::new();
    };
    let band = band(component, &chart);
    let mut marks = band.clone();
    for one in &series {
        marks.push_str(&line(one, &chart));
        for (of, layer, value) in &one.marks {
            let about = format!("{of}: {} {}", words.label(one.label), said::small(*value));
            let _ = writeln!(
                marks,
                "{}<title>{}</title>{}",
                one.shape.at(chart.x(*layer), chart.y(*value)),
                escaped(&about),
                one.shape.end()
            );
        }
    }
    let mut caption = legend(&series, words);
    if !band.is_empty() {
        let _ = write!(caption, " {}", escaped(words.label(Label::Band)));
    }
    chart.figure(words.label(Label::Curve), &marks, &caption)
}

/// Stored values below, what the tests rest on above them.
fn series(component: &Component, words: &dyn Words) -> Vec<Series> {
    let stored = |label, shape, pick: fn(&crate::schema::LayerValues) -> Option<f64>| Series {
        label,
        shape,
        marks: component
            .layer_values
            .iter()
            .filter_map(|l| {
                let name = format!("{} layer {}", l.stack, l.suspect);
                Some((words.section(name.trim_start()), l.suspect, pick(l)?))
            })
            .collect(),
    };
    let sections = component.sections.iter();
    let aligned = Series {
        label: Label::AlignedCosine,
        shape: Shape::Disc,
        marks: sections
            .filter_map(|s| Some((words.section(&s.section), s.layer?, s.aligned_cosine)))
            .collect(),
    };
    let all = [
        stored(Label::Cosine, Shape::Square, |l| l.cosine),
        stored(Label::Pearson, Shape::Cross, |l| l.pearson),
        aligned,
    ];
    all.into_iter().filter(|s| !s.marks.is_empty()).collect()
}

/// A line through marks where each layer has one.
fn line(series: &Series, chart: &Chart) -> String {
    let by_layer: BTreeMap<u32, f64> =
        series.marks.iter().map(|(_, layer, value)| (*layer, *value)).collect();
    let is_aligned = matches!(series.shape, Shape::Disc);
    if !is_aligned || by_layer.len() != series.marks.len() || by_layer.len() != chart.len() {
        return String::new();
    }
    let points: Vec<String> = by_layer
        .iter()
        .map(|(layer, value)| format!("{:.1},{:.1}", chart.x(*layer), chart.y(*value)))
        .collect();
    format!("<polyline class=\"line\" points=\"{}\"/>\n", points.join(" "))
}

/// Where the aligned cosine of each layer lies when its units are renumbered at random.
fn band(component: &Component, chart: &Chart) -> String {
    let mut by_layer: BTreeMap<u32, (f64, f64)> = BTreeMap::new();
    for section in &component.sections {
        let (Some(layer), Some(chance)) = (section.layer, section.chance) else { continue };
        let (low, high) = (chance.mean - BAND * chance.sd, chance.mean + BAND * chance.sd);
        let widest = by_layer.entry(layer).or_insert((low, high));
        *widest = (widest.0.min(low), widest.1.max(high));
    }
    let column = chart.column();
    let one = |(layer, (low, high)): (u32, (f64, f64))| {
        format!(
            "<rect class=\"band\" x=\"{:.1}\" y=\"{:.1}\" width=\"{column:.1}\" height=\"{:.1}\"/>\n",
            chart.x(layer) - column / 2.0,
            chart.y(high),
            (chart.y(low) - chart.y(high)).max(1.0)
        )
    };
    by_layer.into_iter().map(one).collect()
}

/// Each shape with what it stands for, in the order of the list of figures.
fn legend(series: &[Series], words: &dyn Words) -> String {
    let entry = |one: &Series| {
        format!(
            "<span class=\"key\"><svg viewBox=\"0 0 12 12\" aria-hidden=\"true\">{}{}</svg>{}</span>",
            one.shape.at(6.0, 6.0),
            one.shape.end(),
            escaped(words.label(one.label))
        )
    };
    let entries: Vec<String> = series.iter().rev().map(entry).collect();
    entries.join(" ")
}
