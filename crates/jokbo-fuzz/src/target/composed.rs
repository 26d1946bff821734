//! A quantised safetensors file, whose weights are made from several stored tensors.
//!
//! A `config.json`, a byte that no text has, and the file.

use jokbo_formats::Checkpoint;
use serde_json::Value;

use crate::{held, meter, seeds};

/// As for a single file (`safetensors`), and the groups of names that belong to one weight.
const MEMORY_TIMES: usize = 80;

/// What stands between the two.
const BETWEEN: u8 = 0xff;

pub(super) fn run(bytes: &[u8]) {
    let mut parts = bytes.splitn(2, |byte| *byte == BETWEEN);
    let (config, file) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let config: Option<Value> = serde_json::from_slice(config).ok();
    let open = || {
        let files = vec![("m.safetensors".to_owned(), file.to_vec())];
        jokbo_formats::from_memory("m", files, config.clone())
    };
    let (first, held) = meter::peak(open);
    held::memory(held, bytes.len(), MEMORY_TIMES);
    let plain = |(checkpoint, told): (Checkpoint, _)| (checkpoint.entries, told);
    let Ok((checkpoint, _)) = open() else {
        held::same(first.map(plain), open().map(plain));
        return;
    };
    held::values(&checkpoint);
    if let Some((_, oddities)) = held::same(first.map(plain), open().map(plain)) {
        held::told(&oddities);
    }
}

pub(super) fn seeds() -> Vec<Vec<u8>> {
    seeds::composed()
        .into_iter()
        .map(|(config, file)| [config, vec![BETWEEN], file].concat())
        .collect()
}
