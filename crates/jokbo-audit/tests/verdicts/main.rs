//! Verdicts on small models whose relation is known because it was planted here.

#![allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::unwrap_used,
    reason = "a test counts in small numbers, and its failed unwrap is a failed test"
)]

mod adapters;
mod attacks;
mod attention;
mod content;
mod device;
mod experts;
mod family;
mod hidden;
mod innocent;
mod kept;
mod layers;
mod model;
mod parts;
mod power;
mod relations;
mod sampled;
mod tokens;

use jokbo_audit::{Plan, compare};
use jokbo_verdict::{Case, Grade, Verdict, grade};

use kept::Checked;
use model::Model;

fn case(suspect: &Model, reference: &Model) -> Case {
    compare(&suspect.open(), &reference.open(), &Plan::default(), &Checked).unwrap()
}

fn verdicts(suspect: &Model, reference: &Model) -> Vec<Verdict> {
    grade(&case(suspect, reference))
}

#[track_caller]
fn grade_of(verdicts: &[Verdict], component: &str) -> Grade {
    verdicts.iter().find(|v| v.component == component).unwrap().grade
}
