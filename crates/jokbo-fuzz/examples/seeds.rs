//! Writes the seeds of a target into a folder: `seeds TARGET FOLDER`.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let typed: Vec<String> = std::env::args().skip(1).collect();
    let [name, folder] = &typed[..] else { return ExitCode::from(4) };
    let Some(target) = jokbo_fuzz::named(name) else { return ExitCode::from(4) };
    let seeds = (target.seeds)();
    let written = seeds
        .iter()
        .enumerate()
        .try_for_each(|(i, seed)| fs::write(Path::new(folder).join(format!("{i:04}")), seed));
    if written.is_ok() { ExitCode::SUCCESS } else { ExitCode::from(2) }
}
