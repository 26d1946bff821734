//! What a file is by its first bytes, whatever it is called.

use crate::ctranslate2::begins as begins_ctranslate2;
use crate::error::{ErrorKind, Place};
use crate::gguf::MAGIC as MAGIC_GGUF;
use crate::limits::{HEADER_LIMIT, SNIFF_LIMIT};
use crate::numpy::MAGIC as MAGIC_NUMPY;
use crate::pytorch::begins as begins_pytorch;
use crate::{Error, Format, ReadAt};

/// The first bytes of formats that are not read, and what they are called. Source: each format's
/// own specification.
const MAGIC: &[(&[u8], &str)] = &[
    (b"ggjt", "a GGML file"),
    (b"lmgg", "a GGML file"),
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file, as Keras writes"),
    (b"\x1f\x8b\x08", "a gzip archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
];

/// The first record of a zip archive.
const ZIP: &[u8] = b"PK\x03\x04";

const POINTER: &[u8] = b"version https://git-lfs.github.com/spec/";

/// The format of a file by its first bytes. Refuses one that is empty, or that is recognised as
/// something that is not read.
///
/// A file may be none of these and pass as safetensors; the header's reader then says what is
/// wrong with it.
pub(super) fn check(reader: &dyn ReadAt, path: &str) -> Result<Format, Error> {
    let place = Place::file(path);
    if reader.is_empty() {
        return Err(place.error(ErrorKind::Empty));
    }
    let mut held = [0; SNIFF_LIMIT];
    let length = usize::try_from(reader.len()).unwrap_or(usize::MAX).min(held.len());
    let (head, _) = held.split_at_mut(length);
    if let Err(error) = reader.read_exact_at(head, 0) {
        return Err(place.error(ErrorKind::Unreadable(error)));
    }
    if head.starts_with(MAGIC_GGUF) {
        return Ok(Format::Gguf);
    }
    if !can_be_safetensors(head)
        && let Some(format) = by_magic(head)
    {
        return Ok(format);
    }
    recognise(head).map_or(Ok(Format::Safetensors), |kind| Err(place.error(kind)))
}

/// A format that is read, by the bytes that all its files begin with.
fn by_magic(head: &[u8]) -> Option<Format> {
    if head.starts_with(MAGIC_NUMPY) {
        return Some(Format::Npy);
    }
    if head.starts_with(ZIP) {
        // PyTorch and NumPy write the same archives, and differ in what they put there.
        let length = head.get(26..).and_then(<[u8]>::first_chunk);
        let length = length.map_or(0, |length| usize::from(u16::from_le_bytes(*length)));
        let name = head.get(30..30 + length).unwrap_or_default();
        return Some(if name.ends_with(b".npy") { Format::Npz } else { Format::PyTorch });
    }
    match *head {
        // Field 1, the version of the format, then a field of a model: the name or version of a
        // program, a graph, sets of operators, or a property.
        [0x08, 1..=20, 0x12 | 0x1a | 0x22 | 0x32 | 0x3a | 0x42 | 0x72, ..] => Some(Format::Onnx),
        _ if begins_ctranslate2(head) => Some(Format::CTranslate2),
        _ => begins_pytorch(head).then_some(Format::PyTorch),
    }
}

fn recognise(head: &[u8]) -> Option<ErrorKind> {
    // A header's length may well begin with another format's first byte, so a file that can be
    // safetensors is taken for one before anything else is looked for.
    if can_be_safetensors(head) {
        return None;
    }
    if head.starts_with(POINTER) {
        return Some(ErrorKind::LfsPointer { bytes: size_in_pointer(head) });
    }
    match MAGIC.iter().find(|(magic, _)| head.starts_with(magic)) {
        Some((_, format)) => Some(ErrorKind::Foreign { format }),
        None => by_form(head),
    }
}

/// Whether the length is possible and the byte after it can begin a JSON object.
fn can_be_safetensors(head: &[u8]) -> bool {
    head.split_first_chunk::<8>().is_some_and(|(length, rest)| {
        u64::from_le_bytes(*length) <= HEADER_LIMIT
            && rest.first().is_some_and(|byte| b"{ \t\r\n".contains(byte))
    })
}

/// Formats without a magic number, by how they always begin.
fn by_form(head: &[u8]) -> Option<ErrorKind> {
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let named =
        |tag: &[u8]| text.get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag));
    if named(b"<!doctype") || named(b"<html") || named(b"<?xml") {
        return Some(ErrorKind::NotWeights { what: "a web page" });
    }
    match *head {
        [0x80, 2..=5, b'}' | b']' | b'c' | b'(' | b'\x8a' | 0x95, ..] => {
            Some(ErrorKind::Foreign { format: "a Python pickle that PyTorch did not write" })
        }
        _ if text.starts_with(b"{") => Some(ErrorKind::NotWeights { what: "JSON text" }),
        _ => begins_with_text(head),
    }
}

/// Eight letters are a number far above the limit, so text is never the length of a header.
fn begins_with_text(head: &[u8]) -> Option<ErrorKind> {
    let letters = head.get(..8)?;
    let text = str::from_utf8(letters).ok()?;
    let shows = letters.iter().all(|byte| (b' '..=b'~').contains(byte) || b"\t\r\n".contains(byte));
    shows.then(|| ErrorKind::BeginsWithText { text: text.to_owned() })
}

/// The size that a pointer states for the file it stands for.
fn size_in_pointer(head: &[u8]) -> Option<u64> {
    let text = str::from_utf8(head).ok()?;
    text.lines().find_map(|line| line.strip_prefix("size "))?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn is(head: &[u8], want: Option<&str>) {
        let found = recognise(head).map(|kind| kind.to_string());
        let want = want.map(|format| format!("the file is {format}"));
        assert_eq!(found, want);
    }

    #[test]
    fn formats_are_known_by_their_bytes() {
        let not_read = |format: &str| format!("{format}, a format this version does not read");
        for (magic, format) in MAGIC {
            is(&[magic, &[0; 20][..]].concat(), Some(&not_read(format)));
        }
        is(b"<!DOCTYPE html><html>", Some("a web page, not the weights"));
        is(b"\xef\xbb\xbf \n<HTML lang=en>", Some("a web page, not the weights"));
        let pickle = not_read("a Python pickle that PyTorch did not write");
        is(b"\x80\x02}q\0(X\x06\0\0\0weight", Some(&pickle));
        is(b"\x80\x04\x95\x10\0\0\0\0\0\0\0", Some(&pickle));
        is(b"{\"weight_map\": {}}", Some("JSON text, not the weights"));
    }

    #[test]
    fn a_pointer_says_what_it_stands_for() {
        let head =
            b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 4976698672\n";
        is(head, Some("a Git LFS pointer to 4976698672 bytes, not the weights"));
        let head = b"version https://git-lfs.github.com/spec/v1\nsize -1\n";
        is(head, Some("a Git LFS pointer to a file of unstated size, not the weights"));
    }

    #[test]
    fn text_is_quoted() {
        let kind = recognise(b"this is no model").map(|kind| kind.to_string());
        let want = "the file begins with the text `this is `, not with the length of a header";
        assert_eq!(kind.as_deref(), Some(want));
    }

    #[test]
    fn a_header_length_is_not_taken_for_another_format() {
        // 60 is `<`, 640 begins like a pickle, and the third begins like an ONNX model.
        is(b"\x3c\0\0\0\0\0\0\0{\"a\":", None);
        is(b"\x80\x02\0\0\0\0\0\0{\"a\":", None);
        is(b"\x08\x08\x12\0\0\0\0\0{\"a\":", None);
    }

    #[test]
    fn what_is_not_recognised_is_left_to_the_header() {
        for head in [&b"\0"[..], b"\xff\xff\xff\xff\xff\xff\xff\xff{}", b"\0\0\0\0\0\0\0\0\0\0"] {
            is(head, None);
        }
    }
}
