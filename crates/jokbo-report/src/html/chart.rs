//! The frame that pictures by layer share: layers to the right, a share or a cosine upwards.

use std::fmt::Write as _;

use super::markup::escaped;

pub(super) const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 200.0;
pub(super) const LEFT: f64 = 44.0;
const RIGHT: f64 = 12.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 30.0;
/// Layers that are numbered below the picture, about.
const TICKS: usize = 12;

/// A picture of at least two layers.
pub(super) struct Chart {
    layers: Vec<u32>,
    lowest: f64,
}

impl Chart {
    /// Of these layers, in any order; `values` say how far down it must go. `None` of fewer than two.
    pub(super) fn new(
        layers: impl Iterator<Item = u32>,
        values: impl Iterator<Item = f64>,
        floor: f64,
    ) -> Option<Self> {
        let mut layers: Vec<u32> = layers.collect();
        layers.sort_unstable();
        layers.dedup();
        let lowest = values.filter(|value| value.is_finite()).fold(floor, f64::min).max(-1.0);
        (2 <= layers.len()).then_some(Self { layers, lowest })
    }

    /// Layers shown.
    pub(super) fn len(&self) -> usize {
        self.layers.len()
    }

    /// Height of a value in `[-1, 1]`.
    pub(super) fn y(&self, value: f64) -> f64 {
        let value = value.clamp(self.lowest, 1.0);
        TOP + (1.0 - value) / (1.0 - self.lowest) * (HEIGHT - TOP - BOTTOM)
    }

    /// Middle of a layer's column.
    pub(super) fn x(&self, layer: u32) -> f64 {
        let k = self.layers.iter().position(|l| *l == layer).unwrap_or(0);
        LEFT + (number(k) + 0.5) * self.column()
    }

    /// Width of a column.
    pub(super) fn column(&self) -> f64 {
        (WIDTH - LEFT - RIGHT) / number(self.layers.len())
    }

    /// The picture with `marks` over its grid, and a caption that is markup.
    pub(super) fn figure(&self, title: &str, marks: &str, caption: &str) -> String {
        let title = escaped(title);
        let mut out = format!(
            "<figure><svg class=\"curve\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" \
             aria-label=\"{title}\">\n"
        );
        for (value, text) in [(0.0, "0"), (0.5, "0.5"), (1.0, "1")] {
            let at = self.y(value);
            let _ = writeln!(
                out,
                "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{:.1}\" y1=\"{at:.1}\" y2=\"{at:.1}\"/>\
                 <text class=\"small end\" x=\"{:.1}\" y=\"{:.1}\">{text}</text>",
                WIDTH - RIGHT,
                LEFT - 8.0,
                at + 4.0
            );
        }
        for layer in self.layers.iter().step_by(self.layers.len().div_ceil(TICKS)) {
            let _ = writeln!(
                out,
                "<text class=\"small middle\" x=\"{:.1}\" y=\"{:.1}\">{layer}</text>",
                self.x(*layer),
                HEIGHT - 10.0
            );
        }
        let _ = writeln!(out, "{marks}</svg>\n<figcaption>{caption}</figcaption></figure>");
        out
    }
}

#[allow(clippy::cast_precision_loss, reason = "a number of layers or experts")]
pub(super) fn number(n: usize) -> f64 {
    n as f64
}
