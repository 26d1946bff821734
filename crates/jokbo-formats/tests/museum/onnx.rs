//! ONNX and CTranslate2 models that lead out, overlap or claim.

use super::ctranslate2_writer as ctranslate2;
use super::onnx_writer::{attribute, external, graph, model, node, one, raw, run, tensor, varint};
use super::piece::Piece;

pub(crate) fn pieces() -> Vec<Piece> {
    [messages(), tensors(), data_files(), variables()].concat()
}

fn messages() -> Vec<Piece> {
    let nested = (0..40).fold(graph(&[], &[]), |inner, _| {
        graph(&[node("If", &[], "", &[attribute("b", &run(6, &inner))])], &[])
    });
    // A name of one attribute, and of one node, around many graphs.
    let empty = run(6, &run(2, &[b'g'; 30]));
    let many = node("If", &[], "", &[attribute(&"b".repeat(4000), &empty.repeat(200))]);
    let branch =
        |k: usize| run(6, &graph(&[], &[tensor(&format!("w{k}"), 1, &[4], &raw(&[60; 16]))]));
    let branches: Vec<u8> = (0..100).flat_map(branch).collect();
    let axes = tensor("axes", 7, &[1], &raw(&[0; 8]));
    let around = (0..10).fold(
        graph(&[node("If", &[], "", &[attribute("b", &branches)])], &[axes]),
        |inner, _| {
            let name = "b".repeat(400);
            graph(&[node("If", &[], "", &[attribute(&name, &run(6, &inner))])], &[])
        },
    );
    vec![
        Piece::told(
            "onnx-branches-of-a-long-name.onnx",
            "has 200 graphs in an attribute whose name has 4000 letters",
            model(&graph(&[many], &[])),
            &["onnx-branches-of-a-long-name.onnx: the file holds no tensors"],
        ),
        Piece::told(
            "onnx-branches-in-long-names.onnx",
            "has 100 graphs with a tensor each, below attributes of 4000 letters together",
            model(&around),
            &[
                "onnx-branches-in-long-names.onnx: small constants that the graph computes with, which are not listed: 1",
            ],
        ),
        Piece::refused(
            "onnx-number-cut-short.onnx",
            "ends within a number of variable length",
            b"\x08\x08\x12\x80".to_vec(),
            "onnx-number-cut-short.onnx, at byte 3: the message ends within a number",
        ),
        Piece::refused(
            "onnx-number-too-long.onnx",
            "has a number that never ends",
            [&b"\x08\x08\x12"[..], &[0xff; 20]].concat(),
            "onnx-number-too-long.onnx, at byte 3: the message has a number of more than 64 bits",
        ),
        Piece::refused(
            "onnx-field-2-to-the-63.onnx",
            "has a field of 2^63 bytes",
            [&b"\x08\x08\x12"[..], &varint(1 << 63)].concat(),
            "onnx-field-2-to-the-63.onnx, at byte 13: the file ends within a field: 9223372036854775808 bytes needed and 0 left",
        ),
        Piece::refused(
            "onnx-nested.onnx",
            "has graphs in graphs, 40 deep",
            model(&nested),
            "onnx-nested.onnx, at byte 705: graphs lie more than 32 deep in one another",
        ),
        Piece::refused(
            "onnx-two-graphs.onnx",
            "has two graphs, of which readers may take either",
            [model(&graph(&[], &[])), run(7, &graph(&[], &[]))].concat(),
            "onnx-two-graphs.onnx, at byte 14: the message gives a field twice that stands once",
        ),
        Piece::refused(
            "onnx-name-twice.onnx",
            "stores two tensors of one name",
            model(&graph(
                &[],
                &[tensor("w", 1, &[1], &raw(&[1; 4])), tensor("w", 1, &[1], &raw(&[2; 4]))],
            )),
            "onnx-name-twice.onnx, tensor `w`, at byte 31: the tensor is listed twice",
        ),
    ]
}

fn tensors() -> Vec<Piece> {
    let big = 1 << 40;
    vec![
        Piece::refused(
            "onnx-shape-overflow.onnx",
            "has a shape whose product overflows",
            one(1, &[big, big], &raw(&[0; 4])),
            "onnx-shape-overflow.onnx, tensor `w`, at byte 16: the shape [1099511627776, 1099511627776] has more elements than 64 bits can count",
        ),
        Piece::refused(
            "onnx-axis-negative.onnx",
            "has an axis of -4",
            one(1, &[(-4i64).cast_unsigned()], &raw(&[0; 4])),
            "onnx-axis-negative.onnx, at byte 16: an axis has the length -4",
        ),
        Piece::refused(
            "onnx-raw-too-short.onnx",
            "has a shape larger than its bytes",
            one(1, &[2, 2], &raw(&[0; 12])),
            "onnx-raw-too-short.onnx, tensor `w`, at byte 16: the shape [2, 2] of F32 needs 16 bytes, and the byte range has 12",
        ),
        Piece::refused(
            "onnx-numbers-missing.onnx",
            "claims 2^40 numbers and writes none",
            one(7, &[big], &[]),
            "onnx-numbers-missing.onnx, tensor `w`, at byte 16: the shape needs 1099511627776 numbers, and 0 are given",
        ),
        Piece::refused(
            "onnx-numbers-twice.onnx",
            "gives its numbers raw and one by one, of which readers may take either",
            one(1, &[1], &[raw(&[0; 4]), run(4, &[1; 4])].concat()),
            "onnx-numbers-twice.onnx, tensor `w`, at byte 16: the model gives a tensor's numbers twice",
        ),
        Piece::told(
            "onnx-unknown-type.onnx",
            "has a type that does not exist",
            one(99, &[20], &raw(&[0; 20])),
            &[
                "onnx-unknown-type.onnx: tensor `w`: the ONNX type number 99 is not read; shape [20] is listed as U8 [20]",
            ],
        ),
    ]
}

fn data_files() -> Vec<Piece> {
    let at = |pairs: &[(&str, &str)]| {
        vec![("model.onnx", one(1, &[2], &external(pairs))), ("model.onnx_data", vec![0; 8])]
    };
    let refused = |name, tries, pairs: &[(&str, &str)], answer: &str| {
        Piece::refused(name, tries, Vec::new(), answer).of(at(pairs))
    };
    vec![
        refused(
            "onnx-data-leads-up",
            "keeps its numbers in a file outside the folder",
            &[("location", "../../../etc/passwd")],
            "model.onnx, tensor `w`: the data file `../../../etc/passwd` leads out of the folder or is not a plain path",
        ),
        refused(
            "onnx-data-leads-to-root",
            "keeps its numbers in a file of the system",
            &[("location", "/etc/passwd")],
            "model.onnx, tensor `w`: the data file `/etc/passwd` leads out of the folder or is not a plain path",
        ),
        refused(
            "onnx-data-missing",
            "keeps its numbers in a file that is not there",
            &[("location", "gone.bin")],
            "model.onnx, tensor `w`: the data file `gone.bin` is not beside the model",
        ),
        refused(
            "onnx-data-past-end",
            "keeps its numbers beyond the end of the data file",
            &[("location", "model.onnx_data"), ("offset", "4")],
            "model.onnx_data, tensor `w`, at byte 4: the tensor ends at byte 12 and the file at 8: 4 bytes are missing",
        ),
        refused(
            "onnx-data-overflow",
            "begins so far into the data file that its end overflows",
            &[("location", "model.onnx_data"), ("offset", "18446744073709551612")],
            "model.onnx_data, tensor `w`, at byte 18446744073709551612: begins 18446744073709551612 bytes into the data, and it ends beyond what 64 bits can count",
        ),
        refused(
            "onnx-data-not-a-number",
            "begins at a negative byte of the data file",
            &[("location", "model.onnx_data"), ("offset", "-8")],
            "model.onnx, at byte 52: the model places a tensor in another file by what is no number",
        ),
        refused(
            "onnx-data-wrong-length",
            "gives another length than its shape has",
            &[("location", "model.onnx_data"), ("length", "4")],
            "model.onnx, tensor `w`, at byte 16: the shape [2] of F32 needs 8 bytes, and the byte range has 4",
        ),
    ]
}

fn variables() -> Vec<Piece> {
    let small = ctranslate2::variable("w", &[2], 0, &[0; 8]);
    vec![
        Piece::refused(
            "ctranslate2-variables-2-to-the-31.bin",
            "says that it has 2^31 variables",
            ctranslate2::file(1 << 31, std::slice::from_ref(&small), &[]),
            "ctranslate2-variables-2-to-the-31.bin, at byte 23: 2147483648 variables are announced, and the 26 bytes left cannot hold them",
        ),
        Piece::refused(
            "ctranslate2-names-2-to-the-31.bin",
            "says that it has 2^31 other names",
            {
                let mut file = ctranslate2::file(1, std::slice::from_ref(&small), &[]);
                let at = file.len() - 4;
                file[at..].copy_from_slice(&(1u32 << 31).to_le_bytes());
                file
            },
            "ctranslate2-names-2-to-the-31.bin, at byte 49: 2147483648 other names are announced, and the 0 bytes left cannot hold them",
        ),
        Piece::refused(
            "ctranslate2-size-4-gb.bin",
            "has a variable of 4 GB in a small file",
            {
                let mut file = ctranslate2::file(1, std::slice::from_ref(&small), &[]);
                let at = file.len() - 16;
                file[at..at + 4].fill(0xff);
                file
            },
            "ctranslate2-size-4-gb.bin, tensor `w`, at byte 37: the tensor ends at byte 4294967332 and the file at 49: 4294967283 bytes are missing",
        ),
        Piece::refused(
            "ctranslate2-shape-overflow.bin",
            "has a shape whose product overflows",
            ctranslate2::file(1, &[ctranslate2::variable("w", &[u32::MAX; 3], 0, &[])], &[]),
            "ctranslate2-shape-overflow.bin, tensor `w`: the shape [4294967295, 4294967295, 4294967295] has more elements than 64 bits can count",
        ),
        Piece::refused(
            "ctranslate2-size-mismatch.bin",
            "has a shape larger than its bytes",
            ctranslate2::file(1, &[ctranslate2::variable("w", &[3], 0, &[0; 8])], &[]),
            "ctranslate2-size-mismatch.bin, tensor `w`: the shape [3] of F32 needs 12 bytes, and the byte range has 8",
        ),
        Piece::refused(
            "ctranslate2-alias-unknown.bin",
            "gives a name to a variable that is not there",
            ctranslate2::file(1, std::slice::from_ref(&small), &[("v", "u")]),
            "ctranslate2-alias-unknown.bin: the name `v` stands for `u`, which is not in the file",
        ),
        Piece::refused(
            "ctranslate2-version-9.bin",
            "is of a version that does not exist",
            {
                let mut file = ctranslate2::file(0, &[], &[]);
                file[0] = 9;
                file
            },
            "ctranslate2-version-9.bin: the format of CTranslate2 is of version 9, and versions 4 to 6 are read",
        ),
    ]
}
