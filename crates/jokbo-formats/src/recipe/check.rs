//! A recipe's sizes against one another, before any of its numbers is read.

use std::fmt::Display;
use std::sync::Arc;

use super::{Codes, Levels, Making, Outer, Recipe, Scales, Zero};
use crate::{Dtype, Entry};

impl Entry {
    /// The weight `name` of `shape` that `recipe` makes, in the place of its codes. Says in one
    /// sentence which size does not fit which.
    pub fn composed(name: &str, shape: &[u64], recipe: Recipe) -> Result<Self, String> {
        let elements =
            product(shape).ok_or("its shape has more elements than 64 bits can count")?;
        if product(&[recipe.pieces, recipe.rows, recipe.cols]) != Some(elements) {
            return Err(format!(
                "its shape {shape:?} is not that of {} times {} by {} codes",
                recipe.pieces, recipe.rows, recipe.cols
            ));
        }
        check(&recipe)?;
        let parts = recipe.parts();
        let bytes = parts.iter().try_fold(0u64, |sum, part| sum.checked_add(part.bytes));
        Ok(Self {
            name: name.to_owned(),
            dtype: Dtype::Composed(recipe.scheme),
            shape: shape.to_vec(),
            file: recipe.codes.stored.file,
            offset: recipe.codes.stored.offset,
            bytes: bytes.ok_or("its parts have more bytes than 64 bits can count")?,
            recipe: Some(Arc::new(Making::Codes(Box::new(recipe)))),
        })
    }
}

/// The number of elements of `shape`, when 64 bits can count them.
pub(crate) fn product(shape: &[u64]) -> Option<u64> {
    shape.iter().try_fold(1u64, |product, &axis| product.checked_mul(axis))
}

fn check(recipe: &Recipe) -> Result<(), String> {
    let Recipe { pieces, rows, cols, grid, .. } = recipe;
    if grid.rows_each == 0 || grid.cols_each == 0 {
        return Err("its groups are given as empty".to_owned());
    }
    check_codes(&recipe.codes, *pieces, *rows, *cols)?;
    check_levels(&recipe.levels, recipe.codes.bits)?;
    if let Some((index, groups)) = &grid.index {
        if index.len() as u64 != *cols {
            return Err(of("the index of its groups", index.len() as u64, *cols));
        }
        if let Some(beyond) = index.iter().find(|&&group| *groups <= u64::from(group)) {
            return Err(format!("the index of its groups says {beyond}, and there are {groups}"));
        }
    }
    let (grid_rows, grid_cols) = grid.size(*rows, *cols);
    let groups = product(&[*pieces, grid_rows, grid_cols])
        .ok_or("its groups are more than 64 bits can count")?;
    match &recipe.scale.values {
        Scales::Floats(entry) | Scales::Inverses(entry)
            if entry.dtype.block_elements() != 1 || !entry.dtype.is_float() =>
        {
            return Err(format!("`{}` has {} where scales are expected", entry.name, entry.dtype));
        }
        Scales::Powers(entry) if entry.dtype != Dtype::U8 => {
            return Err(format!("`{}` has {} where E8M0 is expected", entry.name, entry.dtype));
        }
        Scales::Floats(entry) | Scales::Inverses(entry) | Scales::Powers(entry)
            if entry.elements() != groups =>
        {
            return Err(of(format!("`{}`", entry.name), entry.elements(), groups));
        }
        Scales::Floats(_) | Scales::Inverses(_) | Scales::Powers(_) => {}
        Scales::Composed(inner, _) => {
            if matches!(inner.scale.values, Scales::Composed(..)) {
                return Err("its scales have scales that have scales".to_owned());
            }
            let has = product(&[inner.pieces, inner.rows, inner.cols]);
            if has != Some(groups) || recipe.scale.turned {
                return Err(of("the table of its scales", has.unwrap_or(u64::MAX), groups));
            }
            check(inner)?;
        }
    }
    if let Some(Zero { codes, .. }) = &recipe.zero {
        if codes.bits != recipe.codes.bits {
            return Err(format!(
                "`{}` has codes of {} bits, and the weight of {}",
                codes.stored.name, codes.bits, recipe.codes.bits
            ));
        }
        check_codes(codes, *pieces, grid_rows, grid_cols)?;
    }
    if let Some(Outer::Times(entry) | Outer::Over(entry)) = &recipe.outer {
        let floats = entry.dtype.is_float() && entry.dtype.block_elements() == 1;
        if !floats || ![1, *pieces].contains(&entry.elements()) {
            return Err(of(format!("`{}` ({})", entry.name, entry.dtype), entry.elements(), 1));
        }
    }
    Ok(())
}

fn check_codes(codes: &Codes, pieces: u64, rows: u64, cols: u64) -> Result<(), String> {
    let name = &codes.stored.name;
    if !codes.fits_packing() || codes.stored.dtype.block_elements() != 1 {
        let (bits, dtype) = (codes.bits, codes.stored.dtype);
        return Err(format!("`{name}` ({dtype}) is not known to hold codes of {bits} bits"));
    }
    let needs = codes.bytes_each(rows, cols, pieces).and_then(|each| each.checked_mul(pieces));
    match needs {
        Some(needs) if needs == codes.stored.bytes => Ok(()),
        Some(needs) => Err(format!(
            "`{name}` has {} bytes, and {pieces} times {rows} by {cols} codes of {} bits need {needs}",
            codes.stored.bytes, codes.bits
        )),
        None => Err(format!(
            "`{name}` would have more bits than 64 bits can count, or pieces that end within a byte"
        )),
    }
}

fn check_levels(levels: &Levels, bits: u8) -> Result<(), String> {
    let fits = match levels {
        Levels::Signed | Levels::Unsigned { .. } => true,
        Levels::F8E4M3 | Levels::F8E5M2 => bits == 8,
        Levels::E2M1 => bits == 4,
        Levels::Table(table) => {
            let float = table.dtype.is_float() && table.dtype.block_elements() == 1;
            if !float || !(bits == 4 || bits == 8) || table.elements() != 1 << bits {
                let what = format!("the table `{}` ({})", table.name, table.dtype);
                return Err(of(&what, table.elements(), 1 << bits.min(8)));
            }
            true
        }
    };
    if fits { Ok(()) } else { Err(format!("codes of {bits} bits do not stand for its levels")) }
}

fn of(what: impl Display, has: u64, needs: u64) -> String {
    format!("{what} has {has} elements, and {needs} are needed")
}
