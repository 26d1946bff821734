//! The skeleton of the page: head, ways to skip, sections in their order.

use std::fmt::Write as _;

use super::markup::{component, escaped};
use super::words::{Label, Words};
use super::{audit, component as of_component, first_screen, method, not_probative};
use crate::schema::{Component, Report};
use crate::words as said;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// Nothing may be loaded and no other script may run, whatever a name in the report says.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; \
                      form-action 'none'; script-src 'sha256-WzyelJOQAB32hBEKg8TnuR1XPdsj1aj2wFgoJwFMr7U='";

pub(crate) fn page(report: &Report, words: &dyn Words) -> String {
    let title = escaped(&words.title(&report.suspect.source, &references(report).join(", ")));
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#verdicts\">{}</a>\n",
        words.tag(),
        escaped(words.label(Label::SkipToVerdicts)),
    );
    let _ = writeln!(out, "<header>\n<h1>{title}</h1>\n{}</header>", contents(report, words));
    out.push_str("<main>\n");
    out.push_str(&first_screen::section(report, words));
    for k in 0..report.components.len() {
        out.push_str(&of_component::section(report, k, words));
    }
    out.push_str(&not_probative::section(report, words));
    if let Some(audit) = &report.audit {
        out.push_str(&audit::section(audit, words));
    }
    out.push_str(&method::sections(report, words));
    let _ = write!(
        out,
        "</main>\n<footer><p>{}</p></footer>\n<script>{SCRIPT}</script>\n</body>\n</html>\n",
        escaped(words.closing())
    );
    out
}

/// What the references are called, in their order.
pub(crate) fn references(report: &Report) -> Vec<&str> {
    report.models().skip(1).map(|model| model.source.as_str()).collect()
}

/// The reference that a component was held against.
pub(crate) fn reference<'a>(report: &'a Report, of: &'a Component) -> &'a str {
    of.reference.as_deref().unwrap_or(&report.reference.source)
}

fn contents(report: &Report, words: &dyn Words) -> String {
    let link = |to: &str, text: &str| format!("<li><a href=\"#{to}\">{text}</a></li>\n");
    let label = |label: Label| escaped(words.label(label));
    let mut links = link("verdicts", &label(Label::Verdicts));
    for (k, of) in report.components.iter().enumerate() {
        links.push_str(&link(&format!("component-{k}"), &escaped(&words.component(&of.component))));
    }
    let parts = [
        (!report.not_probative.is_empty(), "not-probative", Label::NotProbative),
        (report.audit.is_some(), "audit", Label::AuditTitle),
        (true, "method", Label::Method),
    ];
    for (_, id, text) in parts.into_iter().filter(|(is_there, ..)| *is_there) {
        links.push_str(&link(id, &label(text)));
    }
    format!("<nav aria-label=\"{}\"><ul>\n{links}</ul></nav>\n", label(Label::Contents))
}

/// A section with its heading.
pub(crate) fn headed(id: &str, title: &str, inside: &str) -> String {
    format!(
        "<section id=\"{id}\" aria-labelledby=\"{id}-title\">\n<h2 id=\"{id}-title\">{title}</h2>\n\
         {inside}</section>\n"
    )
}

/// A heading within a section.
pub(crate) fn part(words: &dyn Words, label: Label, inside: &str) -> String {
    if inside.is_empty() {
        return String::new();
    }
    format!("<h3>{}</h3>\n{inside}", escaped(words.label(label)))
}

/// A sentence as a paragraph.
pub(crate) fn paragraph(markup: &str) -> String {
    format!("<p>{markup}</p>\n")
}

/// A share of a whole with a bar of its length.
pub(crate) fn share(value: f64) -> String {
    let long = value.clamp(0.0, 1.0) * 100.0;
    format!(
        "<span class=\"share\">{}<svg class=\"bar\" viewBox=\"0 0 100 6\" preserveAspectRatio=\"none\" \
         aria-hidden=\"true\"><rect class=\"track\" width=\"100\" height=\"6\"/><rect class=\"long\" \
         width=\"{long:.2}\" height=\"6\"/></svg></span>",
        escaped(&said::percent(value))
    )
}

/// The name of a component with its verdict.
pub(crate) fn name(words: &dyn Words, of: &Component) -> String {
    component(words, &of.component)
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use sha2::{Digest as _, Sha256};

    use super::*;

    #[test]
    fn the_policy_names_the_script_of_the_page() {
        let hash = STANDARD.encode(Sha256::digest(SCRIPT));
        assert!(POLICY.ends_with(&format!("script-src 'sha256-{hash}'")), "{hash}");
        assert!(!SCRIPT.contains("</"), "an end tag would end the script");
    }
}
