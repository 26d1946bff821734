//! SentencePiece's `.model`: a message of pieces, each with a score and a type.
//!
//! The layout is that of `sentencepiece_model.proto` (Kudo and Richardson, *SentencePiece*, EMNLP
//! 2018, and its published code): field 1 of the model is a piece; of a piece, field 1 is its text,
//! field 2 its score and field 3 its type. How text is normalised and how the model was trained are
//! in further fields, which are passed over.

use super::{Notation, TokenKind, Tokenizer, TokenizerFormat, Written};
use crate::error::{ErrorKind, Place};
use crate::limits::TOKEN_LENGTH_LIMIT;
use crate::wire::{Field, Value, Wire};
use crate::{Error, ReadAt};

/// What the first piece begins with: field 1, a message. No token in base 64 begins so.
pub(super) const BEGINS: u8 = 0x0a;

pub(super) fn read(file: &dyn ReadAt, source: &str) -> Result<Tokenizer, Error> {
    let place = Place::file(source);
    let mut wire = Wire::new(file, &place);
    let mut written = Written::default();
    let mut model = wire.whole();
    let mut id = 0;
    while let Some(field) = wire.field(&mut model)? {
        if field.number == 1 {
            read_piece(&mut wire, field, id, &mut written)?;
            id += 1;
        }
    }
    written.tokenizer(source, TokenizerFormat::SentencePiece, Some(Notation::Spaced))
}

fn read_piece(
    wire: &mut Wire<'_>,
    piece: Field,
    id: u32,
    written: &mut Written,
) -> Result<(), Error> {
    let (mut text, mut score, mut kind) = (None, None, None);
    let mut span = wire.run(piece)?;
    while let Some(field) = wire.field(&mut span)? {
        match field.number {
            1 => wire.once(&mut text, field, bytes(wire, field)?)?,
            2 => wire.once(&mut score, field, number(wire, field)?)?,
            3 => wire.once(&mut kind, field, wire.number(field)?)?,
            _ => {}
        }
    }
    let fails = |kind| wire.fails(piece.byte, kind);
    let kind = kind_of(kind.unwrap_or(NORMAL)).map_err(fails)?;
    let text = text.ok_or(ErrorKind::TokenizerForm { what: "a piece without text" });
    written.token(u64::from(id), text.map_err(fails)?, kind).map_err(fails)?;
    // A score that is not written is 0.
    written.score(id, kind, f64::from(score.unwrap_or(0.0))).map_err(fails)
}

fn bytes(wire: &Wire<'_>, field: Field) -> Result<Vec<u8>, Error> {
    let span = wire.run(field)?;
    let has = usize::try_from(span.bytes()).unwrap_or(usize::MAX);
    if TOKEN_LENGTH_LIMIT < has {
        let kind = ErrorKind::NameTooLong { has, limit: TOKEN_LENGTH_LIMIT };
        return Err(wire.fails(field.byte, kind));
    }
    wire.bytes(span)
}

fn number(wire: &Wire<'_>, field: Field) -> Result<f32, Error> {
    let Value::Four(span) = field.value else { return Err(wire.wrong_kind(field)) };
    let bytes = wire.bytes(span)?;
    let bytes = bytes.first_chunk().ok_or_else(|| wire.wrong_kind(field))?;
    Ok(f32::from_le_bytes(*bytes))
}

/// The type of a piece of which none is written.
const NORMAL: u64 = 1;

/// What a piece is by the number of its type, in a `.model` and in a GGUF file. Of user-defined
/// pieces, nothing was learned either.
pub(super) fn kind_of(number: u64) -> Result<TokenKind, ErrorKind> {
    match number {
        NORMAL => Ok(TokenKind::Normal),
        // Unknown, control, user-defined.
        2..=4 => Ok(TokenKind::Special),
        5 => Ok(TokenKind::Unused),
        6 => Ok(TokenKind::Byte),
        _ => Err(ErrorKind::TokenizerForm { what: "a piece of an unknown type" }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Memory;

    /// A piece with its score and the number of its type, none where they are `None`.
    fn piece(text: &str, score: Option<f32>, kind: Option<u8>) -> Vec<u8> {
        let mut fields = vec![0x0a, u8::try_from(text.len()).unwrap()];
        fields.extend(text.as_bytes());
        fields.extend(score.iter().flat_map(|s| [&[0x15][..], &s.to_le_bytes()].concat()));
        fields.extend(kind.iter().flat_map(|kind| [0x18, *kind]));
        [&[0x0a, u8::try_from(fields.len()).unwrap()], fields.as_slice()].concat()
    }

    fn model(bytes: Vec<u8>) -> Result<Tokenizer, String> {
        read(&Memory(bytes), "m.model").map_err(|error| error.to_string())
    }

    #[test]
    fn pieces_have_types_and_an_order_of_learning() {
        let bytes = [
            piece("<unk>", None, Some(2)),
            piece("<s>", Some(0.0), Some(3)),
            piece("<0x0A>", Some(0.0), Some(6)),
            piece("▁the", Some(-2.0), None),
            piece("ing", Some(-1.5), Some(1)),
            piece("mark", Some(0.0), Some(4)),
            b"\x12\x02\x18\x02".to_vec(),
        ];
        let read = model(bytes.concat()).unwrap();
        let tokens: Vec<_> = read.tokens.values().map(|t| (t.text.as_slice(), t.kind)).collect();
        use TokenKind::{Byte, Normal, Special};
        let want = [
            (&b"<unk>"[..], Special),
            (b"<s>", Special),
            (b"\n", Byte),
            (b" the", Normal),
            (b"ing", Normal),
            (b"mark", Special),
        ];
        assert_eq!(tokens, want);
        assert_eq!(read.learned, [4, 3]);
    }

    #[test]
    fn without_different_scores_nothing_says_in_which_order_pieces_were_learned() {
        let bytes = [piece("a", None, None), piece("b", Some(0.0), None)].concat();
        assert!(model(bytes).unwrap().learned.is_empty());
    }

    #[test]
    fn faults_are_told_with_their_place() {
        let fails = |bytes: &[Vec<u8>]| model(bytes.concat()).unwrap_err();
        let first = piece("a", None, None);
        assert_eq!(
            fails(&[first.clone(), piece("b", None, Some(7))]),
            "m.model, at byte 5: the tokenizer holds a piece of an unknown type"
        );
        assert_eq!(
            fails(&[vec![0x0a, 2, 0x18, 1]]),
            "m.model, at byte 0: the tokenizer holds a piece without text"
        );
        assert_eq!(
            fails(&[first, piece("b", Some(f32::NAN), None)]),
            "m.model, at byte 5: the tokenizer holds a score that is not a finite number"
        );
        assert!(fails(&[b"\x12\x02\x18\x02".to_vec()]).contains("no token"));
        assert!(fails(&[vec![0x0a, 4, 0x0a, 1, b'a', 0x10]]).contains("ends within a number"));
    }
}
