//! What lies beside a file that was opened: where the data files are that a model names.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::fence::Fence;
use crate::{ByteOrder, Error, ReadAt, SourceFile};

/// Where a file may name others.
#[derive(Debug)]
pub(crate) enum Beside {
    /// In its own folder.
    Folder(Fence),
    /// Among files in memory, by path.
    Memory(BTreeMap<String, Arc<dyn ReadAt>>),
    /// Nowhere.
    Nowhere,
}

impl Beside {
    /// The file `name`, a path of plain names, or `None` when there is none.
    pub(crate) fn open(&self, name: &str) -> Result<Option<SourceFile>, Error> {
        match self {
            Beside::Folder(fence) => {
                let file = fence.open(name)?;
                Ok(file.map(|file| SourceFile::of(name.to_owned(), Arc::new(file))))
            }
            Beside::Memory(files) => Ok(files.get(name).map(|reader| {
                let (path, reader) = (name.to_owned(), Arc::clone(reader));
                let (bytes, order) = (reader.len(), ByteOrder::Little);
                SourceFile { path, bytes, order, derived: false, reader }
            })),
            Beside::Nowhere => Ok(None),
        }
    }
}
