//! Bytes to a checked index: what a checkpoint holds and where, without reading a weight.
//!
//! Every file is hostile. A size that was read is compared with a cap and with the bytes that
//! remain before anything is allocated; nothing in a file is ever run; no path leaves the folder
//! that was named. This room knows no floating-point numbers.
//!
//! [`open()`] returns a [`Checkpoint`] (the files, and one [`Entry`] per tensor) and the oddities:
//! things that are lawful but that a reviewer must know.
//!
//! ```
//! let header = r#"{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#;
//! let mut file = (header.len() as u64).to_le_bytes().to_vec();
//! file.extend(header.as_bytes());
//! file.extend([0; 10]);
//!
//! let files = vec![("model.safetensors".to_owned(), file)];
//! let (checkpoint, oddities) = jokbo_formats::from_memory("example", files, None)?;
//! assert_eq!(checkpoint.entries[0].shape, [2]);
//! assert_eq!(oddities[0].what, "2 bytes from byte 70 on, after the last tensor, in no tensor");
//! # Ok::<(), jokbo_formats::Error>(())
//! ```

mod adapter;
mod checkpoint;
mod compose;
mod ctranslate2;
mod derived;
pub mod digest;
mod dtype;
mod error;
#[cfg(test)]
mod fixture;
mod gathered;
pub mod gguf;
mod json;
mod layout;
mod limits;
mod network;
pub mod numpy;
mod oddity;
mod onnx;
mod open;
mod papers;
mod pickle;
pub mod pytorch;
mod read_at;
mod recipe;
pub mod safetensors;
mod source;
pub mod tokenizer;
mod turned;
mod wire;
mod words;
mod zip;

pub use adapter::{Adapter, AdapterConfig, Factors, Start, merge};
pub use checkpoint::{ByteOrder, Checkpoint, Entry, Format, SourceFile};
pub use dtype::Dtype;
pub use error::{Error, ErrorKind, Place};
pub use gathered::NotGathered;
pub use gguf::Array;
#[cfg(feature = "scripted")]
pub use network::Script;
pub use network::{Fault, Network, Patience, Secret, Settings};
pub use oddity::Oddity;
pub use open::{PART_FOLDERS, file_of, from_memory, open, open_source};
pub use papers::{Papers, papers_of};
pub use read_at::{Memory, ReadAt, Remote};
pub use recipe::{
    Codes, Grid, Levels, Making, Merged, Narrow, Outer, Packing, Recipe, Scale, Scales, Scaling,
    Scheme, Zero,
};
pub use source::{Address, Bucket, Provider, Repository, Source};
pub use words::Shown;
