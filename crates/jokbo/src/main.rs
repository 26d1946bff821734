//! The command line of Jokbo.

mod args;
mod commands;
mod device;
mod exit;
mod interrupt;
mod memory;
mod network;
mod output;
mod parts;
mod placements;
mod progress;
mod time;
mod timings;

use std::process::ExitCode;

fn main() -> ExitCode {
    match args::parse() {
        Ok(args) => match commands::run(args) {
            Ok(status) => status.into(),
            Err(error) => exit::report_failure(&error),
        },
        Err(usage) => exit::report_usage(&usage),
    }
}
