//! One component: why it has its verdict, with every figure behind that.

use std::fmt::Write as _;

use super::agreement::agreement;
use super::curve::curve;
use super::heat;
use super::markup::{badge, code, component, escaped, folded, list, said, sortable, table};
use super::page::{headed, name, paragraph, part, reference, share};
use super::pairs;
use super::words::{Label, Words};
use crate::schema::{Component, NotMeasured, Report, Test};
use crate::words as shown;

/// The `k`-th component of the suspect, against its best ancestor; the other references folded below.
pub(crate) fn section(report: &Report, k: usize, words: &dyn Words) -> String {
    let c = &report.components[k];
    let title = format!("{} {}", name(words, c), badge(&c.verdict, words.verdict(&c.verdict)));
    let mut inside = against(report, c, words);
    let kinships: Vec<String> = report
        .kinships
        .iter()
        .filter(|kinship| kinship.component == c.component)
        .flat_map(|kinship| words.kinship(kinship, &report.suspect.source))
        .map(|line| escaped(&line))
        .collect();
    inside.push_str(&part(words, Label::Kinships, &list(&kinships)));
    let others: String = report
        .further
        .iter()
        .filter(|other| other.component == c.component)
        .map(|other| {
            let source = reference(report, other);
            let word = words.verdict(&other.verdict);
            folded(&format!("{source}: {word}"), &against(report, other, words))
        })
        .collect();
    inside.push_str(&part(words, Label::OtherReferences, &others));
    headed(&format!("component-{k}"), &title, &inside)
}

/// Everything that is said of a component held against one reference.
fn against(report: &Report, c: &Component, words: &dyn Words) -> String {
    let source = reference(report, c);
    let mut out = format!("<p class=\"lead\">{}</p>\n", escaped(&words.headline(c, source)));
    out.push_str(&list(&reasons(c, words)));
    out.push_str(&part(words, Label::Figures, &figures(c, words)));
    out.push_str(&part(words, Label::Curve, &curve(c, words)));
    out.push_str(&part(words, Label::HeatMap, &heat::map(&c.sections, words)));
    out.push_str(&part(words, Label::Agreement, &agreement(c, words)));
    out.push_str(&part(words, Label::Pairs, &pairs::grids(c, words)));
    out.push_str(&part(words, Label::Power, &paragraph(&escaped(&words.power(c)))));
    out.push_str(&part(words, Label::Tests, &tests(&c.tests, words)));
    out.push_str(&part(words, Label::NotTested, &not_tested(c, words)));
    let missing = report.not_measured.iter().filter(|n| {
        n.component == c.component && n.reference.as_deref().is_none_or(|name| name == source)
    });
    let missing: Vec<&NotMeasured> = missing.collect();
    let _ = write!(out, "{}", not_measured(&missing, words));
    out
}

/// Why the verdict is what it is, and how the weights were changed, one line each.
fn reasons(c: &Component, words: &dyn Words) -> Vec<String> {
    let line = |label: Label, text: &str| {
        format!("<b>{}</b>: {}", escaped(words.label(label)), escaped(text))
    };
    let mut lines: Vec<String> = c.reasons.iter().map(|why| said(&words.prose(why))).collect();
    lines.extend(words.ancestry(&c.ancestry).map(|text| line(Label::Ancestry, text)));
    lines.extend(c.relations.iter().map(|r| line(Label::Relation, &words.relation(r))));
    let facts = [
        (Label::Direction, c.direction.as_ref().map(|d| words.direction(d))),
        (Label::Alignment, c.alignment.as_ref().map(|a| words.alignment(a))),
        (Label::LayerMap, words.layer_map(&c.layer_map)),
        (Label::ExpertMap, words.expert_map(&c.expert_map)),
        (Label::Heads, c.heads.map(|heads| words.heads(heads))),
        (Label::FoundByContent, words.found_by_content(&c.found_by_content)),
    ];
    lines.extend(facts.into_iter().filter_map(|(label, text)| Some(line(label, &text?))));
    lines.extend(c.token_rows.as_ref().map(|rows| escaped(&words.token_rows(rows))));
    lines.extend(words.sampled(c).map(|text| escaped(&text)));
    lines
}

fn figures(c: &Component, words: &dyn Words) -> String {
    let none = || "–".to_owned();
    let number = |x: Option<f64>| x.map_or_else(none, shown::small);
    let part = |x: Option<f64>| x.map_or_else(none, share);
    let e = &c.effect;
    let rows = [
        (Label::Parameters, shown::count(c.parameters)),
        (Label::ShareOfModel, share(c.share_of_parameters)),
        (Label::CorrectedP, escaped(&words.p(c.log10_p))),
        (Label::AlignedCosine, e.aligned_cosine.map_or_else(none, shown::interval)),
        (Label::UnitsAgreeing, part(e.units_agreeing_share)),
        (Label::Cosine, number(e.cosine)),
        (Label::Pearson, number(e.pearson)),
        (Label::RelativeL2, number(e.relative_l2)),
        (Label::EqualBits, part(e.equal_bits_share)),
        (Label::Tested, part(c.coverage.share)),
    ];
    let rows: Vec<Vec<String>> =
        rows.into_iter().map(|(label, value)| vec![escaped(words.label(label)), value]).collect();
    let head = [words.label(Label::Figure), words.label(Label::Value)];
    table(words.label(Label::Figures), &head, &rows, &[1])
}

fn tests(tests: &[Test], words: &dyn Words) -> String {
    if tests.is_empty() {
        return paragraph(&escaped(&words.p(None)));
    }
    let head = [
        Label::Test,
        Label::Kind,
        Label::P,
        Label::Units,
        Label::Groups,
        Label::Statistic,
        Label::Draws,
    ];
    let head: Vec<&str> = head.iter().map(|label| words.label(*label)).collect();
    let row = |test: &Test| {
        let inferred = if test.inferred_axes {
            format!(", {}", words.label(Label::InferredAxes))
        } else {
            String::new()
        };
        let name = words.test(&test.name);
        let name = if name == test.name {
            escaped(&name)
        } else {
            format!("{} {}", escaped(&name), code(&test.name))
        };
        vec![
            name,
            escaped(&format!("{}{inferred}", words.kind(&test.kind))),
            escaped(&words.p(Some(test.log10_p))),
            shown::count(test.n),
            shown::count(test.groups),
            format!("{:.2}", test.statistic),
            shown::count(test.draws),
        ]
    };
    let rows: Vec<Vec<String>> = tests.iter().map(row).collect();
    sortable(words.label(Label::Tests), &head, &rows, &[2, 3, 4, 5, 6])
}

/// What no exact test drew from, gathered by reason.
fn not_tested(c: &Component, words: &dyn Words) -> String {
    let groups = shown::gathered(&c.coverage.not_tested);
    if groups.is_empty() {
        return paragraph(&escaped(words.label(Label::NothingLeftOut)));
    }
    let head = [Label::Why, Label::Parameters, Label::Tensors].map(|label| words.label(label));
    let rows: Vec<Vec<String>> = groups
        .into_iter()
        .map(|(why, names, parameters)| {
            let mut tensors: Vec<String> = names.iter().take(3).map(|name| code(name)).collect();
            if let Some(more) = names.len().checked_sub(3).filter(|more| 0 < *more) {
                tensors.push(escaped(&words.and_more(more)));
            }
            vec![said(&words.prose(why)), shown::count(parameters), tensors.join(" ")]
        })
        .collect();
    sortable(words.label(Label::NotTested), &head, &rows, &[1])
}

/// What has no value, folded away: most of it follows from what was said before.
pub(crate) fn not_measured(missing: &[&NotMeasured], words: &dyn Words) -> String {
    if missing.is_empty() {
        return String::new();
    }
    let head = [Label::What, Label::Why].map(|label| words.label(label));
    let rows: Vec<Vec<String>> = missing
        .iter()
        .map(|n| {
            let name = words.test(&n.what);
            let name = if name == n.what {
                code(&name)
            } else {
                format!("{} {}", escaped(&name), code(&n.what))
            };
            let of = match n.component.as_str() {
                "" => String::new(),
                of => format!("{}: ", component(words, of)),
            };
            vec![format!("{of}{name}"), said(&words.prose(&n.why))]
        })
        .collect();
    let label = words.label(Label::NotMeasured);
    folded(label, &table(label, &head, &rows, &[]))
}
