//! Q3_K: 256 numbers of 3 bits in 16 groups, each with a scale of 6 bits around zero.
//!
//! ```text
//! byte   0 … 31                           | 32 … 95        | 96 … 107 | 108 109
//!        bit e / 32 of byte e % 32: not -4 | quarters of 32 | scales   | d
//!
//! scales, group g:  lower 4 bits in byte 96 + g % 8, lower half when g < 8
//!                   upper 2 bits in byte 104 + g % 4, pair number g / 4
//! ```

use std::array;

use super::{quarters, scale};

/// `(d (s - 32)) (q - 4 h)`, where `h` is 1 when the bit is not set.
pub(super) fn block(b: &[u8; 110]) -> [f32; 256] {
    let d = scale(b, 108);
    let groups: [f32; 16] = array::from_fn(|g| {
        let low = b[96 + g % 8] >> (4 * (g / 8)) & 15;
        let high = b[104 + g % 4] >> (2 * (g / 4)) & 3;
        d * (f32::from(low | high << 4) - 32.0)
    });
    array::from_fn(|e| {
        let high = b[e % 32] >> (e / 32) & 1;
        groups[e / 16] * (f32::from(quarters(b, 32, e)) - f32::from((high ^ 1) << 2))
    })
}
