//! A stored tensor as the model describes it: name, type, axes, and where its numbers are.

use std::rc::Rc;

use super::element::Element;
use super::scope::Scope;
use crate::Error;
use crate::error::ErrorKind;
use crate::limits::AXIS_LIMIT;
use crate::wire::{Field, Span, Value, Wire};

/// A tensor that a model stores.
#[derive(Debug)]
pub(super) struct Stored {
    pub(super) name: String,
    pub(super) element: Element,
    pub(super) shape: Vec<u64>,
    pub(super) data: Data,
    /// How many graphs the graph lies in that it belongs to.
    pub(super) depth: usize,
    /// The branches that those graphs are.
    pub(super) scope: Rc<Scope>,
    /// First byte of its description.
    pub(super) byte: u64,
}

/// Where the numbers of a tensor are.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Data {
    /// Side by side in the model, lowest byte first.
    Raw(Span),
    /// Written one by one, in fields of the message `whole`.
    Typed { whole: Span },
    /// In another file.
    External(External),
}

/// A range of another file.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct External {
    pub(super) location: Option<String>,
    pub(super) offset: u64,
    pub(super) length: Option<u64>,
}

/// Reads the description in `span`.
pub(super) fn describe(
    wire: &mut Wire<'_>,
    whole: Span,
    depth: usize,
    scope: Rc<Scope>,
) -> Result<Stored, Error> {
    let mut span = whole;
    let (mut shape, mut number, mut name) = (Vec::new(), None, None);
    let (mut raw, mut place, mut typed) = (None, None, false);
    let mut external = External::default();
    while let Some(field) = wire.field(&mut span)? {
        match field.number {
            1 => read_axes(wire, field, &mut shape)?,
            2 => wire.once(&mut number, field, wire.number(field)?)?,
            4 | 5 | 7 | 10 | 11 => typed = true,
            8 => wire.once(&mut name, field, wire.name(field)?)?,
            9 => wire.once(&mut raw, field, wire.run(field)?)?,
            13 => read_external(wire, field, &mut external)?,
            14 => wire.once(&mut place, field, wire.number(field)?)?,
            _ => {}
        }
    }
    let name = name.unwrap_or_default();
    let fails = |kind| wire.place.clone().tensor(&name).byte(whole.start).error(kind);
    let raw = raw.filter(|span| 0 < span.bytes());
    let data = match (place.unwrap_or(0), raw, typed) {
        (1, None, false) => Data::External(external),
        (0, Some(span), false) => Data::Raw(span),
        (0, None, _) => Data::Typed { whole },
        (0 | 1, ..) => {
            return Err(fails(ErrorKind::Onnx { what: "gives a tensor's numbers twice" }));
        }
        _ => {
            return Err(fails(ErrorKind::Onnx {
                what: "keeps a tensor in a place that is unknown",
            }));
        }
    };
    let element = Element::of(number.unwrap_or(0));
    let byte = whole.start;
    Ok(Stored { name, element, shape, data, depth, scope, byte })
}

/// The axes: one number, or several in one field.
fn read_axes(wire: &mut Wire<'_>, field: Field, shape: &mut Vec<u64>) -> Result<(), Error> {
    let mut add = |wire: &Wire<'_>, axis: u64| {
        if axis.cast_signed() < 0 {
            return Err(
                wire.fails(field.byte, ErrorKind::NegativeAxis { axis: axis.cast_signed() })
            );
        }
        if AXIS_LIMIT <= shape.len() {
            return Err(wire.fails(field.byte, ErrorKind::TooManyAxes { limit: AXIS_LIMIT }));
        }
        shape.push(axis);
        Ok(())
    };
    match field.value {
        Value::Varint(axis) => add(wire, axis),
        Value::Run(mut span) => {
            while 0 < span.bytes() {
                let axis = wire.varint(&mut span)?;
                add(wire, axis)?;
            }
            Ok(())
        }
        _ => Err(wire.wrong_kind(field)),
    }
}

/// One key of the description of another file's range.
fn read_external(wire: &mut Wire<'_>, field: Field, external: &mut External) -> Result<(), Error> {
    let mut span = wire.run(field)?;
    let (mut key, mut value) = (None, None);
    while let Some(field) = wire.field(&mut span)? {
        match field.number {
            1 => wire.once(&mut key, field, wire.name(field)?)?,
            2 => wire.once(&mut value, field, wire.name(field)?)?,
            _ => {}
        }
    }
    let value = value.unwrap_or_default();
    let number = |value: &str| {
        let what = "places a tensor in another file by what is no number";
        value.parse().map_err(|_| wire.fails(field.byte, ErrorKind::Onnx { what }))
    };
    match key.unwrap_or_default().as_str() {
        "location" => wire.once(&mut external.location, field, value)?,
        "offset" => external.offset = number(&value)?,
        "length" => external.length = Some(number(&value)?),
        _ => {}
    }
    Ok(())
}
