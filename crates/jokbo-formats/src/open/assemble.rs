//! Files, and the index when there is one, made into one checkpoint.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::beside::Beside;
use super::index::Index;
use super::{numbering, sniff};
use crate::compose::Join;
use crate::error::{ErrorKind, Place};
use crate::gguf::split;
use crate::limits::TENSOR_LIMIT;
use crate::oddity::Oddities;
use crate::read_at::Counted;
use crate::words::{Shown, count};
use crate::{Adapter, ByteOrder, Checkpoint, Entry, Error, Format, Oddity, ReadAt, SourceFile};
use crate::{compose, ctranslate2, gguf, numpy, onnx, pytorch, safetensors};

/// What was found at a path, before any of it was read.
#[derive(Debug)]
pub(super) struct Pieces {
    pub(super) files: Vec<SourceFile>,
    pub(super) index: Option<Index>,
    pub(super) config: Option<serde_json::Value>,
    /// Where the files may name others.
    pub(super) beside: Beside,
    /// The parts of the model that lie in folders below: the path of each, and its pieces.
    pub(super) parts: Vec<(String, Pieces)>,
    pub(super) oddities: Vec<Oddity>,
}

/// Reads every file's header and joins them.
pub(super) fn assemble(source: String, pieces: Pieces) -> Result<(Checkpoint, Vec<Oddity>), Error> {
    let below = pieces.parts.iter().flat_map(|(_, part)| &part.files);
    let readers: Vec<(String, Arc<dyn ReadAt>)> = pieces
        .files
        .iter()
        .chain(below)
        .map(|file| (file.path.clone(), Arc::clone(&file.reader)))
        .collect();
    let joined = join(source, pieces);
    // What a reader made of bytes that did not come is nothing that the file says.
    for (path, reader) in readers {
        if let Some(fault) = reader.fault() {
            let unreadable = ErrorKind::Unreadable(std::io::Error::other(fault));
            return Err(Place::file(&path).error(unreadable));
        }
    }
    joined
}

/// The files of a folder and those of its parts, whose tensors are called by their folder too.
fn join(source: String, mut pieces: Pieces) -> Result<(Checkpoint, Vec<Oddity>), Error> {
    let parts = std::mem::take(&mut pieces.parts);
    let (mut whole, mut oddities) = if pieces.files.is_empty() && !parts.is_empty() {
        (nothing(source, pieces.config), pieces.oddities)
    } else {
        join_folder(source, pieces, Vec::new())?
    };
    for (n, (folder, part)) in parts.into_iter().enumerate() {
        let before = std::mem::take(&mut whole.files);
        let known = before.len();
        let source = whole.source.clone();
        let joined = join_folder(source, part, before).map_err(|error| error.in_folder(&folder));
        let (mut part, mut told) = joined?;
        let prefix = folder.replace('/', ".");
        for file in &mut part.files[known..] {
            file.path = format!("{folder}/{}", file.path);
        }
        told.iter_mut().for_each(|oddity| oddity.file = format!("{folder}/{}", oddity.file));
        oddities.extend(told);
        if part.adapter.is_some() {
            let mut told = Oddities::of(&folder);
            told.tell("adapters", None, "an adapter in a folder of its own was not read");
            oddities.extend(told.into_list());
            part.entries.clear();
        }
        if n == 0 && whole.entries.is_empty() {
            whole.format = part.format;
        }
        whole.files = part.files;
        let named = |entry: Entry| Entry { name: format!("{prefix}.{}", entry.name), ..entry };
        whole.entries.extend(part.entries.into_iter().map(named));
        if TENSOR_LIMIT < whole.entries.len() {
            let kind = ErrorKind::TooManyTensors { limit: TENSOR_LIMIT };
            return Err(Place::file(&whole.source).error(kind));
        }
    }
    check_names(&whole.entries, &whole.files)?;
    Ok((whole, oddities))
}

/// A checkpoint whose weights all lie in folders below.
fn nothing(source: String, config: Option<serde_json::Value>) -> Checkpoint {
    Checkpoint {
        source,
        commit: None,
        format: Format::Safetensors,
        files: Vec::new(),
        entries: Vec::new(),
        metadata: BTreeMap::new(),
        arrays: BTreeMap::new(),
        config,
        adapter: None,
    }
}

/// The files of one folder, after the files `before` of others.
fn join_folder(
    source: String,
    pieces: Pieces,
    before: Vec<SourceFile>,
) -> Result<(Checkpoint, Vec<Oddity>), Error> {
    let Pieces { mut files, index, config, beside, mut oddities, .. } = pieces;
    let known = before.len();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    if let Some(index) = &index {
        check_shards(&files, index, &mut oddities)?;
    } else if files.is_empty() {
        return Err(Place::file(&source).error(ErrorKind::NoWeights));
    }

    let owners = owners(index.as_ref());
    let mut entries = Vec::new();
    let (mut metadata, mut arrays) = (BTreeMap::new(), BTreeMap::new());
    let mut own_config = None;
    let mut formats: Vec<Format> = Vec::with_capacity(files.len());
    let mut parts = Vec::with_capacity(files.len());
    let mut derived: Vec<SourceFile> = Vec::new();
    let mut joins = Vec::new();
    let named = files.len();
    for (i, file) in files.iter_mut().enumerate() {
        file.reader = Arc::new(Counted::new(Arc::clone(&file.reader)));
        let format = sniff::check(&*file.reader, &file.path)?;
        let (contents, more, joined) = read(file, format, &beside)?;
        joins.extend(joined);
        let mut found = contents.entries;
        let mut told = Oddities::of(&file.path);
        parts.push((file.path.clone(), contents.part, found.len() as u64));
        formats.push(format);
        file.order = contents.order;
        merge(&mut metadata, contents.metadata, &mut told);
        for (key, array) in contents.arrays {
            arrays.entry(key).or_insert_with(|| array.of_file(known + i));
        }
        own_config = own_config.or(contents.config);
        if let Some(index) = &index {
            keep_what_the_index_says(&mut found, file, index, &owners, &mut told)?;
        }
        oddities.extend(contents.oddities);
        oddities.extend(told.into_list());
        if TENSOR_LIMIT < entries.len().saturating_add(found.len()) {
            let kind = ErrorKind::TooManyTensors { limit: TENSOR_LIMIT };
            return Err(Place::file(&source).error(kind));
        }
        let place = |file: usize| match file {
            0 => known + i,
            number => known + named + derived.len() + number - 1,
        };
        entries.extend(found.into_iter().map(|entry| Entry { file: place(entry.file), ..entry }));
        derived.extend(more);
    }
    let format = one_format(&formats, &files, &source)?;
    if format == Format::Gguf {
        let parts: Vec<_> =
            parts.iter().map(|(path, part, n)| (path.as_str(), *part, *n)).collect();
        let mut told = Oddities::of(&source);
        split::check(&parts, &mut told).map_err(|kind| Place::file(&source).error(kind))?;
        oddities.extend(told.into_list());
    }
    let files: Vec<SourceFile> = before.into_iter().chain(files).chain(derived).collect();
    check_names(&entries, &files)?;
    if let Some(index) = &index {
        check_total(&entries, index, &mut oddities);
    }
    entries.sort_by(|a, b| (a.file, a.offset, &a.name).cmp(&(b.file, b.offset, &b.name)));
    let config = own_config.or(config);
    let entries = match format {
        Format::Gguf => entries,
        _ => compose::compose(entries, &files, config.as_ref(), joins, &mut oddities),
    };
    let mut told = Oddities::of(&source);
    let adapter = Adapter::of(&entries, config.as_ref(), &mut told);
    oddities.extend(told.into_list());
    let commit = None;
    let checkpoint =
        Checkpoint { source, commit, format, files, entries, metadata, arrays, config, adapter };
    Ok((checkpoint, oddities))
}

/// What one file of `format` holds, what was derived from it, and which of its tensors hold one
/// weight together, where the file itself says so. The other formats have none of what only GGUF
/// can say.
fn read(
    file: &SourceFile,
    format: Format,
    beside: &Beside,
) -> Result<(gguf::Contents, Vec<SourceFile>, Vec<Join>), Error> {
    let (reader, path) = (&file.reader, &file.path);
    let (mut metadata, mut joins) = (BTreeMap::new(), Vec::new());
    let mut order = ByteOrder::Little;
    let (entries, derived, oddities) = match format {
        Format::Gguf => return Ok((gguf::read(&**reader, path)?, Vec::new(), joins)),
        Format::PyTorch => {
            let contents = pytorch::read(reader, path)?;
            order = contents.order;
            (contents.entries, contents.files, contents.oddities)
        }
        Format::Npy | Format::Npz => {
            let form = if format == Format::Npy { numpy::read } else { numpy::read_archive };
            let numpy::Contents { entries, files, oddities } = form(reader, path)?;
            (entries, files, oddities)
        }
        Format::Onnx => {
            let contents = onnx::read(reader, path, beside)?;
            (metadata, joins) = (contents.metadata, contents.joins);
            (contents.entries, contents.files, contents.oddities)
        }
        Format::CTranslate2 => {
            let contents = ctranslate2::read(&**reader, path)?;
            (metadata, joins) = (contents.metadata, contents.joins);
            (contents.entries, Vec::new(), contents.oddities)
        }
        Format::Safetensors => {
            let contents = safetensors::read(&**reader, path)?;
            metadata = contents.metadata;
            (contents.entries, Vec::new(), contents.oddities)
        }
    };
    let (arrays, config, part) = (BTreeMap::new(), None, None);
    let contents = gguf::Contents { entries, metadata, arrays, config, order, part, oddities };
    Ok((contents, derived, joins))
}

/// The format that all files have.
fn one_format(formats: &[Format], files: &[SourceFile], source: &str) -> Result<Format, Error> {
    let first = formats.first().copied().unwrap_or(Format::Safetensors);
    let Some(i) = formats.iter().position(|format| *format != first) else { return Ok(first) };
    let path = |i: usize| files.get(i).map(|file| file.path.clone()).unwrap_or_default();
    let (one, other) = (path(0), path(i));
    let (first, second) = (first.to_string(), formats[i].to_string());
    Err(Place::file(source).error(ErrorKind::MixedFormats { one, first, other, second }))
}

/// Every shard of the index must be there.
fn check_shards(
    files: &[SourceFile],
    index: &Index,
    oddities: &mut Vec<Oddity>,
) -> Result<(), Error> {
    for (shard, tensors) in &index.shards {
        if !files.iter().any(|file| file.path == *shard) {
            let kind = ErrorKind::ShardMissing { tensors: tensors.len() };
            return Err(Place::file(shard).error(kind));
        }
    }
    let shards: Vec<&String> = index.shards.keys().collect();
    if let Err(kind) = numbering::check(&shards) {
        let mut told = Oddities::of(&index.path);
        told.tell("shard numbers", None, format_args!("by their numbers, {kind}"));
        oddities.extend(told.into_list());
    }
    Ok(())
}

/// The shard in which the index places each tensor.
fn owners(index: Option<&Index>) -> BTreeMap<&str, &str> {
    let shards = index.iter().flat_map(|index| &index.shards);
    shards
        .flat_map(|(shard, names)| names.iter().map(|name| (name.as_str(), shard.as_str())))
        .collect()
}

/// Checks `entries` of `file` against the index. A tensor that the index does not know is kept;
/// one that it places in another file is a second copy, and is left out.
fn keep_what_the_index_says(
    entries: &mut Vec<Entry>,
    file: &SourceFile,
    index: &Index,
    owners: &BTreeMap<&str, &str>,
    told: &mut Oddities,
) -> Result<(), Error> {
    let mut names: Vec<&str> = entries.iter().map(|entry| entry.name.as_str()).collect();
    names.sort_unstable();
    for name in index.shards.get(&file.path).into_iter().flatten() {
        if names.binary_search(&name.as_str()).is_err() {
            return Err(Place::file(&file.path).tensor(name).error(ErrorKind::NotInShard));
        }
    }
    entries.retain(|entry| match owners.get(entry.name.as_str()) {
        Some(owner) if **owner == file.path => true,
        Some(owner) => {
            let what =
                format_args!("the index places it in `{}`; this copy is left out", Shown(owner));
            told.tell("copies that are left out", Some(&entry.name), what);
            false
        }
        None => {
            let what = "the index does not list it; it is kept";
            told.tell("tensors that the index does not list", Some(&entry.name), what);
            true
        }
    });
    Ok(())
}

/// Two files may not hold a tensor of one name.
fn check_names(entries: &[Entry], files: &[SourceFile]) -> Result<(), Error> {
    let mut names: Vec<(&str, usize)> =
        entries.iter().map(|entry| (entry.name.as_str(), entry.file)).collect();
    names.sort_unstable();
    match names.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        None => Ok(()),
        Some(pair) => {
            let path = |file: usize| files.get(file).map_or("", |file| file.path.as_str());
            let kind = ErrorKind::InTwoShards { other: path(pair[0].1).to_owned() };
            Err(Place::file(path(pair[1].1)).tensor(pair[0].0).error(kind))
        }
    }
}

fn check_total(entries: &[Entry], index: &Index, oddities: &mut Vec<Oddity>) {
    let held = entries.iter().fold(0u64, |sum, entry| sum.saturating_add(entry.bytes));
    if let Some(total) = index.total_size.filter(|&total| total != held) {
        let mut told = Oddities::of(&index.path);
        let what = format_args!(
            "total_size is given as {}, and the tensors have {held}",
            count(total, "byte")
        );
        told.tell("sizes", None, what);
        oddities.extend(told.into_list());
    }
}

/// Adds one file's free text; what an earlier file said stays.
fn merge(all: &mut BTreeMap<String, String>, more: BTreeMap<String, String>, told: &mut Oddities) {
    for (key, text) in more {
        match all.get(&key) {
            None => {
                all.insert(key, text);
            }
            Some(first) if *first == text => {}
            // Every part of a split GGUF file has its own number, which `split` checks.
            Some(_) if key == "split.no" => {}
            Some(first) => {
                let what = format_args!(
                    "`{}` in `__metadata__` is `{}` here and `{}` in an earlier file",
                    Shown(&key),
                    Shown(&text),
                    Shown(first)
                );
                told.tell("metadata that differ between files", None, what);
            }
        }
    }
}
