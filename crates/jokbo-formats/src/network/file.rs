//! A file that is elsewhere, read as if it were here: blocks from the cache, the rest by ranges.

mod runs;

use std::collections::BTreeSet;
use std::fmt;
use std::io;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, OnceLock, PoisonError};

use super::Fault;
use super::cache::{BLOCK, Cache, Store};
use crate::limits::{REMOTE_LIMIT, REQUESTS_AT_ONCE};
use crate::{ReadAt, Remote};
use runs::{AHEAD_UP_TO, runs};

/// Most blocks that one thread claims at once: 32 MiB, which it holds in memory.
const CLAIM: usize = 2048;

/// Where ranges of one file's bytes come from.
pub(crate) trait Ranges: Send + Sync + fmt::Debug {
    /// Fills `buffer` with the bytes from `offset` on, or fails: never fewer, never others.
    fn fetch(&self, offset: u64, buffer: &mut [u8]) -> Result<(), Fault>;
}

/// A file that is elsewhere.
#[derive(Debug)]
pub(crate) struct RemoteFile {
    ranges: Box<dyn Ranges>,
    len: u64,
    remote: Remote,
    store: Store,
    flying: Mutex<Flying>,
    landed: Condvar,
    fetched: AtomicU64,
    fault: OnceLock<Fault>,
}

/// What is being fetched right now.
#[derive(Debug, Default)]
struct Flying {
    blocks: BTreeSet<u64>,
    /// The block behind the last one that was fetched, for reading ahead.
    next: u64,
    /// How many blocks were read ahead the last time.
    ahead: u64,
}

impl RemoteFile {
    /// A file of `len` bytes, of which `ranges` gives any. `identity` tells this state of it from
    /// any other.
    pub(crate) fn new(
        ranges: Box<dyn Ranges>,
        len: u64,
        remote: Remote,
        identity: Option<&str>,
        cache: &Cache,
    ) -> io::Result<Self> {
        if REMOTE_LIMIT < len {
            return Err(io::Error::other(format!("is given as {len} bytes, above the limit")));
        }
        let identity = identity.map(|identity| format!("{identity}\n{len}"));
        let store = cache.store(identity.as_deref(), len);
        let (flying, landed, fetched, fault) = Default::default();
        Ok(Self { ranges, len, remote, store, flying, landed, fetched, fault })
    }

    /// Keeps the first bytes, which came before the file was known.
    #[cfg(feature = "http")]
    pub(crate) fn keep_first(&self, bytes: &[u8]) {
        if bytes.len() as u64 == BLOCK.min(self.len) && !bytes.is_empty() {
            self.store.put(0, bytes);
            self.fetched.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        }
    }

    /// Blocks of `wanted` that nobody is fetching, now claimed for this thread; those that others
    /// are fetching are waited for when there is nothing else to do. `None`: look again.
    fn claim(&self, wanted: &BTreeSet<u64>, ahead: bool) -> Option<BTreeSet<u64>> {
        let mut flying = self.flying.lock().unwrap_or_else(PoisonError::into_inner);
        let mut mine: BTreeSet<u64> = wanted
            .iter()
            .copied()
            .filter(|block| !flying.blocks.contains(block) && !self.store.holds(*block))
            .take(CLAIM)
            .collect();
        if mine.is_empty() {
            if wanted.iter().any(|block| flying.blocks.contains(block)) {
                drop(self.landed.wait(flying).unwrap_or_else(PoisonError::into_inner));
            }
            return None;
        }
        let (first, last) = (mine.first().copied()?, mine.last().copied()?);
        if ahead && first == flying.next && 0 < first {
            flying.ahead = (flying.ahead * 2).clamp(1, AHEAD_UP_TO);
            let beyond = last + 1..=last.saturating_add(flying.ahead);
            let there = |block: &u64| block.saturating_mul(BLOCK) < self.len;
            let free = |block: &u64| !flying.blocks.contains(block) && !self.store.holds(*block);
            mine.extend(beyond.take_while(there).take_while(free));
        } else if ahead {
            flying.ahead = 0;
        }
        flying.next = mine.last().map_or(0, |last| last + 1);
        flying.blocks.extend(&mine);
        Some(mine)
    }

    /// Fetches `mine`, hands every block to `take`, and gives the claims back.
    fn fetch(&self, mine: &BTreeSet<u64>, take: &mut dyn FnMut(u64, &[u8])) -> io::Result<()> {
        let claims = Claims { file: self, blocks: mine };
        let runs = runs(mine, self.len);
        let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
        // Each worker takes the next run that is left, until one fails.
        let work = || {
            let mut done = Vec::new();
            while !failed.load(Ordering::Relaxed) {
                let Some(run) = runs.get(next.fetch_add(1, Ordering::Relaxed)) else { break };
                let result = self.fetch_run(run);
                failed.fetch_or(result.is_err(), Ordering::Relaxed);
                done.push((run.start, result));
            }
            done
        };
        let mut done = match runs.len().min(REQUESTS_AT_ONCE) {
            0 | 1 => work(),
            n => std::thread::scope(|scope| {
                let workers: Vec<_> = (0..n).map(|_| scope.spawn(work)).collect();
                let join = |worker: std::thread::ScopedJoinHandle<'_, _>| {
                    worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
                };
                workers.into_iter().flat_map(join).collect()
            }),
        };
        drop(claims);
        // Of several faults, the one at the first byte is told.
        done.sort_by_key(|(start, _)| *start);
        for (start, result) in done {
            let bytes = result.map_err(|fault| {
                // Of several threads that fail, the first to get here is as good as any.
                io::Error::other(self.fault.get_or_init(|| fault.clone()).clone())
            })?;
            let size = usize::try_from(BLOCK).unwrap_or(usize::MAX);
            (start / BLOCK..).zip(bytes.chunks(size)).for_each(|(block, piece)| take(block, piece));
        }
        Ok(())
    }

    /// Fetches the blocks of `run` and keeps them.
    fn fetch_run(&self, run: &Range<u64>) -> Result<Vec<u8>, Fault> {
        let mut bytes = vec![0; usize::try_from(run.end - run.start).unwrap_or(0)];
        self.ranges.fetch(run.start, &mut bytes)?;
        self.fetched.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        self.store.put(run.start / BLOCK, &bytes);
        Ok(bytes)
    }

    /// Brings all of `wanted` and hands each block to `take`, from the cache or from afar.
    fn bring(
        &self,
        mut wanted: BTreeSet<u64>,
        ahead: bool,
        mut take: impl FnMut(u64, &[u8]),
    ) -> io::Result<()> {
        loop {
            wanted.retain(|&block| match self.store.get(block) {
                Some(bytes) => {
                    take(block, &bytes);
                    false
                }
                None => true,
            });
            if wanted.is_empty() {
                return Ok(());
            }
            if let Some(mine) = self.claim(&wanted, ahead) {
                self.fetch(&mine, &mut |block, bytes| {
                    if wanted.remove(&block) {
                        take(block, bytes);
                    }
                })?;
            }
        }
    }

    fn check(&self, offset: u64, bytes: u64) -> io::Result<Range<u64>> {
        let end = offset.checked_add(bytes).filter(|end| *end <= self.len);
        end.map(|end| offset..end).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }
}

/// Claims of blocks, given back whatever happens, so that nobody waits for them in vain.
struct Claims<'a> {
    file: &'a RemoteFile,
    blocks: &'a BTreeSet<u64>,
}

impl Drop for Claims<'_> {
    fn drop(&mut self) {
        let mut flying = self.file.flying.lock().unwrap_or_else(PoisonError::into_inner);
        flying.blocks.retain(|block| !self.blocks.contains(block));
        self.file.landed.notify_all();
    }
}

/// The blocks that `range` touches.
fn blocks_of(range: &Range<u64>) -> Range<u64> {
    if range.is_empty() { 0..0 } else { range.start / BLOCK..range.end.div_ceil(BLOCK) }
}

impl ReadAt for RemoteFile {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let range = self.check(offset, buffer.len() as u64)?;
        let blocks = blocks_of(&range);
        // Many small reads in a row are a header; large ones know what they want.
        let ahead = blocks.end - blocks.start <= 2;
        self.bring(blocks.collect(), ahead, |block, bytes| {
            let start = block * BLOCK;
            let (from, to) = (start.max(range.start), (start + BLOCK).min(range.end));
            let within = |at: u64, of: u64| usize::try_from(at - of).unwrap_or(usize::MAX);
            let source = bytes.get(within(from, start)..within(to, start));
            let target = buffer.get_mut(within(from, range.start)..within(to, range.start));
            if let (Some(source), Some(target)) = (source, target) {
                target.copy_from_slice(source);
            }
        })
    }

    fn will_read(&self, ranges: &[Range<u64>]) -> io::Result<()> {
        let mut wanted = BTreeSet::new();
        for range in ranges {
            let range = self.check(range.start, range.end.saturating_sub(range.start))?;
            wanted.extend(blocks_of(&range).filter(|block| !self.store.holds(*block)));
        }
        self.bring(wanted, false, |_, _| ())
    }

    fn fault(&self) -> Option<Fault> {
        self.fault.get().cloned()
    }

    fn page(&self) -> u64 {
        BLOCK
    }

    fn remote(&self) -> Option<&Remote> {
        Some(&self.remote)
    }

    fn bytes_fetched(&self) -> u64 {
        self.fetched.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests;
