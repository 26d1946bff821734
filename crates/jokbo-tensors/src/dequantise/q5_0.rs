//! Q5_0: 32 numbers of 5 bits around zero, and one scale.
//!
//! ```text
//! byte   0  1 | 2 … 5                   | 6 … 21
//!        d    | bit j: fifth bit of j   | lower four bits, as in Q4_0
//! ```

use std::array;

use super::{bit, halves, scale};

/// `d (q - 16)`.
pub(super) fn block(b: &[u8; 22]) -> [f32; 32] {
    let (d, low) = (scale(b, 0), halves(b, 6));
    array::from_fn(|j| d * (f32::from(low[j] | bit(b, 2, j) << 4) - 16.0))
}
