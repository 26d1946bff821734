//! Two configurations on a page: a paragraph, and a short table of what differs.

use std::fmt::Write as _;

use comfy_table::{Table, presets};

use crate::inspection::push_table;
use crate::markdown::{escaped, table as markdown_table};
use crate::schema::{Architecture, ConfigField};
use crate::text::WIDTH;
use crate::words;

/// Most rows of the table. JSON has all.
const ROWS: usize = 12;

/// The section of a terminal's page.
pub(crate) fn text(out: &mut String, architecture: &Architecture) {
    let said = format!("Architecture: {}", architecture.sentence);
    let _ = writeln!(out, "{}\n", words::wrap(&said, "", "  ", WIDTH));
    let (rows, more) = rows(architecture);
    if rows.len() < 2 {
        return;
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    for [field, ours, theirs] in rows {
        table.add_row([format!("  {field}"), ours, theirs]);
    }
    push_table(out, table);
    if 0 < more {
        out.truncate(out.trim_end().len());
        let _ = writeln!(out, "\n  and {more} more\n");
    }
}

/// The section of a page in Markdown.
pub(crate) fn markdown(out: &mut String, architecture: &Architecture) {
    let said = words::capital(&architecture.sentence);
    let _ = write!(out, "\n## Architecture\n\n{}\n", escaped(&said));
    let (rows, more) = rows(architecture);
    if 1 < rows.len() {
        let _ = write!(out, "\n{}", markdown_table(&rows));
    }
    if 0 < more {
        let _ = writeln!(out, "\nand {more} more");
    }
}

/// The head and a row for each field that differs, and how many do not fit.
fn rows(architecture: &Architecture) -> (Vec<[String; 3]>, usize) {
    let differ: Vec<&ConfigField> =
        architecture.fields.iter().filter(|field| field.is == "differs").collect();
    let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
    let row = |field: &&ConfigField| {
        let name = match field.section.as_str() {
            "" => field.field.clone(),
            section => format!("{section}.{}", field.field),
        };
        [name, value(&field.suspect), value(&field.reference)]
    };
    let mut rows = vec![["field", "suspect", "reference"].map(str::to_owned)];
    rows.extend(differ.iter().take(ROWS).map(row));
    (rows, differ.len().saturating_sub(ROWS))
}
