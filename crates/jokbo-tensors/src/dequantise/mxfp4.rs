//! MXFP4: 32 floating-point numbers of 4 bits (E2M1) and one power of two (E8M0).
//!
//! Reference: OCP Microscaling Formats (MX) Specification, version 1.0, sections 5.3.3 and 5.4.1.
//! Code 255 of the scale, a NaN there, is read as a power of two like the others, as ggml does.
//!
//! ```text
//! byte   0 | 1 … 16
//!        e | element j in the lower half of byte j, element 16 + j in the upper
//! ```

use super::halves;

/// Twice the value of every code of E2M1.
pub(super) const DOUBLED: [f32; 16] =
    [0.0, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 0.0, -1.0, -2.0, -3.0, -4.0, -6.0, -8.0, -12.0];

/// `2^(e - 127) x`.
pub(super) fn block(b: &[u8; 17]) -> [f32; 32] {
    let d = half_power(b[0]);
    halves(b, 1).map(|q| d * DOUBLED[usize::from(q)])
}

/// `2^(e - 128)`, which is below the normal numbers for the first two codes.
fn half_power(e: u8) -> f32 {
    f32::from_bits(match e {
        0 | 1 => 0x0020_0000 << e,
        _ => u32::from(e - 1) << 23,
    })
}
