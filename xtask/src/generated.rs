//! Files that are written from the code: made anew, or compared with what is stored.

use std::fs;
use std::io::ErrorKind;

use anyhow::Context as _;

use crate::say;
use crate::tree;

/// What to do with a generated file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Store it.
    Write,
    /// Fail when what is stored differs.
    Compare,
}

/// Stores `text` at `path` below the root, or compares it with what is there. `chore` is the name
/// of the chore that writes it.
pub(crate) fn settle(chore: &str, path: &str, text: &str, mode: Mode) -> anyhow::Result<()> {
    let place = tree::root().join(path);
    let text = ending_in_one_newline(text);
    match mode {
        Mode::Write => {
            let folder = place.parent().context("a generated file lies in a folder")?;
            fs::create_dir_all(folder)
                .and_then(|()| fs::write(&place, &text))
                .with_context(|| format!("cannot write {path}"))?;
            say::line(&format!("{chore}: wrote {path}"));
        }
        Mode::Compare => {
            let stored = match fs::read_to_string(&place) {
                Ok(stored) => Some(stored),
                Err(error) if error.kind() == ErrorKind::NotFound => None,
                Err(error) => return Err(error).context(format!("cannot read {path}")),
            };
            if let Some(complaint) = complaint(chore, path, stored.as_deref(), &text) {
                anyhow::bail!(complaint);
            }
            say::line(&format!("{chore}: {path} is what the code says"));
        }
    }
    Ok(())
}

fn ending_in_one_newline(text: &str) -> String {
    format!("{}\n", text.trim_end_matches('\n'))
}

/// What is wrong with `stored`, if it is not `wanted`.
fn complaint(chore: &str, path: &str, stored: Option<&str>, wanted: &str) -> Option<String> {
    let Some(stored) = stored else {
        return Some(format!("{path} is missing; write it with `cargo xtask {chore}`"));
    };
    if stored == wanted {
        return None;
    }
    let same = stored.lines().zip(wanted.lines()).take_while(|(a, b)| a == b).count();
    Some(format!(
        "{path} differs from what the code says, from line {}; write it anew with `cargo xtask \
         {chore}`",
        same + 1
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stale_or_missing_file_is_named_with_the_chore_that_writes_it() {
        assert_eq!(complaint("docs", "a.md", Some("one\ntwo\n"), "one\ntwo\n"), None);
        let stale = complaint("docs", "a.md", Some("one\nTWO\n"), "one\ntwo\n").unwrap();
        assert!(stale.contains("a.md") && stale.contains("line 2"), "{stale}");
        assert!(stale.contains("`cargo xtask docs`"), "{stale}");
        let shorter = complaint("docs", "a.md", Some("one\n"), "one\ntwo\n").unwrap();
        assert!(shorter.contains("line 2"), "{shorter}");
        let missing = complaint("schema", "a.json", None, "{}\n").unwrap();
        assert!(missing.contains("missing") && missing.contains("`cargo xtask schema`"));
    }

    #[test]
    fn a_generated_file_ends_in_one_newline() {
        assert_eq!(ending_in_one_newline("a"), "a\n");
        assert_eq!(ending_in_one_newline("a\n\n"), "a\n");
    }
}
