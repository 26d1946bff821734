//! Components that the user gave to tensors: `--map`, and `jokbo.toml` in the current folder.
//!
//! A `jokbo.toml` inside a checkpoint is never read: whoever publishes a model does not say which of
//! its parts is judged as what.

use std::collections::BTreeMap;
use std::fs;
use std::io::{ErrorKind, Read as _};
use std::path::Path;

use anyhow::Context as _;
use jokbo_audit::Placement;
use serde::Deserialize;

/// The file, looked for in the current folder alone.
const FILE: &str = "jokbo.toml";

/// Longest file that is read, in bytes: some ten thousand prefixes.
const LIMIT: u64 = 1 << 20;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    #[serde(default)]
    map: BTreeMap<String, String>,
}

/// What the file says, then what `typed` says, which wins for the same prefix.
pub(crate) fn all(typed: &[Placement]) -> anyhow::Result<Vec<Placement>> {
    let mut all = of_file(Path::new(FILE))?;
    all.extend_from_slice(typed);
    Ok(all)
}

fn of_file(path: &Path) -> anyhow::Result<Vec<Placement>> {
    let file = match fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
    };
    let mut text = String::new();
    let read = file.take(LIMIT + 1).read_to_string(&mut text);
    read.with_context(|| format!("cannot read {}", path.display()))?;
    if LIMIT < text.len() as u64 {
        anyhow::bail!("{} is longer than {LIMIT} bytes", path.display());
    }
    let stored: Stored = toml::from_str(&text)
        .with_context(|| format!("{} is not what it should be", path.display()))?;
    let placed = stored.map.iter().map(|(prefix, component)| {
        Placement::parse(&format!("{prefix}={component}"))
            .map_err(|why| anyhow::anyhow!("{}: {why}", path.display()))
    });
    placed.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<Placement>, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        fs::write(&path, text).unwrap();
        let shown = path.display().to_string();
        of_file(&path).map_err(|error| format!("{error:#}").replace(&shown, FILE))
    }

    #[test]
    fn the_file_is_a_table_of_prefixes() {
        let read = read("[map]\n\"model.eyes.\" = \"vision-encoder:left\"\n").unwrap();
        assert_eq!(read, [Placement::parse("model.eyes.=vision-encoder:left").unwrap()]);
        assert_eq!(of_file(Path::new("no such folder/jokbo.toml")).unwrap(), []);
    }

    #[test]
    fn a_file_that_says_something_else_is_refused() {
        for (text, why) in [
            ("map = 3", "jokbo.toml is not what it should be"),
            ("[maps]", "jokbo.toml is not what it should be"),
            ("[map]\na = \"brain\"", "jokbo.toml: \"brain\" is no component"),
            ("[map]\n\"\" = \"projector\"", "jokbo.toml: \"=projector\" is not written"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.starts_with(why), "{error}");
        }
    }
}
