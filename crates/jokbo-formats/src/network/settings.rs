//! What a run may ask for, and where. Read from the environment by the command line alone.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use crate::network::Secret;
use crate::source::Address;

/// How to reach files that are elsewhere.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Ask nothing of the network; what the Hub's local cache holds is read.
    pub offline: bool,
    /// Where the Hub is; `None` for <https://huggingface.co>.
    pub endpoint: Option<Address>,
    /// What the Hub knows the user by. It goes to the endpoint alone.
    pub token: Option<Secret>,
    /// The Hub's local cache (`models--org--name`, …), looked into first.
    pub hub_cache: Option<PathBuf>,
    /// Folder for blocks that were fetched. Without one they are kept in memory, as far as they
    /// fit.
    pub cache: Option<PathBuf>,
    /// Most bytes of blocks on disk. The longest unused files go first.
    pub cache_limit: u64,
    /// A proxy for everything but this machine. It may name a password.
    pub proxy: Option<Secret>,
    /// What the keepers of buckets ask for, such as `aws_access_key_id`, by lower-case name.
    pub buckets: BTreeMap<String, Secret>,
    /// When to give up.
    pub patience: Patience,
}

/// When to give up on a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// How often one thing is asked for, the first time included.
    pub attempts: u32,
    /// The wait after the first failure; each later one is twice as long. There is no jitter: a
    /// run is one client, and its requests are few.
    pub first_wait: Duration,
    /// The longest wait a server may ask for with `Retry-After`.
    pub longest_wait: Duration,
    /// The longest silence: while connecting, before an answer, and within one.
    pub silence: Duration,
}

impl Settings {
    /// Where the Hub is.
    #[cfg(feature = "http")]
    pub(crate) fn endpoint(&self) -> Address {
        match &self.endpoint {
            Some(endpoint) => endpoint.clone(),
            None => Address::of_host("huggingface.co"),
        }
    }
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            attempts: 6,
            first_wait: Duration::from_millis(500),
            longest_wait: Duration::from_secs(60),
            silence: Duration::from_secs(30),
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            offline: false,
            endpoint: None,
            token: None,
            hub_cache: None,
            cache: None,
            cache_limit: 8 << 30,
            proxy: None,
            buckets: BTreeMap::new(),
            patience: Patience::default(),
        }
    }
}
