//! One `.gguf` file, with the arrays of its metadata.

use std::sync::Arc;

use jokbo_formats::gguf::{Contents, read};
use jokbo_formats::{ByteOrder, Memory, SourceFile};

use crate::{held, seeds};

/// A key of a few bytes is a node of a map with a text of its own, and goes through two maps.
const MEMORY_TIMES: usize = 64;

pub(super) fn run(bytes: &[u8]) {
    let answer = held::answer(bytes, MEMORY_TIMES, |file| {
        let Contents { entries, metadata, arrays, config, order, oddities, .. } =
            read(&**file, "m.gguf")?;
        Ok((entries, metadata, arrays, config, order, oddities))
    });
    let Some((entries, _, arrays, _, _, oddities)) = answer else { return };
    held::told(&oddities);
    held::entries(&entries, bytes.len() as u64, &[]);
    assert_eq!(held::overlaps(&entries), 0, "tensors overlap: {entries:?}");
    let file = SourceFile {
        path: "m.gguf".to_owned(),
        bytes: bytes.len() as u64,
        order: ByteOrder::Little,
        derived: false,
        reader: Arc::new(Memory(bytes.to_vec())),
    };
    let files = [file];
    for array in arrays.values() {
        // What was passed over on opening was measured, so it can be read.
        let values = array.read(&files).expect("the array was measured");
        assert_eq!(values.len() as u64, array.n, "{array:?}");
        let end = array.offset.checked_add(array.bytes);
        assert!(end.is_some_and(|end| end <= bytes.len() as u64), "{array:?} leaves the file");
    }
}

pub(super) fn seeds() -> Vec<Vec<u8>> {
    seeds::museum(&[".gguf"])
}
