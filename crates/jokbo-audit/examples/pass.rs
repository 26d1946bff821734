//! Cosine and Pearson of every tensor that two checkpoints hold under one name, and nothing else: no digest, no
//! test, no verdict. It shows the library's pass over stored values, and what that costs by itself.
//!
//! ```text
//! cargo run --release -p jokbo-audit --example pass -- A.safetensors B.safetensors
//! ```

#![allow(clippy::print_stdout, reason = "an example prints what it measured")]

use std::error::Error;
use std::path::Path;

use jokbo_audit::{Opened, open};
use jokbo_statistics::join::join;
use jokbo_statistics::pass::PairSums;
use jokbo_tensors::{Block, Tensor, View, blocks, stored_kind};
use rayon::prelude::*;

fn main() -> Result<(), Box<dyn Error>> {
    let names: Vec<String> = std::env::args().skip(1).collect();
    let [one, other] = names.as_slice() else { return Err("two checkpoints are needed".into()) };
    let (a, b) = (open(Path::new(one))?, open(Path::new(other))?);
    let pairs = by_name(&a, &b);
    let tasks: Vec<(usize, Block)> = pairs
        .iter()
        .enumerate()
        .flat_map(|(k, &(of_a, _))| {
            let elements = a.checkpoint.entries[of_a].elements();
            blocks(elements, 1).into_iter().map(move |block| (k, block))
        })
        .collect();
    let sums: Vec<PairSums> = tasks
        .par_iter()
        .map_init(Default::default, |buffers, (k, block)| {
            let (x, y) = (flat(&a, pairs[*k].0), flat(&b, pairs[*k].1));
            side_by_side(x, y, block, buffers)
        })
        .collect::<Result<_, _>>()?;
    let mut by_pair: Vec<Vec<PairSums>> = vec![Vec::new(); pairs.len()];
    tasks.iter().zip(sums).for_each(|((k, _), sums)| by_pair[*k].push(sums));
    for ((of_a, _), sums) in pairs.iter().zip(by_pair) {
        let Some(sums) = join(sums, PairSums::join) else { continue };
        let number = |x: Option<f64>| x.map_or_else(|| "-".to_owned(), |x| format!("{x:.6}"));
        let name = &a.checkpoint.entries[*of_a].name;
        println!("{name} {} {}", number(sums.cosine()), number(sums.pearson()));
    }
    Ok(())
}

/// Entries of both with one name, one type and as many elements.
fn by_name(a: &Opened, b: &Opened) -> Vec<(usize, usize)> {
    let theirs = &b.checkpoint.entries;
    let answer = |(k, mine): (usize, &jokbo_tensors::Entry)| {
        let alike = |other: &jokbo_tensors::Entry| {
            (&other.name, other.dtype, other.elements())
                == (&mine.name, mine.dtype, mine.elements())
        };
        Some((k, theirs.iter().position(alike)?))
    };
    a.checkpoint.entries.iter().enumerate().filter_map(answer).collect()
}

/// All elements of an entry as one column.
fn flat(opened: &Opened, entry: usize) -> Tensor<'_> {
    let elements = opened.checkpoint.entries[entry].elements();
    Tensor::new(&opened.checkpoint, entry, View::dense(elements, 1))
}

/// A block of both, in the bytes that are stored where the type allows it, else decoded.
fn side_by_side(
    a: Tensor<'_>,
    b: Tensor<'_>,
    block: &Block,
    (x, y): &mut (Vec<u8>, Vec<u8>),
) -> Result<PairSums, jokbo_tensors::ReadError> {
    if let Some(kind) = stored_kind(a.entry().dtype)
        && let (Some(x), Some(y)) = (a.stored_block(block, x)?, b.stored_block(block, y)?)
    {
        return Ok(PairSums::of_bytes(kind, x, y));
    }
    let (mut x, mut y) = (Vec::new(), Vec::new());
    a.read_block_f64(block, &mut x)?;
    b.read_block_f64(block, &mut y)?;
    Ok(PairSums::of(&x, &y))
}
