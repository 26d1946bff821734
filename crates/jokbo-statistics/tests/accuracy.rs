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
        let [cosine, pearson, l2] = cases::figures(hard, 3_000_017).errors();
        let of_means = hard.mean_by_spread * f64::EPSILON;
        let kept = cosine < 1e-14 && l2 < 1e-14 && pearson < 1e-14 + of_means;
        assert!(kept, "{}: {cosine}, {pearson}, {l2}", hard.name);
    }
}
