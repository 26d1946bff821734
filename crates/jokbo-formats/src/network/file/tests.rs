//! A source of ranges that counts and fails on demand.

use super::*;
use std::sync::Arc;

/// What was asked of a source: offset and length of each request.
type Asked = Arc<Mutex<Vec<(u64, usize)>>>;

#[derive(Debug)]
struct Source {
    bytes: Vec<u8>,
    asked: Asked,
    fails_at: Option<u64>,
}

impl Ranges for Source {
    fn fetch(&self, offset: u64, buffer: &mut [u8]) -> Result<(), Fault> {
        self.asked.lock().unwrap().push((offset, buffer.len()));
        if self.fails_at.is_some_and(|at| (offset..offset + buffer.len() as u64).contains(&at)) {
            return Err(Fault::NoLength { host: "h".to_owned() });
        }
        let start = usize::try_from(offset).unwrap();
        buffer.copy_from_slice(&self.bytes[start..start + buffer.len()]);
        Ok(())
    }
}

fn bytes(len: usize) -> Vec<u8> {
    (0..len).map(byte).collect()
}

fn byte(at: usize) -> u8 {
    u8::try_from(at % 251).unwrap()
}

fn file(len: usize, fails_at: Option<u64>) -> (RemoteFile, Asked) {
    let asked = Asked::default();
    let source = Source { bytes: bytes(len), asked: Arc::clone(&asked), fails_at };
    let cache = Cache::new(None, 0);
    let remote = Remote::default();
    let file = RemoteFile::new(Box::new(source), len as u64, remote, None, &cache).unwrap();
    (file, asked)
}

#[track_caller]
fn reads(file: &RemoteFile, offset: u64, len: usize) {
    let mut got = vec![0; len];
    file.read_exact_at(&mut got, offset).unwrap();
    let start = usize::try_from(offset).unwrap();
    assert!((start..).zip(&got).all(|(at, got)| *got == byte(at)), "{len} bytes at {offset}");
}

#[test]
fn any_read_gives_the_bytes_of_the_file() {
    let len = 5 * (16 << 10) + 77;
    let (file, _) = file(len, None);
    for (offset, n) in
        [(0, 1), (1, 16 << 10), (16 << 10, 16 << 10), (40_000, 9), (0, len), (len as u64 - 1, 1)]
    {
        reads(&file, offset, n);
    }
    file.read_exact_at(&mut [], len as u64).unwrap();
    for (offset, n) in [(len as u64, 1), (len as u64 - 1, 2), (u64::MAX, 1)] {
        let error = file.read_exact_at(&mut vec![0; n], offset).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    }
}

#[test]
fn nothing_is_fetched_twice_and_nothing_that_was_not_asked_for() {
    let (file, asked) = file(100 * (16 << 10), None);
    reads(&file, 50 * BLOCK + 100, 10);
    reads(&file, 50 * BLOCK + 200, 10);
    reads(&file, 49 * BLOCK, 2 << 14);
    assert_eq!(*asked.lock().unwrap(), [(50 * BLOCK, 1 << 14), (49 * BLOCK, 1 << 14)]);
    assert_eq!(file.bytes_fetched(), 2 * BLOCK);
}

#[test]
fn small_reads_in_a_row_are_read_ahead_of() {
    let (file, asked) = file(400 * (16 << 10), None);
    for at in 0..(300 << 14) / 100 {
        reads(&file, at * 100, 100);
    }
    let requests = asked.lock().unwrap().len();
    assert!(requests < 20, "{requests} requests");
}

#[test]
fn what_will_be_read_comes_in_few_requests() {
    let (file, asked) = file(2000 * (16 << 10), None);
    let rows: Vec<Range<u64>> = (0..100).map(|k| k * 5000..k * 5000 + 400).collect();
    let one = |block: u64| block * BLOCK..block * BLOCK + 1;
    let all: Vec<Range<u64>> = rows.iter().cloned().chain(std::iter::once(one(1000))).collect();
    file.will_read(&all).unwrap();
    let mut before: Vec<_> = asked.lock().unwrap().clone();
    before.sort_unstable();
    assert_eq!(before, [(0, 31 << 14), (1000 * BLOCK, 1 << 14)]);
    rows.iter().for_each(|row| reads(&file, row.start, 400));
    assert_eq!(asked.lock().unwrap().len(), 2);
    assert!(file.will_read(std::slice::from_ref(&one(2000))).is_err());
}

#[test]
fn threads_that_want_the_same_bytes_share_one_request() {
    let (file, asked) = file(64 * (16 << 10), None);
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let file = &file;
            scope.spawn(move || (0..64).for_each(|k| reads(file, (k + thread) % 64 * BLOCK, 9)));
        }
    });
    let mut blocks: Vec<u64> = Vec::new();
    for &(offset, len) in asked.lock().unwrap().iter() {
        blocks.extend(offset / BLOCK..(offset + len as u64).div_ceil(BLOCK));
    }
    blocks.sort_unstable();
    assert_eq!(blocks, (0..64).collect::<Vec<u64>>());
}

#[test]
fn a_failure_is_told_to_all_and_keeps_nobody_waiting() {
    let (file, _) = file(8 * (16 << 10), Some(3 * BLOCK));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let error = file.read_exact_at(&mut vec![0; 4 << 14], 2 * BLOCK).unwrap_err();
                assert_eq!(error.to_string(), "h does not say how long the file is");
            });
        }
    });
    reads(&file, 6 * BLOCK, 100);
}

#[test]
fn a_length_that_no_file_has_is_refused() {
    let source = Source { bytes: Vec::new(), asked: Asked::default(), fails_at: None };
    let cache = Cache::new(None, 0);
    let file = RemoteFile::new(Box::new(source), u64::MAX, Remote::default(), None, &cache);
    assert!(file.is_err());
}
