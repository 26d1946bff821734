//! The header's JSON as a table of claims: strict in form, nothing yet compared with the file.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};

use super::claim::{Claim, ClaimSeed};
use super::header::PREFIX;
use super::metadata::Metadata;
use crate::Error;
use crate::error::{ErrorKind, Place};
use crate::json::{self, Faults};
use crate::limits::{NAME_LIMIT, TENSOR_LIMIT};
use crate::oddity::Oddities;

/// What a header says.
#[derive(Debug, Default)]
pub(super) struct Table {
    /// The tensors, in the order of the text.
    pub(super) claims: Vec<Claim>,
    /// `__metadata__`, as far as it is text.
    pub(super) metadata: BTreeMap<String, String>,
}

/// Reads the table from the header's `text`.
pub(super) fn read(text: &str, place: &Place, oddities: &mut Oddities) -> Result<Table, Error> {
    let mut faults = Faults::default();
    let table = json::read(text, place, PREFIX, &mut faults, |json, faults| {
        TableSeed { faults, oddities }.deserialize(json)
    })?;
    match name_given_twice(&table.claims) {
        Some(name) => Err(place.clone().tensor(name).error(ErrorKind::TensorTwice)),
        None => Ok(table),
    }
}

/// The first name, in the order of names, that two claims share.
fn name_given_twice(claims: &[Claim]) -> Option<&str> {
    let mut names: Vec<&str> = claims.iter().map(|claim| claim.name.as_str()).collect();
    names.sort_unstable();
    names.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0])
}

struct TableSeed<'a> {
    faults: &'a mut Faults,
    oddities: &'a mut Oddities,
}

impl<'de> DeserializeSeed<'de> for TableSeed<'_> {
    type Value = Table;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Table, D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for TableSeed<'_> {
    type Value = Table;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object that lists tensors")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Table, A::Error> {
        let Self { faults, oddities } = self;
        let mut table = Table::default();
        let mut metadata = None;
        while let Some(name) = object.next_key::<String>()? {
            if name == "__metadata__" {
                faults.once(metadata.is_some(), &name)?;
                let seed = Metadata { faults: &mut *faults, oddities: &mut *oddities };
                metadata = Some(object.next_value_seed(seed)?);
                continue;
            }
            if NAME_LIMIT < name.len() {
                let has = name.len();
                faults.tensor = Some(name);
                return Err(faults.fail(ErrorKind::NameTooLong { has, limit: NAME_LIMIT }));
            }
            if table.claims.len() == TENSOR_LIMIT {
                return Err(faults.fail(ErrorKind::TooManyTensors { limit: TENSOR_LIMIT }));
            }
            faults.tensor = Some(name.clone());
            let seed = ClaimSeed { name, faults: &mut *faults, oddities: &mut *oddities };
            table.claims.push(object.next_value_seed(seed)?);
            faults.tensor = None;
        }
        table.metadata = metadata.unwrap_or_default();
        Ok(table)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn fails(text: &str, want: &str) {
        let error = read(text, &Place::file("m"), &mut Oddities::of("m")).unwrap_err();
        assert_eq!(error.to_string(), want);
    }

    #[test]
    fn text_that_is_not_json_is_refused_with_its_byte() {
        fails("{\"a\":!}", "m, tensor `a`, at byte 14: the text is not JSON: expected value");
        fails("{} x", "m, at byte 12: the text is not JSON: trailing characters");
        fails("{", "m, at byte 9: the text is not JSON: EOF while parsing an object");
    }

    #[test]
    fn json_of_another_form_is_refused() {
        fails(
            "[1]",
            "m, at byte 8: the JSON is not of the form it has here: invalid type: sequence, expected an object that lists tensors",
        );
    }

    #[test]
    fn nothing_may_be_given_twice() {
        let one = r#""a":{"dtype":"U8","shape":[],"data_offsets":[0,1]}"#;
        fails(&format!("{{{one},{one}}}"), "m, tensor `a`: the tensor is listed twice");
        fails(
            r#"{"__metadata__":{},"__metadata__":{}}"#,
            "m, at byte 41: the key `__metadata__` is given twice",
        );
    }
}
