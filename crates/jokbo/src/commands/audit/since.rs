//! `--changed-since REPORT`: whether anything has changed that a stored report rests on.
//!
//! The stored report is taken at its word: `jokbo verify --models` is what checks one.

use std::io::ErrorKind;
use std::path::Path;

use jokbo_audit::{Opened, file_digests};
use jokbo_policy::{Parties, Policy};
use jokbo_report::{File, Model, Report, Tool};
use jokbo_verdict::FileDigest;

use crate::commands::render::stored;
use crate::progress::Bars;

/// The stored report, or the first thing that is not as it was when it was made.
pub(super) enum Since {
    Same(Box<Report>),
    Changed(String),
}

/// What is asked now.
pub(super) struct Asked<'a> {
    pub(super) level: f64,
    pub(super) seed: u64,
    pub(super) options: Vec<String>,
    /// The suspect, then the references.
    pub(super) models: Vec<&'a Opened>,
    pub(super) parties: &'a Parties,
    pub(super) policies: &'a [Policy],
}

/// Holds the report at `path` against what is asked now. Reads every weight that is here once, and
/// compares none.
///
/// # Errors
///
/// Where the report is none, or a weight file cannot be read. That there is no report yet is a change.
pub(super) fn look(path: &Path, asked: &Asked<'_>, bars: &Bars) -> anyhow::Result<Since> {
    let is_absent = std::fs::metadata(path).is_err_and(|error| error.kind() == ErrorKind::NotFound);
    if is_absent {
        return Ok(Since::Changed("there is no such report".to_owned()));
    }
    let report = stored(path)?;
    let changed = match asked.question(&report) {
        Some(changed) => Some(changed),
        None => asked.weights(&report, bars)?,
    };
    Ok(changed.map_or_else(|| Since::Same(Box::new(report)), Since::Changed))
}

impl Asked<'_> {
    /// What of the question, or of what lies beside the weights, is not that of `report`.
    fn question(&self, report: &Report) -> Option<String> {
        let tool = Tool::of(env!("CARGO_PKG_VERSION"));
        if report.tool != tool {
            return Some(format!(
                "it was made by {} {}, rules {}",
                report.tool.name, report.tool.version, report.tool.rules
            ));
        }
        let is_same_level = report.level.to_bits() == self.level.to_bits();
        let parts = [
            (is_same_level, "the level is another"),
            (report.seed == self.seed, "the seed is another"),
            (report.options == self.options, "the options are others"),
            (report.models().count() == self.models.len(), "there are more references, or fewer"),
        ];
        if let Some((_, what)) = parts.iter().find(|(same, _)| !same) {
            return Some((*what).to_owned());
        }
        let mut pairs = report.models().zip(&self.models);
        if let Some((then, now)) = pairs.find(|(a, b)| a.source != b.checkpoint.source) {
            return Some(format!("{} is named where {} was", now.checkpoint.source, then.source));
        }
        let Some(audit) = &report.audit else { return Some("it holds no audit".to_owned()) };
        let same = |(stored, policy): (_, &Policy)| jokbo_report::is_policy(stored, policy);
        let n = audit.policies.len();
        if n != self.policies.len() || !audit.policies.iter().zip(self.policies).all(same) {
            return Some("the policies are others".to_owned());
        }
        let fresh = report.clone().with_publishers(self.parties).audit?;
        let mut said = audit.publishers.iter().zip(&fresh.publishers);
        let beside = said.find(|(then, now)| then != now);
        beside.map(|(then, _)| format!("what lies beside the weights of {} is other", then.model))
    }

    /// What of the weight files is not as `report` says.
    fn weights(&self, report: &Report, bars: &Bars) -> anyhow::Result<Option<String>> {
        for (model, opened) in report.models().zip(&self.models) {
            let changed = listed(model, opened);
            if changed.is_some() {
                return Ok(changed);
            }
        }
        for (model, opened) in report.models().zip(&self.models) {
            let now = file_digests(opened, bars)?;
            let same = |(then, now): &(&File, &FileDigest)| then.sha256 == now.sha256;
            if let Some((file, _)) = model.files.iter().zip(&now).find(|pair| !same(pair)) {
                return Ok(Some(format!("{} of {} is another file", file.path, model.source)));
            }
        }
        Ok(None)
    }
}

/// What is seen to be another without reading a weight, or cannot be told by a digest.
fn listed(model: &Model, opened: &Opened) -> Option<String> {
    let source = &model.source;
    if model.commit != opened.checkpoint.commit {
        return Some(format!("{source} is at another commit"));
    }
    if let Some(file) = model.files.iter().find(|file| file.sha256.is_none()) {
        return Some(format!("it holds no digest of {} of {source}", file.path));
    }
    let own: Vec<_> = opened.checkpoint.own_files().collect();
    let same = |(then, now): (&File, &&jokbo_formats::SourceFile)| {
        (&then.path, then.bytes) == (&now.path, now.bytes)
    };
    let is_same = own.len() == model.files.len() && model.files.iter().zip(&own).all(same);
    (!is_same).then(|| format!("the weight files of {source} are others"))
}
