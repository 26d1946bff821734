//! `jokbo explain TERM`.

use anyhow::bail;

use crate::args::Explain;
use crate::exit::Status;
use crate::output;

pub(crate) fn run(args: &Explain) -> anyhow::Result<Status> {
    let term = args.term.join(" ");
    if term.is_empty() {
        output::write(None, &format!("{}\n", jokbo_report::terms().join("\n")))?;
        return Ok(Status::Finished);
    }
    let Some(page) = jokbo_report::explain(&term) else {
        bail!("no term is called {term}; `jokbo explain` lists all terms");
    };
    output::write(None, &page)?;
    Ok(Status::Finished)
}
