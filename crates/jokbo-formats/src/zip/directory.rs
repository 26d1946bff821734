//! The end of a zip archive: the record that says where the directory is, and the directory.

use crate::error::{ErrorKind, Place};
use crate::limits::{DIRECTORY_LIMIT, NAME_LIMIT};
use crate::{Error, ReadAt};

/// Bytes of the last record, without its comment.
const END: usize = 22;
/// Bytes of the record that leads to the 64-bit end, which comes right before.
const LOCATOR: usize = 20;
/// Bytes of the 64-bit end.
const END_64: usize = 56;
/// Bytes of a line of the directory, without what has its own length.
const LINE: usize = 46;

/// One line of the directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Listed {
    pub(super) name: String,
    pub(super) method: u16,
    pub(super) encrypted: bool,
    /// The CRC-32 of the bytes once unpacked.
    pub(super) crc: u32,
    /// Bytes in the file, and bytes once unpacked.
    pub(super) packed: u64,
    pub(super) bytes: u64,
    /// First byte of the head before the record.
    pub(super) head: u64,
}

/// Reads the directory, and gives its lines and its first byte, before which all records lie.
pub(super) fn read(reader: &dyn ReadAt, place: &Place) -> Result<(Vec<Listed>, u64), Error> {
    let fails = |what| place.clone().error(ErrorKind::Zip { what });
    let no_end = "has no end, so the file is cut short or no archive";
    // The last record ends with a comment of at most 65,535 bytes.
    let window = (END as u64 + LOCATOR as u64 + 0xffff).min(reader.len());
    let tail_start = reader.len() - window;
    let tail = fetch(reader, tail_start, window, place)?;
    let at = (0..=tail.len().saturating_sub(END))
        .rev()
        .find(|&at| {
            let rest = tail.get(at..).unwrap_or_default();
            rest.starts_with(b"PK\x05\x06") && rest.len() == END + usize::from(u16_at(rest, 20))
        })
        .ok_or_else(|| fails(no_end))?;
    let end = tail.get(at..).unwrap_or_default();
    let end_at = tail_start + at as u64;
    let (mut lines, mut size, mut start) =
        (u16_at(end, 10).into(), u32_at(end, 12).into(), u32_at(end, 16).into());
    let mut last = end_at;
    let locator = at.checked_sub(LOCATOR).and_then(|from| tail.get(from..at));
    if let Some(locator) = locator.filter(|locator| locator.starts_with(b"PK\x06\x07")) {
        last = u64_at(locator, 8);
        let there = last.checked_add(END_64 as u64).is_some_and(|stop| stop <= end_at);
        if !there {
            return Err(fails("has its 64-bit end beyond the file"));
        }
        let end = fetch(reader, last, END_64 as u64, place)?;
        if !end.starts_with(b"PK\x06\x06") {
            return Err(fails("has no 64-bit end where it says"));
        }
        (lines, size, start) = (u64_at(&end, 32), u64_at(&end, 40), u64_at(&end, 48));
    }
    if start.checked_add(size) != Some(last) {
        return Err(fails("has a directory that does not end where its end begins"));
    }
    if DIRECTORY_LIMIT < size || size / (LINE as u64) < lines {
        return Err(fails("has a directory too long to be true"));
    }
    let text = fetch(reader, start, size, place)?;
    let listed = parse(&text, lines).ok_or_else(|| fails("has a directory that is cut short"))?;
    if listed.iter().any(|one| NAME_LIMIT < one.name.len()) {
        return Err(fails("has a record whose name is too long"));
    }
    Ok((listed, start))
}

/// The lines of a directory, which must fill it.
fn parse(mut text: &[u8], lines: u64) -> Option<Vec<Listed>> {
    let mut listed = Vec::new();
    for _ in 0..lines {
        let (line, rest) = text.split_at_checked(LINE)?;
        if !line.starts_with(b"PK\x01\x02") {
            return None;
        }
        let (name, rest) = rest.split_at_checked(u16_at(line, 28).into())?;
        let (extra, rest) = rest.split_at_checked(u16_at(line, 30).into())?;
        let (_comment, rest) = rest.split_at_checked(u16_at(line, 32).into())?;
        text = rest;
        let mut wide = Wide { left: wide_numbers(extra) };
        let bytes = wide.number(u32_at(line, 24))?;
        let packed = wide.number(u32_at(line, 20))?;
        let head = wide.number(u32_at(line, 42))?;
        listed.push(Listed {
            name: str::from_utf8(name).ok()?.to_owned(),
            method: u16_at(line, 10),
            encrypted: u16_at(line, 8) & 1 == 1,
            crc: u32_at(line, 16),
            packed,
            bytes,
            head,
        });
    }
    text.is_empty().then_some(listed)
}

/// The numbers of 64 bits that stand in for those of 32 bits that are all ones.
struct Wide<'a> {
    left: &'a [u8],
}

impl Wide<'_> {
    fn number(&mut self, narrow: u32) -> Option<u64> {
        if narrow != u32::MAX {
            return Some(narrow.into());
        }
        let (number, left) = self.left.split_first_chunk()?;
        self.left = left;
        Some(u64::from_le_bytes(*number))
    }
}

/// The field of an extra field that holds numbers of 64 bits.
fn wide_numbers(mut extra: &[u8]) -> &[u8] {
    while let Some((head, rest)) = extra.split_at_checked(4) {
        let Some((field, rest)) = rest.split_at_checked(u16_at(head, 2).into()) else { break };
        if u16_at(head, 0) == 1 {
            return field;
        }
        extra = rest;
    }
    &[]
}

fn fetch(reader: &dyn ReadAt, at: u64, n: u64, place: &Place) -> Result<Vec<u8>, Error> {
    let mut bytes = vec![0; usize::try_from(n).unwrap_or_default()];
    let read = reader.read_exact_at(&mut bytes, at);
    read.map_err(|cause| place.clone().byte(at).error(ErrorKind::Unreadable(cause)))?;
    Ok(bytes)
}

/// The number of 16 bits at `at`, or 0 where there is none.
pub(super) fn u16_at(bytes: &[u8], at: usize) -> u16 {
    let field = bytes.get(at..).and_then(|rest| rest.first_chunk());
    field.map_or(0, |field| u16::from_le_bytes(*field))
}

/// The number of 32 bits at `at`, or 0 where there is none.
pub(super) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    let field = bytes.get(at..).and_then(|rest| rest.first_chunk());
    field.map_or(0, |field| u32::from_le_bytes(*field))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    let field = bytes.get(at..).and_then(|rest| rest.first_chunk());
    field.map_or(0, |field| u64::from_le_bytes(*field))
}
