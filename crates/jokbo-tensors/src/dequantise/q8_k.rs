//! Q8_K: 256 signed bytes, one scale of 32 bits, and sums that only speed up products.
//!
//! ```text
//! byte   0 … 3 | 4 … 259 | 260 … 291
//!        d     | q       | 16 sums of 16 elements, not read
//! ```

use std::array;

/// `d q`.
pub(super) fn block(b: &[u8; 292]) -> [f32; 256] {
    let d = f32::from_le_bytes([b[0], b[1], b[2], b[3]]);
    array::from_fn(|e| d * f32::from(b[4 + e].cast_signed()))
}
