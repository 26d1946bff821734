//! A NumPy array, or an archive of them.

use jokbo_formats::from_memory;
use jokbo_formats::numpy::{Contents, read, read_archive};

use crate::{held, numpy_writer, seeds};

/// As in the target of PyTorch's archives: there is a pickle in an array of objects.
const MEMORY_TIMES: usize = 400 + 3 * 1032;

pub(super) fn run(bytes: &[u8]) {
    let array = bytes.starts_with(b"\x93NUMPY");
    let (form, path) =
        if array { (read as Read, "m.npy") } else { (read_archive as Read, "m.npz") };
    let answer = held::answer(bytes, MEMORY_TIMES, |file| {
        let Contents { entries, files, oddities } = form(file, path)?;
        let files: Vec<_> = files.into_iter().map(|f| (f.path, f.bytes, f.order)).collect();
        Ok((entries, files, oddities))
    });
    if answer.is_none() {
        return;
    }
    let file = std::sync::Arc::new(jokbo_formats::Memory(bytes.to_vec()));
    let contents = form(&(file as _), path).expect("it was read before");
    held::told(&contents.oddities);
    held::entries(&contents.entries, bytes.len() as u64, &contents.files);
    assert_eq!(held::overlaps(&contents.entries), 0, "arrays overlap: {:?}", contents.entries);
    let files = vec![(path.to_owned(), bytes.to_vec())];
    from_memory("m", files, None).iter().for_each(|(checkpoint, _)| held::values(checkpoint));
}

type Read =
    fn(&std::sync::Arc<dyn jokbo_formats::ReadAt>, &str) -> Result<Contents, jokbo_formats::Error>;

pub(super) fn seeds() -> Vec<Vec<u8>> {
    let mut all = seeds::museum(&[".npy", ".npz"]);
    for (descr, fortran, shape) in [("<f4", false, "(2, 3)"), (">i2", true, "(3, 2, 2)")] {
        all.push(numpy_writer::counting(descr, fortran, shape, 24));
    }
    let pickle = [b"\x80\x02", &numpy_writer::pickled("f4", 2, &[7; 8])[..], b"."].concat();
    all.push(numpy_writer::object(&pickle));
    all
}
