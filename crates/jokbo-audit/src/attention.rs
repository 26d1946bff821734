//! Attention under what its function permits: heads, and residual coordinates seen through them.
//!
//! Both tests look at products of a layer's matrices ([`jokbo_statistics::attention`]), which neither
//! values mixed with outputs nor turned queries and keys change. They renumber heads, layer by layer,
//! and one half of the residual coordinates, all layers together. The second is exact however heads
//! were numbered, so nothing need be assigned to find a relation; once one is found, heads are
//! assigned by what they read and again by what they write, and those that agree are counted.

use std::collections::BTreeSet;

use jokbo_components::Pair;
use jokbo_statistics::attention::{Circuit, Heads, assigned, unit_features};
use jokbo_statistics::cosines::Cosines;
use jokbo_statistics::features::Features;
use jokbo_statistics::many;
use jokbo_statistics::matrix::Matrix;
use jokbo_statistics::number::float;
use jokbo_statistics::permutation::Groups;
use jokbo_statistics::scores::Scores;
use jokbo_statistics::seed::Draws;
use jokbo_verdict::{
    AlignedCosine, Exhibit, HeadMap, HiddenPower, NotMeasured, Test, TestKind, rules,
};

use crate::exhibit::Scene;
use crate::renumbering::mean_cosine;
use crate::step::step;
use crate::{Error, Plan};

mod layers;
mod shape;

use layers::{Layer, Over};

const HEADS: &str = "attention-heads";
const PRODUCTS: &str = "attention-products";
/// Layers looked at, evenly spread.
const LAYERS: usize = 16;
/// Residual coordinates that features run along …
const HELD: usize = 96;
/// … and those that are renumbered.
const MOVED: usize = 384;
/// Both together.
pub(crate) const COORDINATES: u64 = (HELD + MOVED) as u64;
/// Coordinates on either side of a head's maps.
const FEW: usize = 64;
/// Heads that agree on a partner count where chance gives as many less often than this.
const AGREEING_LOG10_P: f64 = -3.0;

/// What the tests of one component drew from, and what they found.
#[derive(Debug, Default)]
pub(crate) struct Looked {
    /// The suspect's parts.
    pub(crate) parts: BTreeSet<usize>,
    /// How alike residual coordinates are seen through attention (heads, where coordinates may not be
    /// renumbered), if a test found something.
    pub(crate) cosine: Option<AlignedCosine>,
}

/// Runs both tests.
///
/// `has_sinusoids` says that residual coordinates have a meaning and may not be renumbered.
pub(crate) fn test(
    scene: Scene<'_>,
    testable: &[Pair],
    has_sinusoids: bool,
    log10_level: f64,
    exhibit: &mut Exhibit,
) -> Result<Looked, Error> {
    let has_attention = |pair: &Pair| scene.part(pair).key.role == "attention-output";
    if !testable.iter().any(has_attention) {
        return Ok(Looked::default());
    }
    let _step = step!("attention", exhibit.component);
    let found = match layers::find(scene, testable) {
        Ok(found) => found,
        Err(why) => {
            for what in [HEADS, PRODUCTS] {
                not_measured(exhibit, what, &why);
            }
            return Ok(Looked::default());
        }
    };
    let step = found.layers.len().div_ceil(LAYERS).max(1);
    let layers: Vec<Layer> = found.layers.into_iter().step_by(step).collect();
    let inferred = layers.iter().all(|layer| layer.inferred);
    let kind = if inferred { TestKind::ExactInferred } else { TestKind::Exact };
    let (held, coordinates) = halves(found.width, scene.plan.seed, &exhibit.component);
    let mut measured = Measured::new(coordinates.len() - held, &exhibit.component, scene.plan);
    let mut looked = Looked::default();
    for layer in &layers {
        let side = |opened, matrices, heads| {
            let over = Over { opened, matrices, heads, coordinates: &coordinates };
            Seen::of(over, held, layer.are_known)
        };
        let a = side(scene.suspect, &layer.suspect, layer.heads.0)?;
        let b = side(scene.reference, &layer.reference, layer.heads.1)?;
        let (Some(a), Some(b)) = (a, b) else { continue };
        measured.add(&a, &b);
        measured.are_unknown &= !layer.are_known;
        looked.parts.extend(layer.suspect.parts());
    }
    heads(kind, &measured, exhibit);
    let marked = has_sinusoids || !found.may_renumber;
    products(scene, kind, &measured, marked, log10_level, exhibit);
    let is_found = |test: &Test| rules::is_of_attention(test) && test.log10_p <= log10_level;
    if exhibit.tests.iter().any(is_found) {
        exhibit.heads = measured.head_map();
        looked.cosine = mean_cosine(&measured.cosines());
    }
    Ok(looked)
}

/// Seeded coordinates of both halves, those that are held first; how many these are.
fn halves(width: u64, seed: u64, component: &str) -> (usize, Vec<u64>) {
    let mut all: Vec<u64> = (0..width).collect();
    Draws::new(seed, &format!("{PRODUCTS}/halves/{component}")).shuffle(&mut all);
    let mut moved = all.split_off(all.len() / 2);
    all.truncate(HELD);
    moved.truncate(MOVED);
    let held = all.len();
    all.extend(moved);
    (held, all)
}

/// What is looked at of one layer of one model.
struct Seen {
    heads: Heads,
    /// Features of the coordinates that are renumbered.
    coordinates: Features,
    /// What heads read and write: groups of heads, and query heads within each of them. None where nobody says
    /// how many there are.
    groups: Option<[Matrix; 2]>,
    within: Vec<[Matrix; 2]>,
}

impl Seen {
    /// `None` when the shapes do not fit each other.
    fn of(over: Over<'_>, held: usize, are_known: bool) -> Result<Option<Self>, Error> {
        let maps = |circuit: Option<Circuit>| circuit.map(|c| Maps::of(&c, held, are_known));
        // One after the other: what is held of a circuit is much more than what is made of it.
        let (Some(reads), Some(writes)) = (maps(over.reads()?), maps(over.writes()?)) else {
            return Ok(None);
        };
        let mut coordinates = Features::new(reads.along[0].rows());
        let along = reads.along.iter().chain(&writes.along);
        along.for_each(|map| coordinates.push_centred(map.values()));
        let within = reads.within.into_iter().zip(writes.within);
        Ok(Some(Self {
            heads: over.heads,
            coordinates,
            groups: reads.groups.zip(writes.groups).map(|(reads, writes)| [reads, writes]),
            within: within.map(|(reads, writes)| [reads, writes]).collect(),
        }))
    }
}

/// What is made of one circuit.
struct Maps {
    along: [Matrix; 2],
    groups: Option<Matrix>,
    within: Vec<Matrix>,
}

impl Maps {
    fn of(circuit: &Circuit, held: usize, are_known: bool) -> Self {
        let heads = circuit.heads();
        let groups = (are_known && 1 < heads.groups).then(|| circuit.maps_of_groups(FEW));
        let within = if are_known && 1 < heads.each { 0..heads.groups } else { 0..0 };
        let within = within.map(|group| circuit.maps_of_heads(group, FEW)).collect();
        Self { along: circuit.along(held), groups, within }
    }
}

/// What was read of all layers.
struct Measured {
    /// Groups of heads, layer by layer.
    groups: Groups,
    /// Query heads within a group, group by group.
    within: Groups,
    /// Cosines of heads with those of their number.
    head_cosines: Vec<f64>,
    /// Cosines of the coordinates that are renumbered.
    coordinates: Cosines,
    /// Heads assigned by what they read and write, all layers together, and the chance of that.
    map: HeadMap,
    map_log10_p: f64,
    /// No layer said how many heads it has.
    are_unknown: bool,
}

impl Measured {
    fn new(moved: usize, component: &str, plan: &Plan) -> Self {
        let of =
            |what: &str| Groups::new(plan.renumberings(&format!("{HEADS}/{what}/{component}")));
        Self {
            groups: of("groups"),
            within: of("within"),
            head_cosines: Vec::new(),
            coordinates: Cosines::new(moved),
            map: HeadMap { heads: 0, agreeing: 0, own: 0 },
            map_log10_p: 0.0,
            are_unknown: true,
        }
    }

    fn add(&mut self, a: &Seen, b: &Seen) {
        self.coordinates.add(&a.coordinates, &b.coordinates);
        if a.heads != b.heads {
            return;
        }
        if let (Some(a), Some(b)) = (&a.groups, &b.groups) {
            self.head_cosines.extend(push(&mut self.groups, a, b));
            self.assign(a, b);
        }
        for (mine, theirs) in a.within.iter().zip(&b.within) {
            let cosines = push(&mut self.within, mine, theirs);
            if a.heads.groups == 1 {
                self.head_cosines.extend(cosines);
                self.assign(mine, theirs);
            }
        }
    }

    /// Heads assigned by what they read, and by what they write.
    fn assign(&mut self, mine: &[Matrix; 2], theirs: &[Matrix; 2]) {
        let layer = assigned(mine, theirs);
        self.map.heads += layer.heads;
        self.map.agreeing += layer.agreeing;
        self.map.own += layer.own;
        self.map_log10_p += layer.log10_p;
    }

    /// How alike coordinates are with those of their number; heads where coordinates may not move.
    fn cosines(&self) -> Vec<f64> {
        let scores = self.scores();
        if scores.n() < 2 { self.head_cosines.clone() } else { scores.diagonal() }
    }

    fn scores(&self) -> Scores {
        self.coordinates.clone().scores()
    }

    /// The heads that were assigned. `None` where they agree no more often than unrelated ones may.
    fn head_map(&self) -> Option<HeadMap> {
        (self.map_log10_p <= AGREEING_LOG10_P).then_some(self.map)
    }
}

/// Scores the heads of one layer, or of one group, and gives the cosines at equal numbers.
fn push(groups: &mut Groups, a: &[Matrix; 2], b: &[Matrix; 2]) -> Vec<f64> {
    let scores = Scores::products(&unit_features(a), &unit_features(b));
    let diagonal = scores.diagonal();
    if groups.push(scores) { diagonal } else { Vec::new() }
}

/// Heads renumbered: groups of heads layer by layer, and query heads inside each group. The second is
/// tested with the groups where they are, so its p is valid whatever the first came to, and the two
/// are one p by Fisher's product.
fn heads(kind: TestKind, measured: &Measured, exhibit: &mut Exhibit) {
    let Measured { groups, within, .. } = measured;
    let (among, inside) = (groups.test(), within.test());
    let all: Vec<_> = among.iter().chain(&inside).collect();
    let Some(first) = all.first() else {
        let why = if measured.are_unknown {
            "neither configuration says how many heads there are"
        } else {
            "there is one head, or both models have another number of them"
        };
        not_measured(exhibit, HEADS, why);
        return;
    };
    let log10_p = match all.get(1) {
        Some(second) => many::product(first.log10_p, second.log10_p),
        None => first.log10_p,
    };
    let tested: u64 = all.iter().map(|o| o.groups).sum();
    let sum: f64 = all.iter().map(|o| o.z * float(o.groups).sqrt()).sum();
    exhibit.tests.push(Test {
        name: HEADS,
        kind,
        log10_p,
        n: all.iter().map(|o| o.units).sum(),
        groups: tested,
        statistic: sum / float(tested).sqrt(),
        draws: first.draws,
    });
}

/// One half of the residual coordinates renumbered.
fn products(
    scene: Scene<'_>,
    kind: TestKind,
    measured: &Measured,
    marked: bool,
    log10_level: f64,
    exhibit: &mut Exhibit,
) {
    if marked {
        let why = "positions give the residual coordinates a meaning, or no name says that they \
                   have none";
        not_measured(exhibit, PRODUCTS, why);
        return;
    }
    let purpose = format!("{PRODUCTS}/{}", exhibit.component);
    let mut groups = Groups::new(scene.plan.renumberings(&purpose));
    groups.push(measured.scores());
    let Some(outcome) = groups.test() else {
        not_measured(exhibit, PRODUCTS, "the weights do not vary over residual coordinates");
        return;
    };
    exhibit.tests.push(Test {
        name: PRODUCTS,
        kind,
        log10_p: outcome.log10_p,
        n: outcome.units,
        groups: outcome.groups,
        statistic: outcome.z,
        draws: outcome.draws,
    });
    let power = groups.smallest_mean_score(log10_level);
    exhibit
        .power
        .hidden
        .extend(power.map(|aligned_cosine| HiddenPower { rung: PRODUCTS, aligned_cosine }));
}

fn not_measured(exhibit: &mut Exhibit, what: &str, why: &str) {
    exhibit.not_measured.push(NotMeasured { what: what.to_owned(), why: why.to_owned() });
}
