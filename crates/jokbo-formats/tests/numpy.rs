//! Laws of the reader of NumPy files: what is written is read in the order of its shape, an object
//! is data, and no bytes make it panic.

#[path = "numpy/writer.rs"]
mod numpy_writer;
#[expect(dead_code, reason = "what only the tests of PyTorch files need")]
#[path = "pytorch/writer.rs"]
mod writer;

use jokbo_formats::{ByteOrder, Checkpoint, Dtype, Error, Format, from_memory};
use numpy_writer::{array, counting, header, object, pickled};
use proptest::prelude::*;
use writer::{Pickle, Zip};

fn open(name: &str, bytes: Vec<u8>) -> Result<(Checkpoint, Vec<String>), Error> {
    let (checkpoint, oddities) = from_memory("m", vec![(name.to_owned(), bytes)], None)?;
    Ok((checkpoint, oddities.iter().map(ToString::to_string).collect()))
}

/// The bytes of an array as they are read, in the order of the lowest byte first.
fn bytes_of(checkpoint: &Checkpoint, name: &str) -> Vec<u8> {
    let entry = checkpoint.entries.iter().find(|entry| entry.name == name).expect("it is there");
    let file = &checkpoint.files[entry.file];
    let mut bytes = vec![0; usize::try_from(entry.bytes).expect("it is in memory")];
    file.reader.read_exact_at(&mut bytes, entry.offset).expect("the place was checked");
    if file.order == ByteOrder::Big {
        entry.dtype.turn_around(&mut bytes);
    }
    bytes
}

#[test]
fn an_array_is_named_after_its_file() {
    let (checkpoint, oddities) =
        open("a/b.weight.npy", counting("<f2", false, "(2, 2)", 8)).unwrap();
    assert_eq!((checkpoint.format, oddities.len()), (Format::Npy, 0));
    let entry = &checkpoint.entries[0];
    assert_eq!((&*entry.name, entry.dtype, &*entry.shape), ("b.weight", Dtype::F16, &[2, 2][..]));
    assert_eq!(bytes_of(&checkpoint, "b.weight"), [0, 1, 2, 3, 4, 5, 6, 7]);
}

#[test]
fn later_versions_have_longer_headers() {
    for version in [2, 3] {
        let text = header("<f4", false, "(2,)");
        let mut file = b"\x93NUMPY".to_vec();
        file.extend([version, 0]);
        file.extend(u32::try_from(text.len()).unwrap().to_le_bytes());
        file.extend(text.as_bytes());
        file.extend([7; 8]);
        let (checkpoint, _) = open("w.npy", file).unwrap();
        assert_eq!(bytes_of(&checkpoint, "w"), [7; 8]);
    }
}

#[test]
fn fortran_order_is_turned_into_the_order_of_the_shape() {
    // Stored column by column: (0 1 2) is the first column of three rows.
    let (checkpoint, _) = open("w.npy", counting("|u1", true, "(3, 2)", 6)).unwrap();
    assert_eq!(checkpoint.entries[0].shape, [3, 2]);
    assert_eq!(bytes_of(&checkpoint, "w"), [0, 3, 1, 4, 2, 5]);
    assert_eq!(checkpoint.own_files().count(), 1);
    let (checkpoint, _) = open("w.npy", counting(">u2", true, "(3, 1)", 6)).unwrap();
    assert_eq!(bytes_of(&checkpoint, "w"), [1, 0, 3, 2, 5, 4]);
}

#[test]
fn an_archive_may_mix_byte_orders_and_packing() {
    let zip = Zip::default()
        .record("little.npy", &counting("<u2", false, "(2,)", 4))
        .record("big.npy", &counting(">u2", false, "(2,)", 4))
        .deflated("packed.npy", &counting("<u2", false, "(2,)", 4))
        .deflated("layer/packed_big.npy", &counting(">u2", true, "(2, 2)", 8));
    let (checkpoint, oddities) = open("m.npz", zip.bytes()).unwrap();
    assert_eq!(oddities, Vec::<String>::new());
    assert_eq!((checkpoint.format, checkpoint.own_files().count()), (Format::Npz, 1));
    assert_eq!(bytes_of(&checkpoint, "little"), [0, 1, 2, 3]);
    assert_eq!(bytes_of(&checkpoint, "big"), [1, 0, 3, 2]);
    assert_eq!(bytes_of(&checkpoint, "packed"), [0, 1, 2, 3]);
    assert_eq!(bytes_of(&checkpoint, "layer/packed_big"), [1, 0, 5, 4, 3, 2, 7, 6]);
}

#[test]
fn arrays_in_a_pickled_dictionary_are_found_and_nothing_is_run() {
    let latin = |pickle: Pickle| {
        // The same array as Python 2 can read it: bytes as text, one character for each.
        let array = pickle.global("numpy.core.multiarray", "_reconstruct");
        let array = array.global("numpy", "ndarray").raw(b"K\0\x85U\x01b\x87R(K\x01K\x02\x85");
        let array = array.global("numpy", "dtype").text("u2").raw(b"K\0K\x01\x87R(K\x03").text(">");
        let array = array.raw(b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb\x89");
        array.global("_codecs", "encode").text("\0ÿ\u{1}\u{80}").text("latin1").raw(b"\x86Rtb")
    };
    let pickle =
        Pickle::new().raw(b"}(").text("net").raw(b"](").raw(&pickled("f4", 1, &[1, 2, 3, 4]));
    let pickle = latin(pickle).raw(b"e").text("x").global("os", "system").text("true");
    let whole = object(&pickle.raw(b"\x85Ru").stop());
    let (checkpoint, oddities) = open("w.npy", whole).unwrap();
    assert_eq!(bytes_of(&checkpoint, "net.0"), [1, 2, 3, 4]);
    assert_eq!(bytes_of(&checkpoint, "net.1"), [255, 0, 128, 1]);
    assert_eq!(
        oddities,
        [
            "w.npy: the pickle names `os.system`, which a loader would import; it was not run",
            "w.npy: the array is of Python objects, a pickle that NumPy would run; it was read as data, and 2 arrays found in it",
        ]
    );
}

#[test]
fn an_array_of_objects_in_an_archive_gives_its_name_to_what_it_holds() {
    let list = Pickle::new().raw(b"](").raw(&pickled("f4", 1, &[1, 2, 3, 4])).raw(b"e").stop();
    let zip = Zip::default().deflated("params.npy", &object(&list));
    let (checkpoint, _) = open("m.npz", zip.bytes()).unwrap();
    assert_eq!(bytes_of(&checkpoint, "params.0"), [1, 2, 3, 4]);
}

#[test]
fn protocol_5_gives_an_array_with_its_buffer() {
    let pickle = Pickle(b"\x80\x05".to_vec()).global("numpy._core.numeric", "_frombuffer");
    let pickle = pickle.raw(b"(\x96\x06\0\0\0\0\0\0\0\0\x01\x02\x03\x04\x05");
    let pickle = pickle.global("numpy", "dtype").text("u1").raw(b"\x89\x88\x87R(K\x03").text("|");
    let pickle = pickle.raw(b"NNNK\0K\0K\0tbK\x03K\x02\x86").text("F").raw(b"tR.").0;
    let (checkpoint, _) = open("w.npy", array(&header("|O", false, "()"), &pickle)).unwrap();
    assert_eq!(checkpoint.entries[0].shape, [3, 2]);
    assert_eq!(bytes_of(&checkpoint, "w"), [0, 3, 1, 4, 2, 5]);
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(cut in 0usize..400, at in 0usize..400, byte: u8) {
        let list = Pickle::new().raw(b"](").raw(&pickled("f4", 1, &[1, 2, 3, 4])).raw(b"e").stop();
        let zip = Zip::default()
            .deflated("params.npy", &object(&list))
            .record("w.npy", &counting(">u2", true, "(2, 2)", 8));
        for whole in [zip.bytes(), object(&list), counting("<f4", true, "(2, 2)", 16)] {
            let mut changed = whole.clone();
            let n = changed.len();
            changed[at % n] = byte;
            for bytes in [whole[..cut.min(n)].to_vec(), changed] {
                if let Ok((checkpoint, _)) = open("m.npz", bytes) {
                    for entry in &checkpoint.entries {
                        bytes_of(&checkpoint, &entry.name);
                    }
                }
            }
        }
    }
}
