//! Deflated records, unpacked as far as they claim to reach and never further.

use std::io::{self, Read};

use flate2::Crc;
use flate2::read::DeflateDecoder;

use super::Record;
use crate::error::{ErrorKind, Place};
use crate::{Error, ReadAt};

/// Most bytes that deflate makes of one. A code of one bit can stand for 258 bytes at a distance
/// that takes one more bit, so 8 bits make 1032 (RFC 1951, section 3.2.5).
const MOST_OF_ONE: u64 = 1032;

/// Bytes that are unpacked at a time, so that memory grows with what is there.
const STEP: u64 = 32 << 10;

/// Unpacks `record`. The size that it claims is compared with what its bytes can make before
/// anything is allocated, then with what they do make, then the checksum.
pub(super) fn inflate(
    record: &Record,
    reader: &dyn ReadAt,
    place: &Place,
) -> Result<Vec<u8>, Error> {
    if record.packed.saturating_mul(MOST_OF_ONE) < record.bytes {
        return Err(record.error(place, "is said to unpack to more than its bytes can make"));
    }
    let packed = Packed { reader, at: record.start, end: record.start + record.packed };
    // One byte more than it claims, so that one that makes more is seen.
    let decoder = DeflateDecoder::new_with_buf(packed, vec![0; 4096]);
    let mut unpacking = decoder.take(record.bytes.saturating_add(1));
    let mut bytes = Vec::new();
    loop {
        match unpacking.by_ref().take(STEP).read_to_end(&mut bytes) {
            Ok(0) => break,
            Ok(_) => {}
            Err(cause) if cause.kind() == io::ErrorKind::InvalidInput => {
                return Err(record.error(place, "is packed, and its bytes cannot be unpacked"));
            }
            Err(cause) if cause.kind() == io::ErrorKind::UnexpectedEof => {
                return Err(record.error(place, "is packed, and its bytes end too early"));
            }
            Err(cause) => {
                return Err(place.clone().byte(record.start).error(ErrorKind::Unreadable(cause)));
            }
        }
    }
    if u64::try_from(bytes.len()) != Ok(record.bytes) {
        return Err(record.error(place, "does not unpack to the size that it claims"));
    }
    if unpacking.get_ref().total_in() != record.packed {
        return Err(record.error(place, "has bytes after those that it unpacks to"));
    }
    let mut crc = Crc::new();
    crc.update(&bytes);
    if crc.sum() != record.crc {
        return Err(record.error(place, "does not have the checksum that the directory gives"));
    }
    Ok(bytes)
}

/// The packed bytes, in order.
struct Packed<'a> {
    reader: &'a dyn ReadAt,
    at: u64,
    end: u64,
}

impl Read for Packed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end - self.at).unwrap_or(usize::MAX);
        let n = buffer.len().min(left);
        let (piece, _) = buffer.split_at_mut(n);
        self.reader.read_exact_at(piece, self.at)?;
        self.at += n as u64;
        Ok(n)
    }
}
