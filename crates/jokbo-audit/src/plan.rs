//! What will be computed, known before any weight is read.

use jokbo_statistics::device::Device;
use jokbo_statistics::permutation::Renumberings;

/// The choices of one comparison. Every default is stated in the report.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Family-wise level: the chance that any component of an unrelated pair is called related.
    pub level: f64,
    /// Seed of every random choice.
    pub seed: u64,
    /// Components to compare, by name; all when empty.
    pub components: Vec<String>,
    /// Units drawn from one group. 512 units show an aligned cosine of 0.02 to 0.03 in one layer
    /// of a wide model; the layers together show far less. Of more than 32 layers each gives fewer.
    pub units: u64,
    /// Units drawn from one expert, of [`Plan::experts`] experts a layer.
    pub expert_units: u64,
    /// Routed experts drawn from a layer.
    pub experts: u64,
    /// Features drawn from one tensor for its units.
    pub features: u64,
    /// Features in all for the residual coordinates of a component.
    pub residual_features: u64,
    /// Units whose stored values are compared one by one.
    pub equal_units: u64,
    /// Random renumberings drawn for each test.
    pub draws: u64,
    /// How much is read.
    pub reading: Reading,
    /// Where the ladder's large products and the singular values of changes are made. On another device
    /// than the processor last digits may differ; verdicts must not.
    pub device: Device,
}

/// How much of two checkpoints is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reading {
    /// Everything: digests, every pair of values, and the tests.
    #[default]
    Full,
    /// Seeded stretches only, in growing looks, until every verdict is settled. LoRA adapters, which
    /// are small, are read in full all the same.
    Sampled {
        /// Bytes that may be read of both checkpoints together, headers included.
        most_bytes: Option<u64>,
    },
}

impl Plan {
    /// The random renumberings of the test that `purpose` names.
    pub(crate) fn renumberings(&self, purpose: &str) -> Renumberings {
        Renumberings { draws: self.draws, seed: self.seed, purpose: purpose.to_owned() }
    }
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            level: 1e-6,
            seed: 0,
            components: Vec::new(),
            units: 512,
            expert_units: 128,
            experts: 8,
            features: 512,
            residual_features: 8192,
            equal_units: 128,
            draws: 999,
            reading: Reading::Full,
            device: Device::default(),
        }
    }
}
