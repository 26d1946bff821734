//! A report on several references, in Markdown.

use std::fmt::Write as _;

use super::{escaped, rest, table};
use crate::schema::Report;
use crate::text::panel::{against, kinship, shown};
use crate::words;

pub(super) fn markdown(report: &Report) -> String {
    let names: Vec<String> =
        report.references.iter().map(|reference| escaped(&reference.source)).collect();
    let mut out = format!("# {} against {}\n\n", escaped(&report.suspect.source), names.join(", "));
    let head = ["component", "of model", "reference", "verdict", "p", "aligned cosine", "tested"];
    let mut rows = vec![head.map(str::to_owned)];
    for component in &report.components {
        rows.extend(against(component, report).map(|c| {
            [
                c.component.clone(),
                words::percent(c.share_of_parameters),
                words::reference(c).to_owned(),
                words::verdict(&c.verdict),
                words::p_value(c.log10_p),
                c.effect.aligned_cosine.map_or("-".to_owned(), words::interval),
                c.coverage.share.map_or("-".to_owned(), words::percent),
            ]
        }));
    }
    out.push_str(&table(&rows));
    for component in &report.components {
        let _ = write!(out, "\n## {}\n", escaped(&component.component));
        let (shown, nothing) = shown(component, report);
        for c in shown {
            let verdict = words::verdict(&c.verdict);
            let headline = escaped(&words::headline(c, words::reference(c)));
            let _ = writeln!(out, "\n**{verdict}**: {headline}.\n");
            for line in crate::text::reasons(c) {
                let _ = writeln!(out, "- {}", escaped(&line));
            }
        }
        if let Some(nothing) = nothing {
            let _ = writeln!(out, "\n{}", escaped(&nothing));
        }
        let kinship = kinship(component, report);
        if !kinship.is_empty() {
            let _ = writeln!(out, "\n**How the ancestors are related**\n");
            for line in kinship {
                let _ = writeln!(out, "- {}", escaped(&line));
            }
        }
    }
    let models = std::iter::once(&report.suspect).chain(&report.references);
    rest(&mut out, report, &models.collect::<Vec<_>>());
    out
}
