//! Values that are typed, read strictly.

use std::ffi::OsString;

use clap::builder::{OsStringValueParser, TypedValueParser};

use super::ComponentRef;

/// More threads than this only cost time.
const MAX_THREADS: u64 = 1024;

/// A path or an address; of a path, no more is asked than that there is one.
pub(super) fn not_empty() -> impl TypedValueParser<Value = OsString> {
    OsStringValueParser::new().try_map(|typed| match typed.is_empty() {
        true => Err("a path or an address is not empty"),
        false => Ok(typed),
    })
}

/// `NAME=REF`: the name ends at the first `=`.
pub(super) fn component_ref() -> impl TypedValueParser<Value = ComponentRef> {
    OsStringValueParser::new().try_map(|typed| {
        let bytes = typed.as_encoded_bytes();
        let at = bytes.iter().position(|byte| *byte == b'=');
        let parts = at.and_then(|at| {
            let component = std::str::from_utf8(&bytes[..at]).ok()?;
            let reference = typed.to_str().map(|text| OsString::from(&text[at + 1..]))?;
            Some(ComponentRef { component: component.to_owned(), reference })
        });
        parts
            .filter(|parts| !parts.component.is_empty() && !parts.reference.is_empty())
            .ok_or("a component, an equals sign and a reference: vision-encoder=REF")
    })
}

pub(super) fn level(text: &str) -> Result<f64, String> {
    let level: f64 = text.parse().map_err(|_| format!("{text} is not a number"))?;
    if 0.0 < level && level < 1.0 {
        Ok(level)
    } else {
        Err(format!("a level lies between 0 and 1, not at {text}"))
    }
}

pub(super) fn threads(text: &str) -> Result<usize, String> {
    match text.parse::<u64>() {
        Ok(n) if n <= MAX_THREADS => usize::try_from(n).map_err(|error| error.to_string()),
        Ok(_) => Err(format!("more than {MAX_THREADS} threads")),
        Err(_) => Err(format!("{text} is not a whole number")),
    }
}

/// A number of bytes: `123`, `10MB`, `1.5 GiB`. Units of ten are powers of 1000, those with an `i`
/// of 1024.
pub(super) fn size(text: &str) -> Result<u64, String> {
    const UNITS: [(&str, u64); 9] = [
        ("", 1),
        ("B", 1),
        ("kB", 1_000),
        ("MB", 1_000_000),
        ("GB", 1_000_000_000),
        ("TB", 1_000_000_000_000),
        ("KiB", 1 << 10),
        ("MiB", 1 << 20),
        ("GiB", 1 << 30),
    ];
    let wrong = || format!("{text} is no size; 500kB, 10MB and 1GiB are");
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let is_unit = |(name, _): &&(&str, u64)| name.eq_ignore_ascii_case(unit.trim());
    let (_, unit) = UNITS.iter().find(is_unit).ok_or_else(wrong)?;
    let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
    if part.is_empty() || 9 < part.len() {
        return Err(wrong());
    }
    let [whole, part_of_it] =
        [whole, part].map(|digits| digits.parse::<u64>().map_err(|_| wrong()));
    let scale = 10u64.pow(u32::try_from(part.len()).map_err(|error| error.to_string())?);
    let bytes = whole?
        .checked_mul(*unit)
        .and_then(|bytes| bytes.checked_add(unit.checked_mul(part_of_it.ok()?)? / scale));
    bytes.ok_or_else(|| format!("{text} is more bytes than can be counted"))
}

pub(super) fn share(text: &str) -> Result<f64, String> {
    let share: f64 = text.parse().map_err(|_| format!("{text} is not a number"))?;
    if (0.0..=1.0).contains(&share) {
        Ok(share)
    } else {
        Err(format!("a share lies in [0, 1], not at {text}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_and_shares_outside_their_range_are_refused() {
        assert!(level("0").is_err() && level("1").is_err() && level("x").is_err());
        assert!(level("NaN").is_err() && share("NaN").is_err() && share("1.1").is_err());
        assert!(threads("1025").is_err() && threads("-1").is_err() && threads("1024").is_ok());
        assert_eq!((level("1e-6"), share("0.5")), (Ok(1e-6), Ok(0.5)));
    }

    #[test]
    fn sizes_read_as_they_are_written() {
        let read = [("0", 0), ("123", 123), ("10MB", 10_000_000), ("1.5 GiB", 3 << 29)];
        for (text, bytes) in read.into_iter().chain([("2kb", 2000), ("0.5KiB", 512), ("7 B", 7)]) {
            assert_eq!(size(text), Ok(bytes), "{text}");
        }
        for text in ["", "MB", "-1", "1e6", "1..2MB", "1.", ".5MB", "3 parsecs", "99999999999TB"] {
            assert!(size(text).is_err(), "{text}");
        }
    }
}
