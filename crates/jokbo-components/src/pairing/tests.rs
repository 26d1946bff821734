//! Who answers to whom.

use proptest::prelude::*;

use super::*;
use crate::assign::{assign_entries, tests::any_model};
use crate::samples::entries;

/// Pairs two models and says for every tensor of the first what answers to it, or why nothing
/// does. Each tensor holds one part here.
#[track_caller]
fn check(suspect: &[(&str, &[u64])], reference: &[(&str, &[u64])], want: &[&str]) {
    let (ours, theirs) = (entries(suspect), entries(reference));
    let (a, b) = (assign_entries(&ours, None), assign_entries(&theirs, None));
    let mut got = vec![String::new(); ours.len()];
    for pairing in pair(&a, &b, &ours, &theirs) {
        for pair in pairing.pairs {
            let name = &theirs[b.parts[pair.reference].entry].name;
            got[a.parts[pair.suspect].entry] = format!("{:?} {name}", pair.by);
        }
        for unpaired in pairing.unpaired {
            got[a.parts[unpaired.suspect].entry] = unpaired.why;
        }
    }
    assert_eq!(got, want);
}

#[test]
fn known_parts_answer_by_role_whatever_they_are_called() {
    check(
        &[
            ("model.layers.0.mlp.up_proj.weight", &[8, 4]),
            ("model.layers.0.mlp.down_proj.weight", &[4, 8]),
            ("model.layers.0.self_attn.q_proj.weight", &[4, 4]),
            ("model.layers.0.mlp.gate_proj.weight", &[8, 4]),
            ("model.layers.1.mlp.up_proj.weight", &[8, 4]),
            ("model.embed_tokens.weight", &[9, 4]),
            ("visual.blocks.0.norm1.weight", &[4]),
        ],
        &[
            ("transformer.h.0.mlp.c_fc.weight", &[4, 6]),
            ("transformer.h.0.mlp.c_proj.weight", &[6, 5]),
            ("transformer.h.0.attn.c_attn.weight", &[5, 15]),
            ("transformer.wte.weight", &[7, 4]),
        ],
        &[
            "Role transformer.h.0.mlp.c_fc.weight",
            "shape [4, 8] here, [5, 6] in the reference",
            "shape [4, 4] here, [5, 5] in the reference",
            "the reference has no such part",
            "the reference has 1 layer",
            "Role transformer.wte.weight",
            "the reference has no vision-encoder",
        ],
    );
}

#[test]
fn unknown_parts_answer_by_name_then_by_shape_and_never_to_known_ones() {
    check(
        &[
            ("core.a.weight", &[4, 4]),
            ("core.moved.10.weight", &[5, 5]),
            ("core.moved.2.weight", &[5, 5]),
            ("core.moved.30.weight", &[5, 5]),
            ("lone", &[3]),
            ("core.b.weight", &[6, 2]),
        ],
        &[
            ("core.a.weight", &[4, 4]),
            ("first", &[5, 5]),
            ("second.x.y", &[5, 5]),
            ("m.layers.0.mlp.up_proj.weight", &[6, 2]),
            ("m.norm.weight", &[3]),
        ],
        &[
            "Name core.a.weight",
            "Shape second.x.y",
            "Shape first",
            "the reference has no tensor of that name or shape left to pair with",
            "the reference has no tensor of that name or shape left to pair with",
            "the reference has no tensor of that name or shape left to pair with",
        ],
    );
}

#[test]
fn a_network_answers_to_the_one_it_shares_most_with() {
    let tower = |stack: &'static str| {
        [
            format!("{stack}.encoder.layers.0.mlp.fc1.weight"),
            format!("{stack}.encoder.layers.0.layer_norm1.weight"),
        ]
    };
    let (plain, discrete) = (tower("model.vision_model"), tower("model.discrete_vision_model"));
    let reference = tower("vision_model");
    check(
        &[
            (plain[0].as_str(), &[8, 4]),
            (plain[1].as_str(), &[4]),
            (discrete[0].as_str(), &[8, 6]),
            (discrete[1].as_str(), &[6]),
        ],
        &[(reference[0].as_str(), &[8, 6]), (reference[1].as_str(), &[6])],
        &[
            "no vision-encoder of the reference is left to answer to this one",
            "no vision-encoder of the reference is left to answer to this one",
            "Role vision_model.encoder.layers.0.mlp.fc1.weight",
            "Role vision_model.encoder.layers.0.layer_norm1.weight",
        ],
    );
}

proptest! {
    #[test]
    fn networks_are_renamed_once_and_for_all((a, left) in any_model(), (b, right) in any_model()) {
        let (a, b) = (assign_entries(&a, Some(&left)), assign_entries(&b, Some(&right)));
        let once = b.answering_to(&a);
        prop_assert_eq!(&once.answering_to(&a), &once);
        let places = |all: &Assignment| all.parts.iter().map(|p| (p.entry, p.view)).collect::<Vec<_>>();
        prop_assert_eq!(places(&once), places(&b));
        // No two networks became one.
        let names = |all: &Assignment| {
            let name = |p: &Part| (p.key.component.clone(), p.key.stack.clone());
            all.parts.iter().map(name).collect::<std::collections::BTreeSet<_>>().len()
        };
        prop_assert_eq!(names(&once), names(&b));
    }

    #[test]
    fn a_checkpoint_answers_to_itself((entries, config) in any_model()) {
        let assignment = assign_entries(&entries, Some(&config));
        let renamed = assignment.answering_to(&assignment);
        prop_assert_eq!(&renamed.parts, &assignment.parts);
        let pairings = pair(&assignment, &assignment, &entries, &entries);
        let names: Vec<_> = pairings.iter().map(|p| &p.component).collect();
        prop_assert_eq!(names, assignment.components.iter().map(|c| &c.name).collect::<Vec<_>>());
        let mut answered = 0;
        for pairing in &pairings {
            prop_assert_eq!(&pairing.unpaired, &[]);
            for pair in &pairing.pairs {
                prop_assert_eq!(pair.suspect, pair.reference);
            }
            answered += pairing.pairs.len();
        }
        prop_assert_eq!(answered, assignment.parts.len());
    }

    #[test]
    fn every_part_of_the_suspect_is_listed_once_and_none_of_the_reference_twice(
        (ours, config) in any_model(),
        (theirs, _) in any_model(),
    ) {
        let (a, b) = (assign_entries(&ours, Some(&config)), assign_entries(&theirs, None));
        let mut listed = Vec::new();
        let mut used = Vec::new();
        for pairing in pair(&a, &b, &ours, &theirs) {
            for pair in &pairing.pairs {
                let (s, r) = (&a.parts[pair.suspect], &b.parts[pair.reference]);
                prop_assert_eq!(s.inferred, r.inferred);
                listed.push(pair.suspect);
                used.push(pair.reference);
            }
            listed.extend(pairing.unpaired.iter().map(|unpaired| unpaired.suspect));
        }
        listed.sort_unstable();
        prop_assert_eq!(listed, (0..a.parts.len()).collect::<Vec<_>>());
        let n = used.len();
        used.sort_unstable();
        used.dedup();
        prop_assert_eq!(used.len(), n);
    }
}
