//! Compares two checkpoints, component by component: the order of events, and the crate that other
//! programs use.
//!
//! [`open`] reads a checkpoint's index, [`compare()`] measures everything on a suspect and a
//! reference and returns a [`Case`], which `jokbo_verdict::grade` turns into verdicts and
//! `jokbo_report` into words. [`compare_panel`] does so for one suspect and several references.
//! [`inspect()`] looks at one checkpoint by itself.
//!
//! Every step that can be long runs in a span of the crate `tracing`, with the component it is about,
//! on the thread that asked.
//!
//! ```no_run
//! use std::path::Path;
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let suspect = jokbo_audit::open(Path::new("suspect/"))?;
//! let reference = jokbo_audit::open(Path::new("reference/"))?;
//! let plan = jokbo_audit::Plan::default();
//! let case = jokbo_audit::compare(&suspect, &reference, &plan, &jokbo_audit::Silent)?;
//! for verdict in jokbo_verdict::grade(&case) {
//!     println!("{}: {}", verdict.component, verdict.grade.word());
//! }
//! # Ok(())
//! # }
//! ```

mod adapter;
mod architecture;
mod attention;
mod carried;
mod claims;
mod compare;
mod content;
mod error;
mod exhibit;
mod experts;
mod formulas;
mod in_flight;
mod inspect;
mod ladder;
mod layer_map;
mod lined_up;
mod memory;
mod merge;
mod once;
mod opened;
mod panel;
mod parts;
mod plan;
mod prepared;
mod progress;
mod reading;
mod relation;
mod renumbering;
mod sampled;
mod step;
mod survey;
mod tokenizers;
mod tree;
mod values;
mod widths;

pub use claims::party;
pub use compare::{Parents, compare, compare_with_parents};
pub use error::Error;
pub use inspect::{inspect, outline};
pub use jokbo_components::Placement;
pub use jokbo_statistics::device::{Accelerator, Device, Fault};
pub use jokbo_verdict::{Case, Inspection, ReadingPlan};
pub use memory::{Memory, memory};
pub use opened::{Opened, from_memory, open, open_source};
pub use panel::{Reference, compare_panel};
pub use parts::Parts;
pub use plan::{Plan, Reading};
pub use progress::{Progress, Silent};
pub use reading::{inspection_plan, panel_plan, reading_plan};
pub use survey::file_digests;
pub use tokenizers::tokenizers;
pub use tree::tree;
