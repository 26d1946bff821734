//! GGUF files that claim, hide or contradict something.

use super::piece::Piece;
use super::writer::Writer;

/// A lawful file: one tensor of 8 numbers.
fn whole() -> Writer {
    Writer::new().string("general.architecture", "llama").tensor("a", &[4, 2], 0, &[0; 32])
}

/// Part `number` of `count`, which together hold `tensors`.
fn part(number: u32, count: u32, tensors: u32, name: &str) -> Vec<u8> {
    let split = Writer::new().number("split.no", number).number("split.count", count);
    split.number("split.tensors.count", tensors).tensor(name, &[8], 0, &[0; 32]).bytes()
}

pub(crate) fn pieces() -> Vec<Piece> {
    [claims(), values(), tensors(), parts()].concat()
}

fn claims() -> Vec<Piece> {
    let head = |tensors, pairs| Writer::new().head(tensors, pairs);
    vec![
        Piece::refused(
            "gguf-tensors-2-to-the-63.gguf",
            "announces 2^63 tensors",
            head(1 << 63, 0),
            "gguf-tensors-2-to-the-63.gguf, at byte 24: more than 2000000 tensors are listed",
        ),
        Piece::refused(
            "gguf-tensors-not-there.gguf",
            "announces as many tensors as are allowed, and holds none",
            head(2_000_000, 0),
            "gguf-tensors-not-there.gguf, at byte 24: 2000000 tensors are announced, and the 0 bytes left cannot hold them",
        ),
        Piece::refused(
            "gguf-keys-2-to-the-64.gguf",
            "announces more keys than any file can hold",
            head(0, u64::MAX),
            "gguf-keys-2-to-the-64.gguf, at byte 24: 18446744073709551615 metadata keys are announced, and the limit is 100000",
        ),
        Piece::refused(
            "gguf-version-1.gguf",
            "has the version of 2023 with lengths of 32 bits",
            Writer::new().version(1).bytes(),
            "gguf-version-1.gguf, at byte 8: the GGUF version is 1, and versions 2 and 3 are read",
        ),
        Piece::refused(
            "gguf-cut-in-head.gguf",
            "ends within the head",
            head(0, 0)[..20].to_vec(),
            "gguf-cut-in-head.gguf, at byte 16: the file ends within the file's head: 8 bytes needed and 4 left",
        ),
        Piece::refused(
            "gguf-key-an-exabyte.gguf",
            "has a key of 2^60 bytes",
            [head(0, 1), (1u64 << 60).to_le_bytes().to_vec(), vec![b'k'; 16]].concat(),
            "gguf-key-an-exabyte.gguf, at byte 32: the file ends within a metadata key: 1152921504606846976 bytes needed and 16 left",
        ),
        Piece::refused(
            "gguf-key-not-utf8.gguf",
            "has a key that is no text",
            Writer::new().raw(b"a\xff", 0, &[1]).bytes(),
            "gguf-key-not-utf8.gguf, at byte 33: the text is not UTF-8; cause: invalid utf-8 sequence of 1 bytes from index 1",
        ),
        Piece::refused(
            "gguf-key-twice.gguf",
            "gives one key two values, of which a reader may take either",
            Writer::new().string("a", "x").string("a", "y").bytes(),
            "gguf-key-twice.gguf, at byte 46: the key `a` is given twice",
        ),
    ]
}

fn values() -> Vec<Piece> {
    let array = |of: u32, n: u64| [of.to_le_bytes().to_vec(), n.to_le_bytes().to_vec()].concat();
    let with = |of, value: &[u8]| Writer::new().raw(b"a", of, value).bytes();
    let aligned = |n| whole().number("general.alignment", n).bytes();
    vec![
        Piece::refused(
            "gguf-text-an-exabyte.gguf",
            "has a text of 2^60 bytes",
            with(8, &(1u64 << 60).to_le_bytes()),
            "gguf-text-an-exabyte.gguf, at byte 45: the file ends within a text: 1152921504606846976 bytes needed and 0 left",
        ),
        Piece::refused(
            "gguf-array-past-end.gguf",
            "has an array of more numbers than bytes are left",
            with(9, &array(4, 1 << 61)),
            "gguf-array-past-end.gguf, at byte 49: 2305843009213693952 elements of an array are announced, and the 0 bytes left cannot hold them",
        ),
        Piece::refused(
            "gguf-array-of-texts-past-end.gguf",
            "has an array of a billion texts in 8 bytes",
            with(9, &[array(8, 1_000_000_000), vec![0; 8]].concat()),
            "gguf-array-of-texts-past-end.gguf, at byte 49: 1000000000 elements of an array are announced, and the 8 bytes left cannot hold them",
        ),
        Piece::refused(
            "gguf-arrays-in-arrays.gguf",
            "has arrays a thousand deep, for a reader that calls itself",
            with(9, &array(9, 1).repeat(1000)),
            "gguf-arrays-in-arrays.gguf, at byte 133: arrays lie more than 8 deep in one another",
        ),
        Piece::refused(
            "gguf-value-type.gguf",
            "has a value of a type that there is not",
            with(77, &[0; 8]),
            "gguf-value-type.gguf, at byte 37: the value type 77 is unknown",
        ),
        Piece::refused(
            "gguf-alignment-0.gguf",
            "has an alignment of 0, for a reader that divides by it",
            aligned(0),
            "gguf-alignment-0.gguf: the alignment is 0, which is not a power of two",
        ),
        Piece::refused(
            "gguf-alignment-24.gguf",
            "has an alignment that is no power of two",
            aligned(24),
            "gguf-alignment-24.gguf: the alignment is 24, which is not a power of two",
        ),
        Piece::refused(
            "gguf-alignment-huge.gguf",
            "has an alignment that puts its tensor behind the file",
            aligned(1 << 31),
            "gguf-alignment-huge.gguf, tensor `a`, at byte 2147483648: the tensor ends at byte 2147483680 and the file at 192: 2147483488 bytes are missing",
        ),
        Piece::refused(
            "gguf-alignment-as-text.gguf",
            "has an alignment that is no number",
            whole().string("general.alignment", "32").bytes(),
            "gguf-alignment-as-text.gguf: `general.alignment` is not a whole number",
        ),
        Piece::told(
            "gguf-text-not-utf8.gguf",
            "has a text that is no text",
            whole().raw(b"general.name", 8, b"\x02\0\0\0\0\0\0\0\xff\xfe").bytes(),
            &["gguf-text-not-utf8.gguf: `general.name` is not UTF-8 text and is left out"],
        ),
    ]
}

fn tensors() -> Vec<Piece> {
    let one = |axes: &[u64], of| Writer::new().entry(b"a", axes, of, 0).data(&[0; 64]).bytes();
    let two = |offset| Writer::new().tensor("a", &[16], 0, &[0; 64]).entry(b"b", &[8], 0, offset);
    vec![
        Piece::refused(
            "gguf-axes-5.gguf",
            "has a tensor of five dimensions",
            one(&[1; 5], 0),
            "gguf-axes-5.gguf, at byte 37: the shape has more than 4 axes",
        ),
        Piece::refused(
            "gguf-axes-4-billion.gguf",
            "has a tensor of 2^32 - 1 dimensions",
            [Writer::new().head(1, 0), vec![0; 8], vec![0xff; 4], vec![0; 64]].concat(),
            "gguf-axes-4-billion.gguf, at byte 36: the shape has more than 4 axes",
        ),
        Piece::refused(
            "gguf-shape-overflow.gguf",
            "has a shape whose product is 0 in 64 bits",
            one(&[1 << 32, 1 << 32], 0),
            "gguf-shape-overflow.gguf, tensor `a`: the shape [4294967296, 4294967296] has more elements than 64 bits can count",
        ),
        Piece::refused(
            "gguf-size-overflow.gguf",
            "has a shape whose bytes are 0 in 64 bits",
            one(&[1 << 62], 0),
            "gguf-size-overflow.gguf, tensor `a`: the shape [4611686018427387904] of F32 has more bits than 64 bits can count",
        ),
        Piece::refused(
            "gguf-offset-overflow.gguf",
            "has a tensor that begins at 2^64 - 32",
            Writer::new().entry(b"a", &[8], 0, u64::MAX - 31).data(&[0; 64]).bytes(),
            "gguf-offset-overflow.gguf, tensor `a`: begins 18446744073709551584 bytes into the data, and it ends beyond what 64 bits can count",
        ),
        Piece::refused(
            "gguf-past-end.gguf",
            "has a tensor that ends behind the file",
            one(&[17], 0),
            "gguf-past-end.gguf, tensor `a`, at byte 64: the tensor ends at byte 132 and the file at 128: 4 bytes are missing",
        ),
        Piece::refused(
            "gguf-part-of-a-block.gguf",
            "has rows of 48 elements in blocks of 32",
            one(&[48, 2], 2),
            "gguf-part-of-a-block.gguf, tensor `a`: a row of 48 elements is not made of whole blocks of Q4_0, which hold 32",
        ),
        Piece::refused(
            "gguf-overlap.gguf",
            "has two tensors over one another",
            two(32).data(&[0; 32]).bytes(),
            "gguf-overlap.gguf, tensor `b`, at byte 128: the bytes from 128 to 160 also belong to tensor `a`",
        ),
        Piece::refused(
            "gguf-tensor-twice.gguf",
            "has two tensors of one name",
            Writer::new().tensor("a", &[8], 0, &[0; 32]).tensor("a", &[8], 0, &[1; 32]).bytes(),
            "gguf-tensor-twice.gguf, tensor `a`: the tensor is listed twice",
        ),
        Piece::told(
            "gguf-unknown-type.gguf",
            "has a tensor of a type of another program",
            one(&[48], 250),
            &[
                "gguf-unknown-type.gguf: tensor `a`: the ggml type 250 is not read; shape [48] is listed as U8 [64], the bytes up to the next tensor",
            ],
        ),
        Piece::told(
            "gguf-out-of-alignment.gguf",
            "has a tensor between two multiples of the alignment, and bytes in none",
            two(68).data(&[0; 40]).bytes(),
            &[
                "gguf-out-of-alignment.gguf: tensor `b`: begins 68 bytes into the data, which is no multiple of the alignment, 32",
                "gguf-out-of-alignment.gguf: tensor `b`: 4 bytes from byte 160 on, before this tensor, in no tensor",
            ],
        ),
        Piece::told(
            "gguf-trailing.gguf",
            "hides bytes after its last tensor",
            whole().data(&[7; 100]).bytes(),
            &[
                "gguf-trailing.gguf: 100 bytes from byte 160 on, after the last tensor, in no tensor",
            ],
        ),
        Piece::told(
            "gguf-no-tensors.gguf",
            "is a vocabulary alone",
            Writer::new().strings("tokenizer.ggml.tokens", &["a", "b"]).bytes(),
            &["gguf-no-tensors.gguf: the file holds no tensors"],
        ),
        Piece::told(
            "gguf-zero-axis.gguf",
            "has a tensor without elements",
            one(&[0, 1 << 40], 2),
            &[
                "gguf-zero-axis.gguf: tensor `a`: a dimension is 0",
                "gguf-zero-axis.gguf: 64 bytes from byte 96 on, after the last tensor, in no tensor",
            ],
        ),
    ]
}

fn parts() -> Vec<Piece> {
    let (a, b) = ("m-00001-of-00002.gguf", "m-00002-of-00002.gguf");
    let of = |name, tries, files, answer| Piece::refused(name, tries, vec![], answer).of(files);
    vec![
        of(
            "gguf-parts-both-first",
            "has two parts that both say they are the first, each leading to the other",
            vec![(a, part(0, 2, 2, "a")), (b, part(0, 2, 2, "b"))],
            "gguf-parts-both-first: `m-00001-of-00002.gguf` and `m-00002-of-00002.gguf` both say that they are part 1",
        ),
        of(
            "gguf-parts-of-three",
            "has two files that say they are of three",
            vec![(a, part(0, 3, 3, "a")), (b, part(1, 3, 3, "b"))],
            "gguf-parts-of-three: 2 parts are there, and each says that they are 3",
        ),
        of(
            "gguf-part-beyond-count",
            "has a part whose number is beyond their count",
            vec![(a, part(0, 2, 2, "a")), (b, part(7, 2, 2, "b"))],
            "m-00002-of-00002.gguf: is given as part 8, of 2 parts",
        ),
        of(
            "gguf-parts-disagree",
            "has parts that count their tensors otherwise",
            vec![(a, part(0, 2, 2, "a")), (b, part(1, 2, 9, "b"))],
            "gguf-parts-disagree: `m-00001-of-00002.gguf` and `m-00002-of-00002.gguf` do not belong to one set of shards",
        ),
        of(
            "gguf-parts-lack-a-tensor",
            "has parts that hold fewer tensors than they say",
            vec![(a, part(0, 2, 3, "a")), (b, part(1, 2, 3, "b"))],
            "gguf-parts-lack-a-tensor: the parts hold 2 tensors, and each says that they hold 3",
        ),
        of(
            "gguf-two-models",
            "has one model at two precisions, which is no set of parts",
            vec![("m-Q4_0.gguf", whole().bytes()), ("m-Q8_0.gguf", whole().bytes())],
            "gguf-two-models: there are 2 GGUF files (`m-Q4_0.gguf`, `m-Q8_0.gguf`), and they do not say that they are one model",
        ),
        of(
            "gguf-shard-of-an-index",
            "has an index of safetensors files one of which is GGUF",
            vec![
                (
                    "model.safetensors.index.json",
                    br#"{"weight_map":{"a":"a.safetensors","t":"b.safetensors"}}"#.to_vec(),
                ),
                ("a.safetensors", whole().bytes()),
                ("b.safetensors", super::piece::shard(&["t"])),
            ],
            "gguf-shard-of-an-index: `a.safetensors` is a gguf file and `b.safetensors` a safetensors file",
        ),
        Piece::told(
            "gguf-parts-turned",
            "has parts named in another order than numbered",
            vec![],
            &["gguf-parts-turned: the parts are numbered otherwise than they are named"],
        )
        .of(vec![(a, part(1, 2, 2, "a")), (b, part(0, 2, 2, "b"))]),
    ]
}
