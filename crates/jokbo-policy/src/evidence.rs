//! Verdicts as far as policies ask about them.

use jokbo_verdict::{Ancestry, Grade, Panel, PanelVerdicts, Side, share};

/// What was found, component by component.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Evidence {
    /// One for each component of the suspect that was looked at.
    pub components: Vec<Found>,
}

/// What was found of one component.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The component.
    pub component: String,
    /// Against each reference that was asked about it, best ancestor first.
    pub looks: Vec<Look>,
}

/// One component held against one reference.
#[derive(Debug, Clone, PartialEq)]
pub struct Look {
    /// The reference's place among those named.
    pub reference: usize,
    /// The verdict.
    pub grade: Grade,
    /// Where its weights come from.
    pub ancestry: Ancestry,
    /// Which side may have been made from the other.
    pub child: Option<Side>,
    /// Share of the component that was tested, in `[0, 1]`; `None` of a component without elements.
    pub tested: Option<f64>,
}

impl Evidence {
    /// Of a panel with its verdicts.
    pub fn of(panel: &Panel, verdicts: &PanelVerdicts) -> Self {
        let look = |component: &str, reference: usize| {
            let case = panel.cases.get(reference)?;
            let mut both = case.exhibits.iter().zip(verdicts.cases.get(reference)?);
            let (exhibit, verdict) = both.find(|(exhibit, _)| exhibit.component == component)?;
            Some(Look {
                reference,
                grade: verdict.grade,
                ancestry: verdict.ancestry,
                child: verdict.direction.as_ref().map(|direction| direction.child),
                tested: share(exhibit.coverage.tested, exhibit.parameters),
            })
        };
        let components = verdicts.standings.iter().map(|standing| Found {
            component: standing.component.clone(),
            looks: standing.order.iter().filter_map(|&k| look(&standing.component, k)).collect(),
        });
        Self { components: components.collect() }
    }
}

impl Found {
    /// The kind of component: what stands before the name of a network.
    pub fn kind(&self) -> &str {
        kind(&self.component)
    }

    /// The looks that found shared ancestry.
    pub fn findings(&self) -> impl Iterator<Item = &Look> {
        self.looks.iter().filter(|look| look.grade.is_finding())
    }
}

/// The kind of a component by its name. `other:…` is a kind of its own.
pub(crate) fn kind(component: &str) -> &str {
    component.split(':').next().unwrap_or(component)
}
