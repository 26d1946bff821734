//! Weights that are NaN or infinite: named, counted, and in no number.

use std::path::Path;

use serde_json::Value;

use crate::checkpoint::altered;
use crate::contract::every_null_has_a_reason;
use crate::program::{components, list, near, number, report};

const TENSOR: &str = "core.block.pw.weight";

fn damaged(into: &Path) -> std::path::PathBuf {
    let values = [f32::NAN, f32::INFINITY, f32::NAN, f32::NEG_INFINITY, f32::NAN];
    altered("fracast", into, TENSOR, &values)
}

fn component<'a>(report: &'a Value, name: &str) -> &'a Value {
    components(report).iter().find(|c| c["component"] == name).unwrap()
}

#[test]
fn a_few_weights_that_are_not_finite_do_not_hide_the_ancestry() {
    let folder = tempfile::tempdir().unwrap();
    let copy = damaged(folder.path());
    for report in
        [report(copy.as_os_str(), "fracast".as_ref()), report("fracast".as_ref(), copy.as_os_str())]
    {
        let core = component(&report, "other:core");
        assert_eq!(core["verdict"], "derived", "{core:#}");
        near(number(&core["effect"]["cosine"]), 1.0, 1e-6);
        assert!(0.99 < number(&core["effect"]["equal_bits_share"]));
        assert_eq!(component(&report, "other:head")["verdict"], "identical");
        every_null_has_a_reason(&report);
    }
}

#[test]
fn the_same_bytes_are_identical_even_where_they_are_not_finite() {
    let folder = tempfile::tempdir().unwrap();
    let copy = damaged(folder.path());
    let report = report(copy.as_os_str(), copy.as_os_str());
    for component in components(&report) {
        assert_eq!(component["verdict"], "identical", "{component:#}");
    }
    every_null_has_a_reason(&report);
}

#[test]
fn an_oddity_names_the_tensor_and_counts_its_elements() {
    let folder = tempfile::tempdir().unwrap();
    let report = report(damaged(folder.path()).as_os_str(), "fracast".as_ref());
    let oddities: Vec<&str> = list(&report["oddities"]).iter().filter_map(Value::as_str).collect();
    assert_eq!(oddities.len(), 1, "{oddities:?}");
    for part in ["suspect: ", TENSOR, "3 elements are NaN", "2 elements are infinite"] {
        assert!(oddities[0].contains(part), "no {part} in: {}", oddities[0]);
    }
}
