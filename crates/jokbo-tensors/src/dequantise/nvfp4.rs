//! NVFP4: 64 floating-point numbers of 4 bits (E2M1) in 4 groups, each with a scale of 8 bits
//! (E4M3 without a sign).
//!
//! Its second scale, one for the whole tensor, is a tensor of its own in the file and is not
//! applied here.
//!
//! ```text
//! byte   0 … 3  | 4 … 35
//!        scales | group g in bytes 4 + 8 g …: lower halves, then upper halves
//! ```

use std::array;

use super::mxfp4::DOUBLED;

/// `s x`.
pub(super) fn block(b: &[u8; 36]) -> [f32; 64] {
    let groups: [f32; 4] = array::from_fn(|g| half_scale(b[g]));
    array::from_fn(|e| {
        let (group, within) = (e / 16, e % 16);
        let code = b[4 + 8 * group + within % 8] >> (within / 8 * 4) & 15;
        groups[group] * DOUBLED[usize::from(code)]
    })
}

/// Half of an E4M3 without its sign. Zero and the code of NaN are both 0.
fn half_scale(code: u8) -> f32 {
    let (exponent, fraction) = (u32::from(code >> 3 & 15), f32::from(code & 7));
    match (code, exponent) {
        (0 | 0x7f, _) => 0.0,
        (_, 0) => fraction / 1024.0,
        _ => (1.0 + fraction / 8.0) * f32::from_bits((exponent + 127 - 7) << 23) * 0.5,
    }
}
