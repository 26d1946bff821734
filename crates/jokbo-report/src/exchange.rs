//! The report in forms that other programs take: every figure and sentence from the contract.
//!
//! None holds a clock or a random number, so that the same report gives the same bytes. What their
//! standards ask for and a report does not know (a time, a serial number) is left out where it may be.

mod cyclonedx;
mod in_toto;
mod junit;
mod sarif;
mod spdx;

pub use cyclonedx::{CycloneDx, cyclonedx};
pub use in_toto::in_toto;
pub use junit::junit;
pub use sarif::sarif;
pub use spdx::spdx;

use crate::schema::{Component, Report};
use crate::words;

/// Every component against every reference, best ancestor first.
fn looks(report: &Report) -> impl Iterator<Item = &Component> {
    report.components.iter().chain(&report.further)
}

/// The reference that a component was held against.
fn reference<'a>(report: &'a Report, component: &'a Component) -> &'a str {
    component.reference.as_deref().unwrap_or(&report.reference.source)
}

/// Whether shared weight ancestry was found.
fn is_finding(component: &Component) -> bool {
    crate::words::is_finding(&component.verdict)
}

/// The verdict in one sentence with its p, size and coverage, or what would have been found.
fn sentence(report: &Report, component: &Component) -> String {
    let headline = words::headline(component, reference(report, component));
    let mut figures = Vec::new();
    if component.log10_p.is_some() {
        figures.push(words::p_value(component.log10_p));
    }
    if let Some(aligned) = component.effect.aligned_cosine {
        figures.push(format!("aligned cosine {}", words::interval(aligned)));
    }
    if let Some(share) = component.coverage.share {
        figures.push(format!("{} tested", words::percent(share)));
    }
    if matches!(component.verdict.as_str(), "no-evidence" | "inconclusive") {
        figures.push(format!("power: {}", words::power(component)));
    }
    let figures =
        if figures.is_empty() { String::new() } else { format!(" ({})", figures.join("; ")) };
    let verdict = words::verdict(&component.verdict);
    format!("{}: {verdict}, {headline}{figures}", component.component)
}
