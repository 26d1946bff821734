//! Adapters laid over their base, against the golden sums.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::path::{Path, PathBuf};

use jokbo_formats::{Checkpoint, merge, open};
use jokbo_tensors::{Block, Tensor, View};

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/golden")
}

/// The adapter of a case on its base, and what was told.
fn merged(case: &str) -> (Checkpoint, Vec<String>) {
    let folder = golden().join("adapters").join(case);
    let (base, _) = open(&folder.join("base.safetensors")).unwrap();
    let (adapter, told) = open(&folder.join("adapter_model.safetensors")).unwrap();
    assert_eq!(told, []);
    let (merged, told) = merge(&base, &adapter).unwrap();
    (merged, told.iter().map(|oddity| oddity.what.clone()).collect())
}

fn values(checkpoint: &Checkpoint, weight: &str, shape: &[u64]) -> Vec<f64> {
    let at = checkpoint.entries.iter().position(|entry| entry.name == weight).unwrap();
    assert_eq!(checkpoint.entries[at].shape, shape);
    assert_eq!(checkpoint.entries[at].dtype.to_string(), "LORA_MERGED");
    let view = View::of_shape(shape);
    let tensor = Tensor::new(checkpoint, at, view);
    let mut out = Vec::new();
    tensor.read_block_f64(&Block { rows: 0..view.rows, cols: 0..view.cols }, &mut out).unwrap();
    // Any part is cut out of the whole, and the short form is the nearest to the long one.
    let (rows, cols): (Vec<u64>, Vec<u64>) =
        ((1..view.rows).step_by(2).collect(), (0..view.cols).step_by(3).collect());
    let want = rows.iter().flat_map(|r| cols.iter().map(move |c| r * view.cols + c));
    #[allow(clippy::cast_possible_truncation, reason = "rounding to the nearest is what is meant")]
    let want: Vec<f32> = want.map(|k| out[usize::try_from(k).unwrap()] as f32).collect();
    assert_eq!(tensor.gather(&rows, &cols).unwrap(), want);
    out
}

#[test]
fn adapters_on_their_base_are_the_golden_sums_to_the_last_bit() {
    let table = std::fs::read_to_string(golden().join("adapters.tsv")).unwrap();
    for line in table.lines().skip(1) {
        let cells: Vec<&str> = line.split('\t').collect();
        let [case, weight, shape, fnv, first] = cells[..] else { panic!("{line}") };
        let shape: Vec<u64> = shape.split(',').map(|axis| axis.parse().unwrap()).collect();
        let (checkpoint, _) = merged(case);
        let values = values(&checkpoint, weight, &shape);
        let bits: Vec<String> =
            values[..2].iter().map(|value| format!("{:016x}", value.to_bits())).collect();
        assert_eq!(bits.join(" "), first, "{case}");
        let state = values
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .fold(0xcbf2_9ce4_8422_2325_u64, |state, byte| {
                (state ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
            });
        assert_eq!(format!("{state:016x}"), fnv, "{case}");
    }
    assert_eq!(table.lines().count(), 7);
}

#[test]
fn what_an_adapter_saved_whole_takes_the_place_of_the_bases() {
    let (checkpoint, told) = merged("quantised");
    assert_eq!(told, ["takes the place of the base's tensor"]);
    let heads: Vec<&jokbo_tensors::Entry> =
        checkpoint.entries.iter().filter(|entry| entry.name == "head.weight").collect();
    assert_eq!((heads.len(), heads[0].file), (1, 1));
}
