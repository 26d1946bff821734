//! Reading forwards through a header: every length is compared with the bytes left first.

use crate::error::{ErrorKind, Place};
use crate::{ByteOrder, Error, ReadAt};

/// Bytes fetched at a time: a tokenizer's hundred thousand short strings then cost a few hundred
/// reads.
const WINDOW: u64 = 16 << 10;

/// A place in a file that only moves forwards.
#[derive(Debug)]
pub(super) struct Cursor<'a> {
    reader: &'a dyn ReadAt,
    place: &'a Place,
    at: u64,
    window: Vec<u8>,
    window_start: u64,
    /// How numbers are stored from here on.
    pub(super) order: ByteOrder,
}

impl<'a> Cursor<'a> {
    /// At byte `at` of `reader`.
    pub(super) fn new(reader: &'a dyn ReadAt, place: &'a Place, at: u64) -> Self {
        let (window, window_start) = (Vec::new(), 0);
        Self { reader, place, at, window, window_start, order: ByteOrder::Little }
    }

    /// The next byte.
    pub(super) fn at(&self) -> u64 {
        self.at
    }

    /// What is read from.
    pub(super) fn reader(&self) -> &'a dyn ReadAt {
        self.reader
    }

    /// The file's name in messages.
    pub(super) fn place(&self) -> &'a Place {
        self.place
    }

    /// Bytes from here to the end of the file.
    pub(super) fn left(&self) -> u64 {
        self.reader.len().saturating_sub(self.at)
    }

    /// What is wrong here.
    pub(super) fn fails(&self, kind: ErrorKind) -> Error {
        self.place.clone().byte(self.at).error(kind)
    }

    /// Refuses `n` bytes of `what` that the file does not have.
    fn holds(&self, n: u64, what: &'static str) -> Result<(), Error> {
        let has = self.left();
        if has < n {
            return Err(self.fails(ErrorKind::EndsWithin { what, needs: n, has }));
        }
        Ok(())
    }

    /// Refuses `n` things of at least `least` bytes each that the bytes left cannot hold.
    pub(super) fn holds_all(&self, n: u64, least: u64, what: &'static str) -> Result<(), Error> {
        let has = self.left();
        if n.checked_mul(least).is_none_or(|needs| has < needs) {
            return Err(self.fails(ErrorKind::CountPastEnd { what, claims: n, has }));
        }
        Ok(())
    }

    /// Passes over `n` bytes of `what`.
    pub(super) fn skip(&mut self, n: u64, what: &'static str) -> Result<(), Error> {
        self.holds(n, what)?;
        self.at += n;
        Ok(())
    }

    /// The next `N` bytes.
    pub(super) fn bytes<const N: usize>(&mut self, what: &'static str) -> Result<[u8; N], Error> {
        let n = N as u64;
        self.holds(n, what)?;
        let held = |cursor: &Self| {
            let start = usize::try_from(cursor.at.checked_sub(cursor.window_start)?).ok()?;
            cursor.window.get(start..)?.first_chunk::<N>().copied()
        };
        let bytes = match held(self) {
            Some(bytes) => bytes,
            None => {
                self.fetch(WINDOW.min(self.left()))?;
                held(self)
                    .ok_or_else(|| self.fails(ErrorKind::EndsWithin { what, needs: n, has: 0 }))?
            }
        };
        self.at += n;
        Ok(bytes)
    }

    /// The next `n` bytes of `what`, where `n` is below a cap of the caller's.
    pub(super) fn vec(&mut self, n: u64, what: &'static str) -> Result<Vec<u8>, Error> {
        self.holds(n, what)?;
        let mut bytes = Vec::new();
        let length = usize::try_from(n)
            .map_err(|_| self.fails(ErrorKind::EndsWithin { what, needs: n, has: 0 }))?;
        bytes.resize(length, 0);
        let read = self.reader.read_exact_at(&mut bytes, self.at);
        read.map_err(|cause| self.fails(ErrorKind::Unreadable(cause)))?;
        self.at += n;
        Ok(bytes)
    }

    /// The next number of 32 bits.
    pub(super) fn u32(&mut self, what: &'static str) -> Result<u32, Error> {
        Ok(self.order.u32(self.bytes(what)?))
    }

    /// The next number of 64 bits.
    pub(super) fn u64(&mut self, what: &'static str) -> Result<u64, Error> {
        Ok(self.order.u64(self.bytes(what)?))
    }

    /// The next text, at most `limit` bytes, which must be UTF-8: a key or a name.
    pub(super) fn name(&mut self, limit: usize, what: &'static str) -> Result<String, Error> {
        let length = self.u64(what)?;
        self.holds(length, what)?;
        if usize::try_from(length).is_ok_and(|length| length <= limit) {
            let start = self.at;
            return String::from_utf8(self.vec(length, what)?).map_err(|error| {
                let cause = error.utf8_error();
                let valid = u64::try_from(cause.valid_up_to()).unwrap_or(u64::MAX);
                let place = self.place.clone().byte(start.saturating_add(valid));
                place.error(ErrorKind::NotText(cause))
            });
        }
        let has = usize::try_from(length).unwrap_or(usize::MAX);
        Err(self.fails(ErrorKind::NameTooLong { has, limit }))
    }

    fn fetch(&mut self, n: u64) -> Result<(), Error> {
        self.window.resize(usize::try_from(n).unwrap_or_default(), 0);
        self.window_start = self.at;
        let read = self.reader.read_exact_at(&mut self.window, self.at);
        read.map_err(|cause| self.fails(ErrorKind::Unreadable(cause)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Memory;

    #[test]
    fn numbers_are_read_across_the_edge_of_a_window() {
        let n = WINDOW + 40;
        let file = Memory((0..n).map(|i| u8::try_from(i % 251).unwrap()).collect());
        let place = Place::file("m");
        let mut cursor = Cursor::new(&file, &place, 3);
        while 8 <= cursor.left() {
            let at = cursor.at();
            let want: Vec<u8> = (at..at + 8).map(|i| u8::try_from(i % 251).unwrap()).collect();
            assert_eq!(cursor.u64("numbers").unwrap().to_le_bytes(), *want);
        }
        assert_eq!(cursor.left(), (n - 3) % 8);
    }

    #[test]
    fn no_length_is_believed_beyond_the_end() {
        let mut file = u64::MAX.to_le_bytes().to_vec();
        file.extend(b"abc");
        let (file, place) = (Memory(file), Place::file("m"));
        let mut cursor = Cursor::new(&file, &place, 0);
        let error = cursor.name(10, "a key").unwrap_err();
        let want = "m, at byte 8: the file ends within a key: 18446744073709551615 bytes needed and 3 left";
        assert_eq!(error.to_string(), want);
        assert!(cursor.holds_all(u64::MAX, 8, "keys").is_err());
        assert!(cursor.holds_all(3, 1, "keys").is_ok());
        assert!(cursor.skip(4, "bytes").is_err());
    }
}
