//! `action.yml` and `.pre-commit-hooks.yaml`: what they say is so, and their scripts run.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde_json::Value;

use crate::program::{folder, jokbo, list};

fn yaml(name: &str) -> Value {
    serde_saphyr::from_str(&fs::read_to_string(folder(name)).unwrap()).unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}

/// The steps of the action.
fn steps(action: &Value) -> &[Value] {
    list(&action["runs"]["steps"])
}

/// Everything between `${{` and `}}` in `text`.
fn expressions(text: &str) -> Vec<String> {
    let ends = text.split("${{").skip(1).map(|rest| rest.split("}}").next().unwrap());
    ends.map(|expression| expression.trim().to_owned()).collect()
}

/// Long options in `text`, without their values.
fn options(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| c.is_whitespace() || "\"'()[],`".contains(c));
    let names = words.map(|word| word.split('=').next().unwrap());
    names.filter(|name| name.starts_with("--") && 2 < name.len()).map(str::to_owned).collect()
}

/// Options of the program's `commands`, by their help.
fn known(commands: &[&str]) -> BTreeSet<String> {
    commands.iter().flat_map(|command| options(&jokbo([command, "--help"]).out)).collect()
}

#[test]
fn every_input_is_used_and_none_is_written_into_a_script() {
    let action = yaml("action.yml");
    assert_eq!(action["runs"]["using"], "composite");
    let mut used = BTreeSet::new();
    for step in steps(&action) {
        let (run, env) = (text(&step["run"]), step["env"].as_object().unwrap());
        assert_eq!(step["shell"], "bash");
        assert_eq!(expressions(run), [""; 0], "a script holds an expression");
        for (name, value) in env {
            used.extend(expressions(text(value)));
            assert!(run.contains(&format!("${name}")), "{name} is set and not used");
        }
        // What a script reads is set, by the step, by itself or by who runs it.
        let reads = run.split('$').skip(1).map(|rest| rest.trim_start_matches('{'));
        for name in reads
            .map(|rest| rest.split(|c: char| !c.is_ascii_uppercase() && c != '_').next().unwrap())
        {
            assert!(
                name.len() < 2 || name.starts_with("GITHUB_") || env.contains_key(name),
                "{name}"
            );
        }
    }
    let inputs = action["inputs"].as_object().unwrap();
    for (name, input) in inputs {
        assert!(used.remove(&format!("inputs.{name}")), "{name} is not used");
        assert!(!text(&input["description"]).is_empty());
        assert!(input["required"] == true || input["default"].is_string(), "{name}");
    }
    assert_eq!(used.into_iter().collect::<Vec<_>>(), ["github.action_path", "runner.temp"]);
    for output in action["outputs"].as_object().unwrap().values() {
        let [name] = &expressions(text(&output["value"]))[..] else { panic!("{output}") };
        let name = name.strip_prefix("steps.audit.outputs.").unwrap();
        let audit = steps(&action).iter().find(|step| step["id"] == "audit").unwrap();
        assert!(text(&audit["run"]).contains(&format!("{name}=%s")), "{name} is not set");
    }
}

#[test]
fn every_option_of_the_scripts_is_one_of_the_program() {
    let cargo =
        ["--quiet", "--locked", "--path", "--root", "--release", "--manifest-path", "--package"];
    let known: BTreeSet<String> = known(&["audit", "compare", "render", "verify"])
        .into_iter()
        .chain(cargo.map(str::to_owned))
        .collect();
    let action = yaml("action.yml");
    let mut scripts: Vec<String> =
        steps(&action).iter().map(|s| text(&s["run"]).to_owned()).collect();
    scripts.push(fs::read_to_string(folder(".ci/hook")).unwrap());
    scripts.push(fs::read_to_string(folder("docs/ci.md")).unwrap());
    let inputs = action["inputs"].as_object().unwrap().values();
    scripts.extend(inputs.map(|input| text(&input["description"]).to_owned()));
    let mut seen = 0;
    for option in scripts.iter().flat_map(|script| options(script)) {
        // A line of a Markdown table, and an option of rustup.
        if option.trim_matches('-').is_empty() || option == "--profile" {
            continue;
        }
        assert!(known.contains(&option), "{option} is no option");
        seen += 1;
    }
    assert!(20 < seen);
    // Every form that the action is asked for by default is one that can be written.
    let forms = jokbo(["render", "--help"]).out;
    for form in text(&action["inputs"]["formats"]["default"]).split_whitespace() {
        assert!(forms.contains(&format!("- {form}:")), "{form}");
    }
}

#[test]
fn the_page_lists_every_input_with_its_default() {
    let page = fs::read_to_string(folder("docs/ci.md")).unwrap();
    for (name, input) in yaml("action.yml")["inputs"].as_object().unwrap() {
        let default = match input["default"].as_str() {
            None => "",
            Some("") => "none",
            Some(default) => &format!("`{default}`"),
        };
        let row = format!("| `{name}` | {default} |").replace("|  |", "| |");
        assert!(page.contains(&row), "{row}");
    }
}

#[test]
fn every_hook_runs_a_script_that_is_there() {
    let hooks = yaml(".pre-commit-hooks.yaml");
    assert_eq!(list(&hooks).len(), 2);
    for hook in list(&hooks) {
        let (script, command) = text(&hook["entry"]).split_once(' ').unwrap();
        let source = fs::read_to_string(folder(script)).unwrap();
        assert!(source.contains(&format!("\n  {command})\n")), "{command}");
        assert_eq!(text(&hook["id"]), format!("jokbo-{command}"));
        assert_eq!(hook["language"], "script");
        let page = fs::read_to_string(folder("docs/ci.md")).unwrap();
        assert!(page.contains(&format!("- id: {}", text(&hook["id"]))));
    }
}

/// Scripts are run where there is a shell for them.
#[cfg(unix)]
mod run {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    use std::path::Path;
    use std::process::Command;

    use super::*;
    use crate::audit::{HUMAN, built};

    const JOKBO: &str = env!("CARGO_BIN_EXE_jokbo");

    /// What the step called Audit left behind.
    struct Done {
        code: i32,
        said: String,
        summary: String,
        outputs: String,
    }

    /// Runs the step as a runner would, in `place`, with these inputs and the defaults of others.
    fn audit(place: &Path, given: &[(&str, &str)]) -> Done {
        let action = yaml("action.yml");
        let step = steps(&action).iter().find(|step| step["id"] == "audit").unwrap();
        let defaults = action["inputs"].as_object().unwrap().iter();
        let mut inputs: BTreeMap<&str, &str> = defaults
            .map(|(name, input)| (name.as_str(), input["default"].as_str().unwrap_or("")))
            .collect();
        for (name, value) in given {
            assert!(inputs.insert(name, value).is_some(), "{name} is no input");
        }
        let runner = tempfile::tempdir().unwrap();
        symlink(JOKBO, runner.path().join("jokbo")).unwrap();
        let file = |name: &str| runner.path().join(name);
        let path = format!("{}:{}", runner.path().display(), std::env::var("PATH").unwrap());
        let mut command = Command::new("bash");
        command.current_dir(place).args(["-c", text(&step["run"])]).env("PATH", path);
        command.env("GITHUB_STEP_SUMMARY", file("summary")).env("GITHUB_OUTPUT", file("outputs"));
        for (name, value) in step["env"].as_object().unwrap() {
            let [expression] = &expressions(text(value))[..] else { panic!("{value}") };
            command.env(name, inputs[expression.strip_prefix("inputs.").unwrap()]);
        }
        let output = command.output().unwrap();
        let read = |name: &str| fs::read_to_string(file(name)).unwrap_or_default();
        let said = [output.stdout, output.stderr].concat();
        Done {
            code: output.status.code().unwrap(),
            said: String::from_utf8(said).unwrap(),
            summary: read("summary"),
            outputs: read("outputs"),
        }
    }

    #[test]
    fn the_action_ends_as_its_inputs_say() {
        let place = built("borrowed-encoder");
        let place = place.path();
        fs::write(place.join("human.toml"), HUMAN).unwrap();
        let with = |more: &[(&str, &str)]| {
            let given = [("suspect", "seed-think"), ("against", "\nqwen2.5-vl\n")];
            audit(place, &[&given, more].concat())
        };
        let met = with(&[("policy", "core-from-scratch\ndisclosed\r\n")]);
        assert_eq!((met.code, met.said.as_str()), (0, ""));
        assert_eq!(met.outputs, "outcome=met\nreport=jokbo/audit.json\n");
        assert!(met.summary.contains("| component |") && met.summary.contains("## Policies"));
        let read = |name: &str| fs::read_to_string(place.join("jokbo").join(name)).unwrap();
        assert_eq!(read("audit.md").trim_end(), met.summary.trim_end());
        let sarif: Value = serde_json::from_str(&read("audit.sarif")).unwrap();
        assert_eq!(sarif["version"], "2.1.0");
        let report: Value = serde_json::from_str(&read("audit.json")).unwrap();
        assert_eq!(list(&report["audit"]["policies"]).len(), 2);

        let code = |policy: &str, more: &[(&str, &str)]| {
            with(&[&[("policy", policy)], more].concat()).code
        };
        assert_eq!(code("from-scratch", &[]), 1);
        assert_eq!(code("from-scratch", &[("fail-on-not-met", "false")]), 0);
        assert_eq!(code("human.toml", &[]), 0);
        assert_eq!(code("human.toml", &[("fail-on-cannot-tell", "true")]), 3);
        assert_eq!(
            with(&[("policy", "human.toml")]).outputs.lines().next(),
            Some("outcome=cannot-tell")
        );
        assert_eq!(code("no-such-policy", &[("fail-on-not-met", "false")]), 2);
        assert_eq!(code("", &[("options", "--no-such-option")]), 4);
    }

    #[test]
    fn the_action_writes_every_form_and_compares_nothing_twice() {
        let place = built("borrowed-encoder");
        let place = place.path();
        let given = [
            ("suspect", "seed-think"),
            ("against", "qwen2.5-vl"),
            ("options", "--component=vision-encoder\n--level=1e-5"),
            ("formats", "json text markdown sarif\njunit cyclonedx cyclonedx-1.6 spdx in-toto"),
            ("output", "a folder"),
            ("changed-since", "a folder/audit.json"),
        ];
        let first = audit(place, &given);
        assert_eq!(first.code, 0, "{}", first.said);
        let mut names: Vec<String> = fs::read_dir(place.join("a folder"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        let want = [
            "cdx-1.6.json",
            "cdx.json",
            "in-toto.json",
            "json",
            "junit.xml",
            "md",
            "sarif",
            "spdx.json",
            "txt",
        ];
        assert_eq!(names, want.map(|ending| format!("audit.{ending}")));
        let again = audit(place, &given);
        assert!(
            again.said.starts_with("nothing has changed since a folder/audit.json"),
            "{}",
            again.said
        );
        assert_eq!((again.code, again.summary), (0, first.summary));
    }

    #[test]
    fn no_input_is_obeyed() {
        let place = built("borrowed-encoder");
        let place = place.path();
        let commands = "x\"; touch owned; $(touch owned) `touch owned`\ntouch owned #";
        for bad in [commands, "--output=owned"] {
            for name in [
                "suspect",
                "against",
                "policy",
                "formats",
                "output",
                "changed-since",
                "fail-on-not-met",
            ] {
                let given = [("suspect", "seed-think"), ("against", "qwen2.5-vl"), (name, bad)];
                let done = audit(place, &given);
                assert!(!place.join("owned").exists(), "{name}: {bad}: {}", done.said);
            }
        }
    }

    #[test]
    fn the_hooks_pass_what_holds_and_stop_what_does_not() {
        let place = built("borrowed-encoder");
        let place = place.path();
        let hook = |args: &[&str]| {
            let mut command = Command::new(folder(".ci/hook"));
            let output =
                command.current_dir(place).env("JOKBO", JOKBO).args(args).output().unwrap();
            (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
        };
        let script = fs::metadata(folder(".ci/hook")).unwrap();
        assert_eq!(script.permissions().mode() & 0o111, 0o111, "it can be run");
        let audit = ["audit", "seed-think", "--against", "qwen2.5-vl", "--format=json"];
        let stored = [&audit[..], &["--output", "a.jokbo.json"]].concat();
        assert_eq!(hook(&stored).0, 0);
        assert_eq!(hook(&[&audit[..], &["--policy=from-scratch"]].concat()).0, 1);
        fs::copy(place.join("a.jokbo.json"), place.join("b c.jokbo.json")).unwrap();
        let both = ["a.jokbo.json", "b c.jokbo.json"];
        let (code, out) = hook(&[&["verify"], &both[..]].concat());
        assert_eq!((code, out.matches("The weight files are those").count()), (0, 2), "{out}");
        let (code, out) = hook(&[&["verify", "--models"], &both[..]].concat());
        assert_eq!((code, out.matches("The report holds.").count()), (0, 2), "{out}");
        let edited = fs::read_to_string(place.join("a.jokbo.json")).unwrap();
        let edited = edited.replacen("\"verdict\": \"derived\"", "\"verdict\": \"no-evidence\"", 1);
        fs::write(place.join("a.jokbo.json"), edited).unwrap();
        assert_eq!(hook(&[&["verify"], &both[..]].concat()).0, 0, "no digest changed");
        assert_eq!(hook(&[&["verify", "--models"], &both[..]].concat()).0, 1);
        // What is not there cannot be checked, and what is no report is an error.
        fs::remove_dir_all(place.join("qwen2.5-vl")).unwrap();
        assert_eq!(hook(&["verify", "b c.jokbo.json"]).0, 0);
        fs::write(place.join("a.jokbo.json"), "{}").unwrap();
        assert_eq!(hook(&[&["verify"], &both[..]].concat()).0, 1);
        assert_eq!(hook(&["push"]).0, 4);
    }
}
