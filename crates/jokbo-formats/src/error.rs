//! Why a checkpoint could not be opened: the place, and what was wrong there.

mod hint;
mod kind;

use std::fmt;

pub use kind::ErrorKind;

use crate::Shown;

/// A checkpoint could not be opened.
///
/// The message is one sentence of its own level; what the operating system or the text decoder
/// said is in [`source`](std::error::Error::source).
#[derive(Debug)]
pub struct Error {
    // Boxed, so that a `Result` is not as large as its rarest error.
    inner: Box<(Place, ErrorKind)>,
}

/// Where something is wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// The file, as a path below the named folder, or the path as the user typed it.
    pub file: String,
    /// The tensor, when one is concerned.
    pub tensor: Option<String>,
    /// The byte of the file, where there is one: the first of the tensor, or, for text, where the
    /// reader of the text stopped.
    pub byte: Option<u64>,
}

impl Place {
    /// `file` as a whole.
    pub(crate) fn file(file: &str) -> Self {
        Self { file: file.to_owned(), ..Self::default() }
    }

    /// The same file, narrowed to `tensor`.
    pub(crate) fn tensor(mut self, tensor: &str) -> Self {
        self.tensor = Some(tensor.to_owned());
        self
    }

    /// The same, narrowed to `byte`.
    pub(crate) fn byte(mut self, byte: u64) -> Self {
        self.byte = Some(byte);
        self
    }

    /// What is wrong here.
    pub(crate) fn error(self, kind: ErrorKind) -> Error {
        Error { inner: Box::new((self, kind)) }
    }
}

impl Error {
    /// The same, at the same place in `folder`.
    pub(crate) fn in_folder(mut self, folder: &str) -> Self {
        let file = &mut self.inner.0.file;
        *file = format!("{folder}/{file}");
        self
    }

    /// Where it is wrong.
    pub fn place(&self) -> &Place {
        &self.inner.0
    }

    /// What is wrong.
    pub fn kind(&self) -> &ErrorKind {
        &self.inner.1
    }

    /// What the user can do about it, as one sentence, where that is known.
    pub fn hint(&self) -> Option<String> {
        hint::hint(self.kind())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place(), self.kind())
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Shown(&self.file))?;
        if let Some(tensor) = &self.tensor {
            write!(f, ", tensor `{}`", Shown(tensor))?;
        }
        if let Some(byte) = self.byte {
            write!(f, ", at byte {byte}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        std::error::Error::source(self.kind())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::error::Error as _;

    #[test]
    fn the_message_names_the_file_the_tensor_and_the_byte() {
        let place = Place::file("m.safetensors").tensor("a\tb").byte(48);
        let error = place.error(ErrorKind::Empty);
        assert_eq!(
            error.to_string(),
            "m.safetensors, tensor `a\\tb`, at byte 48: the file is empty"
        );
    }

    #[test]
    fn the_cause_is_in_the_source_and_not_in_the_message() {
        let cause = std::io::Error::other("the disk is on fire");
        let error = Place::file("m").error(ErrorKind::Unreadable(cause));
        assert_eq!(error.to_string(), "m: cannot be read");
        assert_eq!(error.source().unwrap().to_string(), "the disk is on fire");
    }

    #[test]
    fn a_result_stays_small() {
        assert_eq!(size_of::<Error>(), size_of::<usize>());
    }
}
