//! The checked index of one checkpoint: its files, and its tensors in file order.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::{Adapter, Array, Dtype, Making, ReadAt};

/// A checkpoint that was opened: every tensor's name, type, shape and place, no weight read yet.
#[derive(Debug, Clone)]
pub struct Checkpoint {
    /// What the user named, as typed.
    pub source: String,
    /// The commit of the repository on the Hub that it was read at, when it is one.
    pub commit: Option<String>,
    /// How the bytes are laid out.
    pub format: Format,
    /// The files that hold tensors, in the order of their paths; then what was derived from them.
    pub files: Vec<SourceFile>,
    /// The tensors, in the order of file, then of place in the file.
    pub entries: Vec<Entry>,
    /// What the files carry about themselves as text: `__metadata__`, or the numbers and texts of
    /// a GGUF file by key. First file first.
    pub metadata: BTreeMap<String, String>,
    /// The arrays that GGUF files carry about themselves, such as a tokenizer's vocabulary: where
    /// they are, not read yet.
    pub arrays: BTreeMap<String, Array>,
    /// `config.json` beside the weights, when there is one and it can be read. A GGUF file says the
    /// same of itself, and is believed before a `config.json` that happens to lie beside it.
    pub config: Option<serde_json::Value>,
    /// What its tensors are when they are a LoRA adapter, and `config` its `adapter_config.json`.
    pub adapter: Option<Adapter>,
}

impl Checkpoint {
    /// Size of all its files.
    pub fn bytes(&self) -> u64 {
        self.own_files().map(|file| file.bytes).sum()
    }

    /// How many different bytes of its files were read so far, in pages of 4 KiB (longer ones in
    /// files above 4 GiB): headers, and weights since. The same whatever the threads, and never
    /// more than [`Checkpoint::bytes`]. A file that nobody counts is taken for read whole.
    pub fn bytes_read(&self) -> u64 {
        self.own_files().map(|file| file.reader.bytes_read().unwrap_or(file.bytes)).sum()
    }

    /// The files that the checkpoint is made of, without what was derived from them.
    pub fn own_files(&self) -> impl Iterator<Item = &SourceFile> {
        self.files.iter().filter(|file| !file.derived)
    }

    /// How many bytes of its files came over the network so far. It depends on the cache, so no
    /// report holds it.
    pub fn bytes_fetched(&self) -> u64 {
        self.files.iter().map(|file| file.reader.bytes_fetched()).sum()
    }
}

/// One file that holds tensors.
#[derive(Debug, Clone)]
pub struct SourceFile {
    /// Path below the folder that was named, or the file's own name; `/` between parts.
    pub path: String,
    /// Its size.
    pub bytes: u64,
    /// How the numbers of its tensors are stored.
    pub order: ByteOrder,
    /// Whether this is no file of its own, but bytes of the file at `path` as they are read:
    /// unpacked, or in another order. A report lists the file only.
    pub derived: bool,
    /// Where its bytes are read from.
    pub reader: Arc<dyn ReadAt>,
}

/// One tensor: where it lies and how to read it. All sizes were checked against the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The name in the file.
    pub name: String,
    /// The stored type.
    pub dtype: Dtype,
    /// The stored shape, outermost axis first; empty for a scalar.
    pub shape: Vec<u64>,
    /// Index into [`Checkpoint::files`].
    pub file: usize,
    /// First byte in that file.
    pub offset: u64,
    /// Number of bytes.
    pub bytes: u64,
    /// How its numbers are made from several stored tensors, when they are: `file` and `offset`
    /// are then the place of the first of them, and `bytes` those of all.
    pub recipe: Option<Arc<Making>>,
}

impl Entry {
    /// Number of elements: the product of the shape, which was checked for overflow on opening.
    pub fn elements(&self) -> u64 {
        self.shape.iter().product()
    }
}

/// Which byte of a number is stored first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ByteOrder {
    /// The lowest: all safetensors files, and nearly all GGUF files.
    #[default]
    Little,
    /// The highest: GGUF files for mainframes.
    Big,
}

/// How the bytes of a checkpoint are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// One or more `.safetensors` files.
    Safetensors,
    /// One `.gguf` file, or the parts of a split one.
    Gguf,
    /// One or more files that PyTorch saved: `.bin`, `.pt`, `.pth`, `.ckpt`.
    PyTorch,
    /// One or more arrays that NumPy saved, each a file: `.npy`.
    Npy,
    /// One or more archives of arrays that NumPy saved: `.npz`.
    Npz,
    /// One `.onnx` model, with the data files that it names.
    Onnx,
    /// One `model.bin` that CTranslate2 converted.
    CTranslate2,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Format::Safetensors => "safetensors",
            Format::Gguf => "gguf",
            Format::PyTorch => "pytorch",
            Format::Npy => "npy",
            Format::Npz => "npz",
            Format::Onnx => "onnx",
            Format::CTranslate2 => "ctranslate2",
        })
    }
}
