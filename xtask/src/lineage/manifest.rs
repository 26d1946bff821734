//! What is true of the networks: `bench/lineage/provenance.json`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde::Deserialize;

/// All networks, parents before their children.
#[derive(Debug, Deserialize)]
pub(crate) struct Manifest {
    pub(crate) networks: Vec<Network>,
}

/// One network.
#[derive(Debug, Deserialize)]
pub(crate) struct Network {
    pub(crate) name: String,
    pub(crate) family: String,
    /// How it was made from its parents.
    pub(crate) relation: String,
    pub(crate) parents: Vec<String>,
    /// For every component, the random draws that it goes back to.
    pub(crate) roots: BTreeMap<String, BTreeSet<String>>,
    /// Components drawn anew that learned beside a parent's: neither innocent nor asked to be found.
    pub(crate) undecided: BTreeSet<String>,
    /// What else is known: layers, experts, coefficients, losses.
    pub(crate) truth: serde_json::Value,
}

impl Manifest {
    /// The manifest in `folder`.
    pub(crate) fn read(folder: &Path) -> anyhow::Result<Self> {
        let path = folder.join("provenance.json");
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        serde_json::from_str(&text).with_context(|| format!("{} is odd", path.display()))
    }

    /// Every pair once: a network as the suspect, one that stands before it as the reference.
    pub(crate) fn pairs(&self) -> Vec<(usize, usize)> {
        (0..self.networks.len()).flat_map(|a| (0..a).map(move |b| (a, b))).collect()
    }

    /// Every parent as the suspect, with each of its children as the reference: what is said of a
    /// direction must turn round with it.
    pub(crate) fn reversed(&self) -> Vec<(usize, usize)> {
        let of = |(child, network): (usize, &Network)| {
            let parents = network.parents.iter().filter_map(|name| self.place(name));
            parents.map(|parent| (parent, child)).collect::<Vec<_>>()
        };
        self.networks.iter().enumerate().flat_map(of).collect()
    }

    /// The place of the network called `name`.
    pub(crate) fn place(&self, name: &str) -> Option<usize> {
        self.networks.iter().position(|network| network.name == name)
    }
}

impl Network {
    /// Where its weights are stored.
    pub(crate) fn path(&self, folder: &Path) -> PathBuf {
        folder.join("models").join(&self.name)
    }

    /// Whether `component` of both goes back to a common draw.
    pub(crate) fn shares(&self, other: &Self, component: &str) -> bool {
        match (self.roots.get(component), other.roots.get(component)) {
            (Some(ours), Some(theirs)) => !ours.is_disjoint(theirs),
            _ => false,
        }
    }

    /// Whether it is known that `component` of both is related, or that it is not.
    pub(crate) fn decides(&self, other: &Self, component: &str) -> bool {
        let open = self.undecided.contains(component) || other.undecided.contains(component);
        !open || !self.shares(other, component)
    }
}
