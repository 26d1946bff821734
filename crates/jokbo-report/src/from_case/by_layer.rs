//! What a component shows layer by layer, put into the contract.

use jokbo_verdict as v;

use crate::schema::{Chance, LayerGrid, LayerMatch, LayerValues, Section};

pub(super) fn section(s: &v::Section) -> Section {
    Section {
        section: s.name.clone(),
        layer: s.layer,
        log10_p: s.log10_p,
        aligned_cosine: s.aligned_cosine,
        chance: Some(Chance { mean: s.chance.mean, sd: s.chance.sd }),
        units: s.units,
        agreeing: Some(s.agreeing),
    }
}

pub(super) fn entry(m: &v::LayerMatch) -> LayerMatch {
    LayerMatch {
        stack: m.stack.clone(),
        suspect: m.suspect,
        reference: m.reference,
        log10_p: m.log10_p,
    }
}

pub(super) fn values(l: &v::LayerValues) -> LayerValues {
    LayerValues {
        stack: l.stack.clone(),
        suspect: l.suspect,
        reference: l.reference,
        cosine: l.cosine,
        pearson: l.pearson,
        pairs: l.pairs,
    }
}

/// One decimal is what a picture can show, and a third of the bytes.
pub(super) fn grid(g: &v::LayerGrid) -> LayerGrid {
    let round = |z: &Option<f64>| z.map(|z| (z * 10.0).round() / 10.0);
    LayerGrid {
        stack: g.stack.clone(),
        suspect: g.suspect.clone(),
        reference: g.reference.clone(),
        z: g.z.iter().map(|row| row.iter().map(round).collect()).collect(),
    }
}
