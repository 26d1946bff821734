//! The first eight bytes and the text they announce.

use crate::error::{ErrorKind, Place};
use crate::limits::HEADER_LIMIT;
use crate::{Error, ReadAt};

/// Bytes that give the header's length: one little-endian number of 64 bits.
pub(super) const PREFIX: u64 = 8;

/// The header of a file, not yet understood.
#[derive(Debug)]
pub(super) struct Header {
    /// The text between the length and the tensors.
    pub(super) text: String,
    /// The first byte after it.
    pub(super) data_start: u64,
}

/// Reads the header. The claimed length is compared with the cap and with the bytes present
/// before anything is allocated.
pub(super) fn read(reader: &dyn ReadAt, place: &Place) -> Result<Header, Error> {
    let fails = |kind| place.clone().error(kind);
    let unreadable = |cause| fails(ErrorKind::Unreadable(cause));

    let Some(follow) = reader.len().checked_sub(PREFIX) else {
        return Err(fails(ErrorKind::NoHeaderLength { has: reader.len() }));
    };
    let mut prefix = [0; 8];
    reader.read_exact_at(&mut prefix, 0).map_err(unreadable)?;
    let claims = u64::from_le_bytes(prefix);
    if HEADER_LIMIT < claims {
        return Err(fails(ErrorKind::HeaderTooLarge { claims, limit: HEADER_LIMIT }));
    }
    if follow < claims {
        return Err(fails(ErrorKind::HeaderPastEnd { claims, has: follow }));
    }
    if claims < 2 {
        return Err(fails(ErrorKind::HeaderTooSmall { claims }));
    }
    let length = usize::try_from(claims)
        .map_err(|_| fails(ErrorKind::HeaderTooLarge { claims, limit: HEADER_LIMIT }))?;
    let mut bytes = vec![0; length];
    reader.read_exact_at(&mut bytes, PREFIX).map_err(unreadable)?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let cause = error.utf8_error();
        let valid = u64::try_from(cause.valid_up_to()).unwrap_or(u64::MAX);
        place.clone().byte(PREFIX.saturating_add(valid)).error(ErrorKind::NotText(cause))
    })?;
    // Both are far below 2^63: one is capped, the other is eight.
    Ok(Header { text, data_start: PREFIX + claims })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Memory;

    #[track_caller]
    fn fails(claims: u64, rest: &[u8], want: &str) {
        let mut file = claims.to_le_bytes().to_vec();
        file.extend(rest);
        let error = read(&Memory(file), &Place::file("m")).unwrap_err();
        assert_eq!(error.to_string(), want);
    }

    #[test]
    fn a_length_is_believed_only_when_the_bytes_are_there() {
        fails(0, b"", "m: the header is given as 0 bytes, and `{}` alone needs 2");
        fails(1, b"{}", "m: the header is given as 1 byte, and `{}` alone needs 2");
        fails(3, b"{}", "m: the header is given as 3 bytes, and only 2 follow");
        fails(
            100_000_001,
            b"{}",
            "m: the header is given as 100000001 bytes, and the limit is 100000000",
        );
        let all_ones =
            "m: the header is given as 18446744073709551615 bytes, and the limit is 100000000";
        fails(u64::MAX, b"{}", all_ones);
    }

    #[test]
    fn text_that_is_not_utf8_is_named_by_its_first_bad_byte() {
        fails(4, b"{\"\xff\"", "m, at byte 10: the text is not UTF-8");
    }

    #[test]
    fn a_file_shorter_than_the_length_says_how_short() {
        let error = read(&Memory(vec![1, 2, 3]), &Place::file("m")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "m: the file ends after 3 bytes, within the 8 that give the header's length"
        );
    }

    #[test]
    fn the_tensors_begin_where_the_header_ends() {
        let mut file = 4u64.to_le_bytes().to_vec();
        file.extend(b"{}  and more");
        let header = read(&Memory(file), &Place::file("m")).unwrap();
        assert_eq!((header.text.as_str(), header.data_start), ("{}  ", 12));
    }
}
