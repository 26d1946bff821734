//! A shard index: which file holds which tensor.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};

use super::fence::is_plain_path;
use crate::error::{ErrorKind, Place};
use crate::json::{self, Faults, Scalar};
use crate::limits::{INDEX_LIMIT, NAME_LIMIT, TENSOR_LIMIT};
use crate::{Error, ReadAt};

/// How the name of an index ends: of safetensors files, or of PyTorch's.
pub(super) const SUFFIXES: [&str; 2] = [".safetensors.index.json", ".bin.index.json"];

/// Whether `name` is that of an index.
pub(super) fn is_named_so(name: &str) -> bool {
    SUFFIXES.iter().any(|suffix| name.ends_with(suffix))
}

/// A shard index, in which every tensor stands once and every shard is a plain path.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Index {
    /// The index's own path.
    pub(super) path: String,
    /// The tensors of each shard.
    pub(super) shards: BTreeMap<String, Vec<String>>,
    /// What it gives as the size of all tensors, in bytes.
    pub(super) total_size: Option<u64>,
}

/// Reads the index in `reader`, called `path`.
pub(super) fn read(reader: &dyn ReadAt, path: &str) -> Result<Index, Error> {
    let place = Place::file(path);
    let has = reader.len();
    let length = match usize::try_from(has) {
        Ok(length) if has <= INDEX_LIMIT => length,
        _ => return Err(place.error(ErrorKind::IndexTooLarge { has, limit: INDEX_LIMIT })),
    };
    let mut bytes = vec![0; length];
    if let Err(error) = reader.read_exact_at(&mut bytes, 0) {
        return Err(place.error(ErrorKind::Unreadable(error)));
    }
    let text =
        str::from_utf8(&bytes).map_err(|error| place.clone().error(ErrorKind::NotText(error)))?;
    let mut faults = Faults::default();
    let mut index = json::read(text, &place, 0, &mut faults, |json, faults| {
        IndexSeed { faults }.deserialize(json)
    })?;
    if let Some(name) = tensor_given_twice(&index.shards) {
        return Err(place.tensor(name).error(ErrorKind::TensorTwice));
    }
    if index.shards.is_empty() {
        return Err(place.error(ErrorKind::IndexEmpty));
    }
    path.clone_into(&mut index.path);
    Ok(index)
}

fn tensor_given_twice(shards: &BTreeMap<String, Vec<String>>) -> Option<&str> {
    let mut names: Vec<&str> = shards.values().flatten().map(String::as_str).collect();
    names.sort_unstable();
    names.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0])
}

struct IndexSeed<'a> {
    faults: &'a mut Faults,
}

impl<'de> DeserializeSeed<'de> for IndexSeed<'_> {
    type Value = Index;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Index, D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for IndexSeed<'_> {
    type Value = Index;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with a weight_map")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Index, A::Error> {
        let faults = self.faults;
        let (mut shards, mut total_size) = (None, None);
        while let Some(key) = object.next_key::<String>()? {
            match key.as_str() {
                "weight_map" => {
                    faults.once(shards.is_some(), &key)?;
                    shards = Some(object.next_value_seed(WeightMap { faults: &mut *faults })?);
                }
                "metadata" => {
                    faults.once(total_size.is_some(), &key)?;
                    total_size = Some(object.next_value_seed(TotalSize)?);
                }
                _ => {
                    object.next_value::<IgnoredAny>()?;
                }
            }
        }
        let Some(shards) = shards else {
            return Err(faults.fail(ErrorKind::KeyMissing { key: "weight_map" }));
        };
        Ok(Index { path: String::new(), shards, total_size: total_size.flatten() })
    }
}

/// Reads `weight_map`.
struct WeightMap<'a> {
    faults: &'a mut Faults,
}

impl<'de> DeserializeSeed<'de> for WeightMap<'_> {
    type Value = BTreeMap<String, Vec<String>>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for WeightMap<'_> {
    type Value = BTreeMap<String, Vec<String>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of tensor names and file names")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
        let faults = self.faults;
        let mut shards = Self::Value::new();
        let mut listed = 0usize;
        while let Some(tensor) = object.next_key::<String>()? {
            if NAME_LIMIT < tensor.len() {
                let has = tensor.len();
                faults.tensor = Some(tensor);
                return Err(faults.fail(ErrorKind::NameTooLong { has, limit: NAME_LIMIT }));
            }
            if listed == TENSOR_LIMIT {
                return Err(faults.fail(ErrorKind::TooManyTensors { limit: TENSOR_LIMIT }));
            }
            listed += 1;
            faults.tensor = Some(tensor.clone());
            let shard = object.next_value::<String>()?;
            if NAME_LIMIT < shard.len() || !is_plain_path(&shard) {
                return Err(faults.fail(ErrorKind::ShardNameUnlawful { shard }));
            }
            faults.tensor = None;
            shards.entry(shard).or_default().push(tensor);
        }
        Ok(shards)
    }
}

/// Reads `total_size` from the index's `metadata`, when it is there and is a whole number.
struct TotalSize;

impl<'de> DeserializeSeed<'de> for TotalSize {
    type Value = Option<u64>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Option<u64>, D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for TotalSize {
    type Value = Option<u64>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object about the index")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Option<u64>, A::Error> {
        let mut total = None;
        while let Some((key, value)) = object.next_entry::<String, Scalar>()? {
            if let ("total_size", Scalar::Whole(number)) = (key.as_str(), value) {
                total = Some(number);
            }
        }
        Ok(total)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Memory;

    fn index(text: &str) -> Result<Index, Error> {
        read(&Memory(text.as_bytes().to_vec()), "i")
    }

    #[track_caller]
    fn fails(text: &str, want: &str) {
        let error = index(text).unwrap_err();
        assert_eq!(error.to_string(), want);
    }

    #[test]
    fn tensors_are_listed_by_shard() {
        let text = r#"{"metadata":{"total_size":12,"x":[1]},"weight_map":{"b":"2","a":"1","c":"2"},"y":{}}"#;
        let found = index(text).unwrap();
        let shards: Vec<_> = found.shards.iter().map(|(s, t)| (s.as_str(), t.join(" "))).collect();
        assert_eq!(shards, [("1", "a".to_owned()), ("2", "b c".to_owned())]);
        assert_eq!(found.total_size, Some(12));
    }

    #[test]
    fn an_index_of_another_form_is_refused() {
        let form = "the JSON is not of the form it has here";
        fails(
            r#"{"weight_map":[]}"#,
            &format!(
                "i, at byte 14: {form}: invalid type: sequence, expected an object of tensor names and file names"
            ),
        );
        fails(
            r#"{"weight_map":{"a":3}}"#,
            &format!(
                "i, tensor `a`, at byte 20: {form}: invalid type: integer `3`, expected a string"
            ),
        );
        fails("{}", "i, at byte 2: the key `weight_map` is missing");
        fails(r#"{"weight_map":{}}"#, "i: the shard index lists no tensors");
        fails("{", "i, at byte 1: the text is not JSON: EOF while parsing an object");
    }

    #[test]
    fn nothing_may_be_given_twice() {
        fails(r#"{"weight_map":{"a":"1","a":"2"}}"#, "i, tensor `a`: the tensor is listed twice");
        fails(
            r#"{"weight_map":{"a":"1"},"weight_map":{"b":"1"}}"#,
            "i, at byte 36: the key `weight_map` is given twice",
        );
    }

    #[test]
    fn a_shard_name_stays_below_the_folder() {
        for shard in ["/etc/passwd", "../m", "a/../../b", "C:m", ""] {
            let text = format!(r#"{{"weight_map":{{"a":"{shard}"}}}}"#);
            let want =
                format!("the shard name `{shard}` leads out of the folder or is not a plain path");
            let error = index(&text).unwrap_err().to_string();
            assert!(error.ends_with(&want), "{error}");
        }
    }
}
