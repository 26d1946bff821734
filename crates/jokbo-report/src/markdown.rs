//! The report in Markdown, for an issue, a mail or a review.

use std::fmt::Write as _;

use crate::architecture;
use crate::json::printable;
use crate::schema::{File, Model, Report};
use crate::tokenizers::paragraph;
use crate::words;

mod panel;

/// The whole report in Markdown with a final newline.
pub fn markdown(report: &Report) -> String {
    let report = &printable(report);
    if !report.references.is_empty() {
        return panel::markdown(report);
    }
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
            words::verdict(&c.verdict),
            words::p_value(c.log10_p),
            c.effect.aligned_cosine.map_or("-".to_owned(), words::interval),
            optional(c.effect.cosine),
            c.coverage.share.map_or("-".to_owned(), words::percent),
        ]
    }));
    out.push_str(&table(&rows));
    for c in &report.components {
        let _ = write!(out, "\n## {}\n\n", escaped(&c.component));
        let verdict = words::verdict(&c.verdict);
        let headline = escaped(&words::headline(c, &report.reference.source));
        let _ = writeln!(out, "**{verdict}**: {headline}.\n");
        for line in crate::text::reasons(c) {
            let _ = writeln!(out, "- {}", escaped(&line));
        }
    }
    if let Some(architecture) = &report.architecture {
        architecture::markdown(&mut out, architecture);
    }
    if let Some(section) = &report.tokenizer {
        let said = words::capital(&paragraph(section, &report.not_measured));
        let _ = write!(out, "\n## Tokenizers\n\n{}\n", escaped(&said));
    }
    rest(&mut out, report, &[&report.suspect, &report.reference]);
    out
}

/// What every report ends with.
fn rest(out: &mut String, report: &Report, models: &[&Model]) {
    if let Some(audit) = &report.audit {
        crate::audit::markdown(out, audit);
    }
    section(out, "Not probative", crate::text::figures(report).iter().map(|f| escaped(f)));
    section(out, "Oddities", report.oddities.iter().map(|oddity| escaped(oddity)));
    let files = models.iter().flat_map(|model| {
        model.files.iter().map(|f| {
            let (digest, how) = words::digest(f);
            format!("`{digest}` {}{how}", escaped(&path(model, f)))
        })
    });
    section(out, "Files (SHA-256)", files);
    let _ = writeln!(out, "\n{}\n\n{}", words::cost(report), crate::text::closing(report));
}

/// Where a file lies: below the folder that was named, or the file that was named itself.
fn path(model: &Model, file: &File) -> String {
    if model.source.ends_with(&file.path) {
        model.source.clone()
    } else {
        format!("{}/{}", model.source.trim_end_matches('/'), file.path)
    }
}

/// A heading and a list, or nothing when the list is empty.
pub(crate) fn section(out: &mut String, title: &str, lines: impl Iterator<Item = String>) {
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

/// Text from a file with everything that Markdown would read as structure, link or picture made
/// plain.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | '`' | '*' | '[' | ']' | '|' | '~' | '#' => out.extend(['\\', c]),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\n' | '\r' => out.push(' '),
            _ => out.push(c),
        }
    }
    out
}
