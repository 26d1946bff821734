//! `Content-Range: bytes 0-99/1234` (RFC 9110, 14.4).

use crate::network::client::Answer;

/// Which bytes an answer holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ContentRange {
    pub(super) first: u64,
    /// The last byte itself, not the one behind it.
    pub(super) last: u64,
    /// Length of the file, where it is given.
    pub(super) total: Option<u64>,
}

impl ContentRange {
    /// That of `answer`, when it has a lawful one.
    pub(super) fn of(answer: &Answer<'_>) -> Option<Self> {
        Self::read(answer.header("content-range")?)
    }

    fn read(text: &str) -> Option<Self> {
        let text = text.trim().strip_prefix("bytes")?.trim_start();
        let (range, total) = text.split_once('/')?;
        let (first, last) = range.split_once('-')?;
        let number = |text: &str| {
            let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            digits.then(|| text.parse::<u64>().ok()).flatten()
        };
        let (first, last) = (number(first)?, number(last)?);
        let total = if total == "*" { None } else { Some(number(total)?) };
        let lawful = first <= last && total.is_none_or(|total| last < total);
        lawful.then_some(Self { first, last, total })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_read_and_an_unlawful_one_is_none() {
        let read = |text: &str| ContentRange::read(text).map(|r| (r.first, r.last, r.total));
        assert_eq!(read("bytes 0-99/1234"), Some((0, 99, Some(1234))));
        assert_eq!(read(" bytes 5-5/*"), Some((5, 5, None)));
        for bad in [
            "",
            "bytes",
            "bytes */1234",
            "bytes 9-5/10",
            "bytes 0-10/10",
            "bytes 0-/10",
            "bytes +0-1/10",
            "bytes 0-99999999999999999999/*",
            "items 0-1/2",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
