//! Progress as events, not prints.

use crate::Parts;

/// Hears how far the work is. Called from several threads.
pub trait Progress: Sync {
    /// A stage of the work begins that will read about `bytes` bytes.
    fn stage(&self, name: &str, bytes: u64);
    /// `bytes` more bytes of the stage were read.
    fn advance(&self, bytes: u64);
    /// Where finished parts of the work are kept, if anywhere.
    fn parts(&self) -> Option<&dyn Parts> {
        None
    }
}

/// Hears nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn stage(&self, _: &str, _: u64) {}
    fn advance(&self, _: u64) {}
}
