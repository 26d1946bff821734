//! One tensor: a storage, where in it the tensor begins, its shape and its strides.

use super::storage::{self, Kind, Storage};
use crate::Dtype;
use crate::error::ErrorKind;
use crate::limits::AXIS_LIMIT;
use crate::pickle::{Heap, Node, Value};
use crate::turned::Turned;

/// How many calls may wrap a tensor: a parameter, a subclass, and one to spare.
const WRAPS: usize = 4;

/// A tensor as the pickle describes it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Claim {
    pub(super) storage: Storage,
    pub(super) dtype: Dtype,
    pub(super) shape: Vec<u64>,
    /// Elements from one index of an axis to the next, when they do not follow from the shape.
    pub(super) strides: Option<Vec<u64>>,
    /// First byte in the storage.
    pub(super) offset: u64,
    pub(super) bytes: u64,
}

/// What a call that makes a tensor describes.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Described {
    Claim(Claim),
    /// A tensor that is not read, and why.
    Unread(String),
}

/// Whether the call `value` makes a tensor, whatever its arguments.
pub(super) fn is_made_by(heap: &Heap<'_>, value: Value) -> bool {
    let Some(Node::Call { of, .. }) = heap.node(value) else { return false };
    match heap.global(*of) {
        Some(("torch._utils", name)) => name.starts_with("_rebuild_"),
        Some(("torch._tensor", name)) => name == "_rebuild_from_type_v2",
        _ => false,
    }
}

/// The tensor that `value` makes, a call for which [`is_made_by`] holds.
pub(super) fn describe(heap: &Heap<'_>, value: Value) -> Result<Described, ErrorKind> {
    let form = |what| ErrorKind::TensorForm { what };
    let Some(Node::Call { of, with, .. }) = heap.node(value) else {
        return Err(form("it is no call"));
    };
    let (mut of, mut with) = (*of, *with);
    for _ in 0..WRAPS {
        let name = heap.global(of).map_or("", |(_, name)| name);
        let given = heap.elements(with).ok_or_else(|| form("its arguments are no tuple"))?;
        match (name, given) {
            ("_rebuild_tensor", [storage, offset, shape, strides])
            | ("_rebuild_tensor_v2", [storage, offset, shape, strides, _, _, ..]) => {
                return dense(heap, None, [*storage, *offset, *shape, *strides]);
            }
            ("_rebuild_tensor_v3", [storage, offset, shape, strides, _, _, dtype, ..]) => {
                let named = heap.global(*dtype).ok_or_else(|| form("it has no type"))?.1;
                let Some(dtype) = storage::dtype(named) else {
                    let named = crate::Shown(named);
                    return Ok(Described::Unread(format!("its type `{named}` is not read")));
                };
                return dense(heap, Some(dtype), [*storage, *offset, *shape, *strides]);
            }
            ("_rebuild_parameter" | "_rebuild_parameter_with_state", [inner, ..]) => {
                let Some(Node::Call { of: next, with: given, .. }) = heap.node(*inner) else {
                    return Err(form("the parameter holds no tensor"));
                };
                (of, with) = (*next, *given);
            }
            ("_rebuild_from_type_v2", [next, _, given, ..]) => (of, with) = (*next, *given),
            (
                "_rebuild_tensor"
                | "_rebuild_tensor_v2"
                | "_rebuild_tensor_v3"
                | "_rebuild_parameter"
                | "_rebuild_parameter_with_state"
                | "_rebuild_from_type_v2",
                _,
            ) => return Err(form("it has too few arguments")),
            (name, _) => {
                let name = crate::Shown(name);
                return Ok(Described::Unread(format!("what `{name}` makes is not read")));
            }
        }
    }
    Err(form("it is wrapped too often"))
}

fn dense(
    heap: &Heap<'_>,
    dtype: Option<Dtype>,
    [storage, offset, shape, strides]: [Value; 4],
) -> Result<Described, ErrorKind> {
    let storage = storage::of(heap, storage)?;
    let dtype = match (dtype, storage.kind) {
        (Some(dtype), Kind::Untyped) | (None, Kind::Typed(dtype)) => dtype,
        (Some(given), Kind::Typed(stored)) if given == stored => given,
        (None, Kind::Untyped) => Dtype::U8,
        _ => return Ok(Described::Unread("the type of its storage is not read".to_owned())),
    };
    let (shape, strides) = (numbers(heap, shape)?, numbers(heap, strides)?);
    if shape.len() != strides.len() {
        return Err(ErrorKind::TensorForm { what: "it has not as many strides as axes" });
    }
    let Value::Int(offset) = offset else {
        return Err(ErrorKind::TensorForm { what: "its place in the storage is no number" });
    };
    let product = |product: u64, &axis: &u64| product.checked_mul(axis);
    let elements = shape.iter().try_fold(1u64, product);
    let Some(elements) = elements else {
        return Err(ErrorKind::TooManyElements { shape });
    };
    let Some(bytes) = dtype.packed(elements) else {
        return Err(ErrorKind::TooManyBits { dtype: dtype.to_string(), shape });
    };
    let strides = (0 < elements && !in_order(&shape, &strides)).then_some(strides);
    if strides.as_ref().is_some_and(|strides| !Turned::can_be(&shape, strides)) {
        let what = format!(
            "its numbers lie with gaps or in several places at once (shape {shape:?}, strides {:?}), so they are not read",
            strides.unwrap_or_default()
        );
        return Ok(Described::Unread(what));
    }
    let offset = u64::try_from(offset).ok().and_then(|offset| dtype.packed(offset));
    let offset = offset.filter(|offset| offset.checked_add(bytes).is_some());
    let beyond = ErrorKind::TensorForm { what: "its place in the storage is beyond all numbers" };
    Ok(Described::Claim(Claim {
        storage,
        dtype,
        shape,
        strides,
        offset: offset.ok_or(beyond)?,
        bytes,
    }))
}

/// Whether elements that follow one another in the tensor do so in the storage. An axis of one
/// element has no next, and its stride means nothing.
fn in_order(shape: &[u64], strides: &[u64]) -> bool {
    let mut want = 1u64;
    shape.iter().zip(strides).rev().filter(|(axis, _)| **axis != 1).all(|(axis, stride)| {
        let is = *stride == want;
        want = want.saturating_mul(*axis);
        is
    })
}

fn numbers(heap: &Heap<'_>, value: Value) -> Result<Vec<u64>, ErrorKind> {
    let form = |what| ErrorKind::TensorForm { what };
    // `torch.Size` is a call with the numbers.
    let value = match heap.node(value) {
        Some(Node::Call { of, with, .. }) if heap.global(*of) == Some(("torch", "Size")) => {
            heap.elements(*with).and_then(|given| given.first()).copied().unwrap_or(value)
        }
        _ => value,
    };
    let listed = heap.elements(value).ok_or_else(|| form("its shape is no tuple"))?;
    if AXIS_LIMIT < listed.len() {
        return Err(ErrorKind::TooManyAxes { limit: AXIS_LIMIT });
    }
    let number = |value: &Value| match value {
        Value::Int(number) => u64::try_from(*number).ok(),
        _ => None,
    };
    let numbers: Option<Vec<u64>> = listed.iter().map(number).collect();
    numbers.ok_or_else(|| form("its shape holds what is no size"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_the_elements_is_told_by_the_strides() {
        assert!(in_order(&[2, 3, 4], &[12, 4, 1]));
        assert!(in_order(&[2, 1, 4], &[4, 99, 1]));
        assert!(in_order(&[], &[]));
        assert!(!in_order(&[2, 3], &[1, 2]));
        assert!(!in_order(&[2, 3], &[0, 1]));
        assert!(!in_order(&[3], &[2]));
    }
}
