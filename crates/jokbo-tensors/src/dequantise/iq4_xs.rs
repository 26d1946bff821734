//! IQ4_XS: 256 codes of 4 bits in 8 groups, each with a scale of 6 bits around zero.
//!
//! ```text
//! byte   0  1 | 2  3                      | 4 … 7                   | 8 … 135
//!        d    | pair g: upper 2 bits of g | half g: lower 4 bits    | groups, as IQ4_NL
//! ```

use std::array;

use super::iq4_nl::LEVELS;
use super::{scale, u16_at};

/// `(d (s - 32)) level`.
pub(super) fn block(b: &[u8; 136]) -> [f32; 256] {
    let (d, high) = (scale(b, 0), u16_at(b, 2));
    let groups: [f32; 8] = array::from_fn(|g| {
        let low = u16::from(b[4 + g / 2] >> (g % 2 * 4) & 15);
        d * (f32::from(low | (high >> (2 * g) & 3) << 4) - 32.0)
    });
    array::from_fn(|e| {
        let (group, within) = (e / 32, e % 32);
        let code = b[8 + 16 * group + within % 16] >> (within / 16 * 4) & 15;
        groups[group] * LEVELS[usize::from(code)]
    })
}
