//! `jokbo render REPORT`: a stored report in another form. No weight is read.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use anyhow::{Context as _, bail};
use jokbo_report::{Report, SCHEMA};

use super::compare;
use crate::args::Render;
use crate::exit::Status;

/// Longest report that is read, in bytes. One of two models of a thousand tensors has some hundred
/// thousand.
const REPORT_LIMIT: u64 = 256 << 20;

pub(crate) fn run(args: &Render) -> anyhow::Result<Status> {
    let report = stored(&args.report)?;
    compare::write(&report, (args.format, args.lang), args.output.as_deref())?;
    Ok(Status::Finished)
}

/// The report in the file at `path`.
pub(super) fn stored(path: &Path) -> anyhow::Result<Report> {
    let failed = || format!("cannot read the report {}", path.display());
    let mut text = String::new();
    let file = File::open(path).with_context(failed)?;
    file.take(REPORT_LIMIT + 1).read_to_string(&mut text).with_context(failed)?;
    if REPORT_LIMIT < text.len() as u64 {
        bail!("the report {} has more than {REPORT_LIMIT} bytes", path.display());
    }
    let report: Report = serde_json::from_str(&text).with_context(failed)?;
    if report.schema != SCHEMA {
        bail!("{} is written as {:?}, and {SCHEMA} is read", path.display(), report.schema);
    }
    Ok(report)
}
