//! What the chores print: results on standard output, the one failing sentence on standard error.

use std::process::ExitCode;

/// Prints one line.
#[allow(clippy::print_stdout, reason = "a chore tells its caller what it does")]
pub(crate) fn line(text: &str) {
    println!("{text}");
}

/// Ends the program: nothing to add when all went well, else the reason in one sentence.
#[allow(clippy::print_stderr, reason = "a chore tells its caller why it failed")]
pub(crate) fn ending(done: anyhow::Result<()>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("error: {why:#}");
            ExitCode::FAILURE
        }
    }
}
