//! Every file of `data/hostile/`, as what is inspected, as suspect and as reference.

use std::ffi::OsStr;
use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::program::{Ran, folder, is_plain, jokbo, list};

/// Every entry of the museum, in the order of their names.
fn museum() -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> =
        fs::read_dir(folder("data/hostile")).unwrap().map(|e| e.unwrap().path()).collect();
    all.sort();
    assert!(80 < all.len(), "the museum is not where it was");
    all
}

/// Runs with the entry at its place, in every format, and hands each run to `judge`.
fn each(command: &[&OsStr], judge: impl Fn(&str, &str, &Ran)) {
    for path in museum() {
        let name = path.file_name().unwrap().to_str().unwrap();
        for format in ["text", "json", "markdown"] {
            let args =
                command.iter().map(|&arg| if arg == "ENTRY" { path.as_os_str() } else { arg });
            let ran = jokbo(args.chain(["--format", format].map(OsStr::new)));
            judge(name, format, &ran);
        }
    }
}

/// It ended in order: refused with a cause that names the file, or read with an oddity.
fn ended_in_order(name: &str, format: &str, ran: &Ran) {
    is_plain(&ran.out);
    is_plain(&ran.err);
    match ran.code {
        0 | 3 => {
            assert_eq!(ran.err, "", "{name}");
            if format == "json" {
                let report: Value = serde_json::from_str(&ran.out).unwrap();
                assert!(!list(&report["oddities"]).is_empty(), "{name} has no oddity");
            } else {
                assert!(ran.out.contains("Oddities"), "{name} has no oddity");
            }
        }
        2 => {
            assert_eq!(ran.out, "", "{name}");
            assert!(ran.err.starts_with("error: cannot open "), "{name}: {}", ran.err);
            let (error, cause) = ran.err.split_once("\n  cause: ").unwrap();
            assert!(error.ends_with(name) && !cause.is_empty(), "{name}: {}", ran.err);
        }
        code => panic!("{name} ended with {code}: {}", ran.err),
    }
}

#[test]
fn inspecting_any_of_them_ends_in_order() {
    each(&["inspect", "ENTRY", "--tensors"].map(OsStr::new), ended_in_order);
}

#[test]
fn any_of_them_as_the_suspect_ends_in_order() {
    each(&["compare", "ENTRY", "fracast"].map(OsStr::new), ended_in_order);
}

#[test]
fn any_of_them_as_the_reference_ends_in_order() {
    each(&["compare", "fracast", "ENTRY"].map(OsStr::new), ended_in_order);
}

#[test]
fn any_of_them_against_itself_ends_in_order() {
    each(&["compare", "ENTRY", "ENTRY"].map(OsStr::new), ended_in_order);
}

/// The file system allows what a terminal must not obey.
#[cfg(unix)]
#[test]
fn a_hostile_file_name_is_shown_and_not_obeyed() {
    let place = tempfile::tempdir().unwrap();
    let model = place.path().join("a\u{1b}[2J\u{9b}31m\u{202e}b");
    fs::create_dir(&model).unwrap();
    let example = folder("examples").join("fracast").join("model.safetensors");
    fs::copy(example, model.join("w\u{1b}]0;title\u{7}.safetensors")).unwrap();
    for format in ["text", "json", "markdown"] {
        let [compare, format_is, inspect] = ["compare", "--format", "inspect"].map(OsStr::new);
        let (model, format) = (model.as_os_str(), OsStr::new(format));
        let good = jokbo([compare, model, model, format_is, format]);
        assert_eq!((good.code, good.err.as_str()), (0, ""), "{good:?}");
        is_plain(&good.out);
        is_plain(&jokbo([inspect, model, OsStr::new("--tensors"), format_is, format]).out);
    }
    fs::write(model.join("w\u{1b}]0;title\u{7}.safetensors"), "short").unwrap();
    let bad = jokbo([OsStr::new("inspect"), model.as_os_str()]);
    assert_eq!((bad.code, bad.out.as_str()), (2, ""));
    is_plain(&bad.err);
}
