//! Small checkpoints made here, and copies of the examples with other bytes in them.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use crate::program::folder;

/// Writes float tensors of two axes as a safetensors file: name, rows, columns, values.
pub(crate) fn write(path: &Path, tensors: &[(&str, u32, u32, Vec<f32>)]) {
    let mut header = Map::new();
    let mut data: Vec<u8> = Vec::new();
    for (name, rows, cols, values) in tensors {
        let begin = data.len();
        data.extend(values.iter().flat_map(|x| x.to_le_bytes()));
        let entry = json!({
            "dtype": "F32", "shape": [rows, cols], "data_offsets": [begin, data.len()]
        });
        header.insert((*name).to_owned(), entry);
    }
    let header = Value::from(header).to_string().into_bytes();
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header);
    file.extend(data);
    fs::write(path, file).unwrap();
}

/// `n` values in [-1, 1) that follow no formula, others for another seed.
pub(crate) fn noise(n: u32, seed: u32) -> Vec<f32> {
    let mut state = u64::from(seed).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let high = u16::try_from(state >> 48).unwrap();
        f32::from(high) / 32_768.0 - 1.0
    };
    (0..n).map(|_| next()).collect()
}

/// A copy of the example `name` in `into`, with the first F32 elements of one tensor replaced.
pub(crate) fn altered(name: &str, into: &Path, tensor: &str, values: &[f32]) -> PathBuf {
    let mut bytes = fs::read(folder("examples").join(name).join("model.safetensors")).unwrap();
    let length = u64::from_le_bytes(bytes[..8].try_into().unwrap());
    let data = 8 + usize::try_from(length).unwrap();
    let header: Value = serde_json::from_slice(&bytes[8..data]).unwrap();
    assert_eq!(header[tensor]["dtype"], "F32");
    let begin =
        data + usize::try_from(header[tensor]["data_offsets"][0].as_u64().unwrap()).unwrap();
    for (place, value) in bytes[begin..].chunks_exact_mut(4).zip(values) {
        place.copy_from_slice(&value.to_le_bytes());
    }
    let path = into.join("model.safetensors");
    fs::write(&path, bytes).unwrap();
    path
}
