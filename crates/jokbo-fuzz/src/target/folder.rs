//! Several files at once: which belong together, what an index says of them, and what part each
//! tensor plays.
//!
//! The first byte says how many files there are, one to four. Two bytes for each follow: one that
//! chooses its name, and one that says how long it is, in units of 16 bytes; then the contents.
//! The last file has all that is left.

use jokbo_audit::Opened;

use crate::{held, seeds};

/// What one file may cost, as in the targets of single formats.
const MEMORY_TIMES: usize = 400 + 3 * 1032;

const NAMES: [&str; 15] = [
    "model.safetensors",
    "model-00001-of-00002.safetensors",
    "model-00002-of-00002.safetensors",
    "model.safetensors.index.json",
    "pytorch_model.bin",
    "pytorch_model-00001-of-00002.bin",
    "pytorch_model-00002-of-00002.bin",
    "pytorch_model.bin.index.json",
    "m.gguf",
    "m-00001-of-00002.gguf",
    "m-00002-of-00002.gguf",
    "a.pt",
    "a/b.safetensors",
    "m.npz",
    "a.npy",
];

pub(super) fn run(bytes: &[u8]) {
    let files = files(bytes);
    if held::checkpoint(&files, None, MEMORY_TIMES).is_none() {
        return;
    }
    if let Ok(opened) = jokbo_audit::from_memory("m", files, None) {
        parts(&opened);
        held::values(&opened.checkpoint);
    }
}

/// Every element of every tensor belongs to exactly one part.
pub(super) fn parts(opened: &Opened) {
    let of_parts = opened.assignment.parts.iter().map(|part| u128::from(part.view.elements()));
    let stored = opened.checkpoint.entries.iter().map(|entry| u128::from(entry.elements()));
    assert_eq!(of_parts.sum::<u128>(), stored.sum::<u128>(), "elements in no part, or in two");
}

fn files(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let Some((&first, rest)) = bytes.split_first() else { return Vec::new() };
    let n_files = usize::from(first) % 4 + 1;
    let Some((heads, mut rest)) = rest.split_at_checked(2 * n_files) else { return Vec::new() };
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    for (i, head) in heads.chunks_exact(2).enumerate() {
        let length = if i + 1 == n_files { rest.len() } else { 16 * usize::from(head[1]) };
        let (contents, after) = rest.split_at(length.min(rest.len()));
        rest = after;
        let name = NAMES[usize::from(head[0]) % NAMES.len()];
        if files.iter().all(|(other, _)| other != name) {
            files.push((name.to_owned(), contents.to_vec()));
        }
    }
    files
}

/// The bytes that stand for these files, each filled up with spaces to a multiple of 16.
fn written(files: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let number = |n: usize| u8::try_from(n).expect("a seed is small");
    let mut bytes = vec![number(files.len() - 1)];
    for (name, contents) in files {
        let name = NAMES.iter().position(|known| known == name).expect("a known name");
        bytes.extend([number(name), number(contents.len().div_ceil(16))]);
    }
    for (i, (_, contents)) in files.iter().enumerate() {
        bytes.extend(contents);
        if i + 1 < files.len() {
            bytes.resize(bytes.len() + contents.len().next_multiple_of(16) - contents.len(), b' ');
        }
    }
    bytes
}

pub(super) fn seeds() -> Vec<Vec<u8>> {
    let shard = |name: &str| {
        let header = format!(
            r#"{{"{name}":{{"dtype":"F16","shape":[2,4],"data_offsets":[0,16]}}}}{}"#,
            " ".repeat(8)
        );
        let padded = format!("{header:<width$}", width = header.len().next_multiple_of(16) - 8);
        [&(padded.len() as u64).to_le_bytes(), padded.as_bytes(), &[60; 16]].concat()
    };
    let index = br#"{"weight_map":{"h.0.mlp.c_fc.weight":"model-00001-of-00002.safetensors","b":"model-00002-of-00002.safetensors"}}"#;
    let (one, two) = ("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors");
    let first = shard("h.0.mlp.c_fc.weight");
    let mut all = vec![
        written(&[(one, first.clone()), (two, shard("b"))]),
        written(&[
            ("model.safetensors.index.json", index.to_vec()),
            (one, first),
            (two, shard("b")),
        ]),
    ];
    let alone = [("m.gguf", ".gguf"), ("a.pt", ".pt"), ("model.safetensors", ".safetensors")];
    for (name, ending) in alone {
        let few = seeds::museum(&[ending]).into_iter().filter(|file| file.len() < 2048);
        all.extend(few.map(|file| written(&[(name, file)])));
    }
    all
}
