//! Q8_0: 32 signed bytes and one scale.
//!
//! ```text
//! byte   0  1 | 2 … 33
//!        d    | q
//! ```

use std::array;

use super::scale;

/// `q d`.
pub(super) fn block(b: &[u8; 34]) -> [f32; 32] {
    let d = scale(b, 0);
    array::from_fn(|j| f32::from(b[2 + j].cast_signed()) * d)
}
