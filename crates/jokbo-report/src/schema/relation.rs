//! How the weights were changed, in the contract.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Interval;

/// How the weights were changed. Several may hold at once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Relation {
    /// Stored values are the same.
    SameBits {
        /// Share of compared elements, in [0, 1].
        share: f64,
    },
    /// The same values in another stored type.
    Converted {
        /// The type that holds more.
        from: String,
        /// The type they were rounded to.
        to: String,
        /// Whether no bit was lost.
        lossless: bool,
    },
    /// One side's values were rounded to the lattice of a block format.
    Quantised {
        /// `suspect` or `reference`.
        side: String,
        /// Bits of a code; absent where the stored type says them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bits: Option<u32>,
        /// What shares a scale: `tensor`, `row` or `group`.
        per: String,
        /// Neighbours in a group; absent otherwise.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        group: Option<u64>,
        /// The stored type, or a published format with this lattice; absent when none is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        like: Option<String>,
        /// Share of values that are the level nearest to the other side's, in [0, 1].
        nearest_share: f64,
        /// Where.
        extent: Extent,
    },
    /// Changes with the structure that training leaves, of more directions than an adapter has.
    FineTuned {
        /// ||A - B|| / ||B|| over matrices; null when undefined.
        relative_l2: Option<f64>,
        /// Where.
        extent: Extent,
    },
    /// A few directions were added to some matrices.
    AdapterMerged {
        /// The largest rank.
        rank: u64,
        /// Rank of each tensor.
        tensors: Vec<RankOf>,
        /// Where.
        extent: Extent,
    },
    /// Independent noise of one size was added.
    NoiseAdded {
        /// The side that carries it, `suspect` or `reference`; absent when it is too small to tell.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        side: Option<String>,
        /// Its standard deviation.
        sd: Interval,
        /// In units of each tensor's own standard deviation; otherwise of the weights.
        relative: bool,
        /// Where.
        extent: Extent,
    },
    /// Weights were set to zero.
    ZeroMasked {
        /// `suspect` or `reference`.
        side: String,
        /// Share of elements, in [0, 1].
        share: f64,
        /// `unstructured`, `rows`, `columns`, or such as `2:4`.
        pattern: String,
        /// Where.
        extent: Extent,
    },
    /// Weights were multiplied.
    Scaled {
        /// What has one factor: `tensor`, `row` or `column`.
        per: String,
        /// Mean factor, and the smallest and largest.
        factor: Interval,
        /// Where.
        extent: Extent,
    },
    /// A table has more or fewer rows than the reference's.
    VocabularyResized {
        /// The part.
        part: String,
        /// Rows here.
        rows: u64,
        /// Rows in the reference.
        reference_rows: u64,
        /// Share of elements of the common leading rows that are equal, in [0, 1].
        equal_share: f64,
    },
    /// One side has fewer hidden units or residual coordinates, and none more.
    WidthPruned {
        /// The narrower side: `suspect` or `reference`.
        side: String,
        /// Hidden units of a dense layer here.
        units: u64,
        /// And in the reference.
        reference_units: u64,
        /// Residual coordinates here.
        coordinates: u64,
        /// And in the reference.
        reference_coordinates: u64,
    },
    /// Layers of the reference are missing, and the rest keep their order.
    DepthPruned {
        /// Layers kept.
        kept: u64,
    },
    /// One side holds layers of the other more than once.
    LayersRepeated {
        /// That side: `suspect` or `reference`.
        side: String,
        /// Its layers that are one more copy.
        again: u64,
    },
    /// Every expert of a layer holds the dense network of that layer on the other side.
    Upcycled {
        /// The side with the experts: `suspect` or `reference`.
        side: String,
        /// Experts of a layer, at most.
        experts: u64,
        /// Layers it was seen in.
        layers: u64,
        /// Mean share of the units drawn that are the other side's, in [0, 1].
        units_share: f64,
    },
    /// The experts of a layer hold different units of the dense network of the other side.
    ExpertSplit {
        /// The side with the experts: `suspect` or `reference`.
        side: String,
        /// Experts of a layer, at most.
        experts: u64,
        /// Layers it was seen in.
        layers: u64,
        /// Mean share of the units drawn that are the other side's, in [0, 1].
        units_share: f64,
    },
    /// A mixture of several parents that were named.
    Merged {
        /// `linear`, `task-arithmetic`, `slerp`, `pass-through`, `ties` or `dare`.
        method: String,
        /// The parents, the reference first.
        parents: Vec<ParentShare>,
        /// What task vectors are counted from; absent otherwise.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        base: Option<String>,
        /// Where on the great circle from the first parent to the second; absent otherwise.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        place: Option<Interval>,
        /// The parent of each tensor, for a pass-through merge; absent otherwise.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        origins: Vec<Origin>,
        /// Share of the squared distance to the nearest parent that is explained, in [0, 1].
        explained_share: f64,
    },
    /// Values differ in a way that is not named.
    Changed {
        /// ||A - B|| / ||B|| over matrices; null when undefined.
        relative_l2: Option<f64>,
    },
}

/// An expert of one side with the network of the other that it holds the units of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ExpertMatch {
    /// The side whose expert it is: the suspect where both have experts.
    pub side: String,
    /// Which of several networks in the component; absent when there is one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub stack: String,
    /// Its layer.
    pub layer: u32,
    /// Its number.
    pub expert: u32,
    /// The layer of the other side.
    pub other_layer: u32,
    /// The other side's expert; absent for the dense network of the layer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_expert: Option<u32>,
    /// Share of the units drawn that are the other's, in [0, 1].
    pub units_share: f64,
    /// Where the other has more units: the numbers of those that were found, of 64 drawn.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub units: Vec<u64>,
}

/// A parent with its part in a mixture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ParentShare {
    /// What the user named.
    pub source: String,
    /// Its coefficient, with a 95 % interval; for a pass-through merge its share of the elements. For
    /// TIES what an entry is multiplied with where it alone is kept; for DARE that times the share
    /// kept.
    pub coefficient: Interval,
    /// For DARE the share of its entries that were kept; absent otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<Interval>,
}

/// A tensor with the parent it came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Origin {
    /// The part.
    pub part: String,
    /// The parent.
    pub parent: String,
}

/// How much of a component a relation holds for.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Extent {
    /// Pairs of tensors it was seen in.
    pub tensors: u64,
    /// Their share of the compared elements, in [0, 1].
    pub share: f64,
}

/// A tensor with the rank of its change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RankOf {
    /// The part.
    pub part: String,
    /// Directions that were added.
    pub rank: u64,
}

/// Which side may have been made from the other. A lean, never a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Direction {
    /// The side that came later: `suspect` or `reference`.
    pub child: String,
    /// What the lean rests on, one sentence each.
    pub grounds: Vec<String>,
}
