//! The one time that a report may hold: where a standard asks when a document was made.

use std::env;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context as _;

/// Seconds of a day; leap seconds are not counted.
const DAY: u64 = 86_400;

/// `SOURCE_DATE_EPOCH` where it is set (<https://reproducible-builds.org/specs/source-date-epoch/>),
/// so that the same input gives the same bytes; else now. As `2026-01-31T12:00:00Z`.
#[allow(
    clippy::disallowed_methods,
    reason = "SPDX asks when a document was made, and no other form holds it"
)]
pub(crate) fn made() -> anyhow::Result<String> {
    let seconds = match env::var("SOURCE_DATE_EPOCH") {
        Ok(text) => text
            .parse()
            .with_context(|| format!("SOURCE_DATE_EPOCH is no number of seconds: {text}"))?,
        Err(_) => {
            let now = SystemTime::now().duration_since(UNIX_EPOCH);
            now.context("the clock stands before 1970")?.as_secs()
        }
    };
    written(seconds).with_context(|| format!("{seconds} seconds are beyond the year 9999"))
}

/// These seconds since 1970 in UTC; `None` beyond the year 9999.
fn written(seconds: u64) -> Option<String> {
    let (mut days, rest) = (seconds / DAY, seconds % DAY);
    let is_leap = |year: u64| {
        year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
    };
    let mut year = 1970;
    loop {
        let of_year = if is_leap(year) { 366 } else { 365 };
        if days < of_year {
            break;
        }
        days -= of_year;
        year += 1;
        if 9999 < year {
            return None;
        }
    }
    let february = if is_leap(year) { 29 } else { 28 };
    let mut month = 1;
    for of_month in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if days < of_month {
            break;
        }
        days -= of_month;
        month += 1;
    }
    let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
    Some(format!("{year:04}-{month:02}-{:02}T{hour:02}:{minute:02}:{second:02}Z", days + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_written_as_the_calendar_has_them() {
        let is = |seconds, want: &str| assert_eq!(written(seconds).as_deref(), Some(want));
        is(0, "1970-01-01T00:00:00Z");
        is(951_782_400, "2000-02-29T00:00:00Z");
        is(1_795_953_599, "2026-11-29T11:59:59Z");
        is(253_402_300_799, "9999-12-31T23:59:59Z");
        assert_eq!(written(253_402_300_800), None);
        assert_eq!(written(u64::MAX), None);
    }
}
