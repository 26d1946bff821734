//! A shard index, with the shards that it may name.

use jokbo_formats::from_memory;

use crate::{held, meter, seeds};

/// A name of the index is held in its list, in the table of owners and in the check of doubles.
const MEMORY_TIMES: usize = 64;

pub(super) fn run(bytes: &[u8]) {
    for (index, shards) in [
        ("model.safetensors.index.json", ["a.safetensors", "model-00002-of-00002.safetensors"]),
        ("pytorch_model.bin.index.json", ["a.safetensors", "b.safetensors"]),
    ] {
        let open = || {
            let mut files = vec![(index.to_owned(), bytes.to_vec())];
            let tensors = [["a", "b"], ["c", "d"]];
            let named = shards.iter().zip(tensors);
            files.extend(named.map(|(shard, names)| ((*shard).to_owned(), of(names))));
            from_memory("m", files, None)
                .map(|(checkpoint, oddities)| (checkpoint.entries, oddities))
        };
        let (first, held) = meter::peak(open);
        held::memory(held, bytes.len(), MEMORY_TIMES);
        let Some((entries, oddities)) = held::same(first, open()) else { continue };
        held::told(&oddities);
        assert!(entries.len() <= 4, "an index made tensors: {entries:?}");
    }
}

/// A shard with one byte for each of two names.
fn of(names: [&str; 2]) -> Vec<u8> {
    let entry = |(at, name): (usize, &str)| {
        let end = at + 1;
        format!(r#""{name}":{{"dtype":"U8","shape":[1],"data_offsets":[{at},{end}]}}"#)
    };
    let header: Vec<String> = names.into_iter().enumerate().map(entry).collect();
    let header = format!("{{{}}}", header.join(","));
    [&(header.len() as u64).to_le_bytes(), header.as_bytes(), &[1, 2]].concat()
}

pub(super) fn seeds() -> Vec<Vec<u8>> {
    let lawful = br#"{"metadata":{"total_size":4},"weight_map":{"a":"a.safetensors","b":"a.safetensors","c":"model-00002-of-00002.safetensors"}}"#;
    let mut all = seeds::museum(&[".index.json"]);
    all.push(lawful.to_vec());
    all
}
