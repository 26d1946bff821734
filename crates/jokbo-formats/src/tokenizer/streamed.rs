//! Vocabularies in JSON, read as they stream by: an object of ids by token, or a list.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};

use super::{TokenKind, Written};
use crate::json::Faults;

/// Reads a vocabulary into `written`.
pub(super) struct Vocab<'a> {
    pub(super) written: &'a mut Written,
    pub(super) faults: &'a mut Faults,
}

impl<'de> DeserializeSeed<'de> for Vocab<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Vocab<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of ids by token, or a list of tokens")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        let mut seen = BTreeSet::new();
        while let Some((token, id)) = object.next_entry::<String, u64>()? {
            self.faults.once(seen.contains(&token), &token)?;
            let added = self.written.token(id, token.clone().into_bytes(), TokenKind::Normal);
            added.map_err(|kind| self.faults.fail(kind))?;
            seen.insert(token);
        }
        Ok(())
    }

    /// A list of tokens with their scores: the ids are the places.
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let mut id = 0;
        while let Some(Scored(token)) = list.next_element()? {
            let added = self.written.token(id, token.into_bytes(), TokenKind::Normal);
            added.map_err(|kind| self.faults.fail(kind))?;
            id += 1;
        }
        Ok(())
    }
}

/// The token of `["the", -3.5]`.
struct Scored(String);

impl<'de> serde::Deserialize<'de> for Scored {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        struct Pair;
        impl<'de> Visitor<'de> for Pair {
            type Value = Scored;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a token and its score")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Scored, A::Error> {
                let token = list.next_element::<String>()?;
                while list.next_element::<IgnoredAny>()?.is_some() {}
                token.map(Scored).ok_or_else(|| A::Error::custom("a token without text"))
            }
        }
        json.deserialize_seq(Pair)
    }
}

/// Reads a list of merges into `written`: `"a b"`, or `["a", "b"]`.
pub(super) struct Merges<'a> {
    pub(super) written: &'a mut Written,
    pub(super) faults: &'a mut Faults,
}

impl<'de> DeserializeSeed<'de> for Merges<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Merges<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of merges")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        #[derive(serde::Deserialize)]
        #[serde(untagged)]
        enum Form {
            Line(String),
            Pair(String, String),
        }
        while let Some(merge) = list.next_element::<Form>()? {
            let added = match merge {
                Form::Line(line) => self.written.merge(&line),
                Form::Pair(left, right) => self.written.merge_of(&left, &right),
            };
            added.map_err(|kind| self.faults.fail(kind))?;
        }
        Ok(())
    }
}
