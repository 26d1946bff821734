//! The type of an array's elements, as NumPy spells it: `<f4`.

use crate::{ByteOrder, Dtype};

/// A type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Descr {
    /// Numbers that are read.
    Numbers(Dtype, ByteOrder),
    /// Python objects, which are pickled.
    Objects,
    /// Records of several fields.
    Records,
    /// A type of this name that is not read: texts, complex numbers, dates.
    Other(String),
}

impl Descr {
    /// The type that `name` spells: a byte order, a kind, and the bytes of an element. `None` when
    /// it is not of that form.
    pub(super) fn named(name: &[u8]) -> Option<Self> {
        let text = str::from_utf8(name).ok()?;
        let (order, kind) = match text.strip_prefix(['<', '=', '|']) {
            Some(kind) => (ByteOrder::Little, kind),
            None => match text.strip_prefix('>') {
                Some(kind) => (ByteOrder::Big, kind),
                None => (ByteOrder::Little, text),
            },
        };
        let letter = kind.chars().next().filter(char::is_ascii)?;
        let size = kind.get(1..)?;
        if letter == 'O' {
            return Some(Descr::Objects);
        }
        let dtype = match (letter, size) {
            ('f', "8") => Dtype::F64,
            ('f', "4") => Dtype::F32,
            ('f', "2") => Dtype::F16,
            ('i', "8") => Dtype::I64,
            ('i', "4") => Dtype::I32,
            ('i', "2") => Dtype::I16,
            ('i', "1") => Dtype::I8,
            ('u', "8") => Dtype::U64,
            ('u', "4") => Dtype::U32,
            ('u', "2") => Dtype::U16,
            ('u', "1") => Dtype::U8,
            ('b', "1") => Dtype::Bool,
            ('f' | 'i' | 'u' | 'b' | 'c' | 'm' | 'M' | 'S' | 'U' | 'V' | 'a', _) => {
                return Some(Descr::Other(text.to_owned()));
            }
            _ => return None,
        };
        Some(Descr::Numbers(dtype, order))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_known_by_their_spelling() {
        let numbers = |dtype, order| Some(Descr::Numbers(dtype, order));
        assert_eq!(Descr::named(b"<f4"), numbers(Dtype::F32, ByteOrder::Little));
        assert_eq!(Descr::named(b">f2"), numbers(Dtype::F16, ByteOrder::Big));
        assert_eq!(Descr::named(b"|b1"), numbers(Dtype::Bool, ByteOrder::Little));
        assert_eq!(Descr::named(b"u8"), numbers(Dtype::U64, ByteOrder::Little));
        assert_eq!(Descr::named(b"|O"), Some(Descr::Objects));
        assert_eq!(Descr::named(b"O8"), Some(Descr::Objects));
        assert_eq!(Descr::named(b"<U7"), Some(Descr::Other("<U7".to_owned())));
        assert_eq!(Descr::named(b"<V2"), Some(Descr::Other("<V2".to_owned())));
        for name in [&b""[..], b"<", b"x4", b"\xff", b"__import__('os')", "é4".as_bytes()] {
            assert_eq!(Descr::named(name), None);
        }
    }
}
