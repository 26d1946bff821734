//! A pickle by itself, put into a lawful archive with two storages.

use jokbo_formats::from_memory;

use super::pytorch;
use crate::{held, torch_writer};

pub(super) fn run(bytes: &[u8]) {
    let file = torch_writer::archive(bytes, &[("0", &[0; 64]), ("1", &[])]).bytes();
    pytorch::zip(&file);
    // What a pickle says does not depend on the bytes of the storages, for nothing was read.
    let other = torch_writer::archive(bytes, &[("0", &[255; 64]), ("1", &[])]).bytes();
    let told = |file: Vec<u8>| {
        from_memory("m", vec![("m.pt".to_owned(), file)], None)
            .map(|(checkpoint, oddities)| (checkpoint.entries, oddities))
    };
    held::same(told(file), told(other));
}

pub(super) fn seeds() -> Vec<Vec<u8>> {
    let whole = torch_writer::small_pickle();
    let call = b"\x80\x02cos\nsystem\nX\x04\0\0\0true\x85R.".to_vec();
    let containers = b"\x80\x02}(K\x01K\x02K\x03]K\x04a(]K\x05ei0\n.".to_vec();
    let framed = b"\x80\x04\x95\0\0\0\0\0\0\0\0\x8c\x03abc\x94]\x94(h\0e.".to_vec();
    vec![whole, call, containers, framed]
}
