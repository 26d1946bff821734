//! The exact tests of one component, and the sizes that go with them.

use std::collections::BTreeSet;

use jokbo_components::{Expert, Pair};
use jokbo_statistics::number::float;
use jokbo_statistics::permutation::Groups;
use jokbo_verdict::{Exhibit, NotMeasured, Power, Test, TestKind, rules};

use super::Scene;
use crate::layer_map::Search;
use crate::renumbering::{self, Renumbered, Size, Tests, UnitGroup};
use crate::step::step;
use crate::{Error, Plan};

/// The tests of cosines.
pub(crate) const UNITS: &str = "hidden-units";
pub(crate) const RESIDUAL: &str = "residual-coordinates";

const SINUSOIDS: &str =
    "sinusoidal positions are added to the residual stream, so its coordinates have a meaning";
const EQUALLY_MANY: &str = "equal stored values are as many under every renumbering";

/// What is drawn from a group of hidden units.
fn unit_size(plan: &Plan) -> impl Fn(&UnitGroup) -> Size {
    |group| match group.expert {
        Expert::Routed(_) => Size { units: plan.expert_units, features: plan.features },
        Expert::None | Expert::Shared => Size { units: plan.units, features: plan.features },
    }
}

/// The suspect's parts in these groups.
pub(crate) fn parts_of<'a>(groups: impl Iterator<Item = &'a UnitGroup>) -> BTreeSet<usize> {
    groups.flat_map(|group| &group.members).map(|member| member.pair.suspect).collect()
}

/// The exact tests. Returns the suspect's parts that entered one.
pub(super) fn run_tests(
    scene: Scene<'_>,
    testable: &[Pair],
    has_sinusoids: bool,
    map: Option<&Search>,
    exhibit: &mut Exhibit,
) -> Result<BTreeSet<usize>, Error> {
    let Scene { suspect, reference, plan, .. } = scene;
    let units = renumbering::unit_groups(suspect, reference, testable);
    let residual = if has_sinusoids {
        Vec::new()
    } else {
        renumbering::residual_groups(suspect, reference, testable)
    };
    let drawn = renumbering::drawn(&units, plan);
    let residual_size = |group: &UnitGroup| Size {
        units: plan.units,
        features: (plan.residual_features / (group.members.len() as u64).max(1)).max(4),
    };
    let of_residual = {
        let _step = step!("residual coordinates", exhibit.component);
        let tests = Tests::new(RESIDUAL, &exhibit.component, plan);
        renumbering::score(suspect, reference, &residual, residual_size, &tests, plan)?
    };
    let of_units = {
        let _step = step!("hidden units", exhibit.component);
        let tests = Tests::new(UNITS, &exhibit.component, plan);
        renumbering::score(suspect, reference, &drawn, unit_size(plan), &tests, plan)?
    };
    let scored = Scored {
        kinds: (kind_of(&units), kind_of(&residual)),
        units: of_units,
        residual: of_residual,
        has_sinusoids,
    };
    let log10_level = rules::test_level(plan.level, scene.components);
    state(exhibit, &scored, map, log10_level);
    Ok(parts_of(units.iter().chain(&residual)))
}

/// What was drawn from a component, scored, before any p.
pub(crate) struct Scored {
    /// Whether the axes are known or inferred: of hidden units, of residual coordinates.
    pub(crate) kinds: (TestKind, TestKind),
    /// Hidden units, group by group.
    pub(crate) units: Renumbered,
    /// Residual coordinates.
    pub(crate) residual: Renumbered,
    /// Sinusoidal positions are added to the residual stream.
    pub(crate) has_sinusoids: bool,
}

/// Every exact test with its p, the sizes that go with them, and what would have been found at
/// `log10_level`.
pub(crate) fn state(
    exhibit: &mut Exhibit,
    scored: &Scored,
    map: Option<&Search>,
    log10_level: f64,
) {
    let Scored { kinds, units: of_units, residual: of_residual, has_sinusoids } = scored;
    let why = why_empty(of_units);
    permutation(exhibit, (UNITS, kinds.0), &of_units.cosines, &why);
    let why = if *has_sinusoids { SINUSOIDS.to_owned() } else { why_empty(of_residual) };
    permutation(exhibit, (RESIDUAL, kinds.1), &of_residual.cosines, &why);
    // The finer numbering speaks for equal values and agreement where there is one.
    let (finest, kind) =
        if of_units.cosines.is_empty() { (of_residual, kinds.1) } else { (of_units, kinds.0) };
    let why = if finest.cosines.is_empty() { why_empty(finest) } else { EQUALLY_MANY.to_owned() };
    permutation(exhibit, ("equal-values", kind), &finest.equal, &why);
    agreeing_units(exhibit, kind, finest);
    if let Some(map) = map {
        exhibit.tests.push(Test {
            name: "layer-search",
            kind: kinds.0,
            log10_p: map.log10_p,
            n: map.looks,
            groups: map.looks,
            statistic: map.z,
            draws: 0,
        });
        exhibit.layer_map = map.matches();
        exhibit.layer_grids = map.grids.clone();
        exhibit.layers_answered_again = map.echoes;
    }
    exhibit.aligned = finest.aligned();
    exhibit.sections = finest.sections.clone();
    exhibit.power = power(of_units, of_residual, log10_level);
}

/// Whether a test over hidden units under their own numbers reached the level. What only the
/// residual coordinates or attention show says nothing about the units; and where the residual stream was
/// permuted, a coordinate that kept its place by chance is enough for equal stored values.
pub(super) fn numbering_is_shared(exhibit: &Exhibit, log10_level: f64) -> bool {
    let of_units = |test: &&Test| {
        !rules::is_of_attention(test) && ![RESIDUAL, "equal-values"].contains(&test.name)
    };
    exhibit.tests.iter().filter(of_units).any(|test| test.log10_p <= log10_level)
}

/// Sizes along a layer map that moves layers: each section's p is paid for by the pairs of layers
/// that were looked at. Returns the suspect's parts that were drawn from.
pub(super) fn sizes_along(
    scene: Scene<'_>,
    testable: &[Pair],
    map: &Search,
    exhibit: &mut Exhibit,
) -> Result<BTreeSet<usize>, Error> {
    let _step = step!("sizes along the layer map", exhibit.component);
    let Scene { suspect, reference, plan, .. } = scene;
    let units = renumbering::unit_groups(suspect, reference, testable);
    let drawn = renumbering::drawn(&units, plan);
    let tests = Tests::new(UNITS, &exhibit.component, plan);
    let scored = renumbering::score(suspect, reference, &drawn, unit_size(plan), &tests, plan)?;
    state_sizes(scored, map, exhibit);
    Ok(parts_of(units.iter()))
}

/// The sizes of what was scored along `map`, each section paid for.
pub(crate) fn state_sizes(scored: Renumbered, map: &Search, exhibit: &mut Exhibit) {
    exhibit.aligned = scored.aligned();
    exhibit.agreeing_share = scored.agreement.share();
    exhibit.sections = scored.sections;
    for section in &mut exhibit.sections {
        section.log10_p = (section.log10_p + float(map.looks).log10()).min(0.0);
    }
}

/// Whether the axes of these groups are known or inferred.
pub(crate) fn kind_of(groups: &[UnitGroup]) -> TestKind {
    if !groups.is_empty() && groups.iter().all(|group| group.inferred) {
        TestKind::ExactInferred
    } else {
        TestKind::Exact
    }
}

/// The permutation test on `groups`; without a group, `why_not` says what is missing.
fn permutation(
    exhibit: &mut Exhibit,
    (name, kind): (&'static str, TestKind),
    groups: &Groups,
    why_not: &str,
) {
    match groups.test() {
        Some(outcome) => exhibit.tests.push(Test {
            name,
            kind,
            log10_p: outcome.log10_p,
            n: outcome.units,
            groups: outcome.groups,
            statistic: outcome.z,
            draws: outcome.draws,
        }),
        None => exhibit
            .not_measured
            .push(NotMeasured { what: name.to_owned(), why: why_not.to_owned() }),
    }
}

/// Why a test of this numbering has nothing to renumber.
fn why_empty(scored: &Renumbered) -> String {
    if scored.flat.is_empty() {
        "no paired tensor has an axis that may be renumbered".to_owned()
    } else {
        format!("the weights do not vary over units in {}", scored.flat.join(", "))
    }
}

fn agreeing_units(exhibit: &mut Exhibit, kind: TestKind, scored: &Renumbered) {
    let agreement = &scored.agreement;
    exhibit.agreeing_share = agreement.share();
    if let Some(log10_p) = agreement.log10_p() {
        exhibit.tests.push(Test {
            name: "agreeing-units",
            kind,
            log10_p,
            n: agreement.units,
            groups: scored.cosines.len() as u64,
            statistic: float(agreement.agreeing),
            draws: 0,
        });
    }
}

/// The smaller of what either test would have found.
fn power(units: &Renumbered, residual: &Renumbered, log10_level: f64) -> Power {
    let cosine = |scored: &Renumbered| scored.cosines.smallest_mean_score(log10_level);
    let share = |scored: &Renumbered| {
        scored.agreement.smallest_share(scored.cosines.len() as u64, log10_level)
    };
    let least = |a: Option<f64>, b: Option<f64>| match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
    Power {
        aligned_cosine: least(cosine(units), cosine(residual)),
        units_share: share(units).or_else(|| share(residual)),
        hidden: Vec::new(),
    }
}
