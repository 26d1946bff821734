//! Sorted p-values against their rank, as SVG: the diagonal is the uniform distribution.

use std::fmt::Write as _;

use super::ranking::count;
use super::uniform::Uniform;

const SIDE: f64 = 150.0;
const GAP: f64 = 40.0;
const COLUMNS: usize = 5;

/// One small square for each test.
pub(crate) fn draw(rows: &[Uniform]) -> String {
    let columns = COLUMNS.min(rows.len().max(1));
    let (width, height) = (
        count(columns) * (SIDE + GAP) + GAP,
        count(rows.len().div_ceil(columns)) * (SIDE + 1.5 * GAP) + GAP,
    );
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" \
         font-family=\"sans-serif\" font-size=\"10\">\n<rect width=\"100%\" height=\"100%\" \
         fill=\"white\"/>\n"
    );
    for (k, row) in rows.iter().enumerate() {
        let left = GAP + count(k % columns) * (SIDE + GAP);
        let top = GAP + count(k / columns) * (SIDE + 1.5 * GAP);
        square(&mut out, row, left, top);
    }
    out.push_str("</svg>\n");
    out
}

fn square(out: &mut String, row: &Uniform, left: f64, top: f64) {
    let points: Vec<String> = row
        .ps
        .iter()
        .enumerate()
        .map(|(k, p)| {
            let rank = (count(k) + 0.5) / count(row.ps.len());
            format!("{:.1},{:.1}", left + SIDE * rank, top + SIDE * (1.0 - p))
        })
        .collect();
    let bottom = top + SIDE;
    let right = left + SIDE;
    let _ = writeln!(
        out,
        "<rect x=\"{left:.1}\" y=\"{top:.1}\" width=\"{SIDE}\" height=\"{SIDE}\" fill=\"none\" \
         stroke=\"#999\"/>\n<line x1=\"{left:.1}\" y1=\"{bottom:.1}\" x2=\"{right:.1}\" \
         y2=\"{top:.1}\" stroke=\"#bbb\"/>\n<polyline points=\"{}\" fill=\"none\" \
         stroke=\"#1f5fa8\" stroke-width=\"1.5\"/>\n<text x=\"{left:.1}\" y=\"{:.1}\">{}</text>\n\
         <text x=\"{left:.1}\" y=\"{:.1}\">{}, n = {}</text>",
        points.join(" "),
        top - 16.0,
        row.component,
        top - 5.0,
        row.test,
        row.n,
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_p_is_one_point_and_small_p_lie_low() {
        let row = Uniform {
            component: "c".to_owned(),
            test: "t".to_owned(),
            n: 2,
            distance: 0.0,
            excess: 0.0,
            excess_p: 1.0,
            at_most_5_percent: 0.0,
            at_most_1_percent: 0.0,
            smallest: 0.0,
            ps: vec![0.0, 1.0],
        };
        let drawn = draw(&[row]);
        assert!(drawn.contains("points=\"77.5,190.0 152.5,40.0\""), "{drawn}");
        assert!(drawn.ends_with("</svg>\n"));
    }
}
