//! Why a comparison could not finish.

use std::io;

use jokbo_tensors::ReadError;
use thiserror::Error;

/// A checkpoint could not be opened or read to its end.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// Opening failed: the checkpoint is damaged, missing or of another format.
    #[error("cannot open {path}")]
    Open {
        /// What was to be opened.
        path: String,
        /// Why it could not be.
        source: jokbo_formats::Error,
    },
    /// The weights of a tensor could not be read.
    #[error("a weight could not be read")]
    Weights(#[from] ReadError),
    /// The bytes of a file could not be digested.
    #[error("cannot read {file} to its end")]
    Digest {
        /// The file, as a path below the named folder.
        file: String,
        /// Why.
        source: io::Error,
    },
    /// There is no tokenizer at a place where one was to be read.
    #[error("{path} holds no tokenizer that is read")]
    NoTokenizer {
        /// Where it was looked for.
        path: String,
    },
    /// Bytes of a file could not be read.
    #[error("cannot read {bytes} bytes at {offset} of {file}")]
    Read {
        /// The file, as a path below the named folder.
        file: String,
        /// First byte that was asked for.
        offset: u64,
        /// How many bytes were asked for.
        bytes: u64,
        /// Why.
        source: io::Error,
    },
    /// A reference was named for a component that it does not have.
    #[error("{reference} has no component {asked}; it has {found}")]
    NoSuchAnswer {
        /// What the user named.
        reference: String,
        /// The component it was named for.
        asked: String,
        /// What there is, separated by commas.
        found: String,
    },
    /// A LoRA adapter was named as a model of a family.
    #[error(
        "{path} is a LoRA adapter, and a tree is of whole models; `jokbo compare` takes adapters, \
         alone or on their --base"
    )]
    AdapterInTree {
        /// What the user named.
        path: String,
    },
    /// A component was asked for that no model of a family has.
    #[error("no model has a component {asked}; they have {found}")]
    InNoModel {
        /// What was asked for.
        asked: String,
        /// What there is, separated by commas.
        found: String,
    },
    /// The device that was to make products failed in the middle: nothing of it is reported.
    #[error("{0}; `--device cpu` needs none")]
    Device(#[from] jokbo_statistics::device::Fault),
    /// A component was asked for that the suspect does not have.
    #[error("the suspect has no component {asked}; it has {found}")]
    NoSuchComponent {
        /// What was asked for.
        asked: String,
        /// What there is, separated by commas.
        found: String,
    },
}
