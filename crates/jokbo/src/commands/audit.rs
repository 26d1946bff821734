//! `jokbo audit SUSPECT --against REF… [--policy NAME|FILE]`: evidence, and what follows from it.

mod since;

use std::ffi::OsStr;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use anyhow::Context as _;
use jokbo_audit::Opened;
use jokbo_policy::{Parties, Policy, audit, shipped, shipped_names};
use jokbo_report::Report;
use jokbo_verdict::{Panel, PanelVerdicts};

use super::compare::write;
use super::panel;
use crate::args::Audit;
use crate::device;
use crate::exit::Status;
use crate::output;
use crate::progress::Bars;
use since::{Asked, Since};

pub(crate) fn run(args: Audit, bars: &Bars) -> anyhow::Result<Status> {
    let policies = policies(&args)?;
    let stored = args.changed_since.clone();
    let args = args.comparison();
    let device = device::open(args.device)?;
    let (suspect, references) = panel::opened(&args)?;
    if args.shared.plan {
        return panel::plan(&args, &suspect, &references);
    }
    // What is said is read first: a network that fails should not cost a comparison.
    let parties = parties(&suspect, references.iter().map(|reference| &reference.opened))?;
    let options = args.options()?;
    if let Some(stored) = stored {
        let models = references.iter().map(|reference| &reference.opened);
        let asked = Asked {
            level: args.looks.level,
            seed: args.looks.seed,
            options: options.clone(),
            models: std::iter::once(&suspect).chain(models).collect(),
            parties: &parties,
            policies: &policies,
        };
        let since = since::look(&stored, &asked, bars)?;
        bars.finish();
        let stored = stored.display();
        match since {
            Since::Same(report) => {
                output::note(&format!("nothing has changed since {stored}: it is written again"));
                write(&report, (args.format, args.lang), args.shared.output.as_deref())?;
                return Ok(status(&report));
            }
            Since::Changed(what) => {
                output::note(&format!("audited in full, not as in {stored}: {what}"));
            }
        }
    }
    let (panel, verdicts) = panel::compared(&args, &suspect, &references, device, bars)?;
    let found = audit(&panel, &verdicts, parties, &policies);
    let report = evidence(&panel, &verdicts).context("an audit is of one reference or more")?;
    let report = Report { options, ..report.with_audit(&found) };
    write(&report, (args.format, args.lang), args.shared.output.as_deref())?;
    Ok(status(&report))
}

/// What every publisher says.
pub(super) fn parties<'a>(
    suspect: &Opened,
    references: impl Iterator<Item = &'a Opened>,
) -> anyhow::Result<Parties> {
    let suspect = jokbo_audit::party(suspect)?;
    Ok(Parties {
        suspect,
        references: references.map(jokbo_audit::party).collect::<Result<_, _>>()?,
    })
}

/// The worst outcome of all policies.
fn status(report: &Report) -> Status {
    let policies = || report.audit.iter().flat_map(|audit| &audit.policies);
    if policies().any(|policy| policy.outcome == "not-met") {
        Status::Found
    } else if policies().all(|policy| policy.outcome == "met") {
        Status::Finished
    } else {
        Status::Unsettled
    }
}

/// The report on the evidence alone. With one reference it is that of `jokbo compare`.
pub(super) fn evidence(panel: &Panel, verdicts: &PanelVerdicts) -> Option<Report> {
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
