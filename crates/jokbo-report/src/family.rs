//! The family tree of a set of models: its contract, and the same in text, Markdown, DOT and SVG.

use std::collections::BTreeMap;

use jokbo_verdict as v;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::schema::{Cost, Interval, Tool};

mod dot;
mod markdown;
mod svg;
mod text;
mod walk;

pub use dot::family_dot;
pub use markdown::family_markdown;
pub use svg::family_svg;
pub use text::family_text;

/// Name and version of the contract.
pub const FAMILY_SCHEMA: &str = "jokbo/tree/v1";

/// What `tree` shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FamilyReport {
    /// Always `jokbo/tree/v1`.
    pub schema: String,
    /// What made the report.
    pub tool: Tool,
    /// Family-wise level: the chance that any two unrelated models are called related in any component.
    pub level: f64,
    /// Seed of every random choice.
    pub seed: u64,
    /// The models, in the order of their names.
    pub models: Vec<FamilyModel>,
    /// One for each component that any of them has.
    pub components: Vec<ComponentTree>,
    /// Lawful but odd things in any model, one sentence each.
    pub oddities: Vec<String>,
    /// Different bytes that were read of all models, of those that there are.
    pub cost: Cost,
}

/// One model of a family.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FamilyModel {
    /// What it is called everywhere in this report: its source without the folder that all lie in, and
    /// with a number behind it where that was named before.
    pub model: String,
    /// What the user named.
    pub source: String,
    /// The commit it was read at; absent outside repositories.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// How its bytes are laid out.
    pub format: String,
    /// Number of elements in all its tensors.
    pub parameters: u64,
}

/// One component of all models.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ComponentTree {
    /// The component.
    pub component: String,
    /// The models that have it.
    pub members: Vec<ComponentMember>,
    /// What became of every pair of them.
    pub pairs: PairCounts,
    /// Models that are related, directly or through others.
    pub clusters: Vec<FamilyCluster>,
    /// Models that nothing was found to join to another.
    pub alone: Vec<AloneModel>,
    /// The smallest effects that would have been found between the two that share fewest units, of those
    /// that were tested and not found related; absent when there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub power: Option<FamilyPower>,
}

/// A model with one of its components.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ComponentMember {
    /// The model.
    pub model: String,
    /// Elements of the component.
    pub parameters: u64,
    /// Share of them in tensors that tests may draw from, in `[0, 1]`; absent without parameters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub testable_share: Option<f64>,
}

/// What became of the pairs of a component.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PairCounts {
    /// All pairs.
    pub all: u64,
    /// Found related.
    pub related: u64,
    /// Tested and not found related.
    pub not_found: u64,
    /// With nothing in common to test.
    pub not_comparable: u64,
    /// Decimal logarithm of the smallest p, after all corrections, of those not found related; absent
    /// when there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub smallest_log10_p: Option<f64>,
}

/// Models that share ancestry in one component, and the tree through them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FamilyCluster {
    /// The models.
    pub models: Vec<String>,
    /// Pairs of them.
    pub pairs: u64,
    /// Pairs of them that were found related directly.
    pub related_pairs: u64,
    /// The model that is nearest to all others, where the tree is drawn from. That says nothing on who
    /// came first.
    pub hub: String,
    /// Models that are sums of others in the cluster; absent when there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mixtures: Vec<MixedModel>,
    /// The links of the tree in the order in which it grew from the hub.
    pub links: Vec<FamilyLink>,
}

/// A model that is a sum of others, with positive weights.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MixedModel {
    /// The model.
    pub model: String,
    /// What it was made of.
    pub of: Vec<MixedShare>,
    /// Share of the squared distance to the nearest of them that is left, in `[0, 1]`.
    pub left: f64,
}

/// A model in a mixture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MixedShare {
    /// The model.
    pub model: String,
    /// Its weight.
    pub weight: f64,
}

/// A link of a tree.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FamilyLink {
    /// The model nearer to the hub.
    pub from: String,
    /// The model that the link adds to the tree.
    pub to: String,
    /// Root mean square over matrices of `||A - B|| / sqrt(||A|| ||B||)`: 0 for equal values, 1.414 for
    /// unrelated ones; absent where no matrix could be compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distance: Option<f64>,
    /// Decimal logarithm of p, "at most", after all corrections.
    pub log10_p: Option<f64>,
    /// Mean cosine of units with their partners; absent without two units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aligned_cosine: Option<Interval>,
    /// Share of the stored values drawn that are equal, in `[0, 1]`; absent when none was paired.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub equal_share: Option<f64>,
    /// What was passed on, as in the report of `compare`.
    pub ancestry: String,
    /// How the weights differ, in the words of `compare`.
    pub relations: Vec<String>,
    /// Which of the two may have been made from the other, as a lean; absent where nothing says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub child: Option<String>,
    /// What the lean rests on, one sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grounds: Vec<String>,
    /// Other models of the tree that are as near to `to`, give or take a tenth: `to` may as well belong
    /// to one of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub as_near: Vec<String>,
}

/// A model that nothing joins to another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AloneModel {
    /// The model.
    pub model: String,
    /// Models that it was tested against.
    pub tested_against: u64,
    /// Decimal logarithm of its smallest p, after all corrections; absent when it was not tested.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub smallest_log10_p: Option<f64>,
}

/// What would have been found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FamilyPower {
    /// Smallest mean aligned cosine; null when no value would have been.
    pub aligned_cosine: Option<f64>,
    /// Smallest share of copied units; null when no share would have been.
    pub units_share: Option<f64>,
}

impl FamilyReport {
    /// Puts a family and its trees into the contract. `version` is that of the program.
    pub fn new(family: &v::Family, trees: &[v::FamilyTree], version: &str) -> Self {
        let names = names(&family.models);
        let model = |(name, model): (&String, &v::Model)| FamilyModel {
            model: name.clone(),
            source: model.source.clone(),
            commit: model.commit.clone(),
            format: model.format.clone(),
            parameters: model.parameters,
        };
        let tree = |(component, tree)| component_tree(component, tree, &names);
        Self {
            schema: FAMILY_SCHEMA.to_owned(),
            tool: Tool::of(version),
            level: family.level,
            seed: family.seed,
            models: names.iter().zip(&family.models).map(model).collect(),
            components: family.components.iter().zip(trees).map(tree).collect(),
            oddities: family.oddities.clone(),
            cost: Cost { bytes_read: family.cost.read, bytes_stored: family.cost.stored },
        }
    }
}

/// What every model is called: its source without the folder that all lie in, numbered from the second
/// of one name on.
fn names(models: &[v::Model]) -> Vec<String> {
    let sources: Vec<&str> = models.iter().map(|model| model.source.as_str()).collect();
    let shared = shared_folder(&sources);
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let mut names = Vec::with_capacity(sources.len());
    for source in sources {
        let times = seen.entry(source).or_default();
        *times += 1;
        names.push(match *times {
            1 => source[shared..].to_owned(),
            n => format!("{} ({n})", &source[shared..]),
        });
    }
    names
}

/// How many bytes of the sources are the folder that all lie in, its last slash included.
fn shared_folder(sources: &[&str]) -> usize {
    let Some((first, rest)) = sources.split_first() else { return 0 };
    let same = |other: &&str| first.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count();
    let shared = rest.iter().map(same).min().unwrap_or(0);
    let folder = first.as_bytes()[..shared].iter().rposition(|&byte| byte == b'/');
    let folder = folder.map_or(0, |at| at + 1);
    // A model that is the folder itself keeps its whole name, and so do all.
    if sources.iter().all(|source| folder < source.len()) { folder } else { 0 }
}

fn component_tree(
    component: &v::FamilyComponent,
    tree: &v::FamilyTree,
    names: &[String],
) -> ComponentTree {
    let name = |member: usize| names[component.members[member].model].clone();
    let tested = tree.log10_ps.iter().flatten().count();
    let others = (0..component.pairs.len()).filter(|k| !tree.related.contains(k));
    let smallest = others.filter_map(|k| tree.log10_ps[k]).min_by(f64::total_cmp);
    let alone = |&member: &usize| {
        let of_it = component.pairs.iter().zip(&tree.log10_ps);
        let ps: Vec<f64> = of_it
            .filter(|(pair, _)| pair.members.0 == member || pair.members.1 == member)
            .filter_map(|(_, p)| *p)
            .collect();
        AloneModel {
            model: name(member),
            tested_against: ps.len() as u64,
            smallest_log10_p: ps.into_iter().min_by(f64::total_cmp),
        }
    };
    ComponentTree {
        component: component.component.clone(),
        members: component
            .members
            .iter()
            .map(|m| ComponentMember {
                model: names[m.model].clone(),
                parameters: m.parameters,
                testable_share: v::share(m.testable, m.parameters),
            })
            .collect(),
        pairs: PairCounts {
            all: component.pairs.len() as u64,
            related: tree.related.len() as u64,
            not_found: (tested - tree.related.len()) as u64,
            not_comparable: (component.pairs.len() - tested) as u64,
            smallest_log10_p: smallest,
        },
        clusters: tree.clusters.iter().map(|c| cluster(component, tree, c, &name)).collect(),
        alone: tree.alone.iter().map(alone).collect(),
        power: component.power.as_ref().map(|power| FamilyPower {
            aligned_cosine: power.aligned_cosine,
            units_share: power.units_share,
        }),
    }
}

fn cluster(
    component: &v::FamilyComponent,
    tree: &v::FamilyTree,
    cluster: &v::Cluster,
    name: &impl Fn(usize) -> String,
) -> FamilyCluster {
    let link = |link: &v::TreeLink| {
        let pair = &component.pairs[link.pair];
        let exhibit = &pair.exhibit;
        let child = link.direction.as_ref().map(|direction| match direction.child {
            v::Side::Suspect => pair.members.0,
            v::Side::Reference => pair.members.1,
        });
        let grounds = link.direction.iter().flat_map(|direction| &direction.grounds);
        FamilyLink {
            from: name(link.ends.0),
            to: name(link.ends.1),
            distance: link.distance,
            log10_p: tree.log10_ps[link.pair],
            aligned_cosine: exhibit.aligned.map(|a| Interval {
                value: a.value,
                low: a.low,
                high: a.high,
            }),
            equal_share: exhibit.values.and_then(|values| v::share(values.equal, values.pairs)),
            ancestry: link.ancestry.word().to_owned(),
            relations: match link.of_mixture {
                true => vec!["merged".to_owned()],
                false => link.relations.iter().map(|r| r.word().to_owned()).collect(),
            },
            child: child.map(name),
            grounds: grounds.map(|ground| (*ground).to_owned()).collect(),
            as_near: link.as_near.iter().map(|&member| name(member)).collect(),
        }
    };
    let n = cluster.members.len() as u64;
    FamilyCluster {
        models: cluster.members.iter().map(|&member| name(member)).collect(),
        pairs: n * (n - 1) / 2,
        related_pairs: cluster.related,
        hub: name(cluster.hub),
        mixtures: component
            .mixtures
            .iter()
            .filter(|mixture| cluster.members.contains(&mixture.member))
            .map(|mixture| MixedModel {
                model: name(mixture.member),
                of: mixture
                    .of
                    .iter()
                    .map(|&(member, weight)| MixedShare { model: name(member), weight })
                    .collect(),
                left: mixture.left,
            })
            .collect(),
        links: cluster.links.iter().map(link).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_are_called_without_the_folder_that_all_lie_in() {
        let of = |sources: &[&str]| shared_folder(sources);
        assert_eq!(of(&["zoo/base/a", "zoo/base/b"]), 9);
        assert_eq!(of(&["zoo/base", "zoo/bass"]), 4);
        assert_eq!(of(&["zoo/a", "zoo/a"]), 4);
        assert_eq!(of(&["zoo/", "zoo/a"]), 0);
        assert_eq!(of(&["a", "b"]), 0);
        assert_eq!(of(&["é/a", "è/a"]), 0);
        assert_eq!(of(&[]), 0);
    }
}
