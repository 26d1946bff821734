//! `jokbo audit`: what follows from verdicts, and what it takes to read it.

use std::fs;
use std::path::Path;

use jokbo_cases::all;
use serde_json::Value;

use crate::program::{command, components, jokbo, list};

/// Builds the case called `name`.
pub(crate) fn built(name: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let cases = all().unwrap();
    cases.iter().find(|case| case.name == name).unwrap().build(folder.path()).unwrap();
    folder
}

/// Exit code, standard output and standard error of an audit in `folder`.
pub(crate) fn audit(folder: &Path, args: &[&str]) -> (Option<i32>, String, String) {
    let args = ["audit"].iter().chain(args).chain(&["--quiet"]);
    let output = command().current_dir(folder).args(args).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

fn json(folder: &Path, args: &[&str]) -> Value {
    let (code, out, err) = audit(folder, &[args, &["--format", "json"]].concat());
    assert!(matches!(code, Some(0 | 1 | 3)), "{err}");
    serde_json::from_str(&out).unwrap()
}

/// The outcome of every policy, by its id.
fn outcomes(report: &Value) -> Vec<(&str, &str)> {
    let policies = list(&report["audit"]["policies"]).iter();
    policies.map(|p| (p["id"].as_str().unwrap(), p["outcome"].as_str().unwrap())).collect()
}

const ALL: [&str; 8] = [
    "--policy",
    "from-scratch",
    "--policy",
    "core-from-scratch",
    "--policy",
    "disclosed",
    "--policy",
    "national-programme-2026",
];

#[test]
fn the_cases_meet_the_policies_as_their_recipes_say() {
    let mut seen = 0;
    for case in all().unwrap().iter().filter(|case| !case.recipe.policies.is_empty()) {
        let folder = tempfile::tempdir().unwrap();
        case.build(folder.path()).unwrap();
        let references = case.recipe.references.iter().map(String::as_str);
        let args: Vec<&str> = [case.recipe.suspect.as_str(), "--against"]
            .into_iter()
            .chain(references)
            .chain(ALL)
            .collect();
        let report = json(folder.path(), &args);
        for (id, outcome) in outcomes(&report) {
            assert_eq!(outcome, case.recipe.policies[id], "{}: {id}", case.name);
        }
        seen += 1;
    }
    assert!(3 <= seen);
}

#[test]
fn a_silent_card_changes_what_follows_and_no_verdict() {
    let folder = built("borrowed-encoder");
    let args = [&["seed-think", "--against", "qwen2.5-vl"][..], &ALL].concat();
    let open = json(folder.path(), &args);
    fs::write(folder.path().join("seed-think/README.md"), "A model.\n").unwrap();
    let silent = json(folder.path(), &args);
    assert_eq!(components(&open), components(&silent));
    let of = |report: &Value, id: &str| {
        let all = outcomes(report);
        all.iter().find(|(name, _)| *name == id).unwrap().1.to_owned()
    };
    for (report, core, disclosed) in [(&open, "met", "met"), (&silent, "not-met", "not-met")] {
        assert_eq!(of(report, "from-scratch"), "not-met");
        assert_eq!(of(report, "core-from-scratch"), core);
        assert_eq!(of(report, "disclosed"), disclosed);
    }
    let encoder = |report: &Value| {
        let rows = list(&report["audit"]["disclosures"]).to_vec();
        rows.into_iter().find(|row| row["component"] == "vision-encoder").unwrap()
    };
    assert_eq!(encoder(&open)["status"], "disclosed");
    let row = encoder(&silent);
    assert_eq!(row["status"], "undisclosed");
    // The configuration still names the network, where no reader of the card would look.
    assert!(!list(&row["named"]).is_empty());
    assert!(list(&row["named"]).iter().all(|claim| claim["subject"] == "trace"));
}

#[test]
fn the_outcome_is_the_exit_code() {
    let folder = built("borrowed-encoder");
    let with = |policy: &[&str]| {
        audit(folder.path(), &[&["seed-think", "--against", "qwen2.5-vl"][..], policy].concat()).0
    };
    assert_eq!(with(&[]), Some(0));
    assert_eq!(with(&["--policy", "core-from-scratch"]), Some(0));
    assert_eq!(with(&["--policy", "from-scratch"]), Some(1));
    fs::write(folder.path().join("human.toml"), HUMAN).unwrap();
    assert_eq!(with(&["--policy", "human.toml"]), Some(3));
    assert_eq!(with(&["--policy", "human.toml", "--policy", "from-scratch"]), Some(1));
}

pub(crate) const HUMAN: &str = "id = \"house\"\nversion = \"1\"\ntitle.en = \"House\"\nabout.en = \"Ours.\"\n\
                     [[rule]]\nid = \"logs\"\nasks = \"human\"\nsays.en = \"Logs were seen.\"\n";

#[test]
fn a_policy_that_is_none_is_one_sentence() {
    let folder = built("borrowed-encoder");
    let with = |policy: &str| {
        let args = ["seed-think", "--against", "qwen2.5-vl", "--policy", policy];
        let (code, out, err) = audit(folder.path(), &args);
        assert_eq!((code, out.as_str()), (Some(2), ""));
        err
    };
    assert_eq!(
        with("from-scrach"),
        "error: no policy is called from-scrach, and no file is there: the shipped ones are \
         from-scratch, core-from-scratch, disclosed, national-programme-2026\n"
    );
    fs::write(folder.path().join("broken.toml"), HUMAN.replace("human", "magic")).unwrap();
    assert_eq!(
        with("broken.toml"),
        "error: cannot read the policy broken.toml\n  cause: the policy is not read: line 7: \
         unknown variant `magic`, expected one of `no-ancestry`, `disclosed`, `licence-duties`, \
         `licence-papers`, `free-licences`, `human`\n"
    );
    let (code, _, err) = audit(folder.path(), &["seed-think"]);
    assert_eq!(code, Some(4));
    assert!(err.contains("--against"), "{err}");
}

#[test]
fn a_hostile_card_says_what_is_wrong_with_it_and_costs_nothing_else() {
    let folder = built("borrowed-encoder");
    let card = folder.path().join("seed-think/README.md");
    let silences = || {
        let report = json(folder.path(), &["seed-think", "--against", "qwen2.5-vl"]);
        assert_eq!(components(&report).len(), 5);
        list(&report["audit"]["publishers"][0]["silences"]).to_vec()
    };
    fs::write(&card, b"\xff\xfe\x00").unwrap();
    assert!(silences()[0].as_str().unwrap().starts_with("README.md is not UTF-8 text"));
    fs::write(&card, "---\na: [1\n---\n").unwrap();
    assert!(silences()[0].as_str().unwrap().contains("the front matter is not read"));
    fs::write(&card, "---\nlicense: mit\n").unwrap();
    assert!(silences()[0].as_str().unwrap().contains("never ends"));
    fs::File::create(&card).unwrap().set_len(5 << 20).unwrap();
    let all = silences();
    assert!(all.iter().any(|s| s.as_str().unwrap().contains("the limit is 4194304")), "{all:?}");
}

#[test]
fn an_audit_reads_as_a_report() {
    let folder = built("borrowed-encoder");
    let args = ["seed-think", "--against", "qwen2.5-vl", "--policy", "core-from-scratch"];
    let args = [&args[..], &["--policy", "from-scratch"]].concat();
    let mut settings = insta::Settings::clone_current();
    settings.add_filter(r"jokbo \d+\.\d+\.\d+", "jokbo VERSION");
    settings.bind(|| {
        insta::assert_snapshot!("audit-text", audit(folder.path(), &args).1);
        let args = [&args[..], &["--format", "markdown"]].concat();
        insta::assert_snapshot!("audit-markdown", audit(folder.path(), &args).1);
    });
}

#[test]
fn without_policies_an_audit_of_one_reference_is_its_comparison_and_more() {
    let compared = jokbo(["compare", "fracast-noised", "fracast", "--format", "json"]);
    let audited = jokbo(["audit", "fracast-noised", "--against", "fracast", "--format", "json"]);
    let [compared, mut audited] =
        [compared, audited].map(|ran| serde_json::from_str::<Value>(&ran.out).unwrap());
    assert!(audited.as_object_mut().unwrap().remove("audit").is_some());
    assert_eq!(compared, audited);
}
