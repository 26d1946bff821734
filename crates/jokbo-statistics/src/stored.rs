//! Floating-point numbers as checkpoints store them, read sixteen at a time.
//!
//! References: BF16 is the upper half of an IEEE 754 binary32; F16 is binary16 (IEEE 754-2019, section
//! 3.4); Micikevicius et al., *FP8 Formats for Deep Learning*, arXiv:2209.05433, table 1, for the F8 types.

/// Elements that are read together.
pub const GROUP: usize = 16;

/// A type of element that [`PairSums`](crate::pass::PairSums) can read where it lies.
///
/// What is hot in it must be `#[inline(always)]`, or it is not compiled for the widest instructions.
pub trait Stored {
    /// One element as it lies in memory or in a file.
    type Code: Copy + Sync;

    /// Whether every number fits 24 significant bits, so that the product of two is exact in `f64`.
    const IS_SHORT: bool;

    /// The number, exactly.
    fn number(code: Self::Code) -> f64;

    /// Whether two elements are the same stored value, NaN included, zeros told apart.
    fn same(a: Self::Code, b: Self::Code) -> bool;

    /// Sixteen numbers as two times eight, in an order that is the same for all elements of the type.
    #[inline(always)]
    fn halves(codes: &[Self::Code; GROUP]) -> [[f64; 8]; 2] {
        let mut halves = [[0.0; 8]; 2];
        for (half, codes) in halves.iter_mut().zip(codes.as_chunks::<8>().0) {
            for k in 0..8 {
                half[k] = Self::number(codes[k]);
            }
        }
        halves
    }
}

impl Stored for f32 {
    type Code = f32;
    const IS_SHORT: bool = true;

    #[inline(always)]
    fn number(code: f32) -> f64 {
        code.into()
    }

    #[inline(always)]
    fn same(a: f32, b: f32) -> bool {
        a.to_bits() == b.to_bits()
    }
}

impl Stored for f64 {
    type Code = f64;
    const IS_SHORT: bool = false;

    #[inline(always)]
    fn number(code: f64) -> f64 {
        code
    }

    #[inline(always)]
    fn same(a: f64, b: f64) -> bool {
        a.to_bits() == b.to_bits()
    }
}

/// The types that are read where they lie. Others are quicker when they are decoded into memory first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// [`F16`].
    F16,
    /// [`Bf16`].
    Bf16,
}

impl Kind {
    /// The bits of a code that are all ones where it is NaN or infinite, and only there.
    fn exponent(self) -> u16 {
        match self {
            Kind::F16 => 0x7c00,
            Kind::Bf16 => 0x7f80,
        }
    }

    /// How many of the elements in `bytes` are NaN, and how many infinite. One pass, `O(n)`; bytes that are
    /// no whole element at the end are not read.
    pub fn not_finite(self, bytes: &[u8]) -> (u64, u64) {
        let (exponent, codes) = (self.exponent(), bytes.as_chunks::<2>().0);
        let is_odd = |code: [u8; 2]| u16::from_le_bytes(code) & exponent == exponent;
        // A loop that only counts is done many elements at a time, and nearly always finds none.
        let found =
            |codes: &[[u8; 2]]| codes.iter().map(|&code| u16::from(is_odd(code))).sum::<u16>();
        let odd = codes.chunks(1024).filter(|codes| found(codes) != 0).flatten();
        let odd = odd
            .map(|&code| u16::from_le_bytes(code) & 0x7fff)
            .filter(|code| code & exponent == exponent);
        odd.fold((0, 0), |(nan, infinite), code| match code == exponent {
            true => (nan, infinite + 1),
            false => (nan + 1, infinite),
        })
    }
}

/// BF16 in two bytes, little-endian.
#[derive(Debug, Clone, Copy)]
pub struct Bf16;

impl Stored for Bf16 {
    type Code = [u8; 2];
    const IS_SHORT: bool = true;

    #[inline(always)]
    fn number(code: [u8; 2]) -> f64 {
        bf16(code).into()
    }

    #[inline(always)]
    fn same(a: [u8; 2], b: [u8; 2]) -> bool {
        u16::from_le_bytes(a) == u16::from_le_bytes(b)
    }

    /// Two elements lie in four bytes, and either is an F32 once the other's bits are gone: no element has
    /// to be moved to a place of its own first. A fifth faster than one by one.
    #[inline(always)]
    fn halves(codes: &[[u8; 2]; GROUP]) -> [[f64; 8]; 2] {
        let mut halves = [[0.0; 8]; 2];
        for (k, pair) in codes.as_flattened().as_chunks::<4>().0.iter().enumerate().take(8) {
            let bits = u32::from_le_bytes(*pair);
            halves[0][k] = f32::from_bits(bits << 16).into();
            halves[1][k] = f32::from_bits(bits & 0xffff_0000).into();
        }
        halves
    }
}

/// F16 in two bytes, little-endian.
#[derive(Debug, Clone, Copy)]
pub struct F16;

impl Stored for F16 {
    type Code = [u8; 2];
    const IS_SHORT: bool = true;

    #[inline(always)]
    fn number(code: [u8; 2]) -> f64 {
        f16(code).into()
    }

    #[inline(always)]
    fn same(a: [u8; 2], b: [u8; 2]) -> bool {
        u16::from_le_bytes(a) == u16::from_le_bytes(b)
    }
}

/// A BF16 is the upper half of an F32.
#[inline(always)]
pub const fn bf16(bytes: [u8; 2]) -> f32 {
    f32::from_bits((u16::from_le_bytes(bytes) as u32) << 16)
}

/// An F16; a NaN keeps its sign and payload.
#[inline(always)]
pub const fn f16(bytes: [u8; 2]) -> f32 {
    let code = u16::from_le_bytes(bytes) as u32;
    let magnitude = widened((code & 0x7fff) << 13, 127 - 15);
    let special = (code & 0x7fff) << 13 | 0x7f80_0000;
    let magnitude = if code & 0x7c00 == 0x7c00 { special } else { magnitude };
    f32::from_bits(magnitude | (code & 0x8000) << 16)
}

/// An `F8_E4M3`: no infinity, and the only NaN is `S.1111.111`.
#[inline(always)]
pub const fn f8_e4m3([byte]: [u8; 1]) -> f32 {
    let code = byte as u32;
    let magnitude = widened((code & 0x7f) << 20, 127 - 7);
    let magnitude = if code & 0x7f == 0x7f { f32::NAN.to_bits() } else { magnitude };
    f32::from_bits(magnitude | (code & 0x80) << 24)
}

/// An `F8_E5M2`, the upper half of an F16.
#[inline(always)]
pub const fn f8_e5m2([byte]: [u8; 1]) -> f32 {
    f16([0, byte])
}

/// The bits of the F32 whose exponent and fraction lie in place, the exponent too small by `short`.
///
/// Subnormals are made by a subtraction of normal numbers: the shorter way, a multiplication, needs the
/// processor's subnormal arithmetic and was measured ten times slower on small weights.
#[inline(always)]
const fn widened(shifted: u32, short: u32) -> u32 {
    let smallest_normal = (short + 1) << 23;
    let subnormal = f32::from_bits(shifted + smallest_normal) - f32::from_bits(smallest_normal);
    if shifted < 1 << 23 { subnormal.to_bits() } else { shifted + (short << 23) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the bits say: sign, exponent of `exponent_bits`, fraction.
    fn spelled(code: u32, bits: u32, exponent_bits: u32, ieee: bool) -> f64 {
        let fraction_bits = bits - 1 - exponent_bits;
        let top = (1 << exponent_bits) - 1;
        let bias = (1 << (exponent_bits - 1)) - 1;
        let exponent = (code >> fraction_bits) & top;
        let fraction = code & ((1 << fraction_bits) - 1);
        let size = match (exponent, fraction) {
            (e, 0) if ieee && e == top => f64::INFINITY,
            (e, f) if e == top && (ieee || f == (1 << fraction_bits) - 1) => f64::NAN,
            (0, f) => f64::from(f) * 2f64.powi(1 - bias - fraction_bits as i32),
            (e, f) => {
                f64::from((1 << fraction_bits) + f)
                    * 2f64.powi(e as i32 - bias - fraction_bits as i32)
            }
        };
        if code >> (bits - 1) == 0 { size } else { -size }
    }

    #[track_caller]
    fn means_what_it_says(got: f64, want: f64, code: u32) {
        let alike = got.to_bits() == want.to_bits() || (got.is_nan() && want.is_nan());
        assert!(
            alike && got.is_sign_negative() == want.is_sign_negative(),
            "{code:#x}: {got} {want}"
        );
    }

    #[test]
    fn every_code_of_every_short_type_is_the_number_its_bits_spell() {
        for code in 0..=u16::MAX {
            let (bytes, bits) = (code.to_le_bytes(), u32::from(code));
            means_what_it_says(F16::number(bytes), spelled(bits, 16, 5, true), bits);
            means_what_it_says(Bf16::number(bytes), spelled(bits, 16, 8, true), bits);
        }
        for code in 0..=u8::MAX {
            let bits = u32::from(code);
            means_what_it_says(f8_e4m3([code]).into(), spelled(bits, 8, 4, false), bits);
            means_what_it_says(f8_e5m2([code]).into(), spelled(bits, 8, 5, true), bits);
        }
    }

    #[test]
    fn what_is_not_finite_is_counted_by_its_kind() {
        let all: Vec<u8> = (0..=u16::MAX).flat_map(u16::to_le_bytes).collect();
        let count = |number: fn([u8; 2]) -> f64, test: fn(f64) -> bool| {
            all.as_chunks().0.iter().filter(|&&code| test(number(code))).count() as u64
        };
        let want = |number| (count(number, f64::is_nan), count(number, f64::is_infinite));
        assert_eq!(Kind::F16.not_finite(&all), want(F16::number));
        assert_eq!(Kind::Bf16.not_finite(&all), want(Bf16::number));
        assert_eq!(Kind::Bf16.not_finite(&all[..2]), (0, 0));
    }

    #[test]
    fn sixteen_together_are_the_sixteen() {
        let codes: [[u8; 2]; GROUP] =
            std::array::from_fn(|k| (16_000 + 97 * k as u16).to_le_bytes());
        let sorted = |mut all: Vec<f64>| {
            all.sort_by(f64::total_cmp);
            all
        };
        let one_by_one = |number: fn([u8; 2]) -> f64| sorted(codes.map(number).to_vec());
        assert_eq!(sorted(Bf16::halves(&codes).concat()), one_by_one(Bf16::number));
        assert_eq!(sorted(F16::halves(&codes).concat()), one_by_one(F16::number));
    }
}
