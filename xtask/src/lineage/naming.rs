//! Whether a relation is named for what it is, and which side is leaned to be the parent.

use serde::Serialize;
use serde_json::Value;

use super::kin::Kin;
use super::outcome::Outcome;

/// Words that say only that values are equal, converted or changed: no relation is named by them.
const PLAIN: &[&str] = &["same-bits", "converted", "changed"];

/// How a relation of the benchmark is called in reports: any of these will do. Where the list is
/// empty there is no word for it.
fn words(relation: &str) -> &'static [&'static str] {
    match relation {
        "tuned-light" | "tuned-heavy" | "continued-10x" => &["fine-tuned"],
        "adapter-merged" => &["adapter-merged"],
        "quantised" => &["quantised", "converted"],
        "pruned-zeros" | "pruned-zeros-healed" => &["zero-masked"],
        "width-pruned" => &["width-pruned"],
        "depth-pruned" => &["depth-pruned"],
        "depth-upscaled" => &["layers-repeated"],
        "upcycled" => &["upcycled"],
        "expert-split" => &["expert-split"],
        "vocabulary-resized" => &["vocabulary-resized"],
        "attack-noise-5" | "attack-noise-20" => &["noise-added"],
        "attack-scale-units" => &["scaled"],
        _ => &[],
    }
}

/// Right answers, answers, and questions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Tally {
    pub(crate) right: usize,
    pub(crate) said: usize,
    pub(crate) asked: usize,
}

impl Tally {
    fn count(answers: impl Iterator<Item = Option<bool>>) -> Self {
        answers.fold(Self::default(), |sum, answer| Self {
            right: sum.right + usize::from(answer == Some(true)),
            said: sum.said + usize::from(answer.is_some()),
            asked: sum.asked + 1,
        })
    }
}

/// Children whose relation has a word, with that word or without. `None` when no report of all names
/// any relation.
pub(crate) fn relations(outcomes: &[Outcome]) -> Option<Tally> {
    let kinds = |outcome: &Outcome| {
        let all = outcome.components.iter().flat_map(|c| &c.relations);
        all.filter_map(|r| r["kind"].as_str().map(str::to_owned)).collect::<Vec<_>>()
    };
    let names = |kind: &String| !PLAIN.contains(&kind.as_str());
    if !outcomes.iter().any(|o| kinds(o).iter().any(names)) {
        return None;
    }
    let asked = outcomes.iter().filter_map(|o| match &o.kin {
        Kin::Child(relation) if !words(relation).is_empty() => Some((o, words(relation))),
        _ => None,
    });
    Some(Tally::count(asked.map(|(o, wanted)| {
        let said = kinds(o);
        let right = said.iter().any(|kind| wanted.contains(&kind.as_str()));
        (!said.is_empty()).then_some(right)
    })))
}

/// Children whose direction is leaned to, as the suspect and in `reversed` as the reference. `None`
/// when no report of all leans either way.
pub(crate) fn directions(outcomes: &[Outcome], reversed: &[Outcome]) -> Option<Tally> {
    let lean = |o: &Outcome, child: &str| {
        let said: Vec<&str> = o
            .components
            .iter()
            .filter_map(|c| c.direction.as_ref().and_then(|d: &Value| d["child"].as_str()))
            .collect();
        (!said.is_empty()).then(|| said.iter().all(|side| *side == child))
    };
    let children = outcomes.iter().filter(|o| matches!(o.kin, Kin::Child(_)));
    let leans = children.map(|o| lean(o, "suspect"));
    let tally = Tally::count(leans.chain(reversed.iter().map(|o| lean(o, "reference"))));
    (tally.said != 0).then_some(tally)
}

/// Pairs of this relation that have its word, of all; `None` where there is no word for it.
pub(crate) fn row(relation: &str, outcomes: &[&Outcome]) -> Option<(usize, usize)> {
    let wanted = Some(words(relation)).filter(|wanted| !wanted.is_empty())?;
    let has = |o: &&&Outcome| {
        let mut all = o.components.iter().flat_map(|c| &c.relations);
        all.any(|r| r["kind"].as_str().is_some_and(|kind| wanted.contains(&kind)))
    };
    Some((outcomes.iter().filter(has).count(), outcomes.len()))
}

#[cfg(test)]
mod tests {
    use super::super::outcome::Component;
    use super::*;
    use serde_json::json;

    fn outcome(kin: Kin, relation: &Value, direction: Option<Value>) -> Outcome {
        let component = Component {
            component: "core".to_owned(),
            related: true,
            verdict: "derived".to_owned(),
            log10_p: Some(-9.0),
            ancestry: "checkpoint".to_owned(),
            reasons: Vec::new(),
            relations: vec![relation.clone()],
            direction,
            layer_map: Vec::new(),
            expert_map: Vec::new(),
            tests: Vec::new(),
        };
        let name = || "a".to_owned();
        let (suspect, reference) = (name(), name());
        Outcome { suspect, reference, kin, null: false, components: vec![component] }
    }

    #[test]
    fn what_no_report_names_has_no_figure() {
        let kin = Kin::Child("quantised".to_owned());
        let plain = [outcome(kin, &json!({"kind": "changed"}), None)];
        assert_eq!((relations(&plain), directions(&plain, &[])), (None, None));
    }

    #[test]
    fn right_and_wrong_names_and_leans_are_counted() {
        let child = |relation: &str| Kin::Child(relation.to_owned());
        let lean = |side: &str| Some(json!({"child": side}));
        let all = [
            outcome(child("quantised"), &json!({"kind": "quantised"}), lean("suspect")),
            outcome(child("tuned-heavy"), &json!({"kind": "scaled"}), lean("reference")),
            outcome(child("attack-rename"), &json!({"kind": "scaled"}), None),
            outcome(Kin::Relatives, &json!({"kind": "scaled"}), lean("reference")),
        ];
        assert_eq!(relations(&all), Some(Tally { right: 1, said: 2, asked: 2 }));
        assert_eq!(directions(&all, &[]), Some(Tally { right: 1, said: 2, asked: 3 }));
        // Turned round, the child is the reference.
        assert_eq!(directions(&[], &all[..2]), Some(Tally { right: 1, said: 2, asked: 2 }));
        assert_eq!(row("quantised", &[&all[0], &all[1]]), Some((1, 2)));
        assert_eq!(row("attack-rename", &[&all[2]]), None);
    }
}
