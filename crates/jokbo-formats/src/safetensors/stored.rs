//! The type a header names: one that is read, one that only the library knows, or neither.

use std::fmt;

use ::safetensors::Dtype as LibraryDtype;
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error, StrDeserializer};

use crate::Dtype;
use crate::words::Shown;

/// A stored type, as named in a header.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Stored {
    /// One of ours.
    Read(Dtype),
    /// One whose size the library knows, and whose numbers are not read yet.
    Sized(LibraryDtype),
    /// One that nobody knows, escaped and cut.
    Unknown(String),
}

impl Stored {
    /// The type called `name`.
    pub(super) fn named(name: &str) -> Self {
        let text: StrDeserializer<'_, Error> = name.into_deserializer();
        match LibraryDtype::deserialize(text) {
            Ok(library) => ours(library).map_or(Stored::Sized(library), Stored::Read),
            Err(_) => Stored::Unknown(Shown(name).to_string()),
        }
    }

    /// Bits of one element, where they are known.
    pub(super) fn bits(&self) -> Option<u64> {
        match self {
            Stored::Read(dtype) => dtype.block_bytes().checked_mul(8),
            Stored::Sized(dtype) => u64::try_from(dtype.bitsize()).ok(),
            Stored::Unknown(_) => None,
        }
    }
}

impl fmt::Display for Stored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Stored::Read(dtype) => write!(f, "{dtype}"),
            Stored::Sized(dtype) => write!(f, "{dtype}"),
            Stored::Unknown(name) => write!(f, "{name}"),
        }
    }
}

fn ours(library: LibraryDtype) -> Option<Dtype> {
    Some(match library {
        LibraryDtype::F64 => Dtype::F64,
        LibraryDtype::F32 => Dtype::F32,
        LibraryDtype::F16 => Dtype::F16,
        LibraryDtype::BF16 => Dtype::BF16,
        LibraryDtype::F8_E4M3 => Dtype::F8E4M3,
        LibraryDtype::F8_E5M2 => Dtype::F8E5M2,
        LibraryDtype::I64 => Dtype::I64,
        LibraryDtype::I32 => Dtype::I32,
        LibraryDtype::I16 => Dtype::I16,
        LibraryDtype::I8 => Dtype::I8,
        LibraryDtype::U64 => Dtype::U64,
        LibraryDtype::U32 => Dtype::U32,
        LibraryDtype::U16 => Dtype::U16,
        LibraryDtype::U8 => Dtype::U8,
        LibraryDtype::BOOL => Dtype::Bool,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_of_ours_has_the_librarys_name_and_size() {
        let all = [
            "F64", "F32", "F16", "BF16", "F8_E4M3", "F8_E5M2", "I64", "I32", "I16", "I8", "U64",
            "U32", "U16", "U8", "BOOL",
        ];
        for name in all {
            let Stored::Read(ours) = Stored::named(name) else { panic!("{name} is not read") };
            let library: LibraryDtype = serde_json::from_str(&format!("\"{name}\"")).unwrap();
            assert_eq!(ours.to_string(), name);
            assert_eq!(ours.block_bytes() * 8, library.bitsize() as u64, "{name}");
        }
    }

    #[test]
    fn types_that_only_the_library_knows_have_a_size() {
        for (name, bits) in [
            ("F4", 4),
            ("F6_E2M3", 6),
            ("F6_E3M2", 6),
            ("F8_E8M0", 8),
            ("F8_E4M3FNUZ", 8),
            ("F8_E5M2FNUZ", 8),
            ("C64", 64),
        ] {
            let stored = Stored::named(name);
            assert!(matches!(stored, Stored::Sized(_)), "{name}");
            assert_eq!((stored.bits(), stored.to_string().as_str()), (Some(bits), name));
        }
    }

    #[test]
    fn names_are_exact() {
        for name in ["f32", "F8E4M3", " F32", "", "Q4_K"] {
            assert_eq!(Stored::named(name), Stored::Unknown(name.to_owned()));
            assert_eq!(Stored::named(name).bits(), None);
        }
    }
}
