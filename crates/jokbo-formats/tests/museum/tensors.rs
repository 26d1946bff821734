//! Pieces in which a tensor is wrong by itself, or beside another.

use super::piece::Piece as P;
use super::piece::{Piece, entry, file, tensors};

pub(crate) fn pieces() -> Vec<Piece> {
    let one = |dtype, shape, offsets, data| tensors(&[entry("a", dtype, shape, offsets)], data);
    let two = |first, second, data| {
        tensors(&[entry("a", "U8", "[4]", first), entry("b", "U8", "[4]", second)], data)
    };
    let axes = format!("[{}]", vec!["1"; 65].join(","));
    vec![
        P::refused(
            "name-twice.safetensors",
            "lists one name with two places, and readers differ in which they take",
            tensors(&[entry("a", "U8", "[4]", "[0,4]"), entry("a", "U8", "[4]", "[4,8]")], 8),
            "name-twice.safetensors, tensor `a`: the tensor is listed twice",
        ),
        P::refused(
            "name-twice-by-escape.safetensors",
            "spells the same name in two ways",
            tensors(&[entry("a", "U8", "[4]", "[0,4]"), entry("\\u0061", "U8", "[4]", "[4,8]")], 8),
            "name-twice-by-escape.safetensors, tensor `a`: the tensor is listed twice",
        ),
        P::refused(
            "key-twice.safetensors",
            "gives one tensor two byte ranges",
            file(
                r#"{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4],"data_offsets":[4,8]}}"#,
                8,
            ),
            "key-twice.safetensors, tensor `a`, at byte 74: the key `data_offsets` is given twice",
        ),
        P::refused(
            "key-missing.safetensors",
            "leaves the shape out",
            file(r#"{"a":{"dtype":"U8","data_offsets":[0,4]}}"#, 4),
            "key-missing.safetensors, tensor `a`, at byte 48: the key `shape` is missing",
        ),
        P::told(
            "key-unknown.safetensors",
            "adds a key without a meaning",
            file(r#"{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4],"scale":2}}"#, 4),
            &["key-unknown.safetensors: tensor `a`: keys without a meaning here: `scale`"],
        ),
        P::refused(
            "tensor-as-list.safetensors",
            "writes a tensor as a list, which the library accepts",
            file(r#"{"a":["U8",[4],[0,4]]}"#, 4),
            "tensor-as-list.safetensors, tensor `a`, at byte 13: the JSON is not of the form it has here: invalid type: sequence, expected an object with dtype, shape and data_offsets",
        ),
        P::refused(
            "dtype-as-object.safetensors",
            "writes a type as an object, which the library accepts",
            file(r#"{"a":{"dtype":{"U8":null},"shape":[4],"data_offsets":[0,4]}}"#, 4),
            "dtype-as-object.safetensors, tensor `a`, at byte 22: the JSON is not of the form it has here: invalid type: map, expected a string",
        ),
        P::told(
            "name-empty.safetensors",
            "has a tensor without a name",
            tensors(&[entry("", "U8", "[4]", "[0,4]")], 4),
            &["name-empty.safetensors: tensor ``: the name is empty"],
        ),
        P::told(
            "name-with-nul.safetensors",
            "ends a name early for programs in C",
            tensors(&[entry("a.weight\\u0000.hidden", "U8", "[4]", "[0,4]")], 4),
            &[
                "name-with-nul.safetensors: tensor `a.weight\\0.hidden`: characters of the name that do not show as themselves: 1",
            ],
        ),
        P::told(
            "name-with-escape.safetensors",
            "clears the reader's terminal",
            tensors(&[entry("a\\u001b[2J\\u001b[31m", "U8", "[4]", "[0,4]")], 4),
            &[
                "name-with-escape.safetensors: tensor `a\\u{1b}[2J\\u{1b}[31m`: characters of the name that do not show as themselves: 2",
            ],
        ),
        P::told(
            "name-right-to-left.safetensors",
            "turns the direction of the text around",
            tensors(&[entry("a\\u202ethgiew", "U8", "[4]", "[0,4]")], 4),
            &[
                "name-right-to-left.safetensors: tensor `a\\u{202e}thgiew`: characters of the name that do not show as themselves: 1",
            ],
        ),
        P::refused(
            "name-long.safetensors",
            "has a name of 5,000 bytes",
            tensors(&[entry(&"n".repeat(5000), "U8", "[4]", "[0,4]")], 4),
            "name-long.safetensors, tensor `nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn… and 4760 bytes more`, at byte 5011: the name has 5000 bytes, and the limit is 4096",
        ),
        P::refused(
            "axes-65.safetensors",
            "has one axis more than the limit",
            one("U8", &axes, "[0,1]", 1),
            "axes-65.safetensors, tensor `a`, at byte 166: the shape has more than 64 axes",
        ),
        P::refused(
            "axis-negative.safetensors",
            "has an axis of -4",
            one("U8", "[-4]", "[0,4]", 4),
            "axis-negative.safetensors, tensor `a`, at byte 38: the JSON is not of the form it has here: invalid value: integer `-4`, expected u64",
        ),
        P::refused(
            "axis-fraction.safetensors",
            "has an axis of 4.0",
            one("U8", "[4.0]", "[0,4]", 4),
            "axis-fraction.safetensors, tensor `a`, at byte 39: the JSON is not of the form it has here: invalid type: floating point `4.0`, expected u64",
        ),
        P::refused(
            "axis-over-64-bits.safetensors",
            "has an axis of 2^64",
            one("U8", "[18446744073709551616]", "[0,0]", 0),
            "axis-over-64-bits.safetensors, tensor `a`, at byte 56: the JSON is not of the form it has here: invalid type: floating point `1.8446744073709552e+19`, expected u64",
        ),
        P::refused(
            "shape-overflow.safetensors",
            "has a shape whose product is 2^64, which wraps to 0",
            one("U8", "[4294967296,4294967296]", "[0,0]", 0),
            "shape-overflow.safetensors, tensor `a`, at byte 81: the shape [4294967296, 4294967296] has more elements than 64 bits can count",
        ),
        P::refused(
            "shape-overflow-then-zero.safetensors",
            "hides the overflow behind an axis of 0",
            one("U8", "[4294967296,4294967296,0]", "[0,0]", 0),
            "shape-overflow-then-zero.safetensors, tensor `a`, at byte 83: the shape [4294967296, 4294967296, 0] has more elements than 64 bits can count",
        ),
        P::refused(
            "size-overflow.safetensors",
            "has 2^61 elements of 8 bytes, which wraps to 0",
            one("F64", "[2305843009213693952]", "[0,0]", 0),
            "size-overflow.safetensors, tensor `a`, at byte 80: the shape [2305843009213693952] of F64 has more bits than 64 bits can count",
        ),
        P::refused(
            "size-mismatch.safetensors",
            "has a shape larger than its bytes",
            one("F32", "[2,3]", "[0,20]", 20),
            "size-mismatch.safetensors, tensor `a`, at byte 65: the shape [2, 3] of F32 needs 24 bytes, and the byte range has 20",
        ),
        P::refused(
            "range-backwards.safetensors",
            "has a byte range that ends before it begins",
            one("U8", "[4]", "[4,0]", 4),
            "range-backwards.safetensors, tensor `a`: the byte range [4, 0] runs backwards",
        ),
        P::refused(
            "range-of-three.safetensors",
            "has a byte range of three numbers",
            one("U8", "[4]", "[0,4,8]", 8),
            "range-of-three.safetensors, tensor `a`, at byte 61: the byte range is not a pair of numbers",
        ),
        P::refused(
            "range-overflow.safetensors",
            "has a byte range that overflows when the header is added",
            one("U8", "[4]", "[18446744073709551611,18446744073709551615]", 4),
            "range-overflow.safetensors, tensor `a`: the byte range [18446744073709551611, 18446744073709551615] ends beyond what 64 bits can count",
        ),
        P::refused(
            "cut-short.safetensors",
            "is a download that stopped early",
            two("[0,4]", "[4,8]", 5),
            "cut-short.safetensors, tensor `b`, at byte 117: the tensor ends at byte 121 and the file at 118: 3 bytes are missing",
        ),
        P::refused(
            "claims-an-exabyte.safetensors",
            "has one tensor of 2^60 bytes in a small file",
            one("U8", "[1152921504606846976]", "[0,1152921504606846976]", 4),
            "claims-an-exabyte.safetensors, tensor `a`, at byte 97: the tensor ends at byte 1152921504606847073 and the file at 101: 1152921504606846972 bytes are missing",
        ),
        P::refused(
            "overlap.safetensors",
            "has two tensors that share two bytes",
            two("[0,4]", "[2,6]", 6),
            "overlap.safetensors, tensor `b`, at byte 115: the bytes from 115 to 117 also belong to tensor `a`",
        ),
        P::refused(
            "overlap-same.safetensors",
            "has two names for the same bytes",
            two("[0,4]", "[0,4]", 4),
            "overlap-same.safetensors, tensor `b`, at byte 113: the bytes from 113 to 117 also belong to tensor `a`",
        ),
        P::told(
            "hole.safetensors",
            "hides bytes between two tensors",
            two("[0,4]", "[7,11]", 11),
            &[
                "hole.safetensors: tensor `b`: 3 bytes from byte 118 on, before this tensor, in no tensor",
                "hole.safetensors: the safetensors library would refuse this file: invalid offset for tensor `b`",
            ],
        ),
        P::told(
            "hole-at-start.safetensors",
            "hides bytes before the first tensor",
            one("U8", "[4]", "[8,12]", 12),
            &[
                "hole-at-start.safetensors: tensor `a`: 8 bytes from byte 62 on, before this tensor, in no tensor",
                "hole-at-start.safetensors: the safetensors library would refuse this file: invalid offset for tensor `a`",
            ],
        ),
        P::told(
            "trailing.safetensors",
            "hides bytes after the last tensor",
            one("U8", "[4]", "[0,4]", 20),
            &[
                "trailing.safetensors: 16 bytes from byte 65 on, after the last tensor, in no tensor",
                "trailing.safetensors: the safetensors library would refuse this file: incomplete metadata, file not fully covered",
            ],
        ),
        P::told(
            "dtype-f4.safetensors",
            "has a type that the library knows and Jokbo does not read",
            one("F4", "[2,4]", "[0,4]", 4),
            &[
                "dtype-f4.safetensors: tensor `a`: dtype F4 is not read yet; shape [2, 4] is listed as U8 [4]",
            ],
        ),
        P::refused(
            "dtype-f4-odd.safetensors",
            "has five elements of four bits",
            one("F4", "[5]", "[0,3]", 3),
            "dtype-f4-odd.safetensors, tensor `a`, at byte 61: the shape [5] of F4 ends within a byte",
        ),
        P::told(
            "dtype-unknown.safetensors",
            "has a type that nobody knows",
            one("Q4_K", "[32]", "[0,4]", 4),
            &[
                "dtype-unknown.safetensors: tensor `a`: dtype Q4_K is not read yet; shape [32] is listed as U8 [4]",
                "dtype-unknown.safetensors: the safetensors library would refuse this file: unknown variant `Q4_K`, expected one of `BOOL`, `F4`, `F6_E2M3`, `F6_E3M2`, `U8`, `I8`, `F8_E5M2`, `F8_E4M3`, `F8_E8M0`, `F8_E4M3FNUZ`, `F8_E5M2FNUZ`, `I16`, `U16`, `F16`, `BF16`, `I32`, `U32`, `F32`, `C64`, `F64`, `I64`, `U64`",
            ],
        ),
        P::told(
            "dtype-lower-case.safetensors",
            "spells a type in another way",
            one("u8", "[4]", "[0,4]", 4),
            &[
                "dtype-lower-case.safetensors: tensor `a`: dtype u8 is not read yet; shape [4] is listed as U8 [4]",
                "dtype-lower-case.safetensors: the safetensors library would refuse this file: unknown variant `u8`, expected one of `BOOL`, `F4`, `F6_E2M3`, `F6_E3M2`, `U8`, `I8`, `F8_E5M2`, `F8_E4M3`, `F8_E8M0`, `F8_E4M3FNUZ`, `F8_E5M2FNUZ`, `I16`, `U16`, `F16`, `BF16`, `I32`, `U32`, `F32`, `C64`, `F64`, `I64`, `U64`",
            ],
        ),
    ]
}
