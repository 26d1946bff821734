//! Q1_0: 128 signs and one scale.
//!
//! ```text
//! byte   0  1 | 2 … 17
//!        d    | bit e: element e is d, not -d
//! ```

use std::array;

use super::{bit, scale};

/// `d` or `-d`.
pub(super) fn block(b: &[u8; 18]) -> [f32; 128] {
    let d = scale(b, 0);
    array::from_fn(|e| if bit(b, 2, e) == 1 { d } else { -d })
}
