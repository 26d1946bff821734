//! Numbers that are written one by one, in a field for each kind of them.
//!
//! Which field holds which type is said in `onnx.proto3`: `float_data`, `double_data`,
//! `int64_data`, `uint64_data`, and `int32_data` for everything that has at most 32 bits.

use crate::error::{ErrorKind, Place};
use crate::wire::{Field, Span, Value, Wire};
use crate::{Dtype, Error};

/// The numbers of a tensor.
pub(super) enum Numbers {
    /// Side by side in the file.
    InPlace(Span),
    /// Unpacked.
    Held(Vec<u8>),
}

/// The field that holds numbers of this type.
fn field_of(dtype: Dtype) -> Option<u64> {
    Some(match dtype {
        Dtype::F32 => 4,
        Dtype::F64 => 10,
        Dtype::I64 => 7,
        Dtype::U64 | Dtype::U32 => 11,
        dtype if dtype.block_elements() == 1 => 5,
        _ => return None,
    })
}

/// The `elements` numbers of type `dtype` in the message `whole`.
pub(super) fn read(
    wire: &mut Wire<'_>,
    whole: Span,
    dtype: Dtype,
    elements: u64,
    place: &Place,
) -> Result<Numbers, Error> {
    let fails = |kind| place.clone().error(kind);
    let wanted = field_of(dtype);
    let each = dtype.block_bytes();
    let mut span = whole;
    let mismatch = |has| ErrorKind::OnnxNumbers { needs: elements, has };
    // It grows with the numbers that are there; what the shape claims is compared with it.
    let mut held: Vec<u8> = Vec::new();
    let mut only = None;
    let mut fields = 0u64;
    while let Some(field) = wire.field(&mut span)? {
        if Some(field.number) != wanted {
            if matches!(field.number, 4 | 5 | 7 | 10 | 11) {
                let what = "gives a tensor's numbers in the field of another type";
                return Err(fails(ErrorKind::Onnx { what }));
            }
            continue;
        }
        fields += 1;
        match (field.value, field.number) {
            (Value::Run(span), 4 | 10) if fields == 1 => only = Some(span),
            _ => {
                if let Some(span) = only.take() {
                    held.extend(wire.bytes(span)?);
                }
                unpack(wire, field, each, &mut held, place)?;
            }
        }
        if elements.saturating_mul(each) < u64::try_from(held.len()).unwrap_or(u64::MAX) {
            return Err(fails(mismatch(held.len() as u64 / each)));
        }
    }
    let has = only.map_or(u64::try_from(held.len()).unwrap_or(u64::MAX), Span::bytes);
    if Some(has) != elements.checked_mul(each) {
        return Err(fails(mismatch(has / each)));
    }
    Ok(only.map_or(Numbers::Held(held), Numbers::InPlace))
}

/// Adds the numbers of one field.
fn unpack(
    wire: &mut Wire<'_>,
    field: Field,
    each: u64,
    held: &mut Vec<u8>,
    place: &Place,
) -> Result<(), Error> {
    match (field.value, field.number) {
        (Value::Run(span) | Value::Four(span), 4) | (Value::Run(span) | Value::Eight(span), 10) => {
            held.extend(wire.bytes(span)?);
            Ok(())
        }
        (Value::Varint(number), 5 | 7 | 11) => add(number, each, held, place),
        (Value::Run(mut span), 5 | 7 | 11) => {
            while 0 < span.bytes() {
                add(wire.varint(&mut span)?, each, held, place)?;
            }
            Ok(())
        }
        _ => Err(wire.wrong_kind(field)),
    }
}

/// Adds the lowest `each` bytes of `number`, whose others must be its sign.
fn add(number: u64, each: u64, held: &mut Vec<u8>, place: &Place) -> Result<(), Error> {
    let bits = 8 * each;
    let beyond = number.checked_shr(u32::try_from(bits).unwrap_or(64)).unwrap_or(0);
    let negative = number.cast_signed() >> (bits - 1).min(63) == -1;
    if beyond != 0 && !negative {
        let what = "gives a number that its type does not hold";
        return Err(place.clone().error(ErrorKind::Onnx { what }));
    }
    held.extend(number.to_le_bytes().iter().take(usize::try_from(each).unwrap_or(8)));
    Ok(())
}
