//! How the weights differ along the links of a tree: seeded rows of both models, and no others.

use std::collections::BTreeMap;

use jokbo_components::Pair;
use jokbo_verdict::{Family, FamilyTree};

use super::pairs::Pairing;
use super::{Called, Subject, paired};
use crate::exhibit::Scene;
use crate::values::{self, PairValues};
use crate::{Error, Plan, Silent, relation};

/// Looks at every link of every tree.
pub(super) fn look(
    family: &mut Family,
    trees: &[FamilyTree],
    called: &Called,
    subjects: &[Subject<'_>],
    plan: &Plan,
) -> Result<(), Error> {
    let mut links: BTreeMap<(usize, usize), Vec<(usize, usize)>> = BTreeMap::new();
    for (c, tree) in trees.iter().enumerate() {
        for link in tree.clusters.iter().flat_map(|cluster| &cluster.links) {
            let component = &family.components[c];
            let (a, b) = component.pairs[link.pair].members;
            let models = (component.members[a].model, component.members[b].model);
            links.entry(models).or_default().push((c, link.pair));
        }
    }
    for ((a, b), places) in links {
        let (suspect, reference) = (subjects[a], subjects[b]);
        let by_name = paired(called, suspect, reference);
        let scene = Scene {
            suspect: suspect.opened,
            reference: reference.opened,
            plan,
            progress: &Silent,
            components: 1,
            known: None,
        };
        for (c, k) in places {
            let component = &mut family.components[c];
            let Some(pairs) = by_name.get(&component.component) else { continue };
            let pairing = Pairing { suspect, reference, pairs, log10_level: 0.0 };
            let values: Vec<(Pair, PairValues)> = pairing.values();
            let exhibit = &mut component.pairs[k].exhibit;
            exhibit.conversion = values::conversion(suspect.opened, reference.opened, &values);
            exhibit.changes = relation::changes(scene, &values)?;
        }
    }
    Ok(())
}
