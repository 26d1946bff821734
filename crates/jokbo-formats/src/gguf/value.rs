//! One metadata value: a number, a truth value, a text, or an array whose elements stay in the
//! file.

use std::fmt;

use super::array::Array;
use super::cursor::Cursor;
use crate::error::ErrorKind;
use crate::limits::{ARRAY_DEPTH_LIMIT, TEXT_LIMIT};
use crate::{ByteOrder, Error};

/// The type of a metadata value. The numbers are the format's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
#[allow(missing_docs, reason = "the names are the format's own")]
pub enum ValueType {
    U8 = 0,
    I8 = 1,
    U16 = 2,
    I16 = 3,
    U32 = 4,
    I32 = 5,
    F32 = 6,
    Bool = 7,
    Text = 8,
    Array = 9,
    U64 = 10,
    I64 = 11,
    F64 = 12,
}

/// Every type, by its number.
const ALL: [ValueType; 13] = [
    ValueType::U8,
    ValueType::I8,
    ValueType::U16,
    ValueType::I16,
    ValueType::U32,
    ValueType::I32,
    ValueType::F32,
    ValueType::Bool,
    ValueType::Text,
    ValueType::Array,
    ValueType::U64,
    ValueType::I64,
    ValueType::F64,
];

/// One metadata value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A whole number below 2^64.
    Whole(u64),
    /// A whole number below zero.
    Negative(i64),
    /// A number with a fraction.
    Real(f64),
    /// True or false.
    Bool(bool),
    /// The bytes of a text; nothing says that they are UTF-8.
    Text(Vec<u8>),
    /// A text that is too long to be kept, with its length.
    LongText(u64),
    /// An array, not read yet.
    Array(Array),
}

impl ValueType {
    /// The type of this number.
    pub(super) fn numbered(number: u32) -> Option<Self> {
        ALL.get(usize::try_from(number).ok()?).copied()
    }

    /// Bytes of a value, where all have the same.
    pub(super) fn bytes(self) -> Option<u64> {
        match self {
            ValueType::U8 | ValueType::I8 | ValueType::Bool => Some(1),
            ValueType::U16 | ValueType::I16 => Some(2),
            ValueType::U32 | ValueType::I32 | ValueType::F32 => Some(4),
            ValueType::U64 | ValueType::I64 | ValueType::F64 => Some(8),
            ValueType::Text | ValueType::Array => None,
        }
    }

    /// Fewest bytes of a value.
    pub(super) fn least(self) -> u64 {
        match self {
            ValueType::Text => 8,
            ValueType::Array => 12,
            sized => sized.bytes().unwrap_or(1),
        }
    }
}

impl fmt::Display for Value {
    /// As a reader of the report sees it; text that is not UTF-8 loses what is not.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Whole(number) => write!(f, "{number}"),
            Value::Negative(number) => write!(f, "{number}"),
            Value::Real(number) => write!(f, "{number}"),
            Value::Bool(value) => write!(f, "{value}"),
            Value::Text(bytes) => f.write_str(&String::from_utf8_lossy(bytes)),
            Value::LongText(bytes) => write!(f, "a text of {bytes} bytes"),
            Value::Array(array) => write!(f, "an array of {} elements", array.n),
        }
    }
}

/// Reads the type of the next value.
pub(super) fn read_type(cursor: &mut Cursor<'_>) -> Result<ValueType, Error> {
    let number = cursor.u32("the type of a value")?;
    let unknown = || cursor.fails(ErrorKind::ValueType { number });
    ValueType::numbered(number).ok_or_else(unknown)
}

/// Reads the next value, which has this type and lies in `depth` arrays.
pub(super) fn read(cursor: &mut Cursor<'_>, of: ValueType, depth: usize) -> Result<Value, Error> {
    let what = "a value";
    let order = cursor.order;
    Ok(match of {
        ValueType::U8 => Value::Whole(cursor.bytes::<1>(what)?[0].into()),
        ValueType::I8 => signed(i8::from_le_bytes(cursor.bytes(what)?).into()),
        ValueType::U16 => Value::Whole(order.u16(cursor.bytes(what)?).into()),
        ValueType::I16 => signed(order.u16(cursor.bytes(what)?).cast_signed().into()),
        ValueType::U32 => Value::Whole(order.u32(cursor.bytes(what)?).into()),
        ValueType::I32 => signed(order.u32(cursor.bytes(what)?).cast_signed().into()),
        ValueType::F32 => Value::Real(f32::from_bits(order.u32(cursor.bytes(what)?)).into()),
        ValueType::Bool => Value::Bool(cursor.bytes::<1>(what)?[0] != 0),
        ValueType::U64 => Value::Whole(order.u64(cursor.bytes(what)?)),
        ValueType::I64 => signed(order.u64(cursor.bytes(what)?).cast_signed()),
        ValueType::F64 => Value::Real(f64::from_bits(order.u64(cursor.bytes(what)?))),
        ValueType::Text => text(cursor)?,
        ValueType::Array => Value::Array(pass_array(cursor, depth)?),
    })
}

fn signed(number: i64) -> Value {
    u64::try_from(number).map_or(Value::Negative(number), Value::Whole)
}

fn text(cursor: &mut Cursor<'_>) -> Result<Value, Error> {
    let what = "a text";
    let length = cursor.u64(what)?;
    if TEXT_LIMIT < length {
        cursor.skip(length, what)?;
        return Ok(Value::LongText(length));
    }
    Ok(Value::Text(cursor.vec(length, what)?))
}

/// Passes over an array and keeps where it is. Nothing is allocated for its elements.
fn pass_array(cursor: &mut Cursor<'_>, depth: usize) -> Result<Array, Error> {
    if ARRAY_DEPTH_LIMIT <= depth {
        return Err(cursor.fails(ErrorKind::ArrayTooDeep { limit: ARRAY_DEPTH_LIMIT }));
    }
    let element = read_type(cursor)?;
    let n = cursor.u64("the length of an array")?;
    cursor.holds_all(n, element.least(), "elements of an array")?;
    let offset = cursor.at();
    match element.bytes() {
        Some(each) => cursor.skip(n.saturating_mul(each), "an array")?,
        None => {
            for _ in 0..n {
                if element == ValueType::Text {
                    let length = cursor.u64("a text")?;
                    cursor.skip(length, "a text")?;
                } else {
                    pass_array(cursor, depth + 1)?;
                }
            }
        }
    }
    let bytes = cursor.at() - offset;
    Ok(Array { file: 0, element, n, offset, bytes, order: cursor.order })
}

impl ByteOrder {
    /// A number of 16 bits.
    pub(super) fn u16(self, bytes: [u8; 2]) -> u16 {
        match self {
            ByteOrder::Little => u16::from_le_bytes(bytes),
            ByteOrder::Big => u16::from_be_bytes(bytes),
        }
    }

    /// A number of 32 bits.
    pub(super) fn u32(self, bytes: [u8; 4]) -> u32 {
        match self {
            ByteOrder::Little => u32::from_le_bytes(bytes),
            ByteOrder::Big => u32::from_be_bytes(bytes),
        }
    }

    /// A number of 64 bits.
    pub(super) fn u64(self, bytes: [u8; 8]) -> u64 {
        match self {
            ByteOrder::Little => u64::from_le_bytes(bytes),
            ByteOrder::Big => u64::from_be_bytes(bytes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Memory;
    use crate::error::Place;

    fn value(of: ValueType, bytes: &[u8], order: ByteOrder) -> Result<Value, String> {
        let (file, place) = (Memory(bytes.to_vec()), Place::file("m"));
        let mut cursor = Cursor::new(&file, &place, 0);
        cursor.order = order;
        read(&mut cursor, of, 0).map_err(|error| error.to_string())
    }

    #[test]
    fn every_type_of_number_is_read_in_both_orders() {
        let cases: [(ValueType, &[u8], Value); 12] = [
            (ValueType::U8, &[200], Value::Whole(200)),
            (ValueType::I8, &[200], Value::Negative(-56)),
            (ValueType::U16, &[1, 2], Value::Whole(513)),
            (ValueType::I16, &[0, 0x80], Value::Negative(-32768)),
            (ValueType::U32, &[1, 0, 0, 0x80], Value::Whole(0x8000_0001)),
            (ValueType::I32, &[5, 0, 0, 0], Value::Whole(5)),
            (ValueType::F32, &[0, 0, 0xc0, 0x3f], Value::Real(1.5)),
            (ValueType::Bool, &[1], Value::Bool(true)),
            (ValueType::Bool, &[0], Value::Bool(false)),
            (ValueType::U64, &[0xff; 8], Value::Whole(u64::MAX)),
            (ValueType::I64, &[0xff; 8], Value::Negative(-1)),
            (ValueType::F64, &[0, 0, 0, 0, 0, 0, 0, 0x40], Value::Real(2.0)),
        ];
        for (of, bytes, want) in cases {
            assert_eq!(value(of, bytes, ByteOrder::Little), Ok(want.clone()), "{of:?}");
            let turned: Vec<u8> = bytes.iter().rev().copied().collect();
            assert_eq!(value(of, &turned, ByteOrder::Big), Ok(want), "{of:?}");
        }
    }

    #[test]
    fn every_type_has_the_number_of_its_place() {
        for (number, of) in ALL.iter().enumerate() {
            assert_eq!(*of as usize, number);
            assert_eq!(ValueType::numbered(u32::try_from(number).unwrap()), Some(*of));
        }
        assert_eq!(ValueType::numbered(13), None);
    }

    #[test]
    fn an_array_is_passed_over_and_its_claims_are_not_believed() {
        let mut bytes = 4u32.to_le_bytes().to_vec();
        bytes.extend(2u64.to_le_bytes());
        bytes.extend([0; 8]);
        let Ok(Value::Array(array)) = value(ValueType::Array, &bytes, ByteOrder::Little) else {
            panic!("an array is read as one")
        };
        assert_eq!((array.element, array.n, array.offset, array.bytes), (ValueType::U32, 2, 12, 8));

        let mut bytes = 8u32.to_le_bytes().to_vec();
        bytes.extend((1u64 << 62).to_le_bytes());
        let error = value(ValueType::Array, &bytes, ByteOrder::Little).unwrap_err();
        assert_eq!(
            error,
            "m, at byte 12: 4611686018427387904 elements of an array are announced, and the 0 bytes left cannot hold them"
        );
    }

    #[test]
    fn arrays_in_arrays_end_at_a_limit() {
        let mut bytes = Vec::new();
        for _ in 0..100 {
            bytes.extend(9u32.to_le_bytes());
            bytes.extend(1u64.to_le_bytes());
        }
        let error = value(ValueType::Array, &bytes, ByteOrder::Little).unwrap_err();
        assert_eq!(error, "m, at byte 96: arrays lie more than 8 deep in one another");
    }
}
