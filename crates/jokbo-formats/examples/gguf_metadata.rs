//! Prints what a GGUF file says of itself: `key`, tab, number or text; for an array its length and
//! the SHA-256 of its elements' texts, a zero byte after each.
//!
//! `reference/gguf_files.py` compares the output with what the package `gguf` reads.

#![allow(clippy::print_stdout, reason = "it is a program that prints")]

use std::path::Path;

use jokbo_formats::gguf::Value;
use jokbo_formats::{Memory, digest};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for path in std::env::args().skip(1) {
        let (checkpoint, _) = jokbo_formats::open(Path::new(&path))?;
        for (key, text) in &checkpoint.metadata {
            println!("{key}\t{}", text.escape_default());
        }
        for (key, array) in &checkpoint.arrays {
            let mut bytes = Vec::new();
            for value in array.read(&checkpoint.files)? {
                match value {
                    Value::Text(text) => bytes.extend(text),
                    other => bytes.extend(other.to_string().into_bytes()),
                }
                bytes.push(0);
            }
            println!("{key}\t{} elements, {}", array.n, digest::sha256(&Memory(bytes))?);
        }
    }
    Ok(())
}
