//! Inputs for the tests of this folder: a seeded generator, short types, the example checkpoints.

use std::fs;
use std::path::Path;

/// SplitMix64 (Steele, Lea, Flood 2014).
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// In `[0, 1)`.
    pub(super) fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let bits = u32::try_from((z ^ (z >> 31)) >> 32).unwrap();
        f64::from(bits) / 4_294_967_296.0
    }

    /// Standard normal, by Box and Muller.
    pub(super) fn normal(&mut self) -> f32 {
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        single(radius * (std::f64::consts::TAU * self.uniform()).cos())
    }
}

/// Rounded to `f32`.
#[allow(clippy::cast_possible_truncation, reason = "rounding to the nearest is what is meant")]
pub(super) fn single(value: f64) -> f32 {
    value as f32
}

/// Rounded to BF16, to nearest, ties to even; finite values.
pub(super) fn short(values: &[f32]) -> Vec<f32> {
    let round = |bits: u32| (bits + 0x7fff + (bits >> 16 & 1)) & 0xffff_0000;
    values.iter().map(|v| f32::from_bits(round(v.to_bits()))).collect()
}

/// `values` with Gaussian noise of `share` of their root mean square.
pub(super) fn noised(values: &[f32], share: f64, seed: u64) -> Vec<f32> {
    let mut random = Random::new(seed);
    let squares: f64 = values.iter().map(|&v| f64::from(v).powi(2)).sum();
    let size = share * (squares / crate::number::float_usize(values.len())).sqrt();
    values.iter().map(|&v| v + single(size * f64::from(random.normal()))).collect()
}

/// Example, tensor name, shape and values of every F32 tensor in `examples/`, in order of name.
pub(super) fn examples() -> Vec<(String, String, Vec<u64>, Vec<f32>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let mut out = Vec::new();
    for entry in fs::read_dir(root).unwrap() {
        let folder = entry.unwrap();
        let Ok(file) = fs::read(folder.path().join("model.safetensors")) else { continue };
        let example = folder.file_name().into_string().unwrap();
        let (prefix, rest) = file.split_first_chunk::<8>().unwrap();
        let (header, data) = rest.split_at(usize::try_from(u64::from_le_bytes(*prefix)).unwrap());
        let header: serde_json::Value = serde_json::from_slice(header).unwrap();
        for (name, tensor) in header.as_object().unwrap() {
            if tensor["dtype"] != "F32" {
                continue;
            }
            let place = |i: usize| tensor["data_offsets"][i].as_u64().unwrap();
            let range = [place(0), place(1)].map(|at| usize::try_from(at).unwrap());
            let (elements, _) = data[range[0]..range[1]].as_chunks::<4>();
            let values = elements.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect();
            let shape = tensor["shape"].as_array().unwrap();
            let shape = shape.iter().map(|axis| axis.as_u64().unwrap()).collect();
            out.push((example.clone(), name.clone(), shape, values));
        }
    }
    assert!(!out.is_empty(), "no example was found");
    out.sort_by(|a, b| (&a.0, &a.1).cmp(&(&b.0, &b.1)));
    out
}
