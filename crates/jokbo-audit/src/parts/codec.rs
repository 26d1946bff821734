//! Values as bytes and back: whole numbers in 8 bytes, floats by their bits, so that nothing is lost.
//!
//! The bytes may come from anybody. Nothing is allocated on their word: a list grows as its entries
//! are read, each from bytes that are there. A value that cannot be is no value, and neither is one
//! that what comes after could stumble over: a number that is not finite, or so large that sums of
//! such numbers overflow. A measurement that holds one is not kept.

/// Largest whole number.
const MOST: u64 = 1 << 44;
/// Entries of the longest list: so many of the largest numbers can be added up.
const LONGEST: usize = 1 << 19;

/// A value that is kept.
pub(super) trait Stored: Sized {
    /// Appends it to `to`.
    fn put(&self, to: &mut Vec<u8>);
    /// Takes one off the front of `from`; `None` where none stands there.
    fn take(from: &mut &[u8]) -> Option<Self>;
}

/// A struct, field by field: all of them, or it does not compile.
macro_rules! record {
    ($($name:ident { $($field:ident),+ $(,)? })+) => {$(
        impl Stored for $name {
            fn put(&self, to: &mut Vec<u8>) {
                let Self { $($field),+ } = self;
                $($field.put(to);)+
            }

            fn take(from: &mut &[u8]) -> Option<Self> {
                Some(Self { $($field: Stored::take(from)?),+ })
            }
        }
    )+};
}

/// An enum, each variant under a number of its own with what it holds.
macro_rules! choice {
    ($($name:ident { $($number:literal => $variant:ident $(($($held:ident),+))?),+ $(,)? })+) => {$(
        impl Stored for $name {
            fn put(&self, to: &mut Vec<u8>) {
                match self {
                    $(Self::$variant $(($($held),+))? => {
                        to.push($number);
                        $($($held.put(to);)+)?
                    })+
                }
            }

            fn take(from: &mut &[u8]) -> Option<Self> {
                match u8::take(from)? {
                    $($number => {
                        $($(let $held = Stored::take(from)?;)+)?
                        Some(Self::$variant $(($($held),+))?)
                    })+
                    _ => None,
                }
            }
        }
    )+};
}

pub(super) use {choice, record};

/// The next `N` bytes.
fn next<const N: usize>(from: &mut &[u8]) -> Option<[u8; N]> {
    let (head, rest) = from.split_first_chunk()?;
    *from = rest;
    Some(*head)
}

impl Stored for u8 {
    fn put(&self, to: &mut Vec<u8>) {
        to.push(*self);
    }

    fn take(from: &mut &[u8]) -> Option<Self> {
        next(from).map(u8::from_le_bytes)
    }
}

impl Stored for u64 {
    fn put(&self, to: &mut Vec<u8>) {
        to.extend(self.to_le_bytes());
    }

    fn take(from: &mut &[u8]) -> Option<Self> {
        next(from).map(u64::from_le_bytes).filter(|number| *number <= MOST)
    }
}

impl Stored for u32 {
    fn put(&self, to: &mut Vec<u8>) {
        u64::from(*self).put(to);
    }

    fn take(from: &mut &[u8]) -> Option<Self> {
        u64::take(from)?.try_into().ok()
    }
}

impl Stored for usize {
    fn put(&self, to: &mut Vec<u8>) {
        (*self as u64).put(to);
    }

    fn take(from: &mut &[u8]) -> Option<Self> {
        u64::take(from)?.try_into().ok()
    }
}

impl Stored for f64 {
    fn put(&self, to: &mut Vec<u8>) {
        to.extend(self.to_bits().to_le_bytes());
    }

    fn take(from: &mut &[u8]) -> Option<Self> {
        let number = f64::from_bits(next(from).map(u64::from_le_bytes)?);
        Some(number).filter(|number| number.is_finite())
    }
}

impl Stored for bool {
    fn put(&self, to: &mut Vec<u8>) {
        to.push(u8::from(*self));
    }

    fn take(from: &mut &[u8]) -> Option<Self> {
        match u8::take(from)? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

impl Stored for String {
    fn put(&self, to: &mut Vec<u8>) {
        self.len().put(to);
        to.extend(self.as_bytes());
    }

    fn take(from: &mut &[u8]) -> Option<Self> {
        text(from).map(str::to_owned)
    }
}

/// A text that lies in the bytes.
pub(super) fn text<'a>(from: &mut &'a [u8]) -> Option<&'a str> {
    let length = usize::take(from)?;
    let (text, rest) = from.split_at_checked(length)?;
    *from = rest;
    std::str::from_utf8(text).ok()
}

impl<T: Stored> Stored for Option<T> {
    fn put(&self, to: &mut Vec<u8>) {
        self.is_some().put(to);
        if let Some(value) = self {
            value.put(to);
        }
    }

    fn take(from: &mut &[u8]) -> Option<Self> {
        Some(if bool::take(from)? { Some(T::take(from)?) } else { None })
    }
}

impl<T: Stored> Stored for Vec<T> {
    fn put(&self, to: &mut Vec<u8>) {
        self.len().put(to);
        self.iter().for_each(|value| value.put(to));
    }

    fn take(from: &mut &[u8]) -> Option<Self> {
        let length = usize::take(from)?;
        // Every value takes a byte or more.
        if from.len() < length || LONGEST < length {
            return None;
        }
        let mut all = Vec::new();
        for _ in 0..length {
            all.push(T::take(from)?);
        }
        Some(all)
    }
}

impl<T: Stored, U: Stored> Stored for (T, U) {
    fn put(&self, to: &mut Vec<u8>) {
        self.0.put(to);
        self.1.put(to);
    }

    fn take(from: &mut &[u8]) -> Option<Self> {
        Some((T::take(from)?, U::take(from)?))
    }
}

impl<T: Stored> Stored for [T; 2] {
    fn put(&self, to: &mut Vec<u8>) {
        self.iter().for_each(|value| value.put(to));
    }

    fn take(from: &mut &[u8]) -> Option<Self> {
        Some([T::take(from)?, T::take(from)?])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn there_and_back<T: Stored + PartialEq + std::fmt::Debug>(value: &T) {
        let mut bytes = Vec::new();
        value.put(&mut bytes);
        let mut left = bytes.as_slice();
        assert_eq!(T::take(&mut left).as_ref(), Some(value));
        assert!(left.is_empty());
        for length in 0..bytes.len() {
            assert_eq!(T::take(&mut &bytes[..length]), None, "{length} bytes of {value:?}");
        }
    }

    #[test]
    fn what_is_put_is_taken_and_what_is_cut_short_is_nothing() {
        there_and_back(&MOST);
        there_and_back(&7u32);
        there_and_back(&true);
        there_and_back(&"족보".to_owned());
        there_and_back(&vec![Some((1.5, [2u64, 3])), None]);
        let exact = [0.1, -0.0, f64::MIN_POSITIVE / 2.0, f64::MAX, 1.0 / 3.0];
        for number in exact {
            let mut bytes = Vec::new();
            number.put(&mut bytes);
            assert_eq!(f64::take(&mut bytes.as_slice()).unwrap().to_bits(), number.to_bits());
        }
    }

    #[test]
    fn what_cannot_be_is_nothing() {
        assert_eq!(bool::take(&mut &[2u8][..]), None);
        assert_eq!(u32::take(&mut &(1u64 << 32).to_le_bytes()[..]), None);
        assert_eq!(u64::take(&mut &(MOST + 1).to_le_bytes()[..]), None);
        assert_eq!(f64::take(&mut &f64::NAN.to_le_bytes()[..]), None);
        assert_eq!(f64::take(&mut &f64::INFINITY.to_le_bytes()[..]), None);
        // A list that claims more than there is takes no memory for it.
        assert_eq!(Vec::<u64>::take(&mut &u64::MAX.to_le_bytes()[..]), None);
        let mut bytes = 1u64.to_le_bytes().to_vec();
        bytes.push(0xFF);
        assert_eq!(String::take(&mut bytes.as_slice()), None);
    }
}
