//! Floating-point numbers as checkpoints store them, read a run at a time.
//!
//! References: BF16 is the upper half of an IEEE 754 binary32; F16 is binary16 (IEEE 754-2019, section
//! 3.4); Micikevicius et al., *FP8 Formats for Deep Learning*, arXiv:2209.05433, table 1, for the F8 types.

/// Elements of a run, at most: as many as fit, as numbers, into the cache nearest to the processor.
pub const RUN: usize = 1024;

/// Numbers that are added side by side.
pub const LANES: usize = 16;

/// Elements of a run that are taken together: as many as hold two numbers for every lane.
pub const GROUP: usize = 2 * LANES;

/// A type of element that [`PairSums`](crate::pass::PairSums) can read where it lies. The product of any two is
/// exact in `f32`, unless it is below the least normal `f32`.
///
/// What is hot in it must be `#[inline(always)]`, or it is not compiled for the widest instructions.
pub trait Stored {
    /// One element as it lies in a file.
    type Code: Copy + Sync;

    /// What is made of a code before it is added; its default is 0.
    type Ready: Copy + Default;

    /// The number, exactly.
    fn number(code: Self::Code) -> f64;

    /// Whether two elements are the same stored value, NaN included, zeros told apart.
    fn same(a: Self::Code, b: Self::Code) -> bool;

    /// A run made ready, in `room` where it has to be changed: by a loop that does nothing else, so that
    /// the compiler changes many at a time.
    fn ready<'a>(codes: &'a [Self::Code], room: &'a mut [Self::Ready; RUN]) -> &'a [Self::Ready];

    /// The numbers of a group, in an order that is the same for all elements of the type.
    fn numbers(group: &[Self::Ready; GROUP]) -> [[f32; LANES]; 2];
}

/// The types that are read where they lie. Others are decoded into memory first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// [`F16`].
    F16,
    /// [`Bf16`].
    Bf16,
    /// [`F8E4M3`].
    F8E4M3,
    /// [`F8E5M2`].
    F8E5M2,
}

impl Kind {
    /// How many of the elements in `bytes` are NaN, and how many infinite. One pass, `O(n)`; bytes that are
    /// no whole element at the end are not read.
    pub fn not_finite(self, bytes: &[u8]) -> (u64, u64) {
        match self {
            Kind::F16 => odd(bytes, u16::from_le_bytes, 0x7c00, 0x7fff),
            Kind::Bf16 => odd(bytes, u16::from_le_bytes, 0x7f80, 0x7fff),
            Kind::F8E4M3 => {
                // The one NaN has no infinity beside it.
                let (nan, highest) = odd(bytes, u8::from_le_bytes, 0x7f, 0x7f);
                (nan + highest, 0)
            }
            Kind::F8E5M2 => odd(bytes, u8::from_le_bytes, 0x7c, 0x7f),
        }
    }
}

/// NaN and infinities among codes that are either where all bits of `exponent` are ones, and infinite
/// where no other bit of `magnitude` is.
fn odd<const N: usize, C>(
    bytes: &[u8],
    code: fn([u8; N]) -> C,
    exponent: C,
    magnitude: C,
) -> (u64, u64)
where
    C: Copy + PartialEq + std::ops::BitAnd<Output = C>,
{
    let codes = bytes.as_chunks::<N>().0;
    let is_odd = |&bytes: &[u8; N]| code(bytes) & exponent == exponent;
    // A loop that only counts is done many elements at a time, and nearly always finds none.
    let found = |codes: &[[u8; N]]| codes.iter().map(|code| u16::from(is_odd(code))).sum::<u16>();
    let odd = codes.chunks(1024).filter(|codes| found(codes) != 0).flatten().filter(|c| is_odd(c));
    odd.fold((0, 0), |(nan, infinite), &bytes| match code(bytes) & magnitude == exponent {
        true => (nan, infinite + 1),
        false => (nan + 1, infinite),
    })
}

/// BF16 in two bytes, little-endian.
#[derive(Debug, Clone, Copy)]
pub struct Bf16;

impl Stored for Bf16 {
    type Code = [u8; 2];
    type Ready = [u8; 2];
    #[inline(always)]
    fn number(code: [u8; 2]) -> f64 {
        bf16(code).into()
    }

    #[inline(always)]
    fn same(a: [u8; 2], b: [u8; 2]) -> bool {
        u16::from_le_bytes(a) == u16::from_le_bytes(b)
    }

    #[inline(always)]
    fn ready<'a>(codes: &'a [[u8; 2]], _: &'a mut [[u8; 2]; RUN]) -> &'a [[u8; 2]] {
        codes
    }

    /// Two elements lie in four bytes, and either is an F32 once the other's bits are gone: no element has
    /// to be moved to a place of its own first. A fifth faster than one by one.
    #[inline(always)]
    fn numbers(group: &[[u8; 2]; GROUP]) -> [[f32; LANES]; 2] {
        let mut numbers = [[0.0; LANES]; 2];
        for (k, pair) in group.as_flattened().as_chunks::<4>().0.iter().enumerate().take(LANES) {
            let bits = u32::from_le_bytes(*pair);
            numbers[0][k] = f32::from_bits(bits << 16);
            numbers[1][k] = f32::from_bits(bits & 0xffff_0000);
        }
        numbers
    }
}

/// A type of `$bytes` bytes, little-endian, whose numbers are made by `$number`, an F32 each.
macro_rules! decoded {
    ($($doc:literal $name:ident: [u8; $bytes:literal] by $number:ident as $whole:ident;)+) => {$(
        #[doc = $doc]
        #[derive(Debug, Clone, Copy)]
        pub struct $name;

        impl Stored for $name {
            type Code = [u8; $bytes];
            type Ready = f32;
            #[inline(always)]
            fn number(code: Self::Code) -> f64 {
                $number(code).into()
            }

            #[inline(always)]
            fn same(a: Self::Code, b: Self::Code) -> bool {
                $whole::from_le_bytes(a) == $whole::from_le_bytes(b)
            }

            #[inline(always)]
            fn ready<'a>(codes: &'a [Self::Code], room: &'a mut [f32; RUN]) -> &'a [f32] {
                for (number, &code) in room.iter_mut().zip(codes) {
                    *number = $number(code);
                }
                &room[..codes.len()]
            }

            #[inline(always)]
            fn numbers(group: &[f32; GROUP]) -> [[f32; LANES]; 2] {
                let (first, second) = group.split_at(LANES);
                let mut numbers = [[0.0; LANES]; 2];
                numbers[0].copy_from_slice(first);
                numbers[1].copy_from_slice(second);
                numbers
            }
        }
    )+};
}

decoded! {
    "F16 in two bytes, little-endian." F16: [u8; 2] by f16 as u16;
    "`F8_E4M3`." F8E4M3: [u8; 1] by f8_e4m3 as u8;
    "`F8_E5M2`." F8E5M2: [u8; 1] by f8_e5m2 as u8;
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
    let magnitude = in_place::<5, true>((code & 0x7fff) << 13);
    f32::from_bits(magnitude | (code & 0x8000) << 16)
}

/// An `F8_E4M3`: no infinity, and the only NaN is `S.1111.111`.
#[inline(always)]
pub const fn f8_e4m3([byte]: [u8; 1]) -> f32 {
    let code = byte as u32;
    let nan = (((code & 0x7f) + 1) >> 7).wrapping_neg() & f32::NAN.to_bits();
    f32::from_bits(in_place::<4, false>((code & 0x7f) << 20) | nan | (code & 0x80) << 24)
}

/// An `F8_E5M2`, the upper half of an F16.
#[inline(always)]
pub const fn f8_e5m2([byte]: [u8; 1]) -> f32 {
    f16([0, byte])
}

/// The bits of the F32 whose exponent, of `BITS` bits, and fraction lie in place; `IEEE` says that an
/// exponent of ones is no number's.
///
/// A subnormal is made by a subtraction of normal numbers: the shorter way, a multiplication, needs the
/// processor's subnormal arithmetic and was measured ten times slower on small weights. Nothing is
/// chosen and all is reckoned, so that the compiler does many at a time.
#[inline(always)]
const fn in_place<const BITS: u32, const IEEE: bool>(shifted: u32) -> u32 {
    let (exponent, short) = (shifted >> 23, 128 - (1 << (BITS - 1)));
    let is_normal = (exponent + (1 << BITS) - 1) >> BITS;
    let is_special = if IEEE { (exponent + 1) >> BITS } else { 0 };
    let more = short + 1 - is_normal + (short & is_special.wrapping_neg());
    let surplus = (short + 1) << 23 & is_normal.wrapping_sub(1);
    (f32::from_bits(shifted + (more << 23)) - f32::from_bits(surplus)).to_bits()
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
        fn of<S: Stored<Code = [u8; N]>, const N: usize>(kind: Kind, bytes: &[u8]) {
            let count = |test: fn(f64) -> bool| {
                bytes.as_chunks().0.iter().filter(|&&code| test(S::number(code))).count() as u64
            };
            let want = (count(f64::is_nan), count(f64::is_infinite));
            assert_eq!(kind.not_finite(bytes), want, "{kind:?}");
        }
        let all: Vec<u8> = (0..=u16::MAX).flat_map(u16::to_le_bytes).collect();
        of::<F16, 2>(Kind::F16, &all);
        of::<Bf16, 2>(Kind::Bf16, &all);
        of::<F8E4M3, 1>(Kind::F8E4M3, &all);
        of::<F8E5M2, 1>(Kind::F8E5M2, &all);
        assert_eq!(Kind::Bf16.not_finite(&all[..2]), (0, 0));
    }

    #[test]
    fn the_numbers_of_a_group_are_those_of_its_elements() {
        fn of<S: Stored<Code = [u8; N]>, const N: usize>() {
            let byte = |k: usize, at: usize| (37 * k + 11 * at + 5) as u8;
            let codes: Vec<[u8; N]> =
                (0..GROUP).map(|k| std::array::from_fn(|at| byte(k, at))).collect();
            let mut room = [S::Ready::default(); RUN];
            let group = *S::ready(&codes, &mut room).as_array().unwrap();
            let together = S::numbers(&group).concat().into_iter().map(f64::from).collect();
            let one_by_one = codes.iter().map(|&code| S::number(code)).collect();
            assert_eq!(sorted(together), sorted(one_by_one));
        }
        /// How many are no number, and the bits of the others: widening need not keep those of a NaN.
        fn sorted(mut numbers: Vec<f64>) -> (usize, Vec<u64>) {
            let all = numbers.len();
            numbers.retain(|x| !x.is_nan());
            numbers.sort_by(f64::total_cmp);
            (all - numbers.len(), numbers.into_iter().map(f64::to_bits).collect())
        }
        of::<Bf16, 2>();
        of::<F16, 2>();
        of::<F8E4M3, 1>();
        of::<F8E5M2, 1>();
    }
}
