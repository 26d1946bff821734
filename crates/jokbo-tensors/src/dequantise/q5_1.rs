//! Q5_1: 32 numbers of 5 bits, one scale and one least value.
//!
//! ```text
//! byte   0  1 | 2  3 | 4 … 7                   | 8 … 23
//!        d    | m    | bit j: fifth bit of j   | lower four bits, as in Q4_0
//! ```

use std::array;

use super::{bit, halves, scale};

/// `d q + m`.
pub(super) fn block(b: &[u8; 24]) -> [f32; 32] {
    let (d, m, low) = (scale(b, 0), scale(b, 2), halves(b, 8));
    array::from_fn(|j| d * f32::from(low[j] | bit(b, 4, j) << 4) + m)
}
