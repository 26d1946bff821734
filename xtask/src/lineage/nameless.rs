//! `cargo xtask lineage nameless`: every pair again, with the suspect's names and configuration taken
//! away: tensors are then placed by content, and nobody innocent may be called for that.

use std::path::PathBuf;

use anyhow::Context as _;
use jokbo_audit::Opened;
use rayon::prelude::*;
use serde::Serialize;
use serde_json::{Map, Value};

use super::compare::Engine;
use super::kin::Kin;
use super::manifest::{Manifest, Network};
use super::outcome::Outcome;
use super::{folder, json, write};
use crate::{say, tree};

const USAGE: &str = "usage: cargo xtask lineage nameless [--out FOLDER]";

/// What it came to.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Tally {
    /// Pairs that share no draw.
    pub(crate) independent_pairs: usize,
    /// Components that share no draw with their counterpart, in any pair; those tested; and those
    /// that hold tensors placed by content.
    pub(crate) independent_components: usize,
    pub(crate) tested: usize,
    pub(crate) placed: usize,
    /// Independent components that were called related: must be empty.
    pub(crate) false_accusations: Vec<String>,
    /// The smallest p of an independent component, paid for.
    pub(crate) smallest_log10_p: f64,
    /// Children with their parents and networks of one start; those of which a component is found.
    pub(crate) related_pairs: usize,
    pub(crate) related_found: usize,
    /// Those that are not.
    pub(crate) not_found: Vec<String>,
}

/// Compares all pairs and writes `nameless.json`.
pub(crate) fn run(arguments: &[&str]) -> anyhow::Result<()> {
    let out = match arguments {
        [] => tree::root().join(super::OUT),
        ["--out", folder] => PathBuf::from(folder),
        _ => anyhow::bail!(USAGE),
    };
    let manifest = Manifest::read(&folder())?;
    let outcomes = outcomes(&manifest, |_, _| true)?;
    let tally = Tally::of(&outcomes);
    std::fs::create_dir_all(&out)?;
    write(&out, "nameless.json", &json(&tally)?)?;
    say::line(&json(&tally)?);
    Ok(())
}

/// The outcome of the pairs that `wanted` picks, the suspect of each without names. Networks in GGUF
/// are no suspects here: their names cannot be taken away.
pub(crate) fn outcomes(
    manifest: &Manifest,
    wanted: impl Fn(usize, usize) -> bool,
) -> anyhow::Result<Vec<Outcome>> {
    let Engine::Library(named) = Engine::library(&folder(), manifest)? else {
        anyhow::bail!("the library is asked for");
    };
    let nameless = manifest.networks.iter().map(stripped).collect::<anyhow::Result<Vec<_>>>()?;
    let pairs: Vec<(usize, usize)> = manifest
        .pairs()
        .into_iter()
        .filter(|&(suspect, reference)| nameless[suspect].is_some() && wanted(suspect, reference))
        .collect();
    let one = |&(suspect, reference): &(usize, usize)| {
        let names = (&manifest.networks[suspect].name, &manifest.networks[reference].name);
        let suspect_opened = nameless[suspect].as_ref().context("it was picked")?;
        let report = Engine::reported(suspect_opened, &[&named[reference]], None)
            .with_context(|| format!("{} against {}", names.0, names.1))?;
        Ok(Outcome::new(manifest, suspect, reference, &report))
    };
    pairs.par_iter().map(one).collect()
}

impl Tally {
    /// Counts over `outcomes`.
    pub(crate) fn of(outcomes: &[Outcome]) -> Self {
        let mut tally = Self::default();
        for outcome in outcomes {
            let pair = format!("{} against {}", outcome.suspect, outcome.reference);
            if outcome.kin.is_direct() {
                let found = outcome.components.iter().any(|c| c.related && c.is_finding());
                tally.related_pairs += 1;
                tally.related_found += usize::from(found);
                if !found {
                    tally.not_found.push(pair.clone());
                }
            }
            tally.independent_pairs += usize::from(outcome.kin == Kin::Independent);
            // What no name and no content places lies in no component that is known.
            for c in
                outcome.components.iter().filter(|c| !c.related && !is_unplaced(&outcome.kin, c))
            {
                tally.independent_components += 1;
                tally.tested += usize::from(c.log10_p.is_some());
                tally.placed += usize::from(!c.component.starts_with("other"));
                tally.smallest_log10_p = c.log10_p.unwrap_or(0.0).min(tally.smallest_log10_p);
                if c.is_finding() {
                    tally.false_accusations.push(format!("{pair}, {}", c.component));
                }
            }
        }
        tally
    }
}

/// Whether it is what is left of a related network without a place: neither innocent nor known.
fn is_unplaced(kin: &Kin, component: &super::outcome::Component) -> bool {
    *kin != Kin::Independent && component.component.starts_with("other")
}

/// The network without names and configuration; `None` where it is not one file of safetensors.
fn stripped(network: &Network) -> anyhow::Result<Option<Opened>> {
    let path = network.path(&folder()).join("model.safetensors");
    if !path.exists() {
        return Ok(None);
    }
    let file = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let file = without_names(&file).with_context(|| format!("{} is odd", path.display()))?;
    let files = vec![("model.safetensors".to_owned(), file)];
    Ok(Some(jokbo_audit::from_memory(&network.name, files, None)?))
}

/// The same file with its tensors called `t000`, `t001`, … in an order that says nothing.
fn without_names(file: &[u8]) -> anyhow::Result<Vec<u8>> {
    let (length, rest) = file.split_first_chunk::<8>().context("no length")?;
    let length = usize::try_from(u64::from_le_bytes(*length))?;
    let (header, data) = rest.split_at_checked(length).context("no header")?;
    let header: Map<String, Value> = serde_json::from_slice(header)?;
    let mut tensors: Vec<(String, Value)> =
        header.into_iter().filter(|(name, _)| name != "__metadata__").collect();
    tensors.sort_by_key(|(name, _)| scattered(name));
    let named = tensors.into_iter().enumerate().map(|(k, (_, at))| (format!("t{k:03}"), at));
    let header = Value::Object(named.collect()).to_string();
    let mut out = (header.len() as u64).to_le_bytes().to_vec();
    out.extend(header.as_bytes());
    out.extend(data);
    Ok(out)
}

/// A number from a name that sorts names into no order of theirs (FNV-1a).
fn scattered(name: &str) -> u64 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
    name.bytes().fold(0xcbf2_9ce4_8422_2325, step)
}
