//! What must hold whatever bytes a reader is given.
//!
//! A [`Target`] takes any bytes, gives them to one reader, and panics when an invariant is broken.
//! The programs in `fuzz/` let libFuzzer look for such bytes; `tests/replay.rs` runs every target
//! on its seeds and on the corpus that the fuzzer left in `fuzz/corpus`, without a fuzzer.
//!
//! Not breaking is the least of it. Every answer is also held to these: two readings of the same
//! bytes agree; no more memory is held, and no more bytes are fetched, than a known multiple of
//! what is there; every tensor lies inside its file and has the size of its type and shape; no
//! control character of a file reaches a message. `held` has the checks.

mod counted;
mod held;
mod seeds;
mod target;

// One counting allocator serves the museum and this crate.
#[path = "../../jokbo-formats/tests/museum/meter.rs"]
mod meter;

#[path = "../../jokbo-formats/tests/laws/library.rs"]
mod library;

#[path = "../../jokbo-formats/tests/numpy/writer.rs"]
mod numpy_writer;

#[path = "../../jokbo-formats/tests/ctranslate2/writer.rs"]
mod ctranslate2_writer;

#[path = "../../jokbo-formats/tests/onnx/writer.rs"]
mod onnx_writer;

#[path = "../../jokbo-formats/tests/pytorch/writer.rs"]
#[allow(dead_code, reason = "the targets write fewer lies than the museum")]
mod torch_writer;

pub use target::{TARGETS, Target, named};
