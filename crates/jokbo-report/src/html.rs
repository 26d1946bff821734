//! The report as one HTML page that needs nothing else: no font, no network, and no script to be read.
//!
//! Every word is in [`en`] or [`ko`]; everything else only arranges what the report holds.

use crate::json::printable;
use crate::schema::Report;

mod agreement;
mod audit;
mod chart;
mod component;
mod curve;
mod en;
mod first_screen;
mod heat;
mod known;
mod ko;
mod markup;
mod method;
mod not_probative;
mod page;
mod pairs;
mod words;

/// The language of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// English.
    English,
    /// Korean.
    Korean,
}

/// The whole report as one self-contained HTML page with a final newline.
///
/// What is quoted from files is marked as a quotation in a language of its own; all else is in
/// `language`. The page is the same whenever the report is. Cost: linear in the report.
pub fn html(report: &Report, language: Language) -> String {
    let report = &printable(report);
    let words: &dyn words::Words = match language {
        Language::English => &en::English,
        Language::Korean => &ko::Korean,
    };
    page::page(report, words)
}
