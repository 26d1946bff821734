//! The HTML page from the command line. What a browser makes of it is `cargo xtask browser`.

use jokbo_cases::all;

use crate::program::printed;

#[test]
fn every_case_is_a_page_in_korean_without_an_english_sentence() {
    let policies = jokbo_policy::shipped_names();
    assert_eq!(policies.len(), 4);
    for case in all().expect("the cases are read") {
        let folder = tempfile::tempdir().expect("a folder");
        case.build(folder.path()).expect("the case is built");
        let mut typed = vec!["audit", case.recipe.suspect.as_str(), "--against"];
        typed.extend(case.recipe.references.iter().map(String::as_str));
        typed.extend(policies.iter().flat_map(|name| ["--policy", name.as_str()]));
        typed.extend(["--format", "json", "--output", "report.json", "--quiet"]);
        printed(folder.path(), &typed);
        let render = ["render", "report.json", "--format", "html", "--lang", "ko"];
        let page = printed(folder.path(), &render);
        assert!(page.starts_with("<!DOCTYPE html>\n<html lang=\"ko\">"), "{page}");
        let english: Vec<&str> = page
            .split("<q lang=\"en\">")
            .skip(1)
            .filter_map(|after| after.split("</q>").next())
            .collect();
        assert!(english.is_empty(), "{}: {english:?}", case.name);
    }
}

#[test]
fn a_stored_report_gives_the_page_that_the_comparison_gives() {
    let folder = tempfile::tempdir().expect("a folder");
    let case =
        all().expect("the cases are read").into_iter().find(|c| c.name == "positive-control");
    let case = case.expect("there is a control");
    case.build(folder.path()).expect("it is built");
    let compare = ["compare", &case.recipe.suspect, &case.recipe.references[0], "--quiet"];
    let direct = printed(folder.path(), &[&compare[..], &["--format", "html"]].concat());
    printed(
        folder.path(),
        &[&compare[..], &["--format", "json", "--output", "report.json"]].concat(),
    );
    let render = ["render", "report.json", "--format", "html", "--lang", "en"];
    assert_eq!(direct, printed(folder.path(), &render));
}
