//! The bytes of a list, read forwards: no number is believed beyond the end of the file.

use crate::error::{ErrorKind, Place};
use crate::limits::NAME_LIMIT;
use crate::{Error, ReadAt};

pub(super) struct Cursor<'a> {
    reader: &'a dyn ReadAt,
    place: &'a Place,
    pub(super) at: u64,
}

impl<'a> Cursor<'a> {
    /// At the start of `reader`.
    pub(super) fn new(reader: &'a dyn ReadAt, place: &'a Place) -> Self {
        Self { reader, place, at: 0 }
    }

    fn left(&self) -> u64 {
        self.reader.len().saturating_sub(self.at)
    }

    fn fails(&self, kind: ErrorKind) -> Error {
        self.place.clone().byte(self.at).error(kind)
    }

    /// Fills `bytes` with what comes next.
    fn take(&mut self, bytes: &mut [u8], what: &'static str) -> Result<(), Error> {
        let (needs, has) = (u64::try_from(bytes.len()).unwrap_or(u64::MAX), self.left());
        if has < needs {
            return Err(self.fails(ErrorKind::EndsWithin { what, needs, has }));
        }
        let read = self.reader.read_exact_at(bytes, self.at);
        read.map_err(|cause| self.fails(ErrorKind::Unreadable(cause)))?;
        self.at += needs;
        Ok(())
    }

    pub(super) fn u8(&mut self, what: &'static str) -> Result<u8, Error> {
        let mut bytes = [0];
        self.take(&mut bytes, what)?;
        Ok(bytes[0])
    }

    pub(super) fn u32(&mut self, what: &'static str) -> Result<u32, Error> {
        let mut bytes = [0; 4];
        self.take(&mut bytes, what)?;
        Ok(u32::from_le_bytes(bytes))
    }

    /// A number of things of at least `each` bytes, of which so many can still come.
    pub(super) fn count(&mut self, what: &'static str, each: u64) -> Result<u32, Error> {
        let claims = self.u32("a count")?;
        let has = self.left();
        if has / each < u64::from(claims) {
            return Err(self.fails(ErrorKind::CountPastEnd { what, claims: claims.into(), has }));
        }
        Ok(claims)
    }

    /// A text with its length before it, and a 0 at its end.
    pub(super) fn text(&mut self) -> Result<String, Error> {
        let start = self.at;
        let mut length = [0; 2];
        self.take(&mut length, "the length of a name")?;
        let has = usize::from(u16::from_le_bytes(length));
        if NAME_LIMIT < has {
            return Err(self.fails(ErrorKind::NameTooLong { has, limit: NAME_LIMIT }));
        }
        let mut bytes = vec![0; has];
        self.take(&mut bytes, "a name")?;
        if bytes.pop() != Some(0) {
            let place = self.place.clone().byte(start);
            return Err(place.error(ErrorKind::NameWithoutEnd));
        }
        let text = String::from_utf8(bytes);
        text.map_err(|error| self.fails(ErrorKind::NotText(error.utf8_error())))
    }

    /// Passes over the bytes of a variable.
    pub(super) fn pass(&mut self, bytes: u64, name: &str) -> Result<(), Error> {
        if self.left() < bytes {
            let (ends, has) = (self.at.saturating_add(bytes), self.reader.len());
            let place = self.place.clone().tensor(name).byte(self.at);
            return Err(place.error(ErrorKind::PastEnd { ends, has }));
        }
        self.at += bytes;
        Ok(())
    }
}
