//! Rows of one tensor in another order, read as if they were stored so.

use std::io;
use std::ops::Range;
use std::sync::Arc;

use crate::{Checkpoint, Fault, ReadAt, SourceFile};

/// Some rows of a stored tensor, in an order of their own. Nothing is copied ahead: rows that lie side
/// by side in both orders are read together.
#[derive(Debug)]
struct Gathered {
    inner: Arc<dyn ReadAt>,
    /// First byte of the first stored row.
    start: u64,
    /// Bytes of a row.
    each: u64,
    /// The stored row that each row is.
    rows: Arc<[u32]>,
}

impl Gathered {
    /// The stored place of `length` bytes from `offset` on, as far as they lie side by side there, and
    /// how many that are.
    fn run(&self, offset: u64, length: u64) -> io::Result<Range<u64>> {
        let (row, within) = (offset / self.each, offset % self.each);
        let first = self.stored(row).ok_or(io::ErrorKind::UnexpectedEof)?;
        let mut n = self.each - within;
        let mut next = 1;
        while n < length && self.stored(row + next) == Some(first + next) {
            n += self.each;
            next += 1;
        }
        let start = self.start + first * self.each + within;
        Ok(start..start + n.min(length))
    }

    fn stored(&self, row: u64) -> Option<u64> {
        self.rows.get(usize::try_from(row).ok()?).copied().map(u64::from)
    }
}

impl ReadAt for Gathered {
    fn len(&self) -> u64 {
        self.rows.len() as u64 * self.each
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let (mut rest, mut at) = (buffer, offset);
        while !rest.is_empty() {
            let run = self.run(at, rest.len() as u64)?;
            let n = usize::try_from(run.end - run.start).map_err(io::Error::other)?;
            let (now, later) = rest.split_at_mut(n);
            self.inner.read_exact_at(now, run.start)?;
            (rest, at) = (later, at + n as u64);
        }
        Ok(())
    }

    fn will_read(&self, ranges: &[Range<u64>]) -> io::Result<()> {
        let mut stored = Vec::new();
        for range in ranges {
            let mut at = range.start;
            while at < range.end {
                let run = self.run(at, range.end - at)?;
                at += run.end - run.start;
                stored.push(run);
            }
        }
        self.inner.will_read(&stored)
    }

    fn fault(&self) -> Option<Fault> {
        self.inner.fault()
    }
}

/// Why a tensor's rows cannot be read in another order, as the end of a sentence.
pub type NotGathered = &'static str;

impl Checkpoint {
    /// The same checkpoint, in which tensor number `entry` has only these of its stored rows, in this
    /// order; a row is what one index of the first axis holds. The other tensors, and their numbers,
    /// stay as they are.
    ///
    /// Time and memory `O(rows)`; nothing is read.
    pub fn with_rows(&self, entry: usize, rows: &Arc<[u32]>) -> Result<Self, NotGathered> {
        let (Some(found), mut changed) = (self.entries.get(entry), self.clone()) else {
            return Err("there is no such tensor");
        };
        if found.recipe.is_some() {
            return Err("its numbers are made of several stored tensors");
        }
        let stored = found.shape.first().copied().unwrap_or(0);
        let each = found.elements().checked_div(stored).and_then(|row| found.dtype.packed(row));
        let each = each.filter(|each| 0 < *each && each.checked_mul(stored) == Some(found.bytes));
        let each = each.ok_or("its rows are no whole bytes")?;
        if rows.is_empty() || rows.iter().any(|row| stored <= u64::from(*row)) {
            return Err("it has fewer rows than there are tokens");
        }
        let file = self.files.get(found.file).ok_or("there is no such file")?;
        let reader = Gathered {
            inner: Arc::clone(&file.reader),
            start: found.offset,
            each,
            rows: Arc::clone(rows),
        };
        let bytes = reader.len();
        changed.files.push(SourceFile {
            bytes,
            derived: true,
            reader: Arc::new(reader),
            ..file.clone()
        });
        let place = &mut changed.entries[entry];
        (place.file, place.offset, place.bytes) = (changed.files.len() - 1, 0, bytes);
        place.shape[0] = rows.len() as u64;
        Ok(changed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::from_memory;

    /// A file of one tensor `w` whose bytes are 0, 1, 2, … after three others.
    fn opened(dtype: &str, shape: &[u64], bytes: u8) -> Checkpoint {
        let end = 3 + u64::from(bytes);
        let header = format!(
            r#"{{"v":{{"dtype":"U8","shape":[3],"data_offsets":[0,3]}},"w":{{"dtype":"{dtype}","shape":{shape:?},"data_offsets":[3,{end}]}}}}"#
        );
        let mut file = (header.len() as u64).to_le_bytes().to_vec();
        file.extend(header.as_bytes());
        file.extend([9, 9, 9].into_iter().chain(0..bytes));
        from_memory("m", vec![("m.safetensors".to_owned(), file)], None).unwrap().0
    }

    #[test]
    fn rows_are_read_in_the_order_that_was_asked_for() {
        let stored = opened("I16", &[5, 2], 20);
        let rows: Arc<[u32]> = [3, 4, 0, 1, 1].into();
        let entry = stored.entries.iter().position(|e| e.name == "w").unwrap();
        let changed = stored.with_rows(entry, &rows).unwrap();
        let place = &changed.entries[entry];
        assert_eq!((place.shape.as_slice(), place.bytes), (&[5, 2][..], 20));
        assert_eq!(changed.bytes(), stored.bytes(), "a derived file is none of its own");
        let reader = &changed.files[place.file].reader;
        let want: Vec<u8> =
            [3u8, 4, 0, 1, 1].iter().flat_map(|r| (0..4).map(move |k| 4 * r + k)).collect();
        for from in 0..20 {
            for to in from..=20 {
                let mut got = vec![0; to - from];
                reader.read_exact_at(&mut got, from as u64).unwrap();
                assert_eq!(got, want[from..to], "{from} {to}");
            }
        }
        assert!(reader.read_exact_at(&mut [0; 2], 19).is_err());
        assert!(reader.will_read(&[0..20, 3..7]).is_ok());
        assert_eq!(changed.entries[1 - entry], stored.entries[1 - entry]);
    }

    #[test]
    fn what_has_no_such_rows_is_refused() {
        let stored = opened("I16", &[5, 2], 20);
        let entry = stored.entries.iter().position(|e| e.name == "w").unwrap();
        let fails = |rows: &[u32]| stored.with_rows(entry, &rows.into()).unwrap_err();
        assert_eq!(fails(&[0, 5]), "it has fewer rows than there are tokens");
        assert_eq!(fails(&[]), "it has fewer rows than there are tokens");
        let scalar = opened("I16", &[], 2);
        let entry = scalar.entries.iter().position(|e| e.name == "w").unwrap();
        let error = scalar.with_rows(entry, &[0].into()).unwrap_err();
        assert_eq!(error, "its rows are no whole bytes");
    }
}
