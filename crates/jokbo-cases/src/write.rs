//! A checkpoint written: one safetensors file in bf16 for every folder, and its configuration.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};

use crate::Error;

/// A tensor with its values.
#[derive(Debug, Clone)]
pub(crate) struct Tensor {
    pub(crate) name: String,
    pub(crate) shape: Vec<u64>,
    pub(crate) values: Vec<f32>,
}

/// Writes `tensors`, by folder below `folder`, and `config.json`.
pub(crate) fn model(
    folder: &Path,
    config: &Value,
    tensors: &BTreeMap<String, Vec<Tensor>>,
) -> Result<(), Error> {
    for (below, tensors) in tensors {
        let into = folder.join(below);
        made(&into, fs::create_dir_all(&into))?;
        put(&into.join("model.safetensors"), &safetensors(tensors))?;
    }
    let text = format!("{config:#}\n");
    put(&folder.join("config.json"), text.as_bytes())
}

/// Writes `papers` into `folder`, by their names. A name with a path in it is none.
pub(crate) fn papers(folder: &Path, papers: &BTreeMap<String, String>) -> Result<(), Error> {
    let plain = papers.iter().filter(|(name, _)| !name.contains(['/', '\\']));
    plain.into_iter().try_for_each(|(name, text)| put(&folder.join(name), text.as_bytes()))
}

fn put(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    made(path, fs::write(path, bytes))
}

fn made(path: &Path, outcome: std::io::Result<()>) -> Result<(), Error> {
    outcome.map_err(|source| Error::Write { path: path.display().to_string(), source })
}

fn safetensors(tensors: &[Tensor]) -> Vec<u8> {
    let mut header = Map::new();
    let mut data: Vec<u8> = Vec::new();
    for Tensor { name, shape, values } in tensors {
        let begin = data.len();
        data.extend(values.iter().flat_map(|value| bf16(*value).to_le_bytes()));
        let range = [begin, data.len()];
        header.insert(
            name.clone(),
            json!({ "dtype": "BF16", "shape": shape, "data_offsets": range }),
        );
    }
    let mut header = Value::from(header).to_string().into_bytes();
    header.resize(header.len().next_multiple_of(8), b' ');
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header);
    file.extend(data);
    file
}

/// The nearest bf16 of a finite value, ties to even.
fn bf16(value: f32) -> u16 {
    let bits = value.to_bits();
    let rounded = bits + 0x7FFF + ((bits >> 16) & 1);
    u16::try_from(rounded >> 16).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_rounded_to_the_nearest_bf16() {
        assert_eq!(bf16(1.0), 0x3F80);
        assert_eq!(bf16(-2.0), 0xC000);
        assert_eq!(bf16(1.003_906_2), 0x3F80, "just under a tie");
        assert_eq!(bf16(f32::from_bits(0x3F81_8000)), 0x3F82, "a tie goes to the even one");
    }
}
