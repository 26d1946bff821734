//! `jokbo compare SUSPECT REFERENCE`.

use jokbo_audit::Plan;
use jokbo_report::{Report, json, markdown, text};
use jokbo_verdict::{Case, Grade, Verdict, grade};

use crate::args::{Compare, FailOn, Format};
use crate::exit::Status;
use crate::network;
use crate::output;
use crate::progress::Bars;

pub(crate) fn run(args: &Compare) -> anyhow::Result<Status> {
    super::set_threads(&args.shared)?;
    let network = network::reach(&args.shared.elsewhere)?;
    let suspect = network.open_on(&args.suspect, args.base.as_deref())?;
    let reference = network.open(&args.reference)?;
    if args.base.is_some() && reference.is_adapter() {
        anyhow::bail!("two adapters are compared as adapters, without --base");
    }
    let plan = Plan {
        level: args.level,
        seed: args.seed,
        components: args.component.clone(),
        ..Plan::default()
    };
    let bars = Bars::new(args.shared.quiet);
    let case = jokbo_audit::compare(&suspect, &reference, &plan, &bars)?;
    bars.finish();
    let verdicts = grade(&case);
    let report = Report::new(&case, &verdicts, env!("CARGO_PKG_VERSION"));
    let rendered = match args.shared.format {
        Format::Text => text(&report, output::paint(args.shared.output.as_deref())),
        Format::Json => json(&report),
        Format::Markdown => markdown(&report),
    };
    output::write(args.shared.output.as_deref(), &rendered)?;
    Ok(status(args, &case, &verdicts))
}

fn status(args: &Compare, case: &Case, verdicts: &[Verdict]) -> Status {
    let met = |verdict: &Verdict| match args.fail_on {
        Some(FailOn::Derived) => verdict.grade.is_finding(),
        Some(FailOn::Any) => verdict.grade != Grade::NoEvidence,
        None => false,
    };
    let unsettled = |verdict: &Verdict| verdict.grade == Grade::Inconclusive;
    let thin = case.exhibits.iter().any(|exhibit| {
        let share = jokbo_verdict::share(exhibit.coverage.tested, exhibit.parameters);
        share.unwrap_or(0.0) < args.min_coverage
    });
    let nothing = verdicts.is_empty();
    if verdicts.iter().any(met) {
        Status::Found
    } else if nothing || thin || verdicts.iter().any(unsettled) {
        Status::Unsettled
    } else {
        Status::Finished
    }
}
