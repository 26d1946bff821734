//! A part of the benchmark that is quick: nobody innocent is called, and what was found stays found.

use std::collections::BTreeSet;

use super::kin::Kin;
use super::*;

/// What the pairs that `wanted` picks came to.
fn outcomes(wanted: impl Fn(&Manifest, usize, usize) -> bool) -> Vec<Outcome> {
    let manifest = Manifest::read(&folder()).unwrap();
    let engine = Engine::library(&folder(), &manifest).unwrap();
    let mut pairs = manifest.pairs();
    pairs.retain(|&(a, b)| wanted(&manifest, a, b));
    all(&engine, &manifest, &pairs).unwrap()
}

#[test]
fn no_innocent_pair_is_called_and_exact_p_are_uniform_on_trained_networks() {
    let outcomes = outcomes(|manifest, a, b| {
        let (a, b) = (&manifest.networks[a], &manifest.networks[b]);
        let alone = |n: &manifest::Network| n.relation == "from-scratch";
        a.family == b.family && alone(a) && alone(b) && Kin::of(a, b) == Kin::Independent
    });
    assert!(200 < outcomes.len(), "{} pairs are too few", outcomes.len());
    for outcome in &outcomes {
        for c in &outcome.components {
            let called = (c.component.as_str(), c.verdict.as_str(), c.log10_p);
            assert!(!c.is_finding(), "{}, {}: {called:?}", outcome.suspect, outcome.reference);
        }
    }
    let rows = uniform::all(&outcomes);
    let drawn = ["hidden-units", "residual-coordinates", "attention-products"];
    for test in ["hidden-units", "residual-coordinates", "attention-heads", "attention-products"] {
        assert!(rows.iter().any(|row| row.test == test && 60 < row.n), "{test}");
    }
    for row in rows {
        assert!(1e-4 < row.excess_p, "p of {} are too small: {row:?}", row.test);
        // Tests that draw renumberings are uniform both ways; the others err towards 1.
        let both_ways = (-2.0 * ranking::count(row.n) * row.distance.powi(2)).exp();
        assert!(!drawn.contains(&row.test.as_str()) || 1e-4 < both_ways, "{row:?}");
    }
}

#[test]
fn without_names_nobody_innocent_is_called_either() {
    let manifest = Manifest::read(&folder()).unwrap();
    let outcomes = nameless::outcomes(&manifest, |a, b| {
        let (a, b) = (&manifest.networks[a], &manifest.networks[b]);
        let alone = |n: &manifest::Network| n.relation == "from-scratch" && n.family == "llama";
        alone(a) && alone(b) && Kin::of(a, b) == Kin::Independent
    });
    let tally = nameless::Tally::of(&outcomes.unwrap());
    assert!(60 < tally.independent_pairs && tally.independent_pairs < tally.placed, "{tally:?}");
    assert!(tally.false_accusations.is_empty(), "{tally:?}");
    // A child that lost its names is found by its content, as it was by its names.
    let child = |a: usize, b: usize| {
        let reference = &manifest.networks[b].name;
        let hidden = ["llama-01-all", "llama-01-all-tuned", "llama-01-tuned-heavy"];
        reference == "llama-01" && hidden.contains(&manifest.networks[a].name.as_str())
    };
    let tally = nameless::Tally::of(&nameless::outcomes(&manifest, child).unwrap());
    assert_eq!((tally.related_pairs, tally.related_found), (3, 3), "{tally:?}");
}

#[test]
fn what_was_found_of_children_stays_found() {
    let known = std::fs::read_to_string(folder().join("missed.txt")).unwrap();
    let known: BTreeSet<&str> = known.lines().collect();
    let outcomes = outcomes(|manifest, a, b| kin::of(manifest, a, b).is_direct());
    assert!(90 < outcomes.len());
    let each = || outcomes.iter().flat_map(|o| o.components.iter().map(move |c| (o, c)));
    let called = |wanted: bool| {
        let those = each().filter(move |(_, c)| c.related && c.is_finding() == wanted);
        let name = |(o, c): (&Outcome, &outcome::Component)| {
            format!("{} against {}, {}", o.suspect, o.reference, c.component)
        };
        those.map(name).collect::<BTreeSet<String>>()
    };
    assert!(each().all(|(_, c)| c.related || !c.is_finding()), "an innocent component is called");
    let lost: Vec<String> =
        called(false).into_iter().filter(|pair| !known.contains(pair.as_str())).collect();
    assert!(lost.is_empty(), "found before, and not now:\n{}", lost.join("\n"));
    // What is missed says what could not have been seen, or that there was nothing to compare.
    for (o, c) in each().filter(|(_, c)| c.related && !c.is_finding()) {
        let says = c.reasons.iter().any(|why| why.contains("could not have been seen"));
        let silent = (&o.suspect, &c.component, &c.reasons);
        assert!(says || c.verdict == "not-comparable", "{silent:?}");
    }
    assert!(90 < called(true).len(), "{} findings are too few", called(true).len());
}

#[test]
fn merges_show_their_method_and_coefficients_and_no_direction_is_wrong() {
    let manifest = Manifest::read(&folder()).unwrap();
    let engine = Engine::library(&folder(), &manifest).unwrap();
    let merges = merges::all(&engine, &manifest).unwrap();
    let sum = merges::sum(&merges);
    let unnamed: Vec<_> = merges.iter().filter(|m| m.said.as_ref() != Some(&m.method)).collect();
    assert!(20 < sum.components && unnamed.is_empty(), "{unnamed:?}");
    assert!(sum.largest_error < 0.02, "{merges:?}");
    assert!(40 < sum.coefficients && 90 * sum.coefficients <= 100 * sum.covered, "{sum:?}");
    assert!(60 < sum.matrices && sum.matrices_right == sum.matrices, "{sum:?}");
    let mut turned = manifest.reversed();
    // What was hidden says nothing at equal places, and takes longest.
    let is_open = |child: &usize| {
        let relation = &manifest.networks[*child].relation;
        !relation.starts_with("attack") || relation.contains("noise")
    };
    turned.retain(|(_, child)| is_open(child));
    let reversed = all(&engine, &manifest, &turned).unwrap();
    let said = naming::directions(&[], &reversed).unwrap();
    assert!(10 < said.said && said.right == said.said, "{said:?}");
}

#[test]
fn every_expert_that_was_copied_split_or_moved_is_placed() {
    let outcomes = outcomes(|manifest, a, b| {
        let relation = ["upcycled", "expert-split", "attack-permute-experts"];
        let child = kin::of(manifest, a, b);
        matches!(&child, Kin::Child(name) if relation.contains(&name.as_str()))
    });
    let manifest = Manifest::read(&folder()).unwrap();
    for outcome in &outcomes {
        let core = outcome.components.iter().find(|c| c.component == "language-model").unwrap();
        let placed =
            maps::judge_experts(&manifest, &outcome.suspect, &outcome.reference, core).unwrap();
        assert!(8 <= placed.1 && placed.0 == placed.1, "{}: {placed:?}", outcome.suspect);
    }
    assert_eq!(outcomes.len(), 3);
    let wanted = ["upcycled", "expert-split"];
    for (outcome, word) in outcomes.iter().zip(wanted) {
        let all = outcome.components.iter().flat_map(|c| &c.relations);
        assert!(all.into_iter().any(|r| r["kind"] == word), "{}", outcome.suspect);
    }
}

#[test]
fn siblings_parents_strangers_and_half_strangers_are_told_apart() {
    let network = |name: &str, parents: &[&str], roots: &[(&str, &str)]| manifest::Network {
        name: name.to_owned(),
        family: "llama".to_owned(),
        relation: "tuned".to_owned(),
        parents: parents.iter().map(|&p| p.to_owned()).collect(),
        roots: roots
            .iter()
            .map(|&(c, root)| (c.to_owned(), BTreeSet::from([root.to_owned()])))
            .collect(),
        undecided: BTreeSet::from(["head".to_owned()]),
        truth: serde_json::Value::Null,
    };
    let (a, b) = (network("a", &[], &[("core", "1")]), network("b", &[], &[("core", "2")]));
    let child = network("c", &["a"], &[("core", "1"), ("head", "3")]);
    let sibling = network("d", &["a"], &[("core", "1"), ("head", "4")]);
    assert_eq!(Kin::of(&b, &a), Kin::Independent);
    assert_eq!(Kin::of(&child, &a), Kin::Child("tuned".to_owned()));
    assert_eq!(Kin::of(&sibling, &child), Kin::Relatives);
    assert_eq!(Kin::of(&network("e", &[], &[("core", "1")]), &a), Kin::CommonInitialisation);
    assert!(sibling.shares(&child, "core") && !sibling.shares(&child, "head"));
    assert!(sibling.decides(&child, "head") && !child.decides(&child, "head"));
}

#[test]
fn a_command_line_that_says_nothing_known_is_refused() {
    assert!(read(&["--out"]).is_err() && read(&["--speed", "1"]).is_err());
    let asked = read(&["--out", "a", "--jokbo", "b"]).unwrap();
    assert_eq!((asked.out, asked.jokbo), (PathBuf::from("a"), Some(PathBuf::from("b"))));
}
