//! `jokbo tree MODEL...`.

use jokbo_audit::{Opened, Plan};
use jokbo_report::{FamilyReport, family_dot, family_markdown, family_svg, family_text, json};
use jokbo_verdict::grade_family;

use crate::args::{Tree, TreeFormat};
use crate::exit::Status;
use crate::network;
use crate::output;
use crate::progress::Bars;

/// Most models of one family: their pairs are tested, and grow with the square of them.
const MOST_MODELS: usize = 256;

pub(crate) fn run(args: &Tree, bars: &Bars) -> anyhow::Result<Status> {
    super::set_threads(args.running.threads)?;
    if MOST_MODELS < args.models.len() {
        anyhow::bail!(
            "{} models, and no more than {MOST_MODELS} are drawn in one tree",
            args.models.len()
        );
    }
    let network = network::reach(&args.running)?;
    let opened =
        args.models.iter().map(|model| network.open(model)).collect::<Result<Vec<Opened>, _>>()?;
    network.check_map()?;
    let models: Vec<&Opened> = opened.iter().collect();
    let plan = Plan {
        level: args.level,
        seed: args.seed,
        components: args.component.clone(),
        ..Plan::default()
    };
    let family = jokbo_audit::tree(&models, &plan, bars)?;
    bars.finish();
    let report = FamilyReport::new(&family, &grade_family(&family), env!("CARGO_PKG_VERSION"));
    let rendered = match args.format {
        TreeFormat::Text => family_text(&report),
        TreeFormat::Json => json(&report),
        TreeFormat::Markdown => family_markdown(&report),
        TreeFormat::Dot => family_dot(&report),
        TreeFormat::Svg => family_svg(&report),
    };
    output::write(args.output.as_deref(), &rendered)?;
    Ok(Status::Finished)
}
