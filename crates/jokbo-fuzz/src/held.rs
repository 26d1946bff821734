//! The invariants that every answer is held to.

use std::error::Error as _;
use std::fmt;
use std::sync::Arc;

use jokbo_formats::{Checkpoint, Entry, Error, Oddity, ReadAt, SourceFile};
use jokbo_tensors::{Block, Tensor, View};
use serde_json::Value;

use crate::counted::Counted;
use crate::meter;

/// Memory that a reader may hold for a file of any size: its buffers, what it needs to unpack, and
/// the first room that its lists ask for.
const MEMORY_AT_LEAST: usize = 128 << 10;

/// Bytes that a reader may fetch from a file of any size: buffers that read ahead.
const FETCHED_AT_LEAST: u64 = 64 << 10;

/// How often, on the average, a byte may be fetched: to tell the format, to read it, and to read
/// a pickle's end or an archive's directory again.
const FETCHED_TIMES: u64 = 8;

/// Longest message. 64 axes of 20 digits take 1,400 characters, and a name is cut at 240.
const MESSAGE: usize = 8 << 10;

/// Rows of a tensor that are read one by one.
const ROWS: u64 = 64;

/// Reads `bytes` twice with `read` and gives the second answer, if it is one, after holding both
/// to each other and to the limits on memory (`times` the bytes) and on fetched bytes.
pub(crate) fn answer<T: PartialEq + fmt::Debug>(
    bytes: &[u8],
    times: usize,
    read: impl Fn(&Arc<dyn ReadAt>) -> Result<T, Error>,
) -> Option<T> {
    let counted = Arc::new(Counted::new(bytes));
    let file: Arc<dyn ReadAt> = counted.clone();
    let (first, held) = meter::peak(|| read(&file));
    memory(held, bytes.len(), times);
    let (fetched, size) = (counted.fetched(), counted.len());
    assert!(
        fetched <= FETCHED_AT_LEAST + FETCHED_TIMES * size,
        "{fetched} bytes were fetched from a file of {size}"
    );
    same(first, read(&file))
}

/// Holds two answers on the same bytes to each other, and gives one of them.
pub(crate) fn same<T: PartialEq + fmt::Debug>(
    first: Result<T, Error>,
    second: Result<T, Error>,
) -> Option<T> {
    match (first, second) {
        (Ok(first), Ok(second)) => {
            assert_eq!(first, second, "two readings differ");
            Some(second)
        }
        (Err(first), Err(second)) => {
            assert_eq!(first.to_string(), second.to_string(), "two refusals differ");
            refusal(&second);
            None
        }
        (first, second) => panic!("one reading gives {first:?} and the other {second:?}"),
    }
}

/// Opens `files` twice and gives the second answer, if it is one, after holding both to each other,
/// to the limit on memory (`times` the bytes), and every tensor to the file that it lies in.
pub(crate) fn checkpoint(
    files: &[(String, Vec<u8>)],
    config: Option<&Value>,
    times: usize,
) -> Option<Checkpoint> {
    let open = || jokbo_formats::from_memory("m", files.to_vec(), config.cloned());
    let plain = |(checkpoint, oddities): (Checkpoint, Vec<Oddity>)| {
        let Checkpoint { format, files, entries, metadata, arrays, config, adapter, .. } =
            checkpoint;
        let files: Vec<_> = files.into_iter().map(|f| (f.path, f.bytes, f.derived)).collect();
        (format, files, entries, metadata, (arrays, config, adapter, oddities))
    };
    let (first, held) = meter::peak(open);
    memory(held, files.iter().map(|(_, bytes)| bytes.len()).sum(), times);
    same(first.map(plain), open().map(plain))?;
    let (checkpoint, oddities) = open().expect("it was opened before");
    told(&oddities);
    for (i, file) in checkpoint.files.iter().enumerate() {
        let given = files.iter().find(|(name, _)| *name == file.path).expect("it was given");
        assert!(file.derived || file.bytes == given.1.len() as u64, "{}", file.path);
        // A weight that is made from several stored tensors has no place of its own.
        let own = |entry: &&Entry| entry.file == i && entry.recipe.is_none();
        let within = checkpoint.entries.iter().filter(own).cloned();
        let within: Vec<_> = within.map(|entry| Entry { file: 0, ..entry }).collect();
        entries(&within, file.bytes, &[]);
    }
    let there = |entry: &Entry| entry.file < checkpoint.files.len();
    assert!(checkpoint.entries.iter().all(there), "a file is not there");
    Some(checkpoint)
}

/// Holds the memory that was held for `size` bytes to `times` as much.
pub(crate) fn memory(held: usize, size: usize, times: usize) {
    let may = MEMORY_AT_LEAST + times * size;
    assert!(held <= may, "{held} bytes of memory were held for a file of {size}");
}

/// Holds a refusal, its causes and its hint to what may be shown.
pub(crate) fn refusal(error: &Error) {
    shown(&error.to_string());
    error.hint().iter().for_each(|hint| shown(hint));
    let mut cause = error.source();
    while let Some(inner) = cause {
        shown(&inner.to_string());
        cause = inner.source();
    }
}

/// Holds what was told to what may be shown.
pub(crate) fn told(oddities: &[Oddity]) {
    oddities.iter().for_each(|oddity| shown(&oddity.to_string()));
}

/// A message has no character that a terminal would obey, and an end.
pub(crate) fn shown(text: &str) {
    let turns = |c| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    assert!(!text.contains(|c: char| c.is_control() || turns(c)), "{text:?} is shown as it is");
    assert!(text.len() <= MESSAGE, "a message of {} bytes: {text}", text.len());
}

/// Every number of every tensor can be read, all at once and row by row, and is the same both ways.
/// No tensor has more numbers than its files have bits.
pub(crate) fn values(checkpoint: &Checkpoint) {
    let stored: u64 = checkpoint.files.iter().map(|file| file.bytes).sum();
    let (mut all, mut row) = (Vec::new(), Vec::new());
    for (i, entry) in checkpoint.entries.iter().enumerate() {
        assert!(entry.elements() <= 8 * stored, "{entry:?} is made of nothing");
        if entry.elements() == 0 {
            continue;
        }
        let view = View::of_shape(&entry.shape);
        let tensor = Tensor::new(checkpoint, i, view);
        let block = |rows| Block { rows, cols: 0..view.cols };
        tensor.read_block(&block(0..view.rows), &mut all).expect("its place was checked");
        assert_eq!(all.len() as u64, entry.elements(), "{entry:?}");
        for r in 0..view.rows.min(ROWS) {
            tensor.read_block(&block(r..r + 1), &mut row).expect("its place was checked");
            let bits = |value: &f32| value.to_bits();
            let among = all.iter().skip(usize::try_from(r * view.cols).expect("in memory"));
            assert!(row.iter().map(bits).eq(among.take(row.len()).map(bits)), "{entry:?}: row {r}");
        }
    }
}

/// Every entry lies inside its file and has the size of its type and shape, and they come in the
/// order of their places, each name once. `len` is the size of file 0, and `derived` are those
/// after it.
pub(crate) fn entries(entries: &[Entry], len: u64, derived: &[SourceFile]) {
    let lengths: Vec<u64> =
        [len].into_iter().chain(derived.iter().map(|file| file.bytes)).collect();
    for entry in entries {
        let len = *lengths.get(entry.file).expect("its file is there");
        let end = entry.offset.checked_add(entry.bytes);
        assert!(end.is_some_and(|end| end <= len), "{entry:?} ends beyond byte {len}");
        let elements = entry.shape.iter().try_fold(1u64, |all, axis| all.checked_mul(*axis));
        assert_eq!(elements, Some(entry.elements()), "{entry:?} has too many elements");
        assert_eq!(entry.dtype.packed(entry.elements()), Some(entry.bytes), "{entry:?}");
    }
    let place = |entry: &Entry| (entry.file, entry.offset);
    assert!(entries.is_sorted_by_key(place), "out of order: {entries:?}");
    let mut names: Vec<&str> = entries.iter().map(|entry| entry.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), entries.len(), "a name stands twice");
}

/// The number of entries that begin before one before them has ended. `entries` are in order.
pub(crate) fn overlaps(entries: &[Entry]) -> usize {
    let mut reached = (0, 0);
    let filled = entries.iter().filter(|entry| 0 < entry.bytes);
    filled
        .filter(|entry| {
            let over = (entry.file, entry.offset) < reached;
            reached = reached.max((entry.file, entry.offset + entry.bytes));
            over
        })
        .count()
}
