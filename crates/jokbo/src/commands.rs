//! One command, one file.

mod compare;
mod explain;
mod inspect;
mod tokenizers;

use anyhow::Context as _;

use crate::args::{Args, Command, Shared};
use crate::exit::Status;

/// Runs what was asked for.
pub(crate) fn run(args: &Args) -> anyhow::Result<Status> {
    match &args.command {
        Command::Compare(args) => compare::run(args),
        Command::Inspect(args) => inspect::run(args),
        Command::Tokenizers(args) => tokenizers::run(args),
        Command::Explain(args) => explain::run(args),
    }
}

/// Gives the workers their number, once, before any work.
fn set_threads(shared: &Shared) -> anyhow::Result<()> {
    rayon::ThreadPoolBuilder::new()
        .num_threads(shared.threads)
        .build_global()
        .context("cannot start the worker threads")
}
