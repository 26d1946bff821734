//! Entries for tests: names and shapes, no bytes.

use jokbo_tensors::{Dtype, Entry};

/// Entries of `F32` tensors, in the order given.
pub(crate) fn entries(tensors: &[(&str, &[u64])]) -> Vec<Entry> {
    tensors.iter().map(|(name, shape)| entry(name, Dtype::F32, shape)).collect()
}

/// One entry.
pub(crate) fn entry(name: &str, dtype: Dtype, shape: &[u64]) -> Entry {
    let bytes = dtype.covering(shape.iter().product());
    Entry {
        name: name.to_owned(),
        dtype,
        shape: shape.to_vec(),
        file: 0,
        offset: 0,
        bytes,
        recipe: None,
    }
}
