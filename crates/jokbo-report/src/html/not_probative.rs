//! The box that shows figures quoted in disputes beside what they are between unrelated models.

use super::markup::{code, component, escaped, said, table};
use super::page::{headed, paragraph};
use super::words::{Label, Words};
use crate::schema::{NotProbative, Report};
use crate::words as shown;

pub(crate) fn section(report: &Report, words: &dyn Words) -> String {
    if report.not_probative.is_empty() {
        return String::new();
    }
    let head = [Label::Component, Label::Figure, Label::Value, Label::Null, Label::Why];
    let head: Vec<&str> = head.iter().map(|label| words.label(*label)).collect();
    let row = |n: &NotProbative| {
        let against =
            n.reference.as_ref().map_or(String::new(), |name| format!(" · {}", code(name)));
        vec![
            format!("{}{against}", component(words, &n.component)),
            said(&words.prose(&n.figure)),
            n.value.map_or_else(|| "–".to_owned(), shown::small),
            said(&words.prose(&n.null)),
            said(&words.prose(&n.why)),
        ]
    };
    let rows: Vec<Vec<String>> = report.not_probative.iter().map(row).collect();
    let label = words.label(Label::NotProbative);
    let inside = paragraph(&escaped(words.trap())) + &table(label, &head, &rows, &[2]);
    headed("not-probative", &escaped(label), &format!("<div class=\"trap\">\n{inside}</div>\n"))
}
