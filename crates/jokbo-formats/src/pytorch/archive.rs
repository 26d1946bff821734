//! The zip form: which records are the pickles, and which the storages.

use std::collections::BTreeMap;

use super::storage::Storage;
use super::{Held, Source};
use crate::error::{ErrorKind, Place};
use crate::limits::PICKLE_LIMIT;
use crate::pickle::{self, Heap};
use crate::words::{Shown, count};
use crate::zip::{self, Archive, Record};
use crate::{ByteOrder, Entry, Error, ReadAt};

/// The pickles of an archive, the folder of each one's storages, and what the names of its
/// tensors begin with.
const PICKLES: [(&str, &str, &str); 2] =
    [("data.pkl", "data", ""), ("constants.pkl", "constants", "constants")];

/// Reads the entries of the archive in `source`.
pub(super) fn read(source: &mut Source<'_>) -> Result<Vec<Entry>, Error> {
    let (reader, place) = (source.reader, source.place);
    let archive = zip::read(&**reader, place, &mut source.oddities)?;
    let folder = folder(&archive).map_err(|kind| place.clone().error(kind))?;
    source.order = byte_order(&**reader, &archive, &folder, place)?;
    let mut entries = Vec::new();
    let mut unpacked = BTreeMap::new();
    for (name, storages, prefix) in PICKLES {
        let Some(record) = archive.record(&format!("{folder}{name}")) else { continue };
        let bytes = fetch(&**reader, record, PICKLE_LIMIT, place)?;
        let pickle = pickle::read(&bytes).map_err(|fault| {
            let at = u64::try_from(fault.at).unwrap_or(u64::MAX);
            // In a packed record there is no byte of the file to point at.
            let at =
                if record.is_stored() { record.start.saturating_add(at) } else { record.start };
            place.clone().byte(at).error(fault.kind)
        })?;
        let rest = bytes.len().saturating_sub(pickle.length);
        if 0 < rest {
            let what =
                format_args!("{} follow the end of the pickle `{name}`", count(rest, "byte"));
            source.oddities.tell("bytes after a pickle", None, what);
        }
        let mut find =
            |source: &mut Source<'_>, heap: &Heap<'_>, storage: &Storage| -> Result<Held, Error> {
                let key = heap.text(storage.key);
                let Some(record) = archive.record(&format!("{folder}{storages}/{key}")) else {
                    return Err(place.clone().error(ErrorKind::NoStorage { key: key.to_owned() }));
                };
                match storage.bytes() {
                    Some(needs) if needs != record.bytes => {
                        let (key, has) = (key.to_owned(), record.bytes);
                        let kind = ErrorKind::StorageSize { key, needs, has };
                        Err(place.clone().byte(record.start).error(kind))
                    }
                    _ => hold(source, record, &mut unpacked),
                }
            };
        entries.extend(source.entries(&pickle, prefix, &mut find)?);
    }
    Ok(entries)
}

/// Where the bytes of a record are: in the file, or unpacked in memory, once.
fn hold(
    source: &mut Source<'_>,
    record: &Record,
    unpacked: &mut BTreeMap<String, usize>,
) -> Result<Held, Error> {
    let bytes = record.bytes;
    if record.is_stored() {
        return Ok(Held { file: 0, start: record.start, bytes });
    }
    if let Some(&file) = unpacked.get(&record.name) {
        return Ok(Held { file, start: 0, bytes });
    }
    let fails = |kind| source.place.clone().byte(record.start).error(kind);
    source.derived.has_room(bytes).map_err(fails)?;
    let held = record.unpack(&**source.reader, source.place)?;
    let file = source.derived.hold(held, source.order).map_err(fails)?;
    unpacked.insert(record.name.clone(), file);
    Ok(Held { file, start: 0, bytes })
}

/// The folder that everything lies in, with its slash: that of the only `data.pkl`.
fn folder(archive: &Archive) -> Result<String, ErrorKind> {
    let mut folders = archive
        .names()
        .filter_map(|name| name.strip_suffix("data.pkl"))
        .filter(|folder| folder.strip_suffix('/').is_some_and(|folder| !folder.contains('/')));
    match (folders.next(), folders.next()) {
        (Some(folder), None) => Ok(folder.to_owned()),
        (None, _) => Err(ErrorKind::Zip { what: "holds no data.pkl, so PyTorch did not write it" }),
        _ => Err(ErrorKind::Zip { what: "holds two models" }),
    }
}

fn byte_order(
    reader: &dyn ReadAt,
    archive: &Archive,
    folder: &str,
    place: &Place,
) -> Result<ByteOrder, Error> {
    let Some(record) = archive.record(&format!("{folder}byteorder")) else {
        return Ok(ByteOrder::Little);
    };
    let said = fetch(reader, record, 64, place)?;
    match &*said {
        b"little" => Ok(ByteOrder::Little),
        b"big" => Ok(ByteOrder::Big),
        said => {
            let said = Shown(&String::from_utf8_lossy(said)).to_string();
            Err(place.clone().byte(record.start).error(ErrorKind::ByteOrder { said }))
        }
    }
}

fn fetch(
    reader: &dyn ReadAt,
    record: &Record,
    limit: u64,
    place: &Place,
) -> Result<Vec<u8>, Error> {
    let has = record.bytes;
    if limit < has {
        let kind = ErrorKind::PickleTooLong { has, limit };
        return Err(place.clone().byte(record.start).error(kind));
    }
    record.unpack(reader, place)
}
