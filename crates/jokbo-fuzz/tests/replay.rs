//! What the fuzzer once found interesting is run again, without a fuzzer.

#![allow(clippy::unwrap_used, reason = "a failed unwrap in a test is a failed test")]

use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use jokbo_fuzz::{TARGETS, Target};

fn corpora() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus")
}

/// The inputs of a target in the order of their names.
fn corpus(target: &Target) -> Vec<(String, Vec<u8>)> {
    let folder = corpora().join(target.name);
    let listed = fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut paths: Vec<PathBuf> = listed.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.into_iter().map(|path| (path.display().to_string(), fs::read(path).unwrap())).collect()
}

#[test]
fn every_seed_keeps_the_invariants() {
    for target in TARGETS {
        let seeds = (target.seeds)();
        assert!(2 <= seeds.len(), "{} has few seeds", target.name);
        let broken: Vec<usize> = (0..seeds.len())
            .filter(|&i| catch_unwind(|| (target.run)(&seeds[i])).is_err())
            .collect();
        assert!(broken.is_empty(), "{}: seeds {broken:?}; see the panics above", target.name);
    }
}

#[test]
fn every_input_of_the_corpus_keeps_the_invariants() {
    for target in TARGETS {
        let inputs = corpus(target);
        assert!(20 < inputs.len(), "the corpus of {} is not there", target.name);
        for (path, bytes) in inputs {
            assert!(catch_unwind(|| (target.run)(&bytes)).is_ok(), "{path}");
        }
    }
}

/// The names in a folder of `fuzz/`, without their endings, sorted.
fn listed(folder: &str) -> Vec<String> {
    let listed = fs::read_dir(corpora().with_file_name(folder)).unwrap();
    let name = |entry: std::io::Result<fs::DirEntry>| {
        entry.unwrap().file_name().into_string().unwrap().replace(".rs", "")
    };
    let mut names: Vec<String> = listed.map(name).collect();
    names.sort();
    names
}

#[test]
fn every_target_has_a_corpus_and_a_program() {
    let mut names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
    names.sort_unstable();
    assert_eq!(listed("corpus"), names);
    assert_eq!(listed("fuzz_targets"), names);
    let manifest = fs::read_to_string(corpora().with_file_name("Cargo.toml")).unwrap();
    for name in names {
        assert!(manifest.contains(&format!("\nname = \"{name}\"\n")), "{name} is not built");
        let program = corpora().with_file_name(format!("fuzz_targets/{name}.rs"));
        let program = fs::read_to_string(program).unwrap();
        assert!(program.contains(&format!("named(\"{name}\")")), "{name} runs another target");
    }
}
