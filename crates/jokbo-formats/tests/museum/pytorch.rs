//! PyTorch files that call, unfold, overlap or claim.

use super::piece::Piece;
use super::torch_writer::{Pickle, Zip, archive, small, small_pickle, stream};

const FLOATS: &[u8] = &[0; 8];

/// A pickle of one tensor `w` of `shape` floats in a storage of `elements`.
fn weights(elements: i64, shape: u64) -> Vec<u8> {
    let pickle = Pickle::new().raw(b"}").text("w");
    pickle.tensor(("FloatStorage", "0", elements), 0, &[shape], &[1]).raw(b"s").stop()
}

/// A pickle of one tensor `w` that gives its own type.
fn typed(dtype: &str) -> Vec<u8> {
    let pickle = Pickle::new().raw(b"}").text("w").global("torch._utils", "_rebuild_tensor_v3");
    let pickle = pickle.raw(b"(").storage("UntypedStorage", "0", 8).int(0);
    let pickle = pickle.raw(b"(").int(2).raw(b"t(").int(1).raw(b"t\x89N");
    pickle.global("torch", dtype).raw(b"tRs").stop()
}

pub(crate) fn pieces() -> Vec<Piece> {
    [pickles(), storages(), streams(), zips()].concat()
}

fn pickles() -> Vec<Piece> {
    let of = |pickle: Vec<u8>| archive(&pickle, &[("0", FLOATS)]).bytes();
    let call = Pickle::new().global("os", "system").text("true").raw(b"\x85R0}").text("w");
    let call = call.tensor(("FloatStorage", "0", 2), 0, &[2], &[1]).raw(b"s").stop();
    let doubled = (0..64)
        .fold(Pickle::new().raw(b"}").text("w").raw(b")"), |pickle, _| pickle.raw(b"q\0h\0\x86"));
    let nested = Pickle::new().raw(&[b']'; 200]).raw(&[b'a'; 199]).stop();
    let cycle = Pickle::new().raw(b"}q\0").text("w").raw(b"h\0s").text("v").raw(b"]q\x01h\x01as");
    vec![
        Piece::told(
            "torch-calls-system.pt",
            "calls os.system when it is unpickled",
            of(call),
            &[
                "torch-calls-system.pt: the pickle names `os.system`, which a loader would import; it was not run",
            ],
        ),
        Piece::told(
            "torch-memo-bomb.pt",
            "puts a pair of pairs of pairs, 2^64 in all, into 64 instructions",
            of(doubled.raw(b"s").stop()),
            &[
                "torch-memo-bomb.pt: tensor `w.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0`: lies more than 64 deep and is not read",
                "torch-memo-bomb.pt: objects that stand in a second place, and are listed in the first only: 63",
                "torch-memo-bomb.pt: the file holds no tensors",
            ],
        ),
        Piece::told(
            "torch-nested.pt",
            "nests lists 200 deep",
            of(nested),
            &[
                "torch-nested.pt: tensor `0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0`: lies more than 64 deep and is not read",
                "torch-nested.pt: the file holds no tensors",
            ],
        ),
        Piece::told(
            "torch-cycle.pt",
            "has a dictionary and a list that hold themselves",
            of(cycle.stop()),
            &[
                "torch-cycle.pt: objects that stand in a second place, and are listed in the first only: 2",
                "torch-cycle.pt: the file holds no tensors",
            ],
        ),
        Piece::told(
            "torch-type-with-escape.pt",
            "has a type whose name clears the terminal",
            of(typed("\u{1b}[2J")),
            &[
                "torch-type-with-escape.pt: the pickle names `torch.\\u{1b}[2J`, which a loader would import; it was not run",
                "torch-type-with-escape.pt: tensor `w`: its type `\\u{1b}[2J` is not read",
                "torch-type-with-escape.pt: the file holds no tensors",
            ],
        ),
        Piece::refused(
            "torch-text-of-4-gb.pt",
            "has a text of 4 GB in its pickle",
            of(Pickle::new().raw(b"X\xff\xff\xff\xff").stop()),
            "torch-text-of-4-gb.pt, at byte 47: the file ends within a pickle: 4294967295 bytes needed and 1 left",
        ),
        Piece::refused(
            "torch-unknown-opcode.pt",
            "uses the extension registry, through which a pickle calls without a name",
            of(Pickle::new().raw(b"\x82\x01").stop()),
            "torch-unknown-opcode.pt, at byte 42: the pickle has the opcode 0x82, which is not read",
        ),
        Piece::refused(
            "torch-pickle-cut-short.pt",
            "ends within its pickle",
            of(small_pickle()[..40].to_vec()),
            "torch-pickle-cut-short.pt, at byte 63: the pickle ends within a line",
        ),
        Piece::refused(
            "torch-tensor-twice.pt",
            "gives one name twice, of which a reader may take either",
            of(Pickle::new()
                .raw(b"}(")
                .text("w")
                .tensor(("FloatStorage", "0", 2), 0, &[1], &[1])
                .text("w")
                .tensor(("FloatStorage", "0", 2), 1, &[1], &[1])
                .raw(b"u")
                .stop()),
            "torch-tensor-twice.pt, tensor `w`: the tensor is listed twice",
        ),
    ]
}

fn storages() -> Vec<Piece> {
    let of = |pickle: Vec<u8>| archive(&pickle, &[("0", FLOATS)]).bytes();
    vec![
        Piece::refused(
            "torch-storage-an-exabyte.pt",
            "claims a storage of 2^58 numbers",
            of(weights(1 << 58, 2)),
            "torch-storage-an-exabyte.pt, at byte 293: the storage `0` is given as 1152921504606846976 bytes, and 8 are there",
        ),
        Piece::refused(
            "torch-past-storage.pt",
            "has a tensor that ends beyond its storage",
            of(weights(2, 3)),
            "torch-past-storage.pt, tensor `w`: the tensor ends at byte 12 of its storage, which has 8",
        ),
        Piece::refused(
            "torch-shape-overflow.pt",
            "has a shape whose product overflows",
            of(Pickle::new()
                .raw(b"}")
                .text("w")
                .tensor(("FloatStorage", "0", 2), 0, &[1 << 40, 1 << 40], &[1 << 40, 1])
                .raw(b"s")
                .stop()),
            "torch-shape-overflow.pt, tensor `w`: the shape [1099511627776, 1099511627776] has more elements than 64 bits can count",
        ),
        Piece::refused(
            "torch-storage-missing.pt",
            "names a storage that is not there",
            archive(&small_pickle(), &[("1", FLOATS)]).bytes(),
            "torch-storage-missing.pt: the storage `0` is not in the file",
        ),
        Piece::refused(
            "torch-storage-leads-up.pt",
            "names a storage by a path that leads up",
            {
                let pickle = Pickle::new().raw(b"}").text("w");
                let up = ("FloatStorage", "../../../etc/passwd", 2);
                of(pickle.tensor(up, 0, &[2], &[1]).raw(b"s").stop())
            },
            "torch-storage-leads-up.pt: the storage `../../../etc/passwd` is not in the file",
        ),
    ]
}

fn streams() -> Vec<Piece> {
    let whole = stream(&small_pickle(), &[("0", 2, FLOATS)]);
    vec![
        Piece::refused(
            "torch-old-cut-in-pickle.pt",
            "is of the form before the archive, and ends within its pickle",
            whole[..120].to_vec(),
            "torch-old-cut-in-pickle.pt, at byte 115: the pickle ends within a line",
        ),
        Piece::refused(
            "torch-old-cut-in-storage.pt",
            "is of the form before the archive, and ends within its storage",
            whole[..whole.len() - 3].to_vec(),
            "torch-old-cut-in-storage.pt, at byte 232: the storage `0` is given as 8 bytes, and 5 are there",
        ),
        Piece::refused(
            "torch-old-two-sizes.pt",
            "gives a storage one size in the pickle and another before its bytes",
            stream(&small_pickle(), &[("0", 1 << 60, FLOATS)]),
            "torch-old-two-sizes.pt, at byte 232: the pickle gives a storage another size than it has",
        ),
    ]
}

fn zips() -> Vec<Piece> {
    let pickle = small_pickle();
    let n = pickle.len();
    vec![
        Piece::refused(
            "torch-packed.pt",
            "has its pickle packed, which is said to unpack to 4 GB",
            Zip::default().packed("m/data.pkl", &pickle).bytes(),
            "torch-packed.pt, at byte 40: the pickle has 4294967040 bytes, and the limit is 67108864",
        ),
        Piece::refused(
            "torch-record-twice.pt",
            "lists one record twice",
            Zip::default().record("m/data.pkl", &pickle).listed("m/data.pkl", n, 0, 0).bytes(),
            "torch-record-twice.pt, at byte 0: the zip record `m/data.pkl` is listed twice",
        ),
        Piece::refused(
            "torch-record-within.pt",
            "has a record within another",
            {
                let inner = Zip::default().record("m/data/0", FLOATS);
                let at = 30 + "m/outer".len();
                Zip::default()
                    .record("m/outer", &inner.bytes())
                    .listed("m/data/0", 8, at, 0)
                    .bytes()
            },
            "torch-record-within.pt, at byte 37: the zip record `m/data/0` lies over another record",
        ),
        Piece::refused(
            "torch-record-leads-up.pt",
            "has a record that leads out of the archive",
            small().record("../x", b"1").bytes(),
            "torch-record-leads-up.pt, at byte 301: the zip record `../x` leads out of the archive or is not a plain path",
        ),
        Piece::refused(
            "torch-record-has-two-names.pt",
            "calls a record one thing in the directory and another in its head",
            Zip::default().record("m/data.pkk", &pickle).relisted("m/data.pkl", n).bytes(),
            "torch-record-has-two-names.pt, at byte 0: the zip record `m/data.pkl` has another name in its own head",
        ),
        Piece::refused(
            "torch-record-has-two-sizes.pt",
            "gives a record one size in the directory and another in its head",
            Zip::default().record("m/data.pkl", &pickle).relisted("m/data.pkl", n + 9).bytes(),
            "torch-record-has-two-sizes.pt, at byte 0: the zip record `m/data.pkl` has another size in its own head",
        ),
        Piece::refused(
            "torch-without-pickle.pt",
            "is a zip archive of something else",
            Zip::default().record("word/document.xml", b"<xml/>").bytes(),
            "torch-without-pickle.pt: the zip archive holds no data.pkl, so PyTorch did not write it",
        ),
        Piece::refused(
            "torch-cut-short.pt",
            "ends before its directory",
            small().bytes()[..200].to_vec(),
            "torch-cut-short.pt: the zip archive has no end, so the file is cut short or no archive",
        ),
        Piece::refused(
            "torch-directory-too-long.pt",
            "says that it has 65,535 records",
            {
                let mut bytes = small().bytes();
                let at = bytes.len() - 12;
                bytes[at..at + 2].fill(0xff);
                bytes
            },
            "torch-directory-too-long.pt: the zip archive has a directory too long to be true",
        ),
        Piece::told(
            "torch-hidden-between.pt",
            "hides bytes between two records",
            Zip::default()
                .record("m/data/0", FLOATS)
                .gap(100)
                .record("m/data.pkl", &pickle)
                .bytes(),
            &["torch-hidden-between.pt: 100 bytes from byte 46 on, in no record"],
        ),
    ]
}

/// The lies.
impl Zip {
    /// The first record, which its head and the directory call packed, of 4 GB once unpacked.
    fn packed(self, name: &str, bytes: &[u8]) -> Self {
        let at = self.body.len();
        let mut zip = self.record(name, bytes);
        zip.body[at + 8] = 8;
        zip.directory[10] = 8;
        zip.directory[24..28].fill(0xff);
        zip.directory[24] = 0;
        zip
    }

    /// The first record, listed under another name instead.
    fn relisted(mut self, name: &str, size: usize) -> Self {
        self.directory.clear();
        self.records = 0;
        self.listed(name, size, 0, 0)
    }

    /// Bytes in no record.
    fn gap(mut self, bytes: usize) -> Self {
        self.body.resize(self.body.len() + bytes, b'?');
        self
    }
}
