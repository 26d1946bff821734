//! `cargo xtask trees`: the family trees of all networks of `bench/lineage` beside the true ones.

mod page;
mod score;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::time::Instant;

use anyhow::Context as _;
use jokbo_audit::{Opened, Plan, Silent};
use jokbo_verdict::{Family, FamilyTree, grade_family};

use crate::lineage::manifest::{Manifest, Network};
use crate::lineage::{folder, json, write};
use crate::trees::score::Table;
use crate::{say, tree};

const USAGE: &str = "usage: cargo xtask trees [--out FOLDER]";

/// Where results are kept when `--out` names no other place.
const OUT: &str = "target/trees";

/// Draws the trees and writes `README.md` and `table.json`.
#[allow(clippy::disallowed_methods, reason = "a benchmark says how long it took")]
pub(crate) fn run(arguments: &[&str]) -> anyhow::Result<()> {
    let out = match arguments {
        [] => tree::root().join(OUT),
        ["--out", out] => PathBuf::from(out),
        _ => anyhow::bail!(USAGE),
    };
    let manifest = Manifest::read(&folder())?;
    let all: Vec<&Network> = manifest.networks.iter().collect();
    say::line(&format!("trees: {} networks", all.len()));
    let start = Instant::now();
    let (family, trees) = draw(&all)?;
    let table = Table::new(&manifest, &family, &trees, start.elapsed().as_secs_f64());
    std::fs::create_dir_all(&out)?;
    write(&out, "table.json", &json(&table)?)?;
    write(&out, "README.md", &page::markdown(&table))?;
    say::line(&page::markdown(&table));
    Ok(())
}

/// The trees of these networks.
fn draw(networks: &[&Network]) -> anyhow::Result<(Family, Vec<FamilyTree>)> {
    let open = |network: &&Network| {
        jokbo_audit::open(&network.path(&folder()))
            .with_context(|| format!("cannot open {}", network.name))
    };
    let opened: Vec<Opened> = networks.iter().map(open).collect::<anyhow::Result<_>>()?;
    let models: Vec<&Opened> = opened.iter().collect();
    let family = jokbo_audit::tree(&models, &Plan::default(), &Silent)?;
    let trees = grade_family(&family);
    Ok((family, trees))
}
