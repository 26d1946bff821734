//! The wire format of protocol buffers, read field by field from a file that stays where it is.
//!
//! A message is a run of fields: a key (number and kind), then a value. Source: "Encoding" in the
//! documentation of Protocol Buffers. Fields that nobody asks for are passed over; the groups of
//! version 1 are refused.

use crate::error::{ErrorKind, Place};
use crate::limits::NAME_LIMIT;
use crate::{Error, ReadAt};

/// Bytes that are read at a time.
const WINDOW: u64 = 8 << 10;

/// A file of messages.
pub(crate) struct Wire<'a> {
    reader: &'a dyn ReadAt,
    pub(crate) place: &'a Place,
    window: Vec<u8>,
    /// The byte of the file that the window begins with.
    at: u64,
}

/// A range of bytes that holds a message, a text or numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: u64,
    pub(crate) end: u64,
}

impl Span {
    pub(crate) fn bytes(self) -> u64 {
        self.end - self.start
    }
}

/// A field of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) number: u64,
    pub(crate) value: Value,
    /// Its first byte.
    pub(crate) byte: u64,
}

/// The value of a field, by its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Value {
    Varint(u64),
    /// Eight bytes.
    Eight(Span),
    /// A message, a text, or a run of numbers.
    Run(Span),
    /// Four bytes.
    Four(Span),
}

impl<'a> Wire<'a> {
    pub(crate) fn new(reader: &'a dyn ReadAt, place: &'a Place) -> Self {
        Self { reader, place, window: Vec::new(), at: 0 }
    }

    /// The whole file as a message.
    pub(crate) fn whole(&self) -> Span {
        Span { start: 0, end: self.reader.len() }
    }

    /// What is wrong at `byte`.
    pub(crate) fn fails(&self, byte: u64, kind: ErrorKind) -> Error {
        self.place.clone().byte(byte).error(kind)
    }

    /// The next field of the message that `span` is the rest of.
    pub(crate) fn field(&mut self, span: &mut Span) -> Result<Option<Field>, Error> {
        if span.start == span.end {
            return Ok(None);
        }
        let byte = span.start;
        let key = self.varint(span)?;
        let number = key >> 3;
        if number == 0 || (1 << 29) <= number {
            return Err(
                self.fails(byte, ErrorKind::Wire { what: "has a field of no lawful number" })
            );
        }
        let value = match key & 7 {
            0 => Value::Varint(self.varint(span)?),
            1 => Value::Eight(self.take(span, 8)?),
            2 => {
                let length = self.varint(span)?;
                Value::Run(self.take(span, length)?)
            }
            5 => Value::Four(self.take(span, 4)?),
            _ => {
                return Err(
                    self.fails(byte, ErrorKind::Wire { what: "has a field of an unknown kind" })
                );
            }
        };
        Ok(Some(Field { number, value, byte }))
    }

    /// A number of variable length: seven bits a byte, lowest first.
    pub(crate) fn varint(&mut self, span: &mut Span) -> Result<u64, Error> {
        let start = span.start;
        let mut number = 0u64;
        for shift in (0..64).step_by(7) {
            if span.start == span.end {
                return Err(self.fails(start, ErrorKind::Wire { what: "ends within a number" }));
            }
            let byte = self.byte(span.start)?;
            span.start += 1;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && 1 < bits {
                break;
            }
            number |= bits << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(self.fails(start, ErrorKind::Wire { what: "has a number of more than 64 bits" }))
    }

    /// The next `n` bytes of `span`.
    fn take(&self, span: &mut Span, n: u64) -> Result<Span, Error> {
        let has = span.bytes();
        if has < n {
            let what = "a field";
            return Err(self.fails(span.start, ErrorKind::EndsWithin { what, needs: n, has }));
        }
        let start = span.start;
        span.start += n;
        Ok(Span { start, end: span.start })
    }

    /// The byte at `at`, which lies in the file.
    fn byte(&mut self, at: u64) -> Result<u8, Error> {
        let held =
            |at: u64, start: u64| at.checked_sub(start).and_then(|n| usize::try_from(n).ok());
        if let Some(byte) = held(at, self.at).and_then(|n| self.window.get(n)) {
            return Ok(*byte);
        }
        let n = WINDOW.min(self.reader.len().saturating_sub(at));
        self.window.resize(usize::try_from(n).unwrap_or_default(), 0);
        self.at = at;
        let read = self.reader.read_exact_at(&mut self.window, at);
        read.map_err(|cause| self.place.clone().byte(at).error(ErrorKind::Unreadable(cause)))?;
        let ends = ErrorKind::Wire { what: "ends within a number" };
        self.window.first().copied().ok_or_else(|| self.fails(at, ends))
    }

    /// The bytes of `span`, which the caller has compared with a limit.
    pub(crate) fn bytes(&self, span: Span) -> Result<Vec<u8>, Error> {
        let mut bytes = vec![0; usize::try_from(span.bytes()).unwrap_or_default()];
        let read = self.reader.read_exact_at(&mut bytes, span.start);
        read.map_err(|cause| self.fails(span.start, ErrorKind::Unreadable(cause)))?;
        Ok(bytes)
    }

    /// The text of a field that names something.
    pub(crate) fn name(&self, field: Field) -> Result<String, Error> {
        let has = usize::try_from(self.run(field)?.bytes()).unwrap_or(usize::MAX);
        if NAME_LIMIT < has {
            return Err(self.fails(field.byte, ErrorKind::NameTooLong { has, limit: NAME_LIMIT }));
        }
        self.text(field)
    }

    /// The text of a field, whose length the caller has compared with a limit.
    pub(crate) fn text(&self, field: Field) -> Result<String, Error> {
        let span = self.run(field)?;
        let text = String::from_utf8(self.bytes(span)?);
        text.map_err(|error| self.fails(span.start, ErrorKind::NotText(error.utf8_error())))
    }

    /// The range of a field that is a message, a text or a run.
    pub(crate) fn run(&self, field: Field) -> Result<Span, Error> {
        match field.value {
            Value::Run(span) => Ok(span),
            _ => Err(self.wrong_kind(field)),
        }
    }

    /// The number that a field is.
    pub(crate) fn number(&self, field: Field) -> Result<u64, Error> {
        match field.value {
            Value::Varint(number) => Ok(number),
            _ => Err(self.wrong_kind(field)),
        }
    }

    pub(crate) fn wrong_kind(&self, field: Field) -> Error {
        self.fails(
            field.byte,
            ErrorKind::Wire { what: "has a field of another kind than it has here" },
        )
    }

    /// Sets what may be given once only.
    pub(crate) fn once<T>(
        &self,
        slot: &mut Option<T>,
        field: Field,
        value: T,
    ) -> Result<(), Error> {
        if slot.replace(value).is_some() {
            let what = "gives a field twice that stands once";
            return Err(self.fails(field.byte, ErrorKind::Wire { what }));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Memory;

    /// The fields of a message as text, or the error.
    fn read(bytes: &[u8]) -> Result<Vec<String>, String> {
        let (reader, place) = (Memory(bytes.to_vec()), Place::file("m"));
        let mut wire = Wire::new(&reader, &place);
        let mut span = wire.whole();
        let mut fields = Vec::new();
        while let Some(field) = wire.field(&mut span).map_err(|error| error.to_string())? {
            let value = match field.value {
                Value::Varint(number) => number.to_string(),
                Value::Eight(span) | Value::Run(span) | Value::Four(span) => {
                    format!("{}..{}", span.start, span.end)
                }
            };
            fields.push(format!("{}: {value}", field.number));
        }
        Ok(fields)
    }

    #[track_caller]
    fn fails(bytes: &[u8], want: &str) {
        assert_eq!(read(bytes).unwrap_err(), want);
    }

    #[test]
    fn every_kind_of_field_is_read() {
        let bytes = b"\x08\x96\x01\x11abcdefgh\x1a\x02hi\x25abcd\xa0\x1f\x01";
        let want = ["1: 150", "2: 4..12", "3: 14..16", "4: 17..21", "500: 1"];
        assert_eq!(read(bytes).unwrap(), want);
        let most = b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01";
        assert_eq!(read(most).unwrap(), [format!("1: {}", u64::MAX)]);
        assert_eq!(read(b"").unwrap(), Vec::<String>::new());
    }

    #[test]
    fn what_is_no_message_is_refused() {
        fails(b"\x08", "m, at byte 1: the message ends within a number");
        fails(b"\x08\x80", "m, at byte 1: the message ends within a number");
        fails(
            b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02",
            "m, at byte 1: the message has a number of more than 64 bits",
        );
        fails(
            b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x81\0",
            "m, at byte 1: the message has a number of more than 64 bits",
        );
        fails(b"\x00\x01", "m, at byte 0: the message has a field of no lawful number");
        fails(b"\x0b", "m, at byte 0: the message has a field of an unknown kind");
        fails(
            b"\x1a\x05hi",
            "m, at byte 2: the file ends within a field: 5 bytes needed and 2 left",
        );
        fails(
            b"\x1a\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
            "m, at byte 10: the file ends within a field: 9223372036854775807 bytes needed and 0 left",
        );
        fails(b"\x11abc", "m, at byte 1: the file ends within a field: 8 bytes needed and 3 left");
    }

    #[test]
    fn a_number_across_two_windows_is_read_whole() {
        let window = usize::try_from(WINDOW).unwrap();
        for before in window - 4..window + 4 {
            let length = u16::try_from(before - 3).unwrap();
            let [low, high] = [length & 0x7f, length >> 7].map(|x| u8::try_from(x).unwrap());
            let mut bytes = vec![0x1a, 0x80 | low, high];
            bytes.resize(before, 0);
            bytes.extend(b"\x08\x96\x01");
            assert_eq!(read(&bytes).unwrap()[1], "1: 150");
        }
    }
}
