//! From what was named to its pieces, wherever it is.

use super::assemble::{self, Pieces};
use super::elsewhere::{from_hub, open_address, open_bucket};
use super::{hub, open, pieces_at};
use crate::error::ErrorKind;
use crate::network::Network;
use crate::source::Repository;
use crate::{Checkpoint, Error, Oddity, Source};

/// Opens the checkpoint that `source` names, and tells what was odd about it.
///
/// Of what is elsewhere, the list of files, `config.json`, indexes and headers are fetched; the
/// weights stay where they are until somebody reads them, and then come by ranges of bytes. A
/// repository that the Hub's local cache holds at the revision that is meant is read from there.
pub fn open_source(source: &Source, network: &Network) -> Result<(Checkpoint, Vec<Oddity>), Error> {
    match source {
        Source::Path(path) => open(path),
        Source::Hub(repository) => open_repository(repository, network),
        Source::Web(address) => open_address(address, network),
        Source::Bucket(bucket) => open_bucket(bucket, network),
    }
}

fn open_repository(
    repository: &Repository,
    network: &Network,
) -> Result<(Checkpoint, Vec<Oddity>), Error> {
    let source = repository.to_string();
    let (pieces, commit) = match from_cache(repository, network, &source)? {
        Some(found) => found,
        None => from_hub(repository, network, &source)?,
    };
    let (mut checkpoint, oddities) = assemble::assemble(source, pieces)?;
    checkpoint.commit = Some(commit);
    Ok((checkpoint, oddities))
}

/// What the Hub's local cache holds of `repository`, when that is all that is needed.
fn from_cache(
    repository: &Repository,
    network: &Network,
    source: &str,
) -> Result<Option<(Pieces, String)>, Error> {
    let settings = network.settings();
    let Some(cache) = &settings.hub_cache else { return Ok(None) };
    let Some((snapshot, commit)) = hub::cached(cache, repository)? else { return Ok(None) };
    let path = repository.below().map_or_else(|| snapshot.clone(), |below| snapshot.join(below));
    match pieces_at(&path, source) {
        // A cache keeps what was asked for, which may have been the configuration alone.
        Err(error) if !settings.offline && is_partial(error.kind()) => Ok(None),
        Ok(pieces) if !settings.offline && !has_all_shards(&pieces) => Ok(None),
        pieces => Ok(Some((pieces?, commit))),
    }
}

fn is_partial(kind: &ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::NoSuchPath
            | ErrorKind::NoWeights
            | ErrorKind::ForeignFolder { .. }
            | ErrorKind::LinkBroken { .. }
            | ErrorKind::ShardsMissing { .. }
    )
}

fn has_all_shards(pieces: &Pieces) -> bool {
    let there = |shard: &String| pieces.files.iter().any(|file| file.path == *shard);
    pieces.index.as_ref().is_none_or(|index| index.shards.keys().all(there))
}
