//! Q6_K: 256 numbers of 6 bits around zero in 16 groups, each with a signed scale of 8 bits.
//!
//! ```text
//! byte   0 … 127                                    | 128 … 191             | 192 … 207 | 208 209
//!        lower 4 bits, 128 elements in 64 bytes:    | upper 2 bits,         | scales    | d
//!        lower halves, then upper halves            | quarters of 32        |           |
//! ```

use std::array;

use super::{quarters, scale};

/// `(d s) (q - 32)`.
pub(super) fn block(b: &[u8; 210]) -> [f32; 256] {
    let d = scale(b, 208);
    let groups: [f32; 16] = array::from_fn(|g| d * f32::from(b[192 + g].cast_signed()));
    array::from_fn(|e| {
        let low = b[e / 128 * 64 + e % 64] >> (e / 64 % 2 * 4) & 15;
        let q = low | quarters(b, 128, e) << 4;
        groups[e / 16] * (f32::from(q) - 32.0)
    })
}
