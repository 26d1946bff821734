//! Words that are chosen from a list.

use clap::ValueEnum;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Tables and sentences for a terminal.
    Text,
    /// The contract for programs; its first field names the schema and version.
    Json,
    /// For an issue, a mail or a review.
    Markdown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TreeFormat {
    /// Indented trees for a terminal.
    Text,
    /// The contract for programs; its first field names the schema and version.
    Json,
    /// For an issue, a mail or a review.
    Markdown,
    /// A graph for Graphviz.
    Dot,
    /// A file that a browser shows.
    Svg,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// Tables and sentences for a terminal.
    Text,
    /// The contract for programs; its first field names the schema and version.
    Json,
    /// For an issue, a mail or a review.
    Markdown,
    /// One page for a browser, that needs nothing else and can be printed.
    Html,
    /// SARIF 2.1.0, for the pages of code hosts.
    Sarif,
    /// JUnit XML, for build servers.
    Junit,
    /// A CycloneDX 1.7 bill of materials.
    Cyclonedx,
    /// A CycloneDX 1.6 bill of materials.
    #[value(name = "cyclonedx-1.6")]
    Cyclonedx16,
    /// An SPDX 3.0.1 document. It holds the time it was made: SOURCE_DATE_EPOCH, else now.
    Spdx,
    /// An unsigned in-toto statement over the suspect's files, for signing.
    InToto,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Lang {
    /// English.
    En,
    /// Korean.
    Ko,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Drawn {
    /// Characters, for a terminal.
    Text,
    /// A file that a browser shows.
    Svg,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// Derived, partly derived or identical.
    Derived,
    /// Every verdict but no evidence.
    Any,
}

/// Where large products are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum On {
    /// The processor: the same bytes of report on every machine.
    Cpu,
    /// The first NVIDIA GPU, in a build with `--features cuda`.
    Cuda,
}
