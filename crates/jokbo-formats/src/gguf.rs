//! One `.gguf` file: a head, a table of metadata, a table of tensors, then the tensors' bytes.
//!
//! The layout is that of ggml's `docs/gguf.md`, versions 2 and 3, in either byte order. One field
//! of the format is one file here: `magic`, `metadata` with `value` and `array`, `tensor_info`
//! with `ggml_type`, and `split` for models in several files. Dimensions are turned around on
//! reading: the file stores the innermost first, and everything after this room expects it last.
//!
//! Arrays (a tokenizer's vocabulary) are passed over and stay in the file; [`Array::read`] reads
//! one when it is asked for. A tensor of a type that is not read is listed as the plain bytes up
//! to the next tensor, which is told.

mod array;
mod config;
mod cursor;
mod ggml_type;
mod magic;
mod metadata;
pub(crate) mod split;
mod tensor_info;
mod value;

use std::collections::BTreeMap;

pub(crate) use magic::MAGIC;

pub use array::Array;
pub use value::{Value, ValueType};

use crate::error::{ErrorKind, Place};
use crate::layout;
use crate::oddity::{Oddities, tell_of_name};
use crate::{ByteOrder, Dtype, Entry, Error, Oddity, ReadAt};
use cursor::Cursor;
use tensor_info::Claim;

/// What one file holds.
#[derive(Debug)]
pub struct Contents {
    /// The tensors, by their place in the file; [`Entry::file`] is 0.
    pub entries: Vec<Entry>,
    /// The file's numbers and texts, by key.
    pub metadata: BTreeMap<String, String>,
    /// The file's arrays, by key; [`Array::file`] is 0.
    pub arrays: BTreeMap<String, Array>,
    /// The same in the words of a `config.json`, as far as they go.
    pub config: Option<serde_json::Value>,
    /// How its numbers are stored.
    pub order: ByteOrder,
    /// Which part of a split model it is.
    pub(crate) part: Option<split::Part>,
    /// What was tolerated.
    pub oddities: Vec<Oddity>,
}

/// Reads the tables of `reader` and checks them against the bytes that are there. No tensor is
/// read. `path` is the file's name in messages.
pub fn read(reader: &dyn ReadAt, path: &str) -> Result<Contents, Error> {
    let place = Place::file(path);
    let fails = |kind| place.clone().error(kind);
    let mut oddities = Oddities::of(path);
    let mut cursor = Cursor::new(reader, &place, 0);
    let head = magic::read(&mut cursor)?;
    let metadata = metadata::read(&mut cursor, head.keys)?;
    let mut claims = Vec::new();
    for _ in 0..head.tensors {
        claims.push(tensor_info::read(&mut cursor)?);
    }
    if let Some(name) = name_given_twice(&claims) {
        return Err(place.clone().tensor(name).error(ErrorKind::TensorTwice));
    }
    let alignment = metadata.alignment().map_err(fails)?;
    let part = split::of(&metadata).map_err(fails)?;
    // A file without tensors may end where its tables do, without the padding after them.
    let data_start = match cursor.at().checked_next_multiple_of(alignment) {
        Some(start) if 0 < head.tensors => start,
        _ => cursor.at(),
    };
    if claims.is_empty() {
        oddities.tell("empty files", None, "the file holds no tensors");
    }
    let order = cursor.order;
    let placed = Placed { data_start, alignment, len: reader.len(), order };
    let entries = entries(claims, placed, &place, &mut oddities)?;
    layout::check(&entries, data_start, reader.len(), alignment, &place, &mut oddities)?;
    let config = config::of(&metadata, reader, &place);
    let (metadata, arrays) = metadata.split(&mut oddities);
    let oddities = oddities.into_list();
    Ok(Contents { entries, metadata, arrays, config, order, part, oddities })
}

/// Where the data of a file lies.
#[derive(Debug, Clone, Copy)]
struct Placed {
    data_start: u64,
    alignment: u64,
    len: u64,
    order: ByteOrder,
}

/// The entries of `claims`, in the order of their bytes.
fn entries(
    mut claims: Vec<Claim>,
    placed: Placed,
    place: &Place,
    oddities: &mut Oddities,
) -> Result<Vec<Entry>, Error> {
    claims.sort_unstable_by(|a, b| (a.offset, &a.name).cmp(&(b.offset, &b.name)));
    let starts: Vec<u64> = claims.iter().map(|claim| claim.offset).collect();
    let mut entries = Vec::with_capacity(claims.len());
    for claim in claims {
        tell_of_name(&claim.name, oddities);
        let fails = |kind| place.clone().tensor(&claim.name).error(kind);
        let offset = placed.data_start.checked_add(claim.offset);
        let offset =
            offset.ok_or_else(|| fails(ErrorKind::OffsetOverflow { offset: claim.offset }))?;
        if !claim.offset.is_multiple_of(placed.alignment) {
            let what = format_args!(
                "begins {} bytes into the data, which is no multiple of the alignment, {}",
                claim.offset, placed.alignment
            );
            oddities.tell("tensors out of alignment", Some(&claim.name), what);
        }
        let (dtype, shape, bytes) = match tensor_info::size(&claim, placed.order, place, oddities)?
        {
            Some((dtype, bytes)) => (dtype, claim.shape, bytes),
            None => {
                let next = starts[starts.partition_point(|&start| start <= claim.offset)..].first();
                let end = next.map_or(placed.len, |next| placed.data_start.saturating_add(*next));
                let bytes = end.min(placed.len).saturating_sub(offset);
                let what = format_args!(
                    "the ggml type {} is not read; shape {:?} is listed as U8 {:?}, the bytes up to the next tensor",
                    claim.stored,
                    claim.shape,
                    [bytes]
                );
                oddities.tell("tensors of a type that is not read", Some(&claim.name), what);
                (Dtype::U8, vec![bytes], bytes)
            }
        };
        if offset.checked_add(bytes).is_none() {
            return Err(fails(ErrorKind::OffsetOverflow { offset: claim.offset }));
        }
        entries.push(Entry {
            name: claim.name,
            dtype,
            shape,
            file: 0,
            offset,
            bytes,
            recipe: None,
        });
    }
    entries.sort_by(|a, b| (a.offset, a.bytes, &a.name).cmp(&(b.offset, b.bytes, &b.name)));
    Ok(entries)
}

/// The first name, in the order of names, that two claims share.
fn name_given_twice(claims: &[Claim]) -> Option<&str> {
    let mut names: Vec<&str> = claims.iter().map(|claim| claim.name.as_str()).collect();
    names.sort_unstable();
    names.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0])
}
