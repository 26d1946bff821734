//! What a command would read, in JSON, text and Markdown.

use std::fmt::Write as _;

use comfy_table::{CellAlignment, Table, presets};
use jokbo_verdict::{PlannedBytes, ReadingPlan};
use serde::{Deserialize, Serialize};

use crate::inspection::push_table;
use crate::json::printable;
use crate::markdown::{escaped, table};
use crate::text::WIDTH;
use crate::words;

/// What `--plan` shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanReport {
    /// Always `jokbo/plan/v1`.
    pub schema: String,
    /// What would be read: one checkpoint, or the suspect and the reference.
    pub sources: Vec<String>,
    /// `full` or `sampled`.
    pub reading: String,
    /// Bytes, part by part.
    pub parts: Vec<Part>,
    /// Bytes in all.
    pub total: Bytes,
}

/// One part of what would be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// The component; absent when it is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub component: Option<String>,
    /// What it is.
    pub what: String,
    /// How much of it.
    #[serde(flatten)]
    pub bytes: Bytes,
}

/// Different bytes, in whole pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bytes {
    /// Read when the first look settles every verdict.
    pub least: u64,
    /// Read when all looks are needed.
    pub most: u64,
    /// There are.
    pub stored: u64,
}

impl From<PlannedBytes> for Bytes {
    fn from(PlannedBytes { least, most, stored }: PlannedBytes) -> Self {
        Self { least, most, stored }
    }
}

impl From<&ReadingPlan> for PlanReport {
    fn from(plan: &ReadingPlan) -> Self {
        let parts = plan.parts.iter().map(|part| Part {
            component: part.is_component.then(|| part.what.clone()),
            what: part.what.clone(),
            bytes: part.bytes.into(),
        });
        Self {
            schema: "jokbo/plan/v1".to_owned(),
            sources: plan.sources.clone(),
            reading: if plan.sampled { "sampled" } else { "full" }.to_owned(),
            parts: parts.collect(),
            total: plan.total.into(),
        }
    }
}

/// The rows of the table, header first.
fn rows(plan: &PlanReport) -> Vec<[String; 4]> {
    let head = ["bytes of", "at least", "at most", "of"];
    let mut rows = vec![head.map(str::to_owned)];
    let row = |what: &str, bytes: Bytes| {
        let [least, most, stored] = [bytes.least, bytes.most, bytes.stored].map(words::count);
        [what.to_owned(), least, most, stored]
    };
    rows.extend(plan.parts.iter().map(|part| row(&part.what, part.bytes)));
    rows.push(row("in all", plan.total));
    rows
}

fn title(plan: &PlanReport) -> String {
    format!("{} ({})", plan.sources.join(" against "), plan.reading)
}

/// The plan for a terminal.
pub fn plan_text(plan: &PlanReport) -> String {
    let plan = &printable(plan);
    let mut out = format!("{}\n\n", title(plan));
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    for row in rows(plan) {
        table.add_row(row);
    }
    for column in 1..4 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    push_table(&mut out, table);
    let _ = writeln!(out, "{}", words::wrap(words::plan(&plan.reading), "", "", WIDTH));
    out
}

/// The plan in Markdown.
pub fn plan_markdown(plan: &PlanReport) -> String {
    let plan = &printable(plan);
    let table = table(&rows(plan));
    format!("# {}\n\n{table}\n{}\n", escaped(&title(plan)), words::plan(&plan.reading))
}
