//! `__metadata__`: free text that a file carries about itself.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::json::{Faults, Scalar};
use crate::oddity::Oddities;
use crate::words::Shown;

/// Reads the free text. Whatever is not text is left out and told.
pub(super) struct Metadata<'a> {
    pub(super) faults: &'a mut Faults,
    pub(super) oddities: &'a mut Oddities,
}

type Texts = BTreeMap<String, String>;

impl Metadata<'_> {
    fn none<E>(self, is: &str) -> Result<Texts, E> {
        self.oddities.tell("metadata", None, format_args!("`__metadata__` is {is}, not an object"));
        Ok(Texts::new())
    }
}

impl<'de> DeserializeSeed<'de> for Metadata<'_> {
    type Value = Texts;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Texts, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Metadata<'_> {
    type Value = Texts;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of texts")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Texts, A::Error> {
        let mut texts = Texts::new();
        // Kept apart, so that a key is seen twice even when its first value was left out.
        let mut left_out = BTreeMap::new();
        while let Some(key) = object.next_key::<String>()? {
            let seen = texts.contains_key(&key) || left_out.contains_key(&key);
            self.faults.once(seen, &key)?;
            match object.next_value()? {
                Scalar::Text(text) => {
                    texts.insert(key, text);
                }
                Scalar::Whole(_) => {
                    left_out.insert(key, "a number");
                }
                Scalar::Other(is) => {
                    left_out.insert(key, is);
                }
            }
        }
        for (key, is) in left_out {
            let what = format_args!(
                "`{}` in `__metadata__` is {is}, not text, and is left out",
                Shown(&key)
            );
            self.oddities.tell("metadata that is not text", None, what);
        }
        Ok(texts)
    }

    fn visit_str<E>(self, _: &str) -> Result<Texts, E> {
        self.none("a text")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Texts, E> {
        self.none("true or false")
    }

    fn visit_i64<E>(self, _: i64) -> Result<Texts, E> {
        self.none("a number")
    }

    fn visit_u64<E>(self, _: u64) -> Result<Texts, E> {
        self.none("a number")
    }

    fn visit_f64<E>(self, _: f64) -> Result<Texts, E> {
        self.none("a number")
    }

    fn visit_unit<E>(self) -> Result<Texts, E> {
        self.none("null")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Texts, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        self.none("a list")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn reads(text: &str, texts: &[(&str, &str)], told: &[&str]) {
        let (mut faults, mut oddities) = (Faults::default(), Oddities::of("m"));
        let seed = Metadata { faults: &mut faults, oddities: &mut oddities };
        let found = seed.deserialize(&mut serde_json::Deserializer::from_str(text)).unwrap();
        let found: Vec<_> = found.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        assert_eq!(found, texts);
        let list: Vec<_> = oddities.into_list().into_iter().map(|oddity| oddity.what).collect();
        assert_eq!(list, told);
    }

    #[test]
    fn text_is_kept_and_the_rest_is_told() {
        reads(r#"{"format":"pt"}"#, &[("format", "pt")], &[]);
        reads(
            r#"{"a":1,"b":"x","c":{"d":[]}}"#,
            &[("b", "x")],
            &[
                "`a` in `__metadata__` is a number, not text, and is left out",
                "`c` in `__metadata__` is an object, not text, and is left out",
            ],
        );
    }

    #[test]
    fn metadata_that_is_no_object_is_told() {
        for (text, is) in [
            ("null", "null"),
            ("\"x\"", "a text"),
            ("[1]", "a list"),
            ("3", "a number"),
            ("false", "true or false"),
        ] {
            reads(text, &[], &[&format!("`__metadata__` is {is}, not an object")]);
        }
    }

    #[test]
    fn a_key_given_twice_fails_whatever_its_values_are() {
        for text in [r#"{"a":"1","a":"2"}"#, r#"{"a":1,"a":"2"}"#] {
            let (mut faults, mut oddities) = (Faults::default(), Oddities::of("m"));
            let seed = Metadata { faults: &mut faults, oddities: &mut oddities };
            let mut json = serde_json::Deserializer::from_str(text);
            let error = seed.deserialize(&mut json).unwrap_err();
            assert!(error.to_string().starts_with("the key `a` is given twice"), "{error}");
        }
    }
}
