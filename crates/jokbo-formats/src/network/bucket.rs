//! Buckets, through `object_store`: its signing, our client, and ranges as everywhere else.
//!
//! Every call runs to its end on the thread that asks, on a small runtime of its own; nothing goes
//! on in the background. Repetitions are the connector's, as patient as for the Hub.

mod connector;
mod options;

use std::future::Future;
use std::io;
use std::sync::Arc;

use object_store::path::Path;
use object_store::{GetOptions, GetRange, ObjectMeta, ObjectStore, ObjectStoreExt};

use super::file::{Ranges, RemoteFile};
use super::{Fault, Network};
use crate::limits::FOLDER_LIMIT;
use crate::source::Bucket;
use crate::{ReadAt, Remote};

/// A bucket that can be asked.
#[derive(Debug, Clone)]
pub(crate) struct Keeper {
    store: Arc<dyn ObjectStore>,
    network: Network,
    /// What messages call it: `s3://name`.
    name: String,
}

impl Keeper {
    /// The keeper of `bucket`, with what the settings say of it.
    pub(crate) fn of(bucket: &Bucket, network: &Network) -> Result<Self, Fault> {
        if network.settings().offline {
            return Err(Fault::Offline { what: "the bucket is elsewhere" });
        }
        Self::with(options::store(bucket, network)?, bucket, network)
    }

    /// The same over any store.
    pub(crate) fn with(
        store: Arc<dyn ObjectStore>,
        bucket: &Bucket,
        network: &Network,
    ) -> Result<Self, Fault> {
        let name = format!("{}://{}", bucket.provider.scheme(), bucket.name);
        Ok(Self { store, network: network.clone(), name })
    }

    /// What is known of the object at `path`, when there is one.
    pub(crate) fn head(&self, path: &str) -> Result<Option<ObjectMeta>, Fault> {
        let path = self.path(path)?;
        match block_on(self.store.head(&path))? {
            Ok(found) => Ok(Some(found)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(self.fault(&error)),
        }
    }

    /// The names of the files and of the folders in `folder`, which is empty for the whole bucket.
    pub(crate) fn list(&self, folder: &str) -> Result<(Vec<String>, Vec<String>), Fault> {
        let prefix = if folder.is_empty() { None } else { Some(self.path(folder)?) };
        let listed = block_on(self.store.list_with_delimiter(prefix.as_ref()))?;
        let listed = listed.map_err(|error| self.fault(&error))?;
        if FOLDER_LIMIT < listed.objects.len().saturating_add(listed.common_prefixes.len()) {
            let said = format!("it lists more than {FOLDER_LIMIT} files");
            return Err(Fault::Bucket { name: self.name.clone(), said });
        }
        let name = |path: &Path| path.filename().map(str::to_owned);
        let files = listed.objects.iter().filter_map(|object| name(&object.location)).collect();
        let folders = listed.common_prefixes.iter().filter_map(name).collect();
        Ok((files, folders))
    }

    /// Opens the object that was found.
    pub(crate) fn open(&self, found: ObjectMeta) -> io::Result<Arc<dyn ReadAt>> {
        let state = found.version.as_deref().or(found.e_tag.as_deref());
        let identity = state.map(|state| format!("{}\n{}\n{state}", self.name, found.location));
        let remote = Remote { sha256: None, etag: found.e_tag.clone() };
        let len = found.size;
        let ranges = Box::new(Object { keeper: self.clone(), found });
        let cache = self.network.cache();
        let file = RemoteFile::new(ranges, len, remote, identity.as_deref(), cache)?;
        Ok(Arc::new(file))
    }

    fn path(&self, path: &str) -> Result<Path, Fault> {
        let unlawful = |_| {
            let said = "the path cannot be that of an object".to_owned();
            Fault::Bucket { name: self.name.clone(), said }
        };
        Path::parse(path).map_err(unlawful)
    }

    /// An error of the library in our words: its own may quote an address with a signature.
    fn fault(&self, error: &object_store::Error) -> Fault {
        let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
        while let Some(error) = cause {
            if let Some(fault) = error.downcast_ref::<Fault>() {
                return fault.clone();
            }
            cause = error.source();
        }
        let said = match error {
            object_store::Error::NotFound { .. } => "there is no such object",
            object_store::Error::Precondition { .. } => {
                let (was, is) = ("the one that was listed".to_owned(), "another".to_owned());
                return Fault::Changed { what: "ETag", was, is };
            }
            object_store::Error::PermissionDenied { .. } => "access is refused",
            object_store::Error::Unauthenticated { .. } => "no valid key was sent",
            _ => "the request failed, or what came back is no answer to it",
        };
        Fault::Bucket { name: self.name.clone(), said: said.to_owned() }
    }
}

/// One object, in the state in which it was found.
#[derive(Debug)]
struct Object {
    keeper: Keeper,
    found: ObjectMeta,
}

impl Ranges for Object {
    fn fetch(&self, offset: u64, buffer: &mut [u8]) -> Result<(), Fault> {
        let (keeper, found) = (&self.keeper, &self.found);
        let wanted = offset..offset + buffer.len() as u64;
        let options = GetOptions {
            range: Some(GetRange::Bounded(wanted.clone())),
            // Only a strong ETag may be asked for (RFC 9110, 13.1.1).
            if_match: found.e_tag.clone().filter(|etag| !etag.starts_with("W/")),
            ..GetOptions::default()
        };
        let answer = block_on(async {
            let answer = keeper.store.get_opts(&found.location, options).await?;
            let (range, meta) = (answer.range.clone(), answer.meta.clone());
            Ok((range, meta, answer.bytes().await?))
        })?;
        let (range, meta, bytes) = answer.map_err(|error| keeper.fault(&error))?;
        let changed = |what, was: String, is: String| Err(Fault::Changed { what, was, is });
        if meta.size != found.size {
            return changed("length", found.size.to_string(), meta.size.to_string());
        }
        if meta.e_tag != found.e_tag {
            let shown = |etag: &Option<String>| etag.clone().unwrap_or("not given".to_owned());
            return changed("ETag", shown(&found.e_tag), shown(&meta.e_tag));
        }
        if range != wanted || bytes.len() != buffer.len() {
            let got = format!("{} bytes from {} to {}", bytes.len(), range.start, range.end);
            let (host, last) = (keeper.name.clone(), wanted.end - 1);
            return Err(Fault::WrongRange { host, first: offset, last, got });
        }
        buffer.copy_from_slice(&bytes);
        Ok(())
    }
}

/// Runs `task` to its end on this thread.
fn block_on<T>(task: impl Future<Output = T>) -> Result<T, Fault> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    let runtime = runtime.map_err(|error| Fault::Bucket {
        name: "this machine".to_owned(),
        said: error.to_string(),
    })?;
    Ok(runtime.block_on(task))
}

#[cfg(test)]
mod tests;
