//! The part each tensor plays: component, layer, expert and role, from name patterns kept as data.
//!
//! [`assign()`] turns the entries of a checkpoint into [`Part`]s. A part is one canonical matrix
//! (rows = output units, columns = input coordinates) laid over a stored tensor: a fused tensor
//! gives several parts, a transposed one gives a turned view. Which of a part's axes may be
//! renumbered without changing the function is its [`Axis`]; that is what makes a test exact.
//! [`pair`] lines up the parts of two checkpoints by component, layer, expert and role, never by
//! name alone.
//!
//! A family of models is a file under `data/families`, a role an entry in `data/roles.toml`, a
//! prefix that tells a component an entry in `data/prefixes.toml`.

mod adapter;
mod adopt;
mod answering;
mod architecture;
mod around;
mod assign;
mod axis;
mod choose;
mod component;
mod evidence;
mod family;
mod folders;
mod infer;
mod layout;
mod library;
mod name;
mod natural;
mod pairing;
mod part;
mod pattern;
mod placement;
mod prefixes;
mod roles;
mod tally;
mod unknowns;

#[cfg(test)]
mod manifests;
#[cfg(test)]
mod samples;

pub use adapter::{SAVED_WHOLE, is_down, is_factor};
pub use adopt::Adoption;
pub use architecture::{Architecture, Combination, ConfigField, architecture};
pub use assign::{Assignment, assign};
pub use axis::Axis;
pub use component::{Component, ComponentKind, ComponentName};
pub use pairing::{ComponentPairing, Pair, PairedBy, Unpaired, pair, pair_with};
pub use part::{Expert, Param, Part, PartKey};
pub use placement::Placement;
