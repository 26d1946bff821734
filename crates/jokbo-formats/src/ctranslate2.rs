//! One `model.bin` of CTranslate2: a list of variables with their bytes, then other names for some.
//!
//! ```text
//! u32 version   text specification   u32 revision   u32 number of variables
//!   each: text name   u8 axes   u32 of each axis   u8 type   u32 bytes   the bytes
//! u32 number of other names   each: text name   text of the variable
//!
//! text: u16 bytes, then so many, the last of which is 0
//! ```
//!
//! All numbers are stored lowest byte first. Source: `serialize` in CTranslate2's
//! `python/ctranslate2/specs/model_spec.py` and `src/models/model.cc`. Weights of 8 bits are divided
//! by the `_scale` beside them. Variables without axes are settings, and not listed.

mod cursor;

use std::collections::{BTreeMap, BTreeSet};

use crate::compose::{Form, Join};
use crate::error::{ErrorKind, Place};
use crate::layout::{self, tell_shared};
use crate::limits::{AXIS_LIMIT, TENSOR_LIMIT};
use crate::oddity::{Oddities, tell_of_name};
use crate::words::count;
use crate::{Dtype, Entry, Error, Oddity, ReadAt};
use cursor::Cursor;

/// What one file holds.
#[derive(Debug)]
pub(crate) struct Contents {
    /// The variables, by their place in the file; [`Entry::file`] is 0.
    pub(crate) entries: Vec<Entry>,
    /// The specification and its revision.
    pub(crate) metadata: BTreeMap<String, String>,
    /// Weights of 8 bits with their scales.
    pub(crate) joins: Vec<Join>,
    /// What was tolerated.
    pub(crate) oddities: Vec<Oddity>,
}

/// Whether a file begins as one of these does: a low version, and the name of a specification.
pub(crate) fn begins(head: &[u8]) -> bool {
    let Some(([1..=32, 0, 0, 0, length, 0], rest)) = head.split_first_chunk() else {
        return false;
    };
    let name = rest.get(..usize::from(*length)).and_then(|text| text.strip_suffix(b"\0"));
    name.is_some_and(|name| {
        name.ends_with(b"Spec") && name.iter().all(|byte| byte.is_ascii_alphanumeric())
    })
}

/// Reads the list of `reader` and checks it against the bytes that are there. No weight is read.
pub(crate) fn read(reader: &dyn ReadAt, path: &str) -> Result<Contents, Error> {
    let place = Place::file(path);
    let mut oddities = Oddities::of(path);
    let mut cursor = Cursor::new(reader, &place);
    let version = cursor.u32("the version")?;
    if !(4..=6).contains(&version) {
        return Err(place.error(ErrorKind::CTranslate2Version { version }));
    }
    let specification = cursor.text()?;
    let revision = cursor.u32("the revision")?;
    let metadata = BTreeMap::from([
        ("specification".to_owned(), specification),
        ("revision".to_owned(), revision.to_string()),
    ]);
    // The shortest variable: a name of no letters, no axes, a type, and no bytes.
    let variables = cursor.count("variables", 9)?;
    let mut entries = Vec::new();
    let mut places: BTreeMap<String, Option<usize>> = BTreeMap::new();
    let mut settings = 0u64;
    for _ in 0..variables {
        let entry = variable(&mut cursor, &place, &mut oddities)?;
        let setting = entry.shape.is_empty();
        let listed = (!setting).then_some(entries.len());
        if places.insert(entry.name.clone(), listed).is_some() {
            return Err(place.tensor(&entry.name).byte(entry.offset).error(ErrorKind::TensorTwice));
        }
        settings += u64::from(setting);
        if !setting {
            entries.push(entry);
        }
        if TENSOR_LIMIT < places.len() {
            return Err(place.error(ErrorKind::TooManyTensors { limit: TENSOR_LIMIT }));
        }
    }
    if 0 < settings {
        let what =
            format_args!("variables without axes, which are settings and not listed: {settings}");
        oddities.tell("settings", None, what);
    }
    if entries.is_empty() {
        oddities.tell("empty files", None, "the file holds no tensors");
    }
    aliases(&mut cursor, &places, &mut entries, &place)?;
    if cursor.at < reader.len() {
        let rest = count(reader.len() - cursor.at, "byte");
        let what = format_args!("{rest} from byte {} on, after all names", cursor.at);
        oddities.tell("bytes after all names", None, what);
    }
    entries.sort_by(|a, b| (a.offset, a.bytes, &a.name).cmp(&(b.offset, b.bytes, &b.name)));
    tell_shared(&entries, &mut oddities);
    let joins = joins(&entries);
    Ok(Contents { entries, metadata, joins, oddities: oddities.into_list() })
}

/// One variable, whose bytes are passed over.
fn variable(
    cursor: &mut Cursor<'_>,
    place: &Place,
    oddities: &mut Oddities,
) -> Result<Entry, Error> {
    let name = cursor.text()?;
    let axes = usize::from(cursor.u8("the number of axes")?);
    let fails = |kind| place.clone().tensor(&name).error(kind);
    if AXIS_LIMIT < axes {
        return Err(fails(ErrorKind::TooManyAxes { limit: AXIS_LIMIT }));
    }
    let mut shape = Vec::with_capacity(axes);
    for _ in 0..axes {
        shape.push(u64::from(cursor.u32("an axis")?));
    }
    let number = cursor.u8("a type")?;
    let bytes = u64::from(cursor.u32("a size")?);
    let offset = cursor.at;
    cursor.pass(bytes, &name)?;
    // The order of `DataType` in CTranslate2's `include/ctranslate2/types.h`.
    let dtype = match number {
        0 => Dtype::F32,
        1 => Dtype::I8,
        2 => Dtype::I16,
        3 => Dtype::I32,
        4 => Dtype::F16,
        5 => Dtype::BF16,
        number => {
            let what = format_args!(
                "the type {number} is not read; shape {shape:?} is listed as U8 {:?}",
                [bytes]
            );
            oddities.tell("tensors of a type that is not read", Some(&name), what);
            let (dtype, shape) = (Dtype::U8, vec![bytes]);
            return Ok(Entry { name, dtype, shape, file: 0, offset, bytes, recipe: None });
        }
    };
    let needs = layout::bytes_of(dtype, &shape).map_err(fails)?;
    if needs != bytes {
        let dtype = dtype.to_string();
        return Err(fails(ErrorKind::SizeMismatch { dtype, shape, needs, has: bytes }));
    }
    tell_of_name(&name, oddities);
    Ok(Entry { name, dtype, shape, file: 0, offset, bytes, recipe: None })
}

/// The other names, each of which lists a variable once more.
fn aliases(
    cursor: &mut Cursor<'_>,
    places: &BTreeMap<String, Option<usize>>,
    entries: &mut Vec<Entry>,
    place: &Place,
) -> Result<(), Error> {
    let mut seen = BTreeSet::new();
    for _ in 0..cursor.count("other names", 4)? {
        let (alias, name) = (cursor.text()?, cursor.text()?);
        let Some(found) = places.get(&name) else {
            return Err(place.clone().error(ErrorKind::AliasUnknown { alias, name }));
        };
        if places.contains_key(&alias) || !seen.insert(alias.clone()) {
            return Err(place.clone().tensor(&alias).error(ErrorKind::TensorTwice));
        }
        if let Some(entry) = found.and_then(|found| entries.get(found)) {
            entries.push(Entry { name: alias, ..entry.clone() });
        }
    }
    Ok(())
}

/// The weights of 8 bits that have a scale.
fn joins(entries: &[Entry]) -> Vec<Join> {
    let names: BTreeSet<&str> = entries.iter().map(|entry| entry.name.as_str()).collect();
    let join = |entry: &Entry| {
        let (name, scale) = (entry.name.clone(), format!("{}_scale", entry.name));
        let codes = name.clone();
        Join { name, codes, scale, zero: None, form: Form::Divided }
    };
    let bytes = entries.iter().filter(|entry| entry.dtype == Dtype::I8);
    bytes.map(join).filter(|join| names.contains(join.scale.as_str())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_its_specification() {
        assert!(begins(b"\x06\0\0\0\x0c\0WhisperSpec\0\x03\0\0\0"));
        for head in [
            &b""[..],
            b"\x06\0\0\0\x0c\0WhisperSpec",
            b"\x06\0\0\0\x0c\0WhisperSpex\0",
            b"\x06\0\0\0\x0c\0Whisper/Spec\0",
            b"\x06\0\0\x01\x0c\0WhisperSpec\0",
            b"\x40\0\0\0\0\0\0\0{}",
        ] {
            assert!(!begins(head));
        }
    }
}
