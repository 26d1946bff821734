//! Runs that keep within an amount of memory.

use std::path::{Path, PathBuf};

use crate::checkpoint::{noise, write};
use crate::program::{Ran, jokbo};

/// A model of gated layers, each number `share` of noise and else that of seed 1.
fn model(path: &Path, (layers, width, units): (u32, u32, u32), share: f32, seed: u32) -> PathBuf {
    let mut tensors = Vec::new();
    for layer in 0..layers {
        for (k, (name, rows, cols)) in
            [("gate", units, width), ("up", units, width), ("down", width, units)]
                .into_iter()
                .enumerate()
        {
            let place = 10 * layer + u32::try_from(k).unwrap();
            let own = noise(rows * cols, 1000 * seed + place);
            let values = noise(rows * cols, 1000 + place).into_iter().zip(own);
            let values: Vec<f32> =
                values.map(|(old, new)| (1.0 - share) * old + share * new).collect();
            tensors.push((
                format!("model.layers.{layer}.mlp.{name}_proj.weight"),
                rows,
                cols,
                values,
            ));
        }
    }
    let tensors: Vec<(&str, u32, u32, Vec<f32>)> = tensors
        .iter()
        .map(|(name, rows, cols, values)| (&**name, *rows, *cols, values.clone()))
        .collect();
    write(path, &tensors);
    path.to_owned()
}

fn compared(suspect: &str, reference: &str, more: &[&str]) -> Ran {
    jokbo([&["compare", suspect, reference, "--format", "json"], more].concat())
}

/// The least that a comparison may take, from the sentence that refuses less.
#[track_caller]
fn least(suspect: &str, reference: &str) -> u64 {
    let ran = compared(suspect, reference, &["--max-memory", "1MB"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    let start = "error: --max-memory allows 1000000 bytes, and comparing these models may take ";
    let rest = ran.err.strip_prefix(start).unwrap();
    rest.strip_suffix(" with a single worker\n").unwrap().parse().unwrap()
}

#[test]
fn the_least_memory_gives_the_same_report_and_less_is_refused() {
    for (suspect, reference) in [("fracast-noised", "fracast"), ("akiki", "silero-vad")] {
        let plain = compared(suspect, reference, &[]);
        let least = least(suspect, reference);
        let ran = compared(suspect, reference, &["--max-memory", &least.to_string()]);
        assert_eq!((ran.out, ran.code), (plain.out, plain.code));
        let less = compared(suspect, reference, &["--max-memory", &(least - 1).to_string()]);
        assert_eq!(less.code, 2, "{less:?}");
        let sampled = compared(suspect, reference, &["--sampled", "--max-memory", "1GB"]);
        assert_eq!(sampled.out, compared(suspect, reference, &["--sampled"]).out);
    }
    let panel = ["compare", "akiki", "fracast", "silero-vad", "--format", "json"];
    let limited = jokbo(panel.iter().chain(&["--max-memory", "500MB", "--threads", "7"]));
    assert_eq!(limited.out, jokbo(panel).out);
    let ran = jokbo(["audit", "akiki", "--against", "fracast", "--max-memory", "1MB"]);
    assert!(ran.code == 2 && ran.err.contains("--max-memory allows"), "{ran:?}");
}

/// What the system counted while a run held its report back, which nobody reads.
#[cfg(target_os = "linux")]
mod measured {
    use std::fs;
    use std::process::{Command, Stdio};
    use std::thread;
    use std::time::Duration;

    use super::*;
    use crate::program::command;

    /// The most memory that a comparison held, in bytes.
    #[track_caller]
    fn peak(at: &Path, args: &[&str]) -> u64 {
        let pipe = at.join("pipe");
        let _ = fs::remove_file(&pipe);
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let parts = at.join("parts");
        let _ = fs::remove_dir_all(&parts);
        let mut child = command();
        child.args(args).arg("--resume").arg(&parts).arg("-o").arg(&pipe).stderr(Stdio::piped());
        let mut child = child.spawn().unwrap();
        let count = || fs::read_dir(&parts).map_or(0, Iterator::count);
        // One component, which is kept when all is done but the report.
        while count() == 0 {
            assert!(child.try_wait().unwrap().is_none(), "it ended of itself");
            thread::sleep(Duration::from_millis(10));
        }
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.trim().strip_suffix(" kB").unwrap().parse::<u64>().unwrap() * 1024
    }

    #[test]
    fn no_more_is_held_than_was_allowed_whatever_the_threads() {
        let temporary = tempfile::tempdir().unwrap();
        let at = temporary.path();
        let shape = (3, 384, 1024);
        let reference = model(&at.join("reference.safetensors"), shape, 0.0, 1);
        for (name, share) in [("copy", 0.1), ("stranger", 1.0)] {
            let suspect = model(&at.join(format!("{name}.safetensors")), shape, share, 2);
            let pair = [suspect.to_str().unwrap(), reference.to_str().unwrap()];
            let least = least(pair[0], pair[1]);
            for allowed in [least, least + least / 2] {
                let limit = allowed.to_string();
                let args = ["compare", pair[0], pair[1], "--threads", "8", "--max-memory", &limit];
                let held = peak(at, &args);
                assert!(held <= allowed, "{name}: {held} bytes held, {allowed} allowed");
                // The estimate is no empty promise either.
                assert!(allowed / 8 < held, "{name}: {held} bytes held, {allowed} allowed");
            }
        }
    }
}
