//! Q4_1: 32 numbers of 4 bits, one scale and one least value.
//!
//! ```text
//! byte   0  1 | 2  3 | 4 … 19
//!        d    | m    | element j in the lower half of byte j, element 16 + j in the upper
//! ```

use super::{halves, scale};

/// `d q + m`.
pub(super) fn block(b: &[u8; 20]) -> [f32; 32] {
    let (d, m) = (scale(b, 0), scale(b, 2));
    halves(b, 4).map(|q| d * f32::from(q) + m)
}
