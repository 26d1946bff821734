//! Everything measured on one component of the suspect.

use std::collections::BTreeSet;

use jokbo_components::{Axis, ComponentPairing, Expert, Pair, Part, Unpaired};
use jokbo_statistics::agreement::Agreement;
use jokbo_statistics::formula::Formula;
use jokbo_statistics::join::join;
use jokbo_statistics::number::float;
use jokbo_verdict::{
    Coverage, Exhibit, FormulaTensor, Norms, NotMeasured, Power, Test, TestKind, Untested, Values,
    rules,
};

use crate::renumbering::{self, Renumbered, Size, UnitGroup};
use crate::values::{self, PairValues};
use crate::{Error, Opened, Plan, Progress, formulas, layer_map};

/// Tests a component can have: the count its power is stated for.
const TESTS: usize = 5;

/// Both models, the plan and who hears of progress: what every step needs.
#[derive(Clone, Copy)]
pub(crate) struct Scene<'a> {
    pub(crate) suspect: &'a Opened,
    pub(crate) reference: &'a Opened,
    pub(crate) plan: &'a Plan,
    pub(crate) progress: &'a dyn Progress,
    /// Components that are compared.
    pub(crate) components: usize,
}

impl Scene<'_> {
    fn part(&self, pair: &Pair) -> &Part {
        &self.suspect.assignment.parts[pair.suspect]
    }

    fn entry_name(&self, part: usize) -> String {
        let part = &self.suspect.assignment.parts[part];
        self.suspect.checkpoint.entries[part.entry].name.clone()
    }

    fn is_float(&self, pair: &Pair) -> bool {
        let reference = &self.reference.assignment.parts[pair.reference];
        self.suspect.checkpoint.entries[self.part(pair).entry].dtype.is_float()
            && self.reference.checkpoint.entries[reference.entry].dtype.is_float()
    }
}

/// Measures one component.
pub(crate) fn measure(scene: Scene<'_>, pairing: &ComponentPairing) -> Result<Exhibit, Error> {
    let found = formulas::find(scene.suspect, scene.reference, &pairing.pairs)?;
    let values = values::compare(scene.suspect, scene.reference, &pairing.pairs, scene.progress)?;
    let learned: Vec<(Pair, PairValues)> = pairing
        .pairs
        .iter()
        .zip(&values)
        .zip(&found)
        .filter(|(_, formula)| formula.is_none())
        .map(|((pair, values), _)| (*pair, *values))
        .collect();
    let testable: Vec<Pair> =
        learned.iter().map(|(pair, _)| *pair).filter(|pair| scene.is_float(pair)).collect();

    let mut exhibit = about(scene, pairing);
    exhibit.formulas = formula_tensors(scene, pairing, &found, &values)?;
    exhibit.values = side_by_side(scene, pairing, &learned, &values);
    let floats: Vec<(Pair, PairValues)> =
        learned.iter().filter(|(pair, _)| scene.is_float(pair)).copied().collect();
    exhibit.conversion = values::conversion(scene.suspect, scene.reference, &floats);
    exhibit.norms = norms(scene, pairing, &values);
    let tested = run_tests(scene, pairing, &testable, &mut exhibit)?;
    exhibit.coverage = coverage(scene, pairing, &found, &tested);
    Ok(exhibit)
}

fn about(scene: Scene<'_>, pairing: &ComponentPairing) -> Exhibit {
    let components = &scene.suspect.assignment.components;
    let parameters = components
        .iter()
        .find(|component| component.name == pairing.component)
        .map_or(0, |component| component.parameters);
    Exhibit {
        component: pairing.component.to_string(),
        parameters,
        share: float(parameters) / float(scene.suspect.parameters().max(1)),
        ..Exhibit::default()
    }
}

/// The tests, in the order of their strength. Returns the suspect's parts that entered one.
fn run_tests(
    scene: Scene<'_>,
    pairing: &ComponentPairing,
    testable: &[Pair],
    exhibit: &mut Exhibit,
) -> Result<BTreeSet<usize>, Error> {
    let plan = scene.plan;
    let units = renumbering::unit_groups(scene.suspect, scene.reference, testable);
    let residual = renumbering::residual_groups(scene.suspect, scene.reference, testable);
    let tested = units.iter().chain(&residual).flat_map(|group| &group.members);
    let tested: BTreeSet<usize> = tested.map(|member| member.pair.suspect).collect();

    let of_units = renumbering::score(
        scene.suspect,
        scene.reference,
        &renumbering::drawn(&units, plan),
        |group| match group.expert {
            Expert::Routed(_) => Size { units: plan.expert_units, features: plan.features },
            Expert::None | Expert::Shared => Size { units: plan.units, features: plan.features },
        },
        plan,
    )?;
    let of_residual = renumbering::score(
        scene.suspect,
        scene.reference,
        &residual,
        |group| Size {
            units: plan.units,
            features: (plan.residual_features / (group.members.len() as u64).max(1)).max(4),
        },
        plan,
    )?;
    let kinds = (kind_of(&units), kind_of(&residual));
    let log10_level = rules::test_level(plan.level, scene.components, TESTS);
    permutation(scene, exhibit, "hidden-units", kinds.0, &of_units);
    permutation(scene, exhibit, "residual-coordinates", kinds.1, &of_residual);
    // The finer numbering speaks for equal values and agreement where there is one.
    let (finest, kind) =
        if of_units.cosines.is_empty() { (&of_residual, kinds.1) } else { (&of_units, kinds.0) };
    equal_values(scene, exhibit, kind, finest);
    agreeing_units(exhibit, kind, &finest.agreement);
    exhibit.aligned = finest.aligned();
    exhibit.power = power(&of_units, &of_residual, log10_level);
    exhibit.sections = finest.sections.clone();
    let map =
        layer_map::search(scene.suspect, scene.reference, &pairing.component, plan, log10_level)?;
    if let Some(search) = map {
        exhibit.tests.push(Test {
            name: "layer-search",
            kind: kinds.0,
            log10_p: search.log10_p,
            n: search.looks,
            groups: search.looks,
            statistic: search.z,
            draws: 0,
        });
        exhibit.layer_map = search.matches;
    }
    Ok(tested)
}

fn kind_of(groups: &[UnitGroup]) -> TestKind {
    if !groups.is_empty() && groups.iter().all(|group| group.inferred) {
        TestKind::ExactInferred
    } else {
        TestKind::Exact
    }
}

fn permutation(
    scene: Scene<'_>,
    exhibit: &mut Exhibit,
    name: &'static str,
    kind: TestKind,
    scored: &Renumbered,
) {
    let purpose = format!("{name}/{}", exhibit.component);
    match scored.cosines.test(scene.plan.draws, scene.plan.seed, &purpose) {
        Some(outcome) => exhibit.tests.push(Test {
            name,
            kind,
            log10_p: outcome.log10_p,
            n: outcome.units,
            groups: outcome.groups,
            statistic: outcome.z,
            draws: outcome.draws,
        }),
        None => {
            let why = if scored.flat.is_empty() {
                "no paired tensor has an axis that may be renumbered".to_owned()
            } else {
                format!("the weights do not vary over units in {}", scored.flat.join(", "))
            };
            exhibit.not_measured.push(NotMeasured { what: name.to_owned(), why });
        }
    }
}

fn equal_values(scene: Scene<'_>, exhibit: &mut Exhibit, kind: TestKind, scored: &Renumbered) {
    let name = "equal-values";
    let purpose = format!("{name}/{}", exhibit.component);
    match scored.equal.test(scene.plan.draws, scene.plan.seed, &purpose) {
        Some(outcome) => exhibit.tests.push(Test {
            name,
            kind,
            log10_p: outcome.log10_p,
            n: outcome.units,
            groups: outcome.groups,
            statistic: outcome.z,
            draws: outcome.draws,
        }),
        None => exhibit.not_measured.push(NotMeasured {
            what: name.to_owned(),
            why: if scored.cosines.is_empty() {
                "no paired tensor has an axis that may be renumbered".to_owned()
            } else {
                "equal stored values are as many under every renumbering".to_owned()
            },
        }),
    }
}

fn agreeing_units(exhibit: &mut Exhibit, kind: TestKind, agreement: &Agreement) {
    exhibit.agreeing_share = agreement.share();
    if let Some(log10_p) = agreement.log10_p() {
        exhibit.tests.push(Test {
            name: "agreeing-units",
            kind,
            log10_p,
            n: agreement.units,
            groups: exhibit.tests.first().map_or(1, |test| test.groups),
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
    }
}

/// Sums over learned pairs, and whether anything was left over on either side.
fn side_by_side(
    scene: Scene<'_>,
    pairing: &ComponentPairing,
    learned: &[(Pair, PairValues)],
    all: &[PairValues],
) -> Option<Values> {
    let whole = join(learned.iter().map(|(_, v)| *v).collect(), PairValues::join)?;
    let matrices = learned
        .iter()
        .filter(|(pair, _)| values::is_matrix(scene.part(pair)) && scene.is_float(pair));
    let matrices = join(matrices.map(|(_, v)| *v).collect(), PairValues::join);
    let sums = matrices.map(|v| v.sums);
    let compared: u64 = all.iter().map(|v| v.sums.pairs()).sum();
    let formulas_equal = all.iter().map(|v| v.sums.pairs() - v.sums.equal).sum::<u64>()
        == whole.sums.pairs() - whole.sums.equal;
    let elements = |opened: &Opened| -> u64 {
        let parts = opened.assignment.parts.iter();
        parts.filter(|p| p.key.component == pairing.component).map(|p| p.view.elements()).sum()
    };
    let nothing_left = compared == elements(scene.suspect) && compared == elements(scene.reference);
    Some(Values {
        cosine: sums.and_then(|s| s.cosine()),
        pearson: sums.and_then(|s| s.pearson()),
        relative_l2: sums.and_then(|s| s.relative_l2()),
        pairs: whole.sums.pairs(),
        equal: whole.sums.equal,
        complete: nothing_left && formulas_equal,
    })
}

fn norms(scene: Scene<'_>, pairing: &ComponentPairing, values: &[PairValues]) -> Option<Norms> {
    let norms = pairing.pairs.iter().zip(values).filter(|(pair, _)| {
        let part = scene.part(pair);
        part.key.role.contains("norm")
            && part.key.param == jokbo_components::Param::Weight
            && part.view.cols == 1
    });
    let sums = join(norms.map(|(_, v)| *v).collect(), PairValues::join)?.sums;
    sums.cosine().map(|cosine| Norms { cosine, pearson: sums.pearson(), weights: sums.pairs() })
}

fn formula_tensors(
    scene: Scene<'_>,
    pairing: &ComponentPairing,
    found: &[Option<Formula>],
    values: &[PairValues],
) -> Result<Vec<FormulaTensor>, Error> {
    let mut out = Vec::new();
    for ((pair, formula), values) in pairing.pairs.iter().zip(found).zip(values) {
        if let Some(formula) = formula {
            out.push(FormulaTensor {
                tensor: scene.entry_name(pair.suspect),
                formula: formula.name(),
                parameters: values.sums.pairs(),
                equal_share: values.sums.equal_share(),
                cosine: values.sums.cosine(),
            });
        }
    }
    for Unpaired { suspect, .. } in &pairing.unpaired {
        if let Some(formula) = formulas::of_part(scene.suspect, *suspect)? {
            out.push(FormulaTensor {
                tensor: scene.entry_name(*suspect),
                formula: formula.name(),
                parameters: scene.suspect.tensor(*suspect).view().elements(),
                equal_share: None,
                cosine: None,
            });
        }
    }
    Ok(out)
}

fn coverage(
    scene: Scene<'_>,
    pairing: &ComponentPairing,
    found: &[Option<Formula>],
    tested: &BTreeSet<usize>,
) -> Coverage {
    let size = |part: usize| scene.suspect.tensor(part).view().elements();
    let untested = |part: usize, why: String| Untested {
        tensor: scene.entry_name(part),
        parameters: size(part),
        why,
    };
    let mut not_tested: Vec<Untested> = pairing
        .unpaired
        .iter()
        .map(|unpaired| untested(unpaired.suspect, unpaired.why.clone()))
        .collect();
    for (pair, formula) in pairing.pairs.iter().zip(found) {
        if tested.contains(&pair.suspect) {
            continue;
        }
        let part = scene.part(pair);
        let why = match formula {
            Some(formula) => format!("a formula nobody trained: {}", formula.name()),
            None if !scene.is_float(pair) => {
                "not floating-point: compared bit by bit only".to_owned()
            }
            None if part.rows == Axis::Fixed && part.cols == Axis::Fixed => {
                "its axes have a meaning and are never renumbered".to_owned()
            }
            None => "its axis is not as long as that of the other tensors of its group".to_owned(),
        };
        not_tested.push(untested(pair.suspect, why));
    }
    Coverage { tested: tested.iter().map(|&part| size(part)).sum(), not_tested }
}
