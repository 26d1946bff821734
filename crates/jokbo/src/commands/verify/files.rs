//! Weight files held against the sizes and digests that a report gives.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use jokbo_audit::{Opened, Progress as _};
use jokbo_formats::{ReadAt, digest, file_of};
use jokbo_report::{File, FileCheck, Model, Report};
use rayon::prelude::*;

use crate::progress::Bars;

/// A file as it was found.
#[derive(Clone)]
enum Found {
    There {
        bytes: u64,
        digest: Digest,
    },
    NotThere,
    /// It was not looked for, for this reason.
    NotLooked(&'static str),
    /// It could not be opened, or may not be.
    Broken(String),
}

/// It; or nothing, where it was not asked for or nobody publishes it; or why it could not be computed.
type Digest = Result<Option<String>, String>;

/// A source and a path below it.
type At<'a> = (&'a str, &'a str);

/// Every weight file in the place that the report gives. Nothing elsewhere is asked for.
pub(super) fn here(report: &Report, bars: &Bars) -> Vec<FileCheck> {
    let all =
        || report.models().flat_map(|model| model.files.iter().map(move |file| (model, file)));
    // A report may name one file any number of times, and each is read once: of these sizes.
    let mut places: BTreeMap<At<'_>, BTreeSet<u64>> = BTreeMap::new();
    for (model, file) in all() {
        let sizes = places.entry((&model.source, &file.path)).or_default();
        sizes.extend(file.sha256.as_ref().map(|_| file.bytes));
    }
    let due = places.values().filter_map(BTreeSet::last);
    bars.stage("digesting files", due.fold(0, |sum: u64, bytes| sum.saturating_add(*bytes)));
    let found: BTreeMap<At<'_>, Found> =
        places.into_par_iter().map(|(at, sizes)| (at, found_here(at, &sizes, bars))).collect();
    bars.finish();
    all().map(|(model, file)| held(model, file, &found[&(&*model.source, &*file.path)])).collect()
}

fn found_here((source, path): At<'_>, sizes: &BTreeSet<u64>, bars: &Bars) -> Found {
    // Two slashes begin the name of another machine on some systems.
    if source.contains("://") || source.starts_with("//") || source.starts_with("\\\\") {
        return Found::NotLooked("it is elsewhere, and only --models asks for it");
    }
    match file_of(Path::new(source), path) {
        Ok(Some(reader)) => {
            let is_due = sizes.contains(&reader.len());
            let digest = if is_due { computed(&*reader, bars) } else { Ok(None) };
            Found::There { bytes: reader.len(), digest }
        }
        Ok(None) => Found::NotThere,
        Err(error) => Found::Broken(error.kind().to_string()),
    }
}

/// Every weight file of the models that were opened, in the order of the report; where `now` is
/// there, by the digests that it holds already.
pub(super) fn of(
    report: &Report,
    models: &[Opened],
    now: Option<&Report>,
    bars: &Bars,
) -> Vec<FileCheck> {
    let known: Vec<&Model> = now.map_or(Vec::new(), |now| now.models().collect());
    let mut all = Vec::new();
    for (k, (model, opened)) in report.models().zip(models).enumerate() {
        let own: Vec<_> = opened.checkpoint.own_files().collect();
        let named = |path: &str| own.iter().position(|file| file.path == path);
        // Elsewhere files may be called otherwise, and are then taken in their order.
        let same_names = model.files.iter().all(|file| named(&file.path).is_some());
        for (n, file) in model.files.iter().enumerate() {
            let at =
                if same_names { named(&file.path) } else { Some(n).filter(|n| *n < own.len()) };
            let found = at.map_or(Found::NotThere, |at| {
                let reader = &*own[at].reader;
                let fresh = known.get(k).and_then(|model| model.files.get(at)?.sha256.clone());
                let is_due = reader.len() == file.bytes && file.sha256.is_some();
                let digest = match (fresh, reader.remote()) {
                    (Some(fresh), _) => Ok(Some(fresh)),
                    (None, Some(remote)) => Ok(remote.sha256.clone()),
                    (None, None) if is_due => computed(reader, bars),
                    (None, None) => Ok(None),
                };
                Found::There { bytes: reader.len(), digest }
            });
            all.push(held(model, file, &found));
        }
    }
    all
}

fn computed(reader: &dyn ReadAt, bars: &Bars) -> Digest {
    let digest = digest::sha256(reader);
    bars.advance(reader.len());
    digest.map(Some).map_err(|error| format!("it cannot be read: {error}"))
}

/// What the report says of one file, held against what was found.
fn held(model: &Model, file: &File, found: &Found) -> FileCheck {
    let outcome = |outcome: &str, why: Option<&str>| FileCheck {
        model: model.source.clone(),
        file: file.path.clone(),
        outcome: outcome.to_owned(),
        bytes: file.bytes,
        sha256: file.sha256.clone(),
        bytes_now: None,
        sha256_now: None,
        why: why.map(str::to_owned),
    };
    let (bytes, digest) = match found {
        Found::NotThere => return outcome("not-there", None),
        Found::NotLooked(why) => return outcome("not-checked", Some(why)),
        Found::Broken(why) => return outcome("error", Some(why)),
        Found::There { bytes, digest } => (*bytes, digest),
    };
    let check = match (&file.sha256, digest) {
        _ if bytes != file.bytes => outcome("differs", None),
        (None, _) => outcome("not-checked", Some("the report gives no digest of it")),
        (_, Err(why)) => outcome("error", Some(why)),
        (_, Ok(None)) => outcome("not-checked", Some("nobody publishes its digest")),
        (Some(then), Ok(Some(now))) => {
            let outcome = outcome(if now == then { "holds" } else { "differs" }, None);
            FileCheck { sha256_now: Some(now.clone()), ..outcome }
        }
    };
    FileCheck { bytes_now: Some(bytes), ..check }
}
