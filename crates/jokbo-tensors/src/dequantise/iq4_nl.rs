//! IQ4_NL: 32 codes of 4 bits for unevenly spaced numbers, and one scale.
//!
//! ```text
//! byte   0  1 | 2 … 17
//!        d    | code j in the lower half of byte j, code 16 + j in the upper
//! ```

use super::{halves, scale};

/// What the codes stand for. Source: `kvalues_iq4nl` in ggml's `ggml-common.h`.
pub(super) const LEVELS: [f32; 16] = [
    -127.0, -104.0, -83.0, -65.0, -49.0, -35.0, -22.0, -10.0, 1.0, 13.0, 25.0, 38.0, 53.0, 69.0,
    89.0, 113.0,
];

/// `d level`.
pub(super) fn block(b: &[u8; 18]) -> [f32; 32] {
    let d = scale(b, 0);
    halves(b, 2).map(|q| d * LEVELS[usize::from(q)])
}
