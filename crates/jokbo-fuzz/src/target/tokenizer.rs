//! A tokenizer in any form. The first byte chooses it; `merges.txt` follows `vocab.json` after a
//! byte that no text has.

use jokbo_formats::from_memory;
use jokbo_formats::tokenizer::{Tokenizer, tokenizer_from_memory};

use super::BETWEEN;
use crate::{held, meter, seeds};

/// A line of one byte is a token in two lists by id, one before and one after its notation is known.
const MEMORY_TIMES: usize = 300;

const NAMES: [&str; 5] = ["tokenizer.json", "vocab.json", "vocab.txt", "a.tiktoken", "m.gguf"];

/// The form that came later, and a first byte that few inputs before it had.
const MODEL: (u8, &str) = (5, "t.model");

pub(super) fn run(bytes: &[u8]) {
    let Some((&first, rest)) = bytes.split_first() else { return };
    let name = if first == MODEL.0 { MODEL.1 } else { NAMES[usize::from(first) % NAMES.len()] };
    let read = || match name {
        "m.gguf" => {
            let files = vec![(name.to_owned(), rest.to_vec())];
            from_memory("m", files, None)
                .and_then(|(checkpoint, _)| Tokenizer::of_gguf(&checkpoint))
        }
        "t.model" => tokenizer_from_memory(name, &[(name.to_owned(), rest.to_vec())]).map(Some),
        name => {
            let mut files = rest.splitn(2, |byte| *byte == BETWEEN).map(<[u8]>::to_vec);
            let names = [name, "merges.txt"].map(str::to_owned);
            let files: Vec<_> = names.into_iter().zip(&mut files).collect();
            tokenizer_from_memory(name, &files).map(Some)
        }
    };
    let (read_first, held) = meter::peak(read);
    held::memory(held, bytes.len(), MEMORY_TIMES);
    let Some(Some(tokenizer)) = held::same(read_first, read()) else { return };
    assert!(!tokenizer.tokens.is_empty(), "a tokenizer of nothing");
    // Every token and every merge takes its bytes in the file.
    let n = tokenizer.tokens.len() + tokenizer.merges.len();
    assert!(n <= bytes.len(), "{n} tokens and merges in {} bytes", bytes.len());
}

pub(super) fn seeds() -> Vec<Vec<u8>> {
    let json = r#"{"version":"1.0","added_tokens":[{"id":3,"content":"<s>","special":true}],"model":{"type":"BPE","byte_fallback":false,"vocab":{"a":0,"Ġb":1,"aĠb":2},"merges":["a Ġb"]}}"#;
    let pairs =
        r#"{"model":{"type":"BPE","vocab":{"a":0,"b":1,"ab":2,"<0x0A>":3},"merges":[["a","b"]]}}"#;
    let pieces = r#"{"model":{"type":"Unigram","unk_id":0,"vocab":[["<unk>",0.0],["▁the",-3.5]]}}"#;
    let words = r###"{"model":{"type":"WordPiece","vocab":{"[PAD]":0,"the":1,"##ing":2}}}"###;
    let of = |form: u8, text: &str| [&[form], text.as_bytes()].concat();
    let vocab = of(1, r#"{"a":0,"b":1,"ab":2}"#);
    let merged = [vocab.clone(), vec![BETWEEN], b"#version: 0.2\na b\n".to_vec()].concat();
    let mut all = vec![of(0, json), of(0, pairs), of(0, pieces), of(0, words), vocab, merged];
    all.push(of(2, "[PAD]\n[unused1]\nthe\n##ing\n"));
    all.push(of(3, "IQ== 0\nIHRoZQ== 7\n"));
    all.push([&[4][..], &with_tokens()].concat());
    all.extend(seeds::museum(&[".model"]).into_iter().map(|file| [&[MODEL.0][..], &file].concat()));
    all
}

/// A GGUF file of no tensors that carries three tokens and a merge.
fn with_tokens() -> Vec<u8> {
    let text = |text: &str| [&(text.len() as u64).to_le_bytes(), text.as_bytes()].concat();
    let array = |key: &str, kind: u32, values: &[Vec<u8>]| {
        let head = [text(key), 9u32.to_le_bytes().to_vec(), kind.to_le_bytes().to_vec()].concat();
        [head, (values.len() as u64).to_le_bytes().to_vec(), values.concat()].concat()
    };
    let whole = |n: u32| n.to_le_bytes().to_vec();
    let head = [&b"GGUF\x03\0\0\0"[..], &0u64.to_le_bytes(), &3u64.to_le_bytes()].concat();
    let tokens = array("tokenizer.ggml.tokens", 8, &["<s>", "a", "b"].map(text));
    let types = array("tokenizer.ggml.token_type", 5, &[3, 1, 6].map(whole));
    let merges = array("tokenizer.ggml.merges", 8, &[text("a b")]);
    [head, tokens, types, merges].concat()
}
