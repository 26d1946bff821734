//! How the program ends: one code for each way, and errors as a chain of sentences.

use std::io;
use std::process::ExitCode;

use jokbo_report::printable;

/// How a command that could finish did finish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    /// Finished, whatever the verdict.
    Finished,
    /// Finished, and what `--fail-on` names was found.
    Found,
    /// Finished, but inconclusive or with too little coverage.
    Unsettled,
    /// Finished, but for what could not be read, which the result names.
    Failed,
}

/// Could not finish.
const FAILED: u8 = 2;
/// The command line was wrong.
const USAGE: u8 = 4;

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        ExitCode::from(match status {
            Status::Finished => 0,
            Status::Found => 1,
            Status::Unsettled => 3,
            Status::Failed => FAILED,
        })
    }
}

/// Prints what clap says; help and version are no failure.
#[allow(clippy::print_stderr, reason = "only the command line prints")]
pub(crate) fn report_usage(error: &clap::Error) -> ExitCode {
    // A terminal that went away cannot be told so.
    let _ = error.print();
    if error.use_stderr() { ExitCode::from(USAGE) } else { ExitCode::SUCCESS }
}

/// Prints the chain of causes, then a hint where there is one. A reader that went away (`| head`)
/// is no failure.
#[allow(clippy::print_stderr, reason = "only the command line prints")]
pub(crate) fn report_failure(error: &anyhow::Error) -> ExitCode {
    let went_away = |cause: &(dyn std::error::Error + 'static)| {
        cause.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe)
    };
    if error.chain().any(went_away) {
        return ExitCode::SUCCESS;
    }
    eprintln!("error: {}", printable(&error.to_string()));
    for cause in error.chain().skip(1) {
        eprintln!("  cause: {}", printable(&cause.to_string()));
    }
    if let Some(hint) = hint(error) {
        eprintln!("\nhint: {}", printable(&hint));
    }
    ExitCode::from(FAILED)
}

/// What the reader of a file advises, if it failed there, or the network.
fn hint(error: &anyhow::Error) -> Option<String> {
    let opening = error.chain().find_map(|cause| cause.downcast_ref::<jokbo_formats::Error>());
    let fault = || {
        let io = error.chain().filter_map(|cause| cause.downcast_ref::<io::Error>());
        io.filter_map(jokbo_formats::Fault::of).next()?.hint().map(str::to_owned)
    };
    opening.map_or_else(fault, |error| error.hint())
}
