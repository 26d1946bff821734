//! What `jokbo verify` takes.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args as ClapArgs, ValueEnum};

use super::{Elsewhere, not_empty, threads};

/// What every way for a check to end is told by.
const VERIFY_CODES: &str = "Exit codes: 0 all was checked that was asked for, and holds; 1 something \
                            no longer holds; 2 could not finish, or a file could not be read; 3 \
                            holds as far as it could be checked; 4 the command line is wrong; \
                            130 interrupted.";

#[derive(Debug, ClapArgs)]
#[command(after_help = VERIFY_CODES)]
pub(crate) struct Verify {
    /// A report of `jokbo compare` or `jokbo audit` that was written with `--format json`. The
    /// weight files that it names here are held against their sizes and digests; nothing elsewhere
    /// is asked for.
    #[arg(value_name = "REPORT.json")]
    pub(crate) report: PathBuf,
    /// Compute the figures again too, and what follows from them: from the models that the report
    /// names, wherever they are, or from those named here, the suspect first and then the
    /// references in the order of the report.
    #[arg(long, value_name = "MODEL", num_args = 0.., value_parser = not_empty())]
    pub(crate) models: Option<Vec<OsString>>,
    /// How to write the result.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: VerifyFormat,
    /// Write to FILE instead of standard output.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Show no progress on standard error.
    #[arg(short, long)]
    pub(crate) quiet: bool,
    /// Tell on standard error where the time went, stage by stage and step by step.
    #[arg(long)]
    pub(crate) timings: bool,
    /// Worker threads; 0 takes one for each core. The result does not depend on it.
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = threads)]
    pub(crate) threads: usize,
    #[command(flatten)]
    pub(crate) elsewhere: Elsewhere,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum VerifyFormat {
    /// Sentences for a terminal.
    Text,
    /// For programs; its first field names the schema and version.
    Json,
}
