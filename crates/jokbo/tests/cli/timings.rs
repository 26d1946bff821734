//! Where the time went, as a user reads it.

use insta::{assert_snapshot, with_settings};

use crate::program::jokbo;

/// What was said beside the result.
#[track_caller]
fn told(args: &[&str], code: i32) -> String {
    let ran = jokbo(args);
    assert_eq!(ran.code, code, "{ran:?}");
    ran.err
}

#[test]
fn every_step_of_a_comparison_has_a_line_below_its_stage() {
    with_settings!({filters => vec![(r" +\d+\.\d{3} s", "  S s"), (r" +\d+\.\d{3} GB +\d+\.\d\d GB/s", "  G GB")]}, {
        let timings = |suspect, more: &[&str]| {
            let args = ["compare", suspect, "fracast", "--timings"];
            told(&[&args[..], more].concat(), 0)
        };
        assert_snapshot!("timings-of-a-copy", timings("fracast-noised", &[]));
        assert_snapshot!("timings-of-another", timings("fracast-random", &[]));
        assert_snapshot!("timings-of-a-sample", timings("fracast-noised", &["--sampled"]));
    });
}

#[test]
fn what_fails_and_what_checks_a_report_tell_their_time_too() {
    let failed = told(&["compare", "fracast", "no-such-folder", "--timings"], 2);
    assert!(failed.starts_with("opening  ") && failed.contains("  2 times\nerror: "), "{failed}");

    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("report.json");
    let report = report.to_str().unwrap();
    told(&["compare", "fracast", "fracast", "--format", "json", "-o", report], 0);
    let checked = told(&["verify", report, "--timings"], 0);
    assert!(checked.starts_with("digesting files  "), "{checked}");
    let again = told(&["verify", report, "--models", "--timings"], 0);
    assert!(again.contains("\ncomparing weights  "), "{again}");
    assert!(again.contains("\n  values side by side  "), "{again}");
}

#[test]
fn nothing_is_told_where_nobody_asked() {
    assert_eq!(told(&["compare", "fracast", "fracast"], 0), "");
}
