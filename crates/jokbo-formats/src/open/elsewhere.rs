//! Pieces that are fetched: of a repository, of one file on the web, of a bucket.

use std::sync::Arc;

use super::assemble::{self, Pieces};
use super::beside::Beside;
use super::folder::{Folder, Listing, Reading, Tree};
use super::{config, folder, index, lone_shard};
#[cfg(feature = "buckets")]
use crate::Shown;
use crate::error::{ErrorKind, Place};
#[cfg(feature = "buckets")]
use crate::network::bucket::Keeper;
use crate::network::{Fault, Network, hub};
use crate::oddity::Oddities;
use crate::source::{Bucket, Repository};
use crate::tokenizer::{self, Found};
use crate::{Address, Checkpoint, Error, Oddity, ReadAt, SourceFile};

/// The error that a fault is at this place.
fn failed(place: &Place, fault: Fault) -> Error {
    place.clone().error(ErrorKind::Unreadable(std::io::Error::other(fault)))
}

pub(super) fn from_hub(
    repository: &Repository,
    network: &Network,
    source: &str,
) -> Result<(Pieces, String), Error> {
    let place = Place::file(source);
    let list = listed(repository, network, &place)?;
    let mut told = Oddities::of(source);
    if 0 < list.unlawful {
        let what = format_args!(
            "files whose names are no plain paths, which were not read: {}",
            list.unlawful
        );
        told.tell("names that are no paths", None, what);
    }
    let part = part_of(&list, repository, &place)?;
    let open = |path: &str| open_listed(&list, repository, network, path);
    let all: Vec<&str> = list.siblings.iter().map(|file| file.path.as_str()).collect();
    let list_folder = |path: &str| Ok(names_in(&all, &format!("{path}/")));
    let mut pieces = part.pieces(&open, &list_folder, &place)?;
    pieces.oddities.extend(told.into_list());
    Ok((pieces, list.sha.clone()))
}

/// The tokenizer in the part of `repository` that was named, or beside the file that was.
pub(crate) fn tokenizer_from_hub(
    repository: &Repository,
    network: &Network,
    source: &str,
    named: bool,
) -> Result<Found, Error> {
    let place = Place::file(source);
    let list = listed(repository, network, &place)?;
    let part = part_of(&list, repository, &place)?;
    let open = |path: &str| open_listed(&list, repository, network, path);
    let folder = Elsewhere { folder: part.folder, open: &open };
    let file = part.file.as_deref().filter(|_| named);
    tokenizer::find(&folder, &part.listing.files, file)
}

/// What `reading` makes of the top folder of `repository`, whatever part of it was named, and of the
/// names in it.
pub(crate) fn folder_from_hub<T>(
    repository: &Repository,
    network: &Network,
    source: &str,
    reading: &Reading<'_, T>,
) -> Result<T, Error> {
    let list = listed(repository, network, &Place::file(source))?;
    let paths: Vec<&str> = list.siblings.iter().map(|file| file.path.as_str()).collect();
    let open = |path: &str| open_listed(&list, repository, network, path);
    let folder = Elsewhere { folder: String::new(), open: &open };
    reading(&folder, &names_in(&paths, "").files)
}

fn listed(
    repository: &Repository,
    network: &Network,
    place: &Place,
) -> Result<hub::Listing, Error> {
    hub::list(network, repository).map_err(|fault| failed(place, fault))
}

fn part_of(list: &hub::Listing, repository: &Repository, place: &Place) -> Result<Part, Error> {
    let paths = list.siblings.iter().map(|file| file.path.as_str());
    Part::of(paths, repository.below(), place)
}

fn open_listed(
    list: &hub::Listing,
    repository: &Repository,
    network: &Network,
    path: &str,
) -> Result<Option<Arc<dyn ReadAt>>, Error> {
    let Some(sibling) = list.siblings.iter().find(|file| file.path == path) else {
        return Ok(None);
    };
    let file = hub::open(network, repository, &list.sha, sibling);
    let unreadable = |error| Place::file(path).error(ErrorKind::Unreadable(error));
    file.map(|file| Some(file as Arc<dyn ReadAt>)).map_err(unreadable)
}

/// The tokenizer in the file at `address`, which is no GGUF file.
pub(crate) fn tokenizer_from_web(address: &Address, network: &Network) -> Result<Found, Error> {
    let place = Place::file(&address.to_string());
    if network.settings().offline {
        return Err(failed(&place, Fault::Offline { what: "the file is elsewhere" }));
    }
    let name = address.file_name();
    // What a repository would have beside it is not looked for: an address names one file.
    let open = |path: &str| {
        if path != name {
            return Ok(None);
        }
        let file = crate::network::web::open(network, address);
        let file = file.map_err(|error| place.clone().error(ErrorKind::Unreadable(error)))?;
        Ok(Some(Arc::new(file) as Arc<dyn ReadAt>))
    };
    let folder = Elsewhere { folder: String::new(), open: &open };
    tokenizer::find(&folder, &[], Some(name))
}

/// What is meant of a list of files: a folder, or one file in it.
struct Part {
    /// The path of the folder, with a `/` behind it; empty for the whole.
    folder: String,
    listing: Listing,
    /// The file that was named.
    file: Option<String>,
}

impl Part {
    /// The part at `below` of the files at `paths`.
    fn of<'a>(
        paths: impl Iterator<Item = &'a str>,
        below: Option<&str>,
        place: &Place,
    ) -> Result<Self, Error> {
        let paths: Vec<&str> = paths.collect();
        let (folder, file) = match below {
            None => (String::new(), None),
            Some(below) if paths.contains(&below) => match below.rsplit_once('/') {
                Some((folder, name)) => (format!("{folder}/"), Some(name.to_owned())),
                None => (String::new(), Some(below.to_owned())),
            },
            Some(below) => (format!("{below}/"), None),
        };
        let listing = names_in(&paths, &folder);
        if listing.files.is_empty() && listing.folders.is_empty() {
            return Err(place.clone().error(ErrorKind::NoSuchPath));
        }
        Ok(Self { folder, listing, file })
    }

    /// Its pieces; `open` opens the file at a path, and `list` lists the folder at one.
    fn pieces(self, open: &Open<'_>, list: &List<'_>, place: &Place) -> Result<Pieces, Error> {
        let folder = Listed { folder: Elsewhere { folder: self.folder, open }, list };
        match self.file {
            Some(name) if !index::is_named_so(&name) => {
                let file = folder.open(&name)?;
                let file = file.ok_or_else(|| place.clone().error(ErrorKind::NoSuchPath))?;
                let (config, mut oddities) = config::read(&folder, std::iter::once(name.as_str()))?;
                oddities.extend(lone_shard(&name));
                Ok(Pieces {
                    files: vec![SourceFile::of(name, file)],
                    index: None,
                    config,
                    beside: Beside::Nowhere,
                    parts: Vec::new(),
                    oddities,
                })
            }
            index => folder::pieces(&folder, self.listing, index.as_deref(), place),
        }
    }
}

/// Opens the file at a path, when there is one.
type Open<'a> = dyn Fn(&str) -> Result<Option<Arc<dyn ReadAt>>, Error> + 'a;

/// Lists the folder at a path.
type List<'a> = dyn Fn(&str) -> Result<Listing, Error> + 'a;

/// A folder of a list of files.
struct Elsewhere<'a> {
    folder: String,
    open: &'a Open<'a>,
}

/// The same, which can be listed too.
struct Listed<'a> {
    folder: Elsewhere<'a>,
    list: &'a List<'a>,
}

/// The names in `folder`, which is empty or ends in `/`, of the files at `paths`, sorted.
fn names_in(paths: &[&str], folder: &str) -> Listing {
    let mut listing = Listing::default();
    for rest in paths.iter().filter_map(|path| path.strip_prefix(folder)) {
        match rest.split_once('/') {
            None => listing.files.push(rest.to_owned()),
            Some((inner, _)) => listing.folders.push(inner.to_owned()),
        }
    }
    listing.files.sort_unstable();
    listing.folders.sort_unstable();
    listing.folders.dedup();
    listing
}

impl Folder for Elsewhere<'_> {
    fn open(&self, below: &str) -> Result<Option<Arc<dyn ReadAt>>, Error> {
        (self.open)(&format!("{}{below}", self.folder))
    }
}

impl Folder for Listed<'_> {
    fn open(&self, below: &str) -> Result<Option<Arc<dyn ReadAt>>, Error> {
        self.folder.open(below)
    }
}

impl Tree for Listed<'_> {
    fn list(&self, below: &str) -> Result<Option<Listing>, Error> {
        (self.list)(&format!("{}{below}", self.folder.folder)).map(Some)
    }
}

pub(super) fn open_address(
    address: &Address,
    network: &Network,
) -> Result<(Checkpoint, Vec<Oddity>), Error> {
    let source = address.to_string();
    let place = Place::file(&source);
    if network.settings().offline {
        return Err(failed(&place, Fault::Offline { what: "the file is elsewhere" }));
    }
    let unreadable = |error| place.clone().error(ErrorKind::Unreadable(error));
    let file = crate::network::web::open(network, address).map_err(unreadable)?;
    let mut told = Oddities::of(&source);
    if file.remote().is_none_or(|remote| remote.etag.is_none()) {
        told.tell(
            "files without an ETag",
            None,
            "the server gives no strong ETag, so a change while it was read could not be noticed",
        );
    }
    let name = address.file_name().to_owned();
    let mut oddities = told.into_list();
    oddities.extend(lone_shard(&name));
    let files = vec![SourceFile::of(name, Arc::new(file))];
    assemble::assemble(
        source,
        Pieces {
            files,
            index: None,
            config: None,
            beside: Beside::Nowhere,
            parts: Vec::new(),
            oddities,
        },
    )
}

#[cfg(not(feature = "buckets"))]
pub(super) fn open_bucket(
    bucket: &Bucket,
    _: &Network,
) -> Result<(Checkpoint, Vec<Oddity>), Error> {
    let place = Place::file(&bucket.to_string());
    Err(failed(&place, Fault::NotBuilt { what: "access to buckets (feature `buckets`)" }))
}

#[cfg(feature = "buckets")]
pub(super) fn open_bucket(
    bucket: &Bucket,
    network: &Network,
) -> Result<(Checkpoint, Vec<Oddity>), Error> {
    let keeper = Keeper::of(bucket, network);
    let keeper = keeper.map_err(|fault| failed(&Place::file(&bucket.to_string()), fault))?;
    open_kept(&keeper, bucket)
}

/// Opens `bucket` with its keeper.
#[cfg(feature = "buckets")]
pub(crate) fn open_kept(
    keeper: &Keeper,
    bucket: &Bucket,
) -> Result<(Checkpoint, Vec<Oddity>), Error> {
    let source = bucket.to_string();
    let place = Place::file(&source);
    let here = |fault| failed(&place, fault);
    let below = bucket.below.as_str();
    let is_file = !below.is_empty() && keeper.head(below).map_err(here)?.is_some();
    let (folder, file) = match below.rsplit_once('/') {
        _ if !is_file => (below, None),
        Some((folder, name)) => (folder, Some(name.to_owned())),
        None => ("", Some(below.to_owned())),
    };
    let list = |folder: &str| {
        let (mut files, mut folders) = keeper.list(folder).map_err(here)?;
        files.sort_unstable();
        folders.sort_unstable();
        Ok(Listing { files, folders, nameless: 0 })
    };
    let listing = list(folder)?;
    if listing.files.is_empty() && listing.folders.is_empty() {
        return Err(place.error(ErrorKind::NoSuchPath));
    }
    let folder = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    let open = |path: &str| {
        let place = Place::file(path);
        let Some(found) = keeper.head(path).map_err(|fault| failed(&place, fault))? else {
            return Ok(None);
        };
        let file = keeper.open(found);
        file.map(Some).map_err(|error| place.error(ErrorKind::Unreadable(error)))
    };
    let pieces = Part { folder, listing, file }.pieces(&open, &list, &place)?;
    let mut told = Oddities::of(&source);
    let unsure = |file: &&SourceFile| file.reader.remote().is_none_or(|r| r.etag.is_none());
    for file in pieces.files.iter().filter(unsure) {
        let what = format_args!(
            "`{}` has no ETag, so a change while it was read could not be noticed",
            Shown(&file.path)
        );
        told.tell("files without an ETag", None, what);
    }
    let (checkpoint, mut oddities) = assemble::assemble(source, pieces)?;
    oddities.extend(told.into_list());
    Ok((checkpoint, oddities))
}
