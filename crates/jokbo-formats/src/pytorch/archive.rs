//! The zip form: which records are the pickles, and which the storages.

use super::pickle::{self, Heap};
use super::storage::Storage;
use super::zip::{self, Archive, Record};
use crate::error::{ErrorKind, Place};
use crate::limits::PICKLE_LIMIT;
use crate::oddity::Oddities;
use crate::words::{Shown, count};
use crate::{ByteOrder, Entry, Error, ReadAt};

/// The pickles of an archive, the folder of each one's storages, and what the names of its
/// tensors begin with.
const PICKLES: [(&str, &str, &str); 2] =
    [("data.pkl", "data", ""), ("constants.pkl", "constants", "constants")];

/// Reads the entries of the archive in `reader`.
pub(super) fn read(
    reader: &dyn ReadAt,
    place: &Place,
    oddities: &mut Oddities,
) -> Result<(Vec<Entry>, ByteOrder), Error> {
    let archive = zip::read(reader, place, oddities)?;
    let folder = folder(&archive).map_err(|kind| place.clone().error(kind))?;
    let order = byte_order(reader, &archive, &folder, place)?;
    let mut entries = Vec::new();
    for (name, storages, prefix) in PICKLES {
        let Some(record) = archive.stored(&format!("{folder}{name}"), place)? else { continue };
        let bytes = fetch(reader, record, PICKLE_LIMIT, place)?;
        let pickle = pickle::read(&bytes).map_err(|fault| {
            let at = u64::try_from(fault.at).unwrap_or(u64::MAX);
            place.clone().byte(record.start.saturating_add(at)).error(fault.kind)
        })?;
        let rest = bytes.len().saturating_sub(pickle.length);
        if 0 < rest {
            let what =
                format_args!("{} follow the end of the pickle `{name}`", count(rest, "byte"));
            oddities.tell("bytes after a pickle", None, what);
        }
        let find = |heap: &Heap<'_>, storage: &Storage| -> Result<(u64, u64), Error> {
            let key = heap.text(storage.key);
            let record = archive.stored(&format!("{folder}{storages}/{key}"), place)?;
            let Some(record) = record else {
                return Err(place.clone().error(ErrorKind::NoStorage { key: key.to_owned() }));
            };
            match storage.bytes() {
                Some(needs) if needs != record.bytes => {
                    let (key, has) = (key.to_owned(), record.bytes);
                    let kind = ErrorKind::StorageSize { key, needs, has };
                    Err(place.clone().byte(record.start).error(kind))
                }
                _ => Ok((record.start, record.bytes)),
            }
        };
        entries.extend(super::entries(&pickle, prefix, place, oddities, &find)?);
    }
    Ok((entries, order))
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
    let Some(record) = archive.stored(&format!("{folder}byteorder"), place)? else {
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
    let fails = |kind| place.clone().byte(record.start).error(kind);
    if limit < has {
        return Err(fails(ErrorKind::PickleTooLong { has, limit }));
    }
    let mut bytes = vec![0; usize::try_from(has).unwrap_or_default()];
    let read = reader.read_exact_at(&mut bytes, record.start);
    read.map_err(|cause| fails(ErrorKind::Unreadable(cause)))?;
    Ok(bytes)
}
