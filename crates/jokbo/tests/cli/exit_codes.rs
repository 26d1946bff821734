//! Each way to end, with its code and its words.

use std::path::PathBuf;

use tempfile::TempDir;

use crate::checkpoint::{noise, write};
use crate::program::{Ran, jokbo};

/// What was typed ended with `code`; a failure says one sentence a line and prints no result.
#[track_caller]
fn check<const N: usize>(args: [&str; N], code: i32) -> Ran {
    let ran = jokbo(args);
    assert_eq!(ran.code, code, "{args:?}: {ran:?}");
    match code {
        0 | 1 | 3 => assert!(!ran.out.is_empty() && ran.err.is_empty(), "{ran:?}"),
        _ => assert!(ran.out.is_empty() && !ran.err.is_empty(), "{ran:?}"),
    }
    ran
}

/// Two files of one tensor each, with too few units to settle anything.
fn too_small() -> (TempDir, PathBuf, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let [a, b] = ["a", "b"].map(|name| folder.path().join(format!("{name}.safetensors")));
    write(&a, &[("fc.weight", 4, 5, noise(20, 1))]);
    write(&b, &[("fc.weight", 4, 5, noise(20, 2))]);
    (folder, a, b)
}

#[test]
fn a_finished_comparison_ends_with_0_whatever_the_verdict() {
    check(["compare", "fracast", "fracast"], 0);
    check(["compare", "fracast-random", "fracast"], 0);
    check(["compare", "silero-vad", "fracast"], 0);
    check(["compare", "silero-vad", "akiki"], 0);
    check(["compare", "akiki", "silero-vad"], 0);
}

#[test]
fn fail_on_derived_ends_with_1_for_a_finding_only() {
    check(["compare", "fracast", "fracast", "--fail-on", "derived"], 1);
    check(["compare", "fracast-noised", "fracast", "--fail-on", "derived"], 1);
    check(["compare", "fracast-random", "fracast", "--fail-on", "derived"], 0);
    check(["compare", "silero-vad", "fracast", "--fail-on", "derived"], 0);
}

#[test]
fn fail_on_any_ends_with_1_for_all_but_no_evidence() {
    check(["compare", "fracast-noised", "fracast", "--fail-on", "any"], 1);
    check(["compare", "silero-vad", "fracast", "--fail-on", "any"], 1);
    check(["compare", "fracast-random", "fracast", "--fail-on", "any"], 0);
}

#[test]
fn too_little_to_settle_anything_ends_with_3() {
    let (_folder, a, b) = too_small();
    let ran = check(["compare", a.to_str().unwrap(), b.to_str().unwrap()], 3);
    assert!(ran.out.contains("inconclusive"), "{}", ran.out);
}

#[test]
fn a_suspect_without_tensors_ends_with_3_for_nothing_was_compared() {
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("empty.safetensors");
    write(&empty, &[]);
    check(["compare", empty.to_str().unwrap(), "fracast"], 3);
}

#[test]
fn coverage_below_the_least_ends_with_3() {
    check(["compare", "fracast-random", "fracast", "--min-coverage", "0.99"], 3);
    check(["compare", "fracast-random", "fracast", "--min-coverage", "0.01"], 0);
    check(["compare", "silero-vad", "fracast", "--min-coverage", "0.01"], 3);
}

#[test]
fn a_finding_counts_for_more_than_thin_coverage() {
    let args = ["compare", "fracast", "fracast", "--fail-on", "derived", "--min-coverage", "0.99"];
    check(args, 1);
}

#[test]
fn a_path_without_a_checkpoint_ends_with_2_and_names_it() {
    for args in [
        ["compare", "nowhere", "fracast"].as_slice(),
        &["compare", "fracast", "nowhere"],
        &["inspect", "nowhere"],
    ] {
        let ran = jokbo(args);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""));
        let said = "error: cannot open nowhere\n  cause: nowhere: there is nothing at this \
                    path\n\nhint: a repository on the Hub is named hf://org/name, or org/name \
                    where no such path exists\n";
        assert_eq!(ran.err, said);
    }
}

#[test]
fn an_unknown_component_ends_with_2_and_the_list_of_components() {
    let ran = check(["compare", "fracast", "fracast", "--component", "vision-encoder"], 2);
    let said =
        "error: the suspect has no component vision-encoder; it has other:core, other:head\n";
    assert_eq!(ran.err, said);
}

#[test]
fn an_unknown_term_ends_with_2_and_says_where_the_terms_are() {
    let ran = check(["explain", "no", "such\u{1b}[2J"], 2);
    let said = "error: no term is called no such\\u{1b}[2J; `jokbo explain` lists all terms\n";
    assert_eq!(ran.err, said);
}

#[test]
fn a_wrong_command_line_ends_with_4() {
    for args in [
        [].as_slice(),
        &["accuse"],
        &["compare", "fracast"],
        &["compare", "fracast", "fracast", "fracast", ""],
        &["compare", "fracast", "--component-ref", "other:core"],
        &["compare", "fracast", "fracast", "--format", "xml"],
        &["compare", "fracast", "fracast", "--fail-on", "identical"],
        &["compare", "fracast", "fracast", "--seed", "-1"],
        &["compare", "fracast", "fracast", "--threads", "1000000"],
        &["inspect", "fracast", "--level", "0.1"],
        &["inspect", ""],
    ] {
        let ran = jokbo(args);
        assert_eq!((ran.code, ran.out.as_str()), (4, ""), "{args:?}: {ran:?}");
        assert!(!ran.err.is_empty());
    }
}

#[test]
fn a_level_or_share_outside_its_range_ends_with_4_and_says_the_range() {
    for level in ["0", "1", "-1", "2", "NaN", "inf", "small"] {
        let ran = check(["compare", "fracast", "fracast", "--level", level], 4);
        assert!(ran.err.contains("--level <P>"), "{}", ran.err);
    }
    for share in ["-0.1", "1.1", "NaN", "half"] {
        let ran = check(["compare", "fracast", "fracast", "--min-coverage", share], 4);
        assert!(ran.err.contains("--min-coverage <SHARE>"), "{}", ran.err);
    }
}

#[test]
fn help_and_version_are_no_failure() {
    for args in [["--help"], ["-h"], ["--version"], ["-V"], ["help"]] {
        let ran = check(args, 0);
        assert!(ran.out.contains("jokbo"), "{}", ran.out);
    }
}
