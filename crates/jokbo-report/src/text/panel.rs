//! A report on several references, for a terminal.

use std::fmt::Write as _;

use comfy_table::{CellAlignment, Table, presets};

use super::{Paint, WIDTH, closing, figures, list, model_line, painted, reasons};
use crate::inspection::push_table;
use crate::schema::{Component, Report};
use crate::words;

pub(super) fn text(report: &Report, paint: Paint) -> String {
    let mut out = String::new();
    model_line(&mut out, "suspect", &report.suspect);
    report.references.iter().for_each(|reference| model_line(&mut out, "reference", reference));
    out.push('\n');
    if report.components.is_empty() {
        out.push_str("The suspect holds no component, so nothing was compared.\n\n");
    } else {
        push_table(&mut out, table(report));
    }
    for component in &report.components {
        why(&mut out, component, report, paint);
    }
    if let Some(audit) = &report.audit {
        crate::audit::text(&mut out, audit);
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

/// A component with all its references, best ancestor first.
pub(crate) fn against<'a>(
    component: &'a Component,
    report: &'a Report,
) -> impl Iterator<Item = &'a Component> {
    let others = report.further.iter().filter(|c| c.component == component.component);
    std::iter::once(component).chain(others)
}

fn table(report: &Report) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(vec![
        "component",
        "of model",
        "reference",
        "verdict",
        "p",
        "aligned cosine",
        "tested",
    ]);
    for component in &report.components {
        for (k, c) in against(component, report).enumerate() {
            let (name, share) = if k == 0 {
                (c.component.clone(), words::percent(c.share_of_parameters))
            } else {
                (String::new(), String::new())
            };
            table.add_row(vec![
                name,
                share,
                words::reference(c).to_owned(),
                words::verdict(&c.verdict),
                words::p_value(c.log10_p),
                c.effect.aligned_cosine.map_or("-".to_owned(), words::interval),
                c.coverage.share.map_or("-".to_owned(), words::percent),
            ]);
        }
    }
    for column in [1, 6] {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

fn why(out: &mut String, component: &Component, report: &Report, paint: Paint) {
    let (shown, nothing) = shown(component, report);
    for (k, c) in shown.into_iter().enumerate() {
        let verdict = painted(&words::verdict(&c.verdict), &c.verdict, paint);
        let headline = words::headline(c, words::reference(c));
        let (start, first, rest) = match k {
            0 => (c.component.clone(), "  ", "    "),
            _ => (format!("  against {}", words::reference(c)), "    ", "      "),
        };
        let _ = writeln!(out, "{start}: {verdict} ({headline})");
        for line in reasons(c) {
            let _ = writeln!(out, "{}", words::wrap(&line, first, rest, WIDTH));
        }
        if k == 0 {
            for line in kinship(component, report) {
                let _ = writeln!(out, "{}", words::wrap(&line, first, rest, WIDTH));
            }
        }
    }
    if let Some(nothing) = nothing {
        let _ = writeln!(out, "{}", words::wrap(&nothing, "  ", "    ", WIDTH));
    }
    out.push('\n');
}

/// The comparisons of a component that something can be said of, and a line for all others.
pub(crate) fn shown<'a>(
    component: &'a Component,
    report: &'a Report,
) -> (Vec<&'a Component>, Option<String>) {
    let speaks = |c: &&Component| std::ptr::eq(*c, component) || c.verdict != "not-comparable";
    let (shown, rest): (Vec<_>, Vec<_>) = against(component, report).partition(speaks);
    (shown, words::nothing_in(&rest))
}

/// How the ancestors of a component are related, one sentence a line.
pub(crate) fn kinship(component: &Component, report: &Report) -> Vec<String> {
    let of_it = report.kinships.iter().filter(|k| k.component == component.component);
    of_it.flat_map(|kinship| words::kinship(kinship, &report.suspect.source)).collect()
}
