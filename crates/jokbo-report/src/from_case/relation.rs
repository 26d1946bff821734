//! Relations put into the contract.

use jokbo_verdict as v;
use jokbo_verdict::{Pattern, Per, Side};

use crate::schema::{
    Direction, ExpertMatch, Extent, Interval, Origin, ParentShare, RankOf, Relation,
};

pub(super) fn expert(m: &v::ExpertMatch) -> ExpertMatch {
    ExpertMatch {
        side: side_word(m.side),
        stack: m.stack.clone(),
        layer: m.layer,
        expert: m.expert,
        other_layer: m.other_layer,
        other_expert: m.other_expert,
        units_share: m.units_share,
        units: m.units.clone(),
    }
}

pub(super) fn relation(relation: &v::Relation) -> Relation {
    match relation.clone() {
        v::Relation::SameBits { share } => Relation::SameBits { share },
        v::Relation::Converted { from, to, lossless } => Relation::Converted { from, to, lossless },
        v::Relation::Quantised { side, bits, per, group, like, nearest, extent: e } => {
            Relation::Quantised {
                side: side_word(side),
                bits,
                per: per.to_owned(),
                group,
                like,
                nearest_share: nearest,
                extent: extent(e),
            }
        }
        v::Relation::FineTuned { relative_l2, extent: e } => {
            Relation::FineTuned { relative_l2, extent: extent(e) }
        }
        v::Relation::AdapterMerged { rank, tensors, extent: e } => {
            let of = |t: v::RankOf| RankOf { part: t.part, rank: t.rank };
            let tensors = tensors.into_iter().map(of).collect();
            Relation::AdapterMerged { rank, tensors, extent: extent(e) }
        }
        v::Relation::NoiseAdded { side, sd, relative, extent: e } => Relation::NoiseAdded {
            side: side.map(side_word),
            sd: estimate(sd),
            relative,
            extent: extent(e),
        },
        v::Relation::ZeroMasked { side, share, pattern, extent: e } => Relation::ZeroMasked {
            side: side_word(side),
            share,
            pattern: match pattern {
                Pattern::Unstructured => "unstructured".to_owned(),
                Pattern::OfGroup(zeros, of) => format!("{zeros}:{of}"),
                Pattern::Rows => "rows".to_owned(),
                Pattern::Columns => "columns".to_owned(),
            },
            extent: extent(e),
        },
        v::Relation::Scaled { per, factor, range: (low, high), extent: e } => Relation::Scaled {
            per: match per {
                Per::Tensor => "tensor",
                Per::Row => "row",
                Per::Column => "column",
            }
            .to_owned(),
            factor: Interval { value: factor, low, high },
            extent: extent(e),
        },
        v::Relation::VocabularyResized { part, rows: (rows, reference_rows), equal_share } => {
            Relation::VocabularyResized { part, rows, reference_rows, equal_share }
        }
        v::Relation::WidthPruned { side, widths } => Relation::WidthPruned {
            side: side_word(side),
            units: widths.units.0,
            reference_units: widths.units.1,
            coordinates: widths.coordinates.0,
            reference_coordinates: widths.coordinates.1,
        },
        v::Relation::DepthPruned { kept } => Relation::DepthPruned { kept },
        v::Relation::LayersRepeated { side, again } => {
            Relation::LayersRepeated { side: side_word(side), again }
        }
        v::Relation::ExpertsMade { side, is_split: false, experts, layers, units_share } => {
            Relation::Upcycled { side: side_word(side), experts, layers, units_share }
        }
        v::Relation::ExpertsMade { side, is_split: true, experts, layers, units_share } => {
            Relation::ExpertSplit { side: side_word(side), experts, layers, units_share }
        }
        v::Relation::Merged(merge) => merged(merge),
        v::Relation::Changed { relative_l2 } => Relation::Changed { relative_l2 },
    }
}

fn merged(merge: v::Merge) -> Relation {
    let share = |p: v::ParentShare| ParentShare {
        source: p.source,
        coefficient: estimate(p.coefficient),
        kept: p.kept.map(estimate),
    };
    let origin = |o: v::Origin| Origin { part: o.part, parent: o.parent };
    Relation::Merged {
        method: match merge.method {
            v::MergeMethod::Linear => "linear",
            v::MergeMethod::TaskArithmetic => "task-arithmetic",
            v::MergeMethod::Slerp => "slerp",
            v::MergeMethod::PassThrough => "pass-through",
            v::MergeMethod::Ties => "ties",
            v::MergeMethod::Dare => "dare",
        }
        .to_owned(),
        parents: merge.parents.into_iter().map(share).collect(),
        base: merge.base,
        place: merge.place.map(estimate),
        origins: merge.origins.into_iter().map(origin).collect(),
        explained_share: merge.explained,
    }
}

pub(super) fn direction(direction: &v::Direction) -> Direction {
    Direction {
        child: side_word(direction.child),
        grounds: direction.grounds.iter().map(|g| (*g).to_owned()).collect(),
    }
}

fn side_word(side: Side) -> String {
    match side {
        Side::Suspect => "suspect",
        Side::Reference => "reference",
    }
    .to_owned()
}

fn extent(extent: v::Extent) -> Extent {
    Extent { tensors: extent.tensors, share: extent.share }
}

fn estimate(e: v::Estimate) -> Interval {
    Interval { value: e.value, low: e.low, high: e.high }
}
