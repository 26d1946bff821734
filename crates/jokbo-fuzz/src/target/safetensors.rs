//! One `.safetensors` file, and what the safetensors library says of the same bytes.

use jokbo_formats::safetensors::{Contents, read};

use crate::{held, library, seeds};

/// The library holds a header as a tree that takes up to 26 times the text (`tests/museum.rs` of
/// the formats measures it), and its text is held beside it.
const MEMORY_TIMES: usize = 40;

pub(super) fn run(bytes: &[u8]) {
    let answer = held::answer(bytes, MEMORY_TIMES, |file| {
        let Contents { entries, metadata, oddities } = read(&**file, "m.safetensors")?;
        Ok((entries, metadata, oddities))
    });
    if let Some((entries, _, oddities)) = answer {
        held::told(&oddities);
        held::entries(&entries, bytes.len() as u64, &[]);
        assert_eq!(held::overlaps(&entries), 0, "tensors overlap: {entries:?}");
        cut_short(bytes, entries.last().map_or(0, |entry| entry.offset + entry.bytes));
    }
    library::compare(bytes);
}

/// The same file without the byte before `end`, the last of its tensors, is not read.
fn cut_short(bytes: &[u8], end: u64) {
    let end = usize::try_from(end).expect("it was in memory");
    if let Some(before) = end.checked_sub(1) {
        let cut = jokbo_formats::Memory(bytes[..before].to_vec());
        assert!(read(&cut, "m").is_err(), "a byte of a tensor is missing and nothing is said");
    }
}

pub(super) fn seeds() -> Vec<Vec<u8>> {
    let headers = seeds::examples("model.safetensors").into_iter().filter_map(|file| {
        let length = u64::from_le_bytes(*file.first_chunk()?);
        Some(file.get(..8 + usize::try_from(length).ok()?)?.to_vec())
    });
    seeds::museum(&[".safetensors"]).into_iter().chain(headers).collect()
}
