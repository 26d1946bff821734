//! Runs the program and keeps all that it said.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Every pair of examples whose verdict is known, suspect first.
pub(crate) const PAIRS: [(&str, &str); 12] = [
    ("fracast", "fracast"),
    ("fracast-f64", "fracast"),
    ("fracast", "fracast-f64"),
    ("fracast-bf16", "fracast"),
    ("fracast-int8", "fracast"),
    ("fracast-noised", "fracast"),
    ("fracast-noised", "fracast-bf16"),
    ("fracast-random", "fracast"),
    ("akiki", "silero-vad"),
    ("silero-vad", "akiki"),
    ("silero-vad", "fracast"),
    ("fracast", "silero-vad"),
];

/// What one run left behind.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// A folder of the repository.
pub(crate) fn folder(below_root: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "..", "..", below_root].iter().collect()
}

/// The program, started among the examples, with nothing in its environment that changes what it
/// writes.
pub(crate) fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_jokbo"));
    command.current_dir(folder("examples"));
    for name in ["COLUMNS", "NO_COLOR", "CLICOLOR_FORCE", "RUST_BACKTRACE"] {
        command.env_remove(name);
    }
    for name in ["HF_ENDPOINT", "HF_TOKEN", "HF_TOKEN_PATH", "HF_HUB_CACHE", "JOKBO_CACHE"] {
        command.env_remove(name);
    }
    // No test leaves this machine.
    command.env("HF_HUB_OFFLINE", "1").env("HF_HOME", "no-such-folder");
    command
}

/// Runs `jokbo` with `args`. A run that a signal ended fails the test.
#[track_caller]
pub(crate) fn jokbo<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Ran {
    let output = command().args(args).output().unwrap();
    Ran {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The JSON report on a comparison that finished.
#[track_caller]
pub(crate) fn report<S: AsRef<OsStr>>(suspect: S, reference: S) -> Value {
    let args = [OsStr::new("compare"), suspect.as_ref(), reference.as_ref()];
    let ran = jokbo(args.into_iter().chain(["--format", "json"].map(OsStr::new)));
    assert!(matches!(ran.code, 0 | 3), "{ran:?}");
    serde_json::from_str(&ran.out).unwrap()
}

/// The components of a report, at least one.
#[track_caller]
pub(crate) fn components(report: &Value) -> &[Value] {
    let components = report["components"].as_array().unwrap();
    assert!(!components.is_empty(), "no component was compared");
    components
}

/// A number of a report.
#[track_caller]
pub(crate) fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is not a number"))
}

/// A list of a report.
#[track_caller]
pub(crate) fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap_or_else(|| panic!("{value} is not a list"))
}

/// `got` is `want`, give or take `tol`; NaN is near nothing.
#[track_caller]
pub(crate) fn near(got: f64, want: f64, tol: f64) {
    assert!((got - want).abs() <= tol, "got {got}, want {want} within {tol}");
}

/// Nothing that a terminal would obey rather than show.
#[track_caller]
pub(crate) fn is_plain(text: &str) {
    let turns = |c: char| ('\u{202a}'..='\u{202e}').contains(&c) || c == '\u{200f}';
    let raw = text.chars().find(|&c| (c.is_control() && c != '\n') || turns(c));
    assert_eq!(raw, None, "a raw control character in:\n{}", text.escape_debug());
}

/// What `jokbo` prints in `folder`.
#[track_caller]
pub(crate) fn printed(folder: &Path, args: &[&str]) -> String {
    let output = command()
        .current_dir(folder)
        .env("SOURCE_DATE_EPOCH", "1790000000")
        .args(args)
        .output()
        .expect("the program starts");
    let err = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(matches!(output.status.code(), Some(0 | 1 | 3)), "{args:?}: {err}");
    String::from_utf8(output.stdout).expect("a report is text")
}
