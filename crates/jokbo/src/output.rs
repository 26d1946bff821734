//! Where results go: standard output, or a file that is there whole or not at all.

use std::fs;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;

use anyhow::Context as _;
use jokbo_report::Paint;

/// Writes `text` to `file`, or to standard output when there is none.
///
/// A file is written beside its place and then renamed, so that a reader never sees half of it.
pub(crate) fn write(file: Option<&Path>, text: &str) -> anyhow::Result<()> {
    let Some(file) = file else {
        let mut out = io::stdout().lock();
        return out.write_all(text.as_bytes()).and_then(|()| out.flush()).context("cannot print");
    };
    let mut beside = file.as_os_str().to_owned();
    beside.push(".partial");
    let beside = Path::new(&beside);
    fs::write(beside, text)
        .and_then(|()| fs::rename(beside, file))
        .with_context(|| format!("cannot write {}", file.display()))
}

/// Colour only on a terminal, and not where `NO_COLOR` is set to anything (<https://no-color.org>).
pub(crate) fn paint(file: Option<&Path>) -> Paint {
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    if file.is_none() && !refused && io::stdout().is_terminal() {
        Paint::Colour
    } else {
        Paint::Plain
    }
}
