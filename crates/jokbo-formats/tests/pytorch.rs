//! Laws of the reader of PyTorch files: what is written is read, a call is never made, and no
//! bytes make it panic.

#[path = "pytorch/writer.rs"]
mod writer;

use jokbo_formats::{ByteOrder, Checkpoint, Dtype, Error, Format, Oddity, from_memory};
use proptest::prelude::*;
use writer::{Pickle, Zip, archive, small, small_pickle, stream};

fn open(files: &[(&str, Vec<u8>)]) -> Result<(Checkpoint, Vec<Oddity>), Error> {
    let files = files.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.clone())).collect();
    from_memory("m", files, None)
}

/// Opens one archive, and gives what was told without the file's name.
fn open_one(pickle: Vec<u8>, storages: &[(&str, &[u8])]) -> (Checkpoint, Vec<String>) {
    let bytes = archive(&pickle, storages).bytes();
    let (checkpoint, oddities) = open(&[("m.pt", bytes)]).expect("it is lawful");
    (checkpoint, oddities.iter().map(ToString::to_string).collect())
}

fn bytes_of(checkpoint: &Checkpoint, name: &str) -> Vec<u8> {
    let entry = checkpoint.entries.iter().find(|entry| entry.name == name).expect("it is there");
    let mut bytes = vec![0; usize::try_from(entry.bytes).expect("it is in memory")];
    let reader = &checkpoint.files[entry.file].reader;
    reader.read_exact_at(&mut bytes, entry.offset).expect("the place was checked");
    bytes
}

fn names(checkpoint: &Checkpoint) -> Vec<&str> {
    checkpoint.entries.iter().map(|entry| entry.name.as_str()).collect()
}

const EIGHT: &[u8] = &[1, 2, 3, 4, 5, 6, 7, 8];

#[test]
fn a_tensor_is_where_its_storage_is() {
    let (checkpoint, oddities) = open_one(small_pickle(), &[("0", EIGHT)]);
    assert_eq!(oddities, Vec::<String>::new());
    assert_eq!(checkpoint.format, Format::PyTorch);
    let entry = &checkpoint.entries[0];
    assert_eq!((entry.name.as_str(), entry.dtype, &*entry.shape), ("w", Dtype::F32, &[2][..]));
    assert_eq!(bytes_of(&checkpoint, "w"), EIGHT);
}

#[test]
fn nested_dictionaries_give_dotted_names() {
    let half = |pickle: Pickle, at, n| pickle.tensor(("HalfStorage", "k", 4), at, &[n], &[1]);
    let pickle = Pickle::new().raw(b"}(").text("state_dict").raw(b"}").text("a.weight");
    let pickle = half(pickle, 1, 2).raw(b"s").text("epoch").int(3).text("list").raw(b"](");
    let pickle = half(half(pickle, 0, 1), 3, 1).raw(b"eu");
    let (checkpoint, oddities) = open_one(pickle.stop(), &[("k", EIGHT)]);
    assert_eq!(names(&checkpoint), ["list.0", "state_dict.a.weight", "list.1"]);
    assert_eq!(bytes_of(&checkpoint, "state_dict.a.weight"), [3, 4, 5, 6]);
    assert_eq!(oddities, ["m.pt: values that are no tensors, which are not listed: 1"]);
}

#[test]
fn a_whole_module_has_the_names_of_its_state_dictionary() {
    let w = |pickle: Pickle| pickle.tensor(("CharStorage", "0", 8), 0, &[8], &[1]);
    let inner = |pickle: Pickle| {
        let pickle = pickle.global("__torch__.m", "Linear").raw(b")\x81}").text("_parameters");
        w(pickle.raw(b"}").text("weight")).raw(b"ssb")
    };
    let pickle = Pickle::new().global("__torch__.m", "Net").raw(b")\x81}").text("_modules");
    let pickle = inner(pickle.raw(b"}").text("fc")).raw(b"ssb").stop();
    let (checkpoint, oddities) = open_one(pickle, &[("0", EIGHT)]);
    assert_eq!(names(&checkpoint), ["fc.weight"]);
    assert_eq!(oddities, Vec::<String>::new());
}

#[test]
fn a_call_is_told_and_not_made() {
    let pickle = Pickle::new().raw(b"}(").text("w");
    let pickle = pickle.tensor(("FloatStorage", "0", 2), 0, &[2], &[1]).text("x");
    let pickle = pickle.global("os", "system").text("true").raw(b"\x85Ru").stop();
    let (checkpoint, oddities) = open_one(pickle, &[("0", EIGHT)]);
    assert_eq!(names(&checkpoint), ["w"]);
    let want = "m.pt: the pickle names `os.system`, which a loader would import; it was not run";
    assert_eq!(oddities[0], want);
}

#[test]
fn tied_tensors_are_both_listed_and_told() {
    let pickle = Pickle::new().raw(b"}(").text("embed");
    let pickle = pickle.tensor(("FloatStorage", "0", 2), 0, &[2], &[1]).raw(b"q\x07");
    let (checkpoint, oddities) =
        open_one(pickle.text("head").raw(b"h\x07u").stop(), &[("0", EIGHT)]);
    assert_eq!(names(&checkpoint), ["embed", "head"]);
    assert_eq!(oddities, ["m.pt: tensor `head`: shares its bytes with `embed`"]);
}

#[test]
fn a_tensor_that_is_turned_around_is_read_in_the_order_of_its_shape() {
    let pickle = Pickle::new().raw(b"}").text("t");
    let pickle = pickle.tensor(("ByteStorage", "0", 8), 0, &[2, 4], &[1, 2]).raw(b"s").stop();
    let (checkpoint, oddities) = open_one(pickle, &[("0", EIGHT)]);
    assert_eq!(bytes_of(&checkpoint, "t"), [1, 3, 5, 7, 2, 4, 6, 8]);
    assert_eq!(oddities, Vec::<String>::new());
    assert_eq!(checkpoint.own_files().count(), 1);
}

#[test]
fn a_tensor_with_one_number_in_many_places_is_told_and_not_read() {
    let pickle = Pickle::new().raw(b"}").text("t");
    let pickle = pickle.tensor(("ByteStorage", "0", 8), 0, &[2, 8], &[0, 1]).raw(b"s").stop();
    let (checkpoint, oddities) = open_one(pickle, &[("0", EIGHT)]);
    assert!(checkpoint.entries.is_empty());
    assert_eq!(
        oddities[0],
        "m.pt: tensor `t`: its numbers lie with gaps or in several places at once (shape [2, 8], strides [0, 1]), so they are not read"
    );
}

#[test]
fn deflated_records_are_unpacked() {
    let pickle = Pickle::new().raw(b"}(").text("a");
    let pickle = pickle.tensor(("ByteStorage", "0", 64), 0, &[2, 32], &[32, 1]).text("b");
    let pickle = pickle.tensor(("ByteStorage", "0", 64), 0, &[32, 2], &[1, 32]).raw(b"u").stop();
    let numbers: Vec<u8> = (0..64).collect();
    let zip = Zip::default().deflated("m/data.pkl", &pickle).deflated("m/data/0", &numbers);
    let (checkpoint, oddities) = open(&[("m.pt", zip.bytes())]).unwrap();
    assert_eq!(oddities, vec![]);
    assert_eq!(bytes_of(&checkpoint, "a"), numbers);
    let turned: Vec<u8> = (0..32).flat_map(|k| [k, k + 32]).collect();
    assert_eq!(bytes_of(&checkpoint, "b"), turned);
    assert_eq!(
        checkpoint.own_files().map(|file| file.bytes).sum::<u64>(),
        zip.bytes().len() as u64
    );
}

#[test]
fn the_form_before_the_archive_is_read() {
    let file = stream(&small_pickle(), &[("0", 2, EIGHT)]);
    let (checkpoint, oddities) = open(&[("m.pt", file)]).unwrap();
    assert_eq!(oddities, vec![]);
    assert_eq!(checkpoint.format, Format::PyTorch);
    assert_eq!(bytes_of(&checkpoint, "w"), EIGHT);
}

#[test]
fn the_form_before_the_archive_is_read_in_every_protocol() {
    let file = stream(&small_pickle(), &[("0", 2, EIGHT)]);
    for head in [&b"\x80\x03"[..], b"\x80\x04\x95\x0d\0\0\0\0\0\0\0", b"\x80\x05"] {
        let (checkpoint, oddities) = open(&[("m.pt", [head, &file[2..]].concat())]).unwrap();
        assert_eq!(oddities, vec![]);
        assert_eq!(bytes_of(&checkpoint, "w"), EIGHT);
    }
}

#[test]
fn a_storage_behind_one_that_is_not_read_is_found() {
    let pickle = Pickle::new().raw(b"}(").text("c");
    let pickle = pickle.tensor(("ComplexFloatStorage", "c", 1), 0, &[1], &[1]).text("w");
    let pickle = pickle.tensor(("FloatStorage", "w", 2), 0, &[2], &[1]).raw(b"u").stop();
    let file = stream(&pickle, &[("c", 1, &[0; 8]), ("w", 2, EIGHT)]);
    let (checkpoint, oddities) = open(&[("m.pt", file)]).unwrap();
    assert_eq!(names(&checkpoint), ["w"]);
    assert_eq!(bytes_of(&checkpoint, "w"), EIGHT);
    let want = "m.pt: tensor `c`: the type of its storage is not read";
    assert_eq!(oddities[0].to_string(), want);
}

#[test]
fn the_byte_order_is_that_of_the_archive() {
    let write = |order: &[u8]| {
        let zip = Zip::default().record("m/data.pkl", &small_pickle());
        zip.record("m/byteorder", order).record("m/data/0", EIGHT).bytes()
    };
    let (checkpoint, _) = open(&[("m.pt", write(b"big"))]).unwrap();
    assert_eq!(checkpoint.files[0].order, ByteOrder::Big);
    let error = open(&[("m.pt", write(b"odd"))]).unwrap_err().to_string();
    assert!(error.ends_with("the byte order is given as `odd`"), "{error}");
}

#[test]
fn an_index_joins_shards() {
    let map = br#"{"weight_map":{"w":"pytorch_model-00001-of-00001.bin"}}"#;
    let (checkpoint, oddities) = open(&[
        ("pytorch_model.bin.index.json", map.to_vec()),
        ("pytorch_model-00001-of-00001.bin", small().bytes()),
    ])
    .unwrap();
    assert_eq!((names(&checkpoint), oddities), (vec!["w"], vec![]));
}

proptest! {
    #[test]
    fn no_bytes_of_the_older_form_make_the_reader_panic(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        cut in any::<prop::sample::Index>(),
        whole: bool,
    ) {
        let mut bytes = stream(&small_pickle(), &[("0", 2, EIGHT)]);
        for (place, byte) in changes {
            let place = 15 + place.index(bytes.len() - 15);
            bytes[place] = byte;
        }
        if !whole {
            bytes.truncate(15 + cut.index(bytes.len() - 15));
        }
        let _ = open(&[("m.pt", bytes)]);
    }

    #[test]
    fn no_bytes_make_the_reader_panic(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        cut in any::<prop::sample::Index>(),
        whole: bool,
    ) {
        let mut bytes = small().bytes();
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        if !whole {
            bytes.truncate(cut.index(bytes.len()));
        }
        if let Ok((checkpoint, _)) = open(&[("m.pt", bytes.clone())]) {
            for entry in &checkpoint.entries {
                prop_assert!(entry.offset + entry.bytes <= bytes.len() as u64);
                prop_assert_eq!(entry.dtype.packed(entry.elements()), Some(entry.bytes));
            }
        }
    }

    #[test]
    fn any_pickle_is_answered(noise in prop::collection::vec(any::<u8>(), 0..200)) {
        let pickle = Pickle::new().raw(b"}}]((").raw(&noise).stop();
        let _ = open(&[("m.pt", archive(&pickle, &[("0", EIGHT)]).bytes())]);
    }

    #[test]
    fn a_changed_pickle_is_answered(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..5),
    ) {
        let mut pickle = small_pickle();
        for (place, byte) in changes {
            let place = place.index(pickle.len());
            pickle[place] = byte;
        }
        let _ = open(&[("m.pt", archive(&pickle, &[("0", EIGHT)]).bytes())]);
    }
}
