//! An exhibit as bytes: every type that it is made of.

use jokbo_statistics::formula::Formula;
use jokbo_statistics::relation::lattice::{Group, Lattice, Levels};
use jokbo_statistics::relation::mask::Mask;
use jokbo_statistics::relation::noise::Noise;
use jokbo_statistics::relation::scale::Scale;
use jokbo_statistics::relation::{Change, Kind};
use jokbo_verdict::{
    AlignedCosine, Alignment, Chance, Contained, Conversion, Cost, Coverage, DepthCurve, Estimate,
    Exhibit, ExpertMatch, FormulaTensor, FoundByContent, HeadMap, HiddenPower, Interval, LayerGrid,
    LayerMatch, LayerValues, Merge, MergeMethod, Norms, NotMeasured, Origin, ParentShare, Pattern,
    Per, Power, Sampling, Section, Side, Stopped, TensorChange, Test, TestKind, TokenRows,
    Untested, Values, Widths, card,
};

use super::codec::{Stored, choice, record, text};

record! {
    Exhibit {
        component, parameters, share, tests, values, contained, conversion, changes, merge, aligned,
        agreeing_share, alignment, sections, layer_values, layer_grids, layer_map, widths, expert_map,
        heads, layers_answered_again, found_by_content, nearest, token_rows, formulas, coverage, power,
        norms, depth_curve, not_measured, of_adapters, cost, sampling,
    }
    Test { name, kind, log10_p, n, groups, statistic, draws }
    Values { cosine, pearson, relative_l2, pairs, equal, complete }
    Contained { tensors, distinct }
    Conversion { from, to, rounded_share }
    TensorChange { part, parameters, is_matrix, resized, types, equal_share, change }
    Merge { method, parents, base, place, origins, explained }
    ParentShare { source, coefficient, kept }
    Origin { part, parent }
    Estimate { value, low, high }
    AlignedCosine { value, low, high }
    Alignment { rung, residual, units, anchors, agreeing_share, control_share, cosine, layers }
    Section { name, layer, log10_p, aligned_cosine, chance, units, agreeing }
    Chance { mean, sd }
    LayerValues { stack, suspect, reference, cosine, pearson, pairs }
    LayerGrid { stack, suspect, reference, z }
    LayerMatch { stack, suspect, reference, log10_p }
    Widths { units, coordinates }
    ExpertMatch { side, stack, layer, expert, other_layer, other_expert, units_share, units }
    HeadMap { heads, agreeing, own }
    FoundByContent { tensor, reference, reordered }
    TokenRows { shared, suspect }
    FormulaTensor { tensor, formula, parameters, equal_share, cosine }
    Coverage { tested, not_tested }
    Untested { tensor, parameters, why }
    Power { aligned_cosine, units_share, hidden }
    HiddenPower { rung, aligned_cosine }
    Norms { cosine, pearson, weights }
    DepthCurve { role, pearson, layers }
    NotMeasured { what, why }
    Cost { read, stored }
    Sampling { looks, stopped, cosine, pearson, relative_l2 }
    Interval { low, high }
    Change { mask, kind }
    Mask { share, pattern }
    Lattice { group, levels, nearest }
    Scale { per, factor, range }
    Noise { sd, error, spread, elements }
}

choice! {
    TestKind { 0 => Exact, 1 => ExactInferred, 2 => ModelBased }
    MergeMethod { 0 => Linear, 1 => TaskArithmetic, 2 => Slerp, 3 => PassThrough, 4 => Ties, 5 => Dare }
    Stopped { 0 => Settled, 1 => Exhausted, 2 => LastLook, 3 => Budget }
    Side { 0 => Suspect, 1 => Reference }
    Pattern { 0 => Unstructured, 1 => OfGroup(zeros, of), 2 => Rows, 3 => Columns }
    Per { 0 => Tensor, 1 => Row, 2 => Column }
    Group { 0 => Tensor, 1 => Row, 2 => Elements(n) }
    Levels { 0 => Steps(most), 1 => Offset(most), 2 => Table(name), 3 => Stored(bits) }
}

impl Stored for Kind {
    fn put(&self, to: &mut Vec<u8>) {
        match self {
            Kind::Unchanged => to.push(0),
            Kind::Quantised(side, lattice) => (1u8, (*side, *lattice)).put(to),
            Kind::Scaled(scale) => (2u8, *scale).put(to),
            Kind::Adapter(rank) => (3u8, *rank).put(to),
            Kind::Noise(side, noise) => (4u8, (*side, *noise)).put(to),
            Kind::Trained { is_full } => (5u8, *is_full).put(to),
            Kind::Unnamed => to.push(6),
        }
    }

    fn take(from: &mut &[u8]) -> Option<Self> {
        Some(match u8::take(from)? {
            0 => Kind::Unchanged,
            1 => Kind::Quantised(Stored::take(from)?, Stored::take(from)?),
            2 => Kind::Scaled(Stored::take(from)?),
            3 => Kind::Adapter(Stored::take(from)?),
            4 => Kind::Noise(Stored::take(from)?, Stored::take(from)?),
            5 => Kind::Trained { is_full: Stored::take(from)? },
            6 => Kind::Unnamed,
            _ => return None,
        })
    }
}

/// Words that a measurement is named by, besides those with a card and the formulas: how the residual
/// stream and hidden units lie, and tables of levels.
const WORDS: [&str; 10] = [
    "kept",
    "renumbered",
    "permuted",
    "signed",
    "permuted and signed",
    "rotated",
    "of another width",
    "NF4",
    "FP4",
    "IQ4_NL",
];

impl Stored for &'static str {
    fn put(&self, to: &mut Vec<u8>) {
        (*self).to_owned().put(to);
    }

    /// Only a word that this program has itself.
    fn take(from: &mut &[u8]) -> Option<Self> {
        let word = text(from)?;
        let cards = card::all().map(|card| card.id);
        let formulas = Formula::ALL.iter().map(|formula| formula.name());
        WORDS.into_iter().chain(cards).chain(formulas).find(|known| *known == word)
    }
}
