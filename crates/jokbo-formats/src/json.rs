//! JSON that is read strictly: keys given twice are seen, and a fault knows its byte.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::Error;
use crate::Shown;
use crate::error::{ErrorKind, Place};

/// What a reader of JSON found to be wrong, beyond what the JSON library can say. A reader
/// leaves it here and then fails; [`read`] prefers it to the library's own words.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    /// The tensor that is being read.
    pub(crate) tensor: Option<String>,
    /// What is wrong with it.
    pub(crate) kind: Option<ErrorKind>,
}

impl Faults {
    /// Leaves `kind` here and returns the error to fail with.
    pub(crate) fn fail<E: serde::de::Error>(&mut self, kind: ErrorKind) -> E {
        let error = E::custom(&kind);
        self.kind = Some(kind);
        error
    }

    /// Fails when `key` was seen before in this object.
    pub(crate) fn once<E: serde::de::Error>(&mut self, seen: bool, key: &str) -> Result<(), E> {
        if seen { Err(self.fail(ErrorKind::KeyTwice { key: key.to_owned() })) } else { Ok(()) }
    }
}

/// Reads the whole of `text` with `reader`. `start` is the byte of the file at which it begins.
pub(crate) fn read<T>(
    text: &str,
    place: &Place,
    start: u64,
    faults: &mut Faults,
    reader: impl FnOnce(&mut Json<'_>, &mut Faults) -> Result<T, serde_json::Error>,
) -> Result<T, Error> {
    let mut json = serde_json::Deserializer::from_str(text);
    let result = reader(&mut json, faults).and_then(|value| json.end().map(|()| value));
    result.map_err(|error| {
        let mut place = place.clone().byte(start.saturating_add(byte_of(text, &error)));
        let said = said(&error);
        let kind = match faults.kind.take() {
            Some(kind) => kind,
            None if error.is_data() => ErrorKind::WrongForm { said },
            None => ErrorKind::NotJson { said },
        };
        place.tensor = faults.tensor.take();
        place.error(kind)
    })
}

/// The JSON library's reader of a text.
pub(crate) type Json<'a> = serde_json::Deserializer<serde_json::de::StrRead<'a>>;

/// What the JSON library said, escaped and cut, for it may quote hostile text. Its line and column
/// are left out: a header is one line, and the byte is told beside this.
pub(crate) fn said(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    Shown(text.strip_suffix(&place).unwrap_or(&text)).to_string()
}

/// How many bytes of `text` had been read when `error` arose.
fn byte_of(text: &str, error: &serde_json::Error) -> u64 {
    let before: usize =
        text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    u64::try_from(before.saturating_add(error.column())).unwrap_or(u64::MAX)
}

/// A JSON value of which only text or a whole number is wanted, or what it is instead.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Scalar {
    /// It is text.
    Text(String),
    /// It is a whole number below 2^64.
    Whole(u64),
    /// It is something else, which was skipped.
    Other(&'static str),
}

impl<'de> serde::Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        json.deserialize_any(ScalarVisitor)
    }
}

struct ScalarVisitor;

impl<'de> Visitor<'de> for ScalarVisitor {
    type Value = Scalar;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_str<E>(self, text: &str) -> Result<Scalar, E> {
        Ok(Scalar::Text(text.to_owned()))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Scalar, E> {
        Ok(Scalar::Other("true or false"))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Scalar, E> {
        Ok(Scalar::Other("a number"))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Scalar, E> {
        Ok(Scalar::Whole(number))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Scalar, E> {
        Ok(Scalar::Other("a number"))
    }

    fn visit_unit<E>(self) -> Result<Scalar, E> {
        Ok(Scalar::Other("null"))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Scalar, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Scalar::Other("a list"))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Scalar, A::Error> {
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Scalar::Other("an object"))
    }
}

/// A list of at most `limit` whole numbers below 2^64. More are a fault of kind `too_many`, and
/// are not stored.
pub(crate) struct Numbers<'a> {
    /// The most there may be.
    pub(crate) limit: usize,
    /// What more than that is.
    pub(crate) too_many: ErrorKind,
    /// Where to leave it.
    pub(crate) faults: &'a mut Faults,
}

impl<'de> DeserializeSeed<'de> for Numbers<'_> {
    type Value = Vec<u64>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Vec<u64>, D::Error> {
        json.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Numbers<'_> {
    type Value = Vec<u64>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of whole numbers")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<u64>, A::Error> {
        let mut numbers = Vec::new();
        while let Some(number) = list.next_element()? {
            if numbers.len() == self.limit {
                return Err(self.faults.fail(self.too_many));
            }
            numbers.push(number);
        }
        Ok(numbers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sort_of_value_is_told_from_text() {
        let cases = [
            ("\"a\\u0000\"", Scalar::Text("a\0".to_owned())),
            ("true", Scalar::Other("true or false")),
            ("-1", Scalar::Other("a number")),
            ("1", Scalar::Whole(1)),
            ("1e300", Scalar::Other("a number")),
            ("null", Scalar::Other("null")),
            ("[1,[2,{}]]", Scalar::Other("a list")),
            ("{\"a\":{\"b\":[]}}", Scalar::Other("an object")),
        ];
        for (text, want) in cases {
            assert_eq!(serde_json::from_str::<Scalar>(text).unwrap(), want, "{text}");
        }
    }

    #[test]
    fn a_fault_knows_its_byte_across_lines() {
        let text = "[1,\n2,\n x]";
        let error = serde_json::from_str::<Vec<u64>>(text).unwrap_err();
        assert_eq!(byte_of(text, &error), 9, "the x is the ninth byte");
    }
}
