//! What a component shows layer by layer.

/// A group of units that was tested by itself: usually one layer.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// What it is called: `layer 3`, `talker layer 3`, `conv1`.
    pub name: String,
    /// The layer's number, when it is one.
    pub layer: Option<u32>,
    /// Decimal logarithm of its own p, not adjusted.
    pub log10_p: f64,
    /// Mean aligned cosine of its units.
    pub aligned_cosine: f64,
    /// What that mean would be with the units renumbered at random.
    pub chance: Chance,
    /// Units tested.
    pub units: u64,
    /// How many of them find their own number, each the single best match of the other.
    pub agreeing: u64,
}

/// Mean and standard deviation of a section's mean aligned cosine over all renumberings of its units:
/// known exactly, nothing is drawn for it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Chance {
    /// The mean.
    pub mean: f64,
    /// The standard deviation, above 0.
    pub sd: f64,
}

/// One entry of the layer map.
#[derive(Debug, Clone, PartialEq)]
pub struct LayerMatch {
    /// Which of several networks in the component; empty when there is one.
    pub stack: String,
    /// The suspect's layer.
    pub suspect: u32,
    /// The reference's layer it shares most with.
    pub reference: u32,
    /// Decimal logarithm of p, paid for by the number of pairs of layers looked at.
    pub log10_p: f64,
}

/// Stored matrices of one layer beside those that answer to them; formulas are left out.
#[derive(Debug, Clone, PartialEq)]
pub struct LayerValues {
    /// Which of several networks in the component; empty when there is one.
    pub stack: String,
    /// The suspect's layer.
    pub suspect: u32,
    /// The reference's layer.
    pub reference: u32,
    /// Over all its matrices as one long vector; `None` when undefined.
    pub cosine: Option<f64>,
    /// Over all its matrices as one long vector; `None` when undefined.
    pub pearson: Option<f64>,
    /// Pairs of elements.
    pub pairs: u64,
}

/// Every layer of one network held against every layer of the reference's: how far the sum of the
/// cosines of units with equal numbers lies from its mean over all renumberings, in standard
/// deviations.
#[derive(Debug, Clone, PartialEq)]
pub struct LayerGrid {
    /// Which of several networks in the component; empty when there is one.
    pub stack: String,
    /// Its layers, in rising order.
    pub suspect: Vec<u32>,
    /// The reference's layers, in rising order.
    pub reference: Vec<u32>,
    /// `[suspect][reference]`; `None` where a layer does not vary over its units.
    pub z: Vec<Vec<Option<f64>>>,
}
