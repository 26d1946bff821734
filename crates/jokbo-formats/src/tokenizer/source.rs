//! Where a tokenizer lies that is named like a checkpoint, or that lies beside one.

use super::place::{Found, find_in};
use super::{Tokenizer, open_tokenizer};
use crate::open::{cached, folder_of, tokenizer_from_hub, tokenizer_from_web};
use crate::source::Repository;
use crate::{Error, Network, Source, open_source};

/// Reads the tokenizer that `source` names, wherever it is: as [`open_tokenizer`] does of a path,
/// the file or folder of a repository on the Hub, or a file on the web. `None` when it holds none.
///
/// A repository that the Hub's local cache holds is looked into first. Of a bucket only GGUF files
/// are read.
pub fn open_tokenizer_source(
    source: &Source,
    network: &Network,
) -> Result<Option<Tokenizer>, Error> {
    let found = match source {
        Source::Path(path) => return open_tokenizer(path),
        Source::Hub(repository) => match in_cache(repository, network)? {
            Some(path) if path.exists() => match open_tokenizer(&path)? {
                Some(tokenizer) => return Ok(Some(tokenizer)),
                None if network.settings().offline => return Ok(None),
                None => tokenizer_from_hub(repository, network, &source.to_string(), true)?,
            },
            _ => tokenizer_from_hub(repository, network, &source.to_string(), true)?,
        },
        Source::Web(address) => tokenizer_from_web(address, network)?,
        Source::Bucket(_) => Found::Gguf,
    };
    match found {
        Found::Tokenizer(tokenizer) => Ok(Some(tokenizer)),
        Found::Gguf => Tokenizer::of_gguf(&open_source(source, network)?.0),
        Found::Nothing => Ok(None),
    }
}

/// What lies beside a checkpoint.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "one is made for a comparison")]
pub enum Beside {
    /// A tokenizer.
    Tokenizer(Tokenizer),
    /// None.
    Nothing,
    /// Nothing here, and elsewhere was not looked.
    NotLooked,
}

/// Reads the tokenizer that lies beside the weights that `source` names, in a file of its own. What
/// is elsewhere is asked for only where `may_fetch`; the Hub's local cache is looked into anyway.
pub fn tokenizer_beside(
    source: &Source,
    network: &Network,
    may_fetch: bool,
) -> Result<Beside, Error> {
    let found = match source {
        Source::Path(path) if path.is_dir() => find_in(path)?,
        Source::Path(path) => find_in(folder_of(path))?,
        Source::Hub(repository) => {
            let kept = in_cache(repository, network)?.filter(|path| path.exists());
            let here = match &kept {
                Some(path) if path.is_dir() => find_in(path)?,
                Some(path) => find_in(folder_of(path))?,
                None => Found::Nothing,
            };
            match here {
                Found::Tokenizer(_) => here,
                // Without a network, what is here is all there is.
                _ if network.settings().offline => Found::Nothing,
                _ if may_fetch => {
                    tokenizer_from_hub(repository, network, &source.to_string(), false)?
                }
                _ => return Ok(Beside::NotLooked),
            }
        }
        Source::Web(_) | Source::Bucket(_) => Found::Nothing,
    };
    Ok(match found {
        Found::Tokenizer(tokenizer) => Beside::Tokenizer(tokenizer),
        Found::Gguf | Found::Nothing => Beside::Nothing,
    })
}

/// Where the Hub's local cache holds what `repository` names, if it does.
fn in_cache(
    repository: &Repository,
    network: &Network,
) -> Result<Option<std::path::PathBuf>, Error> {
    let Some(cache) = &network.settings().hub_cache else { return Ok(None) };
    let found = cached(cache, repository)?;
    Ok(found.map(|(snapshot, _)| match repository.below() {
        Some(below) => snapshot.join(below),
        None => snapshot,
    }))
}
