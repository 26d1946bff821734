//! The few pieces of markup that every part of the page is made of.

use std::fmt::Write as _;

use super::words::{Said, Words};
use crate::diagram;

/// Text with everything that HTML would read as markup written out, in content and in attributes.
pub(crate) fn escaped(text: &str) -> String {
    // The page's attributes may stand in either kind of quotes; those of a picture never do.
    diagram::escaped(text).replace('\'', "&#39;")
}

/// A name out of a file: of a tensor, a model, a test.
pub(crate) fn code(text: &str) -> String {
    format!("<code translate=\"no\">{}</code>", escaped(text))
}

/// Words of a file, in whatever language it is written in.
pub(crate) fn quotation(text: &str) -> String {
    format!("<q lang=\"\">{}</q>", escaped(text))
}

/// A sentence in the language of the page, or one in English that is marked as such.
pub(crate) fn said(said: &Said) -> String {
    match said {
        Said::Own(text) => escaped(text),
        Said::English(text) => format!("<q lang=\"en\">{}</q>", escaped(text)),
    }
}

/// A verdict or an outcome: a sign, a colour and the word.
pub(crate) fn badge(class: &str, word: &str) -> String {
    format!(
        "<span class=\"badge {}\"><span class=\"sign\" aria-hidden=\"true\">{}</span>{}</span>",
        css(class),
        sign(class),
        escaped(word)
    )
}

/// A class of the style sheet for a word of the contract; nothing else becomes a class.
pub(crate) fn css(word: &str) -> &'static str {
    match word {
        "identical" => "identical",
        "derived" => "derived",
        "partly-derived" => "partly",
        "no-evidence" => "none",
        "inconclusive" | "cannot-tell" | "needs-a-human" | "not-seen" | "named-only" => "open",
        "met" | "disclosed" => "met",
        "not-met" | "undisclosed" | "contradicted" => "unmet",
        _ => "other",
    }
}

/// The sign that goes with a colour, for who does not see it.
pub(crate) fn sign(word: &str) -> &'static str {
    match css(word) {
        "identical" => "●",
        "derived" => "◆",
        "partly" => "◐",
        "none" => "○",
        "open" => "?",
        "met" => "✓",
        "unmet" => "✗",
        _ => "–",
    }
}

/// A table whose cells are markup already. The first column heads its row; `numbers` are the columns
/// set to the right.
pub(crate) fn table(
    caption: &str,
    head: &[&str],
    rows: &[Vec<String>],
    numbers: &[usize],
) -> String {
    tabulated("", caption, head, rows, numbers)
}

/// The same, of rows in an order that a reader may want to change.
pub(crate) fn sortable(
    caption: &str,
    head: &[&str],
    rows: &[Vec<String>],
    numbers: &[usize],
) -> String {
    tabulated(" class=\"sortable\"", caption, head, rows, numbers)
}

fn tabulated(
    class: &str,
    caption: &str,
    head: &[&str],
    rows: &[Vec<String>],
    numbers: &[usize],
) -> String {
    let kind = class;
    let class = |k: usize| if numbers.contains(&k) { " class=\"n\"" } else { "" };
    let mut out = format!(
        "<div class=\"wide\" tabindex=\"0\" role=\"group\" aria-label=\"{0}\"><table{kind}>\
         <caption>{0}</caption>\n<thead><tr>",
        escaped(caption)
    );
    for (k, cell) in head.iter().enumerate() {
        let _ = write!(out, "<th scope=\"col\"{}>{}</th>", class(k), escaped(cell));
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for row in rows {
        out.push_str("<tr>");
        for (k, cell) in row.iter().enumerate() {
            let _ = match k {
                0 => write!(out, "<th scope=\"row\">{cell}</th>"),
                _ => write!(out, "<td{}>{cell}</td>", class(k)),
            };
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody></table></div>\n");
    out
}

/// Items that are markup already; nothing of an empty list.
pub(crate) fn list(items: &[String]) -> String {
    if items.is_empty() {
        return String::new();
    }
    let items: String = items.iter().map(|item| format!("<li>{item}</li>\n")).collect();
    format!("<ul>\n{items}</ul>\n")
}

/// What is folded away until it is asked for, by keyboard too.
pub(crate) fn folded(summary: &str, inside: &str) -> String {
    format!("<details><summary>{}</summary>\n{inside}</details>\n", escaped(summary))
}

/// The name of a component for a reader, with the name that reports use where that is another.
pub(crate) fn component(words: &dyn Words, name: &str) -> String {
    let shown = words.component(name);
    if shown == name { escaped(name) } else { format!("{} {}", escaped(&shown), code(name)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_in_a_name_is_text() {
        assert_eq!(escaped("<script>'&\"]]>"), "&lt;script&gt;&#39;&amp;&quot;]]&gt;");
        assert_eq!(css("\" onload=x"), "other");
    }
}
