//! SentencePiece's models against what its own package reads in them
//! (`reference/sentencepiece_models.py`).

#![allow(clippy::unwrap_used, reason = "a failed unwrap in a test is a failed test")]

use std::path::{Path, PathBuf};

use jokbo_formats::tokenizer::{TokenKind, TokenizerFormat, open_tokenizer, tokenizer_in};

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/golden").join(name)
}

/// The bytes of text that the package's notation writes.
fn meant(text: &str, kind: TokenKind) -> Vec<u8> {
    match kind {
        TokenKind::Special => text.as_bytes().to_vec(),
        TokenKind::Byte => vec![u8::from_str_radix(&text[3..5], 16).unwrap()],
        _ => text.replace('\u{2581}', " ").into_bytes(),
    }
}

#[test]
fn models_are_read_as_their_own_package_reads_them() {
    let table = std::fs::read_to_string(golden("sentencepiece.tsv")).unwrap();
    for name in ["bpe", "unigram"] {
        let path = golden("sentencepiece").join(format!("{name}.model"));
        let read = open_tokenizer(&path).unwrap().unwrap();
        assert_eq!(read.format, TokenizerFormat::SentencePiece);
        let rows: Vec<Vec<&str>> = table
            .lines()
            .map(|line| line.split('\t').collect())
            .filter(|row: &Vec<&str>| row[0] == name)
            .collect();
        assert!(80 < rows.len());
        assert_eq!(read.tokens.len(), rows.len());
        let mut learned = Vec::new();
        for row in rows {
            let id = row[1].parse::<u32>().unwrap();
            let kind = match row[2] {
                "normal" => TokenKind::Normal,
                "byte" => TokenKind::Byte,
                _ => TokenKind::Special,
            };
            let hex = (0..row[3].len()).step_by(2);
            let bytes = hex.map(|k| u8::from_str_radix(&row[3][k..k + 2], 16).unwrap()).collect();
            let text = String::from_utf8(bytes).unwrap();
            let token = &read.tokens[&id];
            assert_eq!((token.text.clone(), token.kind), (meant(&text, kind), kind), "{id}");
            learned.extend(row[4].parse::<usize>().ok().map(|place| (place, id)));
        }
        learned.sort_unstable();
        let learned: Vec<u32> = learned.into_iter().map(|(_, id)| id).collect();
        assert_eq!(read.learned, learned);
    }
}

#[test]
fn a_model_is_found_in_its_folder_and_told_from_ranks_by_its_first_byte() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tokenizer.model");
    std::fs::copy(golden("sentencepiece/unigram.model"), &path).unwrap();
    assert_eq!(tokenizer_in(folder.path()).unwrap().unwrap().tokens.len(), 90);
    std::fs::write(&path, "IQ== 0\nIHRoZQ== 7\n").unwrap();
    let ranks = tokenizer_in(folder.path()).unwrap().unwrap();
    assert_eq!((ranks.format, ranks.tokens.len()), (TokenizerFormat::Tiktoken, 2));
    // What says more is read first.
    std::fs::write(folder.path().join("vocab.json"), r#"{"a":0}"#).unwrap();
    assert_eq!(tokenizer_in(folder.path()).unwrap().unwrap().tokens.len(), 1);
}
