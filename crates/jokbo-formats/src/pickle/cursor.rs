//! The bytes of a pickle, read forwards: no length is believed beyond the end.

use super::Fault;
use crate::error::ErrorKind;

/// A run of bytes of the pickle: text stays where it is and is never copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: u32,
    pub(crate) end: u32,
}

/// A place in a pickle.
#[derive(Debug)]
pub(super) struct Cursor<'a> {
    bytes: &'a [u8],
    pub(super) at: usize,
}

impl<'a> Cursor<'a> {
    /// At the start of `bytes`.
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// What is wrong here.
    pub(super) fn fails(&self, kind: ErrorKind) -> Fault {
        Fault { at: self.at, kind }
    }

    /// The next `n` bytes.
    pub(super) fn take(&mut self, n: u64) -> Result<Span, Fault> {
        let left = self.bytes.len().saturating_sub(self.at);
        let has = u64::try_from(left).unwrap_or(u64::MAX);
        let end = usize::try_from(n).ok().and_then(|n| self.at.checked_add(n));
        let end = end.filter(|&end| end <= self.bytes.len());
        let span = end.and_then(|end| {
            Some(Span { start: u32::try_from(self.at).ok()?, end: u32::try_from(end).ok()? })
        });
        match (end, span) {
            (Some(end), Some(span)) => {
                self.at = end;
                Ok(span)
            }
            _ => Err(self.fails(ErrorKind::EndsWithin { what: "a pickle", needs: n, has })),
        }
    }

    /// The next `N` bytes.
    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        let span = self.take(N as u64)?;
        let start = usize::try_from(span.start).unwrap_or(usize::MAX);
        let array = self.bytes.get(start..).and_then(|bytes| bytes.first_chunk());
        array.copied().ok_or_else(|| self.fails(ErrorKind::Pickle { what: "is cut short" }))
    }

    /// The next byte.
    pub(super) fn byte(&mut self) -> Result<u8, Fault> {
        Ok(u8::from_le_bytes(self.array()?))
    }

    /// The next number of 32 bits.
    pub(super) fn u32(&mut self) -> Result<u32, Fault> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    /// The next number of 64 bits.
    pub(super) fn u64(&mut self) -> Result<u64, Fault> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    /// The bytes up to the next line feed, which is passed over.
    pub(super) fn line(&mut self) -> Result<Span, Fault> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let Some(n) = rest.iter().position(|&byte| byte == b'\n') else {
            return Err(self.fails(ErrorKind::Pickle { what: "ends within a line" }));
        };
        let line = self.take(n as u64)?;
        self.at += 1;
        Ok(line)
    }

    /// The `n` bytes from here as a number that is stored lowest byte first and may be negative,
    /// or `None` when it has more than 64 bits.
    pub(super) fn long(&mut self, n: u64) -> Result<Option<i64>, Fault> {
        let span = self.take(n)?;
        let bytes = of(self.bytes, span);
        let mut number = [if bytes.last().is_some_and(|byte| 0x80 <= *byte) { 0xff } else { 0 }; 8];
        let Some(low) = number.get_mut(..bytes.len()) else { return Ok(None) };
        low.copy_from_slice(bytes);
        Ok(Some(i64::from_le_bytes(number)))
    }
}

/// The bytes of `span`, which was taken from `bytes`.
pub(super) fn of(bytes: &[u8], span: Span) -> &[u8] {
    let place = |at: u32| usize::try_from(at).unwrap_or(usize::MAX);
    bytes.get(place(span.start)..place(span.end)).unwrap_or_default()
}
