//! Runs that are stopped, and runs that go on from there.

use std::fs;
use std::path::{Path, PathBuf};

use crate::checkpoint::{noise, write};
use crate::program::{Ran, jokbo};

/// The parts in `folder`, which holds nothing else.
fn parts(folder: &Path) -> Vec<PathBuf> {
    let Ok(all) = fs::read_dir(folder) else { return Vec::new() };
    let mut all: Vec<PathBuf> = all.map(|entry| entry.unwrap().path()).collect();
    all.sort();
    all
}

fn resumed(folder: &Path, command: &[&str]) -> Ran {
    jokbo([command, &["--format", "json", "--resume", folder.to_str().unwrap()]].concat())
}

/// What was said of parts that were taken.
fn taken(n: usize, folder: &Path) -> String {
    match n {
        1 => format!("1 finished component was taken from {}\n", folder.display()),
        n => format!("{n} finished components were taken from {}\n", folder.display()),
    }
}

#[test]
fn a_report_is_the_same_whatever_was_taken_from_a_run_before() {
    for command in [
        &["compare", "fracast-noised", "fracast"][..],
        &["compare", "akiki", "silero-vad", "fracast"],
        &["audit", "fracast-noised", "--against", "fracast", "--policy", "from-scratch"],
    ] {
        let temporary = tempfile::tempdir().unwrap();
        let folder = temporary.path().join("a new one");
        let plain = jokbo([command, &["--format", "json"]].concat());
        let first = resumed(&folder, command);
        assert_eq!((&first.out, first.code, &*first.err), (&plain.out, plain.code, ""));
        let n = parts(&folder).len();
        assert!(1 < n, "{command:?}: {n}");
        let second = resumed(&folder, command);
        assert_eq!((&second.out, second.err), (&plain.out, taken(n, &folder)));
        fs::remove_file(&parts(&folder)[0]).unwrap();
        let third = resumed(&folder, command);
        assert_eq!((&third.out, third.err), (&plain.out, taken(n - 1, &folder)));
        assert_eq!(parts(&folder).len(), n);
    }
}

#[test]
fn a_model_that_changed_is_measured_anew() {
    let temporary = tempfile::tempdir().unwrap();
    let (folder, model) = (temporary.path().join("parts"), temporary.path().join("m.safetensors"));
    let made = |seed: u32| {
        write(&model, &[("layers.0.mlp.up_proj.weight", 32, 16, noise(512, seed))]);
        resumed(&folder, &["compare", model.to_str().unwrap(), "fracast"])
    };
    let first = made(1);
    let n = parts(&folder).len();
    let other = made(2);
    assert!(first.out != other.out && other.err.is_empty(), "{other:?}");
    assert_eq!(parts(&folder).len(), 2 * n);
    assert_eq!(made(1).out, first.out);
}

#[test]
fn what_is_no_part_is_not_used_and_says_so() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    let command = ["compare", "fracast-noised", "fracast"];
    let plain = resumed(folder, &command);
    let [first, second] = &parts(folder)[..] else { panic!("two components") };
    fs::write(first, "no part").unwrap();
    fs::remove_file(second).unwrap();
    fs::create_dir(second).unwrap();
    let ran = resumed(folder, &command);
    assert_eq!(ran.out, plain.out);
    let said = |file: &Path, why: &str| {
        let sentence = format!("{} is not used, and measured anew: {why}\n", file.display());
        assert!(ran.err.contains(&sentence), "{sentence}{}", ran.err);
    };
    said(first, "it is no part");
    said(second, "it is no plain file");
    assert!(ran.err.contains("a finished component cannot be kept in "), "{}", ran.err);
}

/// A part may say anything under a good checksum: it makes a report, or none, and never a crash.
#[test]
fn a_part_that_lies_never_crashes_the_program() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    let command = ["compare", "fracast-noised", "fracast", "--threads", "1", "--lang", "ko"];
    resumed(folder, &command);
    let sound: Vec<(PathBuf, Vec<u8>)> =
        parts(folder).into_iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect();
    let mut believed = 0;
    for (round, format) in (0..48).zip(["text", "html", "json", "sarif"].into_iter().cycle()) {
        for (path, part) in &sound {
            let mut part = part.clone();
            let ends = part.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
            let start = ends.map(|(place, _)| place + 1).nth(2).unwrap();
            let step = (part.len() - start) / 48;
            part[start + round * step] ^= [1, 0x80, 0x40][round % 3];
            let checksum = blake3::hash(&part[start..]).to_hex();
            part[start - 65..start - 1].copy_from_slice(checksum.as_bytes());
            fs::write(path, part).unwrap();
        }
        let resume = ["--format", format, "--resume", folder.to_str().unwrap()];
        let ran = jokbo([&command[..], &resume].concat());
        assert!(matches!(ran.code, 0 | 3), "round {round}: {ran:?}");
        believed += usize::from(ran.err.contains("taken from"));
    }
    assert!(0 < believed);
}

#[test]
fn a_sample_and_what_is_elsewhere_keep_nothing() {
    for more in [
        ["--sampled", "--full"],
        ["--sampled", "--resume=parts"],
        ["--max-bytes=1MB", "--resume=parts"],
    ] {
        let ran = jokbo(["compare", "fracast", "fracast"].iter().chain(&more));
        assert_eq!(ran.code, 4, "{more:?}: {ran:?}");
    }
    let file = tempfile::NamedTempFile::new().unwrap();
    let ran = resumed(file.path(), &["compare", "fracast", "fracast"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.starts_with("error: cannot keep finished parts in "), "{}", ran.err);
}

/// Runs whose report nobody reads, which wait there if they come so far, and are stopped.
#[cfg(unix)]
mod stopped {
    use std::io::Read as _;
    use std::process::{Child, Command, Stdio};
    use std::thread;
    use std::time::Duration;

    use super::*;
    use crate::program::command;

    /// A comparison whose report is longer than a pipe holds.
    const LONG: [&str; 10] = [
        "compare",
        "fracast",
        "fracast-noised",
        "fracast-bf16",
        "fracast-f64",
        "fracast-int8",
        "fracast-random",
        "akiki",
        "silero-vad",
        "--timings",
    ];

    fn started(more: &[&str]) -> Child {
        let mut child = command();
        child.args(LONG).args(["--format", "json"]).args(more);
        child.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// How a run ended that was sent the signal of Ctrl-C, and what it said.
    #[track_caller]
    fn interrupted(mut child: Child) -> (Option<i32>, String) {
        let id = child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
        let code = child.wait().unwrap().code();
        let mut said = String::new();
        child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        (code, said)
    }

    #[test]
    fn what_was_finished_is_kept_and_the_next_run_goes_on_from_it() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = temporary.path().join("parts");
        let mut child = started(&["--resume", folder.to_str().unwrap()]);
        while parts(&folder).is_empty() {
            assert!(child.try_wait().unwrap().is_none(), "it ended of itself");
            thread::sleep(Duration::from_millis(1));
        }
        let (code, said) = interrupted(child);
        assert_eq!(code, Some(130));
        let n = parts(&folder).len();
        let kept = match n {
            1 => "1 finished component is kept in ".to_owned(),
            n => format!("{n} finished components are kept in "),
        };
        assert!(said.contains(&format!("\ninterrupted: {kept}")), "{n}: {said}");
        assert!(said.starts_with("opening  "), "{said}");
        // Nothing is left but whole parts.
        let is_part = |path: &PathBuf| path.extension() == Some("part".as_ref());
        assert!(parts(&folder).iter().all(is_part), "{:?}", parts(&folder));
        let plain = jokbo(LONG[..9].iter().chain(&["--format", "json"]));
        let ran = resumed(&folder, &LONG[..9]);
        assert!(plain.out == ran.out);
        assert_eq!(ran.err, taken(n, &folder));
    }

    #[test]
    fn without_a_folder_it_says_how_something_would_have_been_kept() {
        let mut child = started(&[]);
        // The report begins, and cannot end.
        child.stdout.as_mut().unwrap().read_exact(&mut [0]).unwrap();
        let (code, said) = interrupted(child);
        assert_eq!(code, Some(130));
        let want =
            "\ninterrupted: nothing was kept; with --resume DIR finished components would be\n";
        assert!(said.ends_with(want), "{said}");
    }
}
