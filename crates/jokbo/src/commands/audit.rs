//! `jokbo audit SUSPECT --against REF… [--policy NAME|FILE]`: evidence, and what follows from it.

use std::ffi::OsStr;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use anyhow::Context as _;
use jokbo_policy::{Outcome, Parties, Policy, audit, shipped, shipped_names};
use jokbo_report::Report;
use jokbo_verdict::{Panel, PanelVerdicts};

use super::compare::write;
use super::panel;
use crate::args::Audit;
use crate::exit::Status;

pub(crate) fn run(args: Audit) -> anyhow::Result<Status> {
    super::set_threads(&args.shared.running)?;
    let policies = policies(&args)?;
    let args = args.comparison();
    let (suspect, references) = panel::opened(&args)?;
    if args.shared.plan {
        return panel::plan(&args, &suspect, &references);
    }
    // What is said is read first: a network that fails should not cost a comparison.
    let said = references.iter().map(|reference| jokbo_audit::party(&reference.opened));
    let parties = Parties {
        suspect: jokbo_audit::party(&suspect)?,
        references: said.collect::<Result<_, _>>()?,
    };
    let (panel, verdicts) = panel::compared(&args, &suspect, &references)?;
    let found = audit(&panel, &verdicts, parties, &policies);
    if let Some(report) = evidence(&panel, &verdicts) {
        let report = Report { options: args.options()?, ..report.with_audit(&found) };
        write(&report, (args.format, args.lang), args.shared.output.as_deref())?;
    }
    let worst = found.policies.iter().map(|policy| policy.outcome).max();
    Ok(match worst {
        None | Some(Outcome::Met) => Status::Finished,
        Some(Outcome::NotMet) => Status::Found,
        Some(Outcome::CannotTell) => Status::Unsettled,
    })
}

/// The report on the evidence alone. With one reference it is that of `jokbo compare`.
fn evidence(panel: &Panel, verdicts: &PanelVerdicts) -> Option<Report> {
    let version = env!("CARGO_PKG_VERSION");
    match (&panel.cases[..], &verdicts.cases[..]) {
        ([case], [verdicts]) => Some(Report::new(case, verdicts, version)),
        _ => Report::of_panel(panel, verdicts, version),
    }
}

/// Every policy that was asked for, each once.
fn policies(args: &Audit) -> anyhow::Result<Vec<Policy>> {
    let mut all: Vec<Policy> = Vec::new();
    for typed in &args.policy {
        let policy = policy(typed)?;
        if all.iter().any(|other| other.id == policy.id) {
            anyhow::bail!("two policies are called {}", policy.id);
        }
        all.push(policy);
    }
    Ok(all)
}

/// The shipped policy of this name, or the one in the file at this path.
fn policy(typed: &OsStr) -> anyhow::Result<Policy> {
    if let Some((policy, _)) = typed.to_str().and_then(shipped) {
        return Ok(policy);
    }
    let path = Path::new(typed);
    if !path.exists() {
        anyhow::bail!(
            "no policy is called {}, and no file is there: the shipped ones are {}",
            typed.display(),
            shipped_names().join(", ")
        );
    }
    let failed = || format!("cannot read the policy {}", typed.display());
    let mut text = String::new();
    let file = File::open(path).with_context(failed)?;
    // One byte more than it may have shows that it is longer.
    file.take(Policy::LIMIT as u64 + 1).read_to_string(&mut text).with_context(failed)?;
    Policy::parse(&text).with_context(failed)
}
