//! `cargo xtask check`: everything that a change has to pass.

use std::process::Command;

use anyhow::Context as _;

use crate::generated::Mode;
use crate::{docs, say, schema, tidy, tree};

/// One call of cargo, with what it needs in its environment.
struct Call {
    environment: &'static [(&'static str, &'static str)],
    arguments: &'static [&'static str],
}

const fn call(arguments: &'static [&'static str]) -> Call {
    Call { environment: &[], arguments }
}

const CALLS: &[Call] = &[
    call(&["fmt", "--all", "--", "--check"]),
    call(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]),
    call(&["test", "--workspace"]),
    // Buckets are in no plain build, and tested all the same.
    call(&["test", "-p", "jokbo-formats", "--features", "bucket-tests", "--lib", "bucket"]),
    // A GPU is in no plain build either. Without one, what is missing is said.
    call(&[
        "clippy",
        "-p",
        "jokbo",
        "-p",
        "jokbo-cuda",
        "--features",
        "cuda",
        "--",
        "-D",
        "warnings",
    ]),
    call(&["test", "-p", "jokbo-cuda", "--features", "cuda"]),
    call(&["test", "-p", "jokbo", "--features", "cuda", "--test", "cli", "device"]),
    Call {
        environment: &[("RUSTDOCFLAGS", "-D warnings")],
        arguments: &["doc", "--workspace", "--no-deps", "--document-private-items"],
    },
];

/// The comparison that the README shows.
pub(crate) const COMPARE: &[&str] =
    &["run", "-p", "jokbo", "--", "compare", "examples/fracast-noised", "examples/fracast"];

/// Runs all of it and stops at the first failure.
pub(crate) fn run() -> anyhow::Result<()> {
    for call in CALLS {
        cargo(call)?;
    }
    say::line("\n$ cargo xtask tidy");
    tidy::run()?;
    say::line("\n$ cargo xtask schema --check");
    schema::run(Mode::Compare)?;
    say::line("\n$ cargo xtask docs --check");
    docs::run(Mode::Compare)?;
    cargo(&call(COMPARE))?;
    say::line("\ncheck: all passed");
    Ok(())
}

/// Runs cargo at the root and fails with the command line when cargo does.
fn cargo(call: &Call) -> anyhow::Result<()> {
    let shown = shown(call);
    say::line(&format!("\n$ {shown}"));
    // Cargo tells its children which cargo they were started by.
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(call.arguments)
        .envs(call.environment.iter().copied())
        .current_dir(tree::root())
        .status()
        .with_context(|| format!("cannot start `{shown}`"))?;
    outcome(&shown, status.success(), &status.to_string())
}

/// Names the call when it failed, and `how` it ended.
fn outcome(shown: &str, succeeded: bool, how: &str) -> anyhow::Result<()> {
    anyhow::ensure!(succeeded, "`{shown}` failed ({how})");
    Ok(())
}

/// The call as it would be typed.
fn shown(call: &Call) -> String {
    let environment = call.environment.iter().map(|(name, value)| format!("{name}='{value}' "));
    let arguments = call.arguments.join(" ");
    environment.chain(std::iter::once(format!("cargo {arguments}"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_shown_as_it_would_be_typed() {
        let last = CALLS.last().map(shown).unwrap();
        assert!(last.starts_with("RUSTDOCFLAGS='-D warnings' cargo doc --workspace"), "{last}");
        assert!(shown(&call(COMPARE)).starts_with("cargo run -p jokbo -- compare examples/"));
    }

    #[test]
    fn a_call_that_fails_is_named() {
        assert!(outcome("cargo fmt", true, "exit status: 0").is_ok());
        let why = outcome("cargo fmt", false, "exit status: 1").unwrap_err().to_string();
        assert_eq!(why, "`cargo fmt` failed (exit status: 1)");
    }
}
