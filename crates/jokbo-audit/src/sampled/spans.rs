//! Sets of bytes of one checkpoint's files.

use std::collections::BTreeMap;
use std::ops::Range;

use jokbo_formats::SourceFile;

/// Gaps up to this long are read over: a second request costs more than these bytes.
const GAP: u64 = 8192;

/// Bytes by the number of their file, as ranges that rise and do not touch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Spans(BTreeMap<usize, Vec<Range<u64>>>);

impl Spans {
    /// `ranges` of `files`, each a file's number and a range inside it, in whole pages of their
    /// file and with small gaps filled: what is fetched when these bytes are wanted.
    pub(crate) fn of(
        files: &[SourceFile],
        ranges: impl IntoIterator<Item = (usize, Range<u64>)>,
    ) -> Self {
        let mut by_file: BTreeMap<usize, Vec<Range<u64>>> = BTreeMap::new();
        for (file, range) in ranges {
            let page = files[file].reader.page().max(1);
            let end = range.end.div_ceil(page).saturating_mul(page).min(files[file].bytes);
            let start = range.start / page * page;
            if start < end {
                by_file.entry(file).or_default().push(start..end);
            }
        }
        by_file.values_mut().for_each(|ranges| *ranges = joined(std::mem::take(ranges), GAP));
        Self(by_file)
    }

    /// Both sets together.
    #[must_use]
    pub(crate) fn and(mut self, other: &Self) -> Self {
        for (file, ranges) in &other.0 {
            let mine = self.0.entry(*file).or_default();
            mine.extend(ranges.iter().cloned());
            *mine = joined(std::mem::take(mine), 0);
        }
        self
    }

    /// The bytes that are not in `other`.
    #[must_use]
    pub(crate) fn without(&self, other: &Self) -> Self {
        let mut left = BTreeMap::new();
        for (file, ranges) in &self.0 {
            let taken = other.in_file(*file);
            let rest: Vec<Range<u64>> = ranges.iter().flat_map(|r| cut(r, taken)).collect();
            if !rest.is_empty() {
                left.insert(*file, rest);
            }
        }
        Self(left)
    }

    /// How many bytes there are.
    pub(crate) fn bytes(&self) -> u64 {
        self.0.values().flatten().map(|range| range.end - range.start).sum()
    }

    /// The ranges of one file.
    pub(crate) fn in_file(&self, file: usize) -> &[Range<u64>] {
        self.0.get(&file).map_or(&[], Vec::as_slice)
    }

    /// Every range with the number of its file, cut into pieces of at most `most` bytes.
    pub(crate) fn pieces(&self, most: u64) -> Vec<(usize, Range<u64>)> {
        let cut = |(file, range): (usize, &Range<u64>)| {
            let (start, end) = (range.start, range.end);
            (0..(end - start).div_ceil(most)).map(move |k| {
                let from = start + k * most;
                (file, from..end.min(from + most))
            })
        };
        let ranges = self.0.iter().flat_map(|(file, ranges)| ranges.iter().map(|r| (*file, r)));
        ranges.flat_map(cut).collect()
    }
}

/// Ranges in rising order, those at most `gap` apart as one.
fn joined(mut ranges: Vec<Range<u64>>, gap: u64) -> Vec<Range<u64>> {
    ranges.sort_unstable_by_key(|range| (range.start, range.end));
    let mut out: Vec<Range<u64>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match out.last_mut() {
            Some(last) if range.start <= last.end.saturating_add(gap) => {
                last.end = last.end.max(range.end);
            }
            _ => out.push(range),
        }
    }
    out
}

/// What `taken`, in rising order, leaves of `range`.
fn cut(range: &Range<u64>, taken: &[Range<u64>]) -> Vec<Range<u64>> {
    let mut left = Vec::new();
    let mut from = range.start;
    let first = taken.partition_point(|t| t.end <= range.start);
    for t in taken[first..].iter().take_while(|t| t.start < range.end) {
        if from < t.start {
            left.push(from..t.start);
        }
        from = from.max(t.end);
    }
    if from < range.end {
        left.push(from..range.end);
    }
    left
}

#[cfg(test)]
mod tests {
    use super::*;
    use jokbo_formats::{ByteOrder, Memory};
    use std::sync::Arc;

    fn files() -> Vec<SourceFile> {
        vec![SourceFile {
            path: "m".into(),
            bytes: 100_000,
            order: ByteOrder::Little,
            derived: false,
            reader: Arc::new(Memory(vec![0; 100_000])),
        }]
    }

    fn spans(ranges: &[Range<u64>]) -> Spans {
        Spans::of(&files(), ranges.iter().cloned().map(|range| (0, range)))
    }

    #[test]
    fn near_ranges_become_one_and_far_ones_stay_apart() {
        let both = spans(&[50_000..50_010, 0..10, 5..20, 20..30, 8_222..8_300]);
        assert_eq!(both.pieces(1 << 20), [(0, 0..8_300), (0, 50_000..50_010)]);
        assert_eq!(both.bytes(), 8_310);
        assert_eq!(spans(&[9..9, 20..20]).bytes(), 0);
    }

    #[test]
    fn taking_away_and_putting_back_gives_the_whole() {
        let all = spans(&[0..40_000, 60_000..100_000]);
        let some = spans(&[10..20, 39_000..61_000, 99_999..100_000]);
        let rest = all.without(&some);
        let want = [0..10, 20..39_000, 61_000..99_999].map(|range| (0, range));
        assert_eq!(rest.pieces(1 << 20), want);
        assert_eq!(rest.clone().and(&some).and(&all).bytes(), 100_000);
        assert_eq!(all.without(&all), Spans::default());
        assert_eq!(Spans::default().without(&all).bytes(), 0);
    }

    #[test]
    fn pieces_tile_their_range() {
        assert_eq!(spans(&[0..15, 15..25]).pieces(10), [(0, 0..10), (0, 10..20), (0, 20..25)]);
    }
}
