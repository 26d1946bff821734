//! What the suspect's card claims of its own weights, with the verdicts for and against it.

use serde_json::{Value, json};

use super::bom_ref;
use crate::exchange::{is_finding, looks, sentence};
use crate::schema::audit::Claim;
use crate::schema::{Component, Report};
use crate::words::audit as said;

/// `None` where nothing is claimed.
pub(super) fn declarations(report: &Report) -> Option<Value> {
    let publisher = report.audit.as_ref()?.publishers.first()?;
    let own: Vec<&Claim> =
        publisher.claims.iter().filter(|claim| claim.subject == "from-scratch").collect();
    if own.is_empty() {
        return None;
    }
    let all: Vec<(String, &Component)> =
        looks(report).enumerate().map(|(k, look)| (format!("evidence/{k}"), look)).collect();
    let evidence: Vec<Value> = all
        .iter()
        .map(|(bom_ref, look)| {
            json!({
                "bom-ref": bom_ref,
                "propertyName": format!("jokbo:verdict:{}", look.component),
                "description": sentence(report, look),
            })
        })
        .collect();
    let claims: Vec<Value> = own.iter().enumerate().map(|(k, claim)| one(k, claim, &all)).collect();
    Some(json!({ "claims": claims, "evidence": evidence }))
}

fn one(k: usize, claim: &Claim, all: &[(String, &Component)]) -> Value {
    let kind = |component: &str| component.split(':').next().unwrap_or(component).to_owned();
    let of_it =
        |look: &Component| claim.about.is_empty() || claim.about.contains(&kind(&look.component));
    let refs = |wanted: fn(&Component) -> bool| -> Vec<&str> {
        let found = all.iter().filter(|(_, look)| of_it(look) && wanted(look));
        found.map(|(bom_ref, _)| bom_ref.as_str()).collect()
    };
    let about: Vec<&(String, &Component)> =
        all.iter().filter(|(_, look)| !claim.about.is_empty() && of_it(look)).collect();
    let target = about.first().map_or("suspect".to_owned(), |(_, look)| bom_ref(look));
    let mut claimed = json!({
        "bom-ref": format!("claim/{k}"),
        "target": target,
        "predicate": said::quote(claim),
        "reasoning": "From scratch is never proved: no evidence says that no dependence on these \
                      references was found, at the stated power.",
    });
    let (evidence, counter) = (refs(|look| look.verdict == "no-evidence"), refs(is_finding));
    if !evidence.is_empty() {
        claimed["evidence"] = json!(evidence);
    }
    if !counter.is_empty() {
        claimed["counterEvidence"] = json!(counter);
    }
    claimed
}
