//! The grids that the IQ types look values up in, and their signs.
//!
//! The grids are constants of the format, in `data/grids.bin`: one signed byte a value, one grid
//! after the other. `reference/gguf_blocks.py` takes them from the package `gguf` (gguf-py of
//! ggml-org/llama.cpp, MIT), where they are `grid_hex`; their first source is `ggml-common.h`.

/// All grids.
static VALUES: &[u8; 33_792] = include_bytes!("../../data/grids.bin");

/// One grid: places of `width` values each.
#[derive(Debug)]
pub(super) struct Grid {
    start: usize,
    width: usize,
}

pub(super) const IQ2_XXS: Grid = Grid { start: 0, width: 8 };
pub(super) const IQ2_XS: Grid = Grid { start: 2048, width: 8 };
pub(super) const IQ2_S: Grid = Grid { start: 6144, width: 8 };
pub(super) const IQ3_XXS: Grid = Grid { start: 14_336, width: 4 };
pub(super) const IQ3_S: Grid = Grid { start: 15_360, width: 4 };
/// Of IQ1_S and IQ1_M.
pub(super) const IQ1: Grid = Grid { start: 17_408, width: 8 };

impl Grid {
    /// Value `k` at `place`. The codes of a type cannot name a place beyond its grid.
    pub(super) fn at(&self, place: usize, k: usize) -> f32 {
        f32::from(VALUES[self.start + place * self.width + k].cast_signed())
    }
}

/// A block of 256 in eights, the n-th as `of` gives it.
pub(super) fn eights(of: impl Fn(usize) -> [f32; 8]) -> [f32; 256] {
    let mut block = [0.0; 256];
    for (n, eight) in block.as_chunks_mut::<8>().0.iter_mut().enumerate() {
        *eight = of(n);
    }
    block
}

/// Eight signs from the lower 7 bits of `bits`: the eighth makes their number even.
pub(super) fn even_signs(bits: u32) -> u8 {
    let [low, ..] = (bits & 127).to_le_bytes();
    let odd = low.count_ones() % 2 == 1;
    low | u8::from(odd) << 7
}

/// `value`, turned when sign `k` is set.
pub(super) fn signed(value: f32, signs: u8, k: usize) -> f32 {
    value * if signs >> k & 1 == 0 { 1.0 } else { -1.0 }
}
