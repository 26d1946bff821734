//! One verdict per component, with its reasons.

use crate::relation::{self, Direction, Relation};
use crate::rules;
use crate::{Case, Exhibit, Stopped, TestKind};

/// The verdict on one component.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grade {
    /// Stored values equal, bit for bit or after a lossless conversion.
    Identical,
    /// Shared weight ancestry established.
    Derived,
    /// Established for some layers, units or tensors, and not for others.
    PartlyDerived,
    /// Tested, nothing found; read with the power statement.
    NoEvidence,
    /// What could be tested could not have reached the level.
    Inconclusive,
    /// Nothing shared to test.
    NotComparable,
}

impl Grade {
    /// The word used in every report.
    pub fn word(self) -> &'static str {
        match self {
            Grade::Identical => "identical",
            Grade::Derived => "derived",
            Grade::PartlyDerived => "partly-derived",
            Grade::NoEvidence => "no-evidence",
            Grade::Inconclusive => "inconclusive",
            Grade::NotComparable => "not-comparable",
        }
    }

    /// Whether shared weight ancestry was established, in whole or in part.
    pub fn is_finding(self) -> bool {
        matches!(self, Grade::Identical | Grade::Derived | Grade::PartlyDerived)
    }
}

/// Where a finding's weights come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ancestry {
    /// A trained checkpoint was passed on.
    Checkpoint,
    /// A checkpoint, or only a common random initialisation.
    CheckpointOrInitialisation,
    /// None was found.
    NoneFound,
}

impl Ancestry {
    /// The word used in every report.
    pub fn word(self) -> &'static str {
        match self {
            Ancestry::Checkpoint => "checkpoint",
            Ancestry::CheckpointOrInitialisation => "checkpoint-or-initialisation",
            Ancestry::NoneFound => "none-found",
        }
    }
}

/// The verdict on one component with everything that goes with it.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// The component.
    pub component: String,
    /// The grade.
    pub grade: Grade,
    /// Where the weights come from.
    pub ancestry: Ancestry,
    /// How they were changed.
    pub relations: Vec<Relation>,
    /// Which side the other may have been made from, as a lean; `None` where nothing says so.
    pub direction: Option<Direction>,
    /// Decimal logarithm of p after all corrections. `None` when nothing was tested.
    pub log10_p: Option<f64>,
    /// Why this grade and not the next, one sentence each, most important first.
    pub reasons: Vec<String>,
}

/// Grades every component of a case, in the order of its exhibits.
pub fn grade(case: &Case) -> Vec<Verdict> {
    rules::adjusted(&[case]).into_iter().flat_map(|adjusted| graded(case, adjusted)).collect()
}

/// The verdicts on one case, whose p are paid for already.
pub(crate) fn graded(case: &Case, adjusted: Vec<Option<f64>>) -> Vec<Verdict> {
    adjusted
        .into_iter()
        .zip(&case.exhibits)
        .map(|(log10_p, exhibit)| {
            let level = rules::test_level(case.level, case.looks);
            let (grade, reasons) = grade_one(case, exhibit, log10_p);
            let ancestry = rules::ancestry(exhibit, grade, level);
            let relations = relation::relations(exhibit, grade, ancestry);
            Verdict {
                component: exhibit.component.clone(),
                grade,
                ancestry,
                direction: relation::direction(&relations),
                relations,
                log10_p,
                reasons,
            }
        })
        .collect()
}

fn grade_one(case: &Case, exhibit: &Exhibit, log10_p: Option<f64>) -> (Grade, Vec<String>) {
    let significant = log10_p.is_some_and(|p| p <= case.level.log10());
    if rules::all_values_equal(exhibit) && rules::equality_is_probative(exhibit, significant) {
        return (Grade::Identical, vec!["all stored values are equal".to_owned()]);
    }
    if let Some(contained) =
        exhibit.contained.filter(|_| !significant && rules::is_contained(exhibit))
    {
        let why = format!(
            "every tensor of it stands in the reference: {} different values in {} of them",
            contained.distinct, contained.tensors
        );
        return (Grade::Derived, vec![why]);
    }
    let ran_out = exhibit.sampling.is_some_and(|sampling| sampling.stopped == Stopped::Budget);
    if ran_out && !significant {
        let why = "the bytes that may be read were spent before the verdict was settled".to_owned();
        return (Grade::Inconclusive, vec![why]);
    }
    if exhibit.tests.is_empty() {
        return not_tested(exhibit);
    }
    let level = rules::test_level(case.level, case.looks);
    let grounded = rules::ground_suffices(exhibit, level);
    if significant && grounded && rules::effect_suffices(exhibit) {
        return finding(case, exhibit);
    }
    if significant && !grounded {
        let why = format!(
            "only a model-based p is small, and fewer than {:.0} % of the units agree",
            100.0 * rules::LEAST_AGREEING
        );
        return (Grade::Inconclusive, vec![why]);
    }
    if significant {
        let why = format!(
            "the p is small but the axes were inferred and the effect is below {}",
            rules::INFERRED_COSINE
        );
        return (Grade::Inconclusive, vec![why]);
    }
    if let Some((network, residual)) = rules::undone_under(case, exhibit) {
        let why = format!(
            "the residual stream of {network} is {residual}, and such a table lies along it: the \
             alignment was read from tables, so nothing is left to renumber in them, and a copy of \
             this one could not have been seen"
        );
        return (Grade::Inconclusive, vec![why]);
    }
    if exhibit.power.aligned_cosine.is_none() && exhibit.power.units_share.is_none() {
        let why = "too few units to reach the level, whatever the relation".to_owned();
        return (Grade::Inconclusive, vec![why]);
    }
    let covered = crate::share(exhibit.coverage.tested, exhibit.parameters).unwrap_or(0.0);
    if covered < rules::LEAST_COVERAGE {
        let why = format!("tests could draw from only {:.2} % of the component", covered * 100.0);
        return (Grade::Inconclusive, vec![why]);
    }
    let mut reasons = vec!["no exact test reached the level".to_owned()];
    if 0 < exhibit.nearest {
        reasons.push(format!(
            "of {} tensors none was found by what it holds among those without a name, and each was \
             tested against the nearest",
            exhibit.nearest
        ));
    }
    reasons.extend(unseen(case, exhibit));
    (Grade::NoEvidence, reasons)
}

/// What no test of a component without a finding could have seen.
fn unseen(case: &Case, exhibit: &Exhibit) -> Vec<String> {
    let renumbered = rules::found_beside(case, exhibit).map(|network| {
        format!(
            "{network} is related and this table is not found: if its tokens carry other numbers, a \
             copy could not have been seen, since rows are compared token by token"
        )
    });
    let unplaced = Some(rules::unplaced_share(case)).filter(|share| rules::UNPLACED <= *share);
    let unplaced = unplaced.map(|share| {
        format!(
            "{:.1} % of the suspect's parameters lie in tensors whose names say nothing and that no \
             content places: they were compared with nothing, and a copy hidden in them could not \
             have been seen",
            100.0 * share
        )
    });
    renumbered.into_iter().chain(unplaced).collect()
}

fn not_tested(exhibit: &Exhibit) -> (Grade, Vec<String>) {
    let mut reasons: Vec<String> = exhibit.not_measured.iter().map(|n| n.why.clone()).collect();
    reasons.dedup();
    let grade = match exhibit.values {
        Some(values) if 0 < values.pairs => {
            reasons.insert(0, "values could be paired but no exact test applies".to_owned());
            Grade::Inconclusive
        }
        _ if exhibit.formulas.iter().any(|f| f.equal_share.is_some()) => {
            reasons.insert(0, "all that both hold is a formula nobody trained".to_owned());
            Grade::NotComparable
        }
        _ => {
            reasons.insert(0, "the reference holds nothing comparable".to_owned());
            Grade::NotComparable
        }
    };
    (grade, reasons)
}

fn finding(case: &Case, exhibit: &Exhibit) -> (Grade, Vec<String>) {
    let section_level = rules::look_level(case.level, case.looks * exhibit.sections.len());
    let (related, clean) = rules::split_sections(&exhibit.sections, section_level);
    let level = rules::test_level(case.level, case.looks);
    let mut reasons = grounds(exhibit, level);
    let alike = |v: &crate::Values| 0 < v.pairs && v.equal == v.pairs;
    if exhibit.sampling.is_some() && exhibit.values.as_ref().is_some_and(alike) {
        reasons.push("all sampled values are equal".to_owned());
    }
    if !related.is_empty() && !clean.is_empty() {
        let list: Vec<&str> = clean.iter().map(|s| s.name.as_str()).collect();
        reasons.push(format!(
            "{} of {} sections share ancestry; nothing was found in {}",
            related.len(),
            exhibit.sections.len(),
            list.join(", ")
        ));
        return (Grade::PartlyDerived, reasons);
    }
    if rules::is_attention_alone(exhibit, level) {
        reasons.push("attention shares ancestry; nothing was found in hidden units".to_owned());
        return (Grade::PartlyDerived, reasons);
    }
    (Grade::Derived, reasons)
}

/// The tests that reached the level, by kind.
fn grounds(exhibit: &Exhibit, level: f64) -> Vec<String> {
    let kinds =
        [(false, "exact tests beyond the level"), (true, "model-based test beyond the level")];
    let of_kind = |(model_based, words): (bool, &str)| {
        let reached = exhibit.tests.iter().filter(|test| {
            test.log10_p <= level && (test.kind == TestKind::ModelBased) == model_based
        });
        let names: Vec<&str> = reached.map(|test| test.name).collect();
        (!names.is_empty()).then(|| format!("{words}: {}", names.join(", ")))
    };
    kinds.into_iter().filter_map(of_kind).collect()
}
