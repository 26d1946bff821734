//! How the two networks of a pair are related, by their making.

use serde::Serialize;

use super::manifest::{Manifest, Network};

/// What is true of a pair.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Kin {
    /// No component of one shares a draw with the same component of the other.
    Independent,
    /// The suspect was made from the reference, in this way.
    Child(String),
    /// Trained apart from one random start.
    CommonInitialisation,
    /// Siblings, grandparents and others with a common draw.
    Relatives,
}

impl Kin {
    /// The truth about `suspect` and `reference`.
    pub(crate) fn of(suspect: &Network, reference: &Network) -> Self {
        let related = suspect.roots.keys().any(|c| suspect.shares(reference, c));
        if !related {
            return Self::Independent;
        }
        let trained_alone = |network: &Network| network.parents.is_empty();
        if suspect.parents.contains(&reference.name) {
            Self::Child(suspect.relation.clone())
        } else if trained_alone(suspect) && trained_alone(reference) {
            Self::CommonInitialisation
        } else {
            Self::Relatives
        }
    }

    /// The row of the table it belongs to.
    pub(crate) fn row(&self) -> &str {
        match self {
            Self::Independent => "independent",
            Self::Child(relation) => relation,
            Self::CommonInitialisation => "common-initialisation",
            Self::Relatives => "other relatives",
        }
    }

    /// Whether recall is asked of it: a child and its parent, or two of one start.
    pub(crate) fn is_direct(&self) -> bool {
        matches!(self, Self::Child(_) | Self::CommonInitialisation)
    }
}

/// The truth about the pair at these places.
pub(crate) fn of(manifest: &Manifest, suspect: usize, reference: usize) -> Kin {
    Kin::of(&manifest.networks[suspect], &manifest.networks[reference])
}
