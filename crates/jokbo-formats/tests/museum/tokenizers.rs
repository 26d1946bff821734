//! Tokenizers of SentencePiece that end early, claim or contradict themselves.

use super::onnx_writer::{number, run, varint};
use super::piece::Piece;

/// A piece of this text, with further fields.
fn token(text: &[u8], fields: &[u8]) -> Vec<u8> {
    run(1, &[run(1, text), fields.to_vec()].concat())
}

/// The field of a score.
fn score(score: f32) -> Vec<u8> {
    [varint(2 << 3 | 5), score.to_le_bytes().to_vec()].concat()
}

pub(crate) fn pieces() -> Vec<Piece> {
    let first = token(b"a", &score(-1.0));
    let refused = |name, tries, rest: &[u8], answer: &str| {
        let answer = format!("{name}, {answer}");
        Piece::refused(name, tries, [first.as_slice(), rest].concat(), &answer)
    };
    vec![
        refused(
            "sentencepiece-piece-2-to-the-63.model",
            "has a piece of 2^63 bytes",
            &[&b"\x0a"[..], &varint(1 << 63)].concat(),
            "at byte 21: the file ends within a field: 9223372036854775808 bytes needed and 0 left",
        ),
        refused(
            "sentencepiece-text-beyond-its-piece.model",
            "has a text that is longer than the piece it is in",
            &[&b"\x0a\x04\x0a\x0aab"[..], b"cdefghij"].concat(),
            "at byte 14: the file ends within a field: 10 bytes needed and 2 left",
        ),
        refused(
            "sentencepiece-text-of-70000.model",
            "has a piece with a text of 70,000 bytes",
            &token(&[b'a'; 70_000], &[]),
            "at byte 14: the name has 70000 bytes, and the limit is 65536",
        ),
        refused(
            "sentencepiece-text-twice.model",
            "gives the text of a piece twice, of which readers may take either",
            &token(b"b", &run(1, b"c")),
            "at byte 15: the message gives a field twice that stands once",
        ),
        refused(
            "sentencepiece-without-text.model",
            "has a piece without a text",
            &run(1, &score(0.0)),
            "at byte 10: the tokenizer holds a piece without text",
        ),
        refused(
            "sentencepiece-type-9.model",
            "has a piece of a type that does not exist",
            &token(b"b", &number(3, 9)),
            "at byte 10: the tokenizer holds a piece of an unknown type",
        ),
        refused(
            "sentencepiece-score-not-a-number.model",
            "has a score that is no number, which no order can place",
            &token(b"b", &score(f32::NAN)),
            "at byte 10: the tokenizer holds a score that is not a finite number",
        ),
        refused(
            "sentencepiece-score-as-text.model",
            "has a text where a score should be",
            &token(b"b", &run(2, b"1.0")),
            "at byte 15: the message has a field of another kind than it has here",
        ),
        Piece::refused(
            "sentencepiece-empty-piece.model",
            "begins with an empty piece",
            [b"\x0a\0".to_vec(), run(2, &number(3, 2))].concat(),
            "sentencepiece-empty-piece.model, at byte 0: the tokenizer holds a piece without text",
        ),
    ]
}
