//! Stored elements as numbers, and numbers as the nearest a stored type can hold.
//!
//! References: IEEE 754-2019 section 3.4 for F16, F32 and F64; BF16 is the upper half of an F32;
//! Micikevicius et al., *FP8 Formats for Deep Learning*, arXiv:2209.05433, table 1, for the F8
//! types. `F8_E4M3` is the variant without infinities whose only NaN is `S.1111.111`.

pub(crate) use jokbo_statistics::stored::f16;
use jokbo_statistics::stored::{Kind, bf16, f8_e4m3, f8_e5m2};

use crate::Dtype;
use crate::dequantise::dequantise;

/// The type as one whose elements are compared where they lie, without being decoded into memory first.
pub fn stored_kind(dtype: Dtype) -> Option<Kind> {
    match dtype {
        Dtype::F16 => Some(Kind::F16),
        Dtype::BF16 => Some(Kind::Bf16),
        Dtype::F8E4M3 => Some(Kind::F8E4M3),
        Dtype::F8E5M2 => Some(Kind::F8E5M2),
        _ => None,
    }
}

/// Elements that pass through `f32` on their way to `f64` at once: 4 KB.
const BLOCK: usize = 1024;

/// The elements of `bytes` as `f32`, in place of what `out` held.
///
/// `bytes` holds `n` little-endian elements of `dtype`, shape `[n]`; so does `out` afterwards.
/// F32, F16, BF16 and the F8 types are exact, and a NaN stays a NaN (its payload may change).
/// F64 is rounded to the nearest `f32`, ties to even, and overflows to infinity: for a comparison
/// that must not round, see [`decode_f64`]. Integers become the nearest `f32` by value, and a
/// boolean 0 or 1; these are read for display and for recognising masks, never as weights.
///
/// Blocks of the quantised types become what the reference of their format says, bit for bit; a
/// block has several elements, and `bytes` holds whole blocks.
///
/// A length that is not a multiple of the block's size is a bug of the caller; the bytes left over
/// are not read.
///
/// Cost: one pass, `O(n)`; `out` is grown once.
pub fn decode(dtype: Dtype, bytes: &[u8], out: &mut Vec<f32>) {
    debug_assert!(is_whole(dtype, bytes), "a part of a block of {dtype}");
    out.clear();
    match dtype {
        Dtype::F64 => fill(out, bytes, |b| nearest(f64::from_le_bytes(b))),
        Dtype::F32 => fill(out, bytes, f32::from_le_bytes),
        Dtype::F16 => fill(out, bytes, f16),
        Dtype::BF16 => fill(out, bytes, bf16),
        Dtype::F8E4M3 => fill(out, bytes, f8_e4m3),
        Dtype::F8E5M2 => fill(out, bytes, f8_e5m2),
        Dtype::I64 => fill(out, bytes, |b| nearest(whole(i64::from_le_bytes(b)))),
        Dtype::I32 => fill(out, bytes, |b| nearest(i32::from_le_bytes(b).into())),
        Dtype::I16 => fill(out, bytes, |b| i16::from_le_bytes(b).into()),
        Dtype::I8 => fill(out, bytes, |b| i8::from_le_bytes(b).into()),
        Dtype::U64 => fill(out, bytes, |b| nearest(natural(u64::from_le_bytes(b)))),
        Dtype::U32 => fill(out, bytes, |b| nearest(u32::from_le_bytes(b).into())),
        Dtype::U16 => fill(out, bytes, |b| u16::from_le_bytes(b).into()),
        Dtype::U8 => fill(out, bytes, |[b]| f32::from(b)),
        Dtype::Bool => fill(out, bytes, |[b]| f32::from(u8::from(b != 0))),
        _ => dequantise(dtype, bytes, out),
    }
}

/// The elements of `bytes` as `f64`, in place of what `out` held: exact for every floating-point
/// type, F64 included, and for integers up to 2^53.
///
/// Shapes and lengths as in [`decode`]. Two tensors of different types hold the same numbers when
/// and only when this function gives equal values for both.
///
/// Cost: one pass, `O(n)`; `out` is grown once.
pub fn decode_f64(dtype: Dtype, bytes: &[u8], out: &mut Vec<f64>) {
    debug_assert!(is_whole(dtype, bytes), "a part of a block of {dtype}");
    out.clear();
    match dtype {
        Dtype::F64 => fill(out, bytes, f64::from_le_bytes),
        Dtype::I64 => fill(out, bytes, |b| whole(i64::from_le_bytes(b))),
        Dtype::I32 => fill(out, bytes, |b| i32::from_le_bytes(b).into()),
        Dtype::U64 => fill(out, bytes, |b| natural(u64::from_le_bytes(b))),
        Dtype::U32 => fill(out, bytes, |b| u32::from_le_bytes(b).into()),
        _ => {
            let size = usize::try_from(dtype.block_bytes()).expect("a block has at most 292 bytes");
            let each = usize::try_from(dtype.block_elements()).expect("a block has at most 256");
            let mut block = Vec::new();
            out.reserve(bytes.len() / size * each);
            for part in bytes.chunks(size * (BLOCK / each)) {
                decode(dtype, part, &mut block);
                out.extend(block.iter().copied().map(f64::from));
            }
        }
    }
}

/// The number nearest to `value` that `dtype` can hold, ties to even, as `f64`.
///
/// It answers whether A is the rounding of B to the type of A. The sign of zero and infinities
/// are kept, and a NaN stays a NaN. A value too large for F16, BF16, F32 or `F8_E5M2` becomes
/// infinite, as IEEE 754 rounds; `F8_E4M3` has no infinity and converters disagree (some saturate
/// at 448, some write NaN), so there it is `None`. Also `None` for integers and booleans, to which
/// weights are never rounded without a scale.
///
/// Cost: `O(1)`, no branch on the magnitude.
#[inline]
pub fn encode_rounded(dtype: Dtype, value: f64) -> Option<f64> {
    // Significant bits, exponent of the smallest normal number, largest number, has infinities.
    let (significant, least, largest, infinite) = match dtype {
        Dtype::F64 => return Some(value),
        Dtype::F32 => (24, -126, f64::from(f32::MAX), true),
        Dtype::BF16 => (8, -126, f64::from(f32::from_bits(0x7f7f_0000)), true),
        Dtype::F16 => (11, -14, 65504.0, true),
        Dtype::F8E5M2 => (3, -14, 57344.0, true),
        Dtype::F8E4M3 => (4, -6, 448.0, false),
        _ => return None,
    };
    if !value.is_finite() {
        return (infinite || value.is_nan()).then_some(value);
    }
    let exponent = ((value.to_bits() >> 52) & 0x7ff).cast_signed() - 1023;
    let step = exponent.max(least) - (significant - 1);
    // Adding 1.5 * 2^52 leaves no bits below one: the sum is rounded to a whole number of steps.
    let shift = 1.5 * power_of_two(52);
    let steps = (value * power_of_two(-step) + shift) - shift;
    let rounded = (steps * power_of_two(step)).copysign(value);
    if rounded.abs() <= largest {
        Some(rounded)
    } else {
        infinite.then_some(f64::INFINITY.copysign(value))
    }
}

/// 2 to the `exponent`, for a normal result: `exponent` in `-1022 ..= 1023`.
fn power_of_two(exponent: i64) -> f64 {
    f64::from_bits((exponent + 1023).cast_unsigned() << 52)
}

fn is_whole(dtype: Dtype, bytes: &[u8]) -> bool {
    u64::try_from(bytes.len()).is_ok_and(|n| n.is_multiple_of(dtype.block_bytes()))
}

/// Appends every element of `N` bytes as `read` sees it. Compiles to vector code.
fn fill<const N: usize, T>(out: &mut Vec<T>, bytes: &[u8], read: impl Fn([u8; N]) -> T) {
    let (elements, _) = bytes.as_chunks::<N>();
    out.extend(elements.iter().map(|&element| read(element)));
}

#[allow(clippy::cast_possible_truncation, reason = "rounding to the nearest is what is meant")]
pub(crate) fn nearest(value: f64) -> f32 {
    value as f32
}

#[allow(clippy::cast_precision_loss, reason = "rounding to the nearest is what is meant")]
pub(crate) fn whole(value: i64) -> f64 {
    value as f64
}

#[allow(clippy::cast_precision_loss, reason = "rounding to the nearest is what is meant")]
pub(crate) fn natural(value: u64) -> f64 {
    value as f64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decoded(dtype: Dtype, bytes: &[u8]) -> Vec<f32> {
        let mut out = vec![7.0; 3];
        decode(dtype, bytes, &mut out);
        out
    }

    fn decoded_f64(dtype: Dtype, bytes: &[u8]) -> Vec<f64> {
        let mut out = vec![7.0; 3];
        decode_f64(dtype, bytes, &mut out);
        out
    }

    fn golden(name: &str) -> String {
        let path = format!("{}/../../data/golden/{name}", env!("CARGO_MANIFEST_DIR"));
        std::fs::read_to_string(path).unwrap()
    }

    /// The bits, with one pattern for every NaN.
    fn canonical(value: f32) -> u32 {
        if value.is_nan() { 0x7fc0_0000 } else { value.to_bits() }
    }

    /// Every code of a type of one or two bytes, in order.
    fn all_codes(dtype: Dtype) -> Vec<u8> {
        match dtype.block_bytes() {
            1 => (0..=u8::MAX).collect(),
            _ => (0..=u16::MAX).flat_map(u16::to_le_bytes).collect(),
        }
    }

    #[test]
    fn every_code_of_the_short_types_has_its_golden_value() {
        let table = golden("decode_checksums.tsv");
        let mut rows = 0;
        for line in table.lines().skip(1) {
            let cells: Vec<&str> = line.split('\t').collect();
            let dtype = *Dtype::ALL.iter().find(|d| d.to_string() == cells[0]).unwrap();
            let mut state = 0xcbf2_9ce4_8422_2325_u64;
            for value in decoded(dtype, &all_codes(dtype)) {
                for byte in canonical(value).to_le_bytes() {
                    state = (state ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
                }
            }
            assert_eq!(format!("{state:016x}"), cells[1], "{dtype}");
            rows += 1;
        }
        assert_eq!(rows, 4);
    }

    #[test]
    fn the_f8_tables_are_the_golden_ones() {
        let table = golden("decode_f8.tsv");
        for (code, line) in (0..=u8::MAX).zip(table.lines().skip(1)) {
            let bits = [f8_e4m3([code]), f8_e5m2([code])].map(|x| format!("{:08x}", canonical(x)));
            assert_eq!(format!("{code:02x}\t{}\t{}", bits[0], bits[1]), line);
        }
        assert_eq!(table.lines().count(), 257);
    }

    #[test]
    fn every_type_has_a_decoder_and_replaces_what_was_there() {
        for dtype in Dtype::ALL {
            assert!(decoded(dtype, &[]).is_empty(), "{dtype}");
            let bytes = vec![0; usize::try_from(24 * dtype.block_bytes()).unwrap()];
            let n = 24 * dtype.block_elements();
            assert_eq!(decoded(dtype, &bytes).len() as u64, n, "{dtype}");
            assert_eq!(decoded_f64(dtype, &bytes).len() as u64, n, "{dtype}");
        }
    }

    #[test]
    fn both_decoders_agree_across_block_edges() {
        for dtype in [Dtype::F16, Dtype::BF16, Dtype::F8E4M3, Dtype::F8E5M2] {
            let codes = all_codes(dtype);
            let short: Vec<u32> = decoded(dtype, &codes).into_iter().map(canonical).collect();
            let long = decoded_f64(dtype, &codes).into_iter();
            assert_eq!(short, long.map(|v| canonical(nearest(v))).collect::<Vec<_>>(), "{dtype}");
        }
    }

    #[test]
    fn integers_are_read_by_value() {
        assert_eq!(decoded(Dtype::I64, &(-3_i64).to_le_bytes()), [-3.0]);
        assert_eq!(decoded(Dtype::I32, &i32::MIN.to_le_bytes()), [-2_147_483_648.0]);
        assert_eq!(decoded(Dtype::I16, &(-300_i16).to_le_bytes()), [-300.0]);
        assert_eq!(decoded(Dtype::I8, &[0xff, 0x7f]), [-1.0, 127.0]);
        assert_eq!(decoded(Dtype::U64, &u64::MAX.to_le_bytes()), [18_446_744_073_709_551_616.0]);
        assert_eq!(decoded(Dtype::U32, &u32::MAX.to_le_bytes()), [4_294_967_296.0]);
        assert_eq!(decoded(Dtype::U16, &u16::MAX.to_le_bytes()), [65_535.0]);
        assert_eq!(decoded(Dtype::U8, &[0xff]), [255.0]);
        assert_eq!(decoded(Dtype::Bool, &[0, 1, 2]), [0.0, 1.0, 1.0]);
        assert_eq!(decoded_f64(Dtype::U32, &u32::MAX.to_le_bytes()), [4_294_967_295.0]);
    }

    #[test]
    fn f64_rounds_to_f32_and_stays_exact_as_f64() {
        let stored = [0.1_f64, 1e300, -1e-300, f64::NAN];
        let bytes: Vec<u8> = stored.iter().flat_map(|v| v.to_le_bytes()).collect();
        let short = decoded(Dtype::F64, &bytes);
        assert_eq!(short[..3], [0.1_f32, f32::INFINITY, -0.0]);
        assert!(short[3].is_nan());
        assert_eq!(decoded_f64(Dtype::F64, &bytes)[..3], stored[..3]);
    }

    /// The next representable numbers around `value` in a type of one or two bytes.
    fn nearest_by_search(dtype: Dtype, value: f64) -> f64 {
        let held: Vec<f64> = decoded_f64(dtype, &all_codes(dtype));
        let finite = held.iter().copied().filter(|v| v.is_finite());
        finite.min_by(|x, y| (x - value).abs().total_cmp(&(y - value).abs())).unwrap()
    }

    #[test]
    fn what_a_type_holds_is_its_own_rounding() {
        for dtype in [Dtype::F16, Dtype::BF16, Dtype::F8E4M3, Dtype::F8E5M2] {
            for held in decoded_f64(dtype, &all_codes(dtype)) {
                let rounded = encode_rounded(dtype, held).unwrap();
                assert!(rounded.to_bits() == held.to_bits() || (rounded.is_nan() && held.is_nan()));
            }
        }
    }

    #[test]
    fn halves_go_to_even_and_the_too_large_overflow() {
        let cases = [
            (Dtype::F16, 1.0 + 1.0 / 2048.0, Some(1.0)),
            (Dtype::F16, 1.0 + 3.0 / 2048.0, Some(1.0 + 2.0 / 1024.0)),
            (Dtype::F16, 65519.9, Some(65504.0)),
            (Dtype::F16, -65520.0, Some(f64::NEG_INFINITY)),
            (Dtype::F8E4M3, 464.0, Some(448.0)),
            (Dtype::F8E4M3, 464.1, None),
            (Dtype::F8E4M3, f64::INFINITY, None),
            (Dtype::F8E5M2, 1e308, Some(f64::INFINITY)),
            (Dtype::BF16, 5e-324, Some(0.0)),
            (Dtype::F64, 0.1, Some(0.1)),
            (Dtype::I8, 1.0, None),
        ];
        for (dtype, value, want) in cases {
            assert_eq!(encode_rounded(dtype, value), want, "{dtype} {value}");
        }
        assert!(encode_rounded(Dtype::F16, -1e-30).unwrap().is_sign_negative());
        assert!(encode_rounded(Dtype::F8E4M3, f64::NAN).unwrap().is_nan());
    }

    proptest! {
        #[test]
        fn the_f32_rounding_is_the_processors(bits: u64) {
            let value = f64::from_bits(bits);
            let want = f64::from(nearest(value));
            let got = encode_rounded(Dtype::F32, value).unwrap();
            prop_assert!(got.to_bits() == want.to_bits() || (got.is_nan() && want.is_nan()));
        }

        #[test]
        fn f32_roundings_of_ordinary_size_are_the_processors(value in -1e39..1e39_f64, tiny: u8) {
            let value = value * power_of_two(-i64::from(tiny));
            prop_assert_eq!(encode_rounded(Dtype::F32, value), Some(f64::from(nearest(value))));
        }

        #[test]
        fn the_f16_rounding_is_that_of_the_half_crate(value in -7e4..7e4_f64, tiny in 0..40_i64) {
            // From f64 that crate rounds twice on some processors, by way of f32; from f32 once.
            let value = nearest(value * power_of_two(-tiny));
            let (want, value) = (half::f16::from_f32(value).to_f64(), f64::from(value));
            prop_assert_eq!(encode_rounded(Dtype::F16, value), Some(want));
        }

        #[test]
        fn no_code_is_nearer_than_the_rounding(value in -440.0..440.0_f64, tiny in 0..12_i64) {
            let value = value * power_of_two(-tiny);
            for dtype in [Dtype::F8E4M3, Dtype::F8E5M2] {
                let got = encode_rounded(dtype, value).unwrap();
                let best = nearest_by_search(dtype, value);
                prop_assert_eq!((got - value).abs(), (best - value).abs());
            }
        }
    }
}
