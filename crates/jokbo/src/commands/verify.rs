//! `jokbo verify REPORT [--models …]`: what of a stored report still holds.
//!
//! A report is hostile input. Of what it names, only files of this machine in the folders that it
//! gives as sources are read, unless the models are asked for.

mod again;
mod files;
mod redo;

use jokbo_report::{Verification, json, verification_text};

use super::render::stored;
use crate::args::{Verify, VerifyFormat};
use crate::exit::Status;
use crate::output;
use crate::progress::Bars;

/// The version of this program.
const VERSION: &str = env!("CARGO_PKG_VERSION");

pub(crate) fn run(args: &Verify, bars: &Bars) -> anyhow::Result<Status> {
    super::set_threads(args.threads)?;
    let report = stored(&args.report)?;
    let blank = Verification::of(&report, &args.report.display().to_string(), VERSION);
    let checked = match &args.models {
        None => Verification { files: files::here(&report, bars), ..blank },
        Some(typed) => again::checked(args, typed, &report, blank, bars)?,
    };
    let checked = checked.settled();
    let rendered = match args.format {
        VerifyFormat::Text => verification_text(&checked),
        VerifyFormat::Json => json(&checked),
    };
    output::write(args.output.as_deref(), &rendered)?;
    Ok(match checked.outcome.as_str() {
        "holds" => Status::Finished,
        "no-longer-holds" => Status::Found,
        "error" => Status::Failed,
        _ => Status::Unsettled,
    })
}
