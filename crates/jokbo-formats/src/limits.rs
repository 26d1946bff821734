//! Every cap on what a file may claim, each with its reason.

/// Longest safetensors header, in bytes. The safetensors library has the same limit, so no file
/// that it wrote is refused here.
pub(crate) const HEADER_LIMIT: u64 = 100_000_000;

/// Longest header that the safetensors library is asked about as well. It holds the header as a
/// tree that takes up to 26 times the text (measured in `tests/museum.rs`), and 4 MiB are about
/// 30,000 tensors, more than published models put into one file.
pub(crate) const LIBRARY_LIMIT: u64 = 4 << 20;

/// Most tensors in one checkpoint. The largest published mixtures of experts hold about 100,000.
pub(crate) const TENSOR_LIMIT: usize = 2_000_000;

/// Most folders that are looked into below the one that was named. Models in parts have some ten.
pub(crate) const PART_LIMIT: usize = 256;

/// Most axes of one tensor. PyTorch itself stops at 64, and weights seldom have more than five.
pub(crate) const AXIS_LIMIT: usize = 64;

/// Longest tensor name, in bytes: some twenty times the longest in use, and short enough that a
/// report can hold it.
pub(crate) const NAME_LIMIT: usize = 4096;

/// Most metadata keys of a GGUF file. Published ones have fewer than a hundred.
pub(crate) const KEY_LIMIT: u64 = 100_000;

/// Longest metadata key, in bytes: ggml's `docs/gguf.md` allows no longer one.
pub(crate) const KEY_LENGTH_LIMIT: usize = (1 << 16) - 1;

/// Longest metadata text that is kept, in bytes. Chat templates, the longest, have some 20 kB.
pub(crate) const TEXT_LIMIT: u64 = 1 << 20;

/// How deep arrays may lie in one another. No published file has an array in an array.
pub(crate) const ARRAY_DEPTH_LIMIT: usize = 8;

/// Most elements of an array that are read at once: some sixty times the largest vocabulary.
pub(crate) const ARRAY_LIMIT: u64 = 1 << 24;

/// Longest array that gives a number for every layer.
pub(crate) const PER_LAYER_LIMIT: u64 = 4096;

/// Most bytes before a tensor that are taken for padding. Alignments in use are 32 and 64, and a
/// memory page is this long.
pub(crate) const PADDING_LIMIT: u64 = 4096;

/// Longest pickle of a PyTorch file, in bytes. 100,000 tensors take some 20 MB.
pub(crate) const PICKLE_LIMIT: u64 = 64 << 20;

/// Most objects that a pickle makes, or has on its stack or in its memo. A tensor takes about
/// ten, and an object some hundred bytes of memory.
pub(crate) const PICKLE_OBJECT_LIMIT: usize = 4_000_000;

/// How deep the containers of a pickle may lie in one another to be looked through for tensors.
/// The modules of published models lie some ten deep.
pub(crate) const PICKLE_DEPTH_LIMIT: usize = 64;

/// Most bytes of one file that are held in memory because they are packed, or written as numbers of
/// variable length. Weights that are passed on so have some hundred megabytes, and a machine that
/// compares models has this much.
pub(crate) const UNPACKED_LIMIT: u64 = 4 << 30;

/// How many times its own size a file may unpack to beyond [`UNPACKED_FREE`]. Trained weights shrink
/// by a few tenths, pruned ones by ten times; deflate makes up to 1032 bytes of one.
pub(crate) const UNPACKED_RATIO: u64 = 100;

/// Bytes that a file may unpack to however small it is: a buffer of zeros is lawful.
pub(crate) const UNPACKED_FREE: u64 = 64 << 20;

/// Longest header of a NumPy array, in bytes: what its first version can say. NumPy itself reads no
/// more than 10,000 characters unless told to.
pub(crate) const NUMPY_HEADER_LIMIT: u64 = u16::MAX as u64;

/// Longest pickle in a NumPy array of objects, in bytes. Unlike PyTorch's it holds the weights
/// themselves; published ones have up to some hundred megabytes (VGG 16, 553 MB, in `.npy`).
pub(crate) const NUMPY_PICKLE_LIMIT: u64 = 1 << 30;

/// How deep the graphs of an ONNX model may lie in one another. Exported loops and branches lie
/// some four deep.
pub(crate) const GRAPH_DEPTH_LIMIT: usize = 32;

/// Most bytes of the names that are put before names which several graphs of an ONNX model use.
/// Exported models have a few kilobytes of them; deep graphs full of tensors could have any number.
pub(crate) const SCOPES_LIMIT: usize = 16 << 20;

/// Most nodes of an ONNX model. The largest exported ones have some ten thousands.
pub(crate) const NODE_LIMIT: usize = 1_000_000;

/// Longest directory of a zip archive, in bytes. A record takes some 60 bytes.
pub(crate) const DIRECTORY_LIMIT: u64 = 64 << 20;

/// Longest shard index, in bytes. The largest published ones are below 10 MB.
pub(crate) const INDEX_LIMIT: u64 = 64 << 20;

/// Longest `config.json`, in bytes. Real ones have a few kilobytes; those that list every layer
/// of a quantised model have a few megabytes.
pub(crate) const CONFIG_LIMIT: u64 = 16 << 20;

/// Longest file of a tokenizer, in bytes. The largest published one has 34 MB.
pub(crate) const TOKENIZER_LIMIT: u64 = 256 << 20;

/// Longest card, licence or notice, in bytes. The longest cards, full of tables, have a few hundred
/// thousand.
pub(crate) const PAPER_LIMIT: u64 = 4 << 20;

/// Most cards, licences and notices read from one folder. A model has three or four.
pub(crate) const PAPERS_LIMIT: usize = 32;

/// One more than the highest id of a token: sixteen times the largest vocabulary in use.
pub(crate) const TOKEN_LIMIT: u32 = 1 << 22;

/// Longest text of one token, in bytes. The longest in use, runs of spaces, have a few hundred.
pub(crate) const TOKEN_LENGTH_LIMIT: usize = 1 << 16;

/// Most merges of one tokenizer: sixteen times as many as the largest has.
pub(crate) const MERGE_LIMIT: usize = 1 << 23;

/// Longest `refs/main` of a Hub cache, in bytes. It holds one commit of 40 hex digits.
pub(crate) const REF_LIMIT: u64 = 256;

/// Most names read from one folder. A checkpoint has a few hundred files at most.
pub(crate) const FOLDER_LIMIT: usize = 100_000;

/// Bytes of a file that are looked at to recognise a foreign format. A Git LFS pointer, the
/// longest thing looked for, is defined to be shorter than this.
pub(crate) const SNIFF_LIMIT: usize = 1024;

/// Most oddities of one sort listed for one file; the rest are counted.
pub(crate) const ODDITY_LIMIT: u64 = 50;

/// Longest tensor that is read on opening because it says how others are to be read, in bytes: the
/// index of the groups of a million inputs, or a JSON text of a few hundred bytes.
pub(crate) const GROUP_NOTE_LIMIT: u64 = 4 << 20;

/// Bytes read at a time for a digest: large enough that the reading, not the calls, takes the
/// time.
pub(crate) const DIGEST_BUFFER: u64 = 1 << 20;

/// Longest file elsewhere, in bytes: 2^50. No model has a millionth of it.
#[cfg(feature = "http")]
pub(crate) const REMOTE_LIMIT: u64 = 1 << 50;

/// Most requests at once. More only wait for one another on the lines that people have, and a Hub
/// counts them.
#[cfg(feature = "http")]
pub(crate) const REQUESTS_AT_ONCE: usize = 8;

/// Longest list of a repository's files, in bytes. A file takes some 300.
#[cfg(feature = "http")]
pub(crate) const LISTING_LIMIT: usize = 32 << 20;

/// Most bytes of blocks of one file that are kept in memory where the disk does not.
#[cfg(feature = "http")]
pub(crate) const KEPT_LIMIT: usize = 64 << 20;

/// Bytes of a page by which it is counted what was read: a page of memory on most machines.
pub(crate) const COUNTED_PAGE: u64 = 4096;

/// Most pages that are counted of one file, at one bit each: 128 KiB of memory.
pub(crate) const COUNTED_PAGES_LIMIT: u64 = 1 << 20;
