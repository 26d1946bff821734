//! What was typed, validated, nothing done.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};

/// A family register for AI models: says, component by component, whether a checkpoint shares
/// weight ancestry with another.
#[derive(Debug, Parser)]
#[command(name = "jokbo", version, max_term_width = 96)]
#[command(
    after_help = "Exit codes: 0 finished, 1 finished and --fail-on met, 2 could not finish, \
                        3 finished but inconclusive or under --min-coverage, 4 usage."
)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Say for every component of SUSPECT whether it shares weight ancestry with REFERENCE.
    Compare(Compare),
    /// Show the components, layers, types, parameter counts and digests of a checkpoint.
    Inspect(Inspect),
    /// Say what a statistic, verdict or relation means and when it misleads.
    Explain(Explain),
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Compare {
    /// The checkpoint under question: a .safetensors file, a folder of them, or a Hub cache entry.
    pub(crate) suspect: PathBuf,
    /// The checkpoint to compare it with.
    pub(crate) reference: PathBuf,
    /// Compare only this component; may be given several times.
    #[arg(long, value_name = "NAME")]
    pub(crate) component: Vec<String>,
    /// Family-wise level: the chance that any component of an innocent pair is called.
    #[arg(long, value_name = "P", default_value = "1e-6", value_parser = level)]
    pub(crate) level: f64,
    /// Seed of every random choice.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) seed: u64,
    /// Exit with 1 when a component is found: `derived` for derived, partly derived or identical,
    /// `any` for anything but no evidence.
    #[arg(long, value_name = "WHAT")]
    pub(crate) fail_on: Option<FailOn>,
    /// Exit with 3 when a component's tested share is below this, in [0, 1].
    #[arg(long, value_name = "SHARE", default_value = "0", value_parser = share)]
    pub(crate) min_coverage: f64,
    #[command(flatten)]
    pub(crate) shared: Shared,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Inspect {
    /// A .safetensors file, a folder of them, or a Hub cache entry.
    pub(crate) model: PathBuf,
    /// List every tensor with its digest and the parts it holds.
    #[arg(long)]
    pub(crate) tensors: bool,
    #[command(flatten)]
    pub(crate) shared: Shared,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Explain {
    /// A word of a report; all words are listed when it is left out.
    pub(crate) term: Vec<String>,
}

/// What every command that reads weights takes.
#[derive(Debug, ClapArgs)]
pub(crate) struct Shared {
    /// How to write the result.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: Format,
    /// Write to FILE instead of standard output.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// No progress on standard error.
    #[arg(short, long)]
    pub(crate) quiet: bool,
    /// Worker threads; 0 takes one for each core. The result does not depend on it.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) threads: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Tables and sentences for a terminal.
    Text,
    /// The contract for programs, schema jokbo/report/v1.
    Json,
    /// For an issue, a mail or a review.
    Markdown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// A component is derived, partly derived or identical.
    Derived,
    /// A component is anything but no evidence.
    Any,
}

/// Reads the command line. The error holds help and version too.
pub(crate) fn parse() -> Result<Args, clap::Error> {
    Args::try_parse()
}

fn level(text: &str) -> Result<f64, String> {
    let level: f64 = text.parse().map_err(|_| format!("{text} is not a number"))?;
    if 0.0 < level && level < 1.0 {
        Ok(level)
    } else {
        Err(format!("a level lies between 0 and 1, not at {text}"))
    }
}

fn share(text: &str) -> Result<f64, String> {
    let share: f64 = text.parse().map_err(|_| format!("{text} is not a number"))?;
    if (0.0..=1.0).contains(&share) {
        Ok(share)
    } else {
        Err(format!("a share lies in [0, 1], not at {text}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        Args::command().debug_assert();
    }

    #[test]
    fn levels_and_shares_outside_their_range_are_refused() {
        assert!(level("0").is_err() && level("1").is_err() && level("x").is_err());
        assert!(level("NaN").is_err() && share("NaN").is_err() && share("1.1").is_err());
        assert_eq!((level("1e-6"), share("0.5")), (Ok(1e-6), Ok(0.5)));
    }
}
