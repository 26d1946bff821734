//! TQ2_0: 256 numbers out of -1, 0 and 1 (and 2), 2 bits each, and one scale.
//!
//! ```text
//! byte   0 … 63         | 64 65
//!        quarters of 32 | d
//! ```

use std::array;

use super::{quarters, scale};

/// `d (q - 1)`.
pub(super) fn block(b: &[u8; 66]) -> [f32; 256] {
    let d = scale(b, 64);
    array::from_fn(|e| d * (f32::from(quarters(b, 0, e)) - 1.0))
}
