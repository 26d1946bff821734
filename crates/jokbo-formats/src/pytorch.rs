//! PyTorch's own files: a pickle that describes tensors, and the storages that they lie in.
//!
//! Since 2020 such a file is a zip archive of stored records: `data.pkl`, `byteorder` and one
//! record `data/KEY` for each storage. A TorchScript archive has the same parts, and
//! `constants.pkl` with `constants/KEY`. Source: `torch/serialization.py` and
//! `caffe2/serialize/inline_container.cc`. Before that the pickles and storages followed one
//! another (`stream`).
//!
//! **Nothing in a file is run.** A pickle is read as data (`pickle`), and the tensors are found in
//! the tree that it describes (`tensor`, `storage`). Every name that it gives beyond those
//! that weights need is told.

mod archive;
mod storage;
mod stream;
mod tensor;

use std::sync::Arc;

pub(crate) use stream::begins;

use crate::derived::Derived;
use crate::error::{ErrorKind, Place};
use crate::layout::tell_shared;
use crate::limits::TENSOR_LIMIT;
use crate::oddity::{Oddities, tell_of_name};
use crate::pickle::{self, Heap, Pickle, Walk};
use crate::turned::Turned;
use crate::{ByteOrder, Entry, Error, Oddity, ReadAt, SourceFile};
use storage::Storage;
use tensor::{Claim, Described};

/// What one file holds.
#[derive(Debug)]
pub struct Contents {
    /// The tensors, by their place in the file. [`Entry::file`] is 0 for those that are read in
    /// place, and otherwise one more than an index into `files`. Those that share a storage may
    /// share bytes.
    pub entries: Vec<Entry>,
    /// What was unpacked, or is read in another order than it is stored in.
    pub files: Vec<SourceFile>,
    /// How its numbers are stored.
    pub order: ByteOrder,
    /// What was tolerated.
    pub oddities: Vec<Oddity>,
}

/// Reads what `reader` says of its tensors and checks it against the bytes that are there. No
/// tensor is read. `path` is the file's name in messages.
pub fn read(reader: &Arc<dyn ReadAt>, path: &str) -> Result<Contents, Error> {
    let place = Place::file(path);
    let mut held = [0; stream::HEAD];
    let length = usize::try_from(reader.len()).unwrap_or(usize::MAX).min(held.len());
    let (head, _) = held.split_at_mut(length);
    let old = reader.read_exact_at(head, 0).is_ok() && stream::begins(head);
    let mut source = Source {
        reader,
        place: &place,
        oddities: Oddities::of(path),
        derived: Derived::of(path, reader.len()),
        order: ByteOrder::Little,
    };
    let form = if old { stream::read } else { archive::read };
    let mut entries = form(&mut source)?;
    let Source { mut oddities, derived, order, .. } = source;
    if entries.is_empty() {
        oddities.tell("empty files", None, "the file holds no tensors");
    }
    take_off_wrappers(&mut entries, &mut oddities);
    if let Some(name) = name_given_twice(&entries) {
        return Err(place.tensor(name).error(ErrorKind::TensorTwice));
    }
    entries.sort_by(|a, b| {
        (a.file, a.offset, a.bytes, &a.name).cmp(&(b.file, b.offset, b.bytes, &b.name))
    });
    tell_shared(&entries, &mut oddities);
    let (files, oddities) = (derived.into_files(), oddities.into_list());
    Ok(Contents { entries, files, order, oddities })
}

/// A file that is being read.
struct Source<'a> {
    reader: &'a Arc<dyn ReadAt>,
    place: &'a Place,
    oddities: Oddities,
    derived: Derived,
    order: ByteOrder,
}

/// What training scripts put around a state dictionary; it names no part of a model.
const WRAPPERS: [&str; 3] = ["state_dict.", "model_state_dict.", "module."];
/// Wrappers inside one another that are taken off; scripts are seen with two.
const WRAPPERS_DEEP: usize = 4;

/// Leaves off the wrappers that all names begin with, so that a checkpoint of a training run pairs
/// with the weights published from it.
fn take_off_wrappers(entries: &mut [Entry], oddities: &mut Oddities) {
    for _ in 0..WRAPPERS_DEEP {
        let all_in = |wrapper: &&&str| {
            entries.iter().all(|e| e.name.starts_with(**wrapper) && wrapper.len() < e.name.len())
        };
        let Some(wrapper) = WRAPPERS.iter().find(all_in).filter(|_| !entries.is_empty()) else {
            return;
        };
        entries.iter_mut().for_each(|e| e.name.replace_range(..wrapper.len(), ""));
        let what = format_args!("every name begins with `{wrapper}`, which is left off");
        oddities.tell("wrappers", None, what);
    }
}

/// Where the bytes of a storage are.
#[derive(Debug, Clone, Copy)]
struct Held {
    /// As in [`Entry::file`].
    file: usize,
    start: u64,
    bytes: u64,
}

/// Finds a storage.
type Find<'a> = dyn FnMut(&mut Source<'_>, &Heap<'_>, &Storage) -> Result<Held, Error> + 'a;

impl Source<'_> {
    /// The entries that `pickle` describes.
    fn entries(
        &mut self,
        pickle: &Pickle<'_>,
        prefix: &str,
        find: &mut Find<'_>,
    ) -> Result<Vec<Entry>, Error> {
        let heap = &pickle.heap;
        let place = self.place;
        pickle::tell(heap, &mut self.oddities);
        let is_tensor = |value| tensor::is_made_by(heap, value);
        let walk = Walk::new(heap, prefix, pickle.length, &is_tensor, &mut self.oddities);
        let (found, others) = walk.run(pickle.root).map_err(|kind| place.clone().error(kind))?;
        if 0 < others {
            let what = format_args!("values that are no tensors, which are not listed: {others}");
            self.oddities.tell("values that are no tensors", None, what);
        }
        if TENSOR_LIMIT < found.len() {
            return Err(place.clone().error(ErrorKind::TooManyTensors { limit: TENSOR_LIMIT }));
        }
        let mut entries = Vec::new();
        for (name, value) in found {
            let fails = |kind| place.clone().tensor(&name).error(kind);
            match tensor::describe(heap, value).map_err(fails)? {
                Described::Unread(why) => {
                    self.oddities.tell("tensors that are not read", Some(&name), why);
                }
                Described::Claim(claim) => {
                    tell_of_name(&name, &mut self.oddities);
                    let held = find(self, heap, &claim.storage)?;
                    entries.push(self.entry(name, claim, held)?);
                }
            }
        }
        Ok(entries)
    }

    /// The entry of a claim on a storage.
    fn entry(&mut self, name: String, claim: Claim, held: Held) -> Result<Entry, Error> {
        let Claim { dtype, shape, strides, offset, bytes, .. } = claim;
        let place = self.place;
        let fails = |kind| place.clone().tensor(&name).error(kind);
        let ends = offset.saturating_add(bytes);
        if held.bytes < ends {
            return Err(fails(ErrorKind::PastStorage { ends, has: held.bytes }));
        }
        let start = held.start.checked_add(offset);
        let start = start.ok_or_else(|| fails(ErrorKind::OffsetOverflow { offset }))?;
        let Some(strides) = strides else {
            let file = held.file;
            return Ok(Entry { name, dtype, shape, file, offset: start, bytes, recipe: None });
        };
        let reader = self.derived.reader(held.file).unwrap_or(self.reader);
        let each = dtype.block_bytes();
        let turned = Turned::of(Arc::clone(reader), start, each, &shape, &strides);
        let turned = turned
            .ok_or_else(|| fails(ErrorKind::TensorForm { what: "its strides leave gaps" }))?;
        let file = self.derived.see(Arc::new(turned), self.order);
        Ok(Entry { name, dtype, shape, file, offset: 0, bytes, recipe: None })
    }
}

/// The first name, in the order of names, that two entries share.
fn name_given_twice(entries: &[Entry]) -> Option<&str> {
    let mut names: Vec<&str> = entries.iter().map(|entry| entry.name.as_str()).collect();
    names.sort_unstable();
    names.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Dtype;

    #[track_caller]
    fn check(names: &[&str], want: &[&str], told: usize) {
        let entry = |name: &&str| Entry {
            name: (*name).to_owned(),
            dtype: Dtype::F32,
            shape: Vec::new(),
            file: 0,
            offset: 0,
            bytes: 4,
            recipe: None,
        };
        let mut entries: Vec<Entry> = names.iter().map(entry).collect();
        let mut oddities = Oddities::of("m.pt");
        take_off_wrappers(&mut entries, &mut oddities);
        let got: Vec<&str> = entries.iter().map(|e| e.name.as_str()).collect();
        assert_eq!((got.as_slice(), oddities.into_list().len()), (want, told));
    }

    #[test]
    fn wrappers_that_all_names_share_are_left_off_and_told() {
        check(&["state_dict.a", "state_dict.b.c"], &["a", "b.c"], 1);
        check(&["state_dict.module.a", "state_dict.module.b"], &["a", "b"], 2);
        check(&["state_dict.a", "optimizer.b"], &["state_dict.a", "optimizer.b"], 0);
        check(&["module."], &["module."], 0);
        check(&[], &[], 0);
    }
}
