//! What was typed, validated, nothing done.

// The comments of this file are the help text, where brackets enclose what may be left out.
#![allow(rustdoc::broken_intra_doc_links, reason = "brackets in the help text are no links")]

mod form;
mod options;
mod value;
mod verify;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::{Args as ClapArgs, Parser, Subcommand};
use jokbo_audit::Placement;

pub(crate) use form::{Drawn, FailOn, Format, Lang, On, ReportFormat, TreeFormat};
use value::{component_ref, level, not_empty, share, size, threads};
pub(crate) use verify::{Verify, VerifyFormat};

/// What every way to end is told by.
const EXIT_CODES: &str = "Exit codes: 0 finished, whatever the verdict; 1 finished, and what \
                          --fail-on names was found; 2 could not finish; 3 finished, but \
                          inconclusive or under --min-coverage; 4 the command line is wrong; 130 \
                          interrupted.";

/// A family register for AI models: says, component by component, whether a checkpoint shares
/// weight ancestry with another.
#[derive(Debug, Parser)]
#[command(name = "jokbo", version, max_term_width = 96, after_help = EXIT_CODES)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Say for every component of SUSPECT whether it shares weight ancestry with REFERENCE.
    Compare(Compare),
    /// Compare, and say what was disclosed, which licence duties follow, and what policies make of it.
    Audit(Audit),
    /// Write a stored JSON report in another form. Reads no weight.
    Render(Render),
    /// Say what of a stored JSON report still holds: digests, and with --models every figure.
    Verify(Verify),
    /// Show the components, layers, types, parameter counts and digests of a checkpoint.
    Inspect(Inspect),
    /// Draw the family tree of several models: who shares weight ancestry with whom, component by
    /// component, and how far apart they are.
    Tree(Tree),
    /// Say how two tokenizers are related. Never evidence that weights are shared.
    Tokenizers(Tokenizers),
    /// Build a dispute in miniature, compare its models and show what must be found.
    Demo(Demo),
    /// Say what a statistic, verdict or relation means and when it misleads.
    Explain(Explain),
}

impl Command {
    /// Whether no progress is to be shown, and whether it is to be told where the time went.
    pub(crate) fn watching(&self) -> (bool, bool) {
        let running = match self {
            Self::Compare(args) => &args.shared.running,
            Self::Audit(args) => &args.shared.running,
            Self::Inspect(args) => &args.shared.running,
            Self::Tree(args) => &args.running,
            Self::Verify(args) => return (args.quiet, args.timings),
            Self::Render(_) | Self::Tokenizers(_) | Self::Demo(_) | Self::Explain(_) => {
                return (false, false);
            }
        };
        (running.quiet, running.timings)
    }

    /// The folder in which finished parts are kept.
    pub(crate) fn resumed(&self) -> Option<&Path> {
        match self {
            Self::Compare(args) => args.amount.resume.as_deref(),
            Self::Audit(args) => args.amount.resume.as_deref(),
            _ => None,
        }
    }
}

#[derive(Debug, ClapArgs)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct Compare {
    /// The checkpoint under question: a .safetensors, .gguf, PyTorch, ONNX, NumPy or CTranslate2 file, a folder of them, a Hub cache
    /// entry, hf://org/name[@revision][/part], org/name where no such path exists, an https:// file,
    /// or s3://, gs://, az://bucket/part.
    #[arg(value_parser = not_empty())]
    pub(crate) suspect: OsString,
    /// The checkpoint to compare it with. With several, each component is held against every one of
    /// them, best ancestor first, and its ancestors against one another; --fail-on asks for the best,
    /// and the exit code is 3 when any comparison is inconclusive.
    #[arg(value_name = "REFERENCE", value_parser = not_empty())]
    #[arg(required_unless_present = "component_ref")]
    pub(crate) references: Vec<OsString>,
    /// One more reference, for this component of SUSPECT alone; may be given several times. A
    /// reference with a single component answers whatever that is called.
    #[arg(long, value_name = "NAME=REF", value_parser = component_ref())]
    pub(crate) component_ref: Vec<ComponentRef>,
    /// A model that SUSPECT may have been merged from, besides REFERENCE; may be given four times.
    #[arg(long, value_name = "MODEL", value_parser = not_empty())]
    pub(crate) parent: Vec<OsString>,
    /// Where SUSPECT is a LoRA adapter: the model that it was made for. SUSPECT is then that model
    /// with the adapter added, which is made on reading. With --parent: the model that all parents
    /// were tuned from.
    #[arg(long, value_name = "BASE", value_parser = not_empty())]
    pub(crate) base: Option<OsString>,
    #[command(flatten)]
    pub(crate) looks: Looks,
    /// Exit with 1 when a component has one of these verdicts.
    #[arg(long, value_name = "WHAT")]
    pub(crate) fail_on: Option<FailOn>,
    /// Exit with 3 when less than this share of a component was tested, in [0, 1].
    #[arg(long, value_name = "SHARE", default_value = "0", value_parser = share)]
    #[arg(allow_negative_numbers = true)]
    pub(crate) min_coverage: f64,
    #[command(flatten)]
    pub(crate) amount: Amount,
    /// Where the large products and singular values are made that undo hidden numberings and name changes.
    /// On a GPU last digits may differ; where it cannot be used, nothing is compared.
    #[arg(long, value_name = "DEVICE", default_value = "cpu")]
    pub(crate) device: On,
    /// Read at most SIZE of both checkpoints together (10MB, 1GiB; means --sampled). What is not
    /// settled by then is inconclusive.
    #[arg(long, value_name = "SIZE", value_parser = size)]
    #[arg(conflicts_with_all = ["full", "resume"])]
    pub(crate) max_bytes: Option<u64>,
    /// How to write the result.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: ReportFormat,
    /// Language of the HTML page.
    #[arg(long, value_name = "LANG", default_value = "en")]
    pub(crate) lang: Lang,
    #[command(flatten)]
    pub(crate) shared: Shared,
}

/// What every way for an audit to end is told by.
const AUDIT_CODES: &str = "Exit codes: 0 finished, and every policy is met (or none was asked for); \
                           1 finished, and a policy is not met; 2 could not finish; 3 finished, and \
                           a policy cannot be told; 4 the command line is wrong; 130 interrupted.";

#[derive(Debug, ClapArgs)]
#[command(after_help = AUDIT_CODES)]
pub(crate) struct Audit {
    /// The checkpoint under question, as for `jokbo compare`. Its card, licence, notices and
    /// configuration are read beside its weights.
    #[arg(value_parser = not_empty())]
    pub(crate) suspect: OsString,
    /// The checkpoints to hold it against; may be given several times, or with several values.
    #[arg(long, value_name = "REF", num_args = 1.., value_parser = not_empty())]
    #[arg(required_unless_present = "component_ref")]
    pub(crate) against: Vec<OsString>,
    /// A policy to hold the evidence against: from-scratch, core-from-scratch, disclosed,
    /// national-programme-2026, or a TOML file; may be given several times.
    #[arg(long, value_name = "NAME|FILE", value_parser = not_empty())]
    pub(crate) policy: Vec<OsString>,
    /// One more reference, for this component of SUSPECT alone; may be given several times.
    #[arg(long, value_name = "NAME=REF", value_parser = component_ref())]
    pub(crate) component_ref: Vec<ComponentRef>,
    /// Where SUSPECT is a LoRA adapter: the model that it was made for.
    #[arg(long, value_name = "BASE", value_parser = not_empty())]
    pub(crate) base: Option<OsString>,
    #[command(flatten)]
    pub(crate) looks: Looks,
    #[command(flatten)]
    pub(crate) amount: Amount,
    /// Where the large products and singular values are made that undo hidden numberings and name changes.
    /// On a GPU last digits may differ; where it cannot be used, nothing is compared.
    #[arg(long, value_name = "DEVICE", default_value = "cpu")]
    pub(crate) device: On,
    /// Compare nothing where this report of an earlier audit is of the same question, files and
    /// papers: it is written again. Its figures are taken as they are.
    #[arg(long, value_name = "REPORT.json")]
    pub(crate) changed_since: Option<PathBuf>,
    /// How to write the result.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: ReportFormat,
    /// Language of the HTML page.
    #[arg(long, value_name = "LANG", default_value = "en")]
    pub(crate) lang: Lang,
    #[command(flatten)]
    pub(crate) shared: Shared,
}

impl Audit {
    /// The comparison that an audit rests on.
    pub(crate) fn comparison(self) -> Compare {
        Compare {
            suspect: self.suspect,
            references: self.against,
            component_ref: self.component_ref,
            parent: Vec::new(),
            base: self.base,
            looks: self.looks,
            fail_on: None,
            min_coverage: 0.0,
            amount: self.amount,
            device: self.device,
            max_bytes: None,
            format: self.format,
            lang: self.lang,
            shared: self.shared,
        }
    }
}

/// What is looked at, and how strictly.
#[derive(Debug, ClapArgs)]
pub(crate) struct Looks {
    /// Compare only this component of SUSPECT; may be given several times.
    #[arg(long, value_name = "NAME")]
    pub(crate) component: Vec<String>,
    /// Family-wise level: the chance that any component of an unrelated pair is called related.
    #[arg(long, value_name = "P", default_value = "1e-6", value_parser = level)]
    #[arg(allow_negative_numbers = true)]
    pub(crate) level: f64,
    /// Seed of every random choice.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) seed: u64,
}

/// How much is read.
#[derive(Debug, ClapArgs)]
pub(crate) struct Amount {
    /// Read seeded stretches only, in growing looks, until every verdict is settled (the default when
    /// either is elsewhere).
    #[arg(long, conflicts_with = "full")]
    pub(crate) sampled: bool,
    /// Read every byte (the default when both are here).
    #[arg(long)]
    pub(crate) full: bool,
    /// Take no more than about SIZE of memory (500MB, 2GiB): fewer workers, and the same result; refused
    /// where a single one is too much [default: a quarter of the machine's, for the number of workers
    /// alone].
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub(crate) max_memory: Option<u64>,
    /// Keep every finished component in DIR, and take from there what an interrupted run of the same
    /// command finished. Of models that are here and read in full; all files are digested again. What
    /// lies in DIR is believed: let nobody else write there.
    #[arg(long, value_name = "DIR", conflicts_with = "sampled")]
    pub(crate) resume: Option<PathBuf>,
}

/// A reference for one component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ComponentRef {
    pub(crate) component: String,
    pub(crate) reference: OsString,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Render {
    /// A report of `jokbo compare` or `jokbo audit` that was written with `--format json`.
    #[arg(value_name = "REPORT.json")]
    pub(crate) report: PathBuf,
    /// How to write it.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: ReportFormat,
    /// Language of the HTML page.
    #[arg(long, value_name = "LANG", default_value = "en")]
    pub(crate) lang: Lang,
    /// Write to FILE instead of standard output.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Inspect {
    /// A .safetensors, .gguf, PyTorch, ONNX, NumPy or CTranslate2 file, a folder of them, a Hub cache entry,
    /// hf://org/name[@revision][/part], org/name where no such path exists, an https:// file, or
    /// s3://, gs://, az://bucket/part.
    #[arg(value_parser = not_empty())]
    pub(crate) model: OsString,
    /// Where MODEL is a LoRA adapter: the model that it was made for, to show both as one.
    #[arg(long, value_name = "BASE", value_parser = not_empty())]
    pub(crate) base: Option<OsString>,
    /// Draw the components and how they are joined, with their shares of the parameters, and stop:
    /// in characters, or as an SVG file. Reads no weight.
    #[arg(long, value_name = "HOW", num_args = 0..=1, default_missing_value = "text")]
    #[arg(conflicts_with_all = ["format", "tensors", "plan"])]
    pub(crate) diagram: Option<Drawn>,
    /// List every tensor with its digest and the parts it holds (JSON always does).
    #[arg(long)]
    pub(crate) tensors: bool,
    /// How to write the result.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: Format,
    #[command(flatten)]
    pub(crate) shared: Shared,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct Tree {
    /// Two checkpoints or more, each as for `compare`. Every one is read once, seeded rows and columns
    /// of its tensors; then all pairs are tested.
    #[arg(value_name = "MODEL", required = true, num_args = 2.., value_parser = not_empty())]
    pub(crate) models: Vec<OsString>,
    /// Draw only this component; may be given several times.
    #[arg(long, value_name = "NAME")]
    pub(crate) component: Vec<String>,
    /// Family-wise level: the chance that any two unrelated models are called related in any component.
    #[arg(long, value_name = "P", default_value = "1e-6", value_parser = level)]
    #[arg(allow_negative_numbers = true)]
    pub(crate) level: f64,
    /// Seed of every random choice.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) seed: u64,
    /// How to write the result.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: TreeFormat,
    /// Write to FILE instead of standard output.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) running: Running,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Tokenizers {
    /// A tokenizer.json, vocab.json (with merges.txt), vocab.txt, .tiktoken, .model (SentencePiece)
    /// or .gguf file, or a folder that holds one: here, in a Hub cache entry, or elsewhere, as
    /// hf://org/name[@revision][/part], org/name where no such path exists, or an https:// file.
    #[arg(value_parser = not_empty())]
    pub(crate) suspect: OsString,
    /// The tokenizer to compare it with.
    #[arg(value_parser = not_empty())]
    pub(crate) reference: OsString,
    /// How to write the result.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: Format,
    /// Write to FILE instead of standard output.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) elsewhere: Elsewhere,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Demo {
    /// A case; without one, all cases are listed.
    pub(crate) case: Option<String>,
    /// Build the models in DIR instead of a new temporary folder.
    #[arg(long, value_name = "DIR", requires = "case")]
    pub(crate) keep: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Explain {
    /// A term used in reports; without one, all terms are listed.
    pub(crate) term: Vec<String>,
}

/// What every command that reads weights takes.
#[derive(Debug, ClapArgs)]
pub(crate) struct Shared {
    /// Print how many bytes would be read, component by component, and stop.
    #[arg(long)]
    pub(crate) plan: bool,
    /// Write to FILE instead of standard output.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) running: Running,
}

/// How weights are read, whatever for.
#[derive(Debug, ClapArgs)]
pub(crate) struct Running {
    /// Place the tensors whose names start with PREFIX in COMPONENT, where their names are misread;
    /// may be given several times, or written under [map] in a jokbo.toml of the current folder.
    #[arg(long, value_name = "PREFIX=COMPONENT", value_parser = Placement::parse)]
    pub(crate) map: Vec<Placement>,
    /// Show no progress on standard error.
    #[arg(short, long)]
    pub(crate) quiet: bool,
    /// Tell on standard error where the time went, stage by stage and step by step.
    #[arg(long)]
    pub(crate) timings: bool,
    /// Worker threads; 0 takes one for each core. The result does not depend on it.
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = threads)]
    pub(crate) threads: usize,
    #[command(flatten)]
    pub(crate) elsewhere: Elsewhere,
}

/// How to reach checkpoints that are elsewhere.
#[derive(Debug, ClapArgs)]
pub(crate) struct Elsewhere {
    /// Branch, tag or commit of repositories that are named without one.
    #[arg(long, value_name = "REVISION")]
    pub(crate) revision: Option<String>,
    /// Ask nothing of the network; read what is here or in the Hub's local cache.
    #[arg(long)]
    pub(crate) offline: bool,
    /// Folder for what was fetched [default: JOKBO_CACHE, else the user's folder for caches].
    #[arg(long, value_name = "DIR")]
    pub(crate) cache_dir: Option<PathBuf>,
}

/// Reads the command line. The error holds help and version too.
pub(crate) fn parse() -> Result<Args, clap::Error> {
    Args::try_parse()
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        Args::command().debug_assert();
    }
}
