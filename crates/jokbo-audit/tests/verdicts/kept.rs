//! Finished parts of a comparison, kept and taken again: the same case, and nothing else is believed.

use std::collections::BTreeMap;
use std::sync::Mutex;

use jokbo_audit::{Parents, Parts, Plan, Progress, compare, compare_panel, compare_with_parents};
use jokbo_audit::{Reference, Silent};
use jokbo_statistics::seed::Draws;
use jokbo_verdict::{Case, grade};

use crate::model::Model;

/// Keeps nothing, and fails where a part could not be kept: each comparison of these tests shows that
/// what it measured is the same after it was written down.
pub(crate) struct Checked;

impl Progress for Checked {
    fn stage(&self, _: &str, _: u64) {}
    fn advance(&self, _: u64) {}
    fn parts(&self) -> Option<&dyn Parts> {
        Some(self)
    }
}

impl Parts for Checked {
    fn maker(&self) -> &str {
        "a test"
    }
    fn find(&self, _: &str) -> Option<Vec<u8>> {
        None
    }
    fn taken(&self, _: &str) {}
    fn keep(&self, _: &str, _: &[u8]) {}
    fn refuse(&self, _: &str, why: &str) {
        panic!("{why}");
    }
}

/// Keeps parts in memory, and counts what becomes of them.
#[derive(Default)]
struct Kept {
    maker: &'static str,
    parts: Mutex<BTreeMap<String, Vec<u8>>>,
    taken: Mutex<usize>,
    measured: Mutex<usize>,
    refused: Mutex<Vec<String>>,
}

impl Progress for Kept {
    fn stage(&self, _: &str, _: u64) {}
    fn advance(&self, _: u64) {}
    fn parts(&self) -> Option<&dyn Parts> {
        Some(self)
    }
}

impl Parts for Kept {
    fn maker(&self) -> &str {
        self.maker
    }
    fn find(&self, key: &str) -> Option<Vec<u8>> {
        self.parts.lock().unwrap().get(key).cloned()
    }
    fn taken(&self, _: &str) {
        *self.taken.lock().unwrap() += 1;
    }
    fn keep(&self, key: &str, part: &[u8]) {
        *self.measured.lock().unwrap() += 1;
        self.parts.lock().unwrap().insert(key.to_owned(), part.to_vec());
    }
    fn refuse(&self, _: &str, why: &str) {
        self.refused.lock().unwrap().push(why.to_owned());
    }
}

impl Kept {
    /// How many parts were taken and how many measured since it was asked last.
    fn counts(&self) -> (usize, usize) {
        let count = |of: &Mutex<usize>| std::mem::take(&mut *of.lock().unwrap());
        (count(&self.taken), count(&self.measured))
    }

    fn compare(&self, suspect: &Model, reference: &Model, plan: &Plan) -> Case {
        compare(&suspect.open(), &reference.open(), plan, self).unwrap()
    }
}

fn parent() -> Model {
    Model::new(1).language("", 3, 40, 64).and(Model::new(1).vision("visual.", 2, 32, 48))
}

fn child() -> Model {
    parent().noised(0.2, 9)
}

#[test]
fn what_is_taken_makes_the_case_that_was_measured() {
    let (kept, plan) = (Kept::default(), Plan::default());
    let first = kept.compare(&child(), &parent(), &plan);
    let n = first.exhibits.len();
    assert!(3 < n);
    assert_eq!(kept.counts(), (0, n));
    let second = kept.compare(&child(), &parent(), &plan);
    assert_eq!(kept.counts(), (n, 0));
    assert!(first == second);
    // A run that was stopped leaves some of them.
    kept.parts.lock().unwrap().pop_first();
    assert!(kept.compare(&child(), &parent(), &plan) == first);
    assert_eq!(kept.counts(), (n - 1, 1));
    assert!(kept.refused.lock().unwrap().is_empty());
}

#[test]
fn whatever_else_is_asked_is_measured() {
    let (kept, plan) = (Kept::default(), Plan::default());
    let n = kept.compare(&child(), &parent(), &plan).exhibits.len();
    let changed = |change: &dyn Fn(&mut Plan)| {
        let mut plan = plan.clone();
        change(&mut plan);
        plan
    };
    let plans = [
        changed(&|plan| plan.seed = 1),
        changed(&|plan| plan.level = 2e-6),
        changed(&|plan| plan.draws = 500),
        changed(&|plan| plan.units = 500),
    ];
    kept.counts();
    for other in &plans {
        kept.compare(&child(), &parent(), other);
        assert_eq!(kept.counts(), (0, n), "{other:?}");
    }
    // One bit of one weight of either side.
    let mut bent = parent();
    bent.tensors[0].values[0] = f32::from_bits(bent.tensors[0].values[0].to_bits() ^ 1);
    kept.compare(&child(), &bent, &plan);
    kept.compare(&bent, &parent(), &plan);
    assert_eq!(kept.counts(), (0, 2 * n));
    let (suspect, reference) = (child().open(), parent().open());
    compare(&suspect.called("another name"), &reference, &plan, &kept).unwrap();
    assert_eq!(kept.counts(), (0, n));
    let parts = std::mem::take(&mut *kept.parts.lock().unwrap());
    let other = Kept { maker: "another program", parts: Mutex::new(parts), ..Kept::default() };
    other.compare(&child(), &parent(), &plan);
    assert_eq!(other.counts(), (0, n));
}

#[test]
fn parents_and_panels_are_kept_too() {
    let (kept, plan) = (Kept::default(), Plan::default());
    let [suspect, a, b] = [child(), parent(), parent().noised(0.5, 4)].map(|model| model.open());
    let merged = |models: &[&jokbo_audit::Opened]| {
        let parents = Parents { models, base: None };
        compare_with_parents(&suspect, &a, parents, &plan, &kept).unwrap()
    };
    let first = merged(&[&a, &b]);
    let n = first.exhibits.len();
    assert_eq!(kept.counts(), (0, n));
    assert!(merged(&[&a, &b]) == first);
    assert_eq!(kept.counts(), (n, 0));
    merged(&[&a]);
    assert_eq!(kept.counts(), (0, n));

    let reference =
        |opened, name: &str| (jokbo_audit::Opened::called(opened, name), Vec::<String>::new());
    let named = [reference(a.clone(), "a"), reference(b.clone(), "b")];
    let references: Vec<Reference<'_>> = named
        .iter()
        .map(|(opened, components)| Reference { opened, components: components.clone() })
        .collect();
    let panel = |progress: &dyn Progress| compare_panel(&suspect, &references, &plan, progress);
    let (first, second) = (panel(&kept).unwrap(), panel(&kept).unwrap());
    let (taken, measured) = kept.counts();
    assert_eq!(taken, measured);
    assert!(!first.between.is_empty() && 2 * n < measured, "{measured}");
    let plain = panel(&Silent).unwrap();
    assert!(first.cases == second.cases && first.cases == plain.cases);
}

/// The place of the first byte after key and checksum.
fn body(part: &[u8]) -> usize {
    let ends = part.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
    ends.map(|(place, _)| place + 1).nth(2).unwrap()
}

type Damage<'a> = &'a mut dyn FnMut(&mut Vec<u8>);

#[test]
fn a_part_that_was_damaged_is_measured_anew() {
    let (kept, plan) = (Kept::default(), Plan::default());
    let first = kept.compare(&child(), &parent(), &plan);
    let sound = kept.parts.lock().unwrap().clone();
    let mut draws = Draws::new(1, "damage");
    let other = sound.values().next_back().unwrap();
    let mut below = |n: usize| draws.below(n as u64) as usize;
    let damages: [Damage<'_>; 6] = [
        &mut |part| part.truncate(below(part.len())),
        &mut |part| part.push(0),
        &mut |part| *part.last_mut().unwrap() ^= 1,
        &mut |part| part[0] ^= 1,
        &mut |part| part.clear(),
        &mut |part| part.clone_from(other),
    ];
    for damage in damages {
        kept.parts.lock().unwrap().clone_from(&sound);
        damage(kept.parts.lock().unwrap().values_mut().next().unwrap());
        kept.counts();
        assert!(kept.compare(&child(), &parent(), &plan) == first);
        assert_eq!(kept.counts(), (first.exhibits.len() - 1, 1));
    }
    assert_eq!(kept.refused.lock().unwrap().len(), 6);
    // What was refused was kept again.
    assert!(*kept.parts.lock().unwrap() == sound);
}

#[test]
fn a_part_with_a_good_checksum_over_other_bytes_ends_in_a_verdict() {
    let (kept, plan) = (Kept::default(), Plan::default());
    let case = kept.compare(&child(), &parent(), &plan);
    let sound = kept.parts.lock().unwrap().clone();
    let (suspect, reference) = (child().open(), parent().open());
    let mut draws = Draws::new(2, "damage");
    let mut believed = 0;
    for _ in 0..60 {
        kept.parts.lock().unwrap().clone_from(&sound);
        for part in kept.parts.lock().unwrap().values_mut() {
            let start = body(part);
            let place = start + draws.below((part.len() - start) as u64) as usize;
            part[place] ^= 1 << draws.below(8);
            let checksum = blake3::hash(&part[start..]).to_hex();
            part[start - 65..start - 1].copy_from_slice(checksum.as_bytes());
        }
        kept.counts();
        let again = compare(&suspect, &reference, &plan, &kept).unwrap();
        believed += kept.counts().0;
        assert_eq!(grade(&again).len(), case.exhibits.len());
    }
    assert!(0 < believed && !kept.refused.lock().unwrap().is_empty());
}
