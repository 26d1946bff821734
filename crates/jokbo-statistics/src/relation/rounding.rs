//! How far a stored floating-point number may be from the number that was meant.

/// A binary floating-point type: how many digits it keeps, and where it stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rounding {
    /// Significant binary digits, the hidden one left out.
    digits: u64,
    /// The exponent of the smallest positive number, as a binary64 stores it.
    least: u64,
}

/// What a binary64 adds to the exponent it stores.
const BIAS: u64 = 1023;

impl Rounding {
    /// IEEE 754 binary32.
    pub const F32: Self = Self { digits: 23, least: BIAS - 149 };
    /// IEEE 754 binary16.
    pub const F16: Self = Self { digits: 10, least: BIAS - 24 };
    /// bfloat16: the upper half of binary32.
    pub const BF16: Self = Self { digits: 7, least: BIAS - 133 };
    /// OCP E4M3.
    pub const F8E4M3: Self = Self { digits: 3, least: BIAS - 9 };
    /// OCP E5M2.
    pub const F8E5M2: Self = Self { digits: 2, least: BIAS - 16 };

    /// Distance between neighbouring numbers of the type at `x`, for finite `x`.
    #[inline]
    pub fn spacing(self, x: f64) -> f64 {
        let exponent = (x.to_bits() >> 52) & 0x7ff;
        f64::from_bits((exponent.max(self.least + self.digits) - self.digits) << 52)
    }

    /// Variance of the error of rounding a number near `x` to nearest, as if every error between
    /// two neighbours were equally likely: spacing squared over twelve.
    #[inline]
    pub fn variance(self, x: f64) -> f64 {
        let spacing = self.spacing(x);
        spacing * spacing / 12.0
    }

    /// The coarser type that binary32 `values` were rounded to before they were stored, when they
    /// all were; else the type itself.
    #[must_use]
    pub fn as_seen(self, values: &[f32]) -> Self {
        let all_end_in = |zeros: u32| {
            let low = (1u32 << zeros) - 1;
            values.iter().all(|x| x.to_bits() & low == 0) && values.iter().any(|x| *x != 0.0)
        };
        match self {
            Self::F32 if all_end_in(16) => Self::BF16,
            // The 13 last of 24 digits; numbers below its normal range would need one more look.
            Self::F32 if all_end_in(13) => Self::F16,
            _ => self,
        }
    }

    /// Whether the type keeps fewer digits than `other`.
    pub fn is_coarser_than(self, other: Self) -> bool {
        self.digits < other.digits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spacing_is_that_of_the_type() {
        for x in [1.0f32, 1.5, -3.0, 1e-3, 65504.0] {
            let next = f64::from(f32::from_bits(x.to_bits() + 1)) - f64::from(x);
            assert_eq!(Rounding::F32.spacing(f64::from(x)), next.abs());
        }
        assert_eq!(Rounding::BF16.spacing(1.0), 2f64.powi(-7));
        assert_eq!(Rounding::F16.spacing(-2.5), 2f64.powi(-9));
        assert_eq!(Rounding::F8E4M3.spacing(448.0), 32.0);
        assert_eq!(Rounding::F16.spacing(0.0), 2f64.powi(-24));
        assert!(Rounding::BF16.is_coarser_than(Rounding::F32));
    }

    #[test]
    fn what_was_rounded_before_it_was_stored_is_seen() {
        let bf16 = [1.5f32, -0.25, 0.0, 3.0];
        assert_eq!(Rounding::F32.as_seen(&bf16), Rounding::BF16);
        assert_eq!(Rounding::F32.as_seen(&[1.0 + 2f32.powi(-10)]), Rounding::F16);
        assert_eq!(Rounding::F32.as_seen(&[0.1]), Rounding::F32);
        assert_eq!(Rounding::F16.as_seen(&bf16), Rounding::F16);
        assert_eq!(Rounding::F32.as_seen(&[0.0]), Rounding::F32);
    }

    #[test]
    fn the_error_of_rounding_has_the_variance_that_is_said() {
        // Numbers evenly between 1 and 2 rounded to bfloat16.
        let n = 100_000;
        let square = |k: i32| {
            let x = 1.0 + f64::from(k) / f64::from(n);
            let spacing = Rounding::BF16.spacing(x);
            ((x / spacing).round() * spacing - x).powi(2)
        };
        let mean = (0..n).map(square).sum::<f64>() / f64::from(n);
        assert!((mean / Rounding::BF16.variance(1.5) - 1.0).abs() < 0.01, "{mean}");
    }
}
