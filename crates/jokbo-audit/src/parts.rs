//! Finished parts of a comparison, kept so that one that was interrupted need not begin again.
//!
//! A part is the exhibit of one component of one pair. It is kept under a digest of everything that
//! it depends on: every byte of every model, what was made of their names and shapes, the plan, the
//! tokenizers, the rules and the program. Where anything is otherwise the digest is, and the part is
//! measured anew. Digests of files are always made again, so that what a report says of files is of
//! what was read now.

mod codec;
mod exhibit;

use std::fmt::{self, Debug, Write as _};

use jokbo_components::ComponentPairing;
use jokbo_statistics::relation::Kind;
use jokbo_statistics::relation::lattice::Levels;
use jokbo_verdict::{Exhibit, FileDigest, RULES};

use crate::lined_up::Tokens;
use crate::prepared::Prepared;
use crate::survey::{self, Survey};
use crate::{Error, Opened, Parents, Plan, Progress};
use codec::Stored as _;

/// Where finished parts are kept. What it hands back may be anything: a part is looked through
/// before it is used.
pub trait Parts: Sync {
    /// What made the parts, in full: two programs that might not measure alike must not say the same.
    fn maker(&self) -> &str;
    /// What is kept under `key`, 64 hexadecimal digits.
    fn find(&self, key: &str) -> Option<Vec<u8>>;
    /// What is kept under `key` was sound, and stands in the result.
    fn taken(&self, key: &str);
    /// Keeps `part` under `key`, whole or not at all.
    fn keep(&self, key: &str, part: &[u8]);
    /// What is kept under `key` is not used, or a part cannot be kept: why, as the end of a sentence.
    fn refuse(&self, key: &str, why: &str);
}

/// The parts of one pair.
pub(crate) struct Kept<'a> {
    parts: &'a dyn Parts,
    /// Everything that they depend on, but the component.
    of_pair: Digest,
}

impl<'a> Kept<'a> {
    /// `None` where nobody keeps parts, or a model is elsewhere: its bytes were not digested here.
    pub(crate) fn of(
        ready: &Prepared<'_>,
        looks: usize,
        surveys: [&Survey; 2],
        (parents, tokens): (Parents<'_>, Option<&Tokens>),
        plan: &Plan,
        progress: &'a dyn Progress,
    ) -> Result<Option<Self>, Error> {
        let Some(parts) = progress.parts() else { return Ok(None) };
        let mut of_pair = Digest::default();
        of_pair.add("maker", parts.maker());
        of_pair.add("rules", RULES);
        of_pair.add("plan", plan);
        of_pair.add("looks", &looks);
        of_pair.add("kinds", &ready.kinds);
        of_pair.add("found", &ready.found);
        of_pair.add("tokens", &tokens);
        let [ours, theirs] = surveys.map(|survey| &survey.files);
        let mut models: Vec<(&Opened, Vec<FileDigest>)> =
            vec![(&ready.suspect, ours.clone()), (&ready.reference, theirs.clone())];
        // The first parent is the reference.
        for opened in parents.models.iter().skip(1).copied().chain(parents.base) {
            progress.stage("digesting files", opened.bytes());
            models.push((opened, survey::file_digests(opened, progress)?));
        }
        of_pair.add("parents", &(parents.models.len(), parents.base.is_some()));
        for (opened, files) in &models {
            if files.iter().any(|file| file.published || file.sha256.is_none()) {
                return Ok(None);
            }
            of_pair.add_model(opened, files);
        }
        Ok(Some(Self { parts, of_pair }))
    }

    /// The exhibit of one component: as it is kept, or as it is measured now, which is then kept.
    pub(crate) fn or_measured(
        &self,
        pairing: &ComponentPairing,
        measure: impl FnOnce() -> Result<Exhibit, Error>,
    ) -> Result<Exhibit, Error> {
        let mut digest = self.of_pair.clone();
        digest.add("pairing", pairing);
        let key = digest.hex();
        if let Some(bytes) = self.parts.find(&key) {
            match unsealed(&key, &bytes) {
                Ok(exhibit) if exhibit.component == pairing.component.to_string() => {
                    self.parts.taken(&key);
                    return Ok(exhibit);
                }
                Ok(_) => self.parts.refuse(&key, "it is of another component"),
                Err(why) => self.parts.refuse(&key, why),
            }
        }
        let exhibit = measure()?;
        let part = sealed(&key, &exhibit);
        if unsealed(&key, &part).is_ok_and(|again| again == exhibit) {
            self.parts.keep(&key, &part);
        } else {
            self.parts.refuse(&key, "it holds what cannot be kept");
        }
        Ok(exhibit)
    }
}

/// BLAKE3 of all that was added, by what `Debug` shows of it: exact for every number, and the same
/// for the same program.
#[derive(Clone, Default)]
struct Digest(blake3::Hasher);

impl fmt::Write for Digest {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.update(text.as_bytes());
        Ok(())
    }
}

impl Digest {
    fn add(&mut self, what: &str, value: &(impl Debug + ?Sized)) {
        // Writing into a digest does not fail.
        let _ = writeln!(self, "{what}: {value:?}");
    }

    /// A model: its bytes, and all that was made of them before any weight was read.
    fn add_model(&mut self, opened: &Opened, files: &[FileDigest]) {
        let checkpoint = &opened.checkpoint;
        self.add("files", files);
        let orders: Vec<_> =
            checkpoint.files.iter().map(|file| (file.order, file.derived)).collect();
        self.add("orders", &orders);
        self.add("source", &checkpoint.source);
        self.add("format", &checkpoint.format);
        self.add("entries", &checkpoint.entries);
        self.add("metadata", &checkpoint.metadata);
        self.add("config", &checkpoint.config);
        self.add("adapter", &checkpoint.adapter);
        self.add("assignment", &opened.assignment);
    }

    fn hex(&self) -> String {
        self.0.finalize().to_hex().to_string()
    }
}

/// What every part begins with.
const BEGINNING: &str = "jokbo part 1\n";

/// An exhibit with its key and a checksum before it, both in hexadecimal digits.
fn sealed(key: &str, exhibit: &Exhibit) -> Vec<u8> {
    let mut body = Vec::new();
    exhibit.put(&mut body);
    let checksum = blake3::hash(&body).to_hex();
    let mut part = format!("{BEGINNING}{key}\n{checksum}\n").into_bytes();
    part.extend(body);
    part
}

/// The exhibit in `part`, or why there is none.
fn unsealed(key: &str, part: &[u8]) -> Result<Exhibit, &'static str> {
    let line = |bytes: &mut &[u8], text: &str| {
        let rest = bytes.strip_prefix(text.as_bytes())?.strip_prefix(b"\n")?;
        *bytes = rest;
        Some(())
    };
    let mut rest = part.strip_prefix(BEGINNING.as_bytes()).ok_or("it is no part")?;
    line(&mut rest, key).ok_or("it is the part of something else")?;
    let (_, body) = rest.split_at_checked(65).ok_or("it is cut short")?;
    line(&mut rest, blake3::hash(body).to_hex().as_str()).ok_or("its checksum is another")?;
    let exhibit = Exhibit::take(&mut rest).filter(|exhibit| rest.is_empty() && is_sound(exhibit));
    exhibit.ok_or("it holds no exhibit")
}

/// Whether all that belongs together is equally long, and no lattice has fewer levels than one.
fn is_sound(exhibit: &Exhibit) -> bool {
    let is_whole = |grid: &jokbo_verdict::LayerGrid| {
        grid.z.len() == grid.suspect.len()
            && grid.z.iter().all(|row| row.len() == grid.reference.len())
    };
    let has_levels = |kind: Kind| match kind {
        Kind::Quantised(_, lattice) => {
            !matches!(lattice.levels, Levels::Steps(0) | Levels::Offset(0))
        }
        _ => true,
    };
    let changes = exhibit.changes.iter().filter_map(|tensor| tensor.change);
    exhibit.layer_grids.iter().all(is_whole) && { changes }.all(|change| has_levels(change.kind))
}
