//! Q4_K: 256 numbers of 4 bits in 8 groups, each with a scale and a least value of 6 bits.
//!
//! ```text
//! byte   0  1 | 2  3 | 4 … 15 | 16 … 143
//!        d    | dmin | groups | 64 elements in 32 bytes: lower halves, then upper halves
//!
//! groups g < 4:  scale in byte 4 + g, lower 6 bits; least in byte 8 + g, lower 6 bits
//! groups g ≥ 4:  lower 4 bits of scale and least in the halves of byte 8 + g,
//!                upper 2 bits of each in the upper bits of bytes g and 4 + g
//! ```

use std::array;

use super::scale;

/// `(d s) q - (dmin m)`.
pub(super) fn block(b: &[u8; 144]) -> [f32; 256] {
    let groups = groups(scale(b, 0), scale(b, 2), b, 4);
    array::from_fn(|e| {
        let (scale, least) = groups[e / 32];
        scale * f32::from(nibble(b, 16, e)) - least
    })
}

/// Scale and least value of every group, from the 12 bytes at `at`.
pub(super) fn groups(d: f32, dmin: f32, b: &[u8], at: usize) -> [(f32, f32); 8] {
    array::from_fn(|g| {
        let (scale, least) = if g < 4 {
            (b[at + g] & 63, b[at + 4 + g] & 63)
        } else {
            let both = b[at + 4 + g];
            ((both & 15) | (b[at + g - 4] >> 2 & 48), (both >> 4) | (b[at + g] >> 2 & 48))
        };
        (d * f32::from(scale), dmin * f32::from(least))
    })
}

/// Element `e` of those that lie in halves of bytes, 64 in 32 bytes, from byte `at` on.
pub(super) fn nibble(b: &[u8], at: usize, e: usize) -> u8 {
    b[at + e / 64 * 32 + e % 32] >> (e / 32 % 2 * 4) & 15
}
