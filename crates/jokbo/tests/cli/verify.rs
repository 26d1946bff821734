//! `jokbo verify`: stored reports held against files and figures, honest ones and others.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::audit::built;
use crate::program::{Ran, command, folder, is_plain, list};

/// A folder with copies of examples, by their names.
fn models(names: &[&str]) -> tempfile::TempDir {
    let place = tempfile::tempdir().unwrap();
    for name in names {
        fs::create_dir(place.path().join(name)).unwrap();
        let file = format!("{name}/model.safetensors");
        fs::copy(folder("examples").join(&file), place.path().join(&file)).unwrap();
    }
    place
}

#[track_caller]
fn run(place: &Path, args: &[&str]) -> Ran {
    let output = command().current_dir(place).args(args).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let ran = Ran {
        code: output.status.code().unwrap(),
        out: text(output.stdout),
        err: text(output.stderr),
    };
    is_plain(&ran.out);
    is_plain(&ran.err);
    ran
}

/// Stores the report of a comparison or an audit as `report.json`.
#[track_caller]
fn store(place: &Path, args: &[&str]) {
    let stored =
        run(place, &[args, &["--format=json", "--output=report.json", "--quiet"]].concat());
    assert!(matches!(stored.code, 0 | 1 | 3) && stored.err.is_empty(), "{stored:?}");
}

fn read(place: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(place.join("report.json")).unwrap()).unwrap()
}

/// Changes the stored report.
fn tamper(place: &Path, change: impl FnOnce(&mut Value)) {
    let mut report = read(place);
    change(&mut report);
    fs::write(place.join("report.json"), report.to_string()).unwrap();
}

#[track_caller]
fn verify(place: &Path, args: &[&str]) -> Ran {
    run(place, &[&["verify", "report.json"], args].concat())
}

#[track_caller]
fn as_json(place: &Path, args: &[&str]) -> (i32, Value) {
    let ran = verify(place, &[&["--format=json"], args].concat());
    assert_eq!(ran.err, "");
    let checked: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(checked["schema"], "jokbo/verification/v1");
    (ran.code, checked)
}

/// The fields that changed, of components and of the whole.
fn changed(checked: &Value) -> Vec<&str> {
    list(&checked["changes"]).iter().map(|change| change["field"].as_str().unwrap()).collect()
}

/// A snapshot without what changes from release to release.
#[track_caller]
fn shown(name: &str, ran: &Ran) {
    assert_eq!(ran.err, "");
    let mut settings = insta::Settings::clone_current();
    settings.add_filter(r"jokbo \d+\.\d+\.\d+", "jokbo VERSION");
    settings.bind(|| insta::assert_snapshot!(name, ran.out));
}

const PAIR: [&str; 3] = ["compare", "fracast-noised", "fracast"];

#[test]
fn an_untouched_report_holds() {
    let place = models(&["fracast-noised", "fracast"]);
    let place = place.path();
    store(place, &PAIR);
    let digests = verify(place, &[]);
    assert_eq!(digests.code, 0);
    shown("holds", &digests);
    let figures = verify(place, &["--models"]);
    assert_eq!(figures.code, 0);
    shown("holds-with-models", &figures);
    assert_eq!(verify(place, &["--models", "--threads=1"]).out, figures.out);
    let (code, checked) = as_json(place, &["--models"]);
    assert_eq!((code, &checked["outcome"]), (0, &json!("holds")));
    assert_eq!((&checked["recomputed"], &checked["changes"]), (&json!(true), &json!([])));
    let file = &checked["files"][0];
    assert_eq!((&file["sha256"], &file["bytes"]), (&file["sha256_now"], &file["bytes_now"]));
}

#[test]
fn models_may_lie_elsewhere_and_be_called_otherwise() {
    let place = models(&["fracast-noised", "fracast", "akiki"]);
    let place = place.path();
    store(place, &PAIR);
    for (from, to) in [("fracast-noised", "one"), ("fracast", "two")] {
        fs::create_dir(place.join(to)).unwrap();
        let file = format!("{from}/model.safetensors");
        fs::rename(place.join(file), place.join(to).join("weights.safetensors")).unwrap();
    }
    assert_eq!(verify(place, &[]).code, 3);
    assert_eq!(verify(place, &["--models", "one", "two"]).code, 0);
    // What stands for another model is another model.
    let (code, checked) = as_json(place, &["--models", "one", "akiki"]);
    assert_eq!(code, 1);
    assert_eq!(checked["files"][1]["outcome"], "differs");
    assert!(changed(&checked).contains(&"verdict"), "{checked:#}");
    for models in [&["one"][..], &["one", "two", "akiki"]] {
        let ran = verify(place, &[&["--models"], models].concat());
        assert_eq!((ran.code, ran.out.as_str()), (2, ""));
        let want = "and the report is of 2: the suspect and then its references";
        assert!(ran.err.contains(want), "{}", ran.err);
    }
}

#[test]
fn a_changed_byte_is_seen_in_digest_and_figures() {
    let place = models(&["fracast-noised", "fracast"]);
    let place = place.path();
    store(place, &PAIR);
    let file = place.join("fracast/model.safetensors");
    let mut bytes = fs::read(&file).unwrap();
    // The byte that holds most of an exponent, in the last value there is.
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&file, &bytes).unwrap();
    let digests = verify(place, &[]);
    assert_eq!(digests.code, 1);
    shown("changed-byte", &digests);
    let (code, checked) = as_json(place, &["--models"]);
    assert_eq!(code, 1);
    assert_eq!(checked["files"][0]["outcome"], "holds");
    assert_eq!(checked["files"][1]["outcome"], "differs");
    assert!(changed(&checked).contains(&"effect.cosine"), "{:#}", checked["changes"]);
    bytes.push(0);
    fs::write(&file, &bytes).unwrap();
    let longer = verify(place, &[]);
    assert!(longer.out.contains("differs, was of 344,412 bytes, and is of 344,413 bytes"));
}

#[test]
fn a_missing_file_is_not_there_and_nothing_is_claimed_of_it() {
    let place = models(&["fracast-noised", "fracast"]);
    let place = place.path();
    store(place, &PAIR);
    fs::remove_file(place.join("fracast/model.safetensors")).unwrap();
    let ran = verify(place, &[]);
    assert_eq!(ran.code, 3);
    shown("missing-file", &ran);
    let ran = verify(place, &["--models"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert!(ran.err.starts_with("error: cannot open fracast"), "{}", ran.err);
}

#[test]
fn an_edited_verdict_is_found_where_the_models_are() {
    let place = models(&["fracast-noised", "fracast"]);
    let place = place.path();
    store(place, &PAIR);
    tamper(place, |report| {
        report["components"][1]["verdict"] = json!("no-evidence");
        report["components"][1]["log10_p"] = json!(-0.5);
        report["components"][0]["effect"]["cosine"] = json!(0.5);
        report["components"][0]["tests"][0]["draws"] = json!(3);
        list_mut(&mut report["components"][0]["reasons"]).remove(0);
        report["not_measured"] = json!([]);
    });
    assert_eq!(verify(place, &[]).code, 0, "no digest changed");
    let ran = verify(place, &["--models"]);
    assert_eq!(ran.code, 1);
    shown("edited-verdict", &ran);
}

fn list_mut(value: &mut Value) -> &mut Vec<Value> {
    value.as_array_mut().unwrap()
}

#[test]
fn each_edited_figure_is_found_and_no_other() {
    let place = models(&["fracast-noised", "fracast"]);
    let place = place.path();
    store(place, &PAIR);
    let stored = fs::read(place.join("report.json")).unwrap();
    for (pointer, value, field) in [
        ("/components/0/coverage/share", json!(0.99), "coverage.share"),
        ("/components/0/power/units_share", json!(0.0), "power.units_share"),
        ("/components/1/sections/0/aligned_cosine", json!(0.1), "sections["),
        ("/components/1/relations/0/sd/value", json!(0.5), "relations[0].sd.value"),
        ("/suspect/components/0/parameters", json!(1), "suspect.components[other:core].parameters"),
        ("/oddities", json!(["odd"]), "oddities"),
        ("/components/0/parameters", json!(7), "parameters"),
    ] {
        tamper(place, |report| *report.pointer_mut(pointer).unwrap() = value);
        let (code, checked) = as_json(place, &["--models"]);
        let changed = changed(&checked);
        assert_eq!((code, changed.len()), (1, 1), "{pointer}: {changed:?}");
        assert!(changed[0].starts_with(field), "{pointer}: {changed:?}");
        fs::write(place.join("report.json"), &stored).unwrap();
    }
    // What a run costs and where files were is no figure.
    tamper(place, |report| report["cost"]["bytes_read"] = json!(1));
    assert_eq!(verify(place, &["--models"]).code, 0);
}

#[test]
fn other_versions_are_said_first() {
    let place = models(&["fracast-noised", "fracast"]);
    let place = place.path();
    store(place, &PAIR);
    tamper(place, |report| report["tool"]["rules"] = json!("1"));
    let ran = verify(place, &["--models"]);
    assert_eq!(ran.code, 0);
    let second = ran.out.lines().nth(1).unwrap();
    assert!(second.starts_with("Checked by jokbo "), "{}", ran.out);
    assert!(second.ends_with("rules 2: figures may differ for that alone."), "{}", ran.out);
}

#[test]
fn options_that_a_report_holds_are_taken_from_it() {
    let place = models(&["fracast-noised", "fracast"]);
    let place = place.path();
    for options in [
        &["--component=other:head", "--level=1e-3", "--seed=5"][..],
        &["--sampled"],
        &["--max-bytes=20kB"],
        &["--full"],
    ] {
        store(place, &[&PAIR, options].concat());
        let (code, checked) = as_json(place, &["--models"]);
        // Of a sample no digest is computed, so that no file can be checked.
        let is_sample = read(place)["suspect"]["files"][0].get("sha256").is_none();
        let want = if is_sample { 3 } else { 0 };
        assert_eq!((code, changed(&checked)), (want, Vec::new()), "{options:?}: {checked:#}");
        assert_eq!(checked["recomputed"], true);
    }
}

#[test]
fn what_only_a_person_can_say_again_is_a_line_to_type() {
    let place = models(&["fracast-noised", "fracast", "fracast-bf16"]);
    let place = place.path();
    for args in [
        &["compare", "fracast-noised", "fracast", "--map=head.=vision-encoder:it's $(x)"][..],
        &["compare", "fracast-noised", "fracast", "--parent=fracast-bf16", "--seed=3"],
        &["compare", "fracast-noised", "fracast", "--component-ref=other:head=fracast-bf16"],
        &["audit", "fracast-noised", "--against=fracast", "--map=head.=projector"],
    ] {
        store(place, args);
        let (code, checked) = as_json(place, &["--models"]);
        assert_eq!((code, &checked["recomputed"]), (3, &json!(false)), "{args:?}: {checked:#}");
        assert_eq!(list(&checked["not_checked"]).len(), 1, "{checked:#}");
        let line = checked["redo"].as_str().unwrap();
        assert!(verify(place, &["--models"]).out.contains(&format!("\n  {line}\n")));
        if cfg!(unix) {
            let shell = format!("jokbo() {{ \"$JOKBO\" \"$@\"; }}; {line}");
            let again = std::process::Command::new("sh")
                .args(["-c", &shell])
                .current_dir(place)
                .env("JOKBO", env!("CARGO_BIN_EXE_jokbo"))
                .output()
                .unwrap();
            let stored = fs::read(place.join("report.json")).unwrap();
            assert!(again.stdout == stored, "{line}: {}", String::from_utf8_lossy(&again.stderr));
        }
    }
    let shown_line = verify(place, &["--models"]);
    shown("line-to-type", &shown_line);
}

#[test]
fn several_references_are_checked_as_such() {
    let place = models(&["fracast-bf16", "fracast-noised", "silero-vad", "fracast"]);
    let place = place.path();
    store(place, &["compare", "fracast-bf16", "fracast-noised", "silero-vad", "fracast"]);
    let (code, checked) = as_json(place, &["--models"]);
    assert_eq!((code, list(&checked["files"]).len()), (0, 4), "{:#}", checked["changes"]);
    tamper(place, |report| {
        // The best ancestor of one component stands behind another reference.
        let best = report["components"][0].clone();
        let other = report["further"][0].clone();
        assert_eq!(best["component"], other["component"]);
        report["components"][0] = other;
        report["further"][0] = best;
        report["kinships"][0]["kind"] = json!("apart");
    });
    let ran = verify(place, &["--models"]);
    assert_eq!(ran.code, 1);
    shown("several", &ran);
}

#[test]
fn an_audit_is_checked_with_its_claims_and_shipped_policies() {
    let place = built("borrowed-encoder");
    let place = place.path();
    let args = ["audit", "seed-think", "--against", "qwen2.5-vl", "--policy=core-from-scratch"];
    store(place, &args);
    let (code, checked) = as_json(place, &["--models"]);
    assert_eq!((code, changed(&checked)), (0, Vec::new()), "{checked:#}");
    tamper(place, |report| report["audit"]["policies"][0]["outcome"] = json!("not-met"));
    let (code, checked) = as_json(place, &["--models"]);
    assert_eq!((code, changed(&checked)), (1, vec!["audit.policies[core-from-scratch].outcome"]));
    // A policy from a file is not in the report, and neither is one of another version.
    let house = "id = \"house\"\nversion = \"1\"\ntitle.en = \"House\"\nabout.en = \"Ours.\"\n\
                 [[rule]]\nid = \"logs\"\nasks = \"human\"\nsays.en = \"Logs were seen.\"\n";
    fs::write(place.join("house.toml"), house).unwrap();
    store(place, &[&args[..], &["--policy=house.toml", "--policy=disclosed"]].concat());
    tamper(place, |report| report["audit"]["policies"][2]["version"] = json!("0"));
    let (code, checked) = as_json(place, &["--models"]);
    assert_eq!((code, changed(&checked)), (3, Vec::new()));
    let not_checked: Vec<&str> =
        list(&checked["not_checked"]).iter().map(|why| why.as_str().unwrap()).collect();
    let want =
        "The policy house, version 1: it was read from a file, and a report does not hold it.";
    assert_eq!(not_checked[0], want);
    assert!(not_checked[1].starts_with("The policy disclosed: the report has version 0, and"));
    // A card that was changed since, and what follows.
    fs::write(place.join("seed-think/README.md"), "A model.\n").unwrap();
    let ran = verify(place, &["--models"]);
    assert_eq!(ran.code, 1);
    shown("another-card", &ran);
}

#[test]
fn a_hostile_report_leads_nowhere() {
    let place = models(&["fracast-noised", "fracast"]);
    let place = place.path();
    store(place, &PAIR);
    let stored = fs::read(place.join("report.json")).unwrap();
    fs::write(place.join("secret"), "secret").unwrap();
    let outside = place.join("secret").display().to_string();
    let unlawful = "it leads out of the folder or is not a plain path";
    let first = |change: &dyn Fn(&mut Value)| {
        fs::write(place.join("report.json"), &stored).unwrap();
        tamper(place, change);
        let (code, checked) = as_json(place, &[]);
        (code, checked["files"][0].clone())
    };
    let text = |value: &Value| value.as_str().unwrap_or("").to_owned();
    for path in
        ["../secret", "..", "a/../../secret", outside.as_str(), "", "a\\b", "C:x", "a\u{0}b"]
    {
        let (code, file) = first(&|report| report["suspect"]["files"][0]["path"] = json!(path));
        assert_eq!(
            (code, text(&file["outcome"]), text(&file["why"])),
            (2, "error".into(), unlawful.into())
        );
        assert!(file.get("bytes_now").is_none() && file.get("sha256_now").is_none());
    }
    // Nobody is asked for what is elsewhere.
    for source in
        ["https://127.0.0.1:1/x", "hf://org/name", "s3://a/b", "\\\\host\\share", "//host/a"]
    {
        let (code, file) = first(&|report| report["suspect"]["source"] = json!(source));
        assert_eq!((code, text(&file["outcome"])), (3, "not-checked".into()), "{source}");
    }
    // What looks like a repository and is no folder here is a folder that is not here.
    let (code, file) = first(&|report| report["suspect"]["source"] = json!("org/name"));
    assert_eq!((code, text(&file["outcome"])), (3, "not-there".into()));
    for source in ["fracast/model.safetensors/", "/dev/zero", "\u{1b}[2J"] {
        first(&|report| report["suspect"]["source"] = json!(source));
    }
    let (code, file) = first(&|report| {
        report["suspect"]["source"] = json!("/dev");
        report["suspect"]["files"][0]["path"] = json!("zero");
    });
    if cfg!(unix) {
        assert_eq!((code, text(&file["outcome"])), (2, "error".into()));
    }
    // One file named very often is read once, and a report without files proves nothing.
    let (code, _) = first(&|report| {
        let files = list_mut(&mut report["suspect"]["files"]);
        *files = vec![files[0].clone(); 100_000];
    });
    assert_eq!(code, 0);
    fs::write(place.join("report.json"), &stored).unwrap();
    tamper(place, |report| {
        report["suspect"]["files"] = json!([]);
        report["reference"]["files"] = json!([]);
    });
    assert_eq!(verify(place, &[]).code, 3);
    // Figures are not computed at a level that is none, or by options that nobody knows.
    for (field, value) in [("level", json!(2.0)), ("options", json!(["--output=secret"]))] {
        fs::write(place.join("report.json"), &stored).unwrap();
        tamper(place, |report| report[field] = value);
        let (code, checked) = as_json(place, &["--models"]);
        assert_eq!((code, &checked["recomputed"]), (3, &json!(false)), "{checked:#}");
        assert!(!checked["redo"].as_str().unwrap_or("").contains("output=secret"), "{checked:#}");
    }
    assert_eq!(fs::read_to_string(place.join("secret")).unwrap(), "secret");
}

#[cfg(unix)]
#[test]
fn a_link_that_leaves_the_folder_is_not_followed() {
    let place = models(&["fracast-noised", "fracast"]);
    let place = place.path();
    store(place, &PAIR);
    let file = place.join("fracast/model.safetensors");
    fs::rename(&file, place.join("moved")).unwrap();
    std::os::unix::fs::symlink("../moved", &file).unwrap();
    let ran = verify(place, &[]);
    assert_eq!(ran.code, 2);
    let words: Vec<&str> = ran.out.split_whitespace().collect();
    assert!(words.join(" ").contains("outside the folder that was named"), "{}", ran.out);
}
