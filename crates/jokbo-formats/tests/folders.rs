//! What a path may be: a file, an index, a folder, a Hub cache entry, and links among them.

use std::fs;
use std::path::{Path, PathBuf};

use jokbo_formats::{Checkpoint, ErrorKind, digest, file_of, from_memory, open};
use serde_json::json;
use tempfile::TempDir;

/// A file with one U8 tensor of four bytes for each name.
fn shard(names: &[&str]) -> Vec<u8> {
    let header: serde_json::Map<_, _> = names
        .iter()
        .enumerate()
        .map(|(i, name)| {
            let range = [4 * i, 4 * i + 4];
            let info = json!({ "dtype": "U8", "shape": [4], "data_offsets": range });
            ((*name).to_owned(), info)
        })
        .collect();
    let header = serde_json::Value::Object(header).to_string();
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.extend(vec![9; 4 * names.len()]);
    bytes
}

/// A folder with these files.
fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let dir = tempfile::tempdir().expect("there is room for a folder");
    for (path, bytes) in files {
        write(&dir.path().join(path), bytes);
    }
    dir
}

fn write(path: &Path, bytes: &[u8]) {
    fs::create_dir_all(path.parent().expect("it is in a folder")).expect("it can be made");
    fs::write(path, bytes).expect("it can be written");
}

/// The files, and the tensors with the file of each.
#[track_caller]
fn holds(path: &Path, files: &[&str], tensors: &[(&str, usize)], told: &[&str]) -> Checkpoint {
    let (checkpoint, oddities) = open(path).expect("it opens");
    let found: Vec<_> = checkpoint.files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(found, files);
    let found: Vec<_> = checkpoint.entries.iter().map(|e| (e.name.as_str(), e.file)).collect();
    assert_eq!(found, tensors);
    let found: Vec<_> = oddities.iter().map(|oddity| oddity.what.as_str()).collect();
    assert_eq!(found, told);
    assert_eq!(checkpoint.source, path.display().to_string());
    checkpoint
}

#[track_caller]
fn fails(path: &Path, want: &str) {
    let error = open(path).expect_err("it does not open");
    assert_eq!(error.to_string().replace(&path.display().to_string(), "PATH"), want);
}

#[test]
fn a_file_is_known_by_its_content_and_not_by_its_name() {
    let dir = folder(&[("weights.dat", &shard(&["a"]))]);
    holds(&dir.path().join("weights.dat"), &["weights.dat"], &[("a", 0)], &[]);
}

#[test]
fn the_configuration_beside_a_file_is_read() {
    let dir = folder(&[("m.safetensors", &shard(&["a"])), ("config.json", br#"{"layers":2}"#)]);
    for path in [dir.path().to_owned(), dir.path().join("m.safetensors")] {
        let checkpoint = holds(&path, &["m.safetensors"], &[("a", 0)], &[]);
        assert_eq!(checkpoint.config, Some(json!({ "layers": 2 })));
    }
}

#[test]
fn a_path_without_anything_is_an_error_that_says_so() {
    fails(Path::new("no/such/path"), "PATH: there is nothing at this path");
}

#[test]
fn shards_without_an_index_are_one_checkpoint() {
    let (two, one) = (shard(&["b", "c"]), shard(&["a"]));
    let files = ["m-1-of-2.safetensors", "m-2-of-2.safetensors"];
    let dir = folder(&[(files[1], &two), (files[0], &one), ("notes.txt", b"hello")]);
    holds(dir.path(), &files, &[("a", 0), ("b", 1), ("c", 1)], &[]);
    let alone = "number 2 of a set of 2 shards, of which only this one was named";
    holds(&dir.path().join(files[1]), &[files[1]], &[("b", 0), ("c", 0)], &[alone]);
}

#[test]
fn an_index_joins_shards_in_folders_below() {
    let index = br#"{"weight_map":{"a":"x/1.safetensors","b":"y/2.safetensors"}}"#;
    let name = "model.safetensors.index.json";
    let dir = folder(&[
        (name, index),
        ("x/1.safetensors", &shard(&["a"])),
        ("y/2.safetensors", &shard(&["b"])),
    ]);
    let files = ["x/1.safetensors", "y/2.safetensors"];
    holds(dir.path(), &files, &[("a", 0), ("b", 1)], &[]);
    holds(&dir.path().join(name), &files, &[("a", 0), ("b", 1)], &[]);
}

#[test]
fn naming_an_index_chooses_one_of_two() {
    let dir = folder(&[
        ("a.safetensors.index.json", br#"{"weight_map":{"a":"a.safetensors"}}"#),
        ("b.safetensors.index.json", br#"{"weight_map":{"b":"b.safetensors"}}"#),
        ("a.safetensors", &shard(&["a"])),
        ("b.safetensors", &shard(&["b"])),
    ]);
    let error = open(dir.path()).expect_err("it is ambiguous");
    assert!(matches!(error.kind(), ErrorKind::ManyIndexes { .. }), "{error}");
    assert_eq!(error.hint().as_deref(), Some("name the index file to choose one"));
    let told = "`a.safetensors` is not in the index and was not read";
    let path = dir.path().join("b.safetensors.index.json");
    holds(&path, &["b.safetensors"], &[("b", 0)], &[told]);
}

#[test]
fn metadata_that_differ_between_shards_are_told_and_the_first_stays() {
    let with = |metadata: &str| {
        let header = format!(r#"{{"__metadata__":{metadata}}}"#);
        let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
        bytes.extend(header.as_bytes());
        bytes
    };
    let dir = folder(&[
        ("m-1-of-2.safetensors", &with(r#"{"format":"pt"}"#)),
        ("m-2-of-2.safetensors", &with(r#"{"format":"mlx","by":"x"}"#)),
    ]);
    let (checkpoint, oddities) = open(dir.path()).expect("it opens");
    assert_eq!(checkpoint.metadata["format"], "pt");
    assert_eq!(checkpoint.metadata["by"], "x");
    let told = "`format` in `__metadata__` is `mlx` here and `pt` in an earlier file";
    assert!(oddities.iter().any(|oddity| oddity.what == told), "{oddities:?}");
}

#[test]
fn a_folder_named_like_a_file_of_weights_is_passed_over() {
    let dir = folder(&[("m.safetensors", &shard(&["a"])), ("x.safetensors/y", b"")]);
    holds(dir.path(), &["m.safetensors"], &[("a", 0)], &[]);
    fails(&dir.path().join("x.safetensors"), "PATH: the folder holds no file of weights");
}

#[test]
fn memory_is_read_as_a_folder_is() {
    let files = vec![
        ("2.safetensors".to_owned(), shard(&["b"])),
        ("1.safetensors".to_owned(), shard(&["a"])),
    ];
    let config = json!({ "x": 1 });
    let (checkpoint, _) = from_memory("sim", files, Some(config.clone())).expect("it opens");
    assert_eq!((checkpoint.source.as_str(), checkpoint.config), ("sim", Some(config)));
    let paths: Vec<_> = checkpoint.files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(paths, ["1.safetensors", "2.safetensors"]);
    let error = from_memory("sim", vec![], None).expect_err("there is nothing");
    assert_eq!(error.to_string(), "sim: the folder holds no file of weights");
}

#[test]
fn files_in_memory_are_joined_by_the_same_rules_as_files_in_a_folder() {
    let file = |name: &str, tensor| (name.to_owned(), shard(&[tensor]));
    let gap = from_memory("sim", vec![file("m-1-of-2.safetensors", "a")], None);
    let want = "sim: the folder holds 1 of 2 shards and no index; missing: number 2";
    assert_eq!(gap.expect_err("a shard is missing").to_string(), want);
    let index = br#"{"weight_map":{"a":"1.safetensors"}}"#.to_vec();
    let files = vec![
        ("m.safetensors.index.json".to_owned(), index),
        file("1.safetensors", "a"),
        file("2.safetensors", "a"),
    ];
    let (checkpoint, oddities) = from_memory("sim", files, None).expect("it opens");
    assert_eq!(checkpoint.files.len(), 1);
    let told: Vec<_> = oddities.iter().map(ToString::to_string).collect();
    assert_eq!(told, ["sim: `2.safetensors` is not in the index and was not read"]);
}

#[test]
fn a_missing_shard_in_memory_is_the_same_error() {
    let index = br#"{"weight_map":{"a":"1.safetensors","b":"2.safetensors"}}"#.to_vec();
    let files = vec![
        ("m.safetensors.index.json".to_owned(), index),
        ("1.safetensors".to_owned(), shard(&["a"])),
    ];
    let error = from_memory("sim", files, None).expect_err("a shard is missing");
    let want = "2.safetensors: the shard is missing, and the index places 1 tensor in it";
    assert_eq!(error.to_string(), want);
    assert!(error.hint().is_some_and(|hint| hint.starts_with("fetch the missing files")));
}

#[test]
fn digests_are_those_of_the_bytes_on_disk() {
    let bytes = shard(&["a", "b"]);
    let dir = folder(&[("m.safetensors", &bytes)]);
    let (checkpoint, _) = open(dir.path()).expect("it opens");
    let reader = &*checkpoint.files[0].reader;
    let memory = jokbo_formats::Memory(bytes);
    assert_eq!(digest::sha256(reader).expect("read"), digest::sha256(&memory).expect("read"));
    let [a, b] = &checkpoint.entries[..] else { panic!("there are two") };
    let digest = |entry: &jokbo_formats::Entry| {
        digest::blake3(reader, entry.offset, entry.bytes).expect("it is in the file")
    };
    assert_eq!(digest(a), digest(b), "both hold the same four bytes");
}

#[cfg(unix)]
mod links {
    use super::*;
    use std::os::unix::fs::symlink;

    /// A Hub cache entry with one snapshot, as a download leaves it.
    fn cache(refs: bool) -> (TempDir, PathBuf, PathBuf) {
        let dir = tempfile::tempdir().expect("there is room for a folder");
        let entry = dir.path().join("models--org--name");
        let snapshot = entry.join("snapshots/0123abc");
        write(&entry.join("blobs/aa"), &shard(&["a"]));
        write(&entry.join("blobs/bb"), b"{}");
        fs::create_dir_all(&snapshot).expect("it can be made");
        for (blob, name) in [("aa", "model.safetensors"), ("bb", "config.json")] {
            let target = Path::new("../../blobs").join(blob);
            symlink(target, snapshot.join(name)).expect("it can be made");
        }
        if refs {
            write(&entry.join("refs/main"), b"0123abc");
        }
        (dir, entry, snapshot)
    }

    #[test]
    fn a_cache_entry_and_its_snapshot_are_the_same_checkpoint() {
        for refs in [true, false] {
            let (_dir, entry, snapshot) = cache(refs);
            for path in [entry, snapshot.clone(), snapshot.join("model.safetensors")] {
                let checkpoint = holds(&path, &["model.safetensors"], &[("a", 0)], &[]);
                assert_eq!(checkpoint.config, Some(json!({})));
            }
        }
    }

    #[test]
    fn a_link_from_a_snapshot_to_another_cache_entry_is_refused() {
        let (dir, entry, snapshot) = cache(true);
        write(&dir.path().join("models--other/blobs/cc"), &shard(&["x"]));
        symlink("../../../models--other/blobs/cc", snapshot.join("x.safetensors")).unwrap();
        for path in [entry, snapshot] {
            let error = open(&path).unwrap_err();
            assert!(matches!(error.kind(), ErrorKind::LinkLeaves { .. }), "{error}");
            assert_eq!(error.place().file, "x.safetensors");
        }
    }

    #[test]
    fn a_snapshot_that_is_itself_a_link_elsewhere_is_refused() {
        let (dir, entry, _) = cache(false);
        write(&dir.path().join("elsewhere/model.safetensors"), &shard(&["x"]));
        symlink("../../elsewhere", entry.join("snapshots/evil")).unwrap();
        write(&entry.join("refs/main"), b"evil");
        let error = open(&entry).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::LinkLeaves { .. }), "{error}");
        assert_eq!(error.place().file, "snapshots/evil", "nothing in it was looked at");
    }

    #[test]
    fn a_blob_that_was_not_fetched_is_named() {
        let (_dir, entry, snapshot) = cache(true);
        fs::remove_file(entry.join("blobs/aa")).unwrap();
        let want = "is a symbolic link to `../../blobs/aa`, which is not there";
        fails(&entry, &format!("model.safetensors: {want}"));
        fails(&snapshot.join("model.safetensors"), &format!("PATH: {want}"));
    }

    #[test]
    fn a_link_out_of_a_folder_is_refused_and_a_named_link_is_followed() {
        let dir = folder(&[("real/x.safetensors", &shard(&["x"])), ("m/readme", b"")]);
        symlink("../real/x.safetensors", dir.path().join("m/m.safetensors")).unwrap();
        let error = open(&dir.path().join("m")).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::LinkLeaves { .. }), "{error}");
        holds(&dir.path().join("m/m.safetensors"), &["m.safetensors"], &[("x", 0)], &[]);
        symlink("real", dir.path().join("link")).unwrap();
        holds(&dir.path().join("link"), &["x.safetensors"], &[("x", 0)], &[]);
    }

    #[test]
    fn a_configuration_that_is_a_link_out_is_told_and_not_read() {
        let dir = folder(&[("m/m.safetensors", &shard(&["a"])), ("config.json", b"{}")]);
        symlink("../config.json", dir.path().join("m/config.json")).unwrap();
        let (checkpoint, oddities) = open(&dir.path().join("m")).unwrap();
        assert_eq!(checkpoint.config, None);
        let told = oddities[0].to_string();
        assert!(told.starts_with("config.json: is not read: is a symbolic link to `/"), "{told}");
    }

    #[test]
    fn a_shard_that_is_a_link_out_is_refused_even_when_the_index_names_it() {
        let index = br#"{"weight_map":{"a":"x/a.safetensors"}}"#;
        let dir =
            folder(&[("m/m.safetensors.index.json", index), ("a.safetensors", &shard(&["a"]))]);
        symlink("..", dir.path().join("m/x")).unwrap();
        let error = open(&dir.path().join("m")).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::LinkLeaves { .. }), "{error}");
    }

    #[test]
    fn a_device_is_not_read() {
        fails(Path::new("/dev/null"), "PATH: is neither a regular file nor a folder");
    }
}

#[test]
fn opening_counts_the_header_and_reading_counts_what_it_reads() {
    let header = r#"{"w":{"dtype":"U8","shape":[100000],"data_offsets":[0,100000]}}"#;
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header.as_bytes());
    file.resize(file.len() + 100_000, 7);
    let total = file.len() as u64;
    let files = vec![("model.safetensors".to_owned(), file)];
    let (checkpoint, _) = jokbo_formats::from_memory("m", files, None).unwrap();
    assert_eq!((checkpoint.bytes(), checkpoint.bytes_read()), (total, 4096));
    let copy = checkpoint.clone();
    copy.files[0].reader.read_exact_at(&mut [0; 10], 50_000).unwrap();
    assert_eq!(checkpoint.bytes_read(), 2 * 4096, "a copy counts with the checkpoint it is of");
    jokbo_formats::digest::sha256(&*checkpoint.files[0].reader).unwrap();
    assert_eq!(checkpoint.bytes_read(), total);
}

#[test]
fn folders_called_after_a_part_are_read_with_the_model() {
    let index = br#"{"weight_map":{"b":"1.safetensors","c":"2.safetensors"}}"#;
    let dir = folder(&[
        ("model.safetensors", &shard(&["a"])),
        ("decoder/audio/codec/x.safetensors", &shard(&["a"])),
        ("vae/model.safetensors.index.json", index),
        ("vae/1.safetensors", &shard(&["b"])),
        ("vae/2.safetensors", &shard(&["c"])),
        ("vae/onnx/model.onnx", b"never opened"),
        ("assets/readme.txt", b"no weights"),
        ("original/consolidated.00.pth", b"never opened"),
    ]);
    let files = [
        "model.safetensors",
        "decoder/audio/codec/x.safetensors",
        "vae/1.safetensors",
        "vae/2.safetensors",
    ];
    let tensors = [("a", 0), ("decoder.audio.codec.a", 1), ("vae.b", 2), ("vae.c", 3)];
    let told = "the folder `original` holds weights too and was not read; name it to read it";
    holds(dir.path(), &files, &tensors, &[told]);
    holds(
        &dir.path().join("vae"),
        &["1.safetensors", "2.safetensors"],
        &[("b", 0), ("c", 1)],
        &["the folder `onnx` holds weights too and was not read; name it to read it"],
    );
}

#[test]
fn a_model_may_lie_in_its_parts_alone() {
    let dir = folder(&[
        ("unet/a.safetensors", &shard(&["a"])),
        ("vae/a.safetensors", &shard(&["a"])),
        ("checkpoint-500/a.safetensors", &shard(&["a"])),
    ]);
    let told = "the folder `checkpoint-500` holds weights too and was not read; name it to read it";
    let files = ["unet/a.safetensors", "vae/a.safetensors"];
    holds(dir.path(), &files, &[("unet.a", 0), ("vae.a", 1)], &[told]);
}

#[test]
fn several_checkpoints_are_not_read_as_one() {
    let dir = folder(&[
        ("checkpoint-500/a.safetensors", &shard(&["a"])),
        ("checkpoint-900/a.safetensors", &shard(&["a"])),
    ]);
    fails(
        dir.path(),
        "PATH: the folder holds no file of weights itself; `checkpoint-500`, `checkpoint-900` below it do",
    );
}

#[test]
fn what_is_wrong_in_a_part_is_told_with_its_folder() {
    let dir = folder(&[("a.safetensors", &shard(&["a"])), ("vae/b.safetensors", b"<html>")]);
    let error = open(dir.path()).expect_err("it does not open").to_string();
    assert!(error.starts_with("vae/b.safetensors: "), "{error}");
    let dir =
        folder(&[("a.safetensors", &shard(&["vae.x"])), ("vae/b.safetensors", &shard(&["x"]))]);
    let error = open(dir.path()).expect_err("it does not open").to_string();
    assert!(error.contains("tensor `vae.x`"), "{error}");
}

#[cfg(unix)]
#[test]
fn a_part_that_is_a_link_to_elsewhere_is_not_read() {
    let (dir, other) = (
        folder(&[("a.safetensors", &shard(&["a"]))]),
        folder(&[("b.safetensors", &shard(&["b"]))]),
    );
    std::os::unix::fs::symlink(other.path(), dir.path().join("vae")).expect("it can be linked");
    let told = "the folder `vae` is a link that leads elsewhere, and was not read";
    holds(dir.path(), &["a.safetensors"], &[("a", 0)], &[told]);
}

#[test]
fn a_file_is_found_again_by_the_path_that_the_checkpoint_gives_it() {
    let index = r#"{"weight_map":{"a":"one.safetensors","b":"sub/two.safetensors"}}"#;
    let dir = folder(&[
        ("m/one.safetensors", &shard(&["a"])),
        ("m/sub/two.safetensors", &shard(&["b"])),
        ("m/model.safetensors.index.json", index.as_bytes()),
        ("cache/models--o--n/snapshots/abc/model.safetensors", &shard(&["c"])),
        ("secret", b"secret"),
    ]);
    let at = |below: &str| dir.path().join(below);
    for source in ["m", "m/model.safetensors.index.json", "m/one.safetensors", "cache/models--o--n"]
    {
        let (checkpoint, _) = open(&at(source)).expect("it opens");
        for file in &checkpoint.files {
            let again = file_of(&at(source), &file.path).expect("it opens").expect("it is there");
            let [a, b] = [&file.reader, &again].map(|reader| digest::sha256(reader.as_ref()));
            assert_eq!(a.expect("it is read"), b.expect("it is read"), "{source}");
        }
    }
    for (source, below) in [("m", "gone"), ("gone", "a"), ("m/one.safetensors", "gone")] {
        assert!(file_of(&at(source), below).expect("nothing is wrong").is_none(), "{source}");
    }
    for below in ["../secret", "sub/../../secret", "", "/secret", ".."] {
        for source in ["m", "m/one.safetensors"] {
            let error = file_of(&at(source), below).expect_err("it leads out");
            assert!(matches!(error.kind(), ErrorKind::PathUnlawful), "{error}");
        }
    }
}

#[cfg(unix)]
#[test]
fn a_file_that_a_link_leads_to_is_read_within_the_folder_alone() {
    use std::os::unix::fs::symlink;
    let dir = folder(&[("m/real", b"inside"), ("secret", b"secret")]);
    let model = dir.path().join("m");
    symlink("real", model.join("in")).expect("a link");
    symlink("../secret", model.join("out")).expect("a link");
    symlink("/dev/zero", dir.path().join("zero")).expect("a link");
    assert!(file_of(&model, "in").expect("it opens").is_some());
    let error = file_of(&model, "out").expect_err("it leads out");
    assert!(matches!(error.kind(), ErrorKind::LinkLeaves { .. }), "{error}");
    // A device has no end.
    let error = file_of(&dir.path().join("zero"), "zero").expect_err("no file");
    assert!(matches!(error.kind(), ErrorKind::NotRegular), "{error}");
}
