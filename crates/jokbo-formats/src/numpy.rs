//! NumPy's own files: one array (`.npy`), or a zip archive of arrays (`.npz`).
//!
//! An array is a `header` and its numbers, which are read where they are: of either byte order,
//! and in the order of its shape even where NumPy wrote it back to front. A stored record of an
//! archive is read in place, a deflated one is unpacked into memory. Source:
//! `numpy/lib/format.py`.
//!
//! An array of Python objects is a pickle, and loading one runs it. Here it is read as data, and
//! the arrays that it describes are listed (`objects`).

mod descr;
mod header;
mod objects;

use std::sync::Arc;

pub(crate) use header::MAGIC;

use crate::derived::Derived;
use crate::error::{ErrorKind, Place};
use crate::limits::TENSOR_LIMIT;
use crate::oddity::{Oddities, tell_of_name};
use crate::turned::Turned;
use crate::words::count;
use crate::{ByteOrder, Dtype, Entry, Error, Oddity, ReadAt, SourceFile, layout, zip};
use descr::Descr;

/// What one file holds.
#[derive(Debug)]
pub struct Contents {
    /// The arrays. [`Entry::file`] is 0 for those that are read in place, and otherwise one more
    /// than an index into `files`.
    pub entries: Vec<Entry>,
    /// What was unpacked, or is read in another order than it is stored in.
    pub files: Vec<SourceFile>,
    /// What was tolerated.
    pub oddities: Vec<Oddity>,
}

/// Reads the array in `reader`, whose name is that of the file without its ending. `path` is the
/// file's name in messages.
pub fn read(reader: &Arc<dyn ReadAt>, path: &str) -> Result<Contents, Error> {
    let place = Place::file(path);
    let mut source = Source::of(reader, &place);
    let file = path.rsplit('/').next().unwrap_or(path);
    let name = file.strip_suffix(".npy").unwrap_or(file);
    source.array(name, "", Held { file: 0, start: 0, bytes: reader.len() })?;
    source.finish()
}

/// Reads the arrays of the archive in `reader`, each named as its record without the ending.
pub fn read_archive(reader: &Arc<dyn ReadAt>, path: &str) -> Result<Contents, Error> {
    let place = Place::file(path);
    let mut source = Source::of(reader, &place);
    let archive = zip::read(&**reader, &place, &mut source.oddities)?;
    for record in archive.records() {
        let Some(name) = record.name.strip_suffix(".npy") else {
            let what = format_args!(
                "the record `{}` is no array and was not read",
                crate::Shown(&record.name)
            );
            source.oddities.tell("records that are no arrays", None, what);
            continue;
        };
        let bytes = record.bytes;
        let held = if record.is_stored() {
            Held { file: 0, start: record.start, bytes }
        } else {
            let fails = |kind| place.clone().tensor(name).byte(record.start).error(kind);
            source.derived.has_room(bytes).map_err(fails)?;
            let unpacked = record.unpack(&**reader, &place)?;
            let file = source.derived.hold(unpacked, ByteOrder::Little).map_err(fails)?;
            Held { file, start: 0, bytes }
        };
        source.array(name, name, held)?;
    }
    source.finish()
}

/// A file that is being read.
struct Source<'a> {
    reader: &'a Arc<dyn ReadAt>,
    place: &'a Place,
    oddities: Oddities,
    derived: Derived,
    entries: Vec<Entry>,
}

/// A range of bytes.
#[derive(Debug, Clone, Copy)]
struct Held {
    /// As in [`Entry::file`].
    file: usize,
    start: u64,
    bytes: u64,
}

/// Numbers of one type and shape.
#[derive(Debug)]
struct Numbers {
    dtype: Dtype,
    order: ByteOrder,
    shape: Vec<u64>,
    /// Whether the first axis is the fastest.
    fortran: bool,
}

impl Numbers {
    /// The bytes that they fill.
    fn bytes(&self) -> Result<u64, ErrorKind> {
        layout::bytes_of(self.dtype, &self.shape)
    }
}

impl<'a> Source<'a> {
    fn of(reader: &'a Arc<dyn ReadAt>, place: &'a Place) -> Self {
        let (oddities, derived) =
            (Oddities::of(&place.file), Derived::of(&place.file, reader.len()));
        Self { reader, place, oddities, derived, entries: Vec::new() }
    }

    /// What reads a file of this number.
    fn reader(&self, file: usize) -> Arc<dyn ReadAt> {
        Arc::clone(self.derived.reader(file).unwrap_or(self.reader))
    }

    /// Lists the array in `held`. Those in an array of objects get names that begin with `prefix`.
    fn array(&mut self, name: &str, prefix: &str, held: Held) -> Result<(), Error> {
        let place = self.place.clone().tensor(name);
        let reader = self.reader(held.file);
        let range = header::Range { reader: &*reader, start: held.start, bytes: held.bytes };
        let header = header::read(range, &place)?;
        let start = held.start.saturating_add(header.length);
        let has = held.bytes.saturating_sub(header.length);
        let (dtype, order) = match header.descr {
            Descr::Numbers(dtype, order) => (dtype, order),
            Descr::Objects => {
                return objects::read(self, name, prefix, Held { start, bytes: has, ..held });
            }
            Descr::Records => {
                return self.unread(name, "records", Held { start, bytes: has, ..held });
            }
            Descr::Other(name_of) => {
                let what = format!("the type `{}`", crate::Shown(&name_of));
                return self.unread(name, &what, Held { start, bytes: has, ..held });
            }
        };
        let numbers = Numbers { dtype, order, shape: header.shape, fortran: header.fortran };
        let fails = |kind| place.clone().byte(start).error(kind);
        let needs = numbers.bytes().map_err(fails)?;
        let Some(rest) = has.checked_sub(needs) else {
            let (dtype, shape) = (dtype.to_string(), numbers.shape);
            return Err(fails(ErrorKind::SizeMismatch { dtype, shape, needs, has }));
        };
        if 0 < rest {
            let what = format_args!("{} follow its numbers", count(rest, "byte"));
            self.oddities.tell("bytes after an array", Some(name), what);
        }
        self.list(name, numbers, Held { start, bytes: needs, ..held })
    }

    /// Lists an array of a type that is not read as the bytes that it is.
    fn unread(&mut self, name: &str, what: &str, held: Held) -> Result<(), Error> {
        let what = format_args!("is of {what}, which is not read; it is listed as bytes");
        self.oddities.tell("arrays of a type that is not read", Some(name), what);
        let (dtype, order, shape) = (Dtype::U8, ByteOrder::Little, vec![held.bytes]);
        self.list(name, Numbers { dtype, order, shape, fortran: false }, held)
    }

    /// Lists numbers whose bytes are all there.
    fn list(&mut self, name: &str, numbers: Numbers, held: Held) -> Result<(), Error> {
        let Numbers { dtype, order, shape, fortran } = numbers;
        tell_of_name(name, &mut self.oddities);
        if TENSOR_LIMIT <= self.entries.len() {
            let kind = ErrorKind::TooManyTensors { limit: TENSOR_LIMIT };
            return Err(self.place.clone().error(kind));
        }
        let turned = Turned::of(
            self.reader(held.file),
            held.start,
            dtype.block_bytes(),
            &shape,
            &Turned::fortran(&shape),
        );
        // With fewer than two long axes there is one order only, and one without elements has none.
        let long = shape.iter().filter(|axis| **axis != 1).count();
        let (file, offset) = match turned.filter(|_| fortran && 1 < long) {
            Some(turned) => (self.derived.see(Arc::new(turned), order), 0),
            None if order == ByteOrder::Big => {
                (self.derived.see(self.reader(held.file), order), held.start)
            }
            None => (held.file, held.start),
        };
        let name = name.to_owned();
        self.entries.push(Entry {
            name,
            dtype,
            shape,
            file,
            offset,
            bytes: held.bytes,
            recipe: None,
        });
        Ok(())
    }

    fn finish(mut self) -> Result<Contents, Error> {
        if self.entries.is_empty() {
            self.oddities.tell("empty files", None, "the file holds no tensors");
        }
        let mut names: Vec<&str> = self.entries.iter().map(|entry| entry.name.as_str()).collect();
        names.sort_unstable();
        if let Some(pair) = names.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(self.place.clone().tensor(pair[0]).error(ErrorKind::TensorTwice));
        }
        let (files, oddities) = (self.derived.into_files(), self.oddities.into_list());
        Ok(Contents { entries: self.entries, files, oddities })
    }
}
