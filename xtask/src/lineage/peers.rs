//! Scores of other methods on the same pairs, as `bench/lineage/peers.py` writes them.

use std::path::Path;

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

use super::kin;
use super::manifest::Manifest;
use super::ranking::{self, Ranking};

/// One method's file.
#[derive(Debug, Deserialize)]
struct Stored {
    method: String,
    pairs: Vec<Pair>,
}

/// One pair; no score where the method could not run, or said nothing.
#[derive(Debug, Deserialize)]
struct Pair {
    suspect: String,
    reference: String,
    score: Option<f64>,
    /// Whether its own words call the pair related, where it has words.
    related: Option<bool>,
}

/// One method on the pairs it was run on.
#[derive(Debug, Serialize)]
pub(crate) struct Peer {
    pub(crate) method: String,
    pub(crate) ranking: Option<Ranking>,
    /// Pairs without a score.
    pub(crate) silent: usize,
    /// Independent pairs that it calls related, and those it has a word for.
    pub(crate) false_accusations: Option<(usize, usize)>,
    /// Children and parents, or two of one start, that it calls related, and those it has a word for.
    pub(crate) recalled: Option<(usize, usize)>,
}

/// Every `*.json` of `folder`, by name.
pub(crate) fn read(folder: &Path, manifest: &Manifest) -> anyhow::Result<Vec<Peer>> {
    let cannot = || format!("cannot read {}", folder.display());
    let entries = std::fs::read_dir(folder).with_context(cannot)?;
    let mut paths = entries.map(|e| Ok(e?.path())).collect::<anyhow::Result<Vec<_>>>()?;
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "json"));
    paths.sort();
    let one = |path: &std::path::PathBuf| {
        let text = std::fs::read_to_string(path)?;
        let stored: Stored =
            serde_json::from_str(&text).with_context(|| format!("{} is odd", path.display()))?;
        judge(stored, manifest)
    };
    paths.iter().map(one).collect()
}

fn judge(stored: Stored, manifest: &Manifest) -> anyhow::Result<Peer> {
    let (mut related, mut independent, mut silent) = (Vec::new(), Vec::new(), 0);
    let (mut accused, mut recalled) = ((0, 0), (0, 0));
    for pair in &stored.pairs {
        let place = |name: &str| {
            manifest.place(name).with_context(|| format!("{name} is no network of the benchmark"))
        };
        let kin = kin::of(manifest, place(&pair.suspect)?, place(&pair.reference)?);
        let is_null = kin == kin::Kin::Independent;
        if !is_null && !kin.is_direct() {
            continue;
        }
        if let Some(said) = pair.related {
            let counts = if is_null { &mut accused } else { &mut recalled };
            *counts = (counts.0 + usize::from(said), counts.1 + 1);
        }
        match pair.score {
            Some(score) if is_null => independent.push(score),
            Some(score) => related.push(score),
            None => silent += 1,
        }
    }
    let some = |counts: (usize, usize)| (0 < counts.1).then_some(counts);
    Ok(Peer {
        method: stored.method,
        ranking: ranking::rank(&related, &independent),
        silent,
        false_accusations: some(accused),
        recalled: some(recalled),
    })
}
