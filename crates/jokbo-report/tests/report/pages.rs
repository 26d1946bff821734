//! Every page made from the case, word by word.

use insta::{assert_json_snapshot, assert_snapshot};
use jokbo_report::{InspectionReport, Paint, inspection_markdown, inspection_text, markdown, text};
use jokbo_verdict::{Inspection, TensorInfo};

use crate::case::{case, report};

fn inspection() -> InspectionReport {
    let tensor = |name: &str, component: &str, shape: &[u64]| TensorInfo {
        name: name.into(),
        component: component.into(),
        parts: vec!["layer 0 attention-query".into(), "layer 0 attention-key".into()],
        dtype: "BF16".into(),
        shape: shape.to_vec(),
        parameters: shape.iter().product(),
        blake3: Some("0".repeat(64)),
        nan: Some(0),
        infinite: Some(0),
    };
    InspectionReport::from(&Inspection {
        model: case().0.suspect,
        family: Some("llama".into()),
        tensors: vec![
            tensor("model.qk.weight", "language-model", &[64, 32]),
            tensor("model.scale", "language-model", &[]),
        ],
        notes: vec!["layers were counted from model.layers".into()],
        oddities: vec!["model-1.safetensors: the header begins with white space".into()],
    })
}

/// A checkpoint on the Hub: of one file the digest is published, of the other none.
#[test]
fn what_is_elsewhere_says_what_was_not_read() {
    let mut report = inspection();
    report.model.commit = Some("0123456789abcdef".into());
    report.tensors.iter_mut().for_each(|tensor| tensor.blake3 = None);
    report.model.files[0].digest = Some("published".into());
    report.model.files[1].sha256 = None;
    let pages = [inspection_text(&report, true), inspection_markdown(&report, true)];
    for page in &pages {
        assert_eq!(page.matches("as published and not recomputed").count(), 1, "{page}");
        assert_eq!(page.matches("not read whole").count(), 1, "{page}");
        assert_eq!(page.matches("not read").count(), 1 + 2, "{page}");
    }
    assert!(pages[0].contains(", commit 0123456789abcdef"), "{}", pages[0]);
    let json = jokbo_report::json(&report);
    assert!(!json.contains("blake3") && !json.contains("null"), "{json}");
}

#[test]
fn the_report_as_text() {
    assert_snapshot!("report.text", text(&report(), Paint::Plain));
}

#[test]
fn the_report_as_markdown() {
    assert_snapshot!("report.markdown", markdown(&report()));
}

#[test]
fn the_report_as_json() {
    assert_json_snapshot!("report.json", report());
}

#[test]
fn an_inspection_as_text_and_markdown() {
    assert_snapshot!("inspection.text", inspection_text(&inspection(), true));
    assert_snapshot!("inspection.markdown", inspection_markdown(&inspection(), true));
}

#[test]
fn tensors_are_listed_only_when_asked_for() {
    for page in [inspection_text(&inspection(), false), inspection_markdown(&inspection(), false)] {
        assert!(!page.contains("model.qk.weight"), "{page}");
    }
}

#[test]
fn colour_adds_nothing_but_colour() {
    let coloured = text(&report(), Paint::Colour);
    assert!(coloured.contains("\u{1b}[1;33mderived\u{1b}[0m"));
    let mut plain = coloured;
    for code in ["\u{1b}[1;33m", "\u{1b}[1;36m", "\u{1b}[1m", "\u{1b}[0m"] {
        plain = plain.replace(code, "");
    }
    assert_eq!(plain, text(&report(), Paint::Plain));
}

#[test]
fn a_suspect_without_components_says_so() {
    let mut report = report();
    report.components.clear();
    let page = text(&report, Paint::Plain);
    assert!(page.contains("The suspect holds no component, so nothing was compared."), "{page}");
    assert!(!page.contains("aligned cosine"), "{page}");
}
