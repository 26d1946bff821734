//! IQ2_S: 256 numbers as 32 places in a grid of eights, every sign stored, and 16 scales of 4 bits.
//!
//! ```text
//! byte   0  1 | 2 … 33       | 34 … 65     | 66 … 73              | 74 … 81
//!        d    | place, low 8 | a sign byte | pair: place, upper 2 | half g: scale of the 16
//!             | bits         | for each    | bits                 | elements from 16 g on
//! ```

use std::array;

use super::grid::{IQ2_S, eights, signed};
use super::scale;

/// `d (s + 1/2) / 4 · grid · sign`.
pub(super) fn block(b: &[u8; 82]) -> [f32; 256] {
    let d = scale(b, 0);
    eights(|n| {
        let high = b[66 + n / 4] >> (n % 4 * 2) & 3;
        let place = usize::from(b[2 + n]) | usize::from(high) << 8;
        let s = b[74 + n / 4] >> (n / 2 % 2 * 4) & 15;
        let scaled = d * (0.5 + f32::from(s)) * 0.25;
        array::from_fn(|k| signed(scaled * IQ2_S.at(place, k), b[34 + n], k))
    })
}
