//! `.qweight`: GPTQ and AWQ, whose codes lie in words of 32 bits, and plain integers.
//!
//! ```text
//!          qweight             qzeros                scales         g_idx
//! GPTQ     [in b/32, out]      [groups, out b/32]    [groups, out]  [in]     words down the inputs
//! AWQ      [in, out/8]         [groups, out/8]       [groups, out]  none     words along the outputs
//! plain    any shape, one byte each                  `.scale`
//! ```
//!
//! Sources: Frantar et al., *GPTQ*, ICLR 2023, and the packing of AutoGPTQ's linear layers; Lin et
//! al., *AWQ*, MLSys 2024, and the order of its `gemm` kernel.

use std::sync::Arc;

use super::{Composed, Tensors, matrix, of_type, scaled, share};
use crate::{
    Codes, Dtype, Entry, Grid, Levels, Packing, Recipe, Scale, Scales, Scheme, Shown, Zero,
};

/// The weight whose codes are `entry`, called `stem.qweight`.
pub(super) fn qweight(entry: &Entry, stem: &str, tensors: &Tensors<'_>) -> Composed {
    if let Some(scale) = tensors.of(stem, ".scale") {
        let zero = tensors.of(stem, ".zero_point");
        return scaled::plain(stem, entry, scale, zero, tensors);
    }
    let scales = tensors.need(stem, ".scales")?;
    of_type(entry, Dtype::I32)?;
    let (rows, cols) = matrix(entry)?;
    let (groups, out) = matrix(scales)?;
    let zeros = tensors.need(stem, ".qzeros")?;
    of_type(zeros, Dtype::I32)?;
    let group = Group { entry, stem, scales, zeros, groups, out };
    match tensors.text("quant_method") {
        Some("awq") if cols.checked_mul(8) == Some(out) => group.awq(rows, tensors),
        Some("gptq") | None if cols == out => group.gptq(rows, tensors),
        None if cols.checked_mul(8) == Some(out) => group.awq(rows, tensors),
        Some(method @ ("awq" | "gptq")) => {
            Err(format!("its shape {:?} is not that of {method} with {out} outputs", entry.shape))
        }
        Some(method) => Err(format!("quant_method `{}` is not read", Shown(method))),
        None => Err(format!("its shape {:?} does not fit {out} outputs", entry.shape)),
    }
}

/// What GPTQ and AWQ have in common.
struct Group<'a> {
    entry: &'a Entry,
    stem: &'a str,
    scales: &'a Entry,
    zeros: &'a Entry,
    groups: u64,
    out: u64,
}

impl Group<'_> {
    fn gptq(&self, rows: u64, tensors: &Tensors<'_>) -> Composed {
        let (_, zero_words) = matrix(self.zeros)?;
        let derived = zero_words.checked_mul(32).and_then(|all| all.checked_div(self.out));
        let said = tensors.setting("bits");
        let bits = derived.filter(|bits| matches!(bits, 2 | 3 | 4 | 8)).ok_or_else(|| {
            format!("`{}` has {zero_words} words for {} outputs", self.zeros.name, self.out)
        })?;
        if let Some(said) = said.filter(|said| *said != bits) {
            return Err(format!("the configuration says {said} bits, and the shapes {bits}"));
        }
        // Before version 2 of the layout, the zero points lack 1.
        let one_less = match tensors.text("checkpoint_format") {
            None | Some("gptq") => true,
            Some("gptq_v2") => false,
            Some(other) => {
                return Err(format!("checkpoint_format `{}` is not read", Shown(other)));
            }
        };
        let inputs =
            rows.checked_mul(32).filter(|all| all.is_multiple_of(bits)).map(|all| all / bits);
        let inputs = inputs.ok_or("its rows are not whole inputs")?;
        let mut beside = Vec::new();
        let mut grid =
            Grid::of(1, share(inputs, self.groups, tensors.setting("group_size")).unwrap_or(0));
        if let Some(g_idx) = tensors.of(self.stem, ".g_idx") {
            let index = tensors.numbers(g_idx)?;
            let plain = (0..).map(|i: u64| i.checked_div(grid.cols_each).unwrap_or(u64::MAX));
            if grid.cols_each == 0 || !index.iter().copied().eq(plain.take(index.len())) {
                let index: Option<Arc<[u32]>> =
                    index.iter().map(|group| u32::try_from(*group).ok()).collect();
                let index = index.ok_or("the index of its groups is beyond 32 bits")?;
                grid = Grid { index: Some((index, self.groups)), ..Grid::of(1, 1) };
            } else if index.len() as u64 != inputs {
                return Err(format!(
                    "`{}` has {} elements, and {inputs} are needed",
                    g_idx.name,
                    index.len()
                ));
            }
            beside.push(g_idx.clone());
        }
        if grid.cols_each == 0 {
            return Err(format!("{inputs} inputs in {} groups, and no index", self.groups));
        }
        #[allow(clippy::cast_possible_truncation, reason = "at most 8")]
        let bits = bits as u8;
        let codes = Codes::packed(self.entry.clone(), bits, Packing::Down).turned();
        let recipe = self.recipe(Scheme::Gptq(bits), codes, Packing::Side, one_less, inputs, grid);
        self.made(Recipe { beside, ..recipe }, inputs)
    }

    fn awq(&self, inputs: u64, tensors: &Tensors<'_>) -> Composed {
        if let Some(bits) = tensors.setting("bits").filter(|bits| *bits != 4) {
            return Err(format!("the configuration says {bits} bits, and AWQ has 4"));
        }
        match tensors.text("version") {
            None => {}
            Some(version) if version.eq_ignore_ascii_case("gemm") => {}
            Some(version) => return Err(format!("AWQ version `{}` is not read", Shown(version))),
        }
        let each = share(inputs, self.groups, tensors.setting("group_size"))
            .ok_or_else(|| format!("{inputs} inputs in {} groups", self.groups))?;
        let codes = Codes::packed(self.entry.clone(), 4, Packing::SideAwq).turned();
        let grid = Grid::of(1, each);
        self.made(self.recipe(Scheme::Awq, codes, Packing::SideAwq, false, inputs, grid), inputs)
    }

    fn recipe(
        &self,
        scheme: Scheme,
        codes: Codes,
        zeros: Packing,
        one_less: bool,
        inputs: u64,
        grid: Grid,
    ) -> Recipe {
        let zero_codes = Codes::packed(self.zeros.clone(), codes.bits, zeros).turned();
        Recipe {
            scheme,
            pieces: 1,
            rows: self.out,
            cols: inputs,
            codes,
            levels: Levels::Unsigned { less: 0 },
            grid,
            scale: Scale { values: Scales::Floats(self.scales.clone()), turned: true },
            zero: Some(Zero { codes: zero_codes, signed: false, one_less }),
            outer: None,
            beside: Vec::new(),
        }
    }

    fn made(&self, recipe: Recipe, inputs: u64) -> Composed {
        Entry::composed(&format!("{}.weight", self.stem), &[self.out, inputs], recipe)
    }
}
