//! Family trees of models whose ancestry was planted, and how often their bytes are read.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jokbo_audit::{Opened, Plan, Silent, tree};
use jokbo_formats::ReadAt;
use jokbo_statistics::seed::Draws;
use jokbo_verdict::{Family, FamilyTree, Side, TreeLink, grade_family};

use crate::model::{Model, Spread, normal};

fn language(seed: u64) -> Model {
    Model::new(seed).language("", 2, 48, 96)
}

/// Every weight with noise of `share` times the spread of [`Model::matrix`] added.
fn changed(model: &Model, seed: u64, share: f32) -> Model {
    let mut child = model.clone();
    let mut draws = Draws::new(seed, "change");
    for tensor in child.tensors.iter_mut().filter(|tensor| tensor.shape.len() == 2) {
        tensor.values.iter_mut().for_each(|x| *x += 0.02 * share * normal(&mut draws));
    }
    child
}

/// The models under names that put them in this order.
fn opened(models: &[Model]) -> Vec<Opened> {
    let named = |(k, model): (usize, &Model)| model.open().called(&format!("model-{k}"));
    models.iter().enumerate().map(named).collect()
}

fn drawn(models: &[Opened]) -> (Family, Vec<FamilyTree>) {
    let models: Vec<&Opened> = models.iter().collect();
    let family = tree(&models, &Plan::default(), &Silent).unwrap();
    let trees = grade_family(&family);
    (family, trees)
}

/// The tree of the language models.
fn of_language(models: &[Model]) -> (Family, FamilyTree) {
    let (family, trees) = drawn(&opened(models));
    let at = family.components.iter().position(|c| c.component == "language-model").unwrap();
    (family, trees[at].clone())
}

#[test]
fn a_line_of_descent_is_drawn_as_one_with_the_distances_that_were_planted() {
    let parent = language(1);
    let child = changed(&parent, 2, 0.3);
    let models = [changed(&child, 3, 0.4), parent, child, language(4)];
    let (_, tree) = of_language(&models);
    assert_eq!((tree.clusters.len(), tree.alone.as_slice()), (1, &[3][..]));
    let cluster = &tree.clusters[0];
    assert_eq!((cluster.hub, cluster.related), (2, 3));
    let mut links: Vec<_> = cluster.links.iter().map(|l| (l.ends, l.distance.unwrap())).collect();
    links.sort_by(|a, b| a.1.total_cmp(&b.1));
    assert_eq!([links[0].0, links[1].0], [(2, 1), (2, 0)]);
    // Changes add up at right angles: child to parent 0.3 of a spread of 1, grandchild 0.4 on 1.09.
    let near = |got: f64, want: f64| assert!((got - want).abs() < 0.01, "{got} is not {want}");
    near(links[0].1, 0.3 / 1.09f64.powf(0.25));
    near(links[1].1, 0.4 / (1.09f64 * 1.25).powf(0.25));
}

#[test]
fn a_sum_of_two_hangs_on_them_and_takes_nobody_away() {
    let base = language(1);
    let (one, two) = (changed(&base, 2, 0.3), changed(&base, 3, 0.3));
    let mut mixed = one.clone();
    for (ours, theirs) in mixed.tensors.iter_mut().zip(&two.tensors) {
        let pairs = ours.values.iter_mut().zip(&theirs.values);
        pairs.for_each(|(x, y)| *x = 0.6 * *x + 0.4 * y);
    }
    let sibling = changed(&base, 4, 0.3);
    let (family, tree) = of_language(&[base, one, two, mixed, sibling]);
    let at = family.components.iter().position(|c| c.component == "language-model").unwrap();
    let [mixture] = &family.components[at].mixtures[..] else { panic!("{family:?}") };
    assert_eq!(mixture.member, 3);
    let [(first, a), (second, b)] = mixture.of[..] else { panic!("{mixture:?}") };
    assert_eq!((first, second), (1, 2));
    assert!((a - 0.6).abs() < 1e-3 && (b - 0.4).abs() < 1e-3, "{mixture:?}");
    let ends = |link: &TreeLink| (link.ends.0.min(link.ends.1), link.ends.0.max(link.ends.1));
    let mut links: Vec<_> = tree.clusters[0].links.iter().map(ends).collect();
    links.sort_unstable();
    assert_eq!(links, [(0, 1), (0, 2), (0, 4), (1, 3)]);
    let to_it = tree.clusters[0].links.iter().find(|link| ends(link) == (1, 3)).unwrap();
    let direction = to_it.direction.as_ref().unwrap();
    // The first of the pair stands as the suspect: the mixture is the reference.
    assert_eq!(direction.child, Side::Reference);
}

#[test]
fn strangers_of_every_spread_stand_alone() {
    use Spread::{Anisotropic, Heavy, LowRank, Normal, Shifted};
    let spreads = [Normal, Heavy, Shifted, Anisotropic, LowRank];
    let models: Vec<Model> = (0..15)
        .map(|k| Model::new(k).spread(spreads[k as usize % 5]).language("", 2, 48, 96))
        .collect();
    let (family, trees) = drawn(&opened(&models));
    let pairs: usize = family.components.iter().map(|c| c.pairs.len()).sum();
    assert_eq!(pairs, 3 * 105);
    for (component, tree) in family.components.iter().zip(trees) {
        assert_eq!(tree.related, [0; 0], "{}", component.component);
        assert_eq!(tree.alone.len(), 15);
        let power = component.power.as_ref().unwrap();
        assert!(power.aligned_cosine.is_some_and(|c| c < 0.9), "{}", component.component);
    }
}

#[test]
fn tables_of_other_lengths_are_compared_on_the_rows_they_share() {
    let base = Model::new(1).vocabulary(300).language("", 1, 48, 96);
    let mut grown = Model::new(9).vocabulary(420).language("", 1, 48, 96);
    for (ours, theirs) in grown.tensors.iter_mut().zip(&base.tensors) {
        ours.values[..theirs.values.len()].copy_from_slice(&theirs.values);
    }
    let (family, trees) = drawn(&opened(&[base, grown]));
    for (component, tree) in family.components.iter().zip(trees) {
        assert_eq!(tree.related, [0], "{}", component.component);
        let exhibit = &component.pairs[0].exhibit;
        assert_eq!(
            exhibit.values.map(|v| v.equal == v.pairs),
            Some(true),
            "{}",
            component.component
        );
        // What the longer table has and the shorter has not is as far as anything can be.
        let distance = component.pairs[0].distance.unwrap();
        let longer = component.component != "language-model";
        assert_eq!(longer, 0.0 < distance, "{}: {distance}", component.component);
    }
}

/// Counts what is asked of a file, however often.
#[derive(Debug)]
struct Asked {
    inner: Arc<dyn ReadAt>,
    bytes: Arc<AtomicU64>,
}

impl ReadAt for Asked {
    fn len(&self) -> u64 {
        self.inner.len()
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        self.bytes.fetch_add(buffer.len() as u64, Ordering::Relaxed);
        self.inner.read_exact_at(buffer, offset)
    }
}

/// Bytes asked for to draw the tree of these models, those asked for twice counted twice.
fn asked(models: &[Model]) -> u64 {
    let bytes = Arc::new(AtomicU64::new(0));
    let mut opened = opened(models);
    let checkpoints = opened.iter_mut().map(|opened| Arc::make_mut(&mut opened.checkpoint));
    for file in checkpoints.flat_map(|checkpoint| &mut checkpoint.files) {
        let inner = Arc::clone(&file.reader);
        file.reader = Arc::new(Asked { inner, bytes: Arc::clone(&bytes) });
    }
    drawn(&opened);
    bytes.load(Ordering::Relaxed)
}

#[test]
fn the_bytes_that_are_read_grow_with_the_models_and_not_with_their_pairs() {
    // Wider than what is drawn of an axis.
    let wide = |seed| Model::new(seed).language("", 1, 96, 700);
    let strangers: Vec<Model> = (0..8).map(wide).collect();
    let one = asked(&strangers[..2]) / 2;
    assert_eq!(asked(&strangers[..4]), 4 * one);
    assert_eq!(asked(&strangers), 8 * one);
    // Of relatives rows are read again for each link, one fewer than models.
    let children: Vec<Model> = (0..8).map(|k| changed(&strangers[0], 50 + k, 0.2)).collect();
    let link = asked(&children[..2]) - 2 * one;
    assert!(0 < link && link <= 8 * one, "{link} for a link, {one} for a model");
    assert_eq!(asked(&children), 8 * one + 7 * link);
}
