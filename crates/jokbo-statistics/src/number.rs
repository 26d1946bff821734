//! The one place where counts become floating-point numbers.

/// A count as `f64`: exact up to 2^53, nearest above.
#[allow(clippy::cast_precision_loss, reason = "counts above 2^53 do not occur; nearest is meant")]
pub fn float(n: u64) -> f64 {
    n as f64
}

/// A length or index as `f64`: exact up to 2^53, nearest above.
#[allow(clippy::cast_precision_loss, reason = "counts above 2^53 do not occur; nearest is meant")]
pub fn float_usize(n: usize) -> f64 {
    n as f64
}
