//! A panel and its verdicts put into the contract.

use jokbo_verdict as v;

use super::{component, cost, not_measured, not_probative, of_wholes};
use crate::schema::{Component, Kinship, Link, Model, NotMeasured, NotProbative, Report};

impl Report {
    /// Puts a panel and its verdicts into the contract. `version` is that of the program. `None` of a
    /// panel without a reference.
    pub fn of_panel(panel: &v::Panel, verdicts: &v::PanelVerdicts, version: &str) -> Option<Self> {
        let first = Report::new(panel.cases.first()?, verdicts.cases.first()?, version);
        let named = Named { panel, verdicts };
        let standings = || verdicts.standings.iter();
        let best = standings().filter_map(|s| named.component(*s.order.first()?, &s.component));
        let others = standings().flat_map(|s| {
            s.order.iter().skip(1).filter_map(|&case| named.component(case, &s.component))
        });
        Some(Report {
            components: best.collect(),
            further: others.collect(),
            references: panel.cases.iter().map(|case| Model::from(&case.reference)).collect(),
            kinships: standings().filter_map(|standing| named.kinship(standing)).collect(),
            not_probative: panel.cases.iter().flat_map(figures).collect(),
            oddities: oddities(panel),
            not_measured: named.not_measured(),
            cost: cost(panel.cost),
            ..first
        })
    }
}

/// A panel whose models are called by what the user named.
struct Named<'a> {
    panel: &'a v::Panel,
    verdicts: &'a v::PanelVerdicts,
}

impl Named<'_> {
    fn source(&self, case: usize) -> String {
        self.panel.cases[case].reference.source.clone()
    }

    fn component(&self, case: usize, name: &str) -> Option<Component> {
        let mut both = self.panel.cases[case].exhibits.iter().zip(&self.verdicts.cases[case]);
        let (exhibit, verdict) = both.find(|(exhibit, _)| exhibit.component == name)?;
        Some(Component { reference: Some(self.source(case)), ..component(exhibit, verdict) })
    }

    fn not_measured(&self) -> Vec<NotMeasured> {
        let mut all: Vec<NotMeasured> = Vec::new();
        for (case, verdicts) in self.panel.cases.iter().zip(&self.verdicts.cases) {
            // What is missing for the suspect as a whole is said once.
            let wholes: Vec<_> = of_wholes(case).filter(|n| !all.contains(n)).collect();
            all.extend(wholes);
            let source = &case.reference.source;
            let of_it = case.exhibits.iter().zip(verdicts).flat_map(|(e, v)| not_measured(e, v));
            all.extend(of_it.map(|n| NotMeasured { reference: Some(source.clone()), ..n }));
        }
        all
    }

    fn kinship(&self, standing: &v::Standing) -> Option<Kinship> {
        let kinship = standing.kinship.as_ref()?;
        let found = |l: &v::Link| l.grade.is_some_and(v::Grade::is_finding);
        let kind = match kinship.is_chain {
            true => "chain",
            false if kinship.links.iter().all(found) => "relatives",
            false => "apart",
        };
        Some(Kinship {
            component: standing.component.clone(),
            kind: kind.to_owned(),
            references: kinship.relatives.iter().map(|&case| self.source(case)).collect(),
            links: kinship.links.iter().map(|link| self.link(link)).collect(),
        })
    }

    fn link(&self, link: &v::Link) -> Link {
        let suspect = || self.panel.cases[link.b].suspect.source.clone();
        let (a, b) = (link.a.map_or_else(suspect, |case| self.source(case)), self.source(link.b));
        let child = link.direction.as_ref().map(|direction| match direction.child {
            v::Side::Suspect => a.clone(),
            v::Side::Reference => b.clone(),
        });
        let grounds = link.direction.iter().flat_map(|direction| &direction.grounds);
        Link {
            verdict: link.grade.map(|grade| grade.word().to_owned()),
            log10_p: link.log10_p,
            aligned_cosine: link.cosine,
            child,
            grounds: grounds.map(|ground| (*ground).to_owned()).collect(),
            a,
            b,
        }
    }
}

fn figures(case: &v::Case) -> impl Iterator<Item = NotProbative> {
    let reference = Some(case.reference.source.clone());
    case.exhibits
        .iter()
        .flat_map(not_probative)
        .map(move |figure| NotProbative { reference: reference.clone(), ..figure })
}

/// What is odd of the suspect once, then of every reference by its name.
fn oddities(panel: &v::Panel) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let (ours, theirs): (Vec<_>, Vec<_>) = panel
        .cases
        .iter()
        .flat_map(|case| case.oddities.iter().map(move |oddity| (case, oddity)))
        .partition(|(_, oddity)| !oddity.starts_with("reference: "));
    let theirs = theirs.into_iter().map(|(case, oddity)| {
        oddity.replacen("reference: ", &format!("{}: ", case.reference.source), 1)
    });
    for oddity in ours.into_iter().map(|(_, oddity)| oddity.clone()).chain(theirs) {
        if !all.contains(&oddity) {
            all.push(oddity);
        }
    }
    all
}
