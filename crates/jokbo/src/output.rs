//! Where results go: standard output, or a file that is there whole or not at all.

use std::fs;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;
use std::process;
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::Context as _;
use jokbo_report::{Paint, printable};

/// Writes `text` to `file`, or to standard output when there is none.
///
/// A plain file is written beside its place and then renamed, so that a reader never sees half of
/// it. When that fails, what was there before is there still.
pub(crate) fn write(file: Option<&Path>, text: &str) -> anyhow::Result<()> {
    let Some(file) = file else {
        let mut out = io::stdout().lock();
        return out.write_all(text.as_bytes()).and_then(|()| out.flush()).context("cannot print");
    };
    let failed = || format!("cannot write {}", file.display());
    // What a link leads to is written, not the link; a file that is not there yet has no real name.
    let file = fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
    // A pipe or a device is written to; only a plain file can be replaced.
    if fs::metadata(&file).is_ok_and(|there| !there.is_file() && !there.is_dir()) {
        return fs::write(&file, text).with_context(failed);
    }
    replace(&hold_files(), &file, text.as_bytes()).with_context(failed)
}

/// Writes a plain file beside its place and then renames it. When that fails, what was there before is
/// there still.
pub(crate) fn replace(_: &HeldFiles, file: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut beside = file.to_owned().into_os_string();
    beside.push(format!(".{}.partial", process::id()));
    let beside = Path::new(&beside);
    fs::write(beside, bytes).and_then(|()| fs::rename(beside, file)).inspect_err(|_| {
        // Half a file helps nobody; that it could not be removed either is no news.
        let _ = fs::remove_file(beside);
    })
}

/// While it is held no file is half written, but by whoever holds it.
pub(crate) type HeldFiles = MutexGuard<'static, ()>;

/// Waits until no file is half written.
pub(crate) fn hold_files() -> HeldFiles {
    static FILES: Mutex<()> = Mutex::new(());
    FILES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One line beside the result, on standard error.
#[allow(clippy::print_stderr, reason = "only the command line prints")]
pub(crate) fn note(line: &str) {
    eprintln!("{}", printable(line));
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
