//! The hostile museum: every file in `data/hostile` is what the code here makes, is answered as
//! written there, and costs no memory that it only claims.
//!
//! `JOKBO_WRITE_MUSEUM=1 cargo test -p jokbo-formats --test museum` writes the files and the
//! README anew; a plain run compares.

#[path = "ctranslate2/writer.rs"]
mod ctranslate2_writer;
#[path = "museum/folders.rs"]
mod folders;
#[path = "museum/foreign.rs"]
mod foreign;
#[path = "museum/gguf.rs"]
mod gguf;
#[path = "museum/headers.rs"]
mod headers;
#[path = "museum/meter.rs"]
mod meter;
#[path = "museum/numpy.rs"]
mod numpy;
#[path = "numpy/writer.rs"]
mod numpy_writer;
#[path = "museum/onnx.rs"]
mod onnx;
#[path = "onnx/writer.rs"]
mod onnx_writer;
#[path = "museum/piece.rs"]
mod piece;
#[path = "museum/pytorch.rs"]
mod pytorch;
#[path = "museum/quantised.rs"]
mod quantised;
#[path = "museum/tensors.rs"]
mod tensors;
#[path = "museum/tokenizers.rs"]
mod tokenizers;
#[path = "pytorch/writer.rs"]
mod torch_writer;
#[path = "gguf/writer.rs"]
mod writer;

use std::collections::BTreeSet;
use std::error::Error as _;
use std::fs;
use std::path::{Path, PathBuf};

use jokbo_formats::tokenizer::open_tokenizer;
use piece::{Answer, Piece};

fn museum() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/hostile")
}

fn pieces() -> Vec<Piece> {
    let files = [headers::pieces(), tensors::pieces(), foreign::pieces(), gguf::pieces()].concat();
    let archives = [pytorch::pieces(), numpy::pieces(), onnx::pieces()].concat();
    [files, archives, quantised::pieces(), tokenizers::pieces(), folders::pieces()].concat()
}

/// Opens a piece, and gives the answer in words and the most memory that was held.
fn open(piece: &Piece) -> (Answer, usize) {
    let path = museum().join(piece.name);
    let read = || match piece.name.ends_with(".model") {
        true => open_tokenizer(&path).map(|_| Vec::new()),
        false => jokbo_formats::open(&path).map(|(_, oddities)| oddities),
    };
    let (result, held) = meter::peak(read);
    let typed = path.display().to_string();
    let answer = match result {
        Ok(oddities) => Answer::Told(oddities.iter().map(ToString::to_string).collect()),
        Err(error) => {
            let mut text = error.to_string();
            let mut cause = error.source();
            while let Some(inner) = cause {
                text.push_str(&format!("; cause: {inner}"));
                cause = inner.source();
            }
            Answer::Refused(text)
        }
    };
    (answer.map(|text| text.replace(&typed, piece.name)), held)
}

fn readme(pieces: &[Piece]) -> String {
    let mut text = include_str!("museum/readme-head.md").to_owned();
    for piece in pieces {
        let answer = piece.answer.to_string().replace('|', "\\|").replace('<', "&lt;");
        text.push_str(&format!("| `{}` | {} | {answer} |\n", piece.name, piece.tries));
    }
    text
}

/// Every path below the museum, apart from its own two texts.
fn files_below(folder: &Path, names: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).expect("the museum is there") {
        let path = entry.expect("the museum can be listed").path();
        if path.is_dir() {
            files_below(&path, names);
        } else {
            let below = path.strip_prefix(museum()).expect("it is below the museum");
            names.insert(below.display().to_string().replace('\\', "/"));
        }
    }
}

#[test]
fn the_files_are_what_the_code_makes() {
    let pieces = pieces();
    let mut wanted: BTreeSet<String> = [".gitattributes".to_owned(), "README.md".to_owned()].into();
    let write = std::env::var_os("JOKBO_WRITE_MUSEUM").is_some();
    for piece in &pieces {
        for (path, bytes) in piece.files() {
            let full = museum().join(&path);
            if write {
                fs::create_dir_all(full.parent().unwrap()).unwrap();
                fs::write(&full, &bytes).unwrap();
            }
            assert_eq!(fs::read(&full).unwrap(), bytes, "{path}");
            assert!(wanted.insert(path), "two pieces make the same file");
        }
    }
    if write {
        fs::write(museum().join("README.md"), readme(&pieces)).unwrap();
    }
    assert_eq!(fs::read_to_string(museum().join("README.md")).unwrap(), readme(&pieces));
    let mut present = BTreeSet::new();
    files_below(&museum(), &mut present);
    assert_eq!(present, wanted, "each file belongs to one piece");
}

#[test]
fn every_piece_is_answered_as_written() {
    let pieces = pieces();
    assert!(50 < pieces.len());
    let wrong: Vec<String> = pieces
        .iter()
        .filter_map(|piece| {
            let (answer, _) = open(piece);
            let wrong = format!("{}\n  gives {answer:?}\n  wants {:?}", piece.name, piece.answer);
            (answer != piece.answer).then_some(wrong)
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_piece_is_given_memory_that_it_only_claims() {
    for piece in pieces() {
        let size: usize = piece.files().iter().map(|(_, bytes)| bytes.len()).sum();
        let (_, held) = open(&piece);
        assert!(held < 64 * 1024 + 4 * size, "{}: {held} bytes held for {size}", piece.name);
    }
}

/// The most memory held for each byte of this header.
fn held_per_byte(header: &str) -> usize {
    let bytes = piece::file(header, 0);
    let size = bytes.len();
    let files = vec![("m.safetensors".to_owned(), bytes)];
    let (_, held) = meter::peak(|| jokbo_formats::from_memory("m", files, None));
    held.div_ceil(size)
}

#[test]
fn the_costliest_headers_hold_a_known_multiple() {
    let listed =
        |n: usize, one: &dyn Fn(usize) -> String| (0..n).map(one).collect::<Vec<_>>().join(",");
    let zeros = |n| listed(n, &|_| "0".to_owned());
    let tensors = |shape: &str, n| {
        format!("{{{}}}", listed(n, &|i| piece::entry(&i.to_string(), "U8", shape, "[0,0]")))
    };
    let one = r#""dtype":"U8","shape":[0],"data_offsets":[0,0]"#;
    let unknown = |value: &str| format!(r#"{{"a":{{"x":{value},{one}}}}}"#);
    let keys = |n| format!(r#"{{"a":{{{},{one}}}}}"#, listed(n, &|i| format!(r#""{i}":0"#)));
    let texts = |n| {
        let texts = listed(n, &|i| format!(r#""{i}":"""#));
        format!(r#"{{"__metadata__":{{{texts}}},"a":{{{one}}}}}"#)
    };
    let axes = format!("[{}]", zeros(64));
    let mib = 1 << 20;
    // Up to 4 MiB the library is asked too, and the tree that it makes is what costs.
    for header in [
        tensors("[0]", mib / 16),
        tensors(&axes, mib / 48),
        unknown(&format!("[{}]", zeros(2 * mib - 64))),
        keys(mib / 3),
        texts(mib / 3),
    ] {
        assert!((3 * mib..=4 * mib).contains(&header.len()), "{}", header.len());
        let held = held_per_byte(&header);
        assert!(held <= 32, "{held} bytes for each of {}", header.len());
    }
    // Above it, our own table is.
    for header in [
        tensors("[0]", mib / 10),
        tensors(&axes, mib / 40),
        unknown(&format!("[{}]", zeros(2 * mib + 64))),
        keys(mib / 2),
        texts(mib / 2),
    ] {
        assert!(4 * mib < header.len(), "{}", header.len());
        let held = held_per_byte(&header);
        assert!(held <= 12, "{held} bytes for each of {}", header.len());
    }
}

#[test]
fn the_meter_sees_what_is_allocated() {
    let (_, held) = meter::peak(|| drop(std::hint::black_box(vec![1u8; 300_000])));
    assert!((300_000..310_000).contains(&held), "{held}");
}
