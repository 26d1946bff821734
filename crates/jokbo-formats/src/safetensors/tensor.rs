//! One tensor's claim, checked against itself: shape times type must be the byte range.

use super::claim::Claim;
use crate::error::{ErrorKind, Place};
use crate::oddity::Oddities;
use crate::safetensors::stored::Stored;
use crate::{Dtype, Entry, Error};

/// The entry for `claim`, in a file whose tensors begin at `data_start`.
///
/// A type that is not read is told, and its tensor is listed as the plain bytes it has, so that
/// the rest of the checkpoint stays of use.
pub(super) fn check(
    claim: Claim,
    data_start: u64,
    place: &Place,
    oddities: &mut Oddities,
) -> Result<Entry, Error> {
    let fails = |kind| place.clone().tensor(&claim.name).error(kind);

    let (start, end) = (claim.start, claim.end);
    let Some(bytes) = end.checked_sub(start) else {
        return Err(fails(ErrorKind::RangeBackwards { start, end }));
    };
    let offset = data_start
        .checked_add(start)
        .filter(|offset| offset.checked_add(bytes).is_some())
        .ok_or_else(|| fails(ErrorKind::RangeOverflow { start, end }))?;
    let fails = |kind| place.clone().tensor(&claim.name).byte(offset).error(kind);

    let needs = size(&claim.stored, &claim.shape).map_err(fails)?;
    if let Some(needs) = needs.filter(|&needs| needs != bytes) {
        let (dtype, shape) = (claim.stored.to_string(), claim.shape.clone());
        return Err(fails(ErrorKind::SizeMismatch { dtype, shape, needs, has: bytes }));
    }
    let (dtype, shape) = match claim.stored {
        Stored::Read(dtype) => (dtype, claim.shape),
        stored => {
            let what = format_args!(
                "dtype {stored} is not read yet; shape {:?} is listed as U8 {:?}",
                claim.shape,
                [bytes]
            );
            oddities.tell("tensors of a type that is not read", Some(&claim.name), what);
            (Dtype::U8, vec![bytes])
        }
    };
    Ok(Entry { name: claim.name, dtype, shape, file: 0, offset, bytes, recipe: None })
}

/// The bytes that `shape` of `stored` fills; `None` when the type's size is not known.
fn size(stored: &Stored, shape: &[u64]) -> Result<Option<u64>, ErrorKind> {
    let elements = shape
        .iter()
        .try_fold(1u64, |product, &axis| product.checked_mul(axis))
        .ok_or_else(|| ErrorKind::TooManyElements { shape: shape.to_vec() })?;
    let Some(each) = stored.bits() else { return Ok(None) };
    let bits = elements.checked_mul(each).ok_or_else(|| ErrorKind::TooManyBits {
        dtype: stored.to_string(),
        shape: shape.to_vec(),
    })?;
    if bits % 8 != 0 {
        return Err(ErrorKind::EndsWithinByte { dtype: stored.to_string(), shape: shape.to_vec() });
    }
    Ok(Some(bits / 8))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(dtype: &str, shape: &[u64], start: u64, end: u64) -> Claim {
        let (name, stored, shape) = ("a".to_owned(), Stored::named(dtype), shape.to_vec());
        Claim { name, stored, shape, start, end }
    }

    #[track_caller]
    fn fails(claim: Claim, want: &str) {
        let error = check(claim, 100, &Place::file("m"), &mut Oddities::of("m")).unwrap_err();
        assert_eq!(error.to_string(), want);
    }

    #[track_caller]
    fn gives(claim: Claim, dtype: Dtype, shape: &[u64], told: &[&str]) {
        let mut oddities = Oddities::of("m");
        let entry = check(claim, 100, &Place::file("m"), &mut oddities).unwrap();
        assert_eq!((entry.dtype, &*entry.shape), (dtype, shape));
        let list: Vec<_> = oddities.into_list().into_iter().map(|oddity| oddity.what).collect();
        assert_eq!(list, told);
    }

    #[test]
    fn shape_times_type_is_the_byte_range() {
        gives(claim("F32", &[2, 3], 4, 28), Dtype::F32, &[2, 3], &[]);
        gives(claim("BOOL", &[], 0, 1), Dtype::Bool, &[], &[]);
        gives(claim("F64", &[u64::MAX, 0], 8, 8), Dtype::F64, &[u64::MAX, 0], &[]);
    }

    #[test]
    fn a_type_that_is_not_read_is_told_and_listed_as_bytes() {
        gives(
            claim("F4", &[2, 3], 0, 3),
            Dtype::U8,
            &[3],
            &["dtype F4 is not read yet; shape [2, 3] is listed as U8 [3]"],
        );
        gives(
            claim("Q\u{1b}", &[7], 0, 3),
            Dtype::U8,
            &[3],
            &["dtype Q\\u{1b} is not read yet; shape [7] is listed as U8 [3]"],
        );
    }

    #[test]
    fn sizes_that_do_not_agree_are_refused() {
        fails(
            claim("F32", &[2, 3], 0, 20),
            "m, tensor `a`, at byte 100: the shape [2, 3] of F32 needs 24 bytes, and the byte range has 20",
        );
        fails(
            claim("F4", &[3], 0, 2),
            "m, tensor `a`, at byte 100: the shape [3] of F4 ends within a byte",
        );
        fails(claim("U8", &[1], 2, 1), "m, tensor `a`: the byte range [2, 1] runs backwards");
    }

    #[test]
    fn nothing_overflows() {
        let big = 1 << 32;
        fails(
            claim("U8", &[big, big, 0], 0, 0),
            "m, tensor `a`, at byte 100: the shape [4294967296, 4294967296, 0] has more elements than 64 bits can count",
        );
        fails(
            claim("F64", &[big, 1 << 29], 0, 0),
            "m, tensor `a`, at byte 100: the shape [4294967296, 536870912] of F64 has more bits than 64 bits can count",
        );
        fails(
            claim("U8", &[1], u64::MAX - 1, u64::MAX),
            "m, tensor `a`: the byte range [18446744073709551614, 18446744073709551615] ends beyond what 64 bits can count",
        );
    }
}
