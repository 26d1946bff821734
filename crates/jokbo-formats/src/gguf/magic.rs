//! The first 24 bytes: magic, version, number of tensors, number of metadata keys.

use super::cursor::Cursor;
use crate::error::ErrorKind;
use crate::limits::{KEY_LIMIT, TENSOR_LIMIT};
use crate::{ByteOrder, Error};

/// What every GGUF file begins with, in either byte order.
pub(crate) const MAGIC: &[u8; 4] = b"GGUF";

/// Fewest bytes of a metadata key: the length of an empty name, a type and one byte of value.
const LEAST_KEY: u64 = 8 + 4 + 1;

/// Fewest bytes of a tensor's entry: an empty name, no dimensions, a type and an offset.
const LEAST_TENSOR: u64 = 8 + 4 + 4 + 8;

/// What the first bytes say.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Head {
    /// Number of tensors.
    pub(super) tensors: u64,
    /// Number of metadata keys.
    pub(super) keys: u64,
}

/// Reads the head and sets the cursor's byte order: versions are small numbers, so one whose
/// lower half is zero was written the other way around.
pub(super) fn read(cursor: &mut Cursor<'_>) -> Result<Head, Error> {
    let what = "the file's head";
    let magic: [u8; 4] = cursor.bytes(what)?;
    if magic != *MAGIC {
        return Err(cursor.fails(ErrorKind::NotGguf));
    }
    let stored: [u8; 4] = cursor.bytes(what)?;
    if u32::from_le_bytes(stored) & 0xffff == 0 {
        cursor.order = ByteOrder::Big;
    }
    let version = cursor.order.u32(stored);
    if !(2..=3).contains(&version) {
        return Err(cursor.fails(ErrorKind::GgufVersion { version }));
    }
    let (tensors, keys) = (cursor.u64(what)?, cursor.u64(what)?);
    if u64::try_from(TENSOR_LIMIT).is_ok_and(|limit| limit < tensors) {
        return Err(cursor.fails(ErrorKind::TooManyTensors { limit: TENSOR_LIMIT }));
    }
    if KEY_LIMIT < keys {
        return Err(cursor.fails(ErrorKind::TooManyKeys { claims: keys, limit: KEY_LIMIT }));
    }
    cursor.holds_all(keys, LEAST_KEY, "metadata keys")?;
    cursor.holds_all(tensors, LEAST_TENSOR, "tensors")?;
    Ok(Head { tensors, keys })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Memory;
    use crate::error::Place;

    fn head(bytes: &[u8]) -> Result<(Head, ByteOrder), String> {
        let (file, place) = (Memory(bytes.to_vec()), Place::file("m"));
        let mut cursor = Cursor::new(&file, &place, 0);
        let head = read(&mut cursor).map_err(|error| error.to_string())?;
        Ok((head, cursor.order))
    }

    fn little(version: u32, tensors: u64, keys: u64, rest: usize) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend(version.to_le_bytes());
        bytes.extend(tensors.to_le_bytes());
        bytes.extend(keys.to_le_bytes());
        bytes.resize(24 + rest, 0);
        bytes
    }

    #[test]
    fn both_byte_orders_are_read() {
        let want = Head { tensors: 1, keys: 2 };
        assert_eq!(head(&little(3, 1, 2, 100)), Ok((want, ByteOrder::Little)));
        let mut big = MAGIC.to_vec();
        big.extend(2u32.to_be_bytes());
        big.extend(1u64.to_be_bytes());
        big.extend(2u64.to_be_bytes());
        big.resize(100, 0);
        assert_eq!(head(&big), Ok((Head { tensors: 1, keys: 2 }, ByteOrder::Big)));
    }

    #[test]
    fn counts_that_the_file_cannot_hold_are_refused() {
        #[track_caller]
        fn fails(bytes: &[u8], want: &str) {
            assert_eq!(head(bytes).unwrap_err(), want);
        }
        fails(b"GGML\0\0\0\0", "m, at byte 4: the file does not begin with GGUF");
        fails(
            b"GGUF\x03\0",
            "m, at byte 4: the file ends within the file's head: 4 bytes needed and 2 left",
        );
        for (version, read) in [(1, 1), (4, 4), (0, 0), (1 << 16, 256)] {
            let want =
                format!("m, at byte 8: the GGUF version is {read}, and versions 2 and 3 are read");
            fails(&little(version, 0, 0, 0), &want);
        }
        fails(&little(3, 1 << 63, 0, 0), "m, at byte 24: more than 2000000 tensors are listed");
        fails(
            &little(3, 3, 0, 71),
            "m, at byte 24: 3 tensors are announced, and the 71 bytes left cannot hold them",
        );
        fails(
            &little(3, 0, u64::MAX, 0),
            "m, at byte 24: 18446744073709551615 metadata keys are announced, and the limit is 100000",
        );
        fails(
            &little(3, 0, 10, 12),
            "m, at byte 24: 10 metadata keys are announced, and the 12 bytes left cannot hold them",
        );
    }
}
