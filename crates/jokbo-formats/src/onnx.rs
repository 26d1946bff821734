//! One `.onnx` file: a graph in protocol buffers, with the tensors that it stores.
//!
//! The layout is that of `onnx.proto3` and of "External Data" in ONNX's documentation. `wire` reads
//! the fields, `graph` the graphs and their nodes, `gates` what recurrent layers keep otherwise, `tensor` with `element` the description of one
//! tensor, `typed` the numbers that are written one by one. Numbers that lie side by side are read
//! in place, in the model or in the data file beside it that the model names.
//!
//! Listed are initialisers of every graph, and constants that may be weights. The few whole numbers
//! that a graph computes shapes with are counted and not listed.

mod element;
mod gates;
mod graph;
mod quantised;
mod scope;
mod tensor;
mod typed;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::compose::Join;
use crate::derived::Derived;
use crate::error::{ErrorKind, Place};
use crate::layout::tell_shared;
use crate::oddity::{Oddities, tell_of_name};
use crate::open::{Beside, is_plain_path};
use crate::wire::{Span, Wire};
use crate::{ByteOrder, Dtype, Entry, Error, Oddity, ReadAt, SourceFile};
use element::Element;
use tensor::{Data, External, Stored};
use typed::Numbers;

/// Most numbers that a tensor of whole numbers may have to be taken for a part of the computation,
/// such as the axes of a slice. Quantised weights have more.
const SMALL: u64 = 16;

/// What one file holds.
#[derive(Debug)]
pub(crate) struct Contents {
    /// The tensors. [`Entry::file`] is 0 for those in the model itself, and otherwise one more than
    /// an index into `files`.
    pub(crate) entries: Vec<Entry>,
    /// The data files that the model names, and what was unpacked.
    pub(crate) files: Vec<SourceFile>,
    /// The model's own texts, by key.
    pub(crate) metadata: BTreeMap<String, String>,
    /// Tensors that hold one weight together, as the nodes say.
    pub(crate) joins: Vec<Join>,
    /// What was tolerated.
    pub(crate) oddities: Vec<Oddity>,
}

/// Reads the graph in `reader` and checks its tensors against the bytes that are there. `path` is
/// the file's name in messages; data files are looked for in `beside`.
pub(crate) fn read(
    reader: &Arc<dyn ReadAt>,
    path: &str,
    beside: &Beside,
) -> Result<Contents, Error> {
    let place = Place::file(path);
    let mut wire = Wire::new(&**reader, &place);
    let model = graph::read(&mut wire)?;
    let mut oddities = Oddities::of(path);
    tell(&model, &mut oddities);
    let mut source = Source {
        wire,
        place: &place,
        oddities,
        derived: Derived::of(path, reader.len()),
        beside,
        opened: BTreeMap::new(),
    };
    let (joins, mut recurrent) = (quantised::joins(&model), gates::of(&model));
    let needed: BTreeSet<&str> = joins.iter().flat_map(Join::parts).collect();
    recurrent.retain(|name, _| !needed.contains(name.as_str()));
    let names: BTreeSet<String> = match recurrent.is_empty() {
        true => BTreeSet::new(),
        false => model.tensors.iter().map(|stored| stored.name.clone()).collect(),
    };
    let mut entries = Vec::new();
    let (mut small, mut turned) = (0u64, 0u64);
    for stored in scope::named_apart(model.tensors, &place)? {
        if is_part_of_computation(&stored) && !needed.contains(&*stored.name) {
            small += 1;
        } else {
            let gates = recurrent.get(&stored.name).copied();
            let entry = source.entry(stored)?;
            match gates.and_then(|gates| source.by_gates(&entry, gates, reader, &names)) {
                Some(parts) => {
                    turned += 1;
                    entries.extend(parts);
                }
                None => entries.push(entry),
            }
        }
    }
    let Source { mut oddities, derived, .. } = source;
    if 0 < small {
        let what = format_args!(
            "small constants that the graph computes with, which are not listed: {small}"
        );
        oddities.tell("small constants", None, what);
    }
    if 0 < turned {
        let what = format_args!(
            "tensors of recurrent layers, which are read in the order and the shapes of PyTorch: {turned}"
        );
        oddities.tell("recurrent layers", None, what);
    }
    if entries.is_empty() {
        oddities.tell("empty files", None, "the file holds no tensors");
    }
    entries.sort_by(|a, b| {
        (a.file, a.offset, a.bytes, &a.name).cmp(&(b.file, b.offset, b.bytes, &b.name))
    });
    tell_shared(&entries, &mut oddities);
    let (files, oddities) = (derived.into_files(), oddities.into_list());
    Ok(Contents { entries, files, metadata: model.metadata, joins, oddities })
}

/// Tells of what a model holds and is not read.
fn tell(model: &graph::Model, oddities: &mut Oddities) {
    if 0 < model.sparse {
        let what = format_args!("sparse tensors, which are not read: {}", model.sparse);
        oddities.tell("sparse tensors", None, what);
    }
    if 0 < model.training {
        let what =
            format_args!("graphs for training, which are not looked into: {}", model.training);
        oddities.tell("graphs for training", None, what);
    }
}

/// Whether a tensor is a number of the computation rather than a weight: a scalar, or a few whole
/// numbers.
fn is_part_of_computation(stored: &Stored) -> bool {
    let float = match stored.element {
        Element::Read(dtype) => dtype.is_float(),
        Element::Named(..) | Element::Unknown(_) => false,
    };
    let elements = stored.shape.iter().fold(1u64, |product, axis| product.saturating_mul(*axis));
    stored.shape.is_empty() || (!float && elements <= SMALL)
}

/// A file that is being read.
struct Source<'a> {
    wire: Wire<'a>,
    place: &'a Place,
    oddities: Oddities,
    derived: Derived,
    beside: &'a Beside,
    /// The number and the length of every data file that was opened, by name.
    opened: BTreeMap<String, (usize, u64)>,
}

impl Source<'_> {
    /// The entry of a stored tensor.
    fn entry(&mut self, stored: Stored) -> Result<Entry, Error> {
        let Stored { name, element, shape, data, byte, .. } = stored;
        let place = self.place.clone().tensor(&name).byte(byte);
        let fails = |kind| place.clone().error(kind);
        let product = |product: u64, &axis: &u64| product.checked_mul(axis);
        let elements = shape.iter().try_fold(1u64, product);
        let elements =
            elements.ok_or_else(|| fails(ErrorKind::TooManyElements { shape: shape.clone() }))?;
        let needs = match element.bits().map(|bits| elements.checked_mul(bits)) {
            Some(None) => {
                let (dtype, shape) = (element.to_string(), shape);
                return Err(fails(ErrorKind::TooManyBits { dtype, shape }));
            }
            // Types of less than a byte fill the last one up.
            Some(Some(bits)) => Some(bits.div_ceil(8)),
            None => None,
        };
        tell_of_name(&name, &mut self.oddities);
        let (file, offset, bytes) = match data {
            Data::Raw(span) => (0, span.start, span.bytes()),
            Data::External(external) => self.beside(&name, &external, needs)?,
            Data::Typed { whole } => match element {
                Element::Read(dtype) => self.typed(whole, dtype, elements, &place)?,
                // What there is of it is its description.
                Element::Named(..) | Element::Unknown(_) => (0, byte, whole.bytes()),
            },
        };
        let (dtype, shape) = match element {
            Element::Read(dtype) => {
                if needs != Some(bytes) {
                    let (dtype, needs) = (dtype.to_string(), needs.unwrap_or(0));
                    return Err(fails(ErrorKind::SizeMismatch { dtype, shape, needs, has: bytes }));
                }
                (dtype, shape)
            }
            element => {
                let what = format_args!(
                    "the ONNX type {element} is not read; shape {shape:?} is listed as U8 {:?}",
                    [bytes]
                );
                self.oddities.tell("tensors of a type that is not read", Some(&name), what);
                (Dtype::U8, vec![bytes])
            }
        };
        Ok(Entry { name, dtype, shape, file, offset, bytes, recipe: None })
    }

    /// The parts of a recurrent layer's tensor, none of which may be called as one in `names`.
    fn by_gates(
        &mut self,
        entry: &Entry,
        gates: gates::Gates,
        reader: &Arc<dyn ReadAt>,
        names: &BTreeSet<String>,
    ) -> Option<Vec<Entry>> {
        let parts = gates::parts(entry, gates)?;
        let name = |part: &gates::Part| format!("{}{}", entry.name, part.suffix);
        if parts.iter().any(|part| names.contains(&name(part))) {
            return None;
        }
        let inner = match entry.file {
            0 => Arc::clone(reader),
            number => Arc::clone(self.derived.reader(number)?),
        };
        let made = parts.into_iter().map(|part| {
            let in_order = part.reader(&inner);
            let (name, bytes) = (name(&part), in_order.len());
            let file = self.derived.see(in_order, ByteOrder::Little);
            Entry { name, shape: part.shape, file, offset: 0, bytes, ..entry.clone() }
        });
        Some(made.collect())
    }

    /// File, first byte and size of numbers that are written one by one.
    fn typed(
        &mut self,
        whole: Span,
        dtype: Dtype,
        elements: u64,
        place: &Place,
    ) -> Result<(usize, u64, u64), Error> {
        match typed::read(&mut self.wire, whole, dtype, elements, place)? {
            Numbers::InPlace(span) => Ok((0, span.start, span.bytes())),
            Numbers::Held(held) => {
                let bytes = u64::try_from(held.len()).unwrap_or(u64::MAX);
                let file = self.derived.hold(held, ByteOrder::Little);
                Ok((file.map_err(|kind| place.clone().error(kind))?, 0, bytes))
            }
        }
    }

    /// File, first byte and size of the numbers in a data file.
    fn beside(
        &mut self,
        name: &str,
        external: &External,
        needs: Option<u64>,
    ) -> Result<(usize, u64, u64), Error> {
        let fails = |kind| self.place.clone().tensor(name).error(kind);
        let Some(location) = &external.location else {
            let what = "places a tensor in another file that it does not name";
            return Err(fails(ErrorKind::Onnx { what }));
        };
        let (file, has) = match self.opened.get(location) {
            Some(opened) => *opened,
            None => {
                if !is_plain_path(location) {
                    return Err(fails(ErrorKind::DataFileUnlawful { name: location.clone() }));
                }
                let Some(file) = self.beside.open(location)? else {
                    return Err(fails(ErrorKind::DataFileMissing { name: location.clone() }));
                };
                let length = file.bytes;
                let opened = (self.derived.join(file), length);
                self.opened.insert(location.clone(), opened);
                opened
            }
        };
        let place = Place::file(location).tensor(name).byte(external.offset);
        let bytes = external.length.or(needs);
        let bytes = bytes.unwrap_or_else(|| has.saturating_sub(external.offset));
        match external.offset.checked_add(bytes) {
            Some(ends) if ends <= has => Ok((file, external.offset, bytes)),
            Some(ends) => Err(place.error(ErrorKind::PastEnd { ends, has })),
            None => Err(place.error(ErrorKind::OffsetOverflow { offset: external.offset })),
        }
    }
}
