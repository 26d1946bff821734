//! Blocks of ggml's quantised types as the numbers they stand for.
//!
//! One block layout is one file, drawn at its head. Every product and sum is made in `f32` and in
//! the order of the reference, so that the results have its bits; the package `gguf` is that
//! reference, and `data/golden/gguf_blocks.tsv` holds what it says.

mod grid;
mod iq1_m;
mod iq1_s;
mod iq2_s;
mod iq2_xs;
mod iq2_xxs;
mod iq3_s;
mod iq3_xxs;
mod iq4_nl;
mod iq4_xs;
mod mxfp4;
mod nvfp4;
mod q1_0;
mod q2_k;
mod q3_k;
mod q4_0;
mod q4_1;
mod q4_k;
mod q5_0;
mod q5_1;
mod q5_k;
mod q6_k;
mod q8_0;
mod q8_k;
mod tq1_0;
mod tq2_0;

use std::array;

use crate::Dtype;
use crate::decode::f16;

/// Appends the values of whole blocks of `dtype`, in their order. Bytes left over are not read.
///
/// Cost: one pass, `O(n)`. Measured on one core: 0.3 to 2.8 thousand million values a second.
pub(crate) fn dequantise(dtype: Dtype, bytes: &[u8], out: &mut Vec<f32>) {
    match dtype {
        Dtype::Q1_0 => each(bytes, out, q1_0::block),
        Dtype::Q4_0 => each(bytes, out, q4_0::block),
        Dtype::Q4_1 => each(bytes, out, q4_1::block),
        Dtype::Q5_0 => each(bytes, out, q5_0::block),
        Dtype::Q5_1 => each(bytes, out, q5_1::block),
        Dtype::Q8_0 => each(bytes, out, q8_0::block),
        Dtype::Q2K => each(bytes, out, q2_k::block),
        Dtype::Q3K => each(bytes, out, q3_k::block),
        Dtype::Q4K => each(bytes, out, q4_k::block),
        Dtype::Q5K => each(bytes, out, q5_k::block),
        Dtype::Q6K => each(bytes, out, q6_k::block),
        Dtype::Q8K => each(bytes, out, q8_k::block),
        Dtype::IQ1S => each(bytes, out, iq1_s::block),
        Dtype::IQ1M => each(bytes, out, iq1_m::block),
        Dtype::IQ2XXS => each(bytes, out, iq2_xxs::block),
        Dtype::IQ2XS => each(bytes, out, iq2_xs::block),
        Dtype::IQ2S => each(bytes, out, iq2_s::block),
        Dtype::IQ3XXS => each(bytes, out, iq3_xxs::block),
        Dtype::IQ3S => each(bytes, out, iq3_s::block),
        Dtype::IQ4NL => each(bytes, out, iq4_nl::block),
        Dtype::IQ4XS => each(bytes, out, iq4_xs::block),
        Dtype::TQ1_0 => each(bytes, out, tq1_0::block),
        Dtype::TQ2_0 => each(bytes, out, tq2_0::block),
        Dtype::MXFP4 => each(bytes, out, mxfp4::block),
        Dtype::NVFP4 => each(bytes, out, nvfp4::block),
        _ => unreachable!("a stored type without a decoder: {dtype}"),
    }
}

fn each<const N: usize, const M: usize>(
    bytes: &[u8],
    out: &mut Vec<f32>,
    block: impl Fn(&[u8; N]) -> [f32; M],
) {
    let (blocks, _) = bytes.as_chunks::<N>();
    out.reserve(blocks.len() * M);
    for one in blocks {
        out.extend_from_slice(&block(one));
    }
}

/// The F16 at byte `at`.
fn scale(block: &[u8], at: usize) -> f32 {
    f16([block[at], block[at + 1]])
}

/// The number of 16 bits at byte `at`.
fn u16_at(block: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([block[at], block[at + 1]])
}

/// The number of 32 bits at byte `at`.
fn u32_at(block: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([block[at], block[at + 1], block[at + 2], block[at + 3]])
}

/// Bit number `n`, lowest first, from byte `at` on.
fn bit(block: &[u8], at: usize, n: usize) -> u8 {
    block[at + n / 8] >> (n % 8) & 1
}

/// The lower halves of 16 bytes from `at` on, then their upper halves.
fn halves(block: &[u8], at: usize) -> [u8; 32] {
    array::from_fn(|j| block[at + j % 16] >> (j / 16 * 4) & 15)
}

/// Element `e` of those that lie in quarters of bytes, 128 in 32 bytes, from byte `at` on: first
/// the lowest quarters of the 32, then the next.
fn quarters(block: &[u8], at: usize, e: usize) -> u8 {
    block[at + e / 128 * 32 + e % 32] >> (e / 32 % 4 * 2) & 3
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FNV-1a of 64 bits.
    fn fnv(bytes: impl IntoIterator<Item = u8>) -> u64 {
        bytes.into_iter().fold(0xcbf2_9ce4_8422_2325, |state: u64, byte| {
            (state ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
        })
    }

    /// First bytes of the F16 scales that are replaced by extremes.
    fn scales(dtype: Dtype) -> &'static [usize] {
        match dtype {
            Dtype::Q8K | Dtype::IQ1M | Dtype::MXFP4 | Dtype::NVFP4 => &[],
            Dtype::Q4_1 | Dtype::Q5_1 | Dtype::Q4K | Dtype::Q5K => &[0, 2],
            Dtype::Q2K => &[80, 82],
            Dtype::Q3K => &[108],
            Dtype::Q6K => &[208],
            Dtype::TQ1_0 => &[52],
            Dtype::TQ2_0 => &[64],
            _ => &[0],
        }
    }

    /// The generator of `reference/gguf_blocks.py`, where it is described.
    fn blocks(dtype: Dtype) -> Vec<u8> {
        const EXTREMES: [u16; 8] = [0x0000, 0x0001, 0x03ff, 0x0400, 0x3c00, 0x7bff, 0x7c00, 0x7e00];
        let size = usize::try_from(dtype.block_bytes()).unwrap();
        let mut state = fnv(dtype.to_string().into_bytes());
        let mut all = Vec::new();
        for i in 0..512 {
            let mut one = Vec::new();
            while one.len() < size {
                state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
                let mut z = state;
                z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
                one.extend((z ^ (z >> 31)).to_le_bytes());
            }
            one.truncate(size);
            for (k, &at) in scales(dtype).iter().enumerate().filter(|_| i % 2 == 1) {
                let step = i / 2 + k * (i / 32);
                let sign = if step % 16 < 8 { 0 } else { 0x8000 };
                one[at..at + 2].copy_from_slice(&(EXTREMES[step % 8] | sign).to_le_bytes());
            }
            all.extend(one);
        }
        all
    }

    /// The bits, with one pattern for every NaN.
    fn canonical(value: f32) -> u32 {
        if value.is_nan() { 0x7fc0_0000 } else { value.to_bits() }
    }

    #[test]
    fn every_block_type_has_the_bits_of_the_reference() {
        let table = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/golden/gguf_blocks.tsv");
        let table = std::fs::read_to_string(table).unwrap();
        let mut seen = Vec::new();
        for line in table.lines().skip(1) {
            let cells: Vec<&str> = line.split('\t').collect();
            let dtype = *Dtype::ALL.iter().find(|d| d.to_string() == cells[0]).unwrap();
            let bytes = blocks(dtype);
            let first = &bytes[..usize::try_from(dtype.block_bytes()).unwrap()];
            let hex: String = first.iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(hex, cells[3], "{dtype}: the blocks are others");
            let mut values = Vec::new();
            dequantise(dtype, &bytes, &mut values);
            assert_eq!(values.len() as u64, 512 * dtype.block_elements());
            let head: Vec<String> =
                values[..8].iter().map(|v| format!("{:08x}", canonical(*v))).collect();
            assert_eq!(head.join(" "), cells[4], "{dtype}");
            let bits = values.iter().flat_map(|v| canonical(*v).to_le_bytes());
            assert_eq!(format!("{:016x}", fnv(bits)), cells[1], "{dtype}");
            seen.push(dtype);
        }
        let every: Vec<Dtype> =
            Dtype::ALL.into_iter().filter(|dtype| 1 < dtype.block_elements()).collect();
        assert_eq!(seen, every);
    }

    #[test]
    fn signs_of_seven_bits_are_even_in_number() {
        for bits in 0..128 {
            assert_eq!(grid::even_signs(bits).count_ones() % 2, 0);
            assert_eq!(u32::from(grid::even_signs(bits | 128) & 127), bits);
        }
    }
}
