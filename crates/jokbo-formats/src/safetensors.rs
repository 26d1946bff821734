//! One `.safetensors` file: eight bytes of length, a JSON header, then the tensors' bytes.
//!
//! The layout is that of the safetensors library's README, section "Format". Three readings are
//! laid over one another: a strict table of the JSON (`table`), the checks of each tensor and
//! of the bytes between them (`tensor`, `crate::layout`), and what the library itself would say
//! (`library`). Where the library refuses a file that can still be read, that is an oddity.
//!
//! Stricter than the library, on purpose: names and keys given twice, a tensor written as a list
//! instead of an object, a type that is not written as text, and the caps of `limits.rs` are
//! errors here.

mod claim;
mod header;
mod library;
mod metadata;
mod stored;
mod table;
mod tensor;

use std::collections::BTreeMap;

use crate::error::Place;
use crate::layout;
use crate::oddity::{Oddities, tell_of_name};
use crate::{Entry, Error, Oddity, ReadAt};

/// What one file holds.
#[derive(Debug)]
pub struct Contents {
    /// The tensors, by their place in the file; [`Entry::file`] is 0.
    pub entries: Vec<Entry>,
    /// The file's `__metadata__`, as far as it is text.
    pub metadata: BTreeMap<String, String>,
    /// What was tolerated.
    pub oddities: Vec<Oddity>,
}

/// Reads the header of `reader` and checks it against the bytes that are there. No tensor is
/// read. `path` is the file's name in messages.
pub fn read(reader: &dyn ReadAt, path: &str) -> Result<Contents, Error> {
    let place = Place::file(path);
    let mut oddities = Oddities::of(path);
    let header = header::read(reader, &place)?;
    if !header.text.starts_with('{') {
        oddities.tell("leading spaces", None, "the header begins with white space");
    }
    let table = table::read(&header.text, &place, &mut oddities)?;
    if table.claims.is_empty() {
        oddities.tell("empty files", None, "the file holds no tensors");
    }
    let mut entries = Vec::with_capacity(table.claims.len());
    for claim in table.claims {
        tell_of_name(&claim.name, &mut oddities);
        entries.push(tensor::check(claim, header.data_start, &place, &mut oddities)?);
    }
    entries.sort_unstable_by(|a, b| order(a).cmp(&order(b)));
    layout::check(&entries, header.data_start, reader.len(), 1, &place, &mut oddities)?;
    library::ask(&header.text, reader.len() - header.data_start, &mut oddities);
    Ok(Contents { entries, metadata: table.metadata, oddities: oddities.into_list() })
}

fn order(entry: &Entry) -> (u64, u64, &str) {
    (entry.offset, entry.bytes, &entry.name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::safetensors_file;
    use crate::{Dtype, Memory};

    /// A header, with 8 bytes of data.
    #[track_caller]
    fn tells(header: &str, want: &[&str]) -> Contents {
        let file = Memory(safetensors_file(header, 8));
        let contents = read(&file, "m").unwrap();
        let told: Vec<_> = contents.oddities.iter().map(ToString::to_string).collect();
        assert_eq!(told, want);
        contents
    }

    #[test]
    fn tensors_come_in_the_order_of_their_bytes() {
        let header = r#"{"b":{"dtype":"U8","shape":[4],"data_offsets":[4,8]},
            "a":{"dtype":"BF16","shape":[2,1],"data_offsets":[0,4]},
            "z":{"dtype":"F32","shape":[0],"data_offsets":[4,4]}}"#;
        let contents = tells(header, &[]);
        let start = 8 + header.len() as u64;
        let found: Vec<_> = contents
            .entries
            .iter()
            .map(|e| (e.name.as_str(), e.dtype, e.offset, e.bytes))
            .collect();
        assert_eq!(
            found,
            [
                ("a", Dtype::BF16, start, 4),
                ("z", Dtype::F32, start + 4, 0),
                ("b", Dtype::U8, start + 4, 4)
            ]
        );
    }

    #[test]
    fn metadata_is_kept_and_padding_is_nothing_to_tell() {
        let header = r#"{"__metadata__":{"format":"pt"},"a":{"dtype":"I64","shape":[],"data_offsets":[0,8]}}    "#;
        assert_eq!(tells(header, &[]).metadata["format"], "pt");
    }

    #[test]
    fn names_that_hide_something_are_told() {
        tells(
            r#"{"":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"a\u0000":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}}"#,
            &[
                "m: tensor ``: the name is empty",
                "m: tensor `a\\0`: characters of the name that do not show as themselves: 1",
            ],
        );
    }
}
