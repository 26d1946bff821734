//! Where the codes of a matrix lie: several in a word, in a few orders.

use crate::Entry;

/// A matrix of codes for each piece, and how it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Codes {
    /// The stored tensor.
    pub stored: Entry,
    /// Bits of a code: 1 to 8, 16 or 32.
    pub bits: u8,
    /// How codes lie in words.
    pub packing: Packing,
    /// Whether the stored matrix is the transpose of the one that is meant.
    pub turned: bool,
}

/// How codes lie in words. Words are stored with the lowest byte first.
///
/// ```text
/// Flat       one stream of bits through all rows, lowest bits of a byte first
/// FlatHigh   the same for 4 bits, the upper half of a byte first
/// Side       as Flat, and every row of the stored matrix begins a word of 32 bits
/// SideAwq    as Side for 4 bits; a word holds columns 0 2 4 6 1 3 5 7, lowest bits first
/// Down       a word of 32 bits holds codes of one column, one row below the other, and the
///            stream goes on in the word below
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "drawn above")]
pub enum Packing {
    Flat,
    FlatHigh,
    Side,
    SideAwq,
    Down,
}

impl Codes {
    /// Codes of one byte or more each, as the type of `stored` has them.
    pub fn plain(stored: Entry) -> Self {
        let bits = u8::try_from(stored.dtype.block_bytes().saturating_mul(8)).unwrap_or(0);
        Self { stored, bits, packing: Packing::Flat, turned: false }
    }

    /// Codes of `bits` bits in `packing`.
    pub fn packed(stored: Entry, bits: u8, packing: Packing) -> Self {
        Self { stored, bits, packing, turned: false }
    }

    /// The same, with the stored matrix the transpose of the one that is meant.
    #[must_use]
    pub fn turned(self) -> Self {
        Self { turned: !self.turned, ..self }
    }

    /// Rows and columns of the stored matrix of codes, for one that is meant as `rows` by `cols`.
    pub fn stored_size(&self, rows: u64, cols: u64) -> (u64, u64) {
        if self.turned { (cols, rows) } else { (rows, cols) }
    }

    /// Bytes of each piece, for a matrix that is meant as `rows` by `cols`. `None` beyond 64 bits,
    /// and where a flat piece does not end with a byte.
    pub fn bytes_each(&self, rows: u64, cols: u64, pieces: u64) -> Option<u64> {
        let (rows, cols) = self.stored_size(rows, cols);
        let bits = u64::from(self.bits);
        match self.packing {
            Packing::Flat | Packing::FlatHigh => {
                let all = rows.checked_mul(cols)?.checked_mul(bits)?;
                (pieces == 1 || all.is_multiple_of(8)).then(|| all.div_ceil(8))
            }
            Packing::Side | Packing::SideAwq => {
                rows.checked_mul(cols.checked_mul(bits)?.div_ceil(32))?.checked_mul(4)
            }
            Packing::Down => cols.checked_mul(rows.checked_mul(bits)?.div_ceil(32))?.checked_mul(4),
        }
    }

    /// Whether codes of this width can lie so.
    pub(super) fn fits_packing(&self) -> bool {
        match self.packing {
            Packing::Flat => matches!(self.bits, 1..=8 | 16 | 32),
            Packing::FlatHigh | Packing::SideAwq => self.bits == 4,
            Packing::Side | Packing::Down => matches!(self.bits, 1..=8),
        }
    }
}
