//! Two fingerprints tested against each other, without reading a byte.

use std::collections::{BTreeMap, BTreeSet};

use jokbo_components::Pair;
use jokbo_statistics::agreement::Agreement;
use jokbo_statistics::features::Features;
use jokbo_statistics::join::join;
use jokbo_statistics::number::float;
use jokbo_statistics::order::common;
use jokbo_statistics::pass::PairSums;
use jokbo_statistics::permutation::{Group, Groups, Renumberings};
use jokbo_statistics::scores::Scores;
use jokbo_verdict::{Coverage, Exhibit, Power, Test, TestKind, Values};

use super::Subject;
use super::fingerprint::Piece;
use crate::exhibit::exact::{kind_of, parts_of};
use crate::renumbering::{Side, UnitGroup, mean_cosine, residual_groups, unit_groups};
use crate::values::{PairValues, is_matrix};

/// A sum below this many of its own standard deviations gets a p of 1 and not its bound, which would
/// be no less than a hundredth.
const LEAST_Z: f64 = 4.0;

/// The squared distance of two unrelated matrices, and the most that one is counted with.
const UNRELATED: f64 = 2.0;

/// Features in all of the residual coordinates of a component.
const RESIDUAL_FEATURES: usize = 8192;

/// Two models in one component.
pub(super) struct Pairing<'a> {
    /// The model whose name comes first.
    pub(super) suspect: Subject<'a>,
    /// The other.
    pub(super) reference: Subject<'a>,
    /// Parts that answer to each other.
    pub(super) pairs: &'a [Pair],
    /// Level of one test, in decimal logarithms.
    pub(super) log10_level: f64,
}

/// The same rows and columns of two parts, shape `[rows, cols]` each.
pub(super) struct Crossing {
    rows: usize,
    cols: usize,
    pub(super) a: Vec<f32>,
    pub(super) b: Vec<f32>,
}

/// Groups of units scored, before any p.
#[derive(Default)]
struct Scored {
    groups: Groups,
    agreement: Agreement,
    cosines: Vec<f64>,
}

impl Pairing<'_> {
    /// How far apart the two are, and everything that the tests gave.
    pub(super) fn measure(&self, component: &str) -> (Option<f64>, Exhibit) {
        let crossings = self.crossings();
        let (units, residual) = self.groups(&crossings);
        let of_units = self.score(&units, &crossings, None);
        let of_residual = self.score(&residual, &crossings, Some(RESIDUAL_FEATURES));
        let mut exhibit = Exhibit { component: component.to_owned(), ..Exhibit::default() };
        let kinds = (kind_of(&units), kind_of(&residual));
        exhibit.tests.extend(permutation("hidden-units", kinds.0, &of_units));
        exhibit.tests.extend(permutation("residual-coordinates", kinds.1, &of_residual));
        let (finest, kind) = match of_units.groups.is_empty() {
            true => (&of_residual, kinds.1),
            false => (&of_units, kinds.0),
        };
        exhibit.tests.extend(agreeing(kind, finest));
        exhibit.agreeing_share = finest.agreement.share();
        exhibit.aligned = mean_cosine(&finest.cosines);
        exhibit.power.units_share =
            finest.agreement.smallest_share(finest.groups.len() as u64, self.log10_level);
        let tested = parts_of(units.iter().chain(&residual));
        let elements = |&part: &usize| self.suspect.opened.tensor(part).view().elements();
        exhibit.coverage =
            Coverage { tested: tested.iter().map(elements).sum(), not_tested: Vec::new() };
        exhibit.parameters = self.parameters(component);
        let (distance, values) = self.side_by_side(&crossings);
        exhibit.values = values;
        (distance, exhibit)
    }

    /// What would have been found at the level of one test.
    pub(super) fn power(&self) -> Power {
        let crossings = self.crossings();
        let (units, residual) = self.groups(&crossings);
        let of_units = self.score(&units, &crossings, None);
        let of_residual = self.score(&residual, &crossings, Some(RESIDUAL_FEATURES));
        let cosine = |scored: &Scored| scored.groups.smallest_mean_score(self.log10_level);
        let finest = if of_units.groups.is_empty() { &of_residual } else { &of_units };
        let (units, residual) = (cosine(&of_units), cosine(&of_residual));
        Power {
            aligned_cosine: units.into_iter().chain(residual).min_by(f64::total_cmp),
            units_share: finest
                .agreement
                .smallest_share(finest.groups.len() as u64, self.log10_level),
            hidden: Vec::new(),
        }
    }

    /// What both fingerprints hold of every pair of parts, side by side.
    pub(super) fn values(&self) -> Vec<(Pair, PairValues)> {
        let stored = |subject: Subject<'_>, part| subject.opened.tensor(part).entry().dtype;
        let of = |(pair, crossing): (Pair, Crossing)| {
            let types =
                (stored(self.suspect, pair.suspect), stored(self.reference, pair.reference));
            (pair, PairValues::of(&crossing.a, &crossing.b, types))
        };
        self.crossings().into_iter().map(of).collect()
    }

    /// What both fingerprints hold of every pair of parts.
    fn crossings(&self) -> BTreeMap<Pair, Crossing> {
        let cross = |pair: &Pair| {
            let a = self.suspect.print.pieces.get(&pair.suspect)?;
            let b = self.reference.print.pieces.get(&pair.reference)?;
            Some((*pair, Crossing::of(a, b)?))
        };
        self.pairs.iter().filter_map(cross).collect()
    }

    /// Groups of hidden units, and of residual coordinates unless these have a meaning.
    fn groups(&self, crossings: &BTreeMap<Pair, Crossing>) -> (Vec<UnitGroup>, Vec<UnitGroup>) {
        let testable: Vec<Pair> =
            self.pairs.iter().filter(|pair| crossings.contains_key(pair)).copied().collect();
        let (a, b) = (self.suspect.opened, self.reference.opened);
        let has_sinusoids = self.pairs.iter().any(|pair| {
            let waves = |subject: &Subject<'_>, part: usize| {
                let component = &subject.opened.assignment.parts[part].key.component;
                subject.print.with_sinusoids.contains(component)
            };
            waves(&self.suspect, pair.suspect) || waves(&self.reference, pair.reference)
        });
        let residual = if has_sinusoids { Vec::new() } else { residual_groups(a, b, &testable) };
        (unit_groups(a, b, &testable), residual)
    }

    fn score(
        &self,
        groups: &[UnitGroup],
        crossings: &BTreeMap<Pair, Crossing>,
        most_features: Option<usize>,
    ) -> Scored {
        let mut out = Scored::default();
        for group in groups {
            let each = most_features.map(|most| (most / group.members.len().max(1)).max(4));
            let Some((a, b)) = features(group, crossings, each.unwrap_or(usize::MAX)) else {
                continue;
            };
            let scores = Scores::products(&a.unit_rows(), &b.unit_rows());
            let diagonal = scores.diagonal();
            if let Some(group) = Group::of(scores, &Renumberings::default(), 0) {
                out.agreement = out.agreement.and(group.agreement());
                out.groups.add(&group);
                out.cosines.extend(diagonal);
            }
        }
        out
    }

    fn parameters(&self, component: &str) -> u64 {
        let parts = &self.suspect.opened.assignment.parts;
        let named: BTreeSet<_> =
            self.pairs.iter().map(|pair| &parts[pair.suspect].key.component).collect();
        let is_it = |name: &str| name == component;
        let own = self.suspect.opened.assignment.components.iter();
        own.filter(|c| named.contains(&c.name) || is_it(&c.name.to_string()))
            .map(|c| c.parameters)
            .sum()
    }

    /// Values at equal places, and how far apart they are.
    fn side_by_side(&self, crossings: &BTreeMap<Pair, Crossing>) -> (Option<f64>, Option<Values>) {
        let sums: Vec<(Pair, PairSums)> = crossings
            .iter()
            .map(|(pair, crossing)| (*pair, PairSums::of(&crossing.a, &crossing.b)))
            .collect();
        let Some(whole) = join(sums.iter().map(|(_, s)| *s), PairSums::join) else {
            return (None, None);
        };
        let matrices: Vec<(Pair, PairSums)> =
            sums.into_iter().filter(|(pair, _)| self.is_matrix(pair)).collect();
        let all = join(matrices.iter().map(|(_, s)| *s), PairSums::join);
        let values = Values {
            cosine: all.and_then(|s| s.cosine()),
            pearson: all.and_then(|s| s.pearson()),
            relative_l2: all.and_then(|s| s.relative_l2()),
            pairs: whole.pairs(),
            equal: whole.equal,
            complete: false,
        };
        (self.distance(&matrices), Some(values))
    }

    fn is_matrix(&self, pair: &Pair) -> bool {
        is_matrix(&self.suspect.opened.assignment.parts[pair.suspect])
    }

    /// The root mean square over elements of each matrix's own distance, so that none outweighs the
    /// others by its scale. What the larger of the two has and the other does not is as far as
    /// unrelated matrices are.
    fn distance(&self, matrices: &[(Pair, PairSums)]) -> Option<f64> {
        let size = |subject: Subject<'_>, part: usize| {
            float(subject.opened.tensor(part).view().elements())
        };
        let (mut sum, mut seen) = (0.0, 0.0);
        for (pair, sums) in matrices {
            let both = size(self.suspect, pair.suspect).min(size(self.reference, pair.reference));
            if let Some(distance) = sums.distance() {
                sum += both * (distance * distance).min(UNRELATED);
                seen += both;
            }
        }
        let all = |subject: Subject<'_>, own: fn(&Pair) -> usize| -> f64 {
            let parts = &subject.opened.assignment.parts;
            let names: BTreeSet<_> =
                self.pairs.iter().map(|pair| &parts[own(pair)].key.component).collect();
            let pieces = subject
                .print
                .pieces
                .keys()
                .filter(|&&k| names.contains(&parts[k].key.component) && is_matrix(&parts[k]));
            pieces.map(|&k| size(subject, k)).sum()
        };
        let all = all(self.suspect, |p| p.suspect).max(all(self.reference, |p| p.reference));
        (0.0 < seen).then(|| ((sum + UNRELATED * (all - seen).max(0.0)) / all.max(seen)).sqrt())
    }
}

impl Crossing {
    /// `None` when the two have no row or no column in common.
    fn of(a: &Piece, b: &Piece) -> Option<Self> {
        let (rows, cols) = (common(&a.rows, &b.rows), common(&a.cols, &b.cols));
        if rows.0.is_empty() || cols.0.is_empty() {
            return None;
        }
        let cut = |piece: &Piece, rows: &[usize], cols: &[usize]| -> Vec<f32> {
            let width = piece.cols.len();
            let row = |&r: &usize| cols.iter().map(move |&c| piece.values[r * width + c]);
            rows.iter().flat_map(row).collect()
        };
        Some(Self {
            rows: rows.0.len(),
            cols: cols.0.len(),
            a: cut(a, &rows.0, &cols.0),
            b: cut(b, &rows.1, &cols.1),
        })
    }

    /// Units and their features, at most `most` of them, of both sides: shape `[units, features]`.
    fn along(&self, side: Side, most: usize) -> (usize, Vec<f32>, Vec<f32>) {
        let (units, features) = match side {
            Side::Rows => (self.rows, self.cols),
            Side::Cols => (self.cols, self.rows),
        };
        let kept = features.min(most);
        let place = |at: usize| match side {
            Side::Rows => at / kept * self.cols + at % kept,
            Side::Cols => at % kept * self.cols + at / kept,
        };
        let take = |values: &[f32]| (0..units * kept).map(|at| values[place(at)]).collect();
        (units, take(&self.a), take(&self.b))
    }
}

/// The features of a group's units in both models, centred. `None` when fewer than two units are
/// common.
fn features(
    group: &UnitGroup,
    crossings: &BTreeMap<Pair, Crossing>,
    most: usize,
) -> Option<(Features, Features)> {
    let mut both: Option<(Features, Features)> = None;
    for member in &group.members {
        let (units, a, b) = crossings.get(&member.pair)?.along(member.side, most);
        let (x, y) = both.get_or_insert_with(|| (Features::new(units), Features::new(units)));
        // All members of a group are equally long, so that their samples are the same.
        if x.units() == units {
            x.push_centred(&a);
            y.push_centred(&b);
        }
    }
    both.filter(|(x, _)| 2 <= x.units())
}

/// The permutation test by its bound alone: of so many pairs no number of draws would reach a level.
fn permutation(name: &'static str, kind: TestKind, scored: &Scored) -> Option<Test> {
    let z = scored.groups.z();
    let log10_p = match LEAST_Z <= z {
        true => scored.groups.test()?.log10_p,
        false => 0.0,
    };
    (!scored.groups.is_empty()).then(|| Test {
        name,
        kind,
        log10_p,
        n: scored.agreement.units,
        groups: scored.groups.len() as u64,
        statistic: z,
        draws: 0,
    })
}

fn agreeing(kind: TestKind, scored: &Scored) -> Option<Test> {
    Some(Test {
        name: "agreeing-units",
        kind,
        log10_p: scored.agreement.log10_p()?,
        n: scored.agreement.units,
        groups: scored.groups.len() as u64,
        statistic: float(scored.agreement.agreeing),
        draws: 0,
    })
}
