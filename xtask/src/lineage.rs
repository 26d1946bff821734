//! `cargo xtask lineage`: every pair of networks of `bench/lineage` compared, and one table written.

mod compare;
pub(crate) mod kin;
pub(crate) mod manifest;
mod maps;
mod merges;
mod nameless;
mod naming;
mod outcome;
mod page;
mod peers;
mod plot;
mod ranking;
mod table;
#[cfg(test)]
mod tests;
mod uniform;

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use rayon::prelude::*;

use crate::lineage::compare::Engine;
use crate::lineage::manifest::Manifest;
use crate::lineage::outcome::Outcome;
use crate::lineage::table::Table;
use crate::{say, tree};

const USAGE: &str = "usage: cargo xtask lineage [--jokbo PROGRAM] [--out FOLDER] [--peers FOLDER] | nameless [--out FOLDER]";

/// Where results are kept when `--out` names no other place.
const OUT: &str = "target/lineage";

/// What was asked for.
struct Asked {
    /// The program to run instead of this build's own library.
    jokbo: Option<PathBuf>,
    out: PathBuf,
    /// Scores that `bench/lineage/peers.py` wrote.
    peers: Option<PathBuf>,
}

/// Compares all pairs and writes `README.md`, `table.json`, `pairs.json`, `merges.json` and
/// `uniform.svg`.
pub(crate) fn run(arguments: &[&str]) -> anyhow::Result<()> {
    if let ["nameless", ref rest @ ..] = *arguments {
        return nameless::run(rest);
    }
    let asked = read(arguments)?;
    let manifest = Manifest::read(&folder())?;
    let engine = match &asked.jokbo {
        Some(program) => Engine::Program(program.clone()),
        None => Engine::library(&folder(), &manifest)?,
    };
    let pairs = manifest.pairs();
    say::line(&format!("lineage: {} networks, {} pairs", manifest.networks.len(), pairs.len()));
    let outcomes = all(&engine, &manifest, &pairs)?;
    let reversed = all(&engine, &manifest, &manifest.reversed())?;
    let merges = merges::all(&engine, &manifest)?;
    let peers = match &asked.peers {
        Some(folder) => peers::read(folder, &manifest)?,
        None => Vec::new(),
    };
    let table = Table::new(&manifest, (&outcomes, &reversed), &merges, &peers);
    std::fs::create_dir_all(&asked.out)?;
    write(&asked.out, "table.json", &json(&table)?)?;
    write(&asked.out, "pairs.json", &json(&outcomes)?)?;
    write(&asked.out, "merges.json", &json(&merges)?)?;
    write(&asked.out, "uniform.svg", &plot::draw(&table.uniform))?;
    write(&asked.out, "README.md", &page::markdown(&table))?;
    say::line(&page::markdown(&table));
    Ok(())
}

/// The outcome of every pair, in the order of `pairs`.
fn all(
    engine: &Engine,
    manifest: &Manifest,
    pairs: &[(usize, usize)],
) -> anyhow::Result<Vec<Outcome>> {
    pairs
        .par_iter()
        .map(|&(suspect, reference)| {
            let names = (&manifest.networks[suspect].name, &manifest.networks[reference].name);
            let report = engine
                .compare(&folder(), (suspect, reference), (&[], None), manifest)
                .with_context(|| format!("{} against {}", names.0, names.1))?;
            Ok(Outcome::new(manifest, suspect, reference, &report))
        })
        .collect()
}

/// The benchmark's folder.
pub(crate) fn folder() -> PathBuf {
    tree::root().join("bench/lineage")
}

fn read(arguments: &[&str]) -> anyhow::Result<Asked> {
    let mut asked = Asked { jokbo: None, out: tree::root().join(OUT), peers: None };
    let mut rest = arguments.iter();
    while let Some(option) = rest.next() {
        let value = PathBuf::from(rest.next().context(USAGE)?);
        match *option {
            "--jokbo" => asked.jokbo = Some(value),
            "--out" => asked.out = value,
            "--peers" => asked.peers = Some(value),
            _ => anyhow::bail!(USAGE),
        }
    }
    Ok(asked)
}

pub(crate) fn json(value: &impl serde::Serialize) -> anyhow::Result<String> {
    Ok(format!("{}\n", serde_json::to_string_pretty(value)?))
}

pub(crate) fn write(folder: &Path, name: &str, text: &str) -> anyhow::Result<()> {
    let path = folder.join(name);
    std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
}
