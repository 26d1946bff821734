//! Tests of one shared numbering: which tensors share it, what is drawn from them, what it gives.

use std::collections::BTreeMap;

use jokbo_components::{Axis, Expert, Pair, PairedBy, Part};
use jokbo_statistics::agreement::Agreement;
use jokbo_statistics::matrix::transposed;
use jokbo_statistics::number::float_usize;
use jokbo_statistics::permutation::{Group, Groups, Renumberings};
use jokbo_statistics::seed::Draws;
use jokbo_tensors::Tensor;
use jokbo_verdict::{AlignedCosine, Chance, Section};

use crate::in_flight::in_flight;
use crate::{Error, Opened, Plan};

mod scored;

use scored::Scored;
pub(crate) use scored::TOGETHER;

/// Which axis of a part carries a numbering.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// Its rows.
    Rows,
    /// Its columns.
    Cols,
}

/// One pair of parts that shares a numbering with others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Member {
    /// The parts.
    pub(crate) pair: Pair,
    /// The axis that carries the numbering, the same on both.
    pub(crate) side: Side,
}

impl Member {
    /// Features that both models have of each unit.
    pub(crate) fn width(&self, suspect: &Opened, reference: &Opened) -> u64 {
        let (a, b) = (suspect.tensor(self.pair.suspect), reference.tensor(self.pair.reference));
        extents(a, self.side).1.min(extents(b, self.side).1)
    }
}

/// Parts that share one numbering of units, renumbered together and independently of all others.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct UnitGroup {
    /// What it is called in a report: `layer 3`, `talker layer 3 expert 7`.
    pub(crate) name: String,
    /// Its layer.
    pub(crate) layer: Option<u32>,
    /// Its expert.
    pub(crate) expert: Expert,
    /// The parts.
    pub(crate) members: Vec<Member>,
    /// Units both models have.
    pub(crate) units: u64,
    /// The axis was inferred from structure.
    pub(crate) inferred: bool,
}

/// The length of a part along `side`, and across it.
pub(crate) fn extents(tensor: Tensor<'_>, side: Side) -> (u64, u64) {
    let view = tensor.view();
    match side {
        Side::Rows => (view.rows, view.cols),
        Side::Cols => (view.cols, view.rows),
    }
}

/// The groups whose numbering only parts of one layer and expert share.
pub(crate) fn unit_groups(suspect: &Opened, reference: &Opened, pairs: &[Pair]) -> Vec<UnitGroup> {
    let key = |part: &Part, axis: &Axis| match axis {
        Axis::Units(group) => {
            Some((part.key.stack.clone(), part.key.layer, part.key.expert, group.clone()))
        }
        Axis::Residual | Axis::Marked | Axis::Fixed => None,
    };
    collect(suspect, reference, pairs, key, |(stack, layer, expert, group)| {
        let mut words: Vec<String> = Vec::new();
        words.extend((!stack.is_empty()).then(|| stack.clone()));
        words.extend(layer.map(|layer| format!("layer {layer}")));
        match expert {
            Expert::None => {}
            Expert::Routed(number) => words.push(format!("expert {number}")),
            Expert::Shared => words.push("shared expert".to_owned()),
        }
        if group != "mlp" || words.is_empty() {
            words.push(group.clone());
        }
        (words.join(" "), *layer, *expert)
    })
}

/// The groups that number residual coordinates: one for each network of the component.
pub(crate) fn residual_groups(
    suspect: &Opened,
    reference: &Opened,
    pairs: &[Pair],
) -> Vec<UnitGroup> {
    let key = |part: &Part, axis: &Axis| (*axis == Axis::Residual).then(|| part.key.stack.clone());
    collect(suspect, reference, pairs, key, |stack| {
        let name = if stack.is_empty() {
            "residual stream".to_owned()
        } else {
            format!("{stack} residual stream")
        };
        (name, None, Expert::None)
    })
}

/// Sorts pairs into groups by the key that an axis gives, the same on both sides of a pair.
fn collect<K: Ord>(
    suspect: &Opened,
    reference: &Opened,
    pairs: &[Pair],
    key: impl Fn(&Part, &Axis) -> Option<K>,
    name: impl Fn(&K) -> (String, Option<u32>, Expert),
) -> Vec<UnitGroup> {
    let mut groups: BTreeMap<K, Vec<Member>> = BTreeMap::new();
    for &pair in pairs {
        let (a, b) =
            (&suspect.assignment.parts[pair.suspect], &reference.assignment.parts[pair.reference]);
        for (side, mine, theirs) in [(Side::Rows, &a.rows, &b.rows), (Side::Cols, &a.cols, &b.cols)]
        {
            // Both sides must name the same kind of axis: an inferred one may differ in name.
            if let Some(key) = key(a, mine)
                && std::mem::discriminant(mine) == std::mem::discriminant(theirs)
            {
                groups.entry(key).or_default().push(Member { pair, side });
            }
        }
    }
    groups
        .into_iter()
        .filter_map(|(key, members)| {
            let (name, layer, expert) = name(&key);
            same_length(suspect, reference, members).map(|(units, members)| {
                let inferred = |m: &Member| {
                    suspect.assignment.parts[m.pair.suspect].inferred
                        || m.pair.by == PairedBy::Nearest
                };
                let inferred = members.iter().all(inferred);
                UnitGroup { name, layer, expert, members, units, inferred }
            })
        })
        .collect()
}

/// Keeps the members whose axis is as long as that of most parameters, on either model, and gives
/// the length both models have.
fn same_length(
    suspect: &Opened,
    reference: &Opened,
    members: Vec<Member>,
) -> Option<(u64, Vec<Member>)> {
    let lengths = |member: &Member| {
        (
            extents(suspect.tensor(member.pair.suspect), member.side).0,
            extents(reference.tensor(member.pair.reference), member.side).0,
        )
    };
    let mut weight: BTreeMap<(u64, u64), u64> = BTreeMap::new();
    for member in &members {
        let elements = suspect.tensor(member.pair.suspect).view().elements();
        *weight.entry(lengths(member)).or_default() += elements;
    }
    let (&common, _) = weight.iter().max_by_key(|(_, elements)| **elements)?;
    let kept: Vec<Member> = members.into_iter().filter(|m| lengths(m) == common).collect();
    (2 <= common.0.min(common.1)).then(|| (common.0.min(common.1), kept))
}

/// Which groups are drawn: all, but of routed experts only a seeded few of each layer.
pub(crate) fn drawn(groups: &[UnitGroup], plan: &Plan) -> Vec<UnitGroup> {
    let mut experts: BTreeMap<(String, Option<u32>), Vec<usize>> = BTreeMap::new();
    let mut kept: Vec<usize> = Vec::new();
    for (k, group) in groups.iter().enumerate() {
        match group.expert {
            Expert::Routed(number) => {
                let layer = group.name.replace(&format!("expert {number}"), "");
                experts.entry((layer, group.layer)).or_default().push(k);
            }
            Expert::None | Expert::Shared => kept.push(k),
        }
    }
    for ((layer, _), mut members) in experts {
        members.sort_unstable();
        let mut draws = Draws::new(plan.seed, &format!("experts/{layer}"));
        let chosen = draws.choose(members.len() as u64, plan.experts);
        kept.extend(chosen.into_iter().filter_map(|k| members.get(usize::try_from(k).ok()?)));
    }
    kept.sort_unstable();
    kept.into_iter().map(|k| groups[k].clone()).collect()
}

/// What is drawn from a group.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    /// Units.
    pub(crate) units: u64,
    /// Features from each tensor.
    pub(crate) features: u64,
}

/// What is read of a group, chosen before any of it is read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Drawing {
    /// The group.
    pub(crate) group: UnitGroup,
    /// The units, the same of every member, in rising order.
    pub(crate) units: Vec<u64>,
    /// The features of those units: one list for each member, in rising order.
    pub(crate) features: Vec<Vec<u64>>,
}

impl Drawing {
    /// Seeded units and features from anywhere.
    fn scattered(
        suspect: &Opened,
        reference: &Opened,
        group: &UnitGroup,
        size: Size,
        seed: u64,
    ) -> Self {
        let mut units = Draws::new(seed, &format!("units/{}", group.name));
        let features = group.members.iter().enumerate().map(|(k, member)| {
            let purpose = format!("features/{}/{k}", group.name);
            let width = member.width(suspect, reference);
            Draws::new(seed, &purpose).choose(width, size.features)
        });
        Self {
            features: features.collect(),
            units: units.choose(group.units, size.units),
            group: group.clone(),
        }
    }
}

/// One group of units by itself, with the scores at equal numbers, and how its units agree; its p is that of
/// the group alone.
pub(crate) fn section(
    name: String,
    layer: Option<u32>,
    group: &Group,
    diagonal: &[f64],
) -> (Section, Agreement) {
    let (mean, sd) = group.chance();
    let agreement = group.agreement();
    let section = Section {
        name,
        layer,
        log10_p: group.alone().0,
        aligned_cosine: diagonal.iter().sum::<f64>() / float_usize(diagonal.len()),
        chance: Chance { mean, sd },
        agreeing: agreement.agreeing,
        units: diagonal.len() as u64,
    };
    (section, agreement)
}

/// The two tests of one numbering.
#[derive(Debug, Clone)]
pub(crate) struct Tests {
    /// Of cosines of centred rows.
    pub(crate) cosines: Renumberings,
    /// Of counts of equal stored values.
    pub(crate) equal: Renumberings,
}

impl Tests {
    /// Of a component; the test of cosines is called `name`.
    pub(crate) fn new(name: &str, component: &str, plan: &Plan) -> Self {
        let of = |name: &str| plan.renumberings(&format!("{name}/{component}"));
        Self { cosines: of(name), equal: of(&format!("equal-values of {name}")) }
    }
}

/// What the draws of one kind of group gave.
#[derive(Debug)]
pub(crate) struct Renumbered {
    /// Cosines of centred rows.
    pub(crate) cosines: Groups,
    /// Counts of equal stored values.
    pub(crate) equal: Groups,
    /// Units that find their own number.
    pub(crate) agreement: Agreement,
    /// Each group by itself.
    pub(crate) sections: Vec<Section>,
    /// Aligned cosine of every unit drawn.
    unit_cosines: Vec<f64>,
    /// Groups whose scores do not vary, by name.
    pub(crate) flat: Vec<String>,
}

impl Renumbered {
    fn new(tests: &Tests) -> Self {
        Self {
            cosines: Groups::new(tests.cosines.clone()),
            equal: Groups::new(tests.equal.clone()),
            agreement: Agreement::default(),
            sections: Vec::new(),
            unit_cosines: Vec::new(),
            flat: Vec::new(),
        }
    }

    /// The mean aligned cosine of the units drawn.
    pub(crate) fn aligned(&self) -> Option<AlignedCosine> {
        mean_cosine(&self.unit_cosines)
    }
}

/// The mean with a 95 % interval. `None` without two values.
pub(crate) fn mean_cosine(cosines: &[f64]) -> Option<AlignedCosine> {
    let n = float_usize(cosines.len());
    if n < 2.0 {
        return None;
    }
    let value = cosines.iter().sum::<f64>() / n;
    let square: f64 = cosines.iter().map(|x| (x - value) * (x - value)).sum();
    let half = 1.96 * (square / (n - 1.0) / n).sqrt();
    let clamp = |x: f64| x.clamp(-1.0, 1.0);
    Some(AlignedCosine { value: clamp(value), low: clamp(value - half), high: clamp(value + half) })
}

/// Scores of all groups of one numbering, at most.
const SCORES: u64 = 1 << 23;

/// Units of each of so many groups, at most: the time that scores take stops growing with their number. All
/// groups are one test, which sees more of a deep model all the same: the units of all together grow with the
/// root of the number of groups.
pub(crate) fn most_units(groups: usize) -> u64 {
    (SCORES / (groups as u64).max(1)).isqrt().max(2)
}

/// Draws units and features from every group and scores them.
pub(crate) fn score(
    suspect: &Opened,
    reference: &Opened,
    groups: &[UnitGroup],
    size: impl Fn(&UnitGroup) -> Size,
    tests: &Tests,
    plan: &Plan,
) -> Result<Renumbered, Error> {
    let drawing = |group| {
        let Size { units, features } = size(group);
        let size = Size { units: units.min(most_units(groups.len())), features };
        Drawing::scattered(suspect, reference, group, size, plan.seed)
    };
    let drawings: Vec<Drawing> = groups.iter().map(drawing).collect();
    score_drawn(suspect, reference, &drawings, tests, plan)
}

/// Scores what was drawn from every group, several groups at once.
pub(crate) fn score_drawn(
    suspect: &Opened,
    reference: &Opened,
    drawings: &[Drawing],
    tests: &Tests,
    plan: &Plan,
) -> Result<Renumbered, Error> {
    let few = usize::try_from(plan.equal_units).unwrap_or(usize::MAX);
    let scored = in_flight(drawings, |number, drawing| {
        Scored::of((suspect, reference), (number, drawing), few, tests)
    })?;
    let mut out = Renumbered::new(tests);
    for (scored, drawing) in scored.into_iter().zip(drawings) {
        scored.equal.iter().for_each(|group| out.equal.add(group));
        let Some((cosines, section, agreement)) = scored.cosines else {
            out.flat.push(drawing.group.name.clone());
            continue;
        };
        out.cosines.add(&cosines);
        out.agreement = out.agreement.and(agreement);
        out.sections.push(section);
        out.unit_cosines.extend(scored.diagonal);
    }
    Ok(out)
}

/// The chosen features of the chosen units, shape `[units, features]`.
pub(crate) fn unit_values(
    tensor: Tensor<'_>,
    side: Side,
    units: &[u64],
    features: &[u64],
) -> Result<Vec<f32>, Error> {
    match side {
        Side::Rows => Ok(tensor.gather(units, features)?),
        Side::Cols => {
            let across = tensor.gather(features, units)?;
            Ok(transposed(&across, units.len()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_groups_take_as_many_scores_as_few() {
        assert!(512 <= most_units(32) && 128 <= most_units(512));
        for groups in [1, 32, 33, 100, 1000, 100_000] {
            let units = most_units(groups);
            assert!(2 <= units && groups as u64 * units * units <= SCORES, "{groups}");
        }
    }
}
