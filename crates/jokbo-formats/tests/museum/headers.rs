//! Pieces that are wrong before any tensor: the length, the text, the JSON.

use super::piece::{Piece, claiming, entry, file, tensors};

pub(crate) fn pieces() -> Vec<Piece> {
    let good = entry("a", "U8", "[4]", "[0,4]");
    vec![
        Piece::refused(
            "empty.safetensors",
            "no bytes at all",
            vec![],
            "empty.safetensors: the file is empty",
        ),
        Piece::refused(
            "five-bytes.safetensors",
            "ends within the header's length",
            vec![1, 0, 0, 0, 0],
            "five-bytes.safetensors: the file ends after 5 bytes, within the 8 that give the header's length",
        ),
        Piece::refused(
            "length-2-to-the-60.safetensors",
            "claims a header of 2^60 bytes",
            claiming(1 << 60, b"{}"),
            "length-2-to-the-60.safetensors: the header is given as 1152921504606846976 bytes, and the limit is 100000000",
        ),
        Piece::refused(
            "length-all-ones.safetensors",
            "claims the longest header there is, so that adding 8 overflows",
            claiming(u64::MAX, b"{}"),
            "length-all-ones.safetensors: the header is given as 18446744073709551615 bytes, and the limit is 100000000",
        ),
        Piece::refused(
            "length-over-limit.safetensors",
            "claims one byte more than the limit",
            claiming(100_000_001, b"{}"),
            "length-over-limit.safetensors: the header is given as 100000001 bytes, and the limit is 100000000",
        ),
        Piece::refused(
            "length-at-limit.safetensors",
            "claims a header of 100 MB that is not there",
            claiming(100_000_000, b"{}"),
            "length-at-limit.safetensors: the header is given as 100000000 bytes, and only 2 follow",
        ),
        Piece::refused(
            "all-zeros.safetensors",
            "is a file that was reserved and never filled",
            vec![0; 64],
            "all-zeros.safetensors: the header is given as 0 bytes, and `{}` alone needs 2",
        ),
        Piece::refused(
            "header-cut-short.safetensors",
            "ends within the header",
            tensors(std::slice::from_ref(&good), 4)[..40].to_vec(),
            "header-cut-short.safetensors: the header is given as 53 bytes, and only 32 follow",
        ),
        Piece::refused(
            "not-utf8.safetensors",
            "has a byte in the header that is no text",
            claiming(10, b"{\"a\xff\":1}  "),
            "not-utf8.safetensors, at byte 11: the text is not UTF-8; cause: invalid utf-8 sequence of 1 bytes from index 3",
        ),
        Piece::refused(
            "not-json.safetensors",
            "has broken JSON",
            file("{\"a\":oops}", 0),
            "not-json.safetensors, tensor `a`, at byte 14: the text is not JSON: expected value",
        ),
        Piece::refused(
            "text-after-header.safetensors",
            "hides text after the JSON",
            file(&format!("{{{good}}} hidden"), 4),
            "text-after-header.safetensors, at byte 63: the text is not JSON: trailing characters",
        ),
        Piece::refused(
            "header-is-a-list.safetensors",
            "has JSON of another form",
            file("  [1,2,3]", 0),
            "header-is-a-list.safetensors, at byte 10: the JSON is not of the form it has here: invalid type: sequence, expected an object that lists tensors",
        ),
        Piece::told(
            "leading-spaces.safetensors",
            "begins the JSON after white space",
            file(&format!("  {{{good}}}"), 4),
            &["leading-spaces.safetensors: the header begins with white space"],
        ),
        Piece::refused(
            "tensor-is-deep.safetensors",
            "nests a list 200 deep in place of a tensor",
            file(&format!("{{\"a\":{}{}}}", "[".repeat(200), "]".repeat(200)), 0),
            "tensor-is-deep.safetensors, tensor `a`, at byte 13: the JSON is not of the form it has here: invalid type: sequence, expected an object with dtype, shape and data_offsets",
        ),
        Piece::told(
            "deep-unknown-key.safetensors",
            "nests a list 200 deep under a key that nobody reads",
            file(&good_with(&format!("\"x\":{}{}", "[".repeat(200), "]".repeat(200))), 4),
            &[
                "deep-unknown-key.safetensors: tensor `a`: keys without a meaning here: `x`",
                "deep-unknown-key.safetensors: the safetensors library would refuse this file: recursion limit exceeded",
            ],
        ),
        Piece::told(
            "many-unknown-keys.safetensors",
            "buries what matters under 60 keys without a meaning",
            file(
                &good_with(&(0..60).map(|i| format!("\"k{i}\":0")).collect::<Vec<_>>().join(",")),
                4,
            ),
            &[
                "many-unknown-keys.safetensors: tensor `a`: keys without a meaning here: `k0`, `k1`, `k10`, `k11`, `k12` and 55 more",
            ],
        ),
        Piece::told(
            "no-tensors.safetensors",
            "holds nothing",
            file("{}", 0),
            &["no-tensors.safetensors: the file holds no tensors"],
        ),
        Piece::told(
            "only-metadata.safetensors",
            "holds free text and bytes, and no tensor",
            file(r#"{"__metadata__":{"format":"pt"}}"#, 16),
            &[
                "only-metadata.safetensors: the file holds no tensors",
                "only-metadata.safetensors: 16 bytes from byte 40 on, after the last tensor, in no tensor",
                "only-metadata.safetensors: the safetensors library would refuse this file: incomplete metadata, file not fully covered",
            ],
        ),
        Piece::refused(
            "metadata-twice.safetensors",
            "says two things in two `__metadata__`",
            file(
                &format!(r#"{{"__metadata__":{{"a":"1"}},"__metadata__":{{"a":"2"}},{good}}}"#),
                4,
            ),
            "metadata-twice.safetensors, at byte 48: the key `__metadata__` is given twice",
        ),
        Piece::refused(
            "metadata-key-twice.safetensors",
            "says two things under one key",
            file(&format!(r#"{{"__metadata__":{{"a":"1","a":"2"}},{good}}}"#), 4),
            "metadata-key-twice.safetensors, at byte 36: the key `a` is given twice",
        ),
        Piece::told(
            "metadata-not-text.safetensors",
            "puts a number where text belongs",
            file(&format!(r#"{{"__metadata__":{{"epoch":3,"format":"pt"}},{good}}}"#), 4),
            &[
                "metadata-not-text.safetensors: `epoch` in `__metadata__` is a number, not text, and is left out",
                "metadata-not-text.safetensors: the safetensors library would refuse this file: invalid type: integer `3`, expected a string",
            ],
        ),
        Piece::told(
            "metadata-not-object.safetensors",
            "puts a list where free text belongs",
            file(&format!(r#"{{"__metadata__":["pt"],{good}}}"#), 4),
            &[
                "metadata-not-object.safetensors: `__metadata__` is a list, not an object",
                "metadata-not-object.safetensors: the safetensors library would refuse this file: invalid type: sequence, expected a map",
            ],
        ),
    ]
}

/// A header with one lawful tensor that has `more` in its entry.
fn good_with(more: &str) -> String {
    format!(r#"{{"a":{{{more},"dtype":"U8","shape":[4],"data_offsets":[0,4]}}}}"#)
}
