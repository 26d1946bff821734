//! `jokbo compare SUSPECT REFERENCE`.

use std::ffi::OsStr;
use std::path::Path;

use jokbo_audit::{Opened, Parents, Plan, Reading};
use jokbo_report::{
    CycloneDx, Language, Report, cyclonedx, html, in_toto, json, junit, markdown, sarif, spdx, text,
};
use jokbo_verdict::{Case, Grade, Verdict, grade};

use super::panel;
use crate::args::{Compare, FailOn, Format, Lang, ReportFormat};
use crate::device;
use crate::exit::Status;
use crate::memory;
use crate::network;
use crate::output;
use crate::progress::Bars;
use crate::time;

/// Candidate parents of a merge besides the reference.
const MOST_PARENTS: usize = 4;

pub(crate) fn run(args: &Compare, bars: &Bars) -> anyhow::Result<Status> {
    let [reference] = &args.references[..] else { return panel::run(args, bars) };
    if panel::is_asked(args) {
        return panel::run(args, bars);
    }
    let device = device::open(args.device)?;
    let network = network::reach(&args.shared.running)?;
    let suspect = network.open_on(&args.suspect, under_adapter(args))?;
    let reference = network.open(reference)?;
    if under_adapter(args).is_some() && reference.is_adapter() {
        anyhow::bail!("two adapters are compared as adapters, without --base");
    }
    network.check_map()?;
    let is_remote = suspect.is_remote() || reference.is_remote();
    let plan = Plan { device, ..plan_of(args, is_remote) };
    if args.shared.plan {
        let plan = jokbo_audit::reading_plan(&suspect, &reference, &plan)?;
        return super::show_plan(&args.shared, of_plan(args.format)?, &plan);
    }
    if MOST_PARENTS < args.parent.len() {
        anyhow::bail!("--parent may be given {MOST_PARENTS} times, not {}", args.parent.len());
    }
    let others =
        args.parent.iter().map(|model| network.open(model)).collect::<Result<Vec<_>, _>>()?;
    let under_tasks = args.base.as_ref().filter(|_| !args.parent.is_empty());
    let base = under_tasks.map(|model| network.open(model)).transpose()?;
    let models: Vec<&Opened> = std::iter::once(&reference).chain(&others).collect();
    let parents = Parents { models: &models, base: base.as_ref() };
    let all: Vec<&Opened> =
        [&suspect].into_iter().chain(models.iter().copied()).chain(&base).collect();
    memory::start(&args.shared.running, &args.amount, &all, &plan)?;
    let case = jokbo_audit::compare_with_parents(&suspect, &reference, parents, &plan, bars)?;
    bars.finish();
    let verdicts = grade(&case);
    let report = Report::new(&case, &verdicts, env!("CARGO_PKG_VERSION"));
    let report = Report { options: args.options()?, ..report };
    write(&report, (args.format, args.lang), args.shared.output.as_deref())?;
    Ok(status(args, &case, &verdicts))
}

/// The model that the suspect is laid over. With parents the base is what their task vectors are
/// counted from.
pub(super) fn under_adapter(args: &Compare) -> Option<&OsStr> {
    args.base.as_deref().filter(|_| args.parent.is_empty())
}

/// What was asked for, on the processor.
pub(super) fn plan_of(args: &Compare, is_remote: bool) -> Plan {
    Plan {
        level: args.looks.level,
        seed: args.looks.seed,
        components: args.looks.component.clone(),
        reading: reading(args, is_remote),
        ..Plan::default()
    }
}

/// Writes the report as it was asked for.
pub(super) fn write(
    report: &Report,
    (format, lang): (ReportFormat, Lang),
    file: Option<&Path>,
) -> anyhow::Result<()> {
    let rendered = match format {
        ReportFormat::Text => text(report, output::paint(file)),
        ReportFormat::Json => json(report),
        ReportFormat::Markdown => markdown(report),
        ReportFormat::Html => html(report, language(lang)),
        ReportFormat::Sarif => sarif(report),
        ReportFormat::Junit => junit(report),
        ReportFormat::Cyclonedx => cyclonedx(report, CycloneDx::V1_7),
        ReportFormat::Cyclonedx16 => cyclonedx(report, CycloneDx::V1_6),
        ReportFormat::Spdx => spdx(report, &time::made()?),
        ReportFormat::InToto => in_toto(report),
    };
    output::write(file, &rendered)
}

fn language(lang: Lang) -> Language {
    match lang {
        Lang::En => Language::English,
        Lang::Ko => Language::Korean,
    }
}

/// How the plan is written where the report is asked for in this form.
pub(super) fn of_plan(format: ReportFormat) -> anyhow::Result<Format> {
    Ok(match format {
        ReportFormat::Text => Format::Text,
        ReportFormat::Json => Format::Json,
        ReportFormat::Markdown => Format::Markdown,
        _ => anyhow::bail!("--plan is written as text, json or markdown"),
    })
}

/// How much is read: what was asked for; else every byte of what is here, and a sample of what is
/// elsewhere.
fn reading(args: &Compare, is_remote: bool) -> Reading {
    if args.amount.sampled || args.max_bytes.is_some() || (is_remote && !args.amount.full) {
        Reading::Sampled { most_bytes: args.max_bytes }
    } else {
        Reading::Full
    }
}

fn status(args: &Compare, case: &Case, verdicts: &[Verdict]) -> Status {
    let met = |verdict: &Verdict| match args.fail_on {
        Some(FailOn::Derived) => verdict.grade.is_finding(),
        Some(FailOn::Any) => verdict.grade != Grade::NoEvidence,
        None => false,
    };
    let unsettled = |verdict: &Verdict| verdict.grade == Grade::Inconclusive;
    let thin = case.exhibits.iter().any(|exhibit| is_thin(args, case, &exhibit.component));
    let nothing = verdicts.is_empty();
    if verdicts.iter().any(met) {
        Status::Found
    } else if nothing || thin || verdicts.iter().any(unsettled) {
        Status::Unsettled
    } else {
        Status::Finished
    }
}

/// Whether less of a component was tested than `--min-coverage` asks for.
pub(super) fn is_thin(args: &Compare, case: &Case, component: &str) -> bool {
    case.exhibits.iter().filter(|exhibit| exhibit.component == component).any(|exhibit| {
        let share = jokbo_verdict::share(exhibit.coverage.tested, exhibit.parameters);
        share.unwrap_or(0.0) < args.min_coverage
    })
}
