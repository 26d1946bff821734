//! Laws of the GGUF reader: what is written is read, in either byte order, and no bytes make it
//! panic or hold more than they are.

#[path = "gguf/writer.rs"]
mod writer;

use jokbo_formats::gguf::Value;
use jokbo_formats::{ByteOrder, Checkpoint, Dtype, Error, Format, Oddity, from_memory};
use proptest::prelude::*;
use writer::Writer;

fn open(files: &[(&str, Vec<u8>)]) -> Result<(Checkpoint, Vec<Oddity>), Error> {
    let files = files.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.clone())).collect();
    from_memory("m", files, None)
}

fn open_one(file: &Writer) -> Checkpoint {
    let (checkpoint, oddities) = open(&[("m.gguf", file.bytes())]).expect("it is lawful");
    assert_eq!(oddities, []);
    checkpoint
}

fn bytes_of(checkpoint: &Checkpoint, name: &str) -> Vec<u8> {
    let entry = checkpoint.entries.iter().find(|entry| entry.name == name).expect("it is there");
    let mut bytes = vec![0; usize::try_from(entry.bytes).expect("it is in memory")];
    checkpoint.files[entry.file]
        .reader
        .read_exact_at(&mut bytes, entry.offset)
        .expect("the place was checked");
    bytes
}

#[test]
fn rows_of_blocks_are_read_in_another_order() {
    let rows: Vec<u8> = [1u8, 2, 3].iter().flat_map(|row| [*row; 2 * 34]).collect();
    let file = Writer::new()
        .string("general.architecture", "llama")
        .tensor("token_embd.weight", &[64, 3], 8, &rows)
        .tensor("output_norm.weight", &[64], 0, &[2; 256]);
    let checkpoint = open_one(&file).with_rows(0, &[2, 0].into()).unwrap();
    assert_eq!(*checkpoint.entries[0].shape, [2, 64]);
    assert_eq!(bytes_of(&checkpoint, "token_embd.weight"), [[3; 68], [1; 68]].concat());
    assert_eq!(bytes_of(&checkpoint, "output_norm.weight"), [2; 256]);
}

#[test]
fn a_model_is_read_with_what_it_says_of_itself() {
    let file = Writer::new()
        .string("general.architecture", "llama")
        .number("general.alignment", 64)
        .alignment(64)
        .number("llama.attention.head_count", 4)
        .number("llama.embedding_length", 64)
        .strings("tokenizer.ggml.tokens", &["<s>", "족보", ""])
        .tensor("token_embd.weight", &[64, 3], 8, &[1; 6 * 34])
        .tensor("output_norm.weight", &[64], 0, &[2; 256]);
    let checkpoint = open_one(&file);
    assert_eq!(checkpoint.format, Format::Gguf);
    assert_eq!(checkpoint.metadata["llama.embedding_length"], "64");
    assert_eq!(checkpoint.metadata.len(), 4);
    let config = checkpoint.config.as_ref().unwrap();
    assert_eq!(config["model_type"], "llama");
    assert_eq!((&config["num_attention_heads"], &config["hidden_size"]), (&4.into(), &64.into()));
    let embedding = &checkpoint.entries[0];
    assert_eq!((embedding.dtype, &*embedding.shape), (Dtype::Q8_0, &[3, 64][..]));
    assert_eq!((embedding.bytes, embedding.offset % 64), (204, 0));
    assert_eq!(bytes_of(&checkpoint, "output_norm.weight"), [2; 256]);

    let tokens = checkpoint.arrays["tokenizer.ggml.tokens"].read(&checkpoint.files).unwrap();
    let texts: Vec<String> = tokens.iter().map(Value::to_string).collect();
    assert_eq!(texts, ["<s>", "족보", ""]);
}

#[test]
fn the_other_byte_order_is_the_same_model() {
    let write = |file: Writer| {
        let value = file.u32(7);
        file.string("general.architecture", "llama")
            .number("llama.block_count", 2)
            .raw(
                b"llama.attention.head_count",
                9,
                &[Writer::new().big().u32(4), Writer::new().big().u64(1), value].concat(),
            )
            .tensor("a", &[2], 0, &[0x3f, 0x80, 0, 0, 0, 0, 0, 1])
    };
    let checkpoint = open_one(&write(Writer::new().big()));
    assert_eq!(checkpoint.files[0].order, ByteOrder::Big);
    let config = checkpoint.config.unwrap();
    assert_eq!(
        (&config["num_hidden_layers"], &config["num_attention_heads"]),
        (&2.into(), &7.into())
    );
}

#[test]
fn blocks_whose_byte_order_is_not_known_are_listed_as_bytes() {
    let file = Writer::new().big().tensor("a", &[256], 16, &[0; 66]);
    let (checkpoint, oddities) = open(&[("m.gguf", file.bytes())]).unwrap();
    assert_eq!((checkpoint.entries[0].dtype, checkpoint.entries[0].bytes), (Dtype::U8, 66));
    assert!(
        oddities[0].what.starts_with("the ggml type 16 is not read; shape [256]"),
        "{oddities:?}"
    );
}

#[test]
fn parts_are_joined_and_a_part_alone_is_told() {
    let part = |number: u32, name: &str| {
        let file = Writer::new()
            .number("split.no", number)
            .number("split.count", 2)
            .number("split.tensors.count", 2);
        let file = if number == 0 { file.string("general.architecture", "llama") } else { file };
        file.tensor(name, &[8], 0, &[0; 32]).bytes()
    };
    let (a, b) = ("m-00001-of-00002.gguf", "m-00002-of-00002.gguf");
    let (checkpoint, oddities) = open(&[(b, part(1, "y")), (a, part(0, "x"))]).unwrap();
    assert_eq!(oddities, []);
    let found: Vec<(&str, usize)> =
        checkpoint.entries.iter().map(|entry| (entry.name.as_str(), entry.file)).collect();
    assert_eq!(found, [("x", 0), ("y", 1)]);
    assert_eq!(checkpoint.config.unwrap()["model_type"], "llama");
    let (_, oddities) = open(&[("m.gguf", part(1, "y"))]).unwrap();
    assert_eq!(oddities[0].what, "`m.gguf` says that it is part 2 of 2; only this part is read");
}

/// Numbers and block types of small tensors: ggml's number, elements in a block, its bytes.
const TYPES: [(u32, u64, usize); 6] =
    [(0, 1, 4), (1, 1, 2), (2, 32, 18), (14, 256, 210), (30, 1, 2), (24, 1, 1)];

/// Name, shape and bytes of a tensor.
type Written = (String, Vec<u64>, Vec<u8>);

/// Files of a few tensors, as they were written.
fn lawful() -> impl Strategy<Value = (Writer, Vec<Written>)> {
    let tensor =
        ("[a-z.]{0,8}", 0usize..TYPES.len(), prop::collection::vec(0u64..4, 0..4), any::<u8>());
    let text = ("[a-z]{1,6}", "\\PC{0,8}");
    (
        any::<bool>(),
        prop::collection::btree_map(text.0, text.1, 0..4),
        prop::collection::vec(tensor, 0..6),
    )
        .prop_map(|(big, texts, tensors)| {
            let file = if big { Writer::new().big() } else { Writer::new().version(2) };
            let file = texts.iter().fold(file, |file, (key, text)| file.string(key, text));
            let mut written = Vec::new();
            let file = tensors.into_iter().enumerate().fold(
                file,
                |file, (i, (name, of, mut axes, fill))| {
                    let (of, each, size) = TYPES[of];
                    match axes.first_mut() {
                        Some(row) => *row *= each,
                        None if 1 < each => axes.push(each),
                        None => {}
                    }
                    let blocks = axes.iter().product::<u64>() / each;
                    let blocks = usize::try_from(blocks).expect("a few");
                    let bytes = vec![fill; blocks * size];
                    let name = format!("{name}{i}");
                    let file = file.tensor(&name, &axes, of, &bytes);
                    axes.reverse();
                    written.push((name, axes, bytes));
                    file
                },
            );
            (file, written)
        })
}

proptest! {
    #[test]
    fn what_is_written_is_read((file, written) in lawful()) {
        let (checkpoint, _) = open(&[("m.gguf", file.bytes())]).unwrap();
        prop_assert_eq!(checkpoint.entries.len(), written.len());
        for (name, shape, bytes) in written {
            let entry = checkpoint.entries.iter().find(|entry| entry.name == name).unwrap();
            prop_assert_eq!(&entry.shape, &shape);
            prop_assert_eq!(bytes_of(&checkpoint, &name), bytes);
        }
    }

    #[test]
    fn no_bytes_make_the_reader_panic(
        (file, _) in lawful(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        cut in any::<prop::sample::Index>(),
        whole: bool,
    ) {
        let mut bytes = file.bytes();
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        if !whole {
            bytes.truncate(cut.index(bytes.len()));
        }
        if let Ok((checkpoint, _)) = open(&[("m.gguf", bytes.clone())]) {
            for entry in &checkpoint.entries {
                prop_assert!(entry.offset.checked_add(entry.bytes).is_some_and(|end| end <= bytes.len() as u64));
                let covered = entry.dtype.packed(entry.elements());
                prop_assert_eq!(covered, Some(entry.bytes));
            }
            for array in checkpoint.arrays.values() {
                prop_assert!(array.read(&checkpoint.files).is_ok_and(|values| values.len() as u64 == array.n));
            }
        }
    }

    #[test]
    fn noise_after_the_magic_never_panics(noise in prop::collection::vec(any::<u8>(), 0..300)) {
        let mut bytes = b"GGUF\x03\0\0\0".to_vec();
        bytes.extend([1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]);
        bytes.extend(noise);
        let _ = open(&[("m.gguf", bytes)]);
    }
}
