//! A repository of a Hub: its list of files at one commit, and each file by ranges.
//!
//! The list comes from `/api/models/ID/revision/REVISION?blobs=true`, with sizes and digests, and
//! files from `/ID/resolve/COMMIT/PATH`, which redirects to where the bytes are. All is read at
//! the commit of the list, so a branch that moves meanwhile does no harm.

mod listing;

use std::io;
use std::sync::Arc;

use super::file::RemoteFile;
use super::web::{WebFile, is_sha256};
use super::{Fault, Network, fetch};
use crate::Remote;
use crate::limits::LISTING_LIMIT;
use crate::source::Repository;
pub(crate) use listing::{Listing, Sibling};

/// The files of `repository` as the Hub lists them.
pub(crate) fn list(network: &Network, repository: &Repository) -> Result<Listing, Fault> {
    if network.settings().offline {
        let what = "the repository is not in the Hub's local cache";
        return Err(Fault::Offline { what });
    }
    let revision = repository.revision().replace('/', "%2F");
    let path = format!("api/models/{}/revision", repository.id());
    let at = network.settings().endpoint().below(&path).below_escaped(&revision);
    let bytes = fetch::whole(network.client(), &at.clone().asking("blobs=true"), LISTING_LIMIT)?;
    let host = at.host().to_owned();
    listing::read(&bytes).map_err(|said| Fault::Listing { host, said })
}

/// The file `sibling` of `repository` at `commit`.
pub(crate) fn open(
    network: &Network,
    repository: &Repository,
    commit: &str,
    sibling: &Sibling,
) -> io::Result<Arc<RemoteFile>> {
    let Some(len) = sibling.bytes() else {
        let host = network.settings().endpoint().host().to_owned();
        return Err(io::Error::other(Fault::NoLength { host }));
    };
    let endpoint = network.settings().endpoint();
    let at = endpoint.below(&format!("{}/resolve/{commit}/{}", repository.id(), sibling.path));
    let sha256 = sibling.lfs.as_ref().map(|lfs| lfs.sha256.as_str()).filter(|hex| is_sha256(hex));
    let file = WebFile::listed(network, at, len, sha256);
    // A digest names the bytes wherever they are, but only as far as this Hub is believed.
    let named = sha256.map(|hex| format!("sha256 {hex}")).or_else(|| {
        sibling.blob_id.as_ref().map(|blob| format!("{} {commit} blob {blob}", repository.id()))
    });
    let identity = named.map(|named| format!("{}\n{named}", endpoint.origin()));
    let remote = Remote { sha256: sha256.map(str::to_ascii_lowercase), etag: None };
    let file = RemoteFile::new(Box::new(file), len, remote, identity.as_deref(), network.cache())?;
    Ok(Arc::new(file))
}
