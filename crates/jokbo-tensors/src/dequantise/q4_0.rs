//! Q4_0: 32 numbers of 4 bits around zero, and one scale.
//!
//! ```text
//! byte   0  1 | 2 … 17
//!        d    | element j in the lower half of byte j, element 16 + j in the upper
//! ```

use super::{halves, scale};

/// `d (q - 8)`.
pub(super) fn block(b: &[u8; 18]) -> [f32; 32] {
    let d = scale(b, 0);
    halves(b, 2).map(|q| d * (f32::from(q) - 8.0))
}
