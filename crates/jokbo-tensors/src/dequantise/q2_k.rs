//! Q2_K: 256 numbers of 2 bits in 16 groups, each with a scale and a least value of 4 bits.
//!
//! ```text
//! byte   0 … 15                      | 16 … 79        | 80 81 | 82 83
//!        group: scale low, least high | quarters of 32 | d     | dmin
//! ```

use std::array;

use super::{quarters, scale};

/// `(d s) q - (dmin m)`.
pub(super) fn block(b: &[u8; 84]) -> [f32; 256] {
    let (d, dmin) = (scale(b, 80), scale(b, 82));
    let groups: [(f32, f32); 16] =
        array::from_fn(|g| (d * f32::from(b[g] & 15), dmin * f32::from(b[g] >> 4)));
    array::from_fn(|e| {
        let (scale, least) = groups[e / 16];
        scale * f32::from(quarters(b, 16, e)) - least
    })
}
