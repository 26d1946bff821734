//! What is read of one model: seeded rows and columns of every tensor that a test may draw from.

use std::collections::{BTreeMap, BTreeSet};

use jokbo_components::{ComponentName, Expert, Part};
use jokbo_statistics::formula::Formula;
use jokbo_statistics::order::Order;
use rayon::prelude::*;

use crate::step::step;
use crate::{Error, Opened, Progress, formulas};

/// Rows and columns read of one tensor, at most: 256 units of a layer show an aligned cosine of
/// 0.04 in it, and all layers together far less.
const SIDE: u64 = 256;
/// The same of a tensor of one expert.
const EXPERT_SIDE: u64 = 128;
/// Routed experts of a network that are read, the same in every layer.
const EXPERTS: u64 = 8;

/// Everything that was read of one model.
///
/// Which rows and columns were, follows from the length of the axis and the seed alone: of any two
/// models those are common that both lengths give, chosen without a look at a value.
pub(super) struct Fingerprint {
    /// By the number of the part.
    pub(super) pieces: BTreeMap<usize, Piece>,
    /// Components in which sinusoidal positions are added to the residual stream.
    pub(super) with_sinusoids: BTreeSet<ComponentName>,
}

/// The crossings of some rows and columns of one part.
pub(super) struct Piece {
    /// In rising order.
    pub(super) rows: Vec<u64>,
    /// In rising order.
    pub(super) cols: Vec<u64>,
    /// Shape `[rows, cols]`.
    pub(super) values: Vec<f32>,
}

impl Fingerprint {
    /// Reads the wanted components of `opened`.
    pub(super) fn read(
        opened: &Opened,
        order: &Order,
        is_wanted: impl Fn(&ComponentName) -> bool,
        progress: &dyn Progress,
    ) -> Result<Self, Error> {
        let _step = step!("reading models", model = opened.checkpoint.source);
        let parts = &opened.assignment.parts;
        let experts = experts(parts, order);
        let wanted: Vec<usize> =
            (0..parts.len()).filter(|&k| is_wanted(&parts[k].key.component)).collect();
        let formula = |&k: &usize| Ok((k, formulas::of_part(opened, k)?));
        let formulas: BTreeMap<usize, Option<Formula>> =
            wanted.par_iter().map(formula).collect::<Result<_, Error>>()?;
        let is_drawn = |&&k: &&usize| {
            let part = &parts[k];
            let moves = part.rows.may_be_renumbered() || part.cols.may_be_renumbered();
            let is_float = opened.checkpoint.entries[part.entry].dtype.is_float();
            let expert = match part.key.expert {
                Expert::Routed(number) => experts
                    .get(&network(part))
                    .is_some_and(|chosen| chosen.contains(&u64::from(number))),
                Expert::None | Expert::Shared => true,
            };
            moves && is_float && expert && formulas[&k].is_none()
        };
        let samples = Samples::of(opened, wanted.iter().filter(is_drawn), order);
        let pieces = wanted
            .iter()
            .filter(is_drawn)
            .collect::<Vec<_>>()
            .into_par_iter()
            .map(|&k| {
                let before = opened.bytes_read();
                let piece = samples.piece(opened, k)?;
                progress.advance(opened.bytes_read().saturating_sub(before));
                Ok((k, piece))
            })
            .collect::<Result<_, Error>>()?;
        let waves = formulas
            .iter()
            .filter(|(_, formula)| **formula == Some(Formula::SinusoidalPositions))
            .map(|(&k, _)| parts[k].key.component.clone());
        Ok(Self { pieces, with_sinusoids: waves.collect() })
    }
}

/// A network of a model, whose experts are numbered alike in every layer.
fn network(part: &Part) -> (ComponentName, String) {
    (part.key.component.clone(), part.key.stack.clone())
}

/// The experts of every network that are read.
fn experts(parts: &[Part], order: &Order) -> BTreeMap<(ComponentName, String), BTreeSet<u64>> {
    let mut counts: BTreeMap<(ComponentName, String), u64> = BTreeMap::new();
    for part in parts {
        if let Expert::Routed(number) = part.key.expert {
            let count = counts.entry(network(part)).or_default();
            *count = (*count).max(u64::from(number) + 1);
        }
    }
    let chosen = |n| order.first(n, EXPERTS).into_iter().collect();
    counts.into_iter().map(|(network, n)| (network, chosen(n))).collect()
}

/// The samples of all lengths that the axes of a model have.
struct Samples(BTreeMap<(u64, u64), Vec<u64>>);

impl Samples {
    fn of<'a>(opened: &Opened, drawn: impl Iterator<Item = &'a usize>, order: &Order) -> Self {
        let mut samples = BTreeMap::new();
        for &k in drawn {
            let view = opened.assignment.parts[k].view;
            for n in [view.rows, view.cols] {
                let key = (n, side(opened, k));
                samples.entry(key).or_insert_with(|| order.first(key.0, key.1));
            }
        }
        Self(samples)
    }

    fn piece(&self, opened: &Opened, k: usize) -> Result<Piece, Error> {
        let view = opened.assignment.parts[k].view;
        let sample = |n: u64| self.0[&(n, side(opened, k))].clone();
        let (rows, cols) = (sample(view.rows), sample(view.cols));
        let values = opened.tensor(k).gather(&rows, &cols)?;
        Ok(Piece { rows, cols, values })
    }
}

fn side(opened: &Opened, k: usize) -> u64 {
    match opened.assignment.parts[k].key.expert {
        Expert::Routed(_) => EXPERT_SIDE,
        Expert::None | Expert::Shared => SIDE,
    }
}
