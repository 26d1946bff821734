//! The order in which a tree is shown: from its hub, each model before those that hang on it.

use super::{FamilyCluster, FamilyLink};

/// One model of a tree, as it is shown.
pub(super) struct Step<'a> {
    /// The model.
    pub(super) model: &'a str,
    /// The link that leads to it; `None` for the hub.
    pub(super) link: Option<&'a FamilyLink>,
    /// Its place among the steps of the model it hangs on; 0 for the hub.
    pub(super) above: usize,
    /// For every step from the hub to it, whether that was the last of its siblings.
    pub(super) lasts: Vec<bool>,
}

/// The models of a cluster from its hub on, each before those that hang on it, nearest first.
pub(super) fn walk(cluster: &FamilyCluster) -> Vec<Step<'_>> {
    let hub = Step { model: &cluster.hub, link: None, above: 0, lasts: Vec::new() };
    let mut steps = Vec::with_capacity(cluster.links.len() + 1);
    // Last in, first out: what hangs on a model comes right behind it.
    let mut waiting = vec![hub];
    while let Some(step) = waiting.pop() {
        let (at, model, lasts) = (steps.len(), step.model, step.lasts.clone());
        steps.push(step);
        let mut hanging: Vec<&FamilyLink> =
            cluster.links.iter().filter(|link| link.from == model).collect();
        let far = |link: &FamilyLink| link.distance.unwrap_or(f64::INFINITY);
        hanging.sort_by(|a, b| far(a).total_cmp(&far(b)).then_with(|| a.to.cmp(&b.to)));
        for (k, link) in hanging.iter().enumerate().rev() {
            let mut lasts = lasts.clone();
            lasts.push(k + 1 == hanging.len());
            waiting.push(Step { model: &link.to, link: Some(link), above: at, lasts });
        }
    }
    steps
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::family) fn link(from: &str, to: &str, distance: f64) -> FamilyLink {
        FamilyLink {
            from: from.to_owned(),
            to: to.to_owned(),
            distance: Some(distance),
            log10_p: Some(-90.0),
            aligned_cosine: None,
            equal_share: None,
            ancestry: "checkpoint".to_owned(),
            relations: Vec::new(),
            child: None,
            grounds: Vec::new(),
            as_near: Vec::new(),
        }
    }

    pub(in crate::family) fn cluster(hub: &str, links: Vec<FamilyLink>) -> FamilyCluster {
        let mut models: Vec<String> = links.iter().map(|link| link.to.clone()).collect();
        models.push(hub.to_owned());
        models.sort();
        FamilyCluster {
            models,
            pairs: 1,
            related_pairs: 1,
            hub: hub.to_owned(),
            mixtures: Vec::new(),
            links,
        }
    }

    #[test]
    fn each_model_comes_behind_the_one_it_hangs_on_and_nearer_ones_first() {
        let links = vec![link("a", "far", 0.5), link("a", "near", 0.1), link("near", "leaf", 0.2)];
        let cluster = cluster("a", links);
        let steps = walk(&cluster);
        let shown: Vec<(&str, usize, &[bool])> =
            steps.iter().map(|s| (s.model, s.above, s.lasts.as_slice())).collect();
        assert_eq!(
            shown,
            [
                ("a", 0, &[][..]),
                ("near", 0, &[false][..]),
                ("leaf", 1, &[false, true][..]),
                ("far", 0, &[true][..]),
            ]
        );
    }
}
