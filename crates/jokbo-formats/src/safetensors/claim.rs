//! What the header says of one tensor: type, shape and byte range.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};

use super::stored::Stored;
use crate::error::ErrorKind;
use crate::json::{Faults, Numbers};
use crate::limits::AXIS_LIMIT;
use crate::oddity::Oddities;
use crate::words::list;

/// One tensor as the header has it. Lawful JSON, and nothing more is known of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Claim {
    pub(super) name: String,
    pub(super) stored: Stored,
    pub(super) shape: Vec<u64>,
    /// First byte after the header's end.
    pub(super) start: u64,
    /// The byte after the last one, counted from the header's end.
    pub(super) end: u64,
}

/// Reads the claim about the tensor `name`.
pub(super) struct ClaimSeed<'a> {
    pub(super) name: String,
    pub(super) faults: &'a mut Faults,
    pub(super) oddities: &'a mut Oddities,
}

impl<'de> DeserializeSeed<'de> for ClaimSeed<'_> {
    type Value = Claim;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Claim, D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for ClaimSeed<'_> {
    type Value = Claim;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with dtype, shape and data_offsets")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Claim, A::Error> {
        let Self { name, faults, oddities } = self;
        let (mut stored, mut shape, mut range) = (None, None, None);
        let mut unknown = BTreeSet::new();
        while let Some(key) = object.next_key::<Cow<'_, str>>()? {
            match &*key {
                "dtype" => {
                    faults.once(stored.is_some(), &key)?;
                    stored = Some(Stored::named(&object.next_value::<String>()?));
                }
                "shape" => {
                    faults.once(shape.is_some(), &key)?;
                    let too_many = ErrorKind::TooManyAxes { limit: AXIS_LIMIT };
                    let seed = Numbers { limit: AXIS_LIMIT, too_many, faults: &mut *faults };
                    shape = Some(object.next_value_seed(seed)?);
                }
                "data_offsets" => {
                    faults.once(range.is_some(), &key)?;
                    let seed =
                        Numbers { limit: 2, too_many: ErrorKind::RangeForm, faults: &mut *faults };
                    let pair = object.next_value_seed(seed)?;
                    let Ok(pair) = <[u64; 2]>::try_from(pair) else {
                        return Err(faults.fail(ErrorKind::RangeForm));
                    };
                    range = Some(pair);
                }
                other => {
                    faults.once(!unknown.insert(other.to_owned()), other)?;
                    object.next_value::<IgnoredAny>()?;
                }
            }
        }
        if !unknown.is_empty() {
            let keys: Vec<_> = unknown.into_iter().collect();
            let what = format_args!("keys without a meaning here: {}", list(&keys));
            oddities.tell("tensors with keys without a meaning", Some(&name), what);
        }
        let mut missing = |key| faults.fail(ErrorKind::KeyMissing { key });
        let stored = stored.ok_or_else(|| missing("dtype"))?;
        let shape = shape.ok_or_else(|| missing("shape"))?;
        let [start, end] = range.ok_or_else(|| missing("data_offsets"))?;
        Ok(Claim { name, stored, shape, start, end })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Dtype;

    fn read(text: &str) -> (Result<Claim, String>, Vec<String>) {
        let (mut faults, mut oddities) = (Faults::default(), Oddities::of("m"));
        let mut json = serde_json::Deserializer::from_str(text);
        let seed = ClaimSeed { name: "a".into(), faults: &mut faults, oddities: &mut oddities };
        let claim = seed.deserialize(&mut json).map_err(|error| error.to_string());
        (claim, oddities.into_list().into_iter().map(|oddity| oddity.what).collect())
    }

    #[track_caller]
    fn fails(text: &str, want: &str) {
        let error = read(text).0.unwrap_err();
        assert!(error.starts_with(want), "{error}");
    }

    #[test]
    fn a_claim_is_read_whatever_the_order_of_its_keys() {
        let (claim, told) = read(r#"{"data_offsets":[4,28],"shape":[2,3],"dtype":"F32"}"#);
        let stored = Stored::Read(Dtype::F32);
        let want = Claim { name: "a".into(), stored, shape: vec![2, 3], start: 4, end: 28 };
        assert_eq!((claim, told), (Ok(want), vec![]));
    }

    #[test]
    fn a_key_without_a_meaning_is_told_whatever_it_holds() {
        let deep = "[".repeat(500) + &"]".repeat(500);
        let text = format!(r#"{{"x":{deep},"dtype":"U8","shape":[],"data_offsets":[0,1]}}"#);
        let (claim, told) = read(&text);
        assert!(claim.is_ok());
        assert_eq!(told, ["keys without a meaning here: `x`"]);
    }

    #[test]
    fn an_unlawful_claim_names_what_is_wrong() {
        fails(r#"["U8",[],[0,1]]"#, "invalid type: sequence, expected an object with dtype");
        fails(r#"{"dtype":8}"#, "invalid type: integer `8`, expected a string");
        fails(r#"{"dtype":{"F32":null}}"#, "invalid type: map, expected a string");
        fails(r#"{"dtype":"U8","dtype":"U8"}"#, "the key `dtype` is given twice");
        fails(r#"{"x":1,"x":1}"#, "the key `x` is given twice");
        fails(r#"{"shape":[-1]}"#, "invalid value: integer `-1`, expected u64");
        fails(r#"{"shape":[1.5]}"#, "invalid type: floating point `1.5`, expected u64");
        fails(r#"{"shape":[18446744073709551616]}"#, "invalid type: floating point");
        fails(r#"{"data_offsets":[0]}"#, "the byte range is not a pair of numbers");
        fails(r#"{"data_offsets":[0,1,2]}"#, "the byte range is not a pair of numbers");
        fails(r#"{"shape":[],"data_offsets":[0,1]}"#, "the key `dtype` is missing");
        fails(r#"{"dtype":"U8","data_offsets":[0,1]}"#, "the key `shape` is missing");
        fails(r#"{"dtype":"U8","shape":[]}"#, "the key `data_offsets` is missing");
        let axes = vec!["1"; AXIS_LIMIT + 1].join(",");
        fails(&format!(r#"{{"shape":[{axes}]}}"#), "the shape has more than 64 axes");
    }
}
