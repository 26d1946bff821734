//! What an axis numbers, and so whether its numbering may be changed.

/// What the rows or columns of a part number.
///
/// Standard initialisation gives every numbering of hidden units and of residual coordinates the
/// same probability, and SGD and Adam treat all numberings alike; so an independent model with
/// these axes renumbered is as likely as the model itself (Zhu, Ahmed, Kuditipudi, Liang,
/// *Independence Tests for Language Models*, ICML 2025). Nothing else may be permuted to make a
/// null.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Axis {
    /// Hidden units that only parts of the same stack, layer, expert and group share: the rows of
    /// gate and up and the columns of down, channels inside a block, a latent space.
    Units(String),
    /// The residual stream: one numbering for the whole component.
    Residual,
    /// A residual stream that sinusoidal positions are added to: each coordinate has its frequency,
    /// the same in every such model. Never permuted.
    Marked,
    /// The numbering has a meaning (tokens, positions, classes, pixels, mel bins, coordinates
    /// inside a head) or belongs to something else. Never permuted.
    Fixed,
}

impl Axis {
    /// Whether another numbering of it is as likely as the one that is stored.
    pub fn may_be_renumbered(&self) -> bool {
        match self {
            Axis::Units(_) | Axis::Residual => true,
            Axis::Marked | Axis::Fixed => false,
        }
    }
}
