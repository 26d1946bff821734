//! The table of metadata: every key once, texts and numbers kept, arrays left where they are.

use std::collections::BTreeMap;

use super::array::Array;
use super::cursor::Cursor;
use super::value::{self, Value};
use crate::Error;
use crate::error::ErrorKind;
use crate::limits::KEY_LENGTH_LIMIT;
use crate::oddity::Oddities;
use crate::words::{Shown, count};

/// Bytes from one tensor's start to where the next may start, when a file does not say.
const ALIGNMENT: u64 = 32;

/// What a file says about itself.
#[derive(Debug, Default)]
pub(super) struct Metadata {
    values: BTreeMap<String, Value>,
}

/// Reads `n` keys and their values.
pub(super) fn read(cursor: &mut Cursor<'_>, n: u64) -> Result<Metadata, Error> {
    let mut values = BTreeMap::new();
    for _ in 0..n {
        let start = cursor.at();
        let key = cursor.name(KEY_LENGTH_LIMIT, "a metadata key")?;
        let of = value::read_type(cursor)?;
        let value = value::read(cursor, of, 0)?;
        if values.contains_key(&key) {
            let at_key = Cursor::new(cursor.reader(), cursor.place(), start);
            return Err(at_key.fails(ErrorKind::KeyTwice { key }));
        }
        values.insert(key, value);
    }
    Ok(Metadata { values })
}

impl Metadata {
    /// The value of `key`.
    pub(super) fn get(&self, key: &str) -> Option<&Value> {
        self.values.get(key)
    }

    /// The whole number under `key`.
    pub(super) fn whole(&self, key: &str) -> Option<u64> {
        match self.get(key)? {
            Value::Whole(number) => Some(*number),
            _ => None,
        }
    }

    /// The text under `key`, when it is UTF-8.
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        match self.get(key)? {
            Value::Text(bytes) => str::from_utf8(bytes).ok(),
            _ => None,
        }
    }

    /// The alignment of tensors, in bytes.
    pub(super) fn alignment(&self) -> Result<u64, ErrorKind> {
        let key = "general.alignment";
        match self.get(key) {
            None => Ok(ALIGNMENT),
            Some(Value::Whole(bytes)) if bytes.is_power_of_two() => Ok(*bytes),
            Some(Value::Whole(bytes)) => Err(ErrorKind::Alignment { bytes: *bytes }),
            Some(_) => Err(ErrorKind::NotWhole { key: key.to_owned() }),
        }
    }

    /// Numbers and texts in words, and the arrays. A text that cannot be shown is told.
    pub(super) fn split(
        self,
        told: &mut Oddities,
    ) -> (BTreeMap<String, String>, BTreeMap<String, Array>) {
        let (mut texts, mut arrays) = (BTreeMap::new(), BTreeMap::new());
        for (key, value) in self.values {
            match value {
                Value::Array(array) => {
                    arrays.insert(key, array);
                }
                Value::Text(bytes) if str::from_utf8(&bytes).is_err() => {
                    let what = format_args!("`{}` is not UTF-8 text and is left out", Shown(&key));
                    told.tell("metadata that is not text", None, what);
                }
                Value::LongText(bytes) => {
                    let what = format_args!(
                        "`{}` has {} and is left out",
                        Shown(&key),
                        count(bytes, "byte")
                    );
                    told.tell("metadata that is too long", None, what);
                }
                value => {
                    texts.insert(key, value.to_string());
                }
            }
        }
        (texts, arrays)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Memory;
    use crate::error::Place;

    fn text(text: &[u8]) -> Vec<u8> {
        let mut bytes = (text.len() as u64).to_le_bytes().to_vec();
        bytes.extend(text);
        bytes
    }

    fn pair(key: &[u8], of: u32, value: &[u8]) -> Vec<u8> {
        [text(key), of.to_le_bytes().to_vec(), value.to_vec()].concat()
    }

    fn table(pairs: &[Vec<u8>]) -> Result<Metadata, String> {
        let (file, place) = (Memory(pairs.concat()), Place::file("m"));
        let mut cursor = Cursor::new(&file, &place, 0);
        read(&mut cursor, pairs.len() as u64).map_err(|error| error.to_string())
    }

    #[test]
    fn texts_and_numbers_are_kept_and_arrays_stay_in_the_file() {
        let array =
            [8u32.to_le_bytes().to_vec(), 2u64.to_le_bytes().to_vec(), text(b"a"), text(b"")];
        let table = table(&[
            pair(b"general.name", 8, &text(b"x")),
            pair(b"n", 5, &(-3i32).to_le_bytes()),
            pair(b"tokens", 9, &array.concat()),
            pair(b"bad", 8, &text(b"\xff")),
        ]);
        let mut told = Oddities::of("m");
        let (texts, arrays) = table.unwrap().split(&mut told);
        let texts: Vec<(&str, &str)> =
            texts.iter().map(|(key, text)| (key.as_str(), text.as_str())).collect();
        assert_eq!(texts, [("general.name", "x"), ("n", "-3")]);
        assert_eq!((arrays["tokens"].n, arrays["tokens"].bytes), (2, 17));
        let told: Vec<String> = told.into_list().into_iter().map(|oddity| oddity.what).collect();
        assert_eq!(told, ["`bad` is not UTF-8 text and is left out"]);
    }

    #[test]
    fn a_key_is_given_once_and_is_text() {
        let twice = [pair(b"a", 0, &[1]), pair(b"a", 7, &[1])];
        assert_eq!(table(&twice).unwrap_err(), "m, at byte 14: the key `a` is given twice");
        let bad = table(&[pair(b"a\xff", 0, &[1])]).unwrap_err();
        assert_eq!(bad, "m, at byte 9: the text is not UTF-8");
        let unknown = table(&[pair(b"a", 13, &[1])]).unwrap_err();
        assert_eq!(unknown, "m, at byte 13: the value type 13 is unknown");
    }

    #[test]
    fn an_alignment_is_a_power_of_two() {
        let alignment =
            |pairs: &[Vec<u8>]| table(pairs).unwrap().alignment().map_err(|kind| kind.to_string());
        let of = |n: u32| [pair(b"general.alignment", 4, &n.to_le_bytes())];
        assert_eq!((alignment(&[]), alignment(&of(64))), (Ok(32), Ok(64)));
        for bad in [0, 3, 33] {
            let want = format!("the alignment is {bad}, which is not a power of two");
            assert_eq!(alignment(&of(bad)), Err(want));
        }
        let text = [pair(b"general.alignment", 8, &text(b"32"))];
        assert_eq!(alignment(&text), Err("`general.alignment` is not a whole number".to_owned()));
    }
}
