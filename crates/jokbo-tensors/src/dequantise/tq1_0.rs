//! TQ1_0: 256 numbers out of -1, 0 and 1, five to a byte, and one scale.
//!
//! A byte is the fraction `0.t₁t₂t₃t₄t₅` in base 3, rounded up to 1/256. Multiplying by 3 to the n
//! and dropping whole parts brings digit n + 1 to the front.
//!
//! ```text
//! byte   0 … 31                   | 32 … 47                   | 48 … 51              | 52 53
//!        digit n of byte j:       | digit n of byte j:        | digit n of byte j:   | d
//!        element 32 n + j, n < 5  | element 160 + 16 n + j    | element 240 + 4 n + j|
//! ```

use std::array;

use super::scale;

const POWERS: [u8; 5] = [1, 3, 9, 27, 81];

/// `d t`.
pub(super) fn block(b: &[u8; 54]) -> [f32; 256] {
    let d = scale(b, 52);
    array::from_fn(|e| {
        let (byte, n) = match e {
            0..160 => (e % 32, e / 32),
            160..240 => (32 + (e - 160) % 16, (e - 160) / 16),
            _ => (48 + (e - 240) % 4, (e - 240) / 4),
        };
        let fraction = b[byte].wrapping_mul(POWERS[n]);
        let [_, digit] = (u16::from(fraction) * 3).to_le_bytes();
        d * (f32::from(digit) - 1.0)
    })
}
