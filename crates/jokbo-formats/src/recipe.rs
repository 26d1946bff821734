//! One logical weight whose numbers are made from several stored tensors.
//!
//! ```text
//! value = (level(code) - zero) * scale        every number by itself, in f32, in this order
//!
//! codes   one of a few bits for each number, packed into words      codes.rs
//! level   what a code stands for: itself, or a row of a short table
//! zero    a code of its own for each group of numbers, or none
//! scale   a number for each group, or codes with scales of their own
//! ```
//!
//! All published schemes are cases of this. A group is a rectangle of the matrix, and its place in
//! the grid of scales follows from row and column; only an index of columns may say otherwise.

mod check;
mod codes;
mod merged;

use std::fmt;
use std::sync::Arc;

pub(crate) use check::product;
pub use codes::{Codes, Packing};
pub use merged::{Merged, Narrow, Scaling};

use crate::Entry;

/// How the numbers of one entry are made from several stored tensors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Making {
    /// From codes and scales.
    Codes(Box<Recipe>),
    /// From a weight and the product of an adapter.
    Merged(Box<Merged>),
}

/// How the numbers of one quantised weight are made. Every size was checked against every other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipe {
    /// Who laid it out so.
    pub scheme: Scheme,
    /// Matrices, one after another: 1, or the experts of a stack.
    pub pieces: u64,
    /// Rows of each. The elements of the entry, in its own order, are the matrices row by row.
    pub rows: u64,
    /// Columns of each.
    pub cols: u64,
    /// One code for each number.
    pub codes: Codes,
    /// What a code stands for.
    pub levels: Levels,
    /// Which numbers share a scale.
    pub grid: Grid,
    /// The scales, a matrix as large as the grid for each piece.
    pub scale: Scale,
    /// What is taken off the codes, a matrix as large as the grid for each piece.
    pub zero: Option<Zero>,
    /// What all numbers of a piece are scaled by on top.
    pub outer: Option<Outer>,
    /// Stored tensors that belong to the group and hold none of its numbers: bookkeeping.
    pub beside: Vec<Entry>,
}

/// Which numbers share a scale: rectangles of the matrix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grid {
    /// Rows of a rectangle, at least 1.
    pub rows_each: u64,
    /// Columns of a rectangle, at least 1.
    pub cols_each: u64,
    /// The column of the grid for every column of the matrix, where it is not `c / cols_each`,
    /// and how many columns the grid has.
    pub index: Option<(Arc<[u32]>, u64)>,
}

/// What a code of so many bits stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Levels {
    /// Itself, in two's complement.
    Signed,
    /// Itself less this.
    Unsigned {
        /// What is taken off every code.
        less: u8,
    },
    /// A floating-point number of 8 bits, 4 of them for the exponent.
    F8E4M3,
    /// A floating-point number of 8 bits, 5 of them for the exponent.
    F8E5M2,
    /// A floating-point number of 4 bits, 2 of them for the exponent.
    E2M1,
    /// A row of a stored table, which has as many as there are codes.
    Table(Box<Entry>),
}

/// A matrix of scales.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scale {
    /// What they are.
    pub values: Scales,
    /// Whether the stored matrix is the grid's transpose.
    pub turned: bool,
}

/// What scales are stored as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scales {
    /// Floating-point numbers.
    Floats(Entry),
    /// Floating-point numbers by which codes are divided: what is multiplied with is `1 / x`.
    Inverses(Entry),
    /// Bytes `e` that stand for `2^(e - 127)`, and 255 for NaN (E8M0).
    Powers(Entry),
    /// Numbers made from codes of their own, and the decimal number added to each.
    Composed(Box<Recipe>, String),
}

/// What is taken off the codes of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zero {
    /// The stored codes, as many bits each as those of the numbers.
    pub codes: Codes,
    /// Whether they are in two's complement; if not, the same is taken off them as off the codes.
    pub signed: bool,
    /// Whether 1 was taken off before storing, and is added again within the bits of a code.
    pub one_less: bool,
}

/// One number for each piece, on top of the scales.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outer {
    /// Every scale is multiplied by it.
    Times(Entry),
    /// Every scale is divided by it.
    Over(Entry),
    /// Every scaled number is multiplied by the `f32` nearest to 1/127: the scales are largest
    /// magnitudes.
    Over127,
}

/// Who laid the weight out, and in what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Scheme {
    /// Whole numbers of so many bits with scales, and zero points perhaps.
    Int(u8),
    /// GPTQ, with so many bits.
    Gptq(u8),
    /// AWQ, with 4 bits.
    Awq,
    /// bitsandbytes `LLM.int8()`.
    BnbInt8,
    /// bitsandbytes with its table of 16 quantiles of the normal distribution.
    BnbNf4,
    /// bitsandbytes with its floating-point numbers of 4 bits.
    BnbFp4,
    /// `F8_E4M3` with scales.
    F8E4M3,
    /// `F8_E5M2` with scales.
    F8E5M2,
    /// E2M1 with one power of two for every 32.
    Mxfp4,
    /// E2M1 with one E4M3 for every 16, and one number for the tensor.
    Nvfp4,
    /// A weight with the product of a LoRA adapter added on reading.
    Merged,
}

impl Scheme {
    /// Bits of a code.
    pub fn bits(self) -> u8 {
        match self {
            Scheme::Int(bits) | Scheme::Gptq(bits) => bits,
            // Its numbers have no codes; this is what most weights take.
            Scheme::Merged => 16,
            Scheme::BnbInt8 | Scheme::F8E4M3 | Scheme::F8E5M2 => 8,
            Scheme::Awq | Scheme::BnbNf4 | Scheme::BnbFp4 | Scheme::Mxfp4 | Scheme::Nvfp4 => 4,
        }
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Scheme::Int(bits) => write!(f, "INT{bits}_SCALED"),
            Scheme::Gptq(bits) => write!(f, "GPTQ_INT{bits}"),
            Scheme::Awq => f.write_str("AWQ_INT4"),
            Scheme::BnbInt8 => f.write_str("BNB_INT8"),
            Scheme::BnbNf4 => f.write_str("BNB_NF4"),
            Scheme::BnbFp4 => f.write_str("BNB_FP4"),
            Scheme::F8E4M3 => f.write_str("F8_E4M3_SCALED"),
            Scheme::F8E5M2 => f.write_str("F8_E5M2_SCALED"),
            Scheme::Mxfp4 => f.write_str("MXFP4_SCALED"),
            Scheme::Nvfp4 => f.write_str("NVFP4_SCALED"),
            Scheme::Merged => f.write_str("LORA_MERGED"),
        }
    }
}

impl Grid {
    /// One scale for the whole of a piece of `rows` by `cols`.
    pub fn whole(rows: u64, cols: u64) -> Self {
        Self::of(rows.max(1), cols.max(1))
    }

    /// One scale for every `rows_each` by `cols_each` numbers.
    pub fn of(rows_each: u64, cols_each: u64) -> Self {
        Self { rows_each, cols_each, index: None }
    }

    /// Rows and columns of the grid over a piece of `rows` by `cols`.
    pub fn size(&self, rows: u64, cols: u64) -> (u64, u64) {
        let along = self.index.as_ref().map(|(_, n)| *n);
        (rows.div_ceil(self.rows_each), along.unwrap_or_else(|| cols.div_ceil(self.cols_each)))
    }
}

impl Scale {
    /// Floating-point scales, stored in the order of the grid.
    pub fn floats(entry: Entry) -> Self {
        Self { values: Scales::Floats(entry), turned: false }
    }
}

impl Making {
    /// The stored tensors it is made from: those whose bytes are its bytes.
    pub fn parts(&self) -> Vec<&Entry> {
        match self {
            Making::Codes(recipe) => recipe.parts(),
            Making::Merged(merged) => {
                let base = &merged.base;
                let mut parts = base.recipe.as_ref().map_or_else(|| vec![base], |r| r.parts());
                parts.extend([&merged.left.stored, &merged.right.stored]);
                parts
            }
        }
    }
}

impl Recipe {
    /// The stored tensors it is made from, the codes first: those whose bytes are its bytes.
    pub fn parts(&self) -> Vec<&Entry> {
        let mut parts = vec![&self.codes.stored];
        if let Levels::Table(table) = &self.levels {
            parts.push(table);
        }
        match &self.scale.values {
            Scales::Floats(entry) | Scales::Inverses(entry) | Scales::Powers(entry) => {
                parts.push(entry);
            }
            Scales::Composed(inner, _) => parts.extend(inner.parts()),
        }
        parts.extend(self.zero.iter().map(|zero| &zero.codes.stored));
        if let Some(Outer::Times(entry) | Outer::Over(entry)) = &self.outer {
            parts.push(entry);
        }
        parts.extend(&self.beside);
        parts
    }
}
