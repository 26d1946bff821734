//! The safetensors library and our reader, on the same bytes.

use std::collections::BTreeMap;

use jokbo_formats::{Checkpoint, Error, ErrorKind, Format, Oddity, from_memory};
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};

pub(crate) const REFUSAL: &str = "the safetensors library would refuse this file: ";

pub(crate) fn open(bytes: &[u8]) -> Result<(Checkpoint, Vec<Oddity>), Error> {
    from_memory("m", vec![("m.safetensors".to_owned(), bytes.to_vec())], None)
}

/// What both readers can say of a tensor: its type, its shape and its bytes.
pub(crate) type Read = BTreeMap<String, (String, Vec<u64>, Vec<u8>)>;

pub(crate) fn ours(checkpoint: &Checkpoint) -> Read {
    let mut read = Read::new();
    for entry in &checkpoint.entries {
        let mut bytes = vec![0; usize::try_from(entry.bytes).expect("it is in memory")];
        let reader = &checkpoint.files[entry.file].reader;
        reader.read_exact_at(&mut bytes, entry.offset).expect("the place was checked");
        read.insert(entry.name.clone(), (entry.dtype.to_string(), entry.shape.clone(), bytes));
    }
    read
}

/// The library's reading, with the types that we list as plain bytes listed so.
pub(crate) fn theirs(file: &SafeTensors<'_>) -> Read {
    let listed = |view: &TensorView<'_>| {
        let bytes = view.data().to_vec();
        match view.dtype() {
            Dtype::F4
            | Dtype::F6_E2M3
            | Dtype::F6_E3M2
            | Dtype::F8_E8M0
            | Dtype::F8_E4M3FNUZ
            | Dtype::F8_E5M2FNUZ
            | Dtype::C64 => ("U8".to_owned(), vec![bytes.len() as u64], bytes),
            dtype => {
                (dtype.to_string(), view.shape().iter().map(|&axis| axis as u64).collect(), bytes)
            }
        }
    };
    file.tensors().iter().map(|(name, view)| (name.clone(), listed(view))).collect()
}

/// Both readers on the same bytes: they agree, or the difference is one of those named here.
#[track_caller]
pub(crate) fn compare(bytes: &[u8]) {
    match (open(bytes), SafeTensors::deserialize(bytes)) {
        // We go by what is in a file, not by its name.
        (Ok((checkpoint, _)), Err(_)) if checkpoint.format != Format::Safetensors => {}
        (Ok((checkpoint, oddities)), Ok(library)) => {
            assert_eq!(ours(&checkpoint), theirs(&library));
            assert!(oddities.iter().all(|oddity| !oddity.what.starts_with(REFUSAL)));
        }
        (Ok((_, oddities)), Err(error)) => assert!(
            oddities.iter().any(|oddity| oddity.what.starts_with(REFUSAL)),
            "the library says {error} and we say only {oddities:?}"
        ),
        // Where we are stricter: the same list is in the documentation of `safetensors.rs`.
        (Err(error), Ok(_)) => assert!(
            matches!(
                error.kind(),
                ErrorKind::TensorTwice
                    | ErrorKind::KeyTwice { .. }
                    | ErrorKind::WrongForm { .. }
                    | ErrorKind::TooManyAxes { .. }
                    | ErrorKind::NameTooLong { .. }
                    | ErrorKind::TooManyTensors { .. }
            ),
            "the library accepts this, and we say {error}"
        ),
        (Err(_), Err(_)) => {}
    }
}
