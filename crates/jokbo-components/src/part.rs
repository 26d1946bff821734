//! One canonical matrix with the part it plays.

use std::fmt;

use jokbo_tensors::View;

use crate::{Axis, ComponentName};

/// What a part is called across models: two parts answer to each other when their keys are equal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PartKey {
    /// The component it belongs to.
    pub component: ComponentName,
    /// Which of several networks inside the component; empty when there is only one.
    /// (An audio decoder may hold a talker, a diffusion model and a vocoder.)
    pub stack: String,
    /// The model's own layer number, or `None` outside the layers.
    pub layer: Option<u32>,
    /// Which expert of a mixture-of-experts layer.
    pub expert: Expert,
    /// What it does, as in `data/roles.toml`: `attention-query`, `mlp-up`, `norm-final`.
    pub role: String,
    /// Weight or bias.
    pub param: Param,
}

/// Which expert a part belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Expert {
    /// The layer is dense, or the part is outside its experts.
    None,
    /// A routed expert, by number.
    Routed(u32),
    /// The expert every token passes.
    Shared,
}

/// What kind of parameter a part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Param {
    /// A matrix, table or gain.
    Weight,
    /// An additive vector.
    Bias,
}

/// One canonical matrix laid over a stored tensor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What it is called across models.
    pub key: PartKey,
    /// Index into the checkpoint's entries.
    pub entry: usize,
    /// Where its elements lie in that entry; rows = output units.
    pub view: View,
    /// What the rows number.
    pub rows: Axis,
    /// What the columns number.
    pub cols: Axis,
    /// No name pattern knew the tensor: role and axes were inferred from structure and shape.
    pub inferred: bool,
}

impl Part {
    /// Whether an axis of it may be renumbered.
    pub fn has_numbering(&self) -> bool {
        self.rows != Axis::Fixed || self.cols != Axis::Fixed
    }

    /// What parts are sorted by.
    pub(crate) fn place(&self) -> (&PartKey, usize, u64) {
        (&self.key, self.entry, self.view.offset)
    }
}

impl fmt::Display for PartKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.component)?;
        if !self.stack.is_empty() {
            write!(f, " {}", self.stack)?;
        }
        if let Some(layer) = self.layer {
            write!(f, " layer {layer}")?;
        }
        match self.expert {
            Expert::None => {}
            Expert::Routed(expert) => write!(f, " expert {expert}")?,
            Expert::Shared => f.write_str(" shared expert")?,
        }
        write!(f, " {}", self.role)?;
        if self.param == Param::Bias {
            f.write_str(" bias")?;
        }
        Ok(())
    }
}
