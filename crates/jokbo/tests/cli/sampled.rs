//! Samples, plans and budgets, as a user meets them.

use serde_json::Value;

use crate::contract::every_null_has_a_reason;
use crate::program::{PAIRS, Ran, components, jokbo, list, number, report};

fn with(suspect: &str, reference: &str, options: &[&str]) -> Ran {
    jokbo(["compare", suspect, reference, "--format", "json"].iter().chain(options))
}

#[track_caller]
fn read(ran: &Ran) -> Value {
    assert!(matches!(ran.code, 0 | 3), "{ran:?}");
    serde_json::from_str(&ran.out).unwrap()
}

fn bytes(value: &Value) -> u64 {
    value.as_u64().unwrap()
}

#[test]
fn a_sample_of_every_pair_gives_its_verdicts_and_fits_the_contract() {
    let schema = serde_json::from_str(&jokbo_report::json_schema()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for (suspect, reference) in PAIRS {
        let full = report(suspect, reference);
        let sampled = read(&with(suspect, reference, &["--sampled"]));
        let errors: Vec<String> = validator.iter_errors(&sampled).map(|e| e.to_string()).collect();
        assert!(errors.is_empty(), "{suspect} against {reference}: {errors:#?}");
        every_null_has_a_reason(&sampled);
        for (few, all) in components(&sampled).iter().zip(components(&full)) {
            // A sample cannot say that what it did not read is equal.
            let is_identical = all["verdict"] == "identical";
            let want = if is_identical { "derived" } else { all["verdict"].as_str().unwrap() };
            assert_eq!(few["verdict"], want, "{suspect} against {reference}: {few:#}");
            assert!(bytes(&few["cost"]["bytes_read"]) <= bytes(&few["cost"]["bytes_stored"]));
            assert!(all.get("sampling").is_none());
            for figure in ["cosine", "pearson", "relative_l2"] {
                let Some(interval) = few["sampling"].get(figure) else { continue };
                let value = number(&few["effect"][figure]);
                assert!(number(&interval["low"]) <= value && value <= number(&interval["high"]));
            }
        }
        assert!(sampled["suspect"]["files"][0].get("sha256").is_none());
        let why = |n: &&Value| n["what"] == "files.sha256" && n["component"] == "";
        assert!(list(&sampled["not_measured"]).iter().any(|n| why(&n)));
        assert_eq!(full["cost"]["bytes_read"], full["cost"]["bytes_stored"]);
    }
}

#[test]
fn a_sampled_report_does_not_depend_on_threads() {
    for (suspect, reference) in [("fracast-noised", "fracast"), ("silero-vad", "akiki")] {
        let on = |threads| with(suspect, reference, &["--sampled", "--threads", threads]).out;
        let one = on("1");
        assert!(one == on("2") && one == on("5"), "{suspect} against {reference}");
    }
}

#[test]
fn a_plan_reads_no_weight_and_says_what_is_then_read() {
    for (suspect, reference) in PAIRS {
        let plan = read(&with(suspect, reference, &["--plan"]));
        let full = report(suspect, reference);
        assert_eq!(plan["reading"], "full");
        assert_eq!(plan["total"]["most"], full["cost"]["bytes_read"]);
        let plan = read(&with(suspect, reference, &["--plan", "--sampled"]));
        let sampled = read(&with(suspect, reference, &["--sampled"]));
        assert_eq!(
            (&plan["schema"], &plan["reading"]),
            (&"jokbo/plan/v1".into(), &"sampled".into())
        );
        let most = bytes(&plan["total"]["most"]);
        assert!(bytes(&sampled["cost"]["bytes_read"]) <= most, "{suspect}: {plan:#}");
    }
    let plan = jokbo(["inspect", "akiki", "--plan", "--format", "json"]);
    let plan: Value = serde_json::from_str(&plan.out).unwrap();
    assert_eq!(plan["total"]["most"], plan["total"]["stored"]);
    for format in ["text", "markdown"] {
        let ran = jokbo(["compare", "fracast", "fracast", "--plan", "--format", format]);
        assert!(ran.code == 0 && ran.out.contains("No weight was read"), "{ran:?}");
    }
}

#[test]
fn bytes_that_run_out_leave_a_verdict_open() {
    let ran = with("fracast-noised", "fracast", &["--max-bytes", "20kB"]);
    assert_eq!(ran.code, 3, "{ran:?}");
    let report = read(&ran);
    assert!(bytes(&report["cost"]["bytes_read"]) <= 20_000);
    for component in components(&report) {
        assert_eq!(component["verdict"], "inconclusive");
        assert_eq!(component["sampling"]["stopped"], "budget");
    }
    let enough = read(&with("fracast-noised", "fracast", &["--max-bytes", "1MiB"]));
    assert!(components(&enough).iter().all(|c| c["verdict"] == "derived"));
}

#[test]
fn sampled_and_full_exclude_each_other() {
    for options in [["--sampled", "--full"], ["--full", "--max-bytes=1MB"]] {
        assert_eq!(with("fracast", "fracast", &options).code, 4, "{options:?}");
    }
    assert_eq!(with("fracast", "fracast", &["--max-bytes", "much"]).code, 4);
}
