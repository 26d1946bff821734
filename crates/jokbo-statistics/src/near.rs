//! The one way tests ask whether two numbers are close.

/// Fails unless `got` is within `tol` of `want`; a NaN is close to nothing.
#[track_caller]
pub(crate) fn near(got: f64, want: f64, tol: f64) {
    assert!((got - want).abs() <= tol, "got {got}, want {want} within {tol}");
}
