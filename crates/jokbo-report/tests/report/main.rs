//! The report room, from a case made by hand: nothing is read and nothing is computed.

#![allow(clippy::unwrap_used, reason = "a failed unwrap in a test is a failed test")]

mod contract; // JSON: there and back, schema, nulls
mod hostile; // names that a terminal or a Markdown reader would obey
mod html; // the page: both languages, and that nothing in it can load or run
mod pages; // text, Markdown and JSON, word by word
mod verification; // two reports, figure by figure

mod case; // the case: one exhibit for every verdict
