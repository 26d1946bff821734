//! The number of a tensor's type, as ggml counts them.

use crate::Dtype;

/// The type of this number, or `None` for one that is not read.
///
/// Source: `enum ggml_type` of ggml. The gaps are types that were withdrawn (4, 5, 31 to 33, 36
/// to 38) or that only live in memory (`Q8_1`, 9, whose size differs between versions).
pub(super) fn numbered(number: u32) -> Option<Dtype> {
    Some(match number {
        0 => Dtype::F32,
        1 => Dtype::F16,
        2 => Dtype::Q4_0,
        3 => Dtype::Q4_1,
        6 => Dtype::Q5_0,
        7 => Dtype::Q5_1,
        8 => Dtype::Q8_0,
        10 => Dtype::Q2K,
        11 => Dtype::Q3K,
        12 => Dtype::Q4K,
        13 => Dtype::Q5K,
        14 => Dtype::Q6K,
        15 => Dtype::Q8K,
        16 => Dtype::IQ2XXS,
        17 => Dtype::IQ2XS,
        18 => Dtype::IQ3XXS,
        19 => Dtype::IQ1S,
        20 => Dtype::IQ4NL,
        21 => Dtype::IQ3S,
        22 => Dtype::IQ2S,
        23 => Dtype::IQ4XS,
        24 => Dtype::I8,
        25 => Dtype::I16,
        26 => Dtype::I32,
        27 => Dtype::I64,
        28 => Dtype::F64,
        29 => Dtype::IQ1M,
        30 => Dtype::BF16,
        34 => Dtype::TQ1_0,
        35 => Dtype::TQ2_0,
        39 => Dtype::MXFP4,
        40 => Dtype::NVFP4,
        41 => Dtype::Q1_0,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_numbers_name_one_type() {
        let mut read: Vec<Dtype> = (0..200).filter_map(numbered).collect();
        assert_eq!(read.len(), 33);
        read.sort_unstable();
        read.dedup();
        assert_eq!(read.len(), 33);
    }
}
