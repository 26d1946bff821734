//! One checkpoint looked at by itself.

use crate::Model;

/// What `inspect` shows: nothing here is graded.
#[derive(Debug, Clone, PartialEq)]
pub struct Inspection {
    /// The checkpoint, summed up.
    pub model: Model,
    /// The family whose name patterns knew most of its tensors.
    pub family: Option<String>,
    /// Its tensors in file order.
    pub tensors: Vec<TensorInfo>,
    /// Sentences on how names were read.
    pub notes: Vec<String>,
    /// Lawful but odd things, one sentence each.
    pub oddities: Vec<String>,
}

/// One stored tensor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TensorInfo {
    /// Its name.
    pub name: String,
    /// The component it belongs to.
    pub component: String,
    /// The parts it holds: `layer 3 attention-query`, several for a fused tensor.
    pub parts: Vec<String>,
    /// Stored type.
    pub dtype: String,
    /// Stored shape.
    pub shape: Vec<u64>,
    /// Elements.
    pub parameters: u64,
    /// BLAKE3 of its bytes, lower-case hexadecimal; `None` when they are elsewhere and were not
    /// read, as the two that follow.
    pub blake3: Option<String>,
    /// NaN elements.
    pub nan: Option<u64>,
    /// Infinite elements.
    pub infinite: Option<u64>,
}
