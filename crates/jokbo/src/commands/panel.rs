//! `jokbo compare SUSPECT REF1 REF2 …`: one suspect against several references.

use std::ffi::OsStr;

use jokbo_audit::{Device, Opened, Plan, Reference};
use jokbo_report::Report;
use jokbo_verdict::{Case, Grade, Panel, PanelVerdicts, Verdict, grade_panel};

use super::compare::{is_thin, of_plan, plan_of, under_adapter, write};
use crate::args::{Compare, FailOn};
use crate::device;
use crate::exit::Status;
use crate::memory;
use crate::network::{self, Reach};
use crate::progress::Bars;

/// Most references of one suspect: each pair of them may be one more comparison.
pub(super) const MOST_REFERENCES: usize = 64;

/// What was typed for one reference.
struct Typed<'a> {
    reference: &'a OsStr,
    /// All when empty.
    components: Vec<String>,
}

/// Whether a panel was asked for, rather than one comparison.
pub(super) fn is_asked(args: &Compare) -> bool {
    args.references.len() != 1 || !args.component_ref.is_empty()
}

pub(super) fn run(args: &Compare, bars: &Bars) -> anyhow::Result<Status> {
    let device = device::open(args.device)?;
    let (suspect, references) = opened(args)?;
    if args.shared.plan {
        return plan(args, &suspect, &references);
    }
    let (panel, verdicts) = compared(args, &suspect, &references, device, bars)?;
    if let Some(report) = Report::of_panel(&panel, &verdicts, env!("CARGO_PKG_VERSION")) {
        let report = Report { options: args.options()?, ..report };
        write(&report, (args.format, args.lang), args.shared.output.as_deref())?;
    }
    Ok(status(args, &panel, &verdicts))
}

/// One reference that was opened.
pub(super) struct Against {
    pub(super) opened: Opened,
    /// The suspect's components to hold against it; all when empty.
    components: Vec<String>,
}

/// The suspect and every reference.
pub(super) fn opened(args: &Compare) -> anyhow::Result<(Opened, Vec<Against>)> {
    let typed = typed(args)?;
    let network = network::reach(&args.shared.running)?;
    let suspect = network.open_on(&args.suspect, under_adapter(args))?;
    let opened = typed
        .iter()
        .map(|typed| open(&network, typed, &suspect))
        .collect::<Result<Vec<Opened>, _>>()?;
    if args.base.is_some() && opened.iter().any(Opened::is_adapter) {
        anyhow::bail!("two adapters are compared as adapters, without --base");
    }
    let same = |k: &usize| {
        opened[..*k].iter().any(|o| o.checkpoint.source == opened[*k].checkpoint.source)
    };
    if let Some(twice) = (0..opened.len()).find(same) {
        anyhow::bail!("{} is named as a reference twice", opened[twice].checkpoint.source);
    }
    network.check_map()?;
    let references = typed
        .into_iter()
        .zip(opened)
        .map(|(typed, opened)| Against { opened, components: typed.components });
    let references: Vec<Against> = references.collect();
    let all: Vec<&Opened> =
        [&suspect].into_iter().chain(references.iter().map(|one| &one.opened)).collect();
    let plan = reading(args, &suspect, &references);
    memory::start(&args.shared.running, &args.amount, &all, &plan)?;
    Ok((suspect, references))
}

/// What would be read.
pub(super) fn plan(
    args: &Compare,
    suspect: &Opened,
    references: &[Against],
) -> anyhow::Result<Status> {
    let (references, plan) = (named(references), reading(args, suspect, references));
    let plan = jokbo_audit::panel_plan(suspect, &references, &plan)?;
    super::show_plan(&args.shared, of_plan(args.format)?, &plan)
}

/// The suspect held against every reference, large products made on `device`.
pub(super) fn compared(
    args: &Compare,
    suspect: &Opened,
    references: &[Against],
    device: Device,
    bars: &Bars,
) -> anyhow::Result<(Panel, PanelVerdicts)> {
    let plan = Plan { device, ..reading(args, suspect, references) };
    let panel = jokbo_audit::compare_panel(suspect, &named(references), &plan, bars)?;
    bars.finish();
    let verdicts = grade_panel(&panel);
    Ok((panel, verdicts))
}

fn named(references: &[Against]) -> Vec<Reference<'_>> {
    let all = references.iter();
    all.map(|one| Reference { opened: &one.opened, components: one.components.clone() }).collect()
}

fn reading(args: &Compare, suspect: &Opened, references: &[Against]) -> Plan {
    let remote = suspect.is_remote() || references.iter().any(|r| r.opened.is_remote());
    plan_of(args, remote)
}

/// Every reference once, with the components it was named for.
fn typed(args: &Compare) -> anyhow::Result<Vec<Typed<'_>>> {
    if !args.parent.is_empty() {
        anyhow::bail!(
            "--parent looks for a mixture of one REFERENCE and others: name one REFERENCE alone"
        );
    }
    if args.max_bytes.is_some() {
        anyhow::bail!(
            "--max-bytes is for one REFERENCE, so that no other uses its bytes up: compare the \
             references one by one, or leave it out"
        );
    }
    let whole = args.references.iter();
    let mut all: Vec<Typed<'_>> =
        whole.map(|reference| Typed { reference, components: Vec::new() }).collect();
    let n_whole = all.len();
    for one in &args.component_ref {
        if !args.looks.component.is_empty() && !args.looks.component.contains(&one.component) {
            anyhow::bail!(
                "--component-ref {0} is of no use where --component leaves {0} out",
                one.component
            );
        }
        match all.iter_mut().position(|typed| *typed.reference == *one.reference) {
            Some(k) if k < n_whole => {
                anyhow::bail!("{} is named as a reference twice", one.reference.display())
            }
            Some(k) if all[k].components.contains(&one.component) => {
                anyhow::bail!("{} is named for {} twice", one.reference.display(), one.component)
            }
            Some(k) => all[k].components.push(one.component.clone()),
            None => all
                .push(Typed { reference: &one.reference, components: vec![one.component.clone()] }),
        }
    }
    if MOST_REFERENCES < all.len() {
        anyhow::bail!("{} references, and no more than {MOST_REFERENCES} are compared", all.len());
    }
    Ok(all)
}

fn open(network: &Reach<'_>, typed: &Typed<'_>, suspect: &Opened) -> anyhow::Result<Opened> {
    let mut opened = network.open(typed.reference)?;
    for component in &typed.components {
        opened = opened.standing_for(suspect, component)?;
    }
    Ok(opened)
}

/// The best verdict on each component is what `--fail-on` asks for. What nothing answers to in one
/// reference is judged by the others.
fn status(args: &Compare, panel: &Panel, verdicts: &PanelVerdicts) -> Status {
    let looked = |case: usize, name: &str| -> Option<(&Case, &Verdict)> {
        let verdict = verdicts.cases[case].iter().find(|v| v.component == name)?;
        Some((&panel.cases[case], verdict))
    };
    let mut worst =
        if verdicts.standings.is_empty() { Status::Unsettled } else { Status::Finished };
    for standing in &verdicts.standings {
        let all: Vec<_> =
            standing.order.iter().filter_map(|&k| looked(k, &standing.component)).collect();
        let Some((_, best)) = all.first() else { continue };
        let met = match args.fail_on {
            Some(FailOn::Derived) => best.grade.is_finding(),
            Some(FailOn::Any) => best.grade != Grade::NoEvidence,
            None => false,
        };
        if met {
            return Status::Found;
        }
        let nothing = best.grade == Grade::NotComparable;
        let speaks = |v: &Verdict| nothing || v.grade != Grade::NotComparable;
        let unsettled = all.iter().filter(|(_, v)| speaks(v)).any(|(case, v)| {
            v.grade == Grade::Inconclusive || is_thin(args, case, &standing.component)
        });
        if unsettled {
            worst = Status::Unsettled;
        }
    }
    worst
}
