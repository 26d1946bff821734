//! One checkpoint looked at by itself, in JSON, text and Markdown.

use std::fmt::Write as _;

use comfy_table::{CellAlignment, Table, presets};
use jokbo_verdict::Inspection;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::json::printable;
use crate::markdown::{escaped, section, table};
use crate::schema::Model;
use crate::text::WIDTH;
use crate::words;

/// What `inspect` shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct InspectionReport {
    /// Always `jokbo/inspection/v1`.
    pub schema: String,
    /// The checkpoint.
    pub model: Model,
    /// The family whose name patterns knew most of its tensors.
    pub family: Option<String>,
    /// Its tensors in file order.
    pub tensors: Vec<Tensor>,
    /// Sentences on how names were read.
    pub notes: Vec<String>,
    /// Lawful but odd things, one sentence each.
    pub oddities: Vec<String>,
}

/// One stored tensor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tensor {
    /// Its name.
    pub name: String,
    /// The component it belongs to.
    pub component: String,
    /// The parts it holds; several for a fused tensor.
    pub parts: Vec<String>,
    /// Stored type.
    pub dtype: String,
    /// Stored shape.
    pub shape: Vec<u64>,
    /// Elements.
    pub parameters: u64,
    /// BLAKE3 of its bytes in lower-case hexadecimal. Absent when the checkpoint is elsewhere, so
    /// that no weight was read, as are the two that follow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blake3: Option<String>,
    /// NaN elements.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nan: Option<u64>,
    /// Infinite elements.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub infinite: Option<u64>,
}

impl From<&Inspection> for InspectionReport {
    fn from(inspection: &Inspection) -> Self {
        let tensor = |t: &jokbo_verdict::TensorInfo| Tensor {
            name: t.name.clone(),
            component: t.component.clone(),
            parts: t.parts.clone(),
            dtype: t.dtype.clone(),
            shape: t.shape.clone(),
            parameters: t.parameters,
            blake3: t.blake3.clone(),
            nan: t.nan,
            infinite: t.infinite,
        };
        Self {
            schema: "jokbo/inspection/v1".to_owned(),
            model: Model::from(&inspection.model),
            family: inspection.family.clone(),
            tensors: inspection.tensors.iter().map(tensor).collect(),
            notes: inspection.notes.clone(),
            oddities: inspection.oddities.clone(),
        }
    }
}

/// Types of a component's tensors, commonest first: `BF16, F32`.
fn dtypes(report: &InspectionReport, component: &str) -> String {
    let mut sizes: Vec<(u64, &str)> = Vec::new();
    for t in report.tensors.iter().filter(|t| t.component == component) {
        match sizes.iter_mut().find(|(_, dtype)| *dtype == t.dtype) {
            Some((size, _)) => *size += t.parameters,
            None => sizes.push((t.parameters, &t.dtype)),
        }
    }
    sizes.sort_by(|a, b| b.cmp(a));
    sizes.iter().map(|(_, dtype)| *dtype).collect::<Vec<_>>().join(", ")
}

/// The rows of the component table, header first.
fn component_rows(report: &InspectionReport) -> Vec<[String; 6]> {
    let head = ["component", "parameters", "layers", "types", "prefix", "placed by"];
    let mut rows = vec![head.map(str::to_owned)];
    rows.extend(report.model.components.iter().map(|c| {
        [
            c.component.clone(),
            words::count(c.parameters),
            if c.layers == 0 { "-".to_owned() } else { c.layers.to_string() },
            dtypes(report, &c.component),
            if c.prefix.is_empty() { "-".to_owned() } else { c.prefix.clone() },
            if c.inferred { "structure (inferred)" } else { "name" }.to_owned(),
        ]
    }));
    rows
}

fn component_table(report: &InspectionReport) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    for row in component_rows(report) {
        table.add_row(row);
    }
    for column in [1, 2] {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// A shape as `[64, 1, 3]`.
fn shape(tensor: &Tensor) -> String {
    let axes: Vec<String> = tensor.shape.iter().map(u64::to_string).collect();
    format!("[{}]", axes.join(", "))
}

/// The inspection for a terminal. `tensors` adds one line for every tensor.
pub fn inspection_text(report: &InspectionReport, tensors: bool) -> String {
    let report = &printable(report);
    let model = &report.model;
    let commit = words::commit(model);
    let mut out = format!(
        "{} ({}, {} parameters, family {}{commit})\n\n",
        model.source,
        model.format,
        words::count(model.parameters),
        report.family.as_deref().unwrap_or("unknown")
    );
    if !model.components.is_empty() {
        push_table(&mut out, component_table(report));
    }
    let _ = writeln!(out, "Files (SHA-256)");
    for file in &model.files {
        let (digest, how) = words::digest(file);
        let bytes = words::count(file.bytes);
        let _ = writeln!(out, "  {digest}  {} ({bytes} bytes{how})", file.path);
    }
    if tensors && !report.tensors.is_empty() {
        let _ = writeln!(out, "\nTensors (BLAKE3)");
        for t in &report.tensors {
            let _ = writeln!(
                out,
                "  {}  {} {} {} {}: {}",
                t.blake3.as_deref().unwrap_or(words::NOT_READ),
                t.name,
                t.dtype,
                shape(t),
                t.component,
                t.parts.join(", ")
            );
        }
    }
    for (title, lines) in [("Oddities", &report.oddities), ("Notes", &report.notes)] {
        if !lines.is_empty() {
            let _ = writeln!(out, "\n{title}");
            lines.iter().for_each(|line| {
                let _ = writeln!(out, "{}", words::wrap(line, "  ", "    ", WIDTH));
            });
        }
    }
    out
}

/// The inspection in Markdown. `tensors` adds one row for every tensor.
pub fn inspection_markdown(report: &InspectionReport, tensors: bool) -> String {
    let report = &printable(report);
    let model = &report.model;
    let mut out = format!(
        "# {}\n\n{}, {} parameters, family {}{}\n\n",
        escaped(&model.source),
        escaped(&model.format),
        words::count(model.parameters),
        escaped(report.family.as_deref().unwrap_or("unknown")),
        escaped(&words::commit(model))
    );
    out.push_str(&table(&component_rows(report)));
    let mut files = vec![["file", "bytes", "SHA-256"].map(str::to_owned)];
    files.extend(model.files.iter().map(|f| {
        let (digest, how) = words::digest(f);
        [f.path.clone(), words::count(f.bytes), format!("{digest}{how}")]
    }));
    let _ = write!(out, "\n{}", table(&files));
    if tensors {
        let head = ["tensor", "type", "shape", "component", "parts", "BLAKE3"];
        let mut rows = vec![head.map(str::to_owned)];
        rows.extend(report.tensors.iter().map(|t| {
            let digest = t.blake3.as_deref().unwrap_or(words::NOT_READ).to_owned();
            let (name, dtype) = (t.name.clone(), t.dtype.clone());
            [name, dtype, shape(t), t.component.clone(), t.parts.join(", "), digest]
        }));
        let _ = write!(out, "\n{}", table(&rows));
    }
    section(&mut out, "Oddities", report.oddities.iter().map(|line| escaped(line)));
    section(&mut out, "Notes", report.notes.iter().map(|line| escaped(line)));
    out
}

/// Appends a table without blanks at either end of a line, and an empty line.
pub(crate) fn push_table(out: &mut String, mut table: Table) {
    if let Some(column) = table.column_mut(0) {
        column.set_padding((0, 1));
    }
    for line in table.trim_fmt().lines() {
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out.push('\n');
}
