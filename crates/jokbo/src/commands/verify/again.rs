//! The figures of a stored report computed again, and what follows from them.

use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::Context as _;
use jokbo_audit::{Opened, Plan, Reference};
use jokbo_formats::{Network, Source};
use jokbo_policy::{Parties, Policy, shipped};
use jokbo_report::{Model, Report, Verification, changes};
use jokbo_verdict::{grade, grade_panel};

use super::{VERSION, files, redo};
use crate::args::Verify;
use crate::commands::audit::{evidence, parties};
use crate::commands::panel::MOST_REFERENCES;
use crate::network;
use crate::progress::Bars;

/// `blank` with everything checked that `report` says.
pub(super) fn checked(
    args: &Verify,
    typed: &[OsString],
    report: &Report,
    blank: Verification,
    bars: &Bars,
) -> anyhow::Result<Verification> {
    let network = network::network(&args.elsewhere)?;
    let models = opened(args, typed, report, &network)?;
    let mut all = blank;
    // What is said is read first: a network that fails should not cost a comparison.
    let parties = match &report.audit {
        Some(_) => Some(parties(&models[0], models[1..].iter())?),
        None => None,
    };
    let policies = policies(report, &mut all.not_checked);
    let now = match redo::plan(report) {
        Ok(plan) => Some(again(report, &models, &plan, parties.as_ref(), &policies, bars)?),
        Err(why) => {
            all.redo = redo::line(report);
            all.not_checked.push(why);
            None
        }
    };
    all.files = files::of(report, &models, now.as_ref(), bars);
    bars.finish();
    all.recomputed = now.is_some();
    // What publishers say can be read again whatever the figures are.
    let now = match (now, &parties) {
        (None, Some(parties)) => Some(report.clone().with_publishers(parties)),
        (now, _) => now,
    };
    all.changes = now.map_or(Vec::new(), |now| changes(report, &now));
    Ok(all)
}

/// Every model, by the name that the report gives it: names say who declares whom, and stand in many
/// places of a report.
fn opened(
    args: &Verify,
    typed: &[OsString],
    report: &Report,
    network: &Network,
) -> anyhow::Result<Vec<Opened>> {
    let models: Vec<&Model> = report.models().collect();
    if MOST_REFERENCES < models.len() - 1 {
        anyhow::bail!(
            "{} references, and no more than {MOST_REFERENCES} are compared",
            models.len() - 1
        );
    }
    let twice = (2..models.len())
        .find(|&k| models[1..k].iter().any(|other| other.source == models[k].source));
    if let Some(k) = twice {
        anyhow::bail!("the report names {} as a reference twice", models[k].source);
    }
    if !typed.is_empty() && typed.len() != models.len() {
        anyhow::bail!(
            "--models names {}, and the report is of {}: the suspect and then its references",
            typed.len(),
            models.len()
        );
    }
    let open = |(k, model): (usize, &&Model)| {
        let source = match typed.get(k) {
            Some(typed) => network::source(typed, args.elsewhere.revision.as_deref())?,
            None => of_report(model)?,
        };
        let opened = jokbo_audit::open_source(&source, network)?;
        Ok(opened.called(&model.source))
    };
    models.iter().enumerate().map(open).collect()
}

/// Where the report says that a model is. What it does not call elsewhere is a path.
fn of_report(model: &Model) -> anyhow::Result<Source> {
    if !model.source.contains("://") {
        return Ok(Source::Path(PathBuf::from(&model.source)));
    }
    let source = Source::named(model.source.as_ref())?;
    Ok(match &model.commit {
        Some(commit) => source.at_revision(commit)?,
        None => source,
    })
}

/// The policies of the report that are shipped as they were, and a sentence on each other one.
fn policies(report: &Report, not_checked: &mut Vec<String>) -> Vec<Policy> {
    let asked = report.audit.iter().flat_map(|audit| &audit.policies);
    let mut all: Vec<Policy> = Vec::new();
    for policy in asked {
        let (id, version) = (&policy.id, &policy.version);
        match shipped(id) {
            Some((shipped, _)) if shipped.version == *version => all.push(shipped),
            Some((shipped, _)) => not_checked.push(format!(
                "The policy {id}: the report has version {version}, and version {} is shipped.",
                shipped.version
            )),
            None => not_checked.push(format!(
                "The policy {id}, version {version}: it was read from a file, and a report does not \
                 hold it."
            )),
        }
    }
    all
}

/// The report that is made of the same question now.
fn again(
    report: &Report,
    models: &[Opened],
    plan: &Plan,
    parties: Option<&Parties>,
    policies: &[Policy],
    bars: &Bars,
) -> anyhow::Result<Report> {
    let (suspect, references) = models.split_first().context("a report is of two models")?;
    if let ([reference], None, true) = (references, parties, report.references.is_empty()) {
        let case = jokbo_audit::compare(suspect, reference, plan, bars)?;
        return Ok(Report::new(&case, &grade(&case), VERSION));
    }
    let named: Vec<Reference<'_>> =
        references.iter().map(|opened| Reference { opened, components: Vec::new() }).collect();
    let panel = jokbo_audit::compare_panel(suspect, &named, plan, bars)?;
    let verdicts = grade_panel(&panel);
    let Some(parties) = parties else {
        let report = Report::of_panel(&panel, &verdicts, VERSION);
        return report.context("a report is of two models");
    };
    let found = jokbo_policy::audit(&panel, &verdicts, parties.clone(), policies);
    let report = evidence(&panel, &verdicts).context("a report is of two models")?;
    Ok(report.with_audit(&found))
}
