//! Checkpoints on a Hub, through the command line: the verdicts are those of the same files here.

use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::hub::{COMMIT, Hub, SIGNATURE, TOKEN};
use crate::program::{PAIRS, Ran, command, folder, jokbo, list};
use crate::server::Response;

/// A Hub that holds every example, as `jokbo/NAME`.
fn hub() -> Hub {
    let hub = Hub::start();
    for entry in fs::read_dir(folder("examples")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            let name = path.file_name().unwrap().to_str().unwrap();
            hub.put_folder(&format!("jokbo/{name}"), &path);
        }
    }
    hub
}

/// The program with this Hub, this folder for its cache, and nothing of this machine's own.
fn with(hub: &Hub, cache: &tempfile::TempDir) -> Command {
    let mut command = command();
    command.env("HF_ENDPOINT", hub.endpoint()).env("HF_HOME", cache.path().join("hf"));
    command.env("JOKBO_CACHE", cache.path().join("jokbo")).env_remove("HF_HUB_OFFLINE");
    command
}

#[track_caller]
fn run(mut command: Command, args: &[&str]) -> Ran {
    let output = command.args(args).output().unwrap();
    let ran = Ran {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    };
    for secret in [TOKEN, SIGNATURE] {
        assert!(!ran.out.contains(secret) && !ran.err.contains(secret), "{ran:?}");
    }
    ran
}

/// A report without what may differ: where the files are, how their digests are known, and how
/// many bytes were read for them.
fn bare(text: &str) -> Value {
    let mut report: Value = serde_json::from_str(text).unwrap();
    report.as_object_mut().unwrap().remove("cost");
    for side in ["suspect", "reference"] {
        let model = report[side].as_object_mut().unwrap();
        model.remove("source");
        model.remove("commit");
        for file in model["files"].as_array_mut().unwrap() {
            file.as_object_mut().unwrap().remove("digest");
        }
    }
    report
}

#[test]
fn verdicts_on_the_hub_are_those_of_the_same_files_here() {
    let (hub, cache) = (hub(), tempfile::tempdir().unwrap());
    for (suspect, reference) in PAIRS {
        let remote = [suspect, reference].map(|name| format!("hf://jokbo/{name}"));
        let args = ["compare", &remote[0], &remote[1], "--full", "--format", "json"];
        let there = run(with(&hub, &cache), &args);
        let here = jokbo(["compare", suspect, reference, "--full", "--format", "json"]);
        assert_eq!(there.code, here.code, "{}", there.err);
        assert_eq!(bare(&there.out), bare(&here.out), "{suspect} against {reference}");
        // What was fetched is kept, and a second run gives the same bytes.
        hub.forget();
        assert_eq!(run(with(&hub, &cache), &args).out, there.out);
        assert_eq!(hub.bytes_asked(), 0);
    }
}

#[test]
fn what_is_elsewhere_is_sampled_unless_all_of_it_is_asked_for() {
    let (hub, cache) = (hub(), tempfile::tempdir().unwrap());
    let there = ["compare", "hf://jokbo/fracast-noised", "hf://jokbo/fracast", "--format", "json"];
    let there: Value = serde_json::from_str(&run(with(&hub, &cache), &there).out).unwrap();
    let here = ["compare", "fracast-noised", "fracast", "--sampled", "--format", "json"];
    let here: Value = serde_json::from_str(&jokbo(here).out).unwrap();
    // Pages of what is elsewhere are longer, so the same verdict costs more bytes.
    let without_cost = |report: &Value| {
        let mut components = report["components"].clone();
        let all = components.as_array_mut().unwrap().iter_mut();
        all.for_each(|component| drop(component.as_object_mut().unwrap().remove("cost")));
        components
    };
    assert_eq!(without_cost(&there), without_cost(&here));
    assert!(list(&there["components"]).iter().all(|c| c["sampling"]["looks"] == 1));
    assert!(there["cost"]["bytes_read"].as_u64() < there["cost"]["bytes_stored"].as_u64());
    assert_eq!(there["suspect"]["files"][0]["digest"], "published");
}

#[test]
fn a_report_says_commit_and_published_digest() {
    let (hub, cache) = (hub(), tempfile::tempdir().unwrap());
    // Where no such path exists, the name of a repository needs no scheme.
    let ran = run(with(&hub, &cache), &["inspect", "jokbo/fracast", "--format", "json"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let report: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(report["model"]["source"], "hf://jokbo/fracast");
    assert_eq!(report["model"]["commit"], COMMIT);
    let file = &report["model"]["files"][0];
    assert_eq!(file["digest"], "published");
    let digest = "0d678f123f3d1f91c5065cca2b5d40eccc469360afc2381b27290486011ded2c";
    assert_eq!(file["sha256"], digest);
    assert!(list(&report["tensors"]).iter().all(|tensor| tensor.get("blake3").is_none()));
    assert!(hub.bytes_asked() < 100_000, "{} bytes for a header", hub.bytes_asked());
    let text = run(with(&hub, &cache), &["inspect", "jokbo/fracast", "--tensors"]).out;
    assert!(text.contains("as published and not recomputed"), "{text}");
}

#[test]
fn offline_reads_the_local_cache_and_asks_nothing() {
    let (hub, cache) = (hub(), tempfile::tempdir().unwrap());
    let entry = cache.path().join("hf/hub/models--jokbo--fracast");
    fs::create_dir_all(entry.join("snapshots/abc")).unwrap();
    fs::create_dir_all(entry.join("refs")).unwrap();
    fs::write(entry.join("refs/main"), "abc").unwrap();
    let example = folder("examples").join("fracast/model.safetensors");
    fs::copy(example, entry.join("snapshots/abc/model.safetensors")).unwrap();
    let args = ["compare", "hf://jokbo/fracast", "fracast", "--offline"];
    let ran = run(with(&hub, &cache), &args);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    assert!(ran.out.contains("commit abc"), "{}", ran.out);
    let mut by_variable = with(&hub, &cache);
    by_variable.env("HF_HUB_OFFLINE", "1");
    let gone = run(by_variable, &["inspect", "hf://jokbo/akiki"]);
    assert_eq!((gone.code, gone.out.as_str()), (2, ""));
    assert_eq!(
        gone.err,
        "error: cannot open hf://jokbo/akiki\n  cause: hf://jokbo/akiki: cannot be read\n  cause: \
         the network is off, and the repository is not in the Hub's local cache\n\nhint: leave \
         --offline and HF_HUB_OFFLINE out, or fetch the model and name its folder\n"
    );
    assert!(hub.front.asked().is_empty() && hub.store.asked().is_empty());
}

#[test]
fn a_gated_repository_needs_the_token_wherever_it_is_kept() {
    let (hub, cache) = (hub(), tempfile::tempdir().unwrap());
    hub.gate();
    let refused = run(with(&hub, &cache), &["inspect", "hf://jokbo/fracast"]);
    assert_eq!(refused.code, 2);
    assert!(refused.err.contains("the repository is gated"), "{}", refused.err);
    assert!(refused.err.contains("hint: private and gated"), "{}", refused.err);
    let mut by_variable = with(&hub, &cache);
    by_variable.env("HF_TOKEN", TOKEN);
    assert_eq!(run(by_variable, &["inspect", "hf://jokbo/fracast"]).code, 0);
    fs::create_dir_all(cache.path().join("hf")).unwrap();
    fs::write(cache.path().join("hf/token"), format!("{TOKEN}\n")).unwrap();
    assert_eq!(run(with(&hub, &cache), &["inspect", "hf://jokbo/akiki"]).code, 0);
    let asked = hub.store.asked();
    assert!(!asked.is_empty() && asked.iter().all(|r| r.header("authorization").is_none()));
}

#[test]
fn a_network_that_fails_while_weights_are_read_is_an_error_with_a_hint() {
    let (hub, cache) = (hub(), tempfile::tempdir().unwrap());
    let inspected = run(with(&hub, &cache), &["inspect", "hf://jokbo/fracast"]);
    assert_eq!(inspected.code, 0);
    hub.always(|_, _| Response::new(429, b"").with("retry-after", "9999"));
    let args = ["compare", "hf://jokbo/fracast", "fracast"];
    let ran = run(with(&hub, &cache), &args);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert!(ran.err.contains("127.0.0.1 asks to wait for 9999 seconds"), "{}", ran.err);
    assert!(ran.err.contains("hint: wait and run the command again"), "{}", ran.err);
}

#[test]
fn a_revision_is_asked_for_by_name_and_a_wrong_one_is_refused() {
    let (hub, cache) = (hub(), tempfile::tempdir().unwrap());
    let args = ["inspect", "hf://jokbo/fracast", "--revision", "v1"];
    let ran = run(with(&hub, &cache), &args);
    assert!(ran.out.starts_with("hf://jokbo/fracast@v1 "), "{}", ran.out);
    let args = ["inspect", "hf://jokbo/fracast", "--revision", "v9"];
    let ran = run(with(&hub, &cache), &args);
    assert!(ran.err.contains("the repository has no such revision"), "{}", ran.err);
    for typed in ["ftp://h/a", "hf://datasets/o/n", "http://h.example/m?token=x"] {
        let ran = run(with(&hub, &cache), &["inspect", typed]);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""));
        assert!(!ran.err.contains("token=x"), "{}", ran.err);
    }
}

#[test]
fn a_report_of_what_is_elsewhere_is_checked_only_where_that_is_asked_for() {
    let (hub, cache) = (hub(), tempfile::tempdir().unwrap());
    let report = cache.path().join("report.json").display().to_string();
    let models = ["hf://jokbo/fracast-noised", "hf://jokbo/fracast"];
    let compare = ["compare", models[0], models[1], "--format=json", "--output", &report];
    assert_eq!(run(with(&hub, &cache), &compare).code, 0);
    hub.forget();
    let asked = |args: &[&str]| {
        let args = [&["verify", &report, "--format=json"], args].concat();
        let ran = run(with(&hub, &cache), &args);
        (ran.code, serde_json::from_str::<Value>(&ran.out).unwrap_or_default(), ran.err)
    };
    let (code, checked, _) = asked(&[]);
    assert_eq!((code, &checked["outcome"]), (3, &"holds-as-far-as-checked".into()));
    assert!(list(&checked["files"]).iter().all(|file| file["outcome"] == "not-checked"));
    assert!(hub.front.asked().is_empty() && hub.store.asked().is_empty());
    // The same commit, a sample of the same seed, and digests as they are published.
    let (code, checked, err) = asked(&["--models"]);
    assert_eq!((code, &checked["outcome"]), (0, &"holds".into()), "{err}{checked:#}");
    assert_eq!(checked["recomputed"], true);
    // The same weights here, of which a sample is drawn as it was there.
    let here = ["fracast-noised", "fracast"].map(|name| folder("examples").join(name));
    let here = here.map(|path| path.display().to_string());
    let (code, checked, _) = asked(&["--models", &here[0], &here[1]]);
    assert_eq!((code, list(&checked["changes"]).len()), (0, 0), "{checked:#}");
    // A commit that is none, by a report that was tampered with.
    let text = fs::read_to_string(&report).unwrap().replace(COMMIT, "../../x");
    fs::write(&report, text).unwrap();
    let (code, _, err) = asked(&["--models"]);
    assert!(code == 2 && err.starts_with("error: "), "{err}");
}
