//! IQ1_M: 256 numbers as 32 places in a grid of eights out of -1, 0 and 1, each eight moved a
//! little to one side, and 16 scales of 3 bits.
//!
//! ```text
//! byte   0 … 31       | 32 … 47                       | 48 … 55, 4 × 16 bits
//!        place, low 8 | half: place, upper 3 bits,    | 4 × 3 bits: scale of 16 elements
//!        bits         | and side                      | top 4 bits: a quarter of d, lowest first
//! ```

use std::array;

use super::grid::{IQ1, eights};
use super::iq1_s::DELTA;
use super::u16_at;
use crate::decode::f16;

/// `d (2 s + 1) (grid ± delta)`.
pub(super) fn block(b: &[u8; 56]) -> [f32; 256] {
    let quarters: [u16; 4] = array::from_fn(|k| u16_at(b, 48 + 2 * k));
    let bits = quarters.iter().rev().fold(0, |bits: u16, quarter| bits << 4 | quarter >> 12);
    let d = f16(bits.to_le_bytes());
    eights(|n| {
        let s = quarters[n / 8] >> (n / 2 % 4 * 3) & 7;
        let scaled = d * f32::from(2 * s + 1);
        let high = b[32 + n / 2] >> (n % 2 * 4);
        let delta = if high & 8 == 0 { DELTA } else { -DELTA };
        let place = usize::from(b[n]) | usize::from(high & 7) << 8;
        array::from_fn(|k| scaled * (IQ1.at(place, k) + delta))
    })
}
