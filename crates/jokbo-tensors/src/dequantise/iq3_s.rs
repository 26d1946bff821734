//! IQ3_S: 256 numbers as 64 places in a grid of fours, every sign stored, and 8 scales of 4 bits.
//!
//! ```text
//! byte   0  1 | 2 … 65       | 66 … 73          | 74 … 105    | 106 … 109
//!        d    | place, low 8 | bit: place, top  | a sign byte | half g: scale of the 32
//!             | bits         | bit              | for eight   | elements from 32 g on
//! ```

use std::array;

use super::grid::{IQ3_S, eights, signed};
use super::{bit, scale};

/// `d (1 + 2 s) · grid · sign`.
pub(super) fn block(b: &[u8; 110]) -> [f32; 256] {
    let d = scale(b, 0);
    eights(|n| {
        let s = b[106 + n / 8] >> (n / 4 % 2 * 4) & 15;
        let scaled = d * f32::from(1 + 2 * s);
        let places = [2 * n, 2 * n + 1]
            .map(|four| usize::from(b[2 + four]) | usize::from(bit(b, 66, four)) << 8);
        array::from_fn(|k| signed(scaled * IQ3_S.at(places[k / 4], k % 4), b[74 + n], k))
    })
}
