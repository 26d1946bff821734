//! IQ1_S: 256 numbers as 32 places in a grid of eights out of -1, 0 and 1, all moved a little to
//! one side, and 8 scales of 3 bits.
//!
//! ```text
//! byte   0  1 | 2 … 33       | 34 … 49, 16 bits for each group of 32
//!        d    | place, low 8 | 4 × 3 bits: place, upper bits; 3 bits: scale; 1 bit: side
//!             | bits         |
//! ```

use std::array;

use super::grid::{IQ1, eights};
use super::{scale, u16_at};

/// How far the numbers are moved. Source: `IQ1S_DELTA` in ggml's `ggml-common.h`.
pub(super) const DELTA: f32 = 0.125;

/// `d (2 s + 1) (grid ± delta)`.
pub(super) fn block(b: &[u8; 50]) -> [f32; 256] {
    let d = scale(b, 0);
    eights(|n| {
        let bits = u16_at(b, 34 + n / 4 * 2);
        let scaled = d * f32::from(2 * (bits >> 12 & 7) + 1);
        let delta = if bits & 0x8000 == 0 { DELTA } else { -DELTA };
        let place = usize::from(b[2 + n]) | usize::from(bits >> (n % 4 * 3) & 7) << 8;
        array::from_fn(|k| scaled * (IQ1.at(place, k) + delta))
    })
}
