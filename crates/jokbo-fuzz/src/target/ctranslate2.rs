//! A `model.bin` of CTranslate2.

use crate::ctranslate2_writer::{file, variable};
use crate::{held, seeds};

/// A variable of nine bytes is an entry, and a place in the list of names.
const MEMORY_TIMES: usize = 80;

pub(super) fn run(bytes: &[u8]) {
    let files = [("model.bin".to_owned(), bytes.to_vec())];
    if let Some(checkpoint) = held::checkpoint(&files, None, MEMORY_TIMES) {
        held::values(&checkpoint);
    }
}

pub(super) fn seeds() -> Vec<Vec<u8>> {
    let mut all = seeds::museum(&[".bin"]);
    all.retain(|bytes| bytes.ends_with(b"\0") || bytes.starts_with(b"\x06\0\0\0"));
    let weight = variable("encoder/weight", &[2, 3], 0, &[60; 24]);
    let codes = variable("decoder/weight", &[2, 3], 1, &[7; 6]);
    let scale = variable("decoder/weight_scale", &[2], 0, &[60; 8]);
    let setting = variable("activation", &[], 1, &[3]);
    let variables = [weight, codes, scale, setting];
    all.push(file(4, &variables, &[]));
    all.push(file(4, &variables, &[("decoder/projection/weight", "encoder/weight")]));
    all
}
