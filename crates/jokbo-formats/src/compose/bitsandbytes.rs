//! bitsandbytes: 8 bits with one scale for each row, and 4 bits with one for each run of numbers.
//!
//! ```text
//! x.weight  [out, in] I8       x.SCB [out]        value = code * SCB / 127
//!
//! x  [bytes, 1] U8, the upper half of a byte first, in the order of the numbers
//! x.quant_map                  the 16 levels
//! x.absmax                     one for each `blocksize` numbers, or codes of 8 bits for them:
//! x.nested_absmax, x.nested_quant_map           scales and levels of those codes
//! x.quant_state.bitsandbytes__nf4 (or fp4)      a JSON text: sizes, shape, what is added to absmax
//! ```
//!
//! Sources: Dettmers et al., *LLM.int8()*, NeurIPS 2022, and *QLoRA*, NeurIPS 2023; the package
//! `bitsandbytes`, `QuantState.as_dict`.

use serde_json::Value;

use super::{Composed, Tensors, matrix};
use crate::{Codes, Dtype, Entry, Grid, Levels, Outer, Packing, Recipe, Scale, Scales, Scheme};

/// The weight whose codes are `entry`, one byte each.
pub(super) fn eight_bits(
    entry: &Entry,
    stem: &str,
    scale: &Entry,
    tensors: &Tensors<'_>,
) -> Composed {
    let (rows, cols) = matrix(entry)?;
    let format = tensors.of(stem, ".weight_format");
    if let Some(format) = format {
        // 0 is row by row; the others are tiles of certain processors, which are no longer saved.
        let said = tensors.note(format)?;
        if said.iter().any(|&code| code != 0) {
            return Err(format!("its weight_format is {said:?}, and 0 is read"));
        }
    }
    let recipe = Recipe {
        scheme: Scheme::BnbInt8,
        pieces: 1,
        rows,
        cols,
        codes: Codes::plain(entry.clone()),
        levels: Levels::Signed,
        grid: Grid::of(1, cols.max(1)),
        scale: Scale::floats(scale.clone()),
        zero: None,
        outer: Some(Outer::Over127),
        beside: format.cloned().into_iter().collect(),
    };
    Entry::composed(&entry.name, &[rows, cols], recipe)
}

/// The weight whose codes are `entry`, two to a byte.
pub(super) fn four_bits(entry: &Entry, absmax: &Entry, tensors: &Tensors<'_>) -> Composed {
    let name = entry.name.as_str();
    let kinds = [
        (".quant_state.bitsandbytes__nf4", Scheme::BnbNf4),
        (".quant_state.bitsandbytes__fp4", Scheme::BnbFp4),
    ];
    let (state, scheme) = kinds
        .iter()
        .find_map(|(suffix, scheme)| Some((tensors.of(name, suffix)?, *scheme)))
        .ok_or("there is no quant_state of bitsandbytes beside it")?;
    let said: Value = serde_json::from_slice(&tensors.note(state)?)
        .map_err(|error| format!("`{}` is not JSON: {}", state.name, crate::json::said(&error)))?;
    let number =
        |key: &str| said[key].as_u64().ok_or_else(|| format!("`{}` gives no `{key}`", state.name));
    let axes = said["shape"].as_array().map(Vec::as_slice).unwrap_or_default();
    let shape: Option<Vec<u64>> = axes.iter().map(Value::as_u64).collect();
    let shape = shape
        .filter(|shape| !shape.is_empty() && shape.len() <= crate::limits::AXIS_LIMIT)
        .ok_or_else(|| format!("`{}` gives no `shape`", state.name))?;
    let elements = crate::recipe::product(&shape).ok_or("its shape has too many elements")?;
    let blocksize = number("blocksize")?;
    let table =
        |suffix| Ok::<_, String>(Levels::Table(Box::new(tensors.need(name, suffix)?.clone())));
    let values = if absmax.dtype == Dtype::U8 {
        let added = match &said["nested_offset"] {
            Value::Number(added) => added.to_string(),
            _ => return Err(format!("`{}` gives no `nested_offset`", state.name)),
        };
        let inner = Recipe {
            scheme: Scheme::Int(8),
            pieces: 1,
            rows: 1,
            cols: absmax.elements(),
            codes: Codes::plain(absmax.clone()),
            levels: table(".nested_quant_map")?,
            grid: Grid::of(1, number("nested_blocksize")?),
            scale: Scale::floats(tensors.need(name, ".nested_absmax")?.clone()),
            zero: None,
            outer: None,
            beside: Vec::new(),
        };
        Scales::Composed(Box::new(inner), added)
    } else {
        Scales::Floats(absmax.clone())
    };
    let recipe = Recipe {
        scheme,
        pieces: 1,
        rows: 1,
        cols: elements,
        codes: Codes::packed(entry.clone(), 4, Packing::FlatHigh),
        levels: table(".quant_map")?,
        grid: Grid::of(1, blocksize),
        scale: Scale { values, turned: false },
        zero: None,
        outer: None,
        beside: vec![state.clone()],
    };
    Entry::composed(name, &shape, recipe)
}
