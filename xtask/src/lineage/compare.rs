//! One pair compared, by this build's library or by a program.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;
use jokbo_audit::{Opened, Parents, Plan, Silent};
use jokbo_report::Report;
use serde_json::Value;

use super::manifest::Manifest;

/// What compares.
pub(crate) enum Engine {
    /// The library, on networks that were opened once.
    Library(Vec<Opened>),
    /// `PROGRAM compare SUSPECT REFERENCE --format json`.
    Program(PathBuf),
}

impl Engine {
    /// The library, with every network of `manifest` opened.
    pub(crate) fn library(folder: &Path, manifest: &Manifest) -> anyhow::Result<Self> {
        let open = |network: &super::manifest::Network| {
            jokbo_audit::open(&network.path(folder))
                .with_context(|| format!("cannot open {}", network.name))
        };
        Ok(Self::Library(manifest.networks.iter().map(open).collect::<anyhow::Result<_>>()?))
    }

    /// The report on suspect and reference, as the contract for programs has it, with other
    /// parents that the suspect may be a mixture of, and a base.
    pub(crate) fn compare(
        &self,
        folder: &Path,
        (suspect, reference): (usize, usize),
        (others, base): (&[usize], Option<usize>),
        manifest: &Manifest,
    ) -> anyhow::Result<Value> {
        match self {
            Self::Library(opened) => {
                let named = std::iter::once(&reference).chain(others);
                let models: Vec<&Opened> = named.map(|&k| &opened[k]).collect();
                Self::reported(&opened[suspect], &models, base.map(|k| &opened[k]))
            }
            Self::Program(program) => {
                let path = |k: usize| manifest.networks[k].path(folder);
                let run = Command::new(program)
                    .arg("compare")
                    .args([path(suspect), path(reference)])
                    .args(others.iter().flat_map(|&k| ["--parent".into(), path(k)]))
                    .args(base.into_iter().flat_map(|k| ["--base".into(), path(k)]))
                    .args(["--format", "json", "--quiet", "--threads", "1"])
                    .output()
                    .with_context(|| format!("cannot start {}", program.display()))?;
                let said = String::from_utf8_lossy(&run.stderr);
                serde_json::from_slice(&run.stdout)
                    .with_context(|| format!("no report came back: {said}"))
            }
        }
    }

    /// The library's report on `suspect` against the first of `models`, the others and the base as in
    /// [`Engine::compare`].
    pub(crate) fn reported(
        suspect: &Opened,
        models: &[&Opened],
        base: Option<&Opened>,
    ) -> anyhow::Result<Value> {
        let reference = models.first().context("no reference")?;
        let (plan, parents) = (Plan::default(), Parents { models, base });
        let case = jokbo_audit::compare_with_parents(suspect, reference, parents, &plan, &Silent)?;
        let verdicts = jokbo_verdict::grade(&case);
        let report = Report::new(&case, &verdicts, env!("CARGO_PKG_VERSION"));
        Ok(serde_json::to_value(report)?)
    }
}
