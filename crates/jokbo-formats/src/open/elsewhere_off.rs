//! What stands in for `elsewhere` in a build without a client: a plain refusal.

use super::assemble::Pieces;
use super::folder::Reading;
use crate::error::{ErrorKind, Place};
use crate::network::{Fault, Network};
use crate::source::{Bucket, Repository};
use crate::tokenizer::Found;
use crate::{Address, Checkpoint, Error, Oddity};

fn refused(source: &str, what: &'static str) -> Error {
    let fault = std::io::Error::other(Fault::NotBuilt { what });
    Place::file(source).error(ErrorKind::Unreadable(fault))
}

pub(super) fn from_hub(
    _: &Repository,
    _: &Network,
    source: &str,
) -> Result<(Pieces, String), Error> {
    Err(refused(source, "access to the Hub"))
}

pub(crate) fn tokenizer_from_hub(
    _: &Repository,
    _: &Network,
    source: &str,
    _: bool,
) -> Result<Found, Error> {
    Err(refused(source, "access to the Hub"))
}

pub(crate) fn folder_from_hub<T>(
    _: &Repository,
    _: &Network,
    source: &str,
    _: &Reading<'_, T>,
) -> Result<T, Error> {
    Err(refused(source, "access to the Hub"))
}

pub(crate) fn tokenizer_from_web(address: &Address, _: &Network) -> Result<Found, Error> {
    Err(refused(&address.to_string(), "access to the web"))
}

pub(super) fn open_address(
    address: &Address,
    _: &Network,
) -> Result<(Checkpoint, Vec<Oddity>), Error> {
    Err(refused(&address.to_string(), "access to the web"))
}

pub(super) fn open_bucket(
    bucket: &Bucket,
    _: &Network,
) -> Result<(Checkpoint, Vec<Oddity>), Error> {
    Err(refused(&bucket.to_string(), "access to buckets"))
}
