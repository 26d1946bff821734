//! How this run reaches what is elsewhere: the arguments, and what the environment says.
//!
//! The names are those that the Hub's own tools read, so that a machine that is set up for them is
//! set up for this program.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::env;
use std::ffi::OsStr;
use std::fs;
use std::path::PathBuf;

use anyhow::Context as _;
use jokbo_audit::{Opened, Placement};
use jokbo_formats::{Address, Network, Secret, Settings, Source};

use crate::args::{Elsewhere, Running};
use crate::placements;

/// Longest file with a token that is read, in bytes. Tokens have some 40.
const TOKEN_LIMIT: u64 = 4096;

/// A network with the revision that was asked for, and what the user calls the parts of what is
/// opened.
pub(crate) struct Reach<'a> {
    network: Network,
    revision: Option<&'a str>,
    placements: Vec<Placement>,
    /// Prefixes of `--map` that no tensor had so far.
    unused: RefCell<Vec<&'a str>>,
}

/// What the arguments and the environment allow.
pub(crate) fn reach(args: &Running) -> anyhow::Result<Reach<'_>> {
    let map = &args.map;
    Ok(Reach {
        network: network(&args.elsewhere)?,
        revision: args.elsewhere.revision.as_deref(),
        placements: placements::all(map)?,
        unused: RefCell::new(map.iter().map(|placement| placement.prefix.as_str()).collect()),
    })
}

/// The network that the arguments and the environment allow.
pub(crate) fn network(args: &Elsewhere) -> anyhow::Result<Network> {
    let endpoint = match text("HF_ENDPOINT") {
        Some(endpoint) => {
            let address = Address::read(endpoint.trim_end_matches('/'));
            Some(address.map_err(anyhow::Error::msg).context("HF_ENDPOINT cannot be read")?)
        }
        None => None,
    };
    let settings = Settings {
        offline: args.offline || text("HF_HUB_OFFLINE").is_some_and(|value| is_yes(&value)),
        endpoint,
        token: token(),
        hub_cache: hub_cache(),
        cache: args.cache_dir.clone().or_else(|| path("JOKBO_CACHE")).or_else(own_cache),
        proxy: ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]
            .iter()
            .find_map(|name| Secret::new(&text(name)?)),
        buckets: buckets(),
        ..Settings::default()
    };
    Ok(Network::new(settings))
}

/// What was typed, at the revision that was asked for.
pub(crate) fn source(typed: &OsStr, revision: Option<&str>) -> anyhow::Result<Source> {
    let source = Source::named(typed)?;
    Ok(match revision {
        Some(revision) => source.at_revision(revision)?,
        None => source,
    })
}

impl Reach<'_> {
    /// Opens what was typed, wherever it is.
    pub(crate) fn open(&self, typed: &OsStr) -> anyhow::Result<Opened> {
        let source = source(typed, self.revision)?;
        Ok(self.placed(jokbo_audit::open_source(&source, &self.network)?))
    }

    fn placed(&self, opened: Opened) -> Opened {
        self.unused.borrow_mut().retain(|prefix| !opened.has_prefix(prefix));
        opened.placing(&self.placements)
    }

    /// Refuses a `--map` that no model which was opened has a tensor for.
    pub(crate) fn check_map(&self) -> anyhow::Result<()> {
        match self.unused.borrow().first() {
            None => Ok(()),
            Some(prefix) => anyhow::bail!("--map: no tensor's name starts with {prefix}"),
        }
    }

    /// Opens what was typed, and lays it over `base` where one is given. A revision is that of
    /// what was typed, and not of its base.
    pub(crate) fn open_on(&self, typed: &OsStr, base: Option<&OsStr>) -> anyhow::Result<Opened> {
        let opened = self.open(typed)?;
        match base {
            None => Ok(opened),
            Some(base) => {
                let base = jokbo_audit::open_source(&Source::named(base)?, &self.network)?;
                Ok(self.placed(opened.on_base(&base)?))
            }
        }
    }
}

/// What the keepers of buckets are told, by the names that their own tools read.
fn buckets() -> BTreeMap<String, Secret> {
    let for_buckets =
        |name: &str| ["AWS_", "AZURE_", "GOOGLE_"].iter().any(|start| name.starts_with(start));
    env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .filter(|(name, _)| for_buckets(name))
        .filter_map(|(name, value)| Some((name.to_ascii_lowercase(), Secret::new(&value)?)))
        .collect()
}

/// A variable that is set to text; an empty one counts as not set.
fn text(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

fn path(name: &str) -> Option<PathBuf> {
    env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// The words that the Hub's tools take for yes.
fn is_yes(value: &str) -> bool {
    ["1", "ON", "YES", "TRUE"].contains(&value.to_ascii_uppercase().as_str())
}

/// `HF_TOKEN`, or the file in which `hf auth login` leaves one.
fn token() -> Option<Secret> {
    if let Some(token) = text("HF_TOKEN") {
        return Secret::new(&token);
    }
    let file = path("HF_TOKEN_PATH").or_else(|| Some(hf_home()?.join("token")))?;
    let metadata = fs::metadata(&file).ok()?;
    if !metadata.is_file() || TOKEN_LIMIT < metadata.len() {
        return None;
    }
    Secret::new(&fs::read_to_string(file).ok()?)
}

fn hub_cache() -> Option<PathBuf> {
    path("HF_HUB_CACHE")
        .or_else(|| path("HUGGINGFACE_HUB_CACHE"))
        .or_else(|| Some(hf_home()?.join("hub")))
}

fn hf_home() -> Option<PathBuf> {
    path("HF_HOME").or_else(|| {
        let caches = path("XDG_CACHE_HOME").or_else(|| Some(home()?.join(".cache")))?;
        Some(caches.join("huggingface"))
    })
}

/// The user's folder for caches: of each system its own.
fn own_cache() -> Option<PathBuf> {
    let caches = if cfg!(windows) {
        path("LOCALAPPDATA")?
    } else if cfg!(target_os = "macos") {
        home()?.join("Library").join("Caches")
    } else {
        path("XDG_CACHE_HOME").or_else(|| Some(home()?.join(".cache")))?
    };
    Some(caches.join("jokbo"))
}

fn home() -> Option<PathBuf> {
    path(if cfg!(windows) { "USERPROFILE" } else { "HOME" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hubs_words_for_yes_are_known() {
        assert!(["1", "on", "Yes", "TRUE"].iter().all(|word| is_yes(word)));
        assert!(!["0", "off", "no", "false", "2"].iter().any(|word| is_yes(word)));
    }
}
