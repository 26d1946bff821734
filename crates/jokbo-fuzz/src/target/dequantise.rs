//! Stored bits of every type, read as numbers.
//!
//! The first byte chooses the type; the bytes after it are as many whole blocks as there are.

use jokbo_formats::Dtype;
use jokbo_tensors::{decode, decode_f64};

pub(super) fn run(bytes: &[u8]) {
    let Some((&first, rest)) = bytes.split_first() else { return };
    let dtype = Dtype::ALL[usize::from(first) % Dtype::ALL.len()];
    let size = usize::try_from(dtype.block_bytes()).expect("a block is small");
    let each = usize::try_from(dtype.block_elements()).expect("a block is small");
    let n_blocks = rest.len() / size;
    let blocks = &rest[..n_blocks * size];

    let (mut single, mut double) = (vec![1.0], vec![1.0]);
    decode(dtype, blocks, &mut single);
    decode_f64(dtype, blocks, &mut double);
    assert_eq!((single.len(), double.len()), (n_blocks * each, n_blocks * each), "{dtype}");

    // A block says the same alone and among others.
    let mut alone = Vec::new();
    for (block, among) in blocks.chunks_exact(size).zip(single.chunks_exact(each)) {
        decode(dtype, block, &mut alone);
        let bits = |values: &[f32]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&alone), bits(among), "{dtype}");
    }
    // The two precisions differ by the rounding of one to the other, and most types have none.
    for (single, double) in single.iter().zip(&double) {
        let same = f64::from(*single) == *double || single.is_nan() && double.is_nan();
        assert!(same || rounds(dtype, *single, *double), "{dtype}: {single:e} and {double:e}");
    }
    turned(dtype, blocks);
}

/// Whether `single` is next to `double`, of a type that has more digits than an `f32`.
fn rounds(dtype: Dtype, single: f32, double: f64) -> bool {
    let wide = matches!(dtype, Dtype::F64 | Dtype::I64 | Dtype::U64 | Dtype::I32 | Dtype::U32);
    let between = f64::from(single.next_down()) <= double && double <= f64::from(single.next_up());
    wide && between
}

/// Turned around twice is not turned around at all.
fn turned(dtype: Dtype, blocks: &[u8]) {
    let mut twice = blocks.to_vec();
    dtype.turn_around(&mut twice);
    dtype.turn_around(&mut twice);
    assert_eq!(twice, blocks, "{dtype}");
}

pub(super) fn seeds() -> Vec<Vec<u8>> {
    let seed = |(i, dtype): (usize, &Dtype)| {
        let size = usize::try_from(dtype.block_bytes()).expect("a block is small");
        let first = u8::try_from(i).expect("there are few types");
        let byte = |k: usize| u8::try_from(k * 37 % 251).expect("below 251");
        [first].into_iter().chain((0..2 * size).map(byte)).collect()
    };
    Dtype::ALL.iter().enumerate().map(seed).collect()
}
