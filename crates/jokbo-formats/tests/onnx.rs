//! Laws of the readers of ONNX and CTranslate2 models: what is written is read, what the graph says
//! of a weight is followed, and no bytes make them panic.

#![allow(clippy::unwrap_used, reason = "a failed unwrap in a test is a failed test")]

#[path = "ctranslate2/writer.rs"]
mod ctranslate2;
#[path = "onnx/writer.rs"]
mod writer;

use jokbo_formats::{
    Checkpoint, Dtype, Entry, Error, Format, Making, Recipe, Scales, Scheme, from_memory,
};
use proptest::prelude::*;
use writer::{attribute, external, graph, model, node, number, one, raw, run, tensor, varint};

/// How a quantised weight is made.
#[track_caller]
fn codes(entry: &Entry) -> &Recipe {
    match entry.recipe.as_deref() {
        Some(Making::Codes(recipe)) => recipe,
        other => panic!("{} is made otherwise: {other:?}", entry.name),
    }
}

fn open_all(files: &[(&str, Vec<u8>)]) -> Result<(Checkpoint, Vec<String>), Error> {
    let files = files.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.clone())).collect();
    let (checkpoint, oddities) = from_memory("m", files, None)?;
    Ok((checkpoint, oddities.iter().map(ToString::to_string).collect()))
}

fn open(bytes: Vec<u8>) -> Result<(Checkpoint, Vec<String>), Error> {
    open_all(&[("m.onnx", bytes)])
}

fn entry<'a>(checkpoint: &'a Checkpoint, name: &str) -> &'a Entry {
    checkpoint.entries.iter().find(|entry| entry.name == name).expect("it is there")
}

fn bytes_of(checkpoint: &Checkpoint, entry: &Entry) -> Vec<u8> {
    let mut bytes = vec![0; usize::try_from(entry.bytes).expect("it is in memory")];
    let reader = &checkpoint.files[entry.file].reader;
    reader.read_exact_at(&mut bytes, entry.offset).expect("the place was checked");
    bytes
}

/// The type and the bytes of the only tensor of a model.
#[track_caller]
fn gives(bytes: Vec<u8>, dtype: Dtype, want: &[u8]) {
    let (checkpoint, _) = open(bytes).unwrap();
    let entry = entry(&checkpoint, "w");
    assert_eq!((entry.dtype, &*bytes_of(&checkpoint, entry)), (dtype, want));
}

#[test]
fn raw_numbers_are_read_in_place() {
    let (checkpoint, oddities) = open(one(1, &[1, 2], &raw(&[1, 2, 3, 4, 5, 6, 7, 8]))).unwrap();
    assert_eq!((checkpoint.format, oddities.len()), (Format::Onnx, 0));
    assert_eq!(checkpoint.metadata["producer_name"], "tests");
    assert_eq!((&*entry(&checkpoint, "w").shape, checkpoint.files.len()), (&[1, 2][..], 1));
    for (element, dtype) in [(10, Dtype::F16), (16, Dtype::BF16), (4, Dtype::U16)] {
        gives(one(element, &[20], &raw(&[7; 40])), dtype, &[7; 40]);
    }
    for (element, dtype) in [(17, Dtype::F8E4M3), (19, Dtype::F8E5M2), (3, Dtype::I8)] {
        gives(one(element, &[20], &raw(&[7; 20])), dtype, &[7; 20]);
    }
}

#[test]
fn numbers_that_are_written_one_by_one_are_unpacked() {
    let floats = [1.5f32, -2.0].map(f32::to_le_bytes).concat();
    gives(one(1, &[2], &run(4, &floats)), Dtype::F32, &floats);
    let four = |bytes: &[u8]| [varint(4 << 3 | 5), bytes.to_vec()].concat();
    gives(one(1, &[2], &[four(&floats[..4]), four(&floats[4..])].concat()), Dtype::F32, &floats);
    let doubles = [1.5f64, -2.0].map(f64::to_le_bytes).concat();
    gives(one(11, &[2], &run(10, &doubles)), Dtype::F64, &doubles);
    let halves: Vec<u8> = [0x3c00, 0xbc00].into_iter().flat_map(varint).collect();
    gives(one(10, &[2], &run(5, &halves)), Dtype::F16, &[0, 0x3c, 0, 0xbc]);
    let signed: Vec<u8> = (0..20).flat_map(|_| varint((-3i64).cast_unsigned())).collect();
    gives(one(3, &[20], &run(5, &signed)), Dtype::I8, &[0xfd; 20]);
    gives(one(7, &[20], &run(7, &signed)), Dtype::I64, &(-3i64).to_le_bytes().repeat(20));
    let large: Vec<u8> = (0..20).flat_map(|_| varint(u64::MAX - 1)).collect();
    gives(one(13, &[20], &run(11, &large)), Dtype::U64, &(u64::MAX - 1).to_le_bytes().repeat(20));
}

#[test]
fn numbers_that_do_not_fit_their_type_are_refused() {
    for (element, field) in [(3, 5), (10, 5), (12, 11)] {
        let beyond: Vec<u8> = (0..20).flat_map(|_| varint(1 << 33)).collect();
        let error = open(one(element, &[20], &run(field, &beyond))).unwrap_err().to_string();
        assert!(error.ends_with("the model gives a number that its type does not hold"), "{error}");
    }
}

#[test]
fn constants_and_the_tensors_of_branches_are_found() {
    let constant = |name: &str, shape: &[u64], numbers: &[u8]| {
        let value = attribute("value", &run(5, &tensor("", 1, shape, &raw(numbers))));
        node("Constant", &[], name, &[value])
    };
    let branch = graph(&[constant("c", &[2], &[1; 8])], &[tensor("w", 1, &[1], &raw(&[2; 4]))]);
    let other = graph(&[constant("scalar", &[], &[1; 4])], &[tensor("w", 1, &[1], &raw(&[3; 4]))]);
    let branches =
        [attribute("then_branch", &run(6, &branch)), attribute("else_branch", &run(6, &other))];
    let whole = graph(&[node("If", &["x"], "y", &branches)], &[]);
    let (checkpoint, oddities) = open(model(&whole)).unwrap();
    let names: Vec<&str> = checkpoint.entries.iter().map(|entry| &*entry.name).collect();
    assert_eq!(names, ["c", "n.then_branch/w", "n.else_branch/w"]);
    let told = "m.onnx: small constants that the graph computes with, which are not listed: 1";
    assert_eq!(oddities, [told]);
}

#[test]
fn data_files_are_read_where_the_model_says() {
    let place = |offset: &str| external(&[("location", "d/w.bin"), ("offset", offset)]);
    let tensors = [tensor("a", 1, &[1], &place("4")), tensor("b", 1, &[1], &place("0"))];
    let bytes = model(&graph(&[], &tensors));
    let data = ("d/w.bin", vec![1, 2, 3, 4, 5, 6, 7, 8]);
    let (checkpoint, oddities) = open_all(&[("m.onnx", bytes), data]).unwrap();
    assert_eq!(oddities, Vec::<String>::new());
    assert_eq!(bytes_of(&checkpoint, entry(&checkpoint, "a")), [5, 6, 7, 8]);
    assert_eq!(bytes_of(&checkpoint, entry(&checkpoint, "b")), [1, 2, 3, 4]);
    let own: Vec<&str> = checkpoint.own_files().map(|file| &*file.path).collect();
    assert_eq!(own, ["m.onnx", "d/w.bin"]);
}

#[cfg(unix)]
#[test]
fn a_data_file_that_is_a_link_out_of_the_folder_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("model");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(dir.path().join("secret"), [0; 8]).unwrap();
    std::os::unix::fs::symlink("../secret", folder.join("w.bin")).unwrap();
    let bytes = one(1, &[2], &external(&[("location", "w.bin")]));
    std::fs::write(folder.join("m.onnx"), bytes).unwrap();
    for path in [folder.join("m.onnx"), folder] {
        let error = jokbo_formats::open(&path).unwrap_err().to_string();
        assert!(error.contains("outside the folder that was named"), "{error}");
    }
}

/// A model with `q` (4 by 6 bytes), `s` (6 numbers), `z` (6 bytes) and these nodes.
fn quantised(nodes: &[Vec<u8>]) -> Checkpoint {
    let tensors = [
        tensor("w_quantized", 3, &[4, 6], &raw(&[1; 24])),
        tensor("s", 1, &[6], &raw(&[0; 24])),
        tensor("z", 3, &[6], &raw(&[0; 6])),
        tensor("one", 1, &[1], &raw(&[0; 4])),
    ];
    open(model(&graph(nodes, &tensors))).unwrap().0
}

#[test]
fn the_nodes_say_which_scale_belongs_to_a_weight() {
    let plain = |op: &str, inputs: &[&str], output: &str| node(op, inputs, output, &[]);
    let integer = [
        plain("MatMulInteger", &["x", "w_quantized", "xz", "z"], "a"),
        plain("Cast", &["a"], "b"),
        plain("Mul", &["xs", "s"], "c"),
        plain("Mul", &["b", "c"], "y"),
    ];
    let cast = [plain("Cast", &["w_quantized"], "a"), plain("Mul", &["one", "a"], "b")];
    let gathered = [
        plain("Gather", &["w_quantized", "ids"], "a"),
        plain("DequantizeLinear", &["a", "one"], "b"),
    ];
    let linear = [plain("QLinearMatMul", &["x", "1", "2", "w_quantized", "s", "z"], "y")];
    let dequantised = [plain("DequantizeLinear", &["w_quantized", "s", "z"], "y")];
    for (nodes, scale, zero) in [
        (&integer[..], "s", true),
        (&cast, "one", false),
        (&gathered, "one", false),
        (&linear, "s", true),
        (&dequantised, "s", true),
    ] {
        let checkpoint = quantised(nodes);
        let found = entry(&checkpoint, "w");
        assert_eq!((found.dtype, &*found.shape), (Dtype::Composed(Scheme::Int(8)), &[4, 6][..]));
        let recipe = codes(found);
        let Scales::Floats(floats) = &recipe.scale.values else { panic!("no floats") };
        assert_eq!((&*floats.name, recipe.zero.is_some()), (scale, zero));
        let stays = checkpoint.entries.iter().any(|entry| entry.name == "w_quantized");
        assert!(!stays);
    }
}

#[test]
fn codes_that_no_node_scales_stay_what_they_are() {
    let checkpoint = quantised(&[node("Identity", &["w_quantized"], "y", &[])]);
    assert_eq!(entry(&checkpoint, "w_quantized").dtype, Dtype::I8);
}

#[test]
fn blocks_of_four_bits_are_one_weight() {
    let numbers = [("K", 64u64), ("N", 2), ("block_size", 32), ("bits", 4)];
    let numbers = numbers.map(|(key, value)| attribute(key, &number(3, value)));
    let tensors =
        [tensor("w_Q4", 2, &[2, 2, 16], &raw(&[0x98; 64])), tensor("s", 1, &[4], &raw(&[0; 16]))];
    let nodes = [node("MatMulNBits", &["x", "w_Q4", "s"], "y", &numbers)];
    let (checkpoint, oddities) = open(model(&graph(&nodes, &tensors))).unwrap();
    assert_eq!(oddities, Vec::<String>::new());
    let found = entry(&checkpoint, "w");
    assert_eq!((found.dtype, &*found.shape), (Dtype::Composed(Scheme::Int(4)), &[2, 64][..]));
}

#[test]
fn variables_of_ctranslate2_are_listed_with_their_other_names() {
    let variables = [
        ctranslate2::variable("a/weight", &[2, 2], 1, &[1, 2, 3, 4]),
        ctranslate2::variable("a/weight_scale", &[2], 0, &[0; 8]),
        ctranslate2::variable("b", &[1], 4, &[7, 8]),
        ctranslate2::variable("setting", &[], 1, &[1]),
    ];
    let file = ctranslate2::file(4, &variables, &[("c", "b")]);
    let (checkpoint, oddities) = open_all(&[("model.bin", file)]).unwrap();
    assert_eq!(checkpoint.format, Format::CTranslate2);
    assert_eq!(bytes_of(&checkpoint, entry(&checkpoint, "c")), [7, 8]);
    assert_eq!(entry(&checkpoint, "b").dtype, Dtype::F16);
    let weight = entry(&checkpoint, "a/weight");
    assert_eq!(weight.dtype, Dtype::Composed(Scheme::Int(8)));
    // A code is divided by its scale, where other makers multiply.
    let scale = &codes(weight).scale;
    assert!(matches!(scale.values, Scales::Inverses(_)));
    assert_eq!(
        oddities,
        [
            "model.bin: variables without axes, which are settings and not listed: 1",
            "model.bin: tensor `c`: shares its bytes with `b`",
        ]
    );
}

proptest! {
    #[test]
    fn no_bytes_make_the_readers_panic(cut in 0usize..400, at in 0usize..400, byte: u8) {
        let branch = graph(&[], &[tensor("v", 1, &[2], &run(4, &[0; 8]))]);
        let nodes = [
            node("If", &["x"], "y", &[attribute("then_branch", &run(6, &branch))]),
            node("DequantizeLinear", &["w_quantized", "s"], "y", &[]),
        ];
        let tensors = [
            tensor("w_quantized", 3, &[4, 6], &raw(&[1; 24])),
            tensor("s", 1, &[6], &raw(&[0; 24])),
        ];
        let variables = [ctranslate2::variable("a", &[2, 2], 1, &[1, 2, 3, 4])];
        for whole in [
            model(&graph(&nodes, &tensors)),
            ctranslate2::file(1, &variables, &[("c", "a")]),
        ] {
            let n = whole.len();
            let mut changed = whole.clone();
            changed[at % n] = byte;
            for bytes in [whole[..cut.min(n)].to_vec(), changed] {
                if let Ok((checkpoint, _)) = open(bytes) {
                    for entry in checkpoint.entries.iter().filter(|e| e.recipe.is_none()) {
                        bytes_of(&checkpoint, entry);
                    }
                }
            }
        }
    }
}

#[test]
fn names_are_told_apart_by_so_many_bytes_and_no_more() {
    let branch = run(6, &graph(&[], &[tensor("w", 1, &[1], &raw(&[60; 4]))]));
    let deep = |n: usize| {
        let many = attribute("b", &branch.repeat(n));
        (0..30).fold(graph(&[node("If", &[], "", &[many])], &[]), |inner, _| {
            let inner = attribute(&"b".repeat(4096), &run(6, &inner));
            graph(&[node("If", &[], "", &[inner])], &[])
        })
    };
    let refused = open(model(&deep(140))).unwrap_err().to_string();
    assert!(
        refused.ends_with("names are told apart by more than 16777216 bytes of other names"),
        "{refused}"
    );
    // Two of one name in two graphs of the same place are the same tensor twice.
    let twice = open(model(&deep(2))).unwrap_err().to_string();
    assert!(twice.contains("the tensor is also in"), "{twice}");
}

#[test]
fn recurrent_layers_are_read_in_the_order_of_pytorch() {
    let golden =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/golden/recurrent");
    for kind in ["gru", "lstm", "rnn"] {
        let model = std::fs::read(golden.join(format!("{kind}.onnx"))).unwrap();
        let (checkpoint, told) = open(model).unwrap();
        // A type of layer has six tensors a layer of two directions, each made of one of three.
        let want =
            "tensors of recurrent layers, which are read in the order and the shapes of PyTorch: 6";
        assert!(told.iter().any(|told| told.ends_with(want)), "{kind}: {told:?}");
        let table = std::fs::read_to_string(golden.join(format!("{kind}.tsv"))).unwrap();
        let mut wanted: Vec<(String, String)> = Vec::new();
        for row in table.lines() {
            let cells: Vec<&str> = row.split('\t').collect();
            // `weight_ih_l0_reverse` is kept by layer, and here by the tensor it was part of.
            let kind = cells[0].replace("_l0", "").replace("_l1", "");
            wanted.push((format!("{kind} {}", cells[1]), cells[2].to_owned()));
        }
        let mut read: Vec<(String, String)> = Vec::new();
        for entry in &checkpoint.entries {
            let shape: Vec<String> = entry.shape.iter().map(u64::to_string).collect();
            // The exporter adds an initial state of zeros.
            let Some((_, kind)) = entry.name.rsplit_once('.') else { continue };
            let bytes = bytes_of(&checkpoint, entry);
            let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            read.push((format!("{kind} {}", shape.join("x")), hex));
        }
        wanted.sort();
        read.sort();
        assert_eq!(read.len(), 16, "{kind}");
        assert_eq!(read, wanted, "{kind}");
    }
}

#[test]
fn what_other_nodes_use_too_stays_as_it_is_stored() {
    let weights = || tensor("w", 1, &[1, 3, 2], &raw(&[60; 24]));
    let recurrent = || tensor("r", 1, &[1, 3, 1], &raw(&[60; 12]));
    let gru = || node("GRU", &["x", "w", "r"], "y", &[]);
    let names = |nodes: &[Vec<u8>], more: &[Vec<u8>]| {
        let tensors = [vec![weights(), recurrent()], more.to_vec()].concat();
        let (checkpoint, _) = open(model(&graph(nodes, &tensors))).unwrap();
        let mut names: Vec<String> = checkpoint.entries.into_iter().map(|e| e.name).collect();
        names.sort();
        names
    };
    assert_eq!(names(&[gru()], &[]), ["r.weight_hh", "w.weight_ih"]);
    assert_eq!(names(&[gru(), gru()], &[]), ["r.weight_hh", "w.weight_ih"]);
    assert_eq!(names(&[gru(), node("Add", &["a", "w"], "b", &[])], &[]), ["r.weight_hh", "w"]);
    let lstm = node("LSTM", &["x", "w", "q"], "y", &[]);
    assert_eq!(names(&[gru(), lstm], &[]), ["r.weight_hh", "w"]);
    let taken = tensor("w.weight_ih", 1, &[1], &raw(&[60; 4]));
    assert_eq!(names(&[gru()], &[taken]), ["r.weight_hh", "w", "w.weight_ih"]);
}
