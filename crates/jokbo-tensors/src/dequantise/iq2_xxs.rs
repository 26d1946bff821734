//! IQ2_XXS: 256 numbers as 32 places in a grid of eights, with signs, and 8 scales of 4 bits.
//!
//! ```text
//! byte   0  1 | 2 … 65, eight bytes for each group of 32
//!        d    | 4 places | 4 signs of 7 bits, lowest first, and in the top 4 bits the scale
//! ```

use std::array;

use super::grid::{IQ2_XXS, eights, even_signs, signed};
use super::{scale, u32_at};

/// `d (s + 1/2) / 4 · grid · sign`.
pub(super) fn block(b: &[u8; 66]) -> [f32; 256] {
    let d = scale(b, 0);
    eights(|n| {
        let at = 2 + n / 4 * 8;
        let last = u32_at(b, at + 4);
        let scaled = d * (0.5 + nibble(last)) * 0.25;
        let (place, signs) = (usize::from(b[at + n % 4]), even_signs(last >> (n % 4 * 7)));
        array::from_fn(|k| signed(scaled * IQ2_XXS.at(place, k), signs, k))
    })
}

/// The top four bits.
pub(super) fn nibble(bits: u32) -> f32 {
    let [_, _, _, top] = bits.to_le_bytes();
    f32::from(top >> 4)
}
