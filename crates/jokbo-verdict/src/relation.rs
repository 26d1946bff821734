//! How the weights were changed: names with their parameters, and a lean on which side came first.

use jokbo_statistics::relation::Side;
use jokbo_statistics::relation::mask::Pattern;
use jokbo_statistics::relation::scale::Per;

use crate::{Ancestry, Exhibit, Grade, Merge, Widths};

mod experts;
mod naming;

/// A value with the ends of its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The value.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// How much of a component a relation holds for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Extent {
    /// Pairs of tensors it was seen in.
    pub tensors: u64,
    /// Their share of the compared elements, in `[0, 1]`.
    pub share: f64,
}

/// A tensor with the rank of its change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RankOf {
    /// The part's name.
    pub part: String,
    /// Directions that were added.
    pub rank: u64,
}

/// How the weights were changed. Several may hold at once.
#[derive(Debug, Clone, PartialEq)]
pub enum Relation {
    /// Stored values are the same.
    SameBits {
        /// Share of compared elements, in `[0, 1]`.
        share: f64,
    },
    /// The reference's values in another stored type.
    Converted {
        /// The reference's type.
        from: String,
        /// The suspect's type.
        to: String,
        /// Whether no bit was lost.
        lossless: bool,
    },
    /// One side's values were rounded to the lattice of a block format.
    Quantised {
        /// Which side's.
        side: Side,
        /// Bits of a code; `None` where the stored type says them.
        bits: Option<u32>,
        /// Elements that share a scale: `tensor`, `row` or `group`.
        per: &'static str,
        /// How many, for groups.
        group: Option<u64>,
        /// The stored type, or a published format with this lattice.
        like: Option<String>,
        /// Share of values that are the level nearest to the other side's, in `[0, 1]`.
        nearest: f64,
        /// Where.
        extent: Extent,
    },
    /// Every change has the structure that training leaves, and is more than an adapter.
    FineTuned {
        /// `||A - B|| / ||B||`; `None` when undefined.
        relative_l2: Option<f64>,
        /// Where.
        extent: Extent,
    },
    /// A few directions were added to some matrices.
    AdapterMerged {
        /// The largest rank.
        rank: u64,
        /// Rank of each tensor.
        tensors: Vec<RankOf>,
        /// Where.
        extent: Extent,
    },
    /// Independent noise of one size was added.
    NoiseAdded {
        /// The side that carries it; `None` when it is too small to tell.
        side: Option<Side>,
        /// Standard deviation.
        sd: Estimate,
        /// In units of each tensor's own standard deviation, rather than of the weights.
        relative: bool,
        /// Where.
        extent: Extent,
    },
    /// Weights were set to zero.
    ZeroMasked {
        /// On which side.
        side: Side,
        /// Share of elements, in `[0, 1]`.
        share: f64,
        /// How they lie.
        pattern: Pattern,
        /// Where.
        extent: Extent,
    },
    /// Weights were multiplied.
    Scaled {
        /// One factor for what.
        per: Per,
        /// Mean factor.
        factor: f64,
        /// Smallest and largest.
        range: (f64, f64),
        /// Where.
        extent: Extent,
    },
    /// A table has more or fewer rows than the reference's.
    VocabularyResized {
        /// The part's name.
        part: String,
        /// Rows of the suspect and of the reference.
        rows: (u64, u64),
        /// Share of elements of the common leading rows that are equal, in `[0, 1]`.
        equal_share: f64,
    },
    /// One side has fewer hidden units or residual coordinates, and none more.
    WidthPruned {
        /// The narrower side.
        side: Side,
        /// How wide both are.
        widths: Widths,
    },
    /// Layers of the reference are missing, and the rest keep their order.
    DepthPruned {
        /// Layers kept.
        kept: u64,
    },
    /// One side holds layers of the other more than once.
    LayersRepeated {
        /// That side.
        side: Side,
        /// Its layers that are one more copy.
        again: u64,
    },
    /// Every expert of one side holds a dense network of the other, or units of it.
    ExpertsMade {
        /// The side with the experts.
        side: Side,
        /// Each holds a part of the units, no two the same (splitting), rather than all (upcycling).
        is_split: bool,
        /// Experts of a layer, at most.
        experts: u64,
        /// Layers it was seen in.
        layers: u64,
        /// Mean share of the units drawn that are the other side's, in `[0, 1]`.
        units_share: f64,
    },
    /// A mixture of several parents that were named.
    Merged(Merge),
    /// Values were changed in a way that no check explains.
    Changed {
        /// `||A - B|| / ||B||`; `None` when undefined.
        relative_l2: Option<f64>,
    },
}

impl Relation {
    /// The word of every relation.
    pub const WORDS: [&'static str; 16] = [
        "same-bits",
        "converted",
        "quantised",
        "fine-tuned",
        "adapter-merged",
        "noise-added",
        "zero-masked",
        "scaled",
        "vocabulary-resized",
        "width-pruned",
        "depth-pruned",
        "layers-repeated",
        "upcycled",
        "expert-split",
        "merged",
        "changed",
    ];

    /// The word used in every report.
    pub fn word(&self) -> &'static str {
        match self {
            Relation::SameBits { .. } => "same-bits",
            Relation::Converted { .. } => "converted",
            Relation::Quantised { .. } => "quantised",
            Relation::FineTuned { .. } => "fine-tuned",
            Relation::AdapterMerged { .. } => "adapter-merged",
            Relation::NoiseAdded { .. } => "noise-added",
            Relation::ZeroMasked { .. } => "zero-masked",
            Relation::Scaled { .. } => "scaled",
            Relation::VocabularyResized { .. } => "vocabulary-resized",
            Relation::WidthPruned { .. } => "width-pruned",
            Relation::DepthPruned { .. } => "depth-pruned",
            Relation::LayersRepeated { .. } => "layers-repeated",
            Relation::ExpertsMade { is_split: false, .. } => "upcycled",
            Relation::ExpertsMade { is_split: true, .. } => "expert-split",
            Relation::Merged(_) => "merged",
            Relation::Changed { .. } => "changed",
        }
    }

    /// The side that was made from the other, with the ground, where the relation says so.
    fn child(&self) -> Option<(Side, &'static str)> {
        match self {
            Relation::Quantised { side, .. } => {
                Some((*side, "its values lie on a lattice, the other side's do not"))
            }
            Relation::ZeroMasked { side, .. } => {
                Some((*side, "its values are zero where the other side's are not"))
            }
            Relation::NoiseAdded { side: Some(side), .. } => Some((
                *side,
                "the difference is unrelated to the other side's values and not to its own",
            )),
            Relation::DepthPruned { .. } => {
                Some((Side::Suspect, "its layers are some of the other side's, in order"))
            }
            Relation::LayersRepeated { side, .. } => {
                Some((*side, "it holds layers of the other side more than once"))
            }
            Relation::ExpertsMade { side, .. } => {
                Some((*side, "its experts hold units of one dense network of the other side"))
            }
            Relation::Merged(_) => Some((
                Side::Suspect,
                "it is a mixture of several models, none of which is one of it",
            )),
            _ => None,
        }
    }
}

/// Which side may have been made from the other. A lean: what it rests on is said, and nothing
/// is proved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Direction {
    /// The side that came later.
    pub child: Side,
    /// Why, one sentence each.
    pub grounds: Vec<&'static str>,
}

/// The lean that the relations give; `None` when none says anything or they disagree.
pub(crate) fn direction(relations: &[Relation]) -> Option<Direction> {
    let grounds: Vec<(Side, &'static str)> = relations.iter().filter_map(Relation::child).collect();
    let (child, _) = *grounds.first()?;
    let mut grounds: Vec<&'static str> = grounds
        .into_iter()
        .map(|(side, ground)| (side == child).then_some(ground))
        .collect::<Option<_>>()?;
    grounds.dedup();
    Some(Direction { child, grounds })
}

/// How the weights were changed, as far as it can be named. Only for a finding.
pub(crate) fn relations(exhibit: &Exhibit, grade: Grade, ancestry: Ancestry) -> Vec<Relation> {
    let mut named = naming::of_layers(exhibit, grade);
    named.extend(naming::of_widths(exhibit, grade));
    named.extend(experts::made(exhibit, grade));
    if let (Grade::Derived | Grade::PartlyDerived, Some(merge)) = (grade, &exhibit.merge) {
        // What is a mixture to within rounding needs no other name for the same change.
        named.push(Relation::Merged(merge.clone()));
        named.extend(naming::of_tables(exhibit));
        return named;
    }
    if grade.is_finding() && grade != Grade::Identical && exhibit.alignment.is_some() {
        // Values at equal places say nothing of a copy whose places were changed.
        named.push(Relation::Changed { relative_l2: None });
        return named;
    }
    named.extend(of_values(exhibit, grade, ancestry));
    named
}

fn of_values(exhibit: &Exhibit, grade: Grade, ancestry: Ancestry) -> Vec<Relation> {
    let converted = exhibit.conversion.as_ref().map(|c| (c.clone(), c.rounded_share));
    match (grade, converted, exhibit.values) {
        (Grade::Identical, Some((c, _)), _) => {
            vec![Relation::Converted { from: c.from, to: c.to, lossless: true }]
        }
        (Grade::Identical, None, _) => vec![Relation::SameBits { share: 1.0 }],
        (Grade::Derived | Grade::PartlyDerived, Some((c, share)), _) if 1.0 <= share => {
            let mut named = naming::of_tables(exhibit);
            named.insert(0, Relation::Converted { from: c.from, to: c.to, lossless: false });
            named
        }
        (Grade::Derived | Grade::PartlyDerived, _, Some(values)) => {
            if values.equal == values.pairs {
                let mut named = naming::of_tables(exhibit);
                named.insert(0, Relation::SameBits { share: 1.0 });
                return named;
            }
            naming::of_tensors(exhibit, values.relative_l2, ancestry)
        }
        _ => Vec::new(),
    }
}
