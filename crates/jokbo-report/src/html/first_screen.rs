//! What is seen first: the model as a picture, one sentence a component, and what policies say.

use std::fmt::Write as _;

use super::markup::{badge, code, css, escaped, sign};
use super::page::{headed, name, reference, references, share};
use super::words::{Label, Words};
use crate::diagram::{self, BOX, Diagram, Place, TOP, layout};
use crate::schema::{Component, Model, ModelComponent, Report};
use crate::words as said;

pub(crate) fn section(report: &Report, words: &dyn Words) -> String {
    let mut inside = models(report, words);
    inside.push_str(&policies(report, words));
    if report.components.is_empty() {
        let _ = writeln!(inside, "<p>{}</p>", escaped(words.label(Label::NoComponent)));
    } else {
        inside.push_str(&picture(report, words));
        inside.push_str(&sentences(report, words));
    }
    headed("verdicts", &escaped(words.label(Label::Verdicts)), &inside)
}

fn models(report: &Report, words: &dyn Words) -> String {
    let row = |label: Label, models: &[&Model]| {
        let shown: Vec<String> = models
            .iter()
            .map(|model| {
                let commit = model.commit.as_ref().map_or(String::new(), |commit| {
                    format!(", {} {}", escaped(words.label(Label::Commit)), code(commit))
                });
                format!(
                    "{} ({}, {}{commit})",
                    code(&model.source),
                    code(&model.format),
                    escaped(&words.parameters(model.parameters))
                )
            })
            .collect();
        format!("<dt>{}</dt><dd>{}</dd>\n", escaped(words.label(label)), shown.join("<br>"))
    };
    let several: Vec<&Model> = report.references.iter().collect();
    let references = match &several[..] {
        [] => row(Label::Reference, &[&report.reference]),
        several => row(Label::References, several),
    };
    format!("<dl class=\"models\">\n{}{references}</dl>\n", row(Label::Suspect, &[&report.suspect]))
}

/// The outcome of every policy, where an audit asked for some.
fn policies(report: &Report, words: &dyn Words) -> String {
    let Some(audit) = report.audit.as_ref().filter(|audit| !audit.policies.is_empty()) else {
        return String::new();
    };
    let items: String = audit
        .policies
        .iter()
        .map(|policy| {
            format!(
                "<li>{} {} {}</li>\n",
                badge(&policy.outcome, words.outcome(&policy.outcome)),
                escaped(words.both(&policy.title)),
                code(&policy.id)
            )
        })
        .collect();
    let label = escaped(words.label(Label::Policies));
    format!("<h3>{label}</h3>\n<ul class=\"outcomes\">\n{items}</ul>\n")
}

/// The components of the suspect and how they are joined, each in the colour of its verdict with its
/// word.
fn picture(report: &Report, words: &dyn Words) -> String {
    let components = &report.suspect.components;
    let diagram = Diagram::of(components);
    let (places, width, height) = layout(&diagram, components.len());
    let label = escaped(words.label(Label::Diagram));
    let mut out = format!(
        "<figure><div class=\"wide\" tabindex=\"0\" role=\"group\" aria-label=\"{label}\">\
         <svg class=\"diagram\" viewBox=\"0 {TOP} {width} {}\" width=\"{width}\" height=\"{0}\" \
         role=\"group\" aria-labelledby=\"diagram-title diagram-text\">\n\
         <title id=\"diagram-title\">{label}</title>\n<desc id=\"diagram-text\">{}</desc>\n{}",
        height - TOP,
        escaped(&described(&diagram, components, words)),
        diagram::HEAD,
    );
    for &(from, to) in &diagram.arrows {
        diagram::arrow(&mut out, places[from], places[to]);
    }
    for (k, part) in components.iter().enumerate() {
        let is_apart = diagram.places[k] == Place::Apart;
        let at = report.components.iter().position(|c| c.component == part.component);
        out.push_str(&boxed(report, part, at, places[k], is_apart, words));
    }
    let _ = writeln!(
        out,
        "</svg></div>\n<figcaption>{}</figcaption></figure>",
        escaped(words.label(Label::DiagramLegend))
    );
    out
}

fn boxed(
    report: &Report,
    part: &ModelComponent,
    at: Option<usize>,
    (x, y): (usize, usize),
    is_apart: bool,
    words: &dyn Words,
) -> String {
    let found = at.map(|k| &report.components[k]);
    let verdict = found.map_or("", |c| c.verdict.as_str());
    let word = match found {
        Some(c) => format!("{} {}", sign(&c.verdict), words.verdict(&c.verdict)),
        None => words.label(Label::NotCompared).to_owned(),
    };
    let share = diagram::share(part, &report.suspect.components);
    let name = words.component(&part.component);
    let layers = match part.layers {
        0 => String::new(),
        n => format!(", {}", words.layers(n)),
    };
    let about = format!("{name}: {word}; {}{layers}", words.parameters(part.parameters));
    let figures =
        format!("{}, {}{layers}", diagram::short_count(part.parameters), said::percent(share));
    let (left, inner) = (x + 12, BOX.0 - 24);
    #[allow(clippy::cast_precision_loss, reason = "a few hundred pixels")]
    let long = (share * inner as f64).max(1.5);
    let bar = y + 44;
    let apart = if is_apart { " apart" } else { "" };
    let drawn = format!(
        "<title>{}</title><rect class=\"box{apart}\" x=\"{x}\" y=\"{y}\" width=\"{}\" height=\"{}\" \
         rx=\"8\"/><text class=\"name\" x=\"{left}\" y=\"{}\">{}</text><text class=\"word\" \
         x=\"{left}\" y=\"{}\">{}</text><text class=\"small\" x=\"{left}\" y=\"{}\">{}</text>\
         <rect class=\"track\" x=\"{left}\" y=\"{bar}\" width=\"{inner}\" height=\"4\" rx=\"2\"/>\
         <rect class=\"long\" x=\"{left}\" y=\"{bar}\" width=\"{long:.1}\" height=\"4\" rx=\"2\"/>",
        escaped(&about),
        BOX.0,
        BOX.1,
        y + 20,
        escaped(&diagram::shortened(&name, diagram::NAME)),
        y + 66,
        escaped(&word),
        y + 37,
        escaped(&figures),
    );
    match at {
        Some(k) => {
            format!("<a href=\"#component-{k}\"><g class=\"{}\">{drawn}</g></a>\n", css(verdict))
        }
        None => format!("<g class=\"other\">{drawn}</g>\n"),
    }
}

/// The arrows in words, for those who cannot see them.
fn described(diagram: &Diagram, components: &[ModelComponent], words: &dyn Words) -> String {
    let name = |k: usize| words.component(&components[k].component);
    let arrow = |&(from, to): &(usize, usize)| {
        format!("{} {} {}", name(from), words.label(Label::LeadsTo), name(to))
    };
    diagram.arrows.iter().map(arrow).collect::<Vec<_>>().join("; ")
}

/// What a component's verdict is about: its best ancestor, or every reference where they all have that
/// verdict and it finds nothing.
fn against(report: &Report, of: &Component) -> String {
    let mut all = report.further.iter().filter(|other| other.component == of.component);
    if of.verdict == "no-evidence" && all.all(|other| other.verdict == of.verdict) {
        let asked = references(report).into_iter().filter(|source| {
            let is_held =
                |c: &&Component| c.component == of.component && reference(report, c) == *source;
            report.components.iter().chain(&report.further).any(|c| is_held(&c))
        });
        return asked.collect::<Vec<_>>().join(", ");
    }
    reference(report, of).to_owned()
}

/// One sentence a component.
fn sentences(report: &Report, words: &dyn Words) -> String {
    let several = 1 < references(report).len();
    let item = |(k, c): (usize, &Component)| {
        let beside = report
            .further
            .iter()
            .filter(|other| other.component == c.component && said::is_finding(&other.verdict));
        let beside: Vec<String> =
            beside.map(|other| escaped(&words.headline(other, reference(report, other)))).collect();
        let beside = if several && !beside.is_empty() {
            format!(" {}", beside.join(" "))
        } else {
            String::new()
        };
        format!(
            "<li><a href=\"#component-{k}\">{}</a> {}<p>{}{beside}</p><p class=\"small\">{}: {}</p></li>\n",
            name(words, c),
            badge(&c.verdict, words.verdict(&c.verdict)),
            escaped(&words.headline(c, &against(report, c))),
            escaped(words.label(Label::ShareOfModel)),
            share(c.share_of_parameters),
        )
    };
    let items: String = report.components.iter().enumerate().map(item).collect();
    format!("<ol class=\"cards\">\n{items}</ol>\n")
}
