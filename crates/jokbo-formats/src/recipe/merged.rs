//! A weight to which the product of two narrow matrices is added.

use crate::Entry;

/// `base + s left right`, with `s` the [`Scaling`]: `left` is `[rows, rank]`, `right` is
/// `[rank, cols]`. All sizes were checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// The weight without the adapter, which may itself be made from several tensors.
    pub base: Entry,
    /// Rows of the base: its first axis.
    pub rows: u64,
    /// Columns of the base: all other axes.
    pub cols: u64,
    /// The left factor.
    pub left: Narrow,
    /// The right factor.
    pub right: Narrow,
    /// What both have in common.
    pub rank: u64,
    /// What the product is scaled by.
    pub scaling: Scaling,
}

/// A stored matrix, or its transpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Narrow {
    /// The stored tensor: its first axis as rows, all others as columns.
    pub stored: Entry,
    /// Whether the transpose is meant.
    pub turned: bool,
}

/// What a product is scaled by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scaling {
    /// A decimal number.
    pub alpha: String,
    /// It is divided by the square root of the rank, not by the rank.
    pub root: bool,
}
