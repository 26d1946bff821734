//! NumPy files that call, unfold or claim.

use super::numpy_writer::{array, counting, header, object, pickled};
use super::piece::Piece;
use super::torch_writer::{Pickle, Zip};

pub(crate) fn pieces() -> Vec<Piece> {
    [headers(), objects(), archives()].concat()
}

fn headers() -> Vec<Piece> {
    vec![
        Piece::refused(
            "npy-header-is-code.npy",
            "has code for a header",
            array("__import__('os').system('true')\n", &[]),
            "npy-header-is-code.npy, tensor `npy-header-is-code`, at byte 0: the header is not the dictionary that NumPy writes",
        ),
        Piece::refused(
            "npy-code-in-header.npy",
            "has code for a shape in its header",
            array("{'descr': '<f4', 'fortran_order': False, 'shape': (print(1),)}\n", &[]),
            "npy-code-in-header.npy, tensor `npy-code-in-header`, at byte 0: the header gives a shape that is no tuple of numbers",
        ),
        Piece::refused(
            "npy-header-4-gb.npy",
            "claims a header of 4 GB",
            b"\x93NUMPY\x02\0\xff\xff\xff\xff{".to_vec(),
            "npy-header-4-gb.npy, tensor `npy-header-4-gb`, at byte 0: the header is given as 4294967295 bytes, and the limit is 65535",
        ),
        Piece::refused(
            "npy-header-cut-short.npy",
            "ends within its header",
            counting("<f4", false, "(2,)", 8)[..40].to_vec(),
            "npy-header-cut-short.npy, tensor `npy-header-cut-short`, at byte 0: the file ends within the header of an array: 58 bytes needed and 30 left",
        ),
        Piece::refused(
            "npy-version-9.npy",
            "is of a version that does not exist",
            b"\x93NUMPY\x09\0\0\0".to_vec(),
            "npy-version-9.npy, tensor `npy-version-9`, at byte 0: the array is of NumPy's format 9.0, and formats 1.0 to 3.0 are read",
        ),
        Piece::refused(
            "npy-shape-overflow.npy",
            "has a shape whose product overflows",
            counting("<f4", false, "(4294967296, 4294967296)", 0),
            "npy-shape-overflow.npy, tensor `npy-shape-overflow`, at byte 88: the shape [4294967296, 4294967296] has more elements than 64 bits can count",
        ),
        Piece::refused(
            "npy-axis-negative.npy",
            "has an axis of -4",
            counting("<f4", false, "(-4,)", 0),
            "npy-axis-negative.npy, tensor `npy-axis-negative`, at byte 0: the header gives a shape that is no tuple of numbers",
        ),
        Piece::refused(
            "npy-claims-an-exabyte.npy",
            "has 2^58 numbers in a small file",
            counting("<f4", false, "(288230376151711744,)", 4),
            "npy-claims-an-exabyte.npy, tensor `npy-claims-an-exabyte`, at byte 85: the shape [288230376151711744] of F32 needs 1152921504606846976 bytes, and the byte range has 4",
        ),
        Piece::told(
            "npy-trailing.npy",
            "has bytes after its numbers",
            counting("<f4", false, "(2,)", 11),
            &["npy-trailing.npy: tensor `npy-trailing`: 3 bytes follow its numbers"],
        ),
        Piece::told(
            "npy-type-with-nul.npy",
            "has a type whose name ends a text in another program",
            array("{'descr': '>i\"\0', 'fortran_order': False, 'shape': (1,)}\n", &[0; 4]),
            &[
                "npy-type-with-nul.npy: tensor `npy-type-with-nul`: is of the type `>i\"\\0`, which is not read; it is listed as bytes",
            ],
        ),
        Piece::told(
            "npy-records.npy",
            "has records for numbers, one field of which is an object",
            array(
                "{'descr': [('a', '<f4'), ('b', 'O')], 'fortran_order': False, 'shape': (1,)}\n",
                &[0; 12],
            ),
            &[
                "npy-records.npy: tensor `npy-records`: is of records, which is not read; it is listed as bytes",
            ],
        ),
    ]
}

fn objects() -> Vec<Piece> {
    let call = Pickle::new().global("os", "system").text("true").raw(b"\x85R").stop();
    let short = Pickle::new().raw(&pickled("f4", 2, b"\0\0\0\0")).stop();
    vec![
        Piece::told(
            "npy-object-calls-system.npy",
            "is an array of objects that calls os.system when it is loaded",
            object(&call),
            &[
                "npy-object-calls-system.npy: the pickle names `os.system`, which a loader would import; it was not run",
                "npy-object-calls-system.npy: the array is of Python objects, a pickle that NumPy would run; it was read as data, and 0 arrays found in it",
                "npy-object-calls-system.npy: the file holds no tensors",
            ],
        ),
        Piece::refused(
            "npy-object-array-too-short.npy",
            "pickles an array of two numbers with the bytes of one",
            object(&short),
            "npy-object-array-too-short.npy, tensor `npy-object-array-too-short`: the shape [2] of F32 needs 8 bytes, and the byte range has 4",
        ),
    ]
}

fn archives() -> Vec<Piece> {
    let small = counting("<f4", false, "(2,)", 8);
    let zeros = array(&header("|u1", false, "(4096,)"), &[0; 4096]);
    let bomb = Zip::default().deflated("w.npy", &zeros);
    vec![
        Piece::refused(
            "npz-bomb.npz",
            "is said to unpack to 4 GB from a few bytes",
            {
                let mut bomb = bomb.clone();
                bomb.directory[24..28].fill(0xff);
                bomb.directory[24] = 0xfe;
                bomb.bytes()
            },
            "npz-bomb.npz, tensor `w`, at byte 35: unpacked, the tensors have 4294967294 bytes, and the limit is 67129264",
        ),
        Piece::refused(
            "npz-bomb-small.npz",
            "is said to unpack to more than deflate can make of its bytes",
            {
                let mut bomb = bomb.clone();
                bomb.directory[24..28].copy_from_slice(&1_000_000u32.to_le_bytes());
                bomb.bytes()
            },
            "npz-bomb-small.npz, at byte 35: the zip record `w.npy` is said to unpack to more than its bytes can make",
        ),
        Piece::refused(
            "npz-bomb-unsaid.npz",
            "unpacks to more than it says",
            {
                let mut bomb = bomb.clone();
                bomb.directory[24..28].copy_from_slice(&100u32.to_le_bytes());
                bomb.bytes()
            },
            "npz-bomb-unsaid.npz, at byte 35: the zip record `w.npy` does not unpack to the size that it claims",
        ),
        Piece::refused(
            "npz-packed-cut-short.npz",
            "has a deflated record that ends too early",
            Zip::default().deflated_as("w.npy", b"\x63\x60", &[0; 90]).bytes(),
            "npz-packed-cut-short.npz, at byte 35: the zip record `w.npy` is packed, and its bytes end too early",
        ),
        Piece::refused(
            "npz-packed-broken.npz",
            "has a deflated record that is no deflate stream",
            Zip::default().deflated_as("w.npy", b"\xff\xff\xff\xff", &small).bytes(),
            "npz-packed-broken.npz, at byte 35: the zip record `w.npy` is packed, and its bytes cannot be unpacked",
        ),
        Piece::refused(
            "npz-packed-checksum.npz",
            "has a deflated record with another checksum",
            {
                let mut zip = Zip::default().deflated("w.npy", &small);
                zip.directory[16] ^= 1;
                zip.bytes()
            },
            "npz-packed-checksum.npz, at byte 35: the zip record `w.npy` does not have the checksum that the directory gives",
        ),
        Piece::refused(
            "npz-member-twice.npz",
            "has two members of one name",
            Zip::default().record("w.npy", &small).record("w.npy", &small).bytes(),
            "npz-member-twice.npz, at byte 111: the zip record `w.npy` is listed twice",
        ),
        Piece::refused(
            "npz-member-is-no-array.npz",
            "has a member that is no array under the name of one",
            Zip::default().record("w.npy", b"cos\nsystem\n(S'true'\ntR.").bytes(),
            "npz-member-is-no-array.npz, tensor `w`, at byte 35: the array does not begin as NumPy's do",
        ),
        Piece::told(
            "npz-other-member.npz",
            "has a member that is no array",
            Zip::default().record("w.npy", &small).record("run.sh", b"true").bytes(),
            &["npz-other-member.npz: the record `run.sh` is no array and was not read"],
        ),
    ]
}
