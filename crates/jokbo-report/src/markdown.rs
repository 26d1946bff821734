//! The report in Markdown, for an issue, a mail or a review.

use std::fmt::Write as _;

use crate::schema::{Report, printable};
use crate::words;

/// The whole report in Markdown with a final newline.
pub fn markdown(report: &Report) -> String {
    let report = &printable(report);
    let mut out = format!(
        "# {} against {}\n\n",
        escaped(&report.suspect.source),
        escaped(&report.reference.source)
    );
    let head = ["component", "of model", "verdict", "p", "aligned cosine", "cosine", "tested"];
    let mut rows = vec![head.map(str::to_owned)];
    rows.extend(report.components.iter().map(|c| {
        let optional = |x: Option<f64>| x.map_or("-".to_owned(), words::small);
        [
            c.component.clone(),
            words::percent(c.share_of_parameters),
            format!("**{}**", words::verdict(&c.verdict)),
            words::p_value(c.log10_p),
            optional(c.effect.aligned_cosine.map(|a| a.value)),
            optional(c.effect.cosine),
            words::percent(c.coverage.share),
        ]
    }));
    out.push_str(&table(&rows));
    for c in &report.components {
        let _ = write!(out, "\n## {}\n\n", escaped(&c.component));
        let verdict = words::verdict(&c.verdict);
        let _ = writeln!(out, "**{verdict}**: {}.\n", words::headline(c, &report.reference.source));
        for line in crate::text::reasons(c) {
            let _ = writeln!(out, "- {}", escaped(&line));
        }
    }
    section(&mut out, "Not probative", crate::text::figures(report).into_iter());
    section(&mut out, "Oddities", report.oddities.iter().cloned());
    let files = [&report.suspect, &report.reference].into_iter().flat_map(|model| {
        model.files.iter().map(|f| format!("`{}` {}/{}", f.sha256, model.source, f.path))
    });
    section(&mut out, "Files (SHA-256)", files);
    let _ = writeln!(out, "\n{}", crate::text::closing(report));
    out
}

fn section(out: &mut String, title: &str, lines: impl Iterator<Item = String>) {
    let lines: Vec<String> = lines.map(|line| format!("- {line}\n")).collect();
    if !lines.is_empty() {
        let _ = write!(out, "\n## {title}\n\n{}", lines.concat());
    }
}

/// A Markdown table; the first row is its head.
pub(crate) fn table<const N: usize>(rows: &[[String; N]]) -> String {
    let mut out = String::new();
    for (k, row) in rows.iter().enumerate() {
        let cells: Vec<String> = row.iter().map(|cell| escaped(cell)).collect();
        let _ = writeln!(out, "| {} |", cells.join(" | "));
        if k == 0 {
            let _ = writeln!(out, "|{}", "---|".repeat(N));
        }
    }
    out
}

/// Text from a file with what Markdown would read as structure made plain.
fn escaped(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;").replace(['\n', '\r'], " ")
}
