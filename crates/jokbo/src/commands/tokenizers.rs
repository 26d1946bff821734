//! `jokbo tokenizers SUSPECT REFERENCE`.

use jokbo_report::{TokenizersReport, json, tokenizers_markdown, tokenizers_text};

use crate::args::{Format, Tokenizers};
use crate::exit::Status;
use crate::network::{network, source};
use crate::output;

pub(crate) fn run(args: &Tokenizers) -> anyhow::Result<Status> {
    let network = network(&args.elsewhere)?;
    let revision = args.elsewhere.revision.as_deref();
    let (suspect, reference) =
        (source(&args.suspect, revision)?, source(&args.reference, revision)?);
    let case = jokbo_audit::tokenizers(&suspect, &reference, &network)?;
    let report = TokenizersReport::from(&case);
    let rendered = match args.format {
        Format::Text => tokenizers_text(&report),
        Format::Json => json(&report),
        Format::Markdown => tokenizers_markdown(&report),
    };
    output::write(args.output.as_deref(), &rendered)?;
    Ok(Status::Finished)
}
