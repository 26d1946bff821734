//! Figures that are quoted in disputes: shown beside their null, and used in no verdict.

/// Norm weights of both models side by side.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Norms {
    /// Cosine over all paired norm weights.
    pub cosine: f64,
    /// Pearson over the same, each tensor about its own mean; `None` when one side is constant.
    pub pearson: Option<f64>,
    /// Number of weights.
    pub weights: u64,
}

/// Standard deviations over depth, of one role of matrix in both models.
#[derive(Debug, Clone, PartialEq)]
pub struct DepthCurve {
    /// The role whose curves correlate most.
    pub role: String,
    /// Pearson's correlation of the two curves.
    pub pearson: f64,
    /// Layers of both.
    pub layers: u64,
}
