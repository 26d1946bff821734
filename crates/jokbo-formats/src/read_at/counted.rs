//! How much of a file was read: its pages are ticked off as they are asked for.

use std::io;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::limits::{COUNTED_PAGE, COUNTED_PAGES_LIMIT};
use crate::{Fault, ReadAt, Remote};

/// Passes reads on and ticks off the pages they touch.
///
/// A page counts once however often it is read, so the count depends on what was asked for and
/// neither on threads nor on order, and never exceeds the file. Memory: one bit for each page, of
/// which there are at most [`COUNTED_PAGES_LIMIT`]; a longer file has longer pages.
#[derive(Debug)]
pub(crate) struct Counted {
    inner: Arc<dyn ReadAt>,
    page: u64,
    ticked: Vec<AtomicU64>,
}

impl Counted {
    /// Nothing read yet of `inner`.
    pub(crate) fn new(inner: Arc<dyn ReadAt>) -> Self {
        let len = inner.len();
        let least = COUNTED_PAGE.max(inner.page());
        let page = len.div_ceil(COUNTED_PAGES_LIMIT).max(least).next_multiple_of(least);
        let words = len.div_ceil(page).div_ceil(64);
        let ticked = (0..words).map(|_| AtomicU64::new(0)).collect();
        Self { inner, page, ticked }
    }

    /// Ticks the pages off that hold `bytes` bytes from `offset` on.
    fn tick(&self, offset: u64, bytes: usize) {
        let Some(last) = (bytes as u64).checked_sub(1) else { return };
        let (first, last) = (offset / self.page, offset.saturating_add(last) / self.page);
        for word in first / 64..=last / 64 {
            let low = first.max(word * 64) - word * 64;
            let high = last.min(word * 64 + 63) - word * 64;
            let mask = (u64::MAX >> (63 - high)) & (u64::MAX << low);
            let ticked = usize::try_from(word).ok().and_then(|word| self.ticked.get(word));
            if let Some(ticked) = ticked {
                ticked.fetch_or(mask, Ordering::Relaxed);
            }
        }
    }
}

impl ReadAt for Counted {
    fn len(&self) -> u64 {
        self.inner.len()
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        self.inner.read_exact_at(buffer, offset)?;
        self.tick(offset, buffer.len());
        Ok(())
    }

    fn will_read(&self, ranges: &[Range<u64>]) -> io::Result<()> {
        self.inner.will_read(ranges)
    }

    fn remote(&self) -> Option<&Remote> {
        self.inner.remote()
    }

    fn bytes_fetched(&self) -> u64 {
        self.inner.bytes_fetched()
    }

    fn fault(&self) -> Option<Fault> {
        self.inner.fault()
    }

    fn page(&self) -> u64 {
        self.page
    }

    fn bytes_read(&self) -> Option<u64> {
        let ticked = |word: &AtomicU64| u64::from(word.load(Ordering::Relaxed).count_ones());
        let pages: u64 = self.ticked.iter().map(ticked).sum();
        // The last page may be shorter than the others.
        let short = (self.page - self.len() % self.page) % self.page;
        let last = self.len().div_ceil(self.page).wrapping_sub(1);
        let word = usize::try_from(last / 64).ok().and_then(|word| self.ticked.get(word));
        let has_last =
            word.is_some_and(|word| word.load(Ordering::Relaxed) >> (last % 64) & 1 == 1);
        Some(pages * self.page - if has_last { short } else { 0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Memory;

    #[track_caller]
    fn counts(len: usize, reads: &[(u64, usize)], want: u64) {
        let counted = Counted::new(Arc::new(Memory(vec![0; len])));
        for &(offset, bytes) in reads {
            counted.read_exact_at(&mut vec![0; bytes], offset).unwrap();
        }
        assert_eq!(counted.bytes_read(), Some(want));
    }

    #[test]
    fn a_page_counts_once_however_often_it_is_read() {
        counts(10_000, &[], 0);
        counts(10_000, &[(0, 1), (4095, 1), (100, 200)], 4096);
        counts(10_000, &[(4095, 2)], 8192);
        counts(10_000, &[(0, 0), (10_000, 0)], 0);
    }

    #[test]
    fn no_more_is_counted_than_there_is() {
        counts(10_000, &[(9_999, 1)], 10_000 - 8192);
        counts(10_000, &[(0, 10_000), (0, 10_000)], 10_000);
        counts(0, &[(0, 0)], 0);
        counts(1 << 20, &[(0, 1 << 20)], 1 << 20);
        counts((1 << 20) + 1, &[(4096, (1 << 20) - 4095)], (1 << 20) - 4095);
        let page = Counted::new(Arc::new(Memory(vec![0; 10_000]))).page();
        counts(10_000, &[(page, 4096)], page);
    }

    #[test]
    fn a_read_that_failed_is_not_counted() {
        let counted = Counted::new(Arc::new(Memory(vec![0; 10])));
        assert!(counted.read_exact_at(&mut [0; 4], 8).is_err());
        assert_eq!(counted.bytes_read(), Some(0));
    }

    #[test]
    fn a_file_of_any_length_is_counted_in_little_memory() {
        #[derive(Debug)]
        struct Endless;
        impl ReadAt for Endless {
            fn len(&self) -> u64 {
                u64::MAX / 2
            }
            fn read_exact_at(&self, _: &mut [u8], _: u64) -> io::Result<()> {
                Ok(())
            }
        }
        let counted = Counted::new(Arc::new(Endless));
        assert!(counted.ticked.len() as u64 <= COUNTED_PAGES_LIMIT / 64);
        counted.read_exact_at(&mut [0; 2], u64::MAX / 2 - 2).unwrap();
        assert!(counted.bytes_read().is_some_and(|bytes| 2 <= bytes));
    }
}
