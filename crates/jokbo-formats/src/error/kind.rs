//! What can be wrong with a path, a file, a header, a tensor or a set of shards.

use std::io;
use std::str::Utf8Error;

use crate::words::{Shown, count, list};

/// What is wrong. The [`Place`](crate::Place) that goes with it says where.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs, reason = "a variant's message is its documentation")]
pub enum ErrorKind {
    // The path.
    #[error("cannot be read as a source: {why}")]
    SourceForm { why: &'static str },
    #[error("there is nothing at this path")]
    NoSuchPath,
    #[error("cannot be read")]
    Unreadable(#[source] io::Error),
    #[error("it leads out of the folder or is not a plain path")]
    PathUnlawful,
    #[error("is neither a regular file nor a folder")]
    NotRegular,
    #[error("is a symbolic link to `{}`, outside the folder that was named", Shown(target))]
    LinkLeaves { target: String },
    #[error("is a symbolic link to `{}`, which is not there", Shown(target))]
    LinkBroken { target: String },

    // The folder.
    #[error("the folder holds no file of weights")]
    NoWeights,
    #[error("the folder holds no file of weights itself; {} below it do", list(folders))]
    OnlyBelow { folders: Vec<String> },
    #[error("the folder holds {}, a format this version does not read", list(names))]
    ForeignFolder { names: Vec<String> },
    #[error("the folder holds more than {limit} files")]
    FolderTooLarge { limit: usize },
    #[error("the folder holds {} shard indexes ({}), and only one can decide", names.len(), list(names))]
    ManyIndexes { names: Vec<String> },
    #[error("the Hub cache holds {} snapshots ({}) and no refs/main to choose one", names.len(), list(names))]
    ManySnapshots { names: Vec<String> },
    #[error("the Hub cache holds no snapshot")]
    NoSnapshot,
    #[error("names the snapshot `{}`, which is not in the cache", Shown(name))]
    RefUnknown { name: String },
    #[error("does not hold the name of a snapshot")]
    RefUnlawful,

    // The file.
    #[error("the file is empty")]
    Empty,
    #[error("the file is a Git LFS pointer to {}, not the weights", stated(*bytes))]
    LfsPointer { bytes: Option<u64> },
    #[error("the file is {format}, a format this version does not read")]
    Foreign { format: &'static str },
    #[error("the file is {what}, not the weights")]
    NotWeights { what: &'static str },
    #[error("the file begins with the text `{}`, not with the length of a header", Shown(text))]
    BeginsWithText { text: String },
    #[error("the file ends after {}, within the 8 that give the header's length", count(*has, "byte"))]
    NoHeaderLength { has: u64 },
    #[error("the header is given as {}, and the limit is {limit}", count(*claims, "byte"))]
    HeaderTooLarge { claims: u64, limit: u64 },
    #[error("the header is given as {}, and `{{}}` alone needs 2", count(*claims, "byte"))]
    HeaderTooSmall { claims: u64 },
    #[error("the header is given as {}, and only {has} follow", count(*claims, "byte"))]
    HeaderPastEnd { claims: u64, has: u64 },

    // The header.
    #[error("the text is not UTF-8")]
    NotText(#[source] Utf8Error),
    #[error("the text is not JSON: {said}")]
    NotJson { said: String },
    #[error("the JSON is not of the form it has here: {said}")]
    WrongForm { said: String },
    #[error("the key `{}` is given twice", Shown(key))]
    KeyTwice { key: String },
    #[error("the tensor is listed twice")]
    TensorTwice,
    #[error("the key `{key}` is missing")]
    KeyMissing { key: &'static str },
    #[error("more than {limit} tensors are listed")]
    TooManyTensors { limit: usize },
    #[error("the shape has more than {limit} axes")]
    TooManyAxes { limit: usize },
    #[error("the name has {}, and the limit is {limit}", count(*has, "byte"))]
    NameTooLong { has: usize, limit: usize },

    // The tables of a GGUF file.
    #[error("the file does not begin with GGUF")]
    NotGguf,
    #[error("the GGUF version is {version}, and versions 2 and 3 are read")]
    GgufVersion { version: u32 },
    #[error("the file ends within {what}: {} needed and {has} left", count(*needs, "byte"))]
    EndsWithin { what: &'static str, needs: u64, has: u64 },
    #[error("{claims} {what} are announced, and the {} left cannot hold them", count(*has, "byte"))]
    CountPastEnd { what: &'static str, claims: u64, has: u64 },
    #[error("{claims} metadata keys are announced, and the limit is {limit}")]
    TooManyKeys { claims: u64, limit: u64 },
    #[error("the value type {number} is unknown")]
    ValueType { number: u32 },
    #[error("arrays lie more than {limit} deep in one another")]
    ArrayTooDeep { limit: usize },
    #[error("the array has {}, and the limit is {limit}", count(*has, "element"))]
    ArrayTooLong { has: u64, limit: u64 },
    #[error("the alignment is {bytes}, which is not a power of two")]
    Alignment { bytes: u64 },
    #[error("`{key}` is not a whole number")]
    NotWhole { key: String },

    // The header of a NumPy array, and arrays in a pickle.
    #[error("the array does not begin as NumPy's do")]
    NotNumpy,
    #[error("the array is of NumPy's format {major}.{minor}, and formats 1.0 to 3.0 are read")]
    NumpyVersion { major: u8, minor: u8 },
    #[error("the header {what}")]
    NumpyHeader { what: &'static str },
    #[error("the array is not pickled as NumPy does: {what}")]
    ArrayForm { what: &'static str },

    // The messages of an ONNX model, and its data files.
    #[error("the message {what}")]
    Wire { what: &'static str },
    #[error("the model {what}")]
    Onnx { what: &'static str },
    #[error("graphs lie more than {limit} deep in one another")]
    GraphTooDeep { limit: usize },
    #[error("names are told apart by more than {limit} bytes of other names")]
    ScopesTooLong { limit: usize },
    #[error("the graphs have more than {limit} nodes")]
    TooManyNodes { limit: usize },
    #[error("an axis has the length {axis}")]
    NegativeAxis { axis: i64 },
    #[error("the shape needs {}, and {has} are given", count(*needs, "number"))]
    OnnxNumbers { needs: u64, has: u64 },
    #[error("the data file `{}` leads out of the folder or is not a plain path", Shown(name))]
    DataFileUnlawful { name: String },
    #[error("the data file `{}` is not beside the model", Shown(name))]
    DataFileMissing { name: String },

    // The variables of a CTranslate2 model.
    #[error("the format of CTranslate2 is of version {version}, and versions 4 to 6 are read")]
    CTranslate2Version { version: u32 },
    #[error("a name does not end with the 0 that ends it")]
    NameWithoutEnd,
    #[error("the name `{}` stands for `{}`, which is not in the file", Shown(alias), Shown(name))]
    AliasUnknown { alias: String, name: String },

    // The archive and the pickle of a PyTorch file.
    #[error("the zip archive {what}")]
    Zip { what: &'static str },
    #[error("the zip record `{}` {what}", Shown(name))]
    ZipRecord { name: String, what: &'static str },
    #[error("unpacked, the tensors have {}, and the limit is {limit}", count(*has, "byte"))]
    UnpackedTooLarge { has: u64, limit: u64 },
    #[error("the pickle {what}")]
    Pickle { what: &'static str },
    #[error("the pickle has {}, and the limit is {limit}", count(*has, "byte"))]
    PickleTooLong { has: u64, limit: u64 },
    #[error("the pickle is of protocol {protocol}, and protocols 2 to 5 are read")]
    PickleProtocol { protocol: u8 },
    #[error("the pickle has the opcode {code:#04x}, which is not read")]
    PickleOpcode { code: u8 },
    #[error("the pickle makes more than {limit} objects")]
    PickleTooLarge { limit: usize },
    #[error("the tensor is not built as PyTorch builds it: {what}")]
    TensorForm { what: &'static str },
    #[error("the storage `{}` is not in the file", Shown(key))]
    NoStorage { key: String },
    #[error("the storage `{}` is given as {}, and {has} are there", Shown(key), count(*needs, "byte"))]
    StorageSize { key: String, needs: u64, has: u64 },
    #[error("the tensor ends at byte {ends} of its storage, which has {has}")]
    PastStorage { ends: u64, has: u64 },
    #[error("the byte order is given as `{}`", Shown(said))]
    ByteOrder { said: String },

    // The tokenizer.
    #[error("it has {has} bytes, and the limit is {limit}")]
    PaperTooLarge { has: u64, limit: u64 },
    #[error("the tokenizer has {}, and the limit is {limit}", count(*has, "byte"))]
    TokenizerTooLarge { has: u64, limit: u64 },
    #[error("the tokenizer holds {what}")]
    TokenizerForm { what: &'static str },
    #[error("the tokenizer holds no token")]
    NoTokens,
    #[error("the tokenizer gives ids beyond the limit, {limit}")]
    TooManyTokens { limit: u32 },
    #[error("the tokenizer has more than {limit} merges")]
    TooManyMerges { limit: usize },
    #[error("the id {id} is given to two tokens")]
    TokenTwice { id: u32 },
    #[error("the merge is not of two tokens")]
    MergeForm,

    // One tensor.
    #[error("the shape {shape:?} has more elements than 64 bits can count")]
    TooManyElements { shape: Vec<u64> },
    #[error("the shape {shape:?} of {dtype} has more bits than 64 bits can count")]
    TooManyBits { dtype: String, shape: Vec<u64> },
    #[error("the shape {shape:?} of {dtype} ends within a byte")]
    EndsWithinByte { dtype: String, shape: Vec<u64> },
    #[error("a row of {} is not made of whole blocks of {dtype}, which hold {block}", count(*row, "element"))]
    EndsWithinBlock { dtype: String, row: u64, block: u64 },
    #[error("begins {offset} bytes into the data, and it ends beyond what 64 bits can count")]
    OffsetOverflow { offset: u64 },
    #[error("the byte range is not a pair of numbers")]
    RangeForm,
    #[error("the byte range [{start}, {end}] runs backwards")]
    RangeBackwards { start: u64, end: u64 },
    #[error("the byte range [{start}, {end}] ends beyond what 64 bits can count")]
    RangeOverflow { start: u64, end: u64 },
    #[error("the shape {shape:?} of {dtype} needs {}, and the byte range has {has}", count(*needs, "byte"))]
    SizeMismatch { dtype: String, shape: Vec<u64>, needs: u64, has: u64 },
    #[error("the tensor ends at byte {ends} and the file at {has}: {} missing", are(ends.saturating_sub(*has)))]
    PastEnd { ends: u64, has: u64 },
    #[error("the bytes from {from} to {to} also belong to tensor `{}`", Shown(other))]
    Overlap { other: String, from: u64, to: u64 },

    // An adapter and its base.
    #[error("the adapter {what}")]
    Adapter { what: String },

    // The shards.
    #[error("the shard index has {}, and the limit is {limit}", count(*has, "byte"))]
    IndexTooLarge { has: u64, limit: u64 },
    #[error("the shard index lists no tensors")]
    IndexEmpty,
    #[error("the shard name `{}` leads out of the folder or is not a plain path", Shown(shard))]
    ShardNameUnlawful { shard: String },
    #[error("the shard is missing, and the index places {} in it", count(*tensors, "tensor"))]
    ShardMissing { tensors: usize },
    #[error("the index places the tensor in this shard, which does not hold it")]
    NotInShard,
    #[error("the tensor is also in `{}`, and no index says which one counts", Shown(other))]
    InTwoShards { other: String },
    #[error("`{}` and `{}` do not belong to one set of shards", Shown(first), Shown(second))]
    ShardsDisagree { first: String, second: String },
    #[error("`{}` is numbered outside its own set of {total} shards", Shown(shard))]
    ShardNumber { shard: String, total: u64 },
    #[error("the folder holds {has} of {total} shards and no index; missing: {missing}")]
    ShardsMissing { has: u64, total: u64, missing: String },
    #[error("is given as part {}, of {count} parts", number.saturating_add(1))]
    SplitNumber { number: u64, count: u64 },
    #[error("`{}` and `{}` both say that they are part {}", Shown(first), Shown(second), number.saturating_add(1))]
    SplitTwice { number: u64, first: String, second: String },
    #[error("{has} parts are there, and each says that they are {count}")]
    SplitCount { has: u64, count: u64 },
    #[error("the parts hold {has} tensors, and each says that they hold {claims}")]
    SplitTensors { claims: u64, has: u64 },
    #[error("there are {} GGUF files ({}), and they do not say that they are one model", names.len(), list(names))]
    ManyModels { names: Vec<String> },
    #[error("`{}` is a {first} file and `{}` a {second} file", Shown(one), Shown(other))]
    MixedFormats { one: String, first: String, other: String, second: String },
}

fn stated(bytes: Option<u64>) -> String {
    bytes.map_or_else(|| "a file of unstated size".to_owned(), |n| count(n, "byte"))
}

fn are(bytes: u64) -> String {
    format!("{} {}", count(bytes, "byte"), if bytes == 1 { "is" } else { "are" })
}
