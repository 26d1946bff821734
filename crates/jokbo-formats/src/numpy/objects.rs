//! Arrays inside an array of Python objects, such as a pickled dictionary of weights.
//!
//! Such an array is a pickle. It is read as data: nothing in it is called or looked up, and what
//! would build an array (`_reconstruct` and its state, or `_frombuffer`) is taken for the
//! description of one. Source: `array_reduce` and `array_setstate` in NumPy's
//! `multiarray/methods.c`, and `numpy/_core/numeric.py`.

use super::descr::Descr;
use super::{Held, Numbers, Source};
use crate::error::ErrorKind;
use crate::limits::{AXIS_LIMIT, NUMPY_PICKLE_LIMIT};
use crate::pickle::{self, Heap, Node, Span, Value, Walk};
use crate::words::count;
use crate::{ByteOrder, Error};

/// Reads the pickle in `held` and lists every array of numbers in it. Names begin with `prefix`; an
/// array that is all there is has the name `whole`.
pub(super) fn read(
    source: &mut Source<'_>,
    whole: &str,
    prefix: &str,
    held: Held,
) -> Result<(), Error> {
    let place = source.place.clone();
    let at = |byte: u64| if held.file == 0 { place.clone().byte(byte) } else { place.clone() };
    let has = held.bytes;
    if NUMPY_PICKLE_LIMIT < has {
        let kind = ErrorKind::PickleTooLong { has, limit: NUMPY_PICKLE_LIMIT };
        return Err(at(held.start).error(kind));
    }
    let mut bytes = vec![0; usize::try_from(has).unwrap_or_default()];
    let read = source.reader(held.file).read_exact_at(&mut bytes, held.start);
    read.map_err(|cause| at(held.start).error(ErrorKind::Unreadable(cause)))?;
    let pickle = pickle::read(&bytes).map_err(|fault| {
        let byte = u64::try_from(fault.at).unwrap_or(u64::MAX);
        at(held.start.saturating_add(byte)).error(fault.kind)
    })?;
    let rest = bytes.len().saturating_sub(pickle.length);
    if 0 < rest {
        let what = format_args!("{} follow the end of the pickle", count(rest, "byte"));
        source.oddities.tell("bytes after a pickle", None, what);
    }
    let heap = &pickle.heap;
    pickle::tell(heap, &mut source.oddities);
    let is_array = |value| is_array(heap, value);
    let walk = Walk::new(heap, prefix, pickle.length, &is_array, &mut source.oddities);
    let (found, _) =
        walk.run(inside(heap, pickle.root)).map_err(|kind| place.clone().error(kind))?;
    let what = format_args!(
        "the array{} is of Python objects, a pickle that NumPy would run; it was read as data, and {} found in it",
        if prefix.is_empty() { String::new() } else { format!(" `{}`", crate::Shown(prefix)) },
        count(found.len(), "array")
    );
    source.oddities.tell("arrays of objects", None, what);
    for (name, value) in found {
        let name = if name.is_empty() { whole } else { &name };
        list(source, heap, name, value, held)?;
    }
    Ok(())
}

/// The one object of an array without axes, or the array itself.
fn inside(heap: &Heap<'_>, root: Value) -> Value {
    let Some(array) = Array::of(heap, root) else { return root };
    let alone = heap.elements(array.shape).is_some_and(<[Value]>::is_empty);
    match heap.elements(array.data) {
        Some([object]) if alone => *object,
        _ => root,
    }
}

/// What a call that would build an array gives.
struct Array {
    shape: Value,
    dtype: Value,
    fortran: bool,
    data: Value,
}

impl Array {
    fn of(heap: &Heap<'_>, value: Value) -> Option<Self> {
        let Node::Call { of, with, state } = heap.node(value)? else { return None };
        match heap.global(*of)? {
            ("numpy.core.multiarray" | "numpy._core.multiarray", "_reconstruct") => {
                let [_, shape, dtype, Value::Bool(fortran), data] = heap.elements(*state)? else {
                    return None;
                };
                let (shape, dtype, data) = (*shape, *dtype, *data);
                Some(Self { shape, dtype, fortran: *fortran, data })
            }
            ("numpy.core.numeric" | "numpy._core.numeric", "_frombuffer") => {
                let [data, dtype, shape, order] = heap.elements(*with)? else { return None };
                let fortran = heap.as_text(*order) == Some("F");
                Some(Self { shape: *shape, dtype: *dtype, fortran, data: *data })
            }
            _ => None,
        }
    }

    /// Its type: a call of `numpy.dtype`, to which the byte order is given afterwards.
    fn descr(&self, heap: &Heap<'_>) -> Option<Descr> {
        let Node::Call { of, with, state } = heap.node(self.dtype)? else { return None };
        if heap.global(*of)? != ("numpy", "dtype") {
            return None;
        }
        let name = heap.as_text(*heap.elements(*with)?.first()?)?;
        let order = match heap.elements(*state) {
            Some([_, order, ..]) => heap.as_text(*order)?,
            _ => "",
        };
        Descr::named(format!("{order}{name}").as_bytes())
    }
}

/// Whether a call builds an array of something other than objects.
fn is_array(heap: &Heap<'_>, value: Value) -> bool {
    Array::of(heap, value).is_some_and(|array| array.descr(heap) != Some(Descr::Objects))
}

fn list(
    source: &mut Source<'_>,
    heap: &Heap<'_>,
    name: &str,
    value: Value,
    held: Held,
) -> Result<(), Error> {
    let fails = {
        let place = source.place.clone().tensor(name);
        move |kind| place.clone().error(kind)
    };
    let form = |what| ErrorKind::ArrayForm { what };
    let array = Array::of(heap, value).ok_or_else(|| fails(form("it has no state")))?;
    let (dtype, order) = match array.descr(heap) {
        Some(Descr::Numbers(dtype, order)) => (dtype, order),
        Some(_) => {
            let what = "its type is not read";
            source.oddities.tell("arrays of a type that is not read", Some(name), what);
            return Ok(());
        }
        None => return Err(fails(form("its type is not one that NumPy writes"))),
    };
    let shape = shape(heap, array.shape).map_err(&fails)?;
    let numbers = Numbers { dtype, order, shape, fortran: array.fortran };
    let needs = numbers.bytes().map_err(&fails)?;
    let data = data(heap, array.data).map_err(&fails)?;
    let has = match &data {
        Data::InPlace(span) => u64::from(span.end - span.start),
        Data::Decoded(bytes) => u64::try_from(bytes.len()).unwrap_or(u64::MAX),
    };
    if has != needs {
        let (dtype, shape) = (dtype.to_string(), numbers.shape);
        return Err(fails(ErrorKind::SizeMismatch { dtype, shape, needs, has }));
    }
    let place = match data {
        Data::InPlace(span) => {
            Held { start: held.start + u64::from(span.start), bytes: needs, ..held }
        }
        Data::Decoded(bytes) => {
            let file = source.derived.hold(bytes, ByteOrder::Little).map_err(&fails)?;
            Held { file, start: 0, bytes: needs }
        }
    };
    source.list(name, numbers, place)
}

/// The bytes of an array.
enum Data {
    /// Bytes of the pickle.
    InPlace(Span),
    /// Bytes that were written as text.
    Decoded(Vec<u8>),
}

/// The bytes that `value` is: bytes, or the text that Python 2 can load as bytes, one character
/// for each.
fn data(heap: &Heap<'_>, value: Value) -> Result<Data, ErrorKind> {
    let form = |what| ErrorKind::ArrayForm { what };
    match (value, heap.node(value)) {
        // Python 2 has one kind of text, which is bytes.
        (Value::Bytes(span) | Value::Text(span), _) => Ok(Data::InPlace(span)),
        (_, Some(Node::Call { of, with, .. }))
            if heap.global(*of) == Some(("_codecs", "encode")) =>
        {
            let text = match heap.elements(*with) {
                Some([text, coding]) if heap.as_text(*coding) == Some("latin1") => *text,
                _ => return Err(form("its bytes are written in a coding that is not read")),
            };
            let text = heap.as_text(text).ok_or_else(|| form("its bytes are no text"))?;
            let bytes: Result<Vec<u8>, _> = text.chars().map(u8::try_from).collect();
            bytes.map(Data::Decoded).map_err(|_| form("its bytes are characters beyond 255"))
        }
        _ => Err(form("it has no bytes")),
    }
}

fn shape(heap: &Heap<'_>, value: Value) -> Result<Vec<u64>, ErrorKind> {
    let form = |what| ErrorKind::ArrayForm { what };
    let listed = heap.elements(value).ok_or_else(|| form("its shape is no tuple"))?;
    if AXIS_LIMIT < listed.len() {
        return Err(ErrorKind::TooManyAxes { limit: AXIS_LIMIT });
    }
    let size = |value: &Value| match value {
        Value::Int(size) => u64::try_from(*size).ok(),
        _ => None,
    };
    let sizes: Option<Vec<u64>> = listed.iter().map(size).collect();
    sizes.ok_or_else(|| form("its shape holds what is no size"))
}
