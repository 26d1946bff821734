//! `--device`: the processor as ever, or a GPU that is there, and never one in the other's place.

use std::fs;

use serde_json::json;

use crate::program::jokbo;

const PAIR: [&str; 3] = ["compare", "fracast-noised", "fracast"];

#[test]
fn the_processor_by_its_name_is_the_same_report() {
    let plain = jokbo([&PAIR[..], &["--format", "json"]].concat());
    let named = jokbo([&PAIR[..], &["--format", "json", "--device", "cpu"]].concat());
    assert_eq!((&named.out, named.code), (&plain.out, 0));
    assert!(!named.out.contains("--device"));
}

#[cfg(not(feature = "cuda"))]
#[test]
fn a_build_without_cuda_refuses_it_before_anything_is_read() {
    let ran = jokbo([&PAIR[..], &["--device", "cuda"]].concat());
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    insta::assert_snapshot!("device-not-built", ran.err);
    let others = [
        &["compare", "no-such-model", "fracast", "--device=cuda"][..],
        &["compare", "fracast-noised", "fracast", "akiki", "--device=cuda"],
        &["compare", "fracast-noised", "fracast", "--plan", "--device=cuda"],
        &["audit", "fracast-noised", "--against", "fracast", "--device=cuda"],
    ];
    for args in others {
        let other = jokbo(args.iter().copied());
        assert_eq!(
            (other.code, &other.out, &other.err),
            (ran.code, &ran.out, &ran.err),
            "{args:?}"
        );
    }
}

/// Where there is a GPU the verdicts are the processor's; where there is none the sentence says what is
/// missing.
#[cfg(feature = "cuda")]
#[test]
fn a_build_with_cuda_uses_it_or_says_what_is_missing() {
    let ran = jokbo([&PAIR[..], &["--format", "json", "--device", "cuda"]].concat());
    if ran.code == 0 {
        let report = |out: &str| serde_json::from_str::<serde_json::Value>(out).unwrap();
        let plain = jokbo([&PAIR[..], &["--format", "json"]].concat());
        let (there, here) = (report(&ran.out), report(&plain.out));
        assert_eq!(there["options"], json!(["--device=cuda"]));
        let grade = |report: &serde_json::Value| report["components"][0]["verdict"].clone();
        assert_eq!(grade(&there), grade(&here));
    } else {
        assert_eq!((ran.code, ran.out.as_str()), (2, ""));
        let missing = [
            "the NVIDIA driver is missing: no libcuda or nvcuda could be loaded",
            "the NVIDIA driver finds no GPU",
            "cuBLAS is missing: no libcublas of CUDA 12 or 13 could be loaded",
            "cuSOLVER is missing: no libcusolver of CUDA 12 or 13 could be loaded",
        ];
        let start = "error: --device cuda cannot be used\n  cause: ";
        let why = ran.err.strip_prefix(start).and_then(|rest| rest.strip_suffix('\n')).unwrap();
        assert!(missing.contains(&why) || why.contains("not start"), "{why}");
    }
}

#[test]
fn a_device_that_is_none_is_a_wrong_command_line() {
    let ran = jokbo([&PAIR[..], &["--device", "tpu"]].concat());
    assert_eq!(ran.code, 4, "{ran:?}");
    assert!(ran.err.contains("[possible values: cpu, cuda]"), "{}", ran.err);
}

#[test]
fn figures_of_a_gpu_are_not_made_again_without_being_asked_for() {
    let place = tempfile::tempdir().unwrap();
    let stored = jokbo([&PAIR[..], &["--format", "json"]].concat());
    let mut report: serde_json::Value = serde_json::from_str(&stored.out).unwrap();
    report["options"] = json!(["--device=cuda"]);
    let file = place.path().join("report.json");
    fs::write(&file, report.to_string()).unwrap();
    let ran = jokbo(["verify", file.to_str().unwrap(), "--models"]);
    assert_eq!(ran.code, 3, "{ran:?}");
    let out = ran.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        out.contains("they were made with --device, which is not taken from a report"),
        "{out}"
    );
    assert!(out.contains("jokbo compare --device=cuda --level="), "{out}");
}
