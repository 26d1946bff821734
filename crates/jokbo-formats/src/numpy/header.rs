//! The header of an array: the type, the order and the shape, as the text of a Python dictionary.
//!
//! The text is parsed and never evaluated. Source: `numpy/lib/format.py`, versions 1.0 to 3.0.

use super::descr::Descr;
use crate::error::{ErrorKind, Place};
use crate::limits::{AXIS_LIMIT, NUMPY_HEADER_LIMIT};
use crate::{Error, ReadAt};

/// How every array begins.
pub(crate) const MAGIC: &[u8] = b"\x93NUMPY";

/// Where an array lies: `bytes` bytes of `reader` from `start` on, header included.
#[derive(Debug, Clone, Copy)]
pub(super) struct Range<'a> {
    pub(super) reader: &'a dyn ReadAt,
    pub(super) start: u64,
    pub(super) bytes: u64,
}

/// What a header says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) descr: Descr,
    pub(super) fortran: bool,
    pub(super) shape: Vec<u64>,
    /// Bytes before the first element.
    pub(super) length: u64,
}

/// Reads the header at the start of `range`.
pub(super) fn read(range: Range<'_>, place: &Place) -> Result<Header, Error> {
    let fails = |kind| place.clone().byte(range.start).error(kind);
    let take = |from: u64, n: u64| -> Result<Vec<u8>, Error> {
        let left = range.bytes.saturating_sub(from);
        if left < n {
            let what = "the header of an array";
            return Err(fails(ErrorKind::EndsWithin { what, needs: n, has: left }));
        }
        let mut bytes = vec![0; usize::try_from(n).unwrap_or_default()];
        let read = range.reader.read_exact_at(&mut bytes, range.start.saturating_add(from));
        read.map_err(|cause| fails(ErrorKind::Unreadable(cause)))?;
        Ok(bytes)
    };
    let head = take(0, 8)?;
    let version = match head.strip_prefix(MAGIC) {
        Some([major @ 1..=3, 0]) => *major,
        Some(version) => {
            let (major, minor) = (version[0], version[1]);
            return Err(fails(ErrorKind::NumpyVersion { major, minor }));
        }
        None => return Err(fails(ErrorKind::NotNumpy)),
    };
    let (start, claims) = if version == 1 {
        (10, take(8, 2)?.iter().rev().fold(0, |n, byte| n << 8 | u64::from(*byte)))
    } else {
        (12, take(8, 4)?.iter().rev().fold(0, |n, byte| n << 8 | u64::from(*byte)))
    };
    if NUMPY_HEADER_LIMIT < claims {
        return Err(fails(ErrorKind::HeaderTooLarge { claims, limit: NUMPY_HEADER_LIMIT }));
    }
    let text = take(start, claims)?;
    // Up to version 2 the text is Latin-1. Outside of plain ASCII only the names of fields may be.
    let (descr, fortran, shape) =
        parse(&text).map_err(|what| fails(ErrorKind::NumpyHeader { what }))?;
    if AXIS_LIMIT < shape.len() {
        return Err(fails(ErrorKind::TooManyAxes { limit: AXIS_LIMIT }));
    }
    Ok(Header { descr, fortran, shape, length: start + claims })
}

/// What is wrong with the text of a header.
type Fault = &'static str;

/// The three values of the dictionary, whose keys stand in any order.
fn parse(text: &[u8]) -> Result<(Descr, bool, Vec<u64>), Fault> {
    let mut text = Text { rest: text };
    let (mut descr, mut fortran, mut shape) = (None, None, None);
    text.expect(b'{')?;
    while !text.next_is(b'}') {
        let key = text.quoted()?;
        text.expect(b':')?;
        let again = match key {
            b"descr" => descr.replace(text.descr()?).is_some(),
            b"fortran_order" => fortran.replace(text.boolean()?).is_some(),
            b"shape" => shape.replace(text.tuple()?).is_some(),
            _ => return Err("has a key that NumPy does not write"),
        };
        if again {
            return Err("gives a key twice");
        }
        if !text.next_is(b',') {
            text.expect(b'}')?;
            break;
        }
    }
    if !text.rest.trim_ascii().is_empty() {
        return Err("has more text after the dictionary");
    }
    match (descr, fortran, shape) {
        (Some(descr), Some(fortran), Some(shape)) => Ok((descr, fortran, shape)),
        _ => Err("does not give a type, an order and a shape"),
    }
}

/// Text that is read from its start on.
struct Text<'a> {
    rest: &'a [u8],
}

impl<'a> Text<'a> {
    /// Passes over `byte`, when it comes next.
    fn next_is(&mut self, byte: u8) -> bool {
        self.rest = self.rest.trim_ascii_start();
        let rest = self.rest.strip_prefix(&[byte]);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn expect(&mut self, byte: u8) -> Result<(), Fault> {
        if self.next_is(byte) { Ok(()) } else { Err("is not the dictionary that NumPy writes") }
    }

    /// A text in quotes, which may hold anything but quotes and backslashes.
    fn quoted(&mut self) -> Result<&'a [u8], Fault> {
        let quote = if self.next_is(b'\'') { b'\'' } else { b'"' };
        if quote == b'"' {
            self.expect(b'"')?;
        }
        let rest = self.rest;
        let end = rest.iter().position(|byte| *byte == quote).ok_or("has a text without an end")?;
        let (text, after) = rest.split_at(end);
        self.rest = after.get(1..).unwrap_or_default();
        if text.contains(&b'\\') { Err("has an escape in a text") } else { Ok(text) }
    }

    /// The type: a text, or a list of the fields of records, which is passed over.
    fn descr(&mut self) -> Result<Descr, Fault> {
        if !self.next_is(b'[') {
            return Descr::named(self.quoted()?).ok_or("gives a type that NumPy does not write");
        }
        let mut depth = 1;
        while 0 < depth {
            self.rest = self.rest.trim_ascii_start();
            match self.rest.first() {
                Some(b'\'' | b'"') => {
                    self.quoted()?;
                    continue;
                }
                Some(b'[' | b'(') => depth += 1,
                Some(b']' | b')') => depth -= 1,
                Some(b',' | b'0'..=b'9') => {}
                _ => return Err("gives a type that NumPy does not write"),
            }
            self.rest = self.rest.get(1..).unwrap_or_default();
        }
        Ok(Descr::Records)
    }

    fn boolean(&mut self) -> Result<bool, Fault> {
        self.rest = self.rest.trim_ascii_start();
        for (word, value) in [(&b"True"[..], true), (b"False", false)] {
            if let Some(rest) = self.rest.strip_prefix(word) {
                self.rest = rest;
                return Ok(value);
            }
        }
        Err("gives an order that is neither True nor False")
    }

    /// A tuple of numbers. Python 2 ended them with an `L`.
    fn tuple(&mut self) -> Result<Vec<u64>, Fault> {
        let mut numbers = Vec::new();
        if !self.next_is(b'(') {
            return Err("gives a shape that is no tuple of numbers");
        }
        while !self.next_is(b')') {
            self.rest = self.rest.trim_ascii_start();
            let n = self.rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            let (digits, rest) = self.rest.split_at(n);
            self.rest = rest.strip_prefix(b"L").unwrap_or(rest);
            let number = str::from_utf8(digits).ok().and_then(|digits| digits.parse().ok());
            numbers.push(number.ok_or("gives a shape that is no tuple of numbers")?);
            if !self.next_is(b',') {
                if !self.next_is(b')') {
                    return Err("gives a shape that is no tuple of numbers");
                }
                break;
            }
        }
        Ok(numbers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ByteOrder, Dtype};

    #[track_caller]
    fn gives(text: &str, fortran: bool, shape: &[u64]) {
        let float = Descr::Numbers(Dtype::F32, ByteOrder::Little);
        assert_eq!(parse(text.as_bytes()), Ok((float, fortran, shape.to_vec())), "{text}");
    }

    #[track_caller]
    fn fails(text: &str, want: &str) {
        assert_eq!(parse(text.as_bytes()).unwrap_err(), want, "{text}");
    }

    #[test]
    fn what_numpy_writes_is_read() {
        gives("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }  \n", false, &[3, 4]);
        gives("{'shape': (), 'fortran_order': True, 'descr': '<f4'}", true, &[]);
        gives("{\"descr\": \"<f4\", 'fortran_order': False, 'shape': (7L,)}", false, &[7]);
        let records =
            "{'descr': [('a', '<f4', (2,)), ('b', 'O')], 'fortran_order': False, 'shape': (1,)}";
        assert_eq!(parse(records.as_bytes()), Ok((Descr::Records, false, vec![1])));
    }

    #[test]
    fn what_is_no_plain_dictionary_is_refused() {
        fails("__import__('os').system('true')", "is not the dictionary that NumPy writes");
        fails("{'descr': __import__('os')}", "is not the dictionary that NumPy writes");
        fails(
            "{'descr': '<f4', 'fortran_order': 1}",
            "gives an order that is neither True nor False",
        );
        fails("{'shape': (1,), 'shape': (2,)}", "gives a key twice");
        fails("{'shape': (-1,)}", "gives a shape that is no tuple of numbers");
        fails("{'shape': (18446744073709551616,)}", "gives a shape that is no tuple of numbers");
        fails("{'shape': (1 2)}", "gives a shape that is no tuple of numbers");
        fails("{'shape': [1]}", "gives a shape that is no tuple of numbers");
        fails("{'code': 'x'}", "has a key that NumPy does not write");
        fails("{'descr': '<f4'", "is not the dictionary that NumPy writes");
        fails("{'descr': '<f\\x34'}", "has an escape in a text");
        fails("{'descr': [('a', f())]}", "gives a type that NumPy does not write");
        fails("{'descr': '<f4'} ; 1", "has more text after the dictionary");
        fails("{'descr': '<f4', 'shape': (1,)}", "does not give a type, an order and a shape");
        fails("{'descr", "has a text without an end");
        fails("", "is not the dictionary that NumPy writes");
    }
}
