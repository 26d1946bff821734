//! A quantised safetensors file, whose weights are made from several stored tensors.
//!
//! A `config.json`, a byte that no text has, and the file.

use super::{BETWEEN, config_and_file};
use crate::{held, seeds};

/// As for a single file (`safetensors`), and the groups of names that belong to one weight.
const MEMORY_TIMES: usize = 80;

pub(super) fn run(bytes: &[u8]) {
    let (config, file) = config_and_file(bytes);
    let files = [("m.safetensors".to_owned(), file.to_vec())];
    if let Some(checkpoint) = held::checkpoint(&files, config.as_ref(), MEMORY_TIMES) {
        held::values(&checkpoint);
    }
}

pub(super) fn seeds() -> Vec<Vec<u8>> {
    seeds::composed()
        .into_iter()
        .map(|(config, file)| [config, vec![BETWEEN], file].concat())
        .collect()
}
