//! A file that PyTorch saved, in either form.

use jokbo_formats::from_memory;
use jokbo_formats::pytorch::{Contents, read};

use crate::{held, seeds, torch_writer};

/// An instruction of one byte makes an object of 40 bytes and puts 16 on the stack; a list that
/// grows holds both its old room and a new one twice as large. A name may be written out once for
/// eight times the pickle (`tree.rs`). A byte may unpack to 1032.
const MEMORY_TIMES: usize = 400 + 3 * 1032;

/// The head of the old form: what `torch.save` wrote before everything else.
const MAGIC: &[u8] = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19\x2e";

/// Whatever the bytes are; those of the old form begin with its head.
pub(super) fn zip(bytes: &[u8]) {
    let answer = held::answer(bytes, MEMORY_TIMES, |file| {
        let Contents { entries, files, order, oddities } = read(file, "m.pt")?;
        let files: Vec<_> = files.into_iter().map(|f| (f.path, f.bytes, f.order)).collect();
        Ok((entries, files, order, oddities))
    });
    if answer.is_none() {
        return;
    }
    let file = std::sync::Arc::new(jokbo_formats::Memory(bytes.to_vec()));
    let contents = read(&(file as _), "m.pt").expect("it was read before");
    held::told(&contents.oddities);
    held::entries(&contents.entries, bytes.len() as u64, &contents.files);
    // A file may choose its words, but not where in a sentence they stand.
    let shares = |what: &str| {
        what.starts_with("shares its bytes with `")
            || what.ends_with(" more tensors that share bytes are not listed")
    };
    let told = contents.oddities.iter().filter(|oddity| shares(&oddity.what)).count();
    // Those beyond the first fifty are counted in one line.
    let overlaps = held::overlaps(&contents.entries);
    assert_eq!(told, overlaps.min(51), "{overlaps} tensors share bytes, and {told} are told");
    let files = vec![("m.pt".to_owned(), bytes.to_vec())];
    from_memory("m", files, None).iter().for_each(|(checkpoint, _)| held::values(checkpoint));
}

/// The bytes after the head of the old form.
pub(super) fn old(bytes: &[u8]) {
    match bytes.starts_with(MAGIC) {
        true => zip(bytes),
        false => zip(&[MAGIC, bytes].concat()),
    }
}

pub(super) fn zip_seeds() -> Vec<Vec<u8>> {
    let mut all = seeds::museum(&[".pt", ".bin"]);
    all.retain(|bytes| !bytes.starts_with(MAGIC));
    all.push(torch_writer::small().bytes());
    all
}

pub(super) fn old_seeds() -> Vec<Vec<u8>> {
    let mut all = seeds::museum(&[".pt"]);
    all.retain(|bytes| bytes.starts_with(MAGIC));
    all.push(torch_writer::stream(&torch_writer::small_pickle(), &[("0", 2, &[0; 8])]));
    all
}
