//! The HTML page, word by word, in both languages.

use insta::assert_snapshot;
use jokbo_report::{Language, html};

use crate::case::report;
use crate::hostile;

/// The page without its style sheet and script, which are files of their own.
fn body(language: Language) -> String {
    let page = html(&report(), language);
    let page = without(&page, "<style>", "</style>");
    without(&page, "<script>", "</script>")
}

/// `page` with everything from each `begin` to the next `end` taken out.
fn without(page: &str, begin: &str, end: &str) -> String {
    let mut out = String::new();
    let mut rest = page;
    while let Some((before, after)) = rest.split_once(begin) {
        out.push_str(before);
        rest = after.split_once(end).expect("what begins ends").1;
    }
    out + rest
}

/// Elements that have no end.
const VOID: &[&str] = &["meta", "br", "!DOCTYPE"];

/// Every element of the page ends where it should. Returns the text outside all tags.
#[track_caller]
fn well_formed(page: &str) -> String {
    let mut open: Vec<&str> = Vec::new();
    let mut text = String::new();
    let mut rest = page;
    while let Some((before, after)) = rest.split_once('<') {
        text.push_str(before);
        let (tag, after) = after.split_once('>').expect("a tag ends");
        rest = after;
        let name = tag.trim_start_matches('/').split([' ', '\n', '/']).next().unwrap_or("");
        if tag.starts_with('/') {
            assert_eq!(open.pop(), Some(name), "{text}");
        } else if !tag.ends_with('/') && !VOID.contains(&name) {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "{open:?}");
    text + rest
}

#[test]
fn the_report_as_a_page() {
    assert_snapshot!("report.en.html", body(Language::English));
    assert_snapshot!("report.ko.html", body(Language::Korean));
}

#[test]
fn every_element_ends() {
    for language in [Language::English, Language::Korean] {
        let text = well_formed(&body(language));
        assert!(2_000 < text.len(), "{text}");
    }
}

#[test]
fn nothing_is_loaded_from_anywhere() {
    // An arrow points to its head in the same page.
    let page = html(&report(), Language::English).replace("url(#", "");
    for loads in ["src=", "url(", "@import", "<link", "<iframe", "<object", "<form", "href=\"http"]
    {
        assert!(!page.contains(loads), "{loads}");
    }
    let links = page.matches("href=\"").count();
    assert!(5 < links && links == page.matches("href=\"#").count(), "{links}");
    for (at, _) in page.match_indices("href=\"#") {
        let id = page[at + 7..].split('"').next().expect("an attribute ends");
        assert!(page.contains(&format!(" id=\"{id}\"")), "a link leads nowhere: {id}");
    }
}

#[test]
fn no_id_is_given_twice() {
    let page = body(Language::English);
    let mut ids: Vec<&str> =
        page.split(" id=\"").skip(1).filter_map(|after| after.split('"').next()).collect();
    ids.sort_unstable();
    let all = ids.len();
    ids.dedup();
    assert!(5 < all && ids.len() == all, "{ids:?}");
}

#[test]
fn hostile_names_are_text() {
    for language in [Language::English, Language::Korean] {
        let page = html(&hostile::report(), language);
        hostile::is_plain(&page);
        assert!(!page.contains("<img"), "{page}");
        let page = without(&without(&page, "<style>", "</style>"), "<script>", "</script>");
        well_formed(&page);
    }
}

/// Cells that are set as numbers, in their order.
fn figures(page: &str) -> Vec<String> {
    let cells = page.split("<td class=\"n\">").skip(1);
    let cells = cells.filter_map(|after| after.split("</td>").next());
    let plain = |cell: &&str| !cell.chars().any(|c| c.is_alphabetic() && c != 'e');
    cells.filter(plain).map(str::to_owned).collect()
}

#[test]
fn both_languages_show_the_same_figures() {
    let (english, korean) = (body(Language::English), body(Language::Korean));
    assert!(20 < figures(&english).len(), "{english}");
    assert_eq!(figures(&english), figures(&korean));
}

#[test]
fn nothing_of_the_korean_page_is_half_translated() {
    let mut page = body(Language::Korean);
    // Names out of files, quotations, and what is marked as being in another language.
    for (begin, end) in [("<code", "</code>"), ("<q lang=\"\">", "</q>"), ("<title>", "</title>")] {
        page = without(&page, begin, end);
    }
    assert!(!page.contains("<q lang=\"en\">"), "a sentence has no Korean: {page}");
    let text = well_formed(&page);
    let is_latin = |word: &str| word.chars().any(|c| c.is_ascii_alphabetic());
    let words: Vec<&str> = text.split_whitespace().collect();
    let run = words.windows(4).find(|run| run.iter().all(|word| is_latin(word)));
    assert_eq!(run, None, "four words in a row are not Korean");
}

#[test]
fn the_line_to_redo_it_holds_what_was_asked() {
    let mut report = report();
    let mut other = report.reference.clone();
    other.source = "org/siglip".into();
    report.references = vec![report.reference.clone(), other];
    report.options =
        vec!["--component-ref=vision-encoder=org/siglip".into(), "--map=a b=other".into()];
    let page = html(&report, Language::English);
    let line =
        page.split("<pre tabindex=\"0\"><code>").nth(1).and_then(|rest| rest.split('<').next());
    let want = format!(
        "jokbo compare {} {} --component-ref=vision-encoder=org/siglip &#39;--map=a b=other&#39; \
         --level 1e-6 --seed 7",
        report.suspect.source, report.reference.source
    );
    assert_eq!(line, Some(want.as_str()));
}
