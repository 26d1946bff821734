//! Files that are elsewhere, read by ranges of bytes: the Hub, the web and buckets.
//!
//! A file becomes a [`RemoteFile`](file::RemoteFile), which is a [`ReadAt`](crate::ReadAt) like
//! any other: what is asked of it is cut into blocks, and the blocks that are not in the cache are
//! fetched, several requests at once. `client` asks, `fetch` follows redirects and tries again,
//! `web` checks that an answer holds what was asked for, `cache` keeps blocks on disk. Nothing
//! that comes back is believed before it was compared with what was asked.

#[cfg(feature = "buckets")]
pub(crate) mod bucket;
#[cfg(feature = "http")]
pub(crate) mod cache;
#[cfg(feature = "http")]
mod client;
mod fault;
#[cfg(feature = "http")]
mod fetch;
#[cfg(feature = "http")]
pub(crate) mod file;
#[cfg(feature = "http")]
pub(crate) mod hub;
#[cfg(feature = "http")]
mod permits;
#[cfg(feature = "scripted")]
mod scripted;
mod secret;
mod settings;
#[cfg(feature = "http")]
pub(crate) mod web;

use std::sync::Arc;

pub use fault::Fault;
#[cfg(feature = "scripted")]
pub use scripted::Script;
pub use secret::Secret;
pub use settings::{Patience, Settings};

#[cfg(feature = "http")]
use cache::Cache;

/// The way out to files that are elsewhere, with the settings of this run. Cheap to clone; clones
/// share connections and cache.
#[derive(Debug, Clone)]
pub struct Network {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    settings: Settings,
    #[cfg(feature = "http")]
    cache: Cache,
    #[cfg(feature = "http")]
    client: client::Client,
}

impl Network {
    /// With these settings. Nothing is asked yet.
    pub fn new(settings: Settings) -> Self {
        #[cfg(feature = "http")]
        let client = client::Client::new(&settings);
        Self::with(
            settings,
            #[cfg(feature = "http")]
            client,
        )
    }

    fn with(settings: Settings, #[cfg(feature = "http")] client: client::Client) -> Self {
        #[cfg(feature = "http")]
        let cache = Cache::new(settings.cache.clone(), settings.cache_limit);
        let inner = Inner {
            settings,
            #[cfg(feature = "http")]
            cache,
            #[cfg(feature = "http")]
            client,
        };
        Self { inner: Arc::new(inner) }
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    #[cfg(feature = "http")]
    pub(crate) fn cache(&self) -> &Cache {
        &self.inner.cache
    }

    #[cfg(feature = "http")]
    pub(crate) fn client(&self) -> &client::Client {
        &self.inner.client
    }
}
