//! Laws of the reader: what the safetensors library writes is read as it was written, the two
//! readers agree or the difference is told, and no bytes make the reader panic.

#[path = "laws/library.rs"]
mod library;

use std::collections::BTreeMap;

use jokbo_formats::from_memory;
use library::{REFUSAL, compare, open, ours, theirs};
use proptest::prelude::*;
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};

fn dtype() -> impl Strategy<Value = Dtype> {
    prop::sample::select(vec![
        Dtype::BOOL,
        Dtype::F4,
        Dtype::F6_E2M3,
        Dtype::U8,
        Dtype::I8,
        Dtype::F8_E5M2,
        Dtype::F8_E4M3,
        Dtype::F8_E8M0,
        Dtype::I16,
        Dtype::U16,
        Dtype::F16,
        Dtype::BF16,
        Dtype::I32,
        Dtype::U32,
        Dtype::F32,
        Dtype::C64,
        Dtype::F64,
        Dtype::I64,
        Dtype::U64,
    ])
}

/// A lawful file, written by the library.
fn lawful() -> impl Strategy<Value = Vec<u8>> {
    let tensor = (dtype(), prop::collection::vec(0usize..5, 0..4));
    (
        prop::collection::btree_map("\\PC{0,8}|[\u{0}-\u{20}a-c]{0,4}", tensor, 0..8),
        prop::option::of(prop::collection::btree_map("[a-z]{1,4}", "\\PC{0,8}", 0..4)),
        any::<u8>(),
    )
        .prop_map(|(tensors, metadata, seed)| {
            let parts: Vec<_> = tensors
                .into_iter()
                .filter_map(|(name, (dtype, shape))| {
                    let bits = shape.iter().product::<usize>() * dtype.bitsize();
                    let data: Vec<u8> = (0..bits / 8)
                        .map(|i| u8::try_from(i % 256).expect("below 256").wrapping_add(seed))
                        .collect();
                    (bits % 8 == 0).then_some((name, dtype, shape, data))
                })
                .collect();
            let views = parts.iter().map(|(name, dtype, shape, data)| {
                let view = TensorView::new(*dtype, shape.clone(), data).expect("it is lawful");
                (name, view)
            });
            // Without a tensor and with an empty `__metadata__`, version 0.8.0 of the library writes
            // text that is not JSON, and that it refuses to read again.
            let metadata = metadata
                .filter(|texts| !texts.is_empty() || !parts.is_empty())
                .map(|texts| texts.into_iter().collect());
            safetensors::serialize(views, metadata).expect("it is lawful")
        })
}

/// A header that may be unlawful in every way that numbers and names can be, and some bytes.
fn doubtful() -> impl Strategy<Value = Vec<u8>> {
    let name = prop::sample::select(vec!["a", "b", "c", "\\u0061", ""]);
    let dtype = prop::sample::select(vec!["U8", "F4", "I16", "Q4_K"]);
    let axis = prop_oneof![9 => 0u64..4, 1 => any::<u64>()];
    let place = prop_oneof![19 => 0u64..9, 1 => any::<u64>()];
    let entry = (name, dtype, prop::collection::vec(axis, 0..3), place.clone(), place).prop_map(
        |(name, dtype, shape, start, end)| {
            format!(
                r#""{name}":{{"dtype":"{dtype}","shape":{shape:?},"data_offsets":[{start},{end}]}}"#
            )
        },
    );
    (prop::collection::vec(entry, 0..4), 0usize..12).prop_map(|(entries, data)| {
        let header = format!("{{{}}}", entries.join(","));
        let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
        bytes.extend(header.as_bytes());
        bytes.extend(std::iter::repeat_n(7, data));
        bytes
    })
}

/// Tensors that follow one another, apart from one number that may be off by one.
fn nearly_lawful() -> impl Strategy<Value = Vec<u8>> {
    (prop::collection::vec(0u64..5, 1..5), 0usize..5, 0u64..3, 0usize..3).prop_map(
        |(sizes, which, step, data)| {
            let (mut at, mut entries) = (0, Vec::new());
            for (i, size) in sizes.iter().enumerate() {
                at = if i == which { (at + step).saturating_sub(1) } else { at };
                let end = at + size;
                entries.push(format!(
                    r#""{i}":{{"dtype":"U8","shape":[{size}],"data_offsets":[{at},{end}]}}"#
                ));
                at = end;
            }
            let header = format!("{{{}}}", entries.join(","));
            let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
            bytes.extend(header.as_bytes());
            let held = usize::try_from(at).expect("it is small") + data;
            bytes.extend(std::iter::repeat_n(7, held.saturating_sub(1)));
            bytes
        },
    )
}

/// A change of some bytes.
fn changes() -> impl Strategy<Value = Vec<(prop::sample::Index, u8, u8)>> {
    prop::collection::vec((any::<prop::sample::Index>(), 0u8..4, any::<u8>()), 1..4)
}

fn changed(mut bytes: Vec<u8>, changes: Vec<(prop::sample::Index, u8, u8)>) -> Vec<u8> {
    for (index, how, byte) in changes {
        if bytes.is_empty() {
            return bytes;
        }
        let at = index.index(bytes.len());
        match how {
            0 => bytes[at] = byte,
            1 => bytes.insert(at, byte),
            2 => drop(bytes.remove(at)),
            _ => bytes.truncate(at),
        }
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_the_library_writes_is_read_as_it_was_written(bytes in lawful()) {
        let library = SafeTensors::deserialize(&bytes).expect("it is lawful");
        let (checkpoint, oddities) = open(&bytes).expect("it is lawful");
        prop_assert_eq!(ours(&checkpoint), theirs(&library));
        prop_assert!(oddities.iter().all(|oddity| !oddity.what.starts_with(REFUSAL)));
        let metadata = SafeTensors::read_metadata(&bytes).expect("it is lawful").1;
        let texts: BTreeMap<_, _> = metadata.metadata().clone().into_iter().flatten().collect();
        prop_assert_eq!(checkpoint.metadata, texts);
    }

    #[test]
    fn entries_come_by_their_place(bytes in lawful()) {
        let (checkpoint, _) = open(&bytes).expect("it is lawful");
        let order = |i: usize| {
            let entry = &checkpoint.entries[i];
            (entry.file, entry.offset, entry.name.clone())
        };
        for i in 1..checkpoint.entries.len() {
            prop_assert!(order(i - 1) < order(i));
        }
    }

    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        compare(&bytes);
    }

    #[test]
    fn a_changed_file_is_answered_as_the_library_would(bytes in lawful(), by in changes()) {
        compare(&changed(bytes, by));
    }

    #[test]
    fn doubtful_headers_are_answered_as_the_library_would(bytes in doubtful()) {
        compare(&bytes);
    }

    #[test]
    fn nearly_lawful_headers_are_answered_as_the_library_would(bytes in nearly_lawful()) {
        compare(&bytes);
    }

    #[test]
    fn a_changed_index_is_answered(by in changes()) {
        let index = br#"{"metadata":{"total_size":4},"weight_map":{"a":"m.safetensors"}}"#;
        let header = r#"{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}"#;
        let mut shard = (header.len() as u64).to_le_bytes().to_vec();
        shard.extend(header.as_bytes());
        shard.extend([0; 4]);
        let files = vec![
            ("model.safetensors.index.json".to_owned(), changed(index.to_vec(), by)),
            ("m.safetensors".to_owned(), shard),
        ];
        if let Ok((checkpoint, _)) = from_memory("m", files, None) {
            prop_assert_eq!(checkpoint.entries.len(), 1);
        }
    }
}
