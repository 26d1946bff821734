//! Digests of a file and of one tensor's bytes, read in pieces.

use std::io;

use sha2::{Digest, Sha256};

use crate::limits::DIGEST_BUFFER;
use crate::{Checkpoint, Entry, ReadAt};

/// The SHA-256 of all bytes of `reader`, in lower-case hex: the digest that the Hub and Git LFS
/// list for a file.
///
/// Cost: one pass, and one buffer of at most 1 MiB.
pub fn sha256(reader: &dyn ReadAt) -> io::Result<String> {
    let mut running = Running::default();
    running.feed(reader, reader.len())?;
    Ok(running.end())
}

/// The SHA-256 of a file that is read stretch by stretch, from its first byte on.
#[derive(Debug, Clone, Default)]
pub struct Running {
    hasher: Sha256,
    bytes: u64,
}

impl Running {
    /// How many bytes it has seen.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Takes the next `bytes` bytes of `reader`. Fails, and reads nothing, when they end beyond its last.
    /// After a failure the digest is of no use.
    ///
    /// Cost: one buffer of at most 1 MiB.
    pub fn feed(&mut self, reader: &dyn ReadAt, bytes: u64) -> io::Result<()> {
        in_pieces(reader, self.bytes, bytes, |piece| self.hasher.update(piece))?;
        self.bytes += bytes;
        Ok(())
    }

    /// The digest of all that it has seen, in lower-case hex.
    pub fn end(self) -> String {
        hex(&self.hasher.finalize())
    }
}

/// The SHA-256 of `bytes`, in lower-case hex.
pub fn of_bytes(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The BLAKE3 of `bytes` bytes from `offset` on, in lower-case hex. Fails, and reads nothing,
/// when they end beyond the last byte of `reader`.
///
/// Cost: one pass, and one buffer of at most 1 MiB.
pub fn blake3(reader: &dyn ReadAt, offset: u64, bytes: u64) -> io::Result<String> {
    let mut hasher = blake3::Hasher::new();
    in_pieces(reader, offset, bytes, |piece| {
        hasher.update(piece);
    })?;
    Ok(hasher.finalize().to_hex().to_string())
}

/// The BLAKE3 of one tensor's bytes, in lower-case hex. The bytes of one that is made from several
/// stored tensors are theirs, one after the other, as [`Making::parts`](crate::Making::parts) lists
/// them.
///
/// Cost: one pass, and one buffer of at most 1 MiB.
pub fn tensor(checkpoint: &Checkpoint, entry: &Entry) -> io::Result<String> {
    let parts = entry.recipe.as_ref().map_or_else(|| vec![entry], |recipe| recipe.parts());
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        let reader = &*checkpoint.files[part.file].reader;
        in_pieces(reader, part.offset, part.bytes, |piece| {
            hasher.update(piece);
        })?;
    }
    Ok(hasher.finalize().to_hex().to_string())
}

fn in_pieces(
    reader: &dyn ReadAt,
    offset: u64,
    bytes: u64,
    mut take: impl FnMut(&[u8]),
) -> io::Result<()> {
    let end = offset
        .checked_add(bytes)
        .filter(|&end| end <= reader.len())
        .ok_or(io::ErrorKind::UnexpectedEof)?;
    let held = usize::try_from(bytes.min(DIGEST_BUFFER)).map_err(io::Error::other)?;
    let mut buffer = vec![0; held];
    let mut at = offset;
    while at < end {
        let left = usize::try_from(end - at).unwrap_or(usize::MAX).min(held);
        let (piece, _) = buffer.split_at_mut(left);
        reader.read_exact_at(piece, at)?;
        take(piece);
        at += left as u64;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Memory;

    fn bytes(n: usize) -> Vec<u8> {
        (0..n).map(|i| u8::try_from(i % 251).unwrap()).collect()
    }

    #[test]
    fn the_sha256_is_that_of_the_standard() {
        // FIPS 180-4, the example of one block.
        let want = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256(&Memory(b"abc".to_vec())).unwrap(), want);
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(sha256(&Memory(Vec::new())).unwrap(), empty);
    }

    #[test]
    fn pieces_give_the_digest_of_the_whole() {
        for n in [0, 1, 1 << 20, (1 << 20) + 1, (5 << 19) + 3] {
            let all = bytes(n);
            let file = Memory(all.clone());
            let whole: String = Sha256::digest(&all).iter().map(|b| format!("{b:02x}")).collect();
            assert_eq!(sha256(&file).unwrap(), whole, "{n} bytes");
            let mut running = Running::default();
            for stretch in [n as u64 / 3, 0, n as u64 - n as u64 / 3] {
                running.feed(&file, stretch).unwrap();
            }
            assert!(running.feed(&file, 1).is_err());
            assert_eq!((running.bytes(), running.end()), (n as u64, whole), "{n} bytes");
            let want = ::blake3::hash(&all).to_hex().to_string();
            assert_eq!(blake3(&file, 0, n as u64).unwrap(), want, "{n} bytes");
        }
    }

    #[test]
    fn a_part_is_digested_alone() {
        let file = Memory(bytes(100));
        let want = ::blake3::hash(&bytes(100)[10..30]).to_hex().to_string();
        assert_eq!(blake3(&file, 10, 20).unwrap(), want);
    }

    #[test]
    fn a_part_beyond_the_end_is_an_error_and_never_a_shorter_digest() {
        let file = Memory(bytes(100));
        for (offset, n) in [(90, 11), (101, 0), (u64::MAX, 1), (1, u64::MAX)] {
            let error = blake3(&file, offset, n).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof, "{offset} and {n}");
        }
    }
}
