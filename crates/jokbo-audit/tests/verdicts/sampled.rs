//! A sample settles the same verdicts as reading everything, and says what it cost.

use jokbo_audit::{Opened, Plan, Reading, Silent, compare, reading_plan};
use jokbo_verdict::{Ancestry, Case, Grade, Stopped, grade};
use rayon::prelude::*;

use crate::layers::rebuilt;
use crate::model::{Model, Spread};

fn plan(most_bytes: Option<u64>) -> Plan {
    Plan { reading: Reading::Sampled { most_bytes }, ..Plan::default() }
}

fn sampled(suspect: &Opened, reference: &Opened) -> Case {
    compare(suspect, reference, &plan(None), &Silent).unwrap()
}

fn grades(case: &Case) -> Vec<(String, Grade)> {
    grade(case).into_iter().map(|v| (v.component, v.grade)).collect()
}

/// Pairs of every kind that the tests of full comparisons plant.
fn pairs() -> Vec<(&'static str, Model, Model)> {
    let parent = || Model::new(1).language("", 4, 48, 160);
    let stranger = || Model::new(2).language("", 4, 48, 160);
    let mixture = |seed| Model::new(seed).mixture(3, 48, 24, 6);
    let is_late = |name: &str| name.contains(".layers.2.") || name.contains(".layers.3.");
    let eyes = |seed: u64, prefix| Model::new(seed).vision(prefix, 3, 32, 48);
    let mut renumbered = parent().noised(0.1, 9);
    for t in &mut renumbered.tensors {
        if t.name.contains("gate_proj") || t.name.contains("up_proj") {
            t.values.rotate_left(7 * 48);
        } else if t.name.contains("down_proj") {
            t.values.chunks_mut(160).for_each(|row| row.rotate_left(7));
        }
    }
    let nameless = |model: Model| {
        let kept = model.only(|name| name.contains("mlp")).renamed("model.layers.", "zeta.stack.");
        kept.renamed("mlp.gate_proj", "a").renamed("mlp.up_proj", "b").renamed("mlp.down_proj", "c")
    };
    vec![
        ("strangers", stranger(), parent()),
        ("a copy with noise", parent().noised(0.1, 9), parent()),
        ("a copy with more noise than weight", parent().noised(3.0, 9), parent()),
        ("layers repeated", rebuilt(&parent(), &[0, 1, 2, 1, 2, 3]).noised(0.1, 9), parent()),
        ("layers dropped", rebuilt(&parent(), &[0, 2, 3]).noised(0.3, 9), parent()),
        (
            "half the layers borrowed",
            parent().only(|n| !is_late(n)).and(stranger().only(is_late)).noised(0.1, 9),
            parent(),
        ),
        ("units renumbered", renumbered, parent()),
        ("a mixture with noise", mixture(1).noised(0.3, 9), mixture(1)),
        ("two mixtures", mixture(2), mixture(1)),
        (
            "a borrowed encoder",
            eyes(1, "visual.").noised(0.1, 9).and(Model::new(3).language("", 4, 40, 64)),
            eyes(1, "visual.").and(Model::new(2).language("", 3, 40, 64)),
        ),
        ("nothing in common", eyes(1, "visual."), parent()),
        ("names that say nothing", nameless(parent().noised(0.2, 9)), nameless(parent())),
        ("strangers without names", nameless(stranger()), nameless(parent())),
    ]
}

#[test]
fn a_sample_gives_the_verdicts_of_a_full_comparison() {
    for (what, suspect, reference) in pairs() {
        let full = compare(&suspect.open(), &reference.open(), &Plan::default(), &Silent).unwrap();
        let case = sampled(&suspect.open(), &reference.open());
        assert_eq!(grades(&case), grades(&full), "{what}: {:#?}", grade(&case));
        for (few, all) in grade(&case).iter().zip(grade(&full)) {
            // What the ladder adds to a finding, a sample lacks: it says less, never more.
            let weaker = few.ancestry == Ancestry::CheckpointOrInitialisation;
            assert!(few.ancestry == all.ancestry || weaker, "{what}: {few:?}, {all:?}");
        }
        let maps = |case: &Case| -> Vec<(u32, u32)> {
            let maps = case.exhibits.iter().flat_map(|e| &e.layer_map);
            maps.map(|m| (m.suspect, m.reference)).collect()
        };
        assert_eq!(maps(&case), maps(&full), "{what}");
    }
}

#[test]
fn equal_bits_are_derived_because_a_sample_cannot_say_identical() {
    let parent = Model::new(1).language("", 3, 48, 80);
    let case = sampled(&parent.open(), &parent.open());
    for verdict in grade(&case) {
        assert_eq!(verdict.grade, Grade::Derived, "{verdict:?}");
        assert!(verdict.reasons.iter().any(|r| r == "all sampled values are equal"), "{verdict:?}");
    }
    assert!(case.suspect.files.iter().all(|file| file.sha256.is_none()));
    assert!(case.not_measured.iter().any(|n| n.what == "files.sha256"));
}

#[test]
fn what_is_read_lies_between_the_bounds_of_the_plan() {
    for (what, suspect, reference) in pairs() {
        let (a, b) = (suspect.open(), reference.open());
        let planned = reading_plan(&a, &b, &plan(None)).unwrap();
        let opening = a.bytes_read() + b.bytes_read();
        let case = sampled(&a, &b);
        assert_eq!(case.cost.read, a.bytes_read() + b.bytes_read(), "{what}");
        // A page that holds the end of a header was read before the plan counts it again.
        let read = case.cost.read..=case.cost.read + opening;
        assert!(planned.total.least <= *read.end(), "{what}: {planned:?}, {:?}", case.cost);
        assert!(*read.start() <= planned.total.most, "{what}: {planned:?}, {:?}", case.cost);
        assert!(case.cost.read <= case.cost.stored && case.cost.stored == planned.total.stored);
        let looks = case.exhibits.iter().filter_map(|e| e.sampling).map(|s| s.looks).max();
        if looks == Some(1) {
            assert!(case.cost.read <= planned.total.least, "{what}: {planned:?}, {:?}", case.cost);
        }
    }
}

#[test]
fn a_full_comparison_reads_what_its_plan_says() {
    let (a, b) = (Model::new(1).language("", 3, 48, 80), Model::new(2).language("", 3, 48, 80));
    let (a, b) = (a.open(), b.open());
    let planned = reading_plan(&a, &b, &Plan::default()).unwrap();
    let case = compare(&a, &b, &Plan::default(), &Silent).unwrap();
    assert_eq!((planned.total.least, planned.total.most), (case.cost.read, case.cost.read));
    for (part, exhibit) in planned.parts.iter().zip(&case.exhibits) {
        assert_eq!(part.what, exhibit.component);
        assert_eq!((part.bytes.most, part.bytes.stored), (exhibit.cost.read, exhibit.cost.stored));
    }
    assert_eq!(planned.parts.iter().map(|part| part.bytes.most).sum::<u64>(), case.cost.read);
}

#[test]
fn bytes_that_run_out_make_a_verdict_weaker_and_never_another() {
    let parent = Model::new(1).language("", 3, 64, 256);
    let child = parent.clone().noised(0.1, 9);
    for (suspect, settled) in
        [(child, Grade::Derived), (Model::new(2).language("", 3, 64, 256), Grade::NoEvidence)]
    {
        let mut all_settled = 0;
        for most in [0, 30_000, 100_000, 200_000, 400_000, 1 << 30] {
            let (a, b) = (suspect.open(), parent.open());
            let opening = a.bytes_read() + b.bytes_read();
            let case = compare(&a, &b, &plan(Some(most)), &Silent).unwrap();
            assert!(case.cost.read <= most.max(opening), "{most}: {:?}", case.cost);
            let grades = grades(&case);
            for ((_, grade), exhibit) in grades.iter().zip(&case.exhibits) {
                assert!([settled, Grade::Inconclusive].contains(grade), "{most}: {grades:?}");
                let sampling = exhibit.sampling.unwrap();
                let ran_out = sampling.stopped == Stopped::Budget;
                assert!(ran_out || *grade == settled, "{most}: {exhibit:?}");
                let listed: u64 = exhibit.coverage.not_tested.iter().map(|u| u.parameters).sum();
                assert_eq!(exhibit.coverage.tested + listed, exhibit.parameters, "{most}");
            }
            let now = grades.iter().filter(|(_, grade)| *grade == settled).count();
            assert!(all_settled <= now, "{most}: {grades:?}");
            all_settled = now;
        }
        assert_eq!(all_settled, 3);
    }
}

#[test]
fn two_thousand_unrelated_pairs_give_no_finding_and_no_small_p_over_all_looks() {
    let spreads = [Spread::Normal, Spread::Heavy, Spread::Shifted, Spread::Anisotropic];
    let plan = Plan { draws: 199, ..plan(None) };
    let found: Vec<(f64, Vec<f64>, u64)> = (0..2000u64)
        .into_par_iter()
        .map(|pair| {
            let model = |seed| {
                let spread = spreads[(pair % 4) as usize];
                Model::new(seed).spread(spread).language("", 2, 12, 140).open()
            };
            let (a, b) = (model(90_000 + 2 * pair), model(90_001 + 2 * pair));
            let case = compare(&a, &b, &plan, &Silent).unwrap();
            let verdicts = grade(&case);
            for verdict in &verdicts {
                assert!(!verdict.grade.is_finding(), "pair {pair}: {verdict:?}");
            }
            let least = verdicts.iter().filter_map(|v| v.log10_p).fold(0.0, f64::min);
            let tests = case.exhibits.iter().flat_map(|e| &e.tests);
            let ps = tests.filter(|t| t.draws != 0).map(|t| t.log10_p).collect();
            let looks = case.exhibits.iter().filter_map(|e| e.sampling).map(|s| s.looks);
            (least, ps, looks.max().unwrap_or(0))
        })
        .collect();
    let looked_again = found.iter().filter(|(_, _, looks)| 1 < *looks).count();
    assert!(1000 < looked_again, "only {looked_again} pairs were looked at more than once");
    let small = found.iter().filter(|(p, _, _)| *p <= -3.0).count();
    assert!(small <= 10, "{small} of 2,000 pairs below 1e-3");
    // Every test's p, paid for by its looks, must err towards 1: no more than a share p at or
    // below p, within six standard deviations of that share.
    let ps: Vec<f64> = found.iter().flat_map(|(_, ps, _)| ps).map(|p| 10f64.powf(*p)).collect();
    for level in [0.5, 0.2, 0.1, 0.05, 0.02, 0.01] {
        let share = ps.iter().filter(|p| **p <= level).count() as f64 / ps.len() as f64;
        let sd = (level * (1.0 - level) / ps.len() as f64).sqrt();
        assert!(share <= level + 6.0 * sd, "{share} of {} at or below {level}", ps.len());
    }
}

#[test]
fn a_sampled_case_does_not_depend_on_threads() {
    let parent = Model::new(1).language("", 3, 48, 160);
    let child = parent.clone().noised(1.5, 9);
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| sampled(&child.open(), &parent.open()))
    };
    let one = on(1);
    assert_eq!(one, on(2));
    assert_eq!(one, on(5));
}
