//! One suspect against a panel of references: verdicts that share one level, the best ancestor
//! first, and how the ancestors are related to one another.

use jokbo_statistics::detour::detour;

use crate::grade::graded;
use crate::{Case, Cost, Direction, Exhibit, Grade, Verdict, rules};

/// A suspect compared with every reference of a panel.
#[derive(Debug, Clone, PartialEq)]
pub struct Panel {
    /// One case for each reference, in the order they were named. All share suspect, level and looks.
    pub cases: Vec<Case>,
    /// References compared with one another, in the components where the suspect was found to share
    /// ancestry with both.
    pub between: Vec<Between>,
    /// Bytes read of all checkpoints.
    pub cost: Cost,
}

/// Two references compared with each other.
#[derive(Debug, Clone, PartialEq)]
pub struct Between {
    /// Their places among the panel's cases: the one that stands as the suspect first.
    pub references: (usize, usize),
    /// What was measured.
    pub case: Case,
}

/// Every verdict on a panel.
#[derive(Debug, Clone, PartialEq)]
pub struct PanelVerdicts {
    /// Of every case, in the order of its exhibits.
    pub cases: Vec<Vec<Verdict>>,
    /// Of every comparison of two references.
    pub between: Vec<Vec<Verdict>>,
    /// One for each component of the suspect, in the order of their names.
    pub standings: Vec<Standing>,
}

/// How the references stand to one component of the suspect.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// The component.
    pub component: String,
    /// The cases in which it was looked at, best ancestor first.
    pub order: Vec<usize>,
    /// How the ancestors are related, where there is more than one.
    pub kinship: Option<Kinship>,
}

/// How the references that share ancestry with one component are related.
#[derive(Debug, Clone, PartialEq)]
pub struct Kinship {
    /// The cases, best ancestor first.
    pub relatives: Vec<usize>,
    /// Whether they are a chain: each lies on the way from the suspect to all that follow.
    pub is_chain: bool,
    /// Everything that was looked at to say so: the suspect's links first.
    pub links: Vec<Link>,
}

/// Two models that were compared in one component.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// The case of the first; `None` is the suspect.
    pub a: Option<usize>,
    /// The case of the second.
    pub b: usize,
    /// What was said of the two; `None` where the component could not be looked at.
    pub grade: Option<Grade>,
    /// Decimal logarithm of p after all corrections.
    pub log10_p: Option<f64>,
    /// Aligned cosine; 1 where all values are equal.
    pub cosine: Option<f64>,
    /// Which of the two may have been made from the other: the first is its suspect.
    pub direction: Option<Direction>,
}

/// Looks that a panel pays for at one component: every reference, and every pair of them, whether
/// it will be looked at or not.
pub fn panel_looks(references: usize) -> usize {
    references + references * references.saturating_sub(1) / 2
}

/// Grades every comparison of a panel at its common level, and says who stands where.
///
/// The result does not depend on the order of the references, but for its listing.
pub fn grade_panel(panel: &Panel) -> PanelVerdicts {
    let all: Vec<&Case> =
        panel.cases.iter().chain(panel.between.iter().map(|between| &between.case)).collect();
    let mut verdicts: Vec<Vec<Verdict>> = rules::adjusted(&all)
        .into_iter()
        .zip(&all)
        .map(|(adjusted, case)| graded(case, adjusted))
        .collect();
    let between = verdicts.split_off(panel.cases.len());
    let mut names: Vec<&str> = verdicts.iter().flatten().map(|v| v.component.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let looked = Looked { panel, verdicts: &verdicts, between: &between };
    // In the order of the suspect's own components where a case knows it.
    let place = |name: &&str| {
        let of = |case: &Case| case.exhibits.iter().position(|e| e.component == **name);
        panel.cases.iter().filter_map(of).min()
    };
    names.sort_by_key(|name| (place(name), *name));
    let standings = names.into_iter().map(|name| looked.standing(name)).collect();
    PanelVerdicts { cases: verdicts, between, standings }
}

/// A panel with its verdicts.
struct Looked<'a> {
    panel: &'a Panel,
    verdicts: &'a [Vec<Verdict>],
    between: &'a [Vec<Verdict>],
}

impl<'a> Looked<'a> {
    fn of(&self, case: usize, component: &str) -> Option<(&'a Exhibit, &'a Verdict)> {
        find(&self.panel.cases[case], &self.verdicts[case], component)
    }

    fn standing(&self, component: &str) -> Standing {
        let looked = |case: usize| Some((case, self.of(case, component)?));
        let mut order: Vec<_> = (0..self.panel.cases.len()).filter_map(looked).collect();
        order.sort_by(|(a, (e, v)), (b, (f, w))| {
            let cosine = |e, v: &Verdict| cosine(e, v.grade).unwrap_or(f64::NEG_INFINITY);
            let p = |v: &Verdict| v.log10_p.unwrap_or(f64::INFINITY);
            let source = |case: usize| &self.panel.cases[case].reference.source;
            rank(v.grade)
                .cmp(&rank(w.grade))
                .then(cosine(f, w).total_cmp(&cosine(e, v)))
                .then(p(v).total_cmp(&p(w)))
                .then_with(|| source(*a).cmp(source(*b)))
        });
        let found = order.iter().filter(|(_, (_, verdict))| verdict.grade.is_finding());
        let relatives: Vec<usize> = found.map(|(case, _)| *case).collect();
        Standing {
            component: component.to_owned(),
            order: order.iter().map(|(case, _)| *case).collect(),
            kinship: (1 < relatives.len()).then(|| self.kinship(component, relatives)),
        }
    }

    fn kinship(&self, component: &str, relatives: Vec<usize>) -> Kinship {
        let link = |a, b, looked: Option<(&Exhibit, &Verdict)>| Link {
            a,
            b,
            grade: looked.map(|(_, verdict)| verdict.grade),
            log10_p: looked.and_then(|(_, verdict)| verdict.log10_p),
            cosine: looked.and_then(|(exhibit, verdict)| cosine(exhibit, verdict.grade)),
            direction: looked.and_then(|(_, verdict)| verdict.direction.clone()),
        };
        let mut links: Vec<Link> =
            relatives.iter().map(|&b| link(None, b, self.of(b, component))).collect();
        for (k, &near) in relatives.iter().enumerate() {
            for &far in &relatives[k + 1..] {
                let between = self.panel.between.iter().zip(self.between).find(|(one, _)| {
                    one.references == (near, far) || one.references == (far, near)
                });
                let looked = between.and_then(|(one, verdicts)| {
                    Some((one.references, find(&one.case, verdicts, component)?))
                });
                links.push(match looked {
                    Some(((a, b), looked)) => link(Some(a), b, Some(looked)),
                    None => link(Some(near), far, None),
                });
            }
        }
        Kinship { is_chain: is_chain(&relatives, &links), relatives, links }
    }
}

fn find<'a>(
    case: &'a Case,
    verdicts: &'a [Verdict],
    component: &str,
) -> Option<(&'a Exhibit, &'a Verdict)> {
    let mut both = case.exhibits.iter().zip(verdicts);
    both.find(|(exhibit, _)| exhibit.component == component)
}

/// How much a verdict says of ancestry, most first.
fn rank(grade: Grade) -> usize {
    match grade {
        Grade::Identical => 0,
        Grade::Derived => 1,
        Grade::PartlyDerived => 2,
        Grade::Inconclusive => 3,
        Grade::NoEvidence => 4,
        Grade::NotComparable => 5,
    }
}

/// How near two components are: their aligned cosine, 1 where all values are equal.
fn cosine(exhibit: &Exhibit, grade: Grade) -> Option<f64> {
    if grade == Grade::Identical { Some(1.0) } else { exhibit.aligned.map(|a| a.value) }
}

/// Whether every relative lies on the way from the suspect to all that follow it.
fn is_chain(relatives: &[usize], links: &[Link]) -> bool {
    let cosine = |a: Option<usize>, b: usize| {
        let joins = |l: &&Link| (l.a, l.b) == (a, b) || (l.a, Some(l.b)) == (Some(b), a);
        let link = links.iter().find(joins)?;
        link.cosine.filter(|_| link.grade.is_some_and(Grade::is_finding))
    };
    let on_the_way = |near: usize, far: usize| {
        let off = detour(cosine(None, near)?, cosine(Some(near), far)?, cosine(None, far)?)?;
        Some(off.abs() <= rules::MOST_DETOUR)
    };
    let mut pairs = relatives
        .iter()
        .enumerate()
        .flat_map(|(k, &near)| relatives[k + 1..].iter().map(move |&far| (near, far)));
    pairs.all(|(near, far)| on_the_way(near, far) == Some(true))
}
