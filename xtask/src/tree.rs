//! The repository's own texts, read once.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::source;

/// One text of the repository.
#[derive(Debug, Clone)]
pub(crate) struct File {
    /// Below the root, with `/` between the parts.
    pub(crate) path: String,
    pub(crate) text: String,
    /// Rust that is only compiled for tests, as a whole file.
    pub(crate) test_only: bool,
}

impl File {
    pub(crate) fn new(path: &str, text: &str) -> Self {
        let test_only = path.starts_with("crates/") && path.contains("/tests/");
        Self { path: path.to_owned(), text: text.to_owned(), test_only }
    }

    /// Whether it is a Rust file of one of our crates.
    pub(crate) fn is_rust(&self) -> bool {
        self.path.ends_with(".rs") && ["crates/", "xtask/"].iter().any(|d| self.path.starts_with(d))
    }

    /// Whether the path ends in one of `endings`.
    pub(crate) fn ends_with(&self, endings: &[&str]) -> bool {
        endings.iter().any(|ending| self.path.ends_with(ending))
    }

    /// The part of the path after its last `/`.
    pub(crate) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// Its lines, numbered from 1.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(k, line)| (k + 1, line))
    }

    /// Its numbered lines of Rust outside tests. None in a file that is only for tests.
    pub(crate) fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let marks = source::test_lines(&self.text);
        self.lines().zip(marks).filter(|(_, test)| !self.test_only && !test).map(|(line, _)| line)
    }
}

/// The root of the repository.
pub(crate) fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here)
}

/// Every text that a check may look at, sorted by path. Links are not followed: the hostile
/// examples hold some that lead in circles.
pub(crate) fn read() -> anyhow::Result<Vec<File>> {
    let mut paths = Vec::new();
    list(root(), &mut paths)?;
    paths.sort();
    let mut files = Vec::with_capacity(paths.len());
    for path in paths {
        let text =
            fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let below = path.strip_prefix(root()).unwrap_or(&path);
        let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
        files.push(File::new(&parts.join("/"), &text));
    }
    mark_test_modules(&mut files);
    Ok(files)
}

fn list(folder: &Path, paths: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    let cannot = || format!("cannot list {}", folder.display());
    for entry in fs::read_dir(folder).with_context(cannot)? {
        let entry = entry.with_context(cannot)?;
        let (path, kind) = (entry.path(), entry.file_type().with_context(cannot)?);
        let name = entry.file_name().to_string_lossy().into_owned();
        if kind.is_dir() && !is_foreign(&name) {
            list(&path, paths)?;
        } else if kind.is_file() && is_text(&path) {
            paths.push(path);
        }
    }
    Ok(())
}

/// Folders that hold nothing of ours: build outputs, downloaded models, tools' own folders.
fn is_foreign(name: &str) -> bool {
    let ours = [".ci", ".cargo", ".github"];
    ["target", "zoo"].contains(&name) || name.starts_with('.') && !ours.contains(&name)
}

fn is_text(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str());
    path.ends_with(".ci/run")
        || ending.is_some_and(|e| ["rs", "md", "toml", "py", "sh", "yml"].contains(&e))
}

/// Marks the files of modules that are declared under `#[cfg(test)]`, and those below them.
fn mark_test_modules(files: &mut [File]) {
    let mut stems = Vec::new();
    for file in files.iter().filter(|file| file.is_rust()) {
        let folder = match file.path.rsplit_once('/') {
            Some((folder, "lib.rs" | "main.rs")) => folder,
            _ => file.path.trim_end_matches(".rs"),
        };
        stems.extend(source::test_modules(&file.text).iter().map(|m| format!("{folder}/{m}")));
    }
    for file in files {
        let rest = stems.iter().filter_map(|stem| file.path.strip_prefix(stem.as_str()));
        file.test_only |= rest.into_iter().any(|rest| rest == ".rs" || rest.starts_with('/'));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_declared_for_tests_is_marked_and_its_neighbours_are_not() {
        let mut files = [
            File::new("crates/a/src/lib.rs", "//! A.\n#[cfg(test)]\nmod fixture;\nmod fix;\n"),
            File::new("crates/a/src/fixture.rs", "//! F.\n"),
            File::new("crates/a/src/fixture/deep.rs", "//! D.\n"),
            File::new("crates/a/src/fix.rs", "//! X.\n#[cfg(test)]\nmod tests;\n"),
            File::new("crates/a/src/fix/tests.rs", "//! T.\n"),
            File::new("crates/a/tests/laws.rs", "//! L.\n"),
        ];
        mark_test_modules(&mut files);
        let marks: Vec<bool> = files.iter().map(|file| file.test_only).collect();
        assert_eq!(marks, [false, true, true, false, true, true]);
        assert_eq!(files[0].code().map(|(n, _)| n).collect::<Vec<_>>(), [1, 4]);
        assert_eq!(files[5].code().count(), 0);
    }

    #[test]
    fn the_tree_holds_this_file_and_nothing_built() {
        let files = read().unwrap();
        assert!(files.iter().any(|file| file.path == "xtask/src/tree.rs"));
        assert!(files.iter().all(|file| !file.path.contains("target/")));
    }
}
