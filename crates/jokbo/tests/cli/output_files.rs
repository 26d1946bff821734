//! Where results go: whole files or none, pipes that close early, colour only for a terminal.

use std::fs;
use std::io;
use std::path::Path;
use std::process::Stdio;

use crate::program::{command, folder, jokbo};

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn a_file_gets_what_standard_output_would_get_and_nothing_lies_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report");
    for format in ["text", "json", "markdown"] {
        for args in [["compare", "fracast-noised", "fracast"].as_slice(), &["inspect", "akiki"]] {
            let printed = jokbo(args.iter().chain(&["--format", format]));
            let to_file = ["--format", format, "-o", file.to_str().unwrap()];
            let written = jokbo(args.iter().chain(&to_file));
            assert_eq!((written.code, written.out.as_str(), written.err.as_str()), (0, "", ""));
            assert_eq!(fs::read_to_string(&file).unwrap(), printed.out);
        }
    }
    assert_eq!(names(folder.path()), ["report"]);
}

#[test]
fn a_place_that_cannot_be_written_ends_with_2_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let taken = folder.path().join("taken");
    fs::create_dir(&taken).unwrap();
    for place in [folder.path().join("nowhere").join("report"), taken] {
        let ran = jokbo(["compare", "fracast", "fracast", "-o", place.to_str().unwrap()]);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""));
        let said = format!("error: cannot write {}\n  cause: ", place.display());
        assert!(ran.err.starts_with(&said) && ran.err.lines().count() == 2, "{}", ran.err);
    }
    assert_eq!(names(folder.path()), ["taken"]);
}

#[test]
fn a_comparison_that_fails_leaves_the_last_report_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report");
    fs::write(&file, "the last report").unwrap();
    assert_eq!(jokbo(["compare", "fracast", "nowhere", "-o", file.to_str().unwrap()]).code, 2);
    assert_eq!(fs::read_to_string(&file).unwrap(), "the last report");
    assert_eq!(names(folder.path()), ["report"]);
}

/// Renaming a file over `/dev/null` would take the device away from everybody.
#[cfg(unix)]
#[test]
fn a_link_is_followed_and_a_pipe_is_written_to_not_replaced() {
    use std::os::unix::fs::{FileTypeExt as _, symlink};

    let folder = tempfile::tempdir().unwrap();
    let (real, link, pipe) =
        (folder.path().join("real"), folder.path().join("link"), folder.path().join("pipe"));
    fs::write(&real, "").unwrap();
    symlink(&real, &link).unwrap();
    assert_eq!(jokbo(["inspect", "akiki", "-o", link.to_str().unwrap()]).code, 0);
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(fs::read_to_string(&real).unwrap().starts_with("akiki"));

    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let reader = pipe.clone();
    let reader = std::thread::spawn(move || fs::read_to_string(reader).unwrap());
    assert_eq!(jokbo(["inspect", "akiki", "-o", pipe.to_str().unwrap()]).code, 0);
    assert!(fs::metadata(&pipe).unwrap().file_type().is_fifo());
    assert!(reader.join().unwrap().starts_with("akiki"));
}

#[test]
fn a_reader_that_went_away_is_no_failure() {
    for args in [
        ["compare", "fracast", "fracast"].as_slice(),
        &["inspect", "fracast", "--tensors"],
        &["explain"],
        &["--help"],
    ] {
        let (reader, writer) = io::pipe().unwrap();
        drop(reader);
        let run = command().args(args).stdout(writer).stderr(Stdio::piped()).output().unwrap();
        assert_eq!(
            (run.status.code(), run.stderr.as_slice()),
            (Some(0), [].as_slice()),
            "{args:?}"
        );
    }
}

#[test]
fn a_pipe_gets_no_colour_and_standard_error_no_progress() {
    for name in ["NO_COLOR", "CLICOLOR_FORCE"] {
        for quiet in [[].as_slice(), &["-q"], &["--quiet"]] {
            let mut command = command();
            command.args(["compare", "fracast", "fracast"]).args(quiet).env(name, "1");
            let output = command.output().unwrap();
            assert!(!output.stdout.contains(&0x1b));
            assert_eq!(output.stderr, b"");
        }
    }
}

#[test]
fn a_single_file_is_a_checkpoint_too() {
    let file = folder("examples").join("fracast").join("model.safetensors");
    let ran = jokbo(["compare", file.to_str().unwrap(), "fracast"]);
    assert_eq!(ran.code, 0);
    assert_eq!(ran.out.matches(": identical").count(), 2, "{}", ran.out);
}
