//! `cargo xtask docs`: the reference pages, written from the same cards as `jokbo explain`.

use crate::generated::{self, Mode};

const PATH: &str = "docs/reference/terms.md";

const HEAD: &str = "# Terms

<!-- Written by `cargo xtask docs` from the cards in the code. Edit those, not this page. -->

Every word that a report uses in a fixed sense. `jokbo explain TERM` prints the same texts.
";

/// Writes or compares the reference pages.
pub(crate) fn run(mode: Mode) -> anyhow::Result<()> {
    generated::settle("docs", PATH, &terms(), mode)
}

fn terms() -> String {
    let pages = jokbo_report::terms().into_iter().filter_map(jokbo_report::explain);
    std::iter::once(HEAD.to_owned()).chain(pages.map(|page| section(&page))).collect()
}

/// The text of one term as a section of Markdown.
///
/// The first line is the term. Of the others, those that are indented are text, and those that
/// are not are the label of the paragraph after them.
fn section(page: &str) -> String {
    let (term, rest) = page.split_once('\n').unwrap_or((page, ""));
    let mut out = format!("\n## {term}\n");
    for block in rest.split("\n\n") {
        let (text, labels): (Vec<&str>, Vec<&str>) =
            block.lines().filter(|line| !line.is_empty()).partition(|line| line.starts_with(' '));
        let label: String = labels.iter().map(|label| format!("**{label}.** ")).collect();
        let text: Vec<&str> = text.iter().map(|line| line.trim()).collect();
        let text = literal(&text.join(" "));
        if !text.is_empty() {
            out.push_str(&format!("\n{label}{text}\n"));
        }
    }
    out
}

/// `text` with every character escaped that Markdown would take for its own.
fn literal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let is_space_or_sign = |next: &char| matches!(next, ' ' | '=');
        let escaped = match c {
            '<' => !rest.peek().is_none_or(is_space_or_sign),
            _ => matches!(c, '\\' | '`' | '*' | '_' | '[' | '|' | '~'),
        };
        if escaped {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_becomes_a_section() {
        let page = "cosine\n\n  One two\n  three.\n\nHow it is computed\n  <a_i, b_i>\n";
        assert_eq!(
            section(page),
            "\n## cosine\n\nOne two three.\n\n**How it is computed.** \\<a\\_i, b\\_i>\n"
        );
    }

    #[test]
    fn what_markdown_would_take_for_its_own_is_escaped() {
        assert_eq!(literal("other:<prefix> a_i * b"), "other:\\<prefix> a\\_i \\* b");
        assert_eq!(literal("k <= 3 < n"), "k <= 3 < n");
    }

    #[test]
    fn no_word_of_any_card_is_lost() {
        let words = |text: &str| -> Vec<String> {
            text.replace("**", "").split_whitespace().map(str::to_owned).collect()
        };
        for term in jokbo_report::terms() {
            let page = jokbo_report::explain(term).unwrap();
            let section = section(&page);
            let section = section.trim_start().trim_start_matches("## ");
            let escaped = literal(&page);
            let (page, section) = (words(&escaped), words(section));
            assert_eq!(page.len(), section.len(), "{term}");
            for (a, b) in page.iter().zip(&section) {
                assert_eq!(a, b.strip_suffix('.').filter(|b| b == a).unwrap_or(b), "{term}");
            }
        }
    }

    #[test]
    fn every_term_has_its_section() {
        let page = terms();
        for term in jokbo_report::terms() {
            assert!(page.contains(&format!("\n## {term}\n")), "{term}");
        }
    }
}
