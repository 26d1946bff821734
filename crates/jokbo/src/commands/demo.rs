//! `jokbo demo [CASE]`: a dispute in miniature, built and settled.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Parser as _;
use jokbo_cases::{Case, all};

use super::compare;
use crate::args::{Args, Command, Compare, Demo};
use crate::exit::Status;
use crate::output;
use crate::progress::Bars;

/// The report as programs read it, beside the models.
const REPORT: &str = "report.json";

pub(crate) fn run(args: &Demo, bars: &Bars) -> anyhow::Result<Status> {
    let cases = all()?;
    let Some(name) = &args.case else {
        output::write(None, &listed(&cases))?;
        return Ok(Status::Finished);
    };
    let names = || cases.iter().map(|case| case.name.as_str()).collect::<Vec<_>>().join(", ");
    let case = cases.iter().find(|case| case.name == *name);
    let case = case.with_context(|| format!("no case is called {name}; there are {}", names()))?;
    let folder = folder(args.keep.as_deref())?;
    case.build(&folder)?;
    // The models are named as the page of the case names them.
    env::set_current_dir(&folder)
        .with_context(|| format!("cannot go into {}", folder.display()))?;
    let command = typed(case);
    let shown = command.join(" ");
    let head = format!("{}\n\n$ cd {}\n$ jokbo {shown}\n\n", title(case), folder.display());
    output::write(None, &head)?;
    let status = compare::run(&parsed(&command, &[])?, bars)?;
    let stored = parsed(&command, &["--format", "json", "--output", REPORT])?;
    compare::run(&stored, &Bars::new(true, false, None))?;
    let end = format!("\nThe report for programs is {}.\n", folder.join(REPORT).display());
    output::write(None, &end)?;
    Ok(status)
}

fn title(case: &Case) -> String {
    let mut title = case.recipe.title.clone();
    title.get_mut(..1).map(str::make_ascii_uppercase);
    format!("{title}.")
}

/// The models go into a folder that is there already only where it is empty.
fn folder(keep: Option<&Path>) -> anyhow::Result<PathBuf> {
    let Some(keep) = keep else {
        return Ok(tempfile::Builder::new().prefix("jokbo-").tempdir()?.keep());
    };
    fs::create_dir_all(keep).with_context(|| format!("cannot make {}", keep.display()))?;
    let mut inside =
        fs::read_dir(keep).with_context(|| format!("cannot read {}", keep.display()))?;
    if inside.next().is_some() {
        anyhow::bail!("{} is not empty", keep.display());
    }
    Ok(fs::canonicalize(keep)?)
}

/// What a user would type in the folder of the case.
fn typed(case: &Case) -> Vec<String> {
    let models = [vec![case.recipe.suspect.clone()], case.recipe.references.clone()].concat();
    [vec!["compare".to_owned()], models].concat()
}

fn parsed(command: &[String], options: &[&str]) -> anyhow::Result<Compare> {
    let program = ["jokbo"].into_iter().chain(command.iter().map(String::as_str));
    let Command::Compare(args) =
        Args::try_parse_from(program.chain(options.iter().copied()))?.command
    else {
        anyhow::bail!("a case is a comparison");
    };
    Ok(args)
}

fn listed(cases: &[Case]) -> String {
    let width = cases.iter().map(|case| case.name.len()).max().unwrap_or(0);
    let line = |case: &Case| format!("{:<width$}  {}\n", case.name, case.recipe.title);
    let lines: String = cases.iter().map(line).collect();
    format!("{lines}\n`jokbo demo CASE` builds one, compares its models and says what it found.\n")
}
