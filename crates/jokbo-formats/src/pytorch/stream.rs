//! The form before the zip archive: five pickles one after the other, then the storages.
//!
//! The pickles are a magic number, the version of the form, what the machine was like, the
//! tensors, and the names of the storages in the order in which they follow. Before each storage
//! stands how many elements it has. Source: `_legacy_save` in `torch/serialization.py`.

use std::collections::BTreeMap;

use super::storage::{self, Storage};
use super::{Held, Source};
use crate::error::{ErrorKind, Place};
use crate::limits::PICKLE_LIMIT;
use crate::oddity::Oddities;
use crate::pickle::{self, Fault, Heap, Pickle, Value};
use crate::words::count;
use crate::{ByteOrder, Entry, Error, ReadAt};

/// The first pickle after its protocol: the number that says what follows, and nothing else.
const MAGIC: &[u8] = b"\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19\x2e";

/// The length of the first pickle at its longest: protocol, frame, number.
pub(super) const HEAD: usize = 2 + 9 + MAGIC.len();

/// Whether a file that begins with `head` is of this form. From protocol 4 on, a frame with its
/// length stands before the number.
pub(crate) fn begins(head: &[u8]) -> bool {
    let [0x80, 2..=5, rest @ ..] = head else { return false };
    let framed = rest.split_at_checked(9).filter(|(frame, _)| frame[0] == 0x95);
    framed.map_or(rest, |(_, rest)| rest).starts_with(MAGIC)
}

/// The only version of the form.
const VERSION: i64 = 1001;

/// Reads the entries of the file in `source`.
pub(super) fn read(source: &mut Source<'_>) -> Result<Vec<Entry>, Error> {
    let (reader, place) = (&**source.reader, source.place);
    // Where the pickles end is only known by reading them.
    let length = reader.len().min(PICKLE_LIMIT);
    let mut bytes = vec![0; usize::try_from(length).unwrap_or_default()];
    let read = reader.read_exact_at(&mut bytes, 0);
    read.map_err(|cause| place.clone().error(ErrorKind::Unreadable(cause)))?;
    let mut pickles = Pickles { bytes: &bytes, at: 0, place };
    pickles.next()?;
    let version = pickles.next()?;
    if version.root != Value::Int(VERSION) {
        let kind = ErrorKind::Pickle { what: "gives a version of the form that is not read" };
        return Err(place.clone().error(kind));
    }
    source.order = byte_order(&pickles.next()?);
    let weights = pickles.next()?;
    let keys = pickles.next()?;
    let places = lay(reader, pickles.at, &weights.heap, &keys, place, &mut source.oddities)?;
    let mut find =
        |_: &mut Source<'_>, heap: &Heap<'_>, storage: &Storage| -> Result<Held, Error> {
            let key = heap.text(storage.key);
            let (start, bytes) = places
                .get(key)
                .copied()
                .ok_or_else(|| place.clone().error(ErrorKind::NoStorage { key: key.to_owned() }))?;
            Ok(Held { file: 0, start, bytes })
        };
    source.entries(&weights, "", &mut find)
}

/// The pickles at the start of a file.
struct Pickles<'a> {
    bytes: &'a [u8],
    at: usize,
    place: &'a Place,
}

impl<'a> Pickles<'a> {
    fn next(&mut self) -> Result<Pickle<'a>, Error> {
        let start = self.at;
        let read = pickle::read(self.bytes.get(start..).unwrap_or_default());
        let pickle = read.map_err(|Fault { at, kind }| {
            let at = u64::try_from(start.saturating_add(at)).unwrap_or(u64::MAX);
            self.place.clone().byte(at).error(kind)
        })?;
        self.at = start.saturating_add(pickle.length);
        Ok(pickle)
    }
}

/// The byte order of the machine that saved the file.
fn byte_order(machine: &Pickle<'_>) -> ByteOrder {
    let big = machine.heap.pairs(machine.root).iter().any(|(key, value)| {
        machine.heap.as_text(*key) == Some("little_endian") && *value == Value::Bool(false)
    });
    if big { ByteOrder::Big } else { ByteOrder::Little }
}

/// First byte and size of every storage, from byte `at` on in the order of `keys`.
fn lay<'a>(
    reader: &dyn ReadAt,
    at: usize,
    heap: &Heap<'a>,
    keys: &Pickle<'a>,
    place: &Place,
    oddities: &mut Oddities,
) -> Result<BTreeMap<&'a str, (u64, u64)>, Error> {
    let mut described: BTreeMap<&str, Storage> = BTreeMap::new();
    for value in heap.persistent() {
        let storage = storage::of(heap, value).map_err(|kind| place.clone().error(kind))?;
        described.insert(heap.text(storage.key), storage);
    }
    let listed = keys.heap.elements(keys.root).unwrap_or_default();
    let mut at = u64::try_from(at).unwrap_or(u64::MAX);
    let mut places = BTreeMap::new();
    for key in listed.iter().map(|key| keys.heap.as_text(*key).unwrap_or_default()) {
        let fails = |kind| place.clone().byte(at).error(kind);
        let bytes = described.get(key).and_then(Storage::bytes).ok_or_else(|| {
            fails(ErrorKind::Pickle { what: "lists a storage whose size it does not give" })
        })?;
        let mut elements = [0; 8];
        let left = reader.len().saturating_sub(at);
        let Some(has) = left.checked_sub(8) else {
            let what = "the size of a storage";
            return Err(fails(ErrorKind::EndsWithin { what, needs: 8, has: left }));
        };
        let read = reader.read_exact_at(&mut elements, at);
        read.map_err(|cause| fails(ErrorKind::Unreadable(cause)))?;
        let says = described.get(key).map(|storage| storage.elements);
        if says != Some(u64::from_le_bytes(elements)) {
            return Err(fails(ErrorKind::Pickle {
                what: "gives a storage another size than it has",
            }));
        }
        if has < bytes {
            let key = key.to_owned();
            return Err(fails(ErrorKind::StorageSize { key, needs: bytes, has }));
        }
        let start = at.saturating_add(8);
        if places.insert(key, (start, bytes)).is_some() {
            return Err(fails(ErrorKind::Pickle { what: "lists a storage twice" }));
        }
        at = start.saturating_add(bytes);
    }
    let rest = reader.len().saturating_sub(at);
    if 0 < rest {
        let what =
            format_args!("{} from byte {at} on, after the last storage", count(rest, "byte"));
        oddities.tell("bytes after the last storage", None, what);
    }
    Ok(places)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_is_known_in_every_protocol() {
        for head in [&b"\x80\x02"[..], b"\x80\x03", b"\x80\x05\x95\x0d\0\0\0\0\0\0\0"] {
            assert!(begins(&[head, MAGIC, b"more"].concat()), "{head:?}");
            assert!(!begins(&[head, &MAGIC[..12]].concat()), "{head:?}");
            assert!(head.len() + MAGIC.len() <= HEAD);
        }
        assert!(!begins(b"") && !begins(&[b"\x80\x09", MAGIC].concat()));
        assert!(!begins(&[b"\x80\x04\x95", MAGIC].concat()));
    }
}
