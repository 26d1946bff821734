//! The report for a terminal: verdict per component first, then why.

use std::fmt::Write as _;

use comfy_table::{CellAlignment, Table, presets};

use crate::architecture;
use crate::audit;
use crate::inspection::push_table;
use crate::json::printable;
use crate::schema::{Component, Model, NotProbative, Report};
use crate::tokenizers::paragraph;
use crate::words;

pub(crate) mod panel;

/// Whether words may carry colour. Meaning never rests on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paint {
    /// Plain characters only.
    Plain,
    /// Verdict words in colour.
    Colour,
}

/// Columns that sentences keep to. A table may need more.
pub(crate) const WIDTH: usize = 96;

/// The whole report as text with a final newline.
pub fn text(report: &Report, paint: Paint) -> String {
    let report = &printable(report);
    if !report.references.is_empty() {
        return panel::text(report, paint);
    }
    let mut out = String::new();
    model_line(&mut out, "suspect", &report.suspect);
    model_line(&mut out, "reference", &report.reference);
    out.push('\n');
    if report.components.is_empty() {
        out.push_str("The suspect holds no component, so nothing was compared.\n\n");
    } else {
        push_table(&mut out, table(report));
    }
    for component in &report.components {
        why(&mut out, component, report, paint);
    }
    if let Some(architecture) = &report.architecture {
        architecture::text(&mut out, architecture);
    }
    if let Some(audit) = &report.audit {
        audit::text(&mut out, audit);
    }
    if let Some(section) = &report.tokenizer {
        let said = format!("Tokenizers: {}", paragraph(section, &report.not_measured));
        let _ = writeln!(out, "{}\n", words::wrap(&said, "", "  ", WIDTH));
    }
    list(
        &mut out,
        "Not probative (such figures are quoted in disputes; no verdict rests on them)",
        figures(report).into_iter(),
    );
    list(&mut out, "Oddities", report.oddities.iter().cloned());
    let _ = writeln!(out, "{}\n", words::wrap(&words::cost(report), "", "", WIDTH));
    let _ = writeln!(out, "{}", words::wrap(&closing(report), "", "", WIDTH));
    out
}

fn model_line(out: &mut String, side: &str, model: &Model) {
    let files = match model.files.len() {
        1 => "1 file".to_owned(),
        n => format!("{n} files"),
    };
    let parameters = words::count(model.parameters);
    let commit = words::commit(model);
    let _ = writeln!(
        out,
        "{side:<10} {} ({}, {parameters} parameters, {files}{commit})",
        model.source, model.format
    );
}

fn table(report: &Report) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(vec![
        "component",
        "of model",
        "verdict",
        "p",
        "aligned cosine",
        "cosine",
        "units agreeing",
        "tested",
    ]);
    for c in &report.components {
        let optional = |x: Option<f64>, show: fn(f64) -> String| x.map_or("-".to_owned(), show);
        table.add_row(vec![
            c.component.clone(),
            words::percent(c.share_of_parameters),
            words::verdict(&c.verdict),
            words::p_value(c.log10_p),
            c.effect.aligned_cosine.map_or("-".to_owned(), words::interval),
            optional(c.effect.cosine, words::small),
            optional(c.effect.units_agreeing_share, words::percent),
            optional(c.coverage.share, words::percent),
        ]);
    }
    for column in [1, 5, 6, 7] {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

fn why(out: &mut String, c: &Component, report: &Report, paint: Paint) {
    let verdict = words::verdict(&c.verdict);
    let headline = words::headline(c, &report.reference.source);
    let _ = writeln!(out, "{}: {} ({headline})", c.component, painted(&verdict, &c.verdict, paint));
    for line in reasons(c) {
        let _ = writeln!(out, "{}", words::wrap(&line, "  ", "    ", WIDTH));
    }
    out.push('\n');
}

/// Why a component got its verdict: one sentence a line, most important first.
pub(crate) fn reasons(c: &Component) -> Vec<String> {
    let mut lines: Vec<String> = c.reasons.iter().map(|reason| sentence(reason)).collect();
    if let Some(ancestry) = words::ancestry(&c.ancestry) {
        lines.push(format!("Ancestry: {ancestry}."));
    }
    if !c.relations.is_empty() {
        let relations: Vec<String> = c.relations.iter().map(words::relation).collect();
        lines.push(format!("Relation: {}.", relations.join("; ")));
    }
    if let Some(direction) = &c.direction {
        lines.push(format!("Direction: {}.", words::direction(direction)));
    }
    if !c.tests.is_empty() {
        let tests =
            c.tests.iter().map(|t| format!("{} {}", t.name, words::p_value(Some(t.log10_p))));
        lines.push(format!("Each test by itself: {}.", tests.collect::<Vec<_>>().join(", ")));
    }
    if let Some(alignment) = &c.alignment {
        lines.push(format!("Alignment: {}.", words::alignment(alignment)));
    }
    if let Some(rows) = &c.token_rows {
        lines.push(sentence(&words::token_rows(rows)));
    }
    if let Some(map) = words::layer_map(&c.layer_map) {
        lines.push(format!("Layers: {map}."));
    }
    if let Some(map) = words::expert_map(&c.expert_map) {
        lines.push(format!("Experts: {map}."));
    }
    if let Some(heads) = c.heads {
        lines.push(format!("Heads: {}.", words::heads(heads)));
    }
    if let Some(found) = words::found_by_content(&c.found_by_content) {
        lines.push(format!("Found by content: {found}."));
    }
    if matches!(c.verdict.as_str(), "no-evidence" | "inconclusive") {
        lines.push(sentence(&format!("power: {}", words::power(c))));
    }
    lines.extend(words::sampled(c));
    for (why, tensors, parameters) in words::not_tested(&c.coverage.not_tested) {
        lines.push(format!("Not tested, {}: {tensors} ({why}).", words::parameters(parameters)));
    }
    lines
}

/// With a capital and a final period.
fn sentence(text: &str) -> String {
    format!("{}.", words::capital(text))
}

/// What every report ends with.
pub(crate) fn closing(report: &Report) -> String {
    format!(
        "jokbo {}, rules {}, family-wise level {:e}, seed {}. Every p is \"at most\"; those of the \
         verdicts are corrected for every look. A verdict of no evidence does not prove that a \
         model was made from scratch. `jokbo explain TERM` says what a term means.",
        report.tool.version, report.tool.rules, report.level, report.seed
    )
}

/// Figures that prove nothing, one a line; after three of a component, how many more there are.
pub(crate) fn figures(report: &Report) -> Vec<String> {
    const SHOWN: usize = 3;
    let mut lines = Vec::new();
    for component in &report.components {
        let of_it = |n: &&NotProbative| n.component == component.component;
        let all: Vec<&NotProbative> = report.not_probative.iter().filter(of_it).collect();
        lines.extend(all.iter().take(SHOWN).map(|n| figure(n)));
        if let Some(more) = all.len().checked_sub(SHOWN).filter(|more| 0 < *more) {
            let figures = if more == 1 { "figure" } else { "figures" };
            let name = &component.component;
            lines.push(format!("{name}: {more} more such {figures} in the JSON report."));
        }
    }
    lines
}

fn figure(n: &NotProbative) -> String {
    let value = n.value.map_or("not compared".to_owned(), words::small);
    let against = n.reference.as_ref().map_or(String::new(), |name| format!(" against {name}"));
    let begin = format!("{}{against}: {} {value}", n.component, n.figure);
    format!("{begin} (null: {}). {}", n.null, sentence(&n.why))
}

fn painted(words: &str, verdict: &str, paint: Paint) -> String {
    let code = match verdict {
        "identical" | "derived" | "partly-derived" => "1;33",
        "no-evidence" => "1;36",
        _ => "1",
    };
    match paint {
        Paint::Plain => words.to_owned(),
        Paint::Colour => format!("\u{1b}[{code}m{words}\u{1b}[0m"),
    }
}

fn list(out: &mut String, title: &str, lines: impl Iterator<Item = String>) {
    let lines: Vec<String> = lines.collect();
    if lines.is_empty() {
        return;
    }
    let _ = writeln!(out, "{title}");
    for line in lines {
        let _ = writeln!(out, "{}", words::wrap(&line, "  ", "    ", WIDTH));
    }
    out.push('\n');
}
