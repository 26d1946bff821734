//! The disputes that jokbo must settle, in miniature.
//!
//! A case is a folder of `cases/`: `recipe.toml` says which models there are, what was planted between
//! them and what a comparison must find; `README.md` says what it stands for. [`Case::build`] writes
//! the models: real tensor names scaled down, weights drawn from seeds, the same bytes everywhere.
//!
//! ```
//! let case = jokbo_cases::all()?.into_iter().next().expect("there are cases");
//! let folder = tempfile::tempdir()?;
//! case.build(folder.path())?;
//! assert!(folder.path().join(&case.recipe.suspect).join("config.json").is_file());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod build;
mod library;
mod recipe;
mod weights;
mod write;

use std::io;
use std::path::Path;

use thiserror::Error;

pub use library::all;
pub use recipe::{Expected, Recipe};

/// One dispute.
#[derive(Debug, Clone)]
pub struct Case {
    /// The name of its folder.
    pub name: String,
    /// What it is made of, and what must be found.
    pub recipe: Recipe,
}

impl Case {
    /// Writes every model of the case into a folder of its own below `folder`.
    pub fn build(&self, folder: &Path) -> Result<(), Error> {
        build::all(self, folder)
    }
}

/// A recipe that cannot be carried out, or a file that cannot be written.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// The text of the recipe is no recipe.
    #[error("cases/{case}/recipe.toml is not what it should be")]
    Toml {
        /// The case.
        case: String,
        /// Where and why.
        source: toml::de::Error,
    },
    /// The recipe asks for what is not there.
    #[error("cases/{case}/recipe.toml: {what}")]
    Meaning {
        /// The case.
        case: String,
        /// What is wrong, as a sentence.
        what: String,
    },
    /// A file could not be written.
    #[error("cannot write {path}")]
    Write {
        /// The file.
        path: String,
        /// Why.
        source: io::Error,
    },
}
