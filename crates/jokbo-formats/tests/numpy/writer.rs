//! NumPy arrays for the tests, written by hand, lawful or not.

/// An array of version 1 with this header and these numbers.
pub(crate) fn array(header: &str, numbers: &[u8]) -> Vec<u8> {
    let mut file = b"\x93NUMPY\x01\0".to_vec();
    file.extend(u16::try_from(header.len()).expect("a short header").to_le_bytes());
    file.extend(header.as_bytes());
    file.extend(numbers);
    file
}

/// The header of this type, order and shape. `shape` is the text of a tuple.
pub(crate) fn header(descr: &str, fortran: bool, shape: &str) -> String {
    let order = if fortran { "True" } else { "False" };
    format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}\n")
}

/// An array of bytes 0, 1, 2, …
pub(crate) fn counting(descr: &str, fortran: bool, shape: &str, bytes: u8) -> Vec<u8> {
    let numbers: Vec<u8> = (0..bytes).collect();
    array(&header(descr, fortran, shape), &numbers)
}

/// An array of one object, which `pickle` builds.
pub(crate) fn object(pickle: &[u8]) -> Vec<u8> {
    array(&header("|O", false, "()"), pickle)
}

/// The instructions of a pickle that make an array of one axis out of these bytes.
pub(crate) fn pickled(dtype: &str, elements: u8, bytes: &[u8]) -> Vec<u8> {
    let text = |text: &str| {
        let length = u32::try_from(text.len()).expect("a short text").to_le_bytes();
        [b"X", &length[..], text.as_bytes()].concat()
    };
    let length = u32::try_from(bytes.len()).expect("a small array").to_le_bytes();
    [
        b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\0\x85C\x01b\x87R(K\x01K",
        &[elements, 0x85][..],
        b"cnumpy\ndtype\n",
        &text(dtype),
        b"\x89\x88\x87R(K\x03",
        &text("<"),
        b"NNNK\0K\0K\0tb\x89B",
        &length,
        bytes,
        b"tb",
    ]
    .concat()
}
