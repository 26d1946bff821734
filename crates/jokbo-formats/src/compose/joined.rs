//! Groups that the file itself joins: the nodes of a graph say which scale belongs to which codes.

use super::{Composed, Tensors, scaled};
use crate::{
    Codes, Dtype, Entry, Grid, Levels, Making, Packing, Recipe, Scale, Scales, Scheme, Shown, Zero,
};

/// What a file says of a weight that it stores as codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Join {
    /// What the weight is called.
    pub(crate) name: String,
    /// The stored tensors, by name.
    pub(crate) codes: String,
    pub(crate) scale: String,
    pub(crate) zero: Option<String>,
    pub(crate) form: Form,
}

impl Join {
    /// The names of the stored tensors.
    pub(crate) fn parts(&self) -> impl Iterator<Item = &str> {
        [&self.codes, &self.scale].into_iter().chain(&self.zero).map(String::as_str)
    }
}

/// How the codes lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// One in a byte, in the shape of the weight. Several scales in one axis belong to this axis.
    Bytes { axis: i64 },
    /// The same, and a code is divided by its scale, one for each row (CTranslate2).
    Divided,
    /// Several in a byte, lowest bits first, in rows of blocks (`MatMulNBits`).
    Blocks { bits: u8, rows: u64, cols: u64, block: u64 },
}

/// The weight whose codes are `entry`.
pub(super) fn of(entry: &Entry, join: &Join, tensors: &Tensors<'_>) -> Composed {
    let scale = tensors.need(&join.scale, "")?;
    let zero = join.zero.as_ref().map(|zero| tensors.need(zero, "")).transpose()?;
    match join.form {
        Form::Bytes { axis } => {
            let along = |one: &Entry| laid_along(one, axis, &entry.shape);
            let (scale, zero) = (along(scale), zero.map(along));
            scaled::plain(&join.name, entry, &scale, zero.as_ref(), tensors)
        }
        Form::Divided => {
            let made = scaled::plain(&join.name, entry, scale, None, tensors)?;
            let Some(Making::Codes(recipe)) = made.recipe.as_deref() else {
                return Err("it has no recipe".into());
            };
            let mut recipe = Recipe::clone(recipe);
            recipe.scale.values = Scales::Inverses(scale.clone());
            Entry::composed(&join.name, &entry.shape, recipe)
        }
        Form::Blocks { bits, rows, cols, block } => {
            blocks(join, entry, (scale, zero), bits, (rows, cols, block))
        }
    }
}

/// A list of scales as a tensor that has the length of the list along `axis` of `shape`, and 1
/// along the others.
fn laid_along(scale: &Entry, axis: i64, shape: &[u64]) -> Entry {
    let mut scale = scale.clone();
    let n = i64::try_from(shape.len()).unwrap_or(i64::MAX);
    let axis = usize::try_from(if axis < 0 { axis.saturating_add(n) } else { axis });
    if let ([length], Ok(axis)) = (&*scale.shape, axis)
        && axis < shape.len()
    {
        let length = *length;
        scale.shape = vec![1; shape.len()];
        scale.shape[axis] = length;
    }
    scale
}

fn blocks(
    join: &Join,
    entry: &Entry,
    (scale, zero): (&Entry, Option<&Entry>),
    bits: u8,
    (rows, cols, block): (u64, u64, u64),
) -> Composed {
    if !matches!(bits, 2 | 4 | 8) || block == 0 || !cols.is_multiple_of(block) {
        return Err(format!("blocks of {block} codes of {bits} bits do not make rows of {cols}"));
    }
    if entry.dtype != Dtype::U8 {
        return Err(format!("`{}` is {}, and U8 is expected", Shown(&entry.name), entry.dtype));
    }
    let flat = |entry: &Entry| Codes::packed(entry.clone(), bits, Packing::Flat);
    // Rows of zero points begin a byte each, which one stream of bits does not.
    let per_byte = u64::from(8 / bits);
    let zero = match zero {
        Some(zero) if zero.dtype != Dtype::U8 || !(cols / block).is_multiple_of(per_byte) => {
            return Err(format!("the zero points `{}` are not laid as codes", Shown(&zero.name)));
        }
        zero => zero.map(|zero| Zero { codes: flat(zero), signed: false, one_less: false }),
    };
    // Without zero points the middle of the codes stands for 0.
    let less = if zero.is_some() { 0 } else { 1 << (bits - 1) };
    let recipe = Recipe {
        scheme: Scheme::Int(bits),
        pieces: 1,
        rows,
        cols,
        codes: flat(entry),
        levels: Levels::Unsigned { less },
        grid: Grid::of(1, block),
        scale: Scale::floats(scale.clone()),
        zero,
        outer: None,
        beside: Vec::new(),
    };
    Entry::composed(&join.name, &[rows, cols], recipe)
}
