//! The directory of a zip archive, read strictly: where each stored record lies.
//!
//! The layout is that of PKWARE's APPNOTE.TXT 6.3, sections 4.3 and 4.5. PyTorch and NumPy store
//! records as they are, so that each is a range of bytes of the file. A deflated record is unpacked
//! when it is asked for, by `inflate`, which holds it to the size it claims.
//!
//! A directory says where records lie, and so does a head before each record. Both must agree:
//! readers differ in which they believe.

mod directory;
mod inflate;

use std::collections::BTreeMap;

use crate::error::{ErrorKind, Place};
use crate::oddity::Oddities;
use crate::words::count;
use crate::{Error, ReadAt};
use directory::Listed;

/// Bytes of the head before a record, without its name and its extra field.
const HEAD: u64 = 30;

/// Most bytes that may follow a record to say its size once more.
const DESCRIPTOR: u64 = 24;

/// A record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) name: String,
    /// Its first byte in the file, packed or not.
    pub(crate) start: u64,
    /// Its bytes, once unpacked.
    pub(crate) bytes: u64,
    packed: u64,
    packing: Packing,
    crc: u32,
}

/// How the bytes of a record are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Packing {
    Stored,
    Deflated,
    /// By a method of this number, which is not read.
    Other,
}

/// The records of an archive, by name.
#[derive(Debug)]
pub(crate) struct Archive {
    records: BTreeMap<String, Record>,
}

/// Reads the directory of `reader` and the head of every record.
pub(crate) fn read(
    reader: &dyn ReadAt,
    place: &Place,
    oddities: &mut Oddities,
) -> Result<Archive, Error> {
    let (listed, end) = directory::read(reader, place)?;
    let mut records = BTreeMap::new();
    let mut ranges = Vec::with_capacity(listed.len());
    for one in listed {
        let fails = |what| record(place, &one.name, one.head, what);
        if !is_plain(&one.name) {
            return Err(fails("leads out of the archive or is not a plain path"));
        }
        if one.encrypted {
            return Err(fails("is encrypted"));
        }
        let start = check_head(reader, &one, place)?;
        let stop = start.checked_add(one.packed).filter(|stop| *stop <= end);
        let stop = stop.ok_or_else(|| fails("ends beyond the records"))?;
        let packing = match one.method {
            0 => Packing::Stored,
            8 => Packing::Deflated,
            _ => Packing::Other,
        };
        if packing == Packing::Stored && one.packed != one.bytes {
            return Err(fails("is stored and has two sizes"));
        }
        let Listed { packed, bytes, crc, .. } = one;
        let held = Record { name: one.name.clone(), start, bytes, packed, packing, crc };
        if records.insert(one.name.clone(), held).is_some() {
            return Err(fails("is listed twice"));
        }
        ranges.push((one.head, stop, one.name));
    }
    ranges.sort_unstable();
    let mut filled = 0u64;
    for (head, stop, name) in &ranges {
        if *head < filled {
            return Err(record(place, name, *head, "lies over another record"));
        }
        tell_hole(filled, *head, oddities);
        filled = *stop;
    }
    tell_hole(filled, end, oddities);
    Ok(Archive { records })
}

impl Archive {
    /// The records' names, in order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.records.keys().map(String::as_str)
    }

    /// The records, in the order of their names.
    pub(crate) fn records(&self) -> impl Iterator<Item = &Record> {
        self.records.values()
    }

    /// The record `name`, when there is one.
    pub(crate) fn record(&self, name: &str) -> Option<&Record> {
        self.records.get(name)
    }
}

impl Record {
    /// Whether its bytes lie in the file as they are.
    pub(crate) fn is_stored(&self) -> bool {
        self.packing == Packing::Stored
    }

    /// Its bytes, unpacked. The caller has compared [`Record::bytes`] with a limit.
    pub(crate) fn unpack(&self, reader: &dyn ReadAt, place: &Place) -> Result<Vec<u8>, Error> {
        match self.packing {
            Packing::Stored => {
                let mut bytes = vec![0; usize::try_from(self.bytes).unwrap_or_default()];
                let read = reader.read_exact_at(&mut bytes, self.start);
                read.map_err(|cause| {
                    place.clone().byte(self.start).error(ErrorKind::Unreadable(cause))
                })?;
                Ok(bytes)
            }
            Packing::Deflated => inflate::inflate(self, reader, place),
            Packing::Other => Err(self.error(place, "is packed by a method that is not read")),
        }
    }

    /// What is wrong with it.
    pub(crate) fn error(&self, place: &Place, what: &'static str) -> Error {
        record(place, &self.name, self.start, what)
    }
}

/// Compares the head of a record with the directory, and gives the record's first byte.
fn check_head(reader: &dyn ReadAt, one: &Listed, place: &Place) -> Result<u64, Error> {
    let fails = |what| record(place, &one.name, one.head, what);
    let rest = reader.len().saturating_sub(one.head);
    let named = u64::try_from(one.name.len()).unwrap_or(u64::MAX).saturating_add(HEAD);
    if rest < named {
        return Err(fails("begins beyond the records"));
    }
    let mut head = vec![0; usize::try_from(named).unwrap_or_default()];
    let unreadable = |cause| place.clone().byte(one.head).error(ErrorKind::Unreadable(cause));
    reader.read_exact_at(&mut head, one.head).map_err(unreadable)?;
    if !head.starts_with(b"PK\x03\x04") {
        return Err(fails("is not where the directory says"));
    }
    let name = usize::from(directory::u16_at(&head, 26));
    let extra = u64::from(directory::u16_at(&head, 28));
    if name != one.name.len() || head.get(30..) != Some(one.name.as_bytes()) {
        return Err(fails("has another name in its own head"));
    }
    if directory::u16_at(&head, 8) != one.method {
        return Err(fails("is packed otherwise by its own head"));
    }
    // The sizes here are 0 when a descriptor follows, and all ones when the extra field has them.
    let size = directory::u32_at(&head, 18);
    if size != 0 && size != u32::MAX && u64::from(size) != one.packed {
        return Err(fails("has another size in its own head"));
    }
    one.head
        .checked_add(named)
        .and_then(|start| start.checked_add(extra))
        .ok_or_else(|| fails("begins beyond the records"))
}

/// Whether a record's name is a path of plain names.
fn is_plain(name: &str) -> bool {
    let path = name.strip_suffix('/').unwrap_or(name);
    !path.contains(['\\', '\0']) && path.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

fn tell_hole(from: u64, to: u64, oddities: &mut Oddities) {
    let hole = to.saturating_sub(from);
    if DESCRIPTOR < hole {
        let what = format_args!("{} from byte {from} on, in no record", count(hole, "byte"));
        oddities.tell("holes between records", None, what);
    }
}

fn record(place: &Place, name: &str, byte: u64, what: &'static str) -> Error {
    let name = name.to_owned();
    place.clone().byte(byte).error(ErrorKind::ZipRecord { name, what })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_may_not_lead_out() {
        for name in ["m/data/0", "m/.data/id", "m/data.pkl", "m/", "a..b/c"] {
            assert!(is_plain(name), "{name}");
        }
        for name in ["../x", "m/../x", "/etc/passwd", "m\\..\\x", "", "m//x", "./x", "m\0"] {
            assert!(!is_plain(name), "{name}");
        }
    }
}
