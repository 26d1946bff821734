//! One command, one file.

mod audit;
mod compare;
mod demo;
mod explain;
mod inspect;
mod panel;
mod render;
mod tokenizers;
mod tree;
mod verify;

use std::sync::OnceLock;

use anyhow::Context as _;
use jokbo_audit::ReadingPlan;
use jokbo_report::{PlanReport, json, plan_markdown, plan_text};

use crate::args::{Args, Command, Format, Shared};
use crate::exit::Status;
use crate::interrupt;
use crate::output;
use crate::parts::Folder;
use crate::progress::Bars;

/// Runs what was asked for.
pub(crate) fn run(args: Args) -> anyhow::Result<Status> {
    let (quiet, timings) = args.command.watching();
    let folder = args.command.resumed().map(Folder::at).transpose()?;
    let bars = Bars::new(quiet, timings, folder);
    interrupt::watch(&args.command, &bars);
    let status = match args.command {
        Command::Compare(args) => compare::run(&args, &bars),
        Command::Audit(args) => audit::run(args, &bars),
        Command::Render(args) => render::run(&args),
        Command::Verify(args) => verify::run(&args, &bars),
        Command::Inspect(args) => inspect::run(&args, &bars),
        Command::Tree(args) => tree::run(&args, &bars),
        Command::Tokenizers(args) => tokenizers::run(&args),
        Command::Demo(args) => demo::run(&args, &bars),
        Command::Explain(args) => explain::run(&args),
    };
    // Of work that failed too: how long it took until then.
    bars.end();
    if let Some(taken) = bars.folder().and_then(Folder::was_taken) {
        output::note(&taken);
    }
    status
}

/// Gives the workers their number, once, before any work.
pub(crate) fn set_threads(threads: usize) -> anyhow::Result<()> {
    static ONCE: OnceLock<()> = OnceLock::new();
    if ONCE.set(()).is_err() {
        return Ok(());
    }
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build_global()
        .context("cannot start the worker threads")
}

/// Prints what would be read instead of reading it.
fn show_plan(shared: &Shared, format: Format, plan: &ReadingPlan) -> anyhow::Result<Status> {
    let plan = PlanReport::from(plan);
    let rendered = match format {
        Format::Text => plan_text(&plan),
        Format::Json => json(&plan),
        Format::Markdown => plan_markdown(&plan),
    };
    output::write(shared.output.as_deref(), &rendered)?;
    Ok(Status::Finished)
}
