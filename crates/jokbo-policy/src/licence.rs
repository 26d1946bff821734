//! Licences of ancestors, and the duties that they hand on. No legal advice: a table of what texts
//! ask, held against what lies beside the weights.

mod duty;
mod table;

use jokbo_claims::Claim;

pub use duty::{Owed, Standing};
pub use table::{Duty, DutyKind, Licence, licence};

use crate::{Evidence, Parties};

/// What the licence of one reference hands on to the components that share ancestry with it.
#[derive(Debug, Clone, PartialEq)]
pub struct Inherited {
    /// The reference's place among those named.
    pub reference: usize,
    /// The components.
    pub components: Vec<String>,
    /// Where the reference's publisher names the licence; `None` where nobody does.
    pub declared: Option<Claim>,
    /// The licence, where the table knows it.
    pub licence: Option<&'static Licence>,
    /// Whether what is declared is an SPDX expression.
    pub is_spdx: bool,
    /// Where the suspect's publisher names its own, first of all that are named.
    pub own: Option<Claim>,
    /// What it asks, in the order of the table.
    pub owed: Vec<Owed>,
}

/// For every reference that something was found in, and that is not known to be the child: what its
/// licence asks and whether that lies beside the suspect's weights.
///
/// Who made which from which is mostly not known; the duties are those of the case that the suspect
/// was made from the reference.
pub fn inherited(evidence: &Evidence, parties: &Parties) -> Vec<Inherited> {
    let of = |reference: usize| {
        let party = &parties.references[reference];
        let components: Vec<String> = evidence
            .components
            .iter()
            .filter(|found| {
                let mut findings = found.findings();
                findings.any(|look| {
                    let is_parent = look.child == Some(jokbo_verdict::Side::Reference);
                    look.reference == reference && !is_parent
                })
            })
            .map(|found| found.component.clone())
            .collect();
        if components.is_empty() {
            return None;
        }
        let declared = party.licences().first().map(|claim| (*claim).clone());
        let known = declared.as_ref().and_then(|claim| licence(&claim.value));
        let expression = |claim: &Claim| {
            spdx::Expression::parse_mode(&claim.value, spdx::ParseMode::LAX).is_ok()
        };
        Some(Inherited {
            reference,
            components,
            is_spdx: declared.as_ref().is_some_and(expression),
            licence: known,
            own: parties.suspect.licences().first().map(|claim| (*claim).clone()),
            owed: known.map_or_else(Vec::new, |licence| duty::owed(licence, &parties.suspect)),
            declared,
        })
    };
    (0..parties.references.len()).filter_map(of).collect()
}
