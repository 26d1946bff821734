//! A storage: the run of numbers that a pickle leaves to the file around it.

use crate::Dtype;
use crate::error::ErrorKind;
use crate::pickle::{Heap, Node, Span, Value};

/// What a pickle says of a storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Storage {
    /// The name of its record.
    pub(super) key: Span,
    pub(super) kind: Kind,
    /// How many elements it has.
    pub(super) elements: u64,
}

/// The type of a storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Typed(Dtype),
    /// Bytes, whose type each tensor gives.
    Untyped,
    /// A type that is not read, and how many bytes an element has where that is known.
    Unread(Option<u64>),
}

impl Storage {
    /// Its bytes, when its type is read and 64 bits can count them.
    pub(super) fn bytes(&self) -> Option<u64> {
        match self.kind {
            Kind::Typed(dtype) => dtype.packed(self.elements),
            Kind::Untyped => Some(self.elements),
            Kind::Unread(each) => self.elements.checked_mul(each?),
        }
    }
}

/// The storage that `value` stands for.
pub(super) fn of(heap: &Heap<'_>, value: Value) -> Result<Storage, ErrorKind> {
    let form = |what| ErrorKind::TensorForm { what };
    let Some(Node::Persistent(id)) = heap.node(value) else {
        return Err(form("it has no storage"));
    };
    let (key, class, elements) = match heap.elements(*id) {
        Some([tag, class, Value::Text(key), _place, Value::Int(elements), view @ ..])
            if heap.as_text(*tag) == Some("storage") =>
        {
            if view.iter().any(|view| *view != Value::None) {
                return Err(form("its storage is a part of another"));
            }
            (*key, *class, *elements)
        }
        _ => return Err(form("its storage is not named as storages are")),
    };
    let elements = u64::try_from(elements).map_err(|_| form("its storage has a negative size"))?;
    let Some(("torch" | "torch.storage" | "torch.cuda", name)) = heap.global(class) else {
        return Err(form("its storage has no type"));
    };
    let kind = match name {
        "UntypedStorage" => Kind::Untyped,
        name => match name.strip_suffix("Storage").and_then(by_storage) {
            Some(dtype) => Kind::Typed(dtype),
            None => Kind::Unread(unread_size(name)),
        },
    };
    Ok(Storage { key, kind, elements })
}

fn by_storage(name: &str) -> Option<Dtype> {
    Some(match name {
        "Double" => Dtype::F64,
        "Float" => Dtype::F32,
        "Half" => Dtype::F16,
        "BFloat16" => Dtype::BF16,
        "Long" => Dtype::I64,
        "Int" => Dtype::I32,
        "Short" => Dtype::I16,
        "Char" => Dtype::I8,
        "Byte" => Dtype::U8,
        "Bool" => Dtype::Bool,
        _ => return None,
    })
}

/// Bytes of an element of a storage whose type is not read. In the form before the archive the
/// next storage lies behind this one, and is found only when its size is known.
fn unread_size(class: &str) -> Option<u64> {
    match class {
        "ComplexDoubleStorage" => Some(16),
        "ComplexFloatStorage" => Some(8),
        "QInt32Storage" => Some(4),
        "QInt8Storage" | "QUInt8Storage" => Some(1),
        _ => None,
    }
}

/// The type that PyTorch calls `torch.NAME`, when it is read.
pub(super) fn dtype(name: &str) -> Option<Dtype> {
    Some(match name {
        "float64" | "double" => Dtype::F64,
        "float32" | "float" => Dtype::F32,
        "float16" | "half" => Dtype::F16,
        "bfloat16" => Dtype::BF16,
        "float8_e4m3fn" => Dtype::F8E4M3,
        "float8_e5m2" => Dtype::F8E5M2,
        "int64" | "long" => Dtype::I64,
        "int32" | "int" => Dtype::I32,
        "int16" | "short" => Dtype::I16,
        "int8" => Dtype::I8,
        "uint64" => Dtype::U64,
        "uint32" => Dtype::U32,
        "uint16" => Dtype::U16,
        "uint8" => Dtype::U8,
        "bool" => Dtype::Bool,
        _ => return None,
    })
}
