//! The stored types of a tensor's elements, one by one or in blocks.

use std::fmt;

use crate::Scheme;

/// A stored element type.
///
/// Most types store each element by itself. The types of ggml from `Q1_0` on store blocks: a few
/// elements along the last axis share scales, and no element has bytes of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the names are the format's own")]
pub enum Dtype {
    F64,
    F32,
    F16,
    BF16,
    F8E4M3,
    F8E5M2,
    I64,
    I32,
    I16,
    I8,
    U64,
    U32,
    U16,
    U8,
    Bool,
    Q1_0,
    Q4_0,
    Q4_1,
    Q5_0,
    Q5_1,
    Q8_0,
    Q2K,
    Q3K,
    Q4K,
    Q5K,
    Q6K,
    Q8K,
    IQ1S,
    IQ1M,
    IQ2XXS,
    IQ2XS,
    IQ2S,
    IQ3XXS,
    IQ3S,
    IQ4NL,
    IQ4XS,
    TQ1_0,
    TQ2_0,
    MXFP4,
    NVFP4,
    /// Numbers made from several stored tensors, as the entry's [`Making`](crate::Making) says.
    Composed(Scheme),
}

impl Dtype {
    /// Every type that one run of bytes can have.
    pub const ALL: [Dtype; 40] = [
        Dtype::F64,
        Dtype::F32,
        Dtype::F16,
        Dtype::BF16,
        Dtype::F8E4M3,
        Dtype::F8E5M2,
        Dtype::I64,
        Dtype::I32,
        Dtype::I16,
        Dtype::I8,
        Dtype::U64,
        Dtype::U32,
        Dtype::U16,
        Dtype::U8,
        Dtype::Bool,
        Dtype::Q1_0,
        Dtype::Q4_0,
        Dtype::Q4_1,
        Dtype::Q5_0,
        Dtype::Q5_1,
        Dtype::Q8_0,
        Dtype::Q2K,
        Dtype::Q3K,
        Dtype::Q4K,
        Dtype::Q5K,
        Dtype::Q6K,
        Dtype::Q8K,
        Dtype::IQ1S,
        Dtype::IQ1M,
        Dtype::IQ2XXS,
        Dtype::IQ2XS,
        Dtype::IQ2S,
        Dtype::IQ3XXS,
        Dtype::IQ3S,
        Dtype::IQ4NL,
        Dtype::IQ4XS,
        Dtype::TQ1_0,
        Dtype::TQ2_0,
        Dtype::MXFP4,
        Dtype::NVFP4,
    ];

    /// Elements in a block, and bytes of a block. A type without blocks has blocks of one.
    ///
    /// Source of the block types: the `block_*` structures in ggml's `ggml-common.h`.
    fn block(self) -> (u64, u64) {
        match self {
            Dtype::F64 | Dtype::I64 | Dtype::U64 => (1, 8),
            Dtype::F32 | Dtype::I32 | Dtype::U32 => (1, 4),
            Dtype::F16 | Dtype::BF16 | Dtype::I16 | Dtype::U16 => (1, 2),
            Dtype::F8E4M3 | Dtype::F8E5M2 | Dtype::I8 | Dtype::U8 | Dtype::Bool => (1, 1),
            // No run of bytes is its own; this is never asked for a place.
            Dtype::Composed(_) => (1, 1),
            Dtype::Q1_0 => (128, 18),
            Dtype::Q4_0 | Dtype::IQ4NL => (32, 18),
            Dtype::Q4_1 => (32, 20),
            Dtype::Q5_0 => (32, 22),
            Dtype::Q5_1 => (32, 24),
            Dtype::Q8_0 => (32, 34),
            Dtype::MXFP4 => (32, 17),
            Dtype::NVFP4 => (64, 36),
            Dtype::Q2K => (256, 84),
            Dtype::Q3K | Dtype::IQ3S => (256, 110),
            Dtype::Q4K => (256, 144),
            Dtype::Q5K => (256, 176),
            Dtype::Q6K => (256, 210),
            Dtype::Q8K => (256, 292),
            Dtype::IQ1S => (256, 50),
            Dtype::IQ1M => (256, 56),
            Dtype::IQ2XXS | Dtype::TQ2_0 => (256, 66),
            Dtype::IQ2XS => (256, 74),
            Dtype::IQ2S => (256, 82),
            Dtype::IQ3XXS => (256, 98),
            Dtype::IQ4XS => (256, 136),
            Dtype::TQ1_0 => (256, 54),
        }
    }

    /// Elements in a block: 1 for a type that stores each element by itself.
    pub fn block_elements(self) -> u64 {
        self.block().0
    }

    /// Bytes of a block: of one element, for a type that stores each by itself.
    pub fn block_bytes(self) -> u64 {
        self.block().1
    }

    /// The bytes that `elements` elements fill, or `None` when they are not whole blocks or have
    /// more bytes than 64 bits can count.
    pub fn packed(self, elements: u64) -> Option<u64> {
        let (each, bytes) = self.block();
        elements.is_multiple_of(each).then(|| (elements / each).checked_mul(bytes))?
    }

    /// The bytes that must be read to see `elements` elements from the start of a block on: those
    /// of whole blocks. For progress and budgets; it saturates.
    pub fn covering(self, elements: u64) -> u64 {
        if let Dtype::Composed(scheme) = self {
            return elements.saturating_mul(scheme.bits().into()).div_ceil(8);
        }
        let (each, bytes) = self.block();
        elements.div_ceil(each).saturating_mul(bytes)
    }

    /// Whether elements are numbers with a fraction, and so can be weights that a test reads:
    /// floating-point numbers, and whole numbers that carry a scale, in blocks or beside them.
    pub fn is_float(self) -> bool {
        1 < self.block_elements()
            || matches!(
                self,
                Dtype::F64
                    | Dtype::F32
                    | Dtype::F16
                    | Dtype::BF16
                    | Dtype::F8E4M3
                    | Dtype::F8E5M2
                    | Dtype::Composed(_)
            )
    }

    /// First byte and number of bytes of the fields of a block that a machine of the other byte
    /// order stores turned around: each is a run of numbers of `unit` bytes.
    fn wide_fields(self) -> Option<(usize, usize, usize)> {
        let (start, unit, n) = match self {
            Dtype::F64 | Dtype::I64 | Dtype::U64 => (0, 8, 1),
            Dtype::F32 | Dtype::I32 | Dtype::U32 => (0, 4, 1),
            Dtype::F16 | Dtype::BF16 | Dtype::I16 | Dtype::U16 => (0, 2, 1),
            Dtype::Q1_0 | Dtype::Q4_0 | Dtype::Q5_0 | Dtype::Q8_0 | Dtype::IQ4NL => (0, 2, 1),
            Dtype::Q4_1 | Dtype::Q5_1 | Dtype::Q4K | Dtype::Q5K => (0, 2, 2),
            Dtype::Q2K => (80, 2, 2),
            Dtype::Q3K => (108, 2, 1),
            Dtype::Q6K => (208, 2, 1),
            Dtype::TQ1_0 => (52, 2, 1),
            Dtype::TQ2_0 => (64, 2, 1),
            Dtype::F8E4M3 | Dtype::F8E5M2 | Dtype::I8 | Dtype::U8 | Dtype::Bool => (0, 1, 0),
            Dtype::MXFP4 | Dtype::NVFP4 => (0, 1, 0),
            _ => return None,
        };
        Some((start, unit, n))
    }

    /// Whether it is known which bytes of a block the other byte order turns around.
    pub(crate) fn has_plain_fields(self) -> bool {
        self.wide_fields().is_some()
    }

    /// Turns whole blocks of the other byte order into little-endian ones.
    pub fn turn_around(self, blocks: &mut [u8]) {
        let Some((start, unit, n)) = self.wide_fields() else { return };
        let each = usize::try_from(self.block_bytes()).unwrap_or(usize::MAX);
        for block in blocks.chunks_exact_mut(each) {
            if let Some(fields) = block.get_mut(start..start + unit * n) {
                fields.chunks_exact_mut(unit).for_each(<[u8]>::reverse);
            }
        }
    }
}

impl fmt::Display for Dtype {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Dtype::Composed(scheme) => return scheme.fmt(f),
            Dtype::F64 => "F64",
            Dtype::F32 => "F32",
            Dtype::F16 => "F16",
            Dtype::BF16 => "BF16",
            Dtype::F8E4M3 => "F8_E4M3",
            Dtype::F8E5M2 => "F8_E5M2",
            Dtype::I64 => "I64",
            Dtype::I32 => "I32",
            Dtype::I16 => "I16",
            Dtype::I8 => "I8",
            Dtype::U64 => "U64",
            Dtype::U32 => "U32",
            Dtype::U16 => "U16",
            Dtype::U8 => "U8",
            Dtype::Bool => "BOOL",
            Dtype::Q1_0 => "Q1_0",
            Dtype::Q4_0 => "Q4_0",
            Dtype::Q4_1 => "Q4_1",
            Dtype::Q5_0 => "Q5_0",
            Dtype::Q5_1 => "Q5_1",
            Dtype::Q8_0 => "Q8_0",
            Dtype::Q2K => "Q2_K",
            Dtype::Q3K => "Q3_K",
            Dtype::Q4K => "Q4_K",
            Dtype::Q5K => "Q5_K",
            Dtype::Q6K => "Q6_K",
            Dtype::Q8K => "Q8_K",
            Dtype::IQ1S => "IQ1_S",
            Dtype::IQ1M => "IQ1_M",
            Dtype::IQ2XXS => "IQ2_XXS",
            Dtype::IQ2XS => "IQ2_XS",
            Dtype::IQ2S => "IQ2_S",
            Dtype::IQ3XXS => "IQ3_XXS",
            Dtype::IQ3S => "IQ3_S",
            Dtype::IQ4NL => "IQ4_NL",
            Dtype::IQ4XS => "IQ4_XS",
            Dtype::TQ1_0 => "TQ1_0",
            Dtype::TQ2_0 => "TQ2_0",
            Dtype::MXFP4 => "MXFP4",
            Dtype::NVFP4 => "NVFP4",
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_type_has_a_name_of_its_own() {
        let names: BTreeSet<String> = Dtype::ALL.iter().map(ToString::to_string).collect();
        assert_eq!(names.len(), Dtype::ALL.len());
    }

    #[test]
    fn blocks_are_counted_whole() {
        assert_eq!(Dtype::Q4_0.packed(64), Some(36));
        assert_eq!(Dtype::Q4_0.packed(63), None);
        assert_eq!(Dtype::Q4_0.covering(63), 36);
        assert_eq!(Dtype::F32.packed(3), Some(12));
        assert_eq!(Dtype::F64.packed(u64::MAX), None);
        assert_eq!(Dtype::Q8K.covering(u64::MAX), u64::MAX);
    }

    #[test]
    fn weights_are_numbers_with_a_fraction() {
        let whole: Vec<String> =
            Dtype::ALL.iter().filter(|d| !d.is_float()).map(ToString::to_string).collect();
        assert_eq!(whole, ["I64", "I32", "I16", "I8", "U64", "U32", "U16", "U8", "BOOL"]);
    }

    #[test]
    fn turning_around_touches_the_scales_alone() {
        let mut block: Vec<u8> = (0..40).collect();
        Dtype::Q4_1.turn_around(&mut block);
        assert_eq!(block[..6], [1, 0, 3, 2, 4, 5]);
        assert_eq!(block[20..26], [21, 20, 23, 22, 24, 25]);
        let mut numbers = vec![1, 2, 3, 4, 5, 6, 7, 8];
        Dtype::F32.turn_around(&mut numbers);
        assert_eq!(numbers, [4, 3, 2, 1, 8, 7, 6, 5]);
        Dtype::U8.turn_around(&mut numbers);
        assert_eq!(numbers, [4, 3, 2, 1, 8, 7, 6, 5]);
    }
}
