//! Q5_K: 256 numbers of 5 bits in 8 groups, each with a scale and a least value of 6 bits.
//!
//! ```text
//! byte   0  1 | 2  3 | 4 … 15        | 16 … 47                            | 48 … 175
//!        d    | dmin | as in Q4_K    | bit e / 32 of byte e % 32: fifth   | as in Q4_K
//! ```

use std::array;

use super::q4_k::{groups, nibble};
use super::scale;

/// `(d s) q - (dmin m)`.
pub(super) fn block(b: &[u8; 176]) -> [f32; 256] {
    let groups = groups(scale(b, 0), scale(b, 2), b, 4);
    array::from_fn(|e| {
        let (scale, least) = groups[e / 32];
        let fifth = b[16 + e % 32] >> (e / 32) & 1;
        scale * f32::from(nibble(b, 48, e) | fifth << 4) - least
    })
}
