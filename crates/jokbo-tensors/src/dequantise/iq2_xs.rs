//! IQ2_XS: 256 numbers as 32 places in a grid of eights, with signs, and 16 scales of 4 bits.
//!
//! ```text
//! byte   0  1 | 2 … 65                                    | 66 … 73
//!        d    | 32 × 16 bits: place in 9, signs in the    | half g: scale of the 16
//!             | upper 7                                   | elements from 16 g on
//! ```

use std::array;

use super::grid::{IQ2_XS, eights, even_signs, signed};
use super::{scale, u16_at};

/// `d (s + 1/2) / 4 · grid · sign`.
pub(super) fn block(b: &[u8; 74]) -> [f32; 256] {
    let d = scale(b, 0);
    eights(|n| {
        let code = u16_at(b, 2 + 2 * n);
        let s = b[66 + n / 4] >> (n / 2 % 2 * 4) & 15;
        let scaled = d * (0.5 + f32::from(s)) * 0.25;
        let (place, signs) = (usize::from(code & 511), even_signs(u32::from(code >> 9)));
        array::from_fn(|k| signed(scaled * IQ2_XS.at(place, k), signs, k))
    })
}
