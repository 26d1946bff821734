//! The pass beside compensated sums, on pairs made to lose digits.

#![allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "numbers of a test"
)]
#![allow(clippy::unwrap_used, reason = "a test")]

#[path = "accuracy/cases.rs"]
mod cases;

#[test]
fn no_hard_pair_costs_digits_that_matter() {
    for hard in cases::ALL {
        let errors = cases::figures(hard, 3_000_017).errors();
        assert!(hard.keeps(errors), "{}: {errors:?}", hard.name);
    }
}
