//! The tensors of a file side by side: none beyond the end, none over another, and what is
//! between them.

use crate::error::{ErrorKind, Place};
use crate::limits::PADDING_LIMIT;
use crate::oddity::Oddities;
use crate::words::{Shown, count};
use crate::{Dtype, Entry, Error};

/// Checks `entries`, which are in the order of their bytes, against a file of `len` bytes.
///
/// Bytes that belong to no tensor are told: nothing reads them, and something may be hidden
/// there. Less than a small `alignment` up to where the next tensor must begin is padding.
pub(crate) fn check(
    entries: &[Entry],
    data_start: u64,
    len: u64,
    alignment: u64,
    place: &Place,
    oddities: &mut Oddities,
) -> Result<(), Error> {
    // The one that ends last tells how much of a download is missing.
    if let Some(last) = entries.iter().max_by_key(|entry| end(entry)).filter(|e| len < end(e)) {
        let kind = ErrorKind::PastEnd { ends: end(last), has: len };
        return Err(place.clone().tensor(&last.name).byte(last.offset).error(kind));
    }
    let mut filled = data_start;
    let mut holder: Option<&Entry> = None;
    for entry in entries {
        if let Some(hole) = untold(filled, entry.offset, alignment) {
            let what = format_args!(
                "{} from byte {filled} on, before this tensor, in no tensor",
                count(hole, "byte")
            );
            oddities.tell("holes between tensors", Some(&entry.name), what);
        }
        // A tensor without bytes lies over nothing, wherever it is.
        if let Some(other) = holder.filter(|_| entry.offset < filled && 0 < entry.bytes) {
            let (from, to) = (entry.offset, end(entry).min(filled));
            let kind = ErrorKind::Overlap { other: other.name.clone(), from, to };
            return Err(place.clone().tensor(&entry.name).byte(entry.offset).error(kind));
        }
        if filled < end(entry) {
            filled = end(entry);
            holder = Some(entry);
        }
    }
    if let Some(trailing) = untold(filled, len, alignment) {
        let what = format_args!(
            "{} from byte {filled} on, after the last tensor, in no tensor",
            count(trailing, "byte")
        );
        oddities.tell("bytes after the last tensor", None, what);
    }
    Ok(())
}

/// The bytes that `shape` of `dtype` fills.
pub(crate) fn bytes_of(dtype: Dtype, shape: &[u64]) -> Result<u64, ErrorKind> {
    let Some(elements) = crate::recipe::product(shape) else {
        return Err(ErrorKind::TooManyElements { shape: shape.to_vec() });
    };
    let bits = || ErrorKind::TooManyBits { dtype: dtype.to_string(), shape: shape.to_vec() };
    dtype.packed(elements).ok_or_else(bits)
}

/// Tells of tensors that lie over one another, each once, where that is lawful. `entries` are in the
/// order of file and place.
pub(crate) fn tell_shared(entries: &[Entry], oddities: &mut Oddities) {
    let mut holder: Option<&Entry> = None;
    for entry in entries.iter().filter(|entry| 0 < entry.bytes) {
        holder = holder.filter(|other| other.file == entry.file);
        if let Some(other) = holder.filter(|other| entry.offset < end(other)) {
            let what = format!("shares its bytes with `{}`", Shown(&other.name));
            oddities.tell("tensors that share bytes", Some(&entry.name), what);
        }
        if holder.is_none_or(|other| end(other) < end(entry)) {
            holder = Some(entry);
        }
    }
}

/// The bytes between `from` and `to`, when there are any and they are more than padding.
fn untold(from: u64, to: u64, alignment: u64) -> Option<u64> {
    let hole = to.checked_sub(from).filter(|&hole| 0 < hole)?;
    let padded = from.checked_next_multiple_of(alignment).map(|next| next - from);
    (PADDING_LIMIT < hole || padded.is_none_or(|padding| padding < hole)).then_some(hole)
}

/// The byte after the last. Does not overflow: the reader of each format has added the same numbers.
fn end(entry: &Entry) -> u64 {
    entry.offset.saturating_add(entry.bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tensors a, b, c, … of these ranges, in a file whose tensors lie between 10 and 30.
    fn lay(ranges: &[(u64, u64)]) -> Result<Vec<String>, String> {
        let entries: Vec<_> = ranges
            .iter()
            .zip('a'..)
            .map(|(&(from, to), name)| Entry {
                name: name.to_string(),
                dtype: Dtype::U8,
                shape: vec![to - from],
                file: 0,
                offset: from,
                bytes: to - from,
                recipe: None,
            })
            .collect();
        let mut oddities = Oddities::of("m");
        check(&entries, 10, 30, 1, &Place::file("m"), &mut oddities).map_err(|e| e.to_string())?;
        Ok(oddities.into_list().iter().map(ToString::to_string).collect())
    }

    #[track_caller]
    fn tells(ranges: &[(u64, u64)], want: &[&str]) {
        assert_eq!(lay(ranges).unwrap(), want);
    }

    #[track_caller]
    fn fails(ranges: &[(u64, u64)], want: &str) {
        assert_eq!(lay(ranges).unwrap_err(), want);
    }

    #[test]
    fn tensors_that_fill_the_file_are_nothing_to_tell() {
        tells(&[(10, 20), (20, 20), (20, 30), (30, 30)], &[]);
    }

    #[test]
    fn bytes_in_no_tensor_are_told() {
        tells(
            &[(12, 20), (21, 28)],
            &[
                "m: tensor `a`: 2 bytes from byte 10 on, before this tensor, in no tensor",
                "m: tensor `b`: 1 byte from byte 20 on, before this tensor, in no tensor",
                "m: 2 bytes from byte 28 on, after the last tensor, in no tensor",
            ],
        );
        tells(&[], &["m: 20 bytes from byte 10 on, after the last tensor, in no tensor"]);
    }

    #[test]
    fn padding_up_to_a_small_alignment_is_nothing_to_tell() {
        assert_eq!(untold(33, 64, 32), None);
        assert_eq!(untold(33, 65, 32), Some(32));
        assert_eq!(untold(33, 40, 32), None);
        assert_eq!(untold(64, 65, 32), Some(1));
        assert_eq!(untold(33, 1 << 20, 1 << 20), Some((1 << 20) - 33));
    }

    #[test]
    fn tensors_that_share_bytes_are_refused() {
        fails(
            &[(10, 20), (19, 30)],
            "m, tensor `b`, at byte 19: the bytes from 19 to 20 also belong to tensor `a`",
        );
        fails(
            &[(10, 20), (10, 20), (20, 30)],
            "m, tensor `b`, at byte 10: the bytes from 10 to 20 also belong to tensor `a`",
        );
        fails(
            &[(10, 30), (12, 14), (16, 18)],
            "m, tensor `b`, at byte 12: the bytes from 12 to 14 also belong to tensor `a`",
        );
    }

    #[test]
    fn a_tensor_without_bytes_shares_none() {
        tells(&[(10, 30), (12, 12)], &[]);
    }

    #[test]
    fn the_tensor_that_ends_last_tells_what_is_missing() {
        fails(
            &[(10, 31), (31, 40)],
            "m, tensor `b`, at byte 31: the tensor ends at byte 40 and the file at 30: 10 bytes are missing",
        );
        fails(
            &[(10, 31)],
            "m, tensor `a`, at byte 10: the tensor ends at byte 31 and the file at 30: 1 byte is missing",
        );
    }
}
