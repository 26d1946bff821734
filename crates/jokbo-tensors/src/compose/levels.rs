//! What a code stands for.

use jokbo_formats::Levels;
use jokbo_statistics::stored::{f8_e4m3, f8_e5m2};

use super::bytes_of;
use crate::Checkpoint;
use crate::decode::{decode, nearest};
use crate::tensor::ReadError;

/// The values of E2M1: one bit of sign, two of exponent, one of fraction.
static E2M1: [f32; 16] =
    [0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, -0.0, -0.5, -1.0, -1.5, -2.0, -3.0, -4.0, -6.0];

/// The value of every code, where codes are not whole numbers.
pub(super) fn table(
    checkpoint: &Checkpoint,
    levels: &Levels,
) -> Result<Option<Vec<f32>>, ReadError> {
    Ok(match levels {
        Levels::Signed | Levels::Unsigned { .. } => None,
        Levels::F8E4M3 => Some(of_codes(f8_e4m3)),
        Levels::F8E5M2 => Some(of_codes(f8_e5m2)),
        Levels::E2M1 => Some(E2M1.to_vec()),
        Levels::Table(stored) => {
            let mut values = Vec::new();
            decode(stored.dtype, &bytes_of(checkpoint, stored, 0, stored.bytes)?, &mut values);
            Some(values)
        }
    })
}

/// The values of all codes of one byte.
fn of_codes(number: fn([u8; 1]) -> f32) -> Vec<f32> {
    (0..=u8::MAX).map(|code| number([code])).collect()
}

/// The whole number that a code of `bits` bits stands for.
pub(super) fn whole(levels: &Levels, bits: u8, code: u64) -> i64 {
    let code = code.cast_signed();
    match levels {
        Levels::Signed => code - ((code >> (bits - 1) & 1) << bits),
        Levels::Unsigned { less } => code - i64::from(*less),
        _ => code,
    }
}

/// The `f32` nearest to a difference of two codes: exact below 2^24.
pub(super) fn f32_of(n: i64) -> f32 {
    nearest(crate::decode::whole(n))
}
