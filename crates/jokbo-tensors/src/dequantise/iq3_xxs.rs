//! IQ3_XXS: 256 numbers as 64 places in a grid of fours, with signs, and 8 scales of 4 bits.
//!
//! ```text
//! byte   0  1 | 2 … 65   | 66 … 97, four bytes for each group of 32
//!        d    | places   | 4 signs of 7 bits, lowest first, and in the top 4 bits the scale
//! ```

use std::array;

use super::grid::{IQ3_XXS, eights, even_signs, signed};
use super::iq2_xxs::nibble;
use super::{scale, u32_at};

/// `d (s + 1/2) / 2 · grid · sign`.
pub(super) fn block(b: &[u8; 98]) -> [f32; 256] {
    let d = scale(b, 0);
    eights(|n| {
        let last = u32_at(b, 66 + n / 4 * 4);
        let scaled = d * (0.5 + nibble(last)) * 0.5;
        let places = [b[2 + 2 * n], b[3 + 2 * n]].map(usize::from);
        let signs = even_signs(last >> (n % 4 * 7));
        array::from_fn(|k| signed(scaled * IQ3_XXS.at(places[k / 4], k % 4), signs, k))
    })
}
