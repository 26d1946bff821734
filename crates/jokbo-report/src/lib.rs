//! Verdicts turned into words, tables and JSON.
//!
//! A [`Report`] is built once from a case and its verdicts; it holds every figure that any output
//! shows, and is the JSON contract. [`text()`], [`markdown()`] and [`html()`] only arrange it. This room computes
//! no statistic, and its types are the only public ones that serialise.

mod architecture;
mod audit;
mod diagram;
mod exchange;
mod explain;
mod family;
mod from_case;
mod html;
mod inspection;
mod json;
mod markdown;
mod reading;
mod schema;
mod text;
mod tokenizers;
mod verification;
mod words;

pub use diagram::{diagram_svg, diagram_text};
pub use exchange::{CycloneDx, cyclonedx, in_toto, junit, sarif, spdx};
pub use explain::{explain, terms};
pub use family::{
    FAMILY_SCHEMA, FamilyReport, family_dot, family_markdown, family_svg, family_text,
};
pub use from_case::is_policy;
pub use html::{Language, html};
pub use inspection::{InspectionReport, inspection_markdown, inspection_text};
pub use json::{family_json_schema, json, json_schema};
pub use markdown::markdown;
pub use reading::{PlanReport, plan_markdown, plan_text};
pub use schema::{File, Model, Report, SCHEMA, Tool};
pub use text::{Paint, text};
pub use tokenizers::{TokenizersReport, tokenizers_markdown, tokenizers_text};
pub use verification::{Change, FileCheck, Verification, changes, verification_text};
pub use words::printable;
