//! `jokbo inspect MODEL`.

use jokbo_report::{
    InspectionReport, Model, diagram_svg, diagram_text, inspection_markdown, inspection_text, json,
};

use crate::args::{Drawn, Format, Inspect};
use crate::exit::Status;
use crate::network;
use crate::output;
use crate::progress::Bars;

pub(crate) fn run(args: &Inspect, bars: &Bars) -> anyhow::Result<Status> {
    super::set_threads(args.shared.running.threads)?;
    let network = network::reach(&args.shared.running)?;
    let opened = network.open_on(&args.model, args.base.as_deref())?;
    network.check_map()?;
    if let Some(drawn) = args.diagram {
        let model = Model::from(&jokbo_audit::outline(&opened));
        let picture = match drawn {
            Drawn::Text => diagram_text(&model),
            Drawn::Svg => diagram_svg(&model),
        };
        output::write(args.shared.output.as_deref(), &picture)?;
        return Ok(Status::Finished);
    }
    if args.shared.plan {
        return super::show_plan(&args.shared, args.format, &jokbo_audit::inspection_plan(&opened));
    }
    let report = InspectionReport::from(&jokbo_audit::inspect(&opened, bars)?);
    bars.finish();
    let rendered = match args.format {
        Format::Text => inspection_text(&report, args.tensors),
        Format::Json => json(&report),
        Format::Markdown => inspection_markdown(&report, args.tensors),
    };
    output::write(args.shared.output.as_deref(), &rendered)?;
    Ok(Status::Finished)
}
