//! The types of a tensor's elements, by their numbers in `onnx.proto3` (`TensorProto.DataType`).

use std::fmt;

use crate::Dtype;

/// A stored type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Element {
    /// One that is read.
    Read(Dtype),
    /// One that is not read, and the bits of an element where they are known.
    Named(&'static str, Option<u64>),
    /// One of a number that is unknown.
    Unknown(u64),
}

impl Element {
    /// The type of this number.
    pub(super) fn of(number: u64) -> Self {
        Self::Read(match number {
            1 => Dtype::F32,
            2 => Dtype::U8,
            3 => Dtype::I8,
            4 => Dtype::U16,
            5 => Dtype::I16,
            6 => Dtype::I32,
            7 => Dtype::I64,
            9 => Dtype::Bool,
            10 => Dtype::F16,
            11 => Dtype::F64,
            12 => Dtype::U32,
            13 => Dtype::U64,
            16 => Dtype::BF16,
            17 => Dtype::F8E4M3,
            19 => Dtype::F8E5M2,
            8 => return Self::Named("STRING", None),
            14 => return Self::Named("COMPLEX64", Some(64)),
            15 => return Self::Named("COMPLEX128", Some(128)),
            18 => return Self::Named("FLOAT8E4M3FNUZ", Some(8)),
            20 => return Self::Named("FLOAT8E5M2FNUZ", Some(8)),
            21 => return Self::Named("UINT4", Some(4)),
            22 => return Self::Named("INT4", Some(4)),
            23 => return Self::Named("FLOAT4E2M1", Some(4)),
            24 => return Self::Named("FLOAT8E8M0", Some(8)),
            25 => return Self::Named("UINT2", Some(2)),
            26 => return Self::Named("INT2", Some(2)),
            number => return Self::Unknown(number),
        })
    }

    /// The bits of an element, where they are known.
    pub(super) fn bits(self) -> Option<u64> {
        match self {
            Element::Read(dtype) => Some(8 * dtype.block_bytes()),
            Element::Named(_, bits) => bits,
            Element::Unknown(_) => None,
        }
    }
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Element::Read(dtype) => dtype.fmt(f),
            Element::Named(name, _) => f.write_str(name),
            Element::Unknown(number) => write!(f, "number {number}"),
        }
    }
}
