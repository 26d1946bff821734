//! Chores of this repository, run as `cargo xtask CHORE`.

mod browser;
mod check;
mod docs;
mod generated;
mod lineage;
mod say;
mod schema;
mod source;
mod tidy;
mod tree;
mod trees;

use std::process::ExitCode;

use crate::generated::Mode::{Compare, Write};

const USAGE: &str = "usage: cargo xtask check | tidy | schema [--check] | docs [--check] | lineage | trees | browser";

fn main() -> ExitCode {
    let typed: Vec<String> = std::env::args().skip(1).collect();
    let typed: Vec<&str> = typed.iter().map(String::as_str).collect();
    let done = match typed[..] {
        ["check"] => check::run(),
        ["tidy"] => tidy::run(),
        ["schema"] => schema::run(Write),
        ["schema", "--check"] => schema::run(Compare),
        ["docs"] => docs::run(Write),
        ["docs", "--check"] => docs::run(Compare),
        ["lineage", ref asked @ ..] => lineage::run(asked),
        ["browser", ref asked @ ..] => browser::run(asked),
        ["trees", ref asked @ ..] => trees::run(asked),
        _ => Err(anyhow::anyhow!(USAGE)),
    };
    say::ending(done)
}
