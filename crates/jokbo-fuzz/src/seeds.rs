//! Where targets begin: files of the museum and of the examples.

use std::fs;
use std::path::{Path, PathBuf};

/// Longest seed. Longer ones make the fuzzer slow and teach it nothing that shorter ones do not.
const LIMIT: usize = 16 << 10;

/// The files of the museum whose names end in one of `endings`, those in its folders included.
/// Those that are too long are left out.
pub(crate) fn museum(endings: &[&str]) -> Vec<Vec<u8>> {
    let mut paths = Vec::new();
    below(&root().join("data/hostile"), &mut paths);
    paths.retain(|path| endings.iter().any(|ending| path.to_string_lossy().ends_with(ending)));
    paths.sort();
    let read = |path: &PathBuf| fs::read(path).expect("the museum can be read");
    paths.iter().map(read).filter(|bytes| bytes.len() <= LIMIT).collect()
}

/// The text files of the examples called `name`.
pub(crate) fn examples(name: &str) -> Vec<Vec<u8>> {
    let mut paths = Vec::new();
    below(&root().join("examples"), &mut paths);
    paths.retain(|path| path.file_name().is_some_and(|found| found == name));
    paths.sort();
    paths.iter().map(|path| fs::read(path).expect("the examples can be read")).collect()
}

/// The golden quantised files that are short, each with its `config.json`.
pub(crate) fn composed() -> Vec<(Vec<u8>, Vec<u8>)> {
    let golden = root().join("data/golden");
    let table = fs::read_to_string(golden.join("composed.tsv")).expect("the table can be read");
    let rows = table.lines().skip(1).map(|line| {
        let mut cells = line.split('\t');
        let (name, config) = (cells.next().unwrap_or(""), cells.next().unwrap_or(""));
        let file = golden.join(format!("composed/{name}.safetensors"));
        (config.as_bytes().to_vec(), fs::read(file).expect("the golden files can be read"))
    });
    rows.filter(|(_, file)| file.len() <= LIMIT).collect()
}

/// A safetensors file with matrices of one byte each number, of these names and shapes.
pub(crate) fn bytes_of(tensors: &[(&str, [u64; 2])]) -> Vec<u8> {
    let mut at = 0;
    let entries = tensors.iter().map(|(name, [rows, cols])| {
        let start = at;
        at += rows * cols;
        format!(
            r#""{name}":{{"dtype":"F8_E4M3","shape":[{rows},{cols}],"data_offsets":[{start},{at}]}}"#
        )
    });
    let header = format!("{{{}}}", entries.collect::<Vec<_>>().join(","));
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header.as_bytes());
    file.resize(file.len() + usize::try_from(at).expect("it is small"), 60);
    file
}

/// The root of the repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every file below `folder`. Links are not followed.
fn below(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let entry = entry.expect("the folder can be listed");
        let kind = entry.file_type().expect("the folder can be listed");
        if kind.is_dir() {
            below(&entry.path(), paths);
        } else if kind.is_file() {
            paths.push(entry.path());
        }
    }
}
