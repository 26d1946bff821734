//! The targets: one for each reader.

mod adapter;
mod composed;
mod config;
mod ctranslate2;
mod dequantise;
mod folder;
mod gguf;
mod index;
mod numpy;
mod onnx;
mod pickle;
mod place;
mod pytorch;
mod safetensors;
mod server;
mod tokenizer;

use serde_json::Value;

/// A byte that no text has: it stands between the parts of an input.
const BETWEEN: u8 = 0xff;

/// A `config.json`, as far as it is one, and the file after it; empty where there is none.
fn config_and_file(bytes: &[u8]) -> (Option<Value>, &[u8]) {
    let mut parts = bytes.splitn(2, |byte| *byte == BETWEEN);
    let (config, file) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    (serde_json::from_slice(config).ok(), file)
}

/// One reader with what it must keep to.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Its name: that of the program in `fuzz/` and of the folder in `fuzz/corpus`.
    pub name: &'static str,
    /// Gives the reader these bytes and panics when an invariant is broken.
    pub run: fn(&[u8]),
    /// Bytes to begin from: the museum's files and small lawful ones.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

/// Every target.
pub const TARGETS: &[Target] = &[
    Target { name: "safetensors", run: safetensors::run, seeds: safetensors::seeds },
    Target { name: "gguf", run: gguf::run, seeds: gguf::seeds },
    Target { name: "pytorch_zip", run: pytorch::zip, seeds: pytorch::zip_seeds },
    Target { name: "pytorch_old", run: pytorch::old, seeds: pytorch::old_seeds },
    Target { name: "pickle", run: pickle::run, seeds: pickle::seeds },
    Target { name: "numpy", run: numpy::run, seeds: numpy::seeds },
    Target { name: "onnx", run: onnx::run, seeds: onnx::seeds },
    Target { name: "ctranslate2", run: ctranslate2::run, seeds: ctranslate2::seeds },
    Target { name: "index", run: index::run, seeds: index::seeds },
    Target { name: "config", run: config::run, seeds: config::seeds },
    Target { name: "folder", run: folder::run, seeds: folder::seeds },
    Target { name: "composed", run: composed::run, seeds: composed::seeds },
    Target { name: "adapter", run: adapter::run, seeds: adapter::seeds },
    Target { name: "tokenizer", run: tokenizer::run, seeds: tokenizer::seeds },
    Target { name: "place", run: place::run, seeds: place::seeds },
    Target { name: "server", run: server::run, seeds: server::seeds },
    Target { name: "dequantise", run: dequantise::run, seeds: dequantise::seeds },
];

/// The target called `name`.
pub fn named(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}
