//! Weights that lie in several stored tensors, against values computed before they were packed.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::path::{Path, PathBuf};

use jokbo_formats::{Checkpoint, from_memory};
use jokbo_tensors::{Block, Tensor, View};
use proptest::prelude::*;

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/golden")
}

/// One line of `composed.tsv`, with its file opened.
struct Case {
    name: String,
    checkpoint: Checkpoint,
    oddities: Vec<String>,
    weight: usize,
    shape: Vec<u64>,
    fnv: String,
    first: String,
}

fn cases() -> Vec<Case> {
    let table = std::fs::read_to_string(golden().join("composed.tsv")).unwrap();
    let cases = table.lines().skip(1).map(|line| {
        let cells: Vec<&str> = line.split('\t').collect();
        let [name, config, weight, shape, fnv, first] = cells[..] else { panic!("{line}") };
        let file = golden().join(format!("composed/{name}.safetensors"));
        let config = (config != "-").then(|| serde_json::from_str(config).unwrap());
        let files = vec![("m.safetensors".to_owned(), std::fs::read(file).unwrap())];
        let (checkpoint, oddities) = from_memory(name, files, config).unwrap();
        let weight = checkpoint.entries.iter().position(|e| e.name == weight).unwrap();
        Case {
            name: name.to_owned(),
            checkpoint,
            oddities: oddities.iter().map(ToString::to_string).collect(),
            weight,
            shape: shape.split(',').map(|axis| axis.parse().unwrap()).collect(),
            fnv: fnv.to_owned(),
            first: first.to_owned(),
        }
    });
    cases.collect()
}

/// The bits, with one pattern for every NaN.
fn canonical(value: f32) -> u32 {
    if value.is_nan() { 0x7fc0_0000 } else { value.to_bits() }
}

fn whole(case: &Case) -> (View, Vec<u32>) {
    let view = View::of_shape(&case.shape);
    let mut values = Vec::new();
    let block = Block { rows: 0..view.rows, cols: 0..view.cols };
    Tensor::new(&case.checkpoint, case.weight, view).read_block(&block, &mut values).unwrap();
    (view, values.into_iter().map(canonical).collect())
}

#[test]
fn every_scheme_gives_the_golden_values_to_the_last_bit() {
    let cases = cases();
    assert_eq!(cases.len(), 24);
    for case in &cases {
        let name = &case.name;
        assert_eq!(case.oddities, Vec::<String>::new(), "{name}");
        assert_eq!(case.checkpoint.entries.len(), 1, "{name}: parts are left over");
        let entry = &case.checkpoint.entries[case.weight];
        assert_eq!(entry.shape, case.shape, "{name}");
        assert!(entry.dtype.is_float(), "{name}");
        let (_, bits) = whole(case);
        let first: Vec<String> = bits[..4].iter().map(|b| format!("{b:08x}")).collect();
        assert_eq!(first.join(" "), case.first, "{name}");
        let fnv = bits
            .iter()
            .flat_map(|b| b.to_le_bytes())
            .fold(0xcbf2_9ce4_8422_2325_u64, |state, byte| {
                (state ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
            });
        assert_eq!(format!("{fnv:016x}"), case.fnv, "{name}");
    }
}

#[test]
fn every_byte_of_the_file_belongs_to_the_weight() {
    for case in cases() {
        let file = &case.checkpoint.files[0];
        let mut start = [0; 8];
        file.reader.read_exact_at(&mut start, 0).unwrap();
        let data = file.bytes - 8 - u64::from_le_bytes(start);
        assert_eq!(case.checkpoint.entries[0].bytes, data, "{}", case.name);
    }
}

#[test]
fn both_precisions_and_both_directions_read_the_same_numbers() {
    for case in cases() {
        let (view, want) = whole(&case);
        let block = Block { rows: 0..view.rows, cols: 0..view.cols };
        let mut exact = Vec::new();
        let tensor = Tensor::new(&case.checkpoint, case.weight, view);
        tensor.read_block_f64(&block, &mut exact).unwrap();
        let same = exact.iter().zip(&want).all(|(x, bits)| {
            let value = f64::from(f32::from_bits(*bits));
            x.to_bits() == value.to_bits() || (x.is_nan() && value.is_nan())
        });
        assert!(same, "{}", case.name);
        let turned = Tensor::new(&case.checkpoint, case.weight, view.transposed());
        let mut values = Vec::new();
        let block = Block { rows: 0..view.cols, cols: 0..view.rows };
        turned.read_block(&block, &mut values).unwrap();
        let (rows, cols) = (want.len() / usize::try_from(view.cols).unwrap(), view.cols);
        let cols = usize::try_from(cols).unwrap();
        let got: Vec<u32> =
            (0..rows * cols).map(|k| canonical(values[k % cols * rows + k / cols])).collect();
        assert_eq!(got, want, "{}", case.name);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_part_is_cut_out_of_the_whole(
        rows in (0.0..1.0_f64, 0.0..1.0_f64),
        cols in (0.0..1.0_f64, 0.0..1.0_f64),
    ) {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss,
            reason = "a place in a small matrix")]
        let range = |(a, b): (f64, f64), n: u64| {
            let (a, b) = ((a * n as f64) as u64, (b * n as f64) as u64);
            a.min(b)..a.max(b) + 1
        };
        for case in cases() {
            let (view, want) = whole(&case);
            let block = Block { rows: range(rows, view.rows), cols: range(cols, view.cols) };
            let want: Vec<u32> = block
                .rows
                .clone()
                .flat_map(|r| block.cols.clone().map(move |c| r * view.cols + c))
                .map(|k| want[usize::try_from(k).unwrap()])
                .collect();
            let tensor = Tensor::new(&case.checkpoint, case.weight, view);
            let mut got = Vec::new();
            tensor.read_block(&block, &mut got).unwrap();
            let got: Vec<u32> = got.into_iter().map(canonical).collect();
            prop_assert_eq!(&got, &want, "{}", case.name);
            let (rows, cols): (Vec<u64>, Vec<u64>) = (block.rows.collect(), block.cols.collect());
            let gathered = tensor.gather(&rows, &cols).unwrap();
            let gathered: Vec<u32> = gathered.into_iter().map(canonical).collect();
            prop_assert_eq!(&gathered, &want, "{}", case.name);
        }
    }
}
