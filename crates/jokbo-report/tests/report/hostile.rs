//! Names from hostile files: shown as they are, obeyed by nothing.

use jokbo_report::{Paint, Report, json, markdown, text};

use crate::case::case;

/// Clears the screen, turns the text, ends a line, and speaks Markdown and HTML.
const EVIL: &str =
    "a\u{1b}[2J\u{9b}31m\u{202e}b\n# c|d `e` ![f](http://g/h.png) <img src=i> *j*\u{7f}";

/// The case with [`EVIL`] wherever a file could bring it in.
pub(crate) fn report() -> Report {
    let (mut case, verdicts) = case();
    case.suspect.source = EVIL.into();
    case.suspect.files[0].path = EVIL.into();
    case.reference.source = EVIL.into();
    case.oddities = vec![EVIL.into()];
    for field in case.architecture.iter_mut().flat_map(|a| &mut a.fields) {
        field.section = EVIL.into();
        field.suspect = Some(EVIL.into());
    }
    for (k, exhibit) in case.exhibits.iter_mut().enumerate() {
        exhibit.component = format!("other:{EVIL}{k}");
        for section in &mut exhibit.sections {
            section.name = EVIL.into();
        }
        for untested in &mut exhibit.coverage.not_tested {
            untested.tensor = EVIL.into();
        }
        for formula in &mut exhibit.formulas {
            formula.tensor = EVIL.into();
        }
    }
    Report::new(&case, &verdicts, "9.9.9")
}

#[track_caller]
pub(crate) fn is_plain(page: &str) {
    let raw = page.chars().find(|&c| (c.is_control() && c != '\n') || c == '\u{202e}');
    assert_eq!(raw, None, "{}", page.escape_debug());
}

#[test]
fn no_page_holds_a_character_that_a_terminal_obeys() {
    is_plain(&text(&report(), Paint::Plain));
    is_plain(&markdown(&report()));
    is_plain(&json(&report()));
}

#[test]
fn json_gives_the_name_back_as_it_was() {
    let back: Report = serde_json::from_str(&json(&report())).unwrap();
    let names = |report: Report| -> Vec<String> {
        report.components.into_iter().map(|component| component.component).collect()
    };
    assert_eq!((back.suspect.source.as_str(), back.oddities[0].as_str()), (EVIL, EVIL));
    assert_eq!(names(back), names(report()));
}

#[test]
fn no_name_becomes_structure_in_markdown() {
    let page = markdown(&report());
    assert!(!page.contains("<img") && !page.contains("![f"), "{page}");
    assert_eq!(page.matches("](http").count(), page.matches("\\](http").count(), "{page}");
    assert!(page.contains("c\\|d"), "{page}");
    let headings = page.lines().filter(|line| line.starts_with('#'));
    assert!(headings.count() == 1 + report().components.len() + 5, "{page}");
    let columns = |line: &&str| line.replace("\\|", "").matches('|').count();
    // Of verdicts, and of fields that differ.
    let tables: Vec<&str> = page.split("\n\n").filter(|text| text.starts_with('|')).collect();
    assert_eq!(tables.len(), 2, "{page}");
    for table in tables {
        let rows: Vec<usize> = table.lines().map(|line| columns(&line)).collect();
        assert!(3 < rows.len() && rows.iter().all(|&n| n == rows[0]), "{rows:?}");
    }
}

#[test]
fn a_line_break_in_a_name_does_not_break_the_table() {
    let page = text(&report(), Paint::Plain);
    let rows = page.lines().filter(|line| line.starts_with("other:a\\u{1b}[2J"));
    // One row of the table, one headline and one or more figures for each component.
    assert!(2 * report().components.len() <= rows.count(), "{page}");
    assert!(!page.lines().any(|line| line.starts_with("# c")), "{page}");
}
