//! A checkpoint with the part each of its tensors plays.

use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;

use jokbo_components::{Adoption, Assignment, Placement, assign};
use jokbo_formats::tokenizer::Tokenizer;
use jokbo_formats::{Checkpoint, Network, Oddity, Settings, Source};
use jokbo_tensors::Tensor;
use jokbo_verdict::{Component, FileDigest, Model};

use crate::Error;
use crate::step::step;

/// A checkpoint that was opened and whose tensors were assigned; no weight read yet. Clones share what they do
/// not change.
#[derive(Debug, Clone)]
pub struct Opened {
    /// Its index.
    pub checkpoint: Arc<Checkpoint>,
    /// The part each tensor plays.
    pub assignment: Arc<Assignment>,
    /// Lawful but odd things seen on opening.
    pub oddities: Vec<Oddity>,
    /// Where it was opened from, when it was not made in memory.
    pub(crate) origin: Option<(Source, Network)>,
    /// The tokenizer that was said to belong to it.
    pub(crate) tokenizer: Option<Arc<Tokenizer>>,
}

/// Opens a file or folder of weights.
pub fn open(path: &Path) -> Result<Opened, Error> {
    open_source(&Source::Path(path.to_owned()), &Network::new(Settings::default()))
}

/// Opens what `source` names, wherever it is; see [`jokbo_formats::open_source`].
pub fn open_source(source: &Source, network: &Network) -> Result<Opened, Error> {
    let _step = step!("opening", model = source);
    let opened = jokbo_formats::open_source(source, network).map(with_parts);
    let opened = opened.map_err(|cause| Error::Open { path: source.to_string(), source: cause })?;
    Ok(Opened { origin: Some((source.clone(), network.clone())), ..opened })
}

/// Opens files held in memory: path and bytes of each, and `config.json` when there is one.
pub fn from_memory(
    source: &str,
    files: Vec<(String, Vec<u8>)>,
    config: Option<serde_json::Value>,
) -> Result<Opened, Error> {
    jokbo_formats::from_memory(source, files, config)
        .map(with_parts)
        .map_err(|cause| Error::Open { path: source.to_owned(), source: cause })
}

pub(crate) fn with_parts((checkpoint, oddities): (Checkpoint, Vec<Oddity>)) -> Opened {
    let assignment = Arc::new(assign(&checkpoint));
    let checkpoint = Arc::new(checkpoint);
    Opened { checkpoint, assignment, oddities, origin: None, tokenizer: None }
}

impl Opened {
    /// Where every file of the checkpoint begins when all lie one after another.
    pub(crate) fn begins(&self) -> impl Iterator<Item = u64> {
        self.checkpoint.files.iter().scan(0, |end: &mut u64, file| {
            let begins = *end;
            *end = end.saturating_add(file.bytes);
            Some(begins)
        })
    }

    /// Bytes of all files one after another, those derived from others included.
    pub(crate) fn stored(&self) -> u64 {
        self.checkpoint.files.iter().fold(0, |sum, file| sum.saturating_add(file.bytes))
    }

    /// About where an element of an entry lies among all files.
    pub(crate) fn place(&self, entry: usize, element: u64) -> u64 {
        let entry = &self.checkpoint.entries[entry];
        let begins = self.begins().nth(entry.file).unwrap_or(0);
        begins.saturating_add(entry.offset).saturating_add(entry.dtype.covering(element))
    }

    /// The same checkpoint with tensors in the components that a person gave them.
    #[must_use]
    pub fn placing(self, placements: &[Placement]) -> Self {
        let assignment = Arc::unwrap_or_clone(self.assignment);
        let assignment = Arc::new(assignment.placing(&self.checkpoint.entries, placements));
        Self { assignment, ..self }
    }

    /// The same checkpoint whose tensors play other parts.
    fn assigned(&self, assignment: Assignment) -> Self {
        Self { assignment: Arc::new(assignment), ..self.clone() }
    }

    /// The same checkpoint with this tokenizer, whatever lies beside it.
    #[must_use]
    pub fn carrying(self, tokenizer: Tokenizer) -> Self {
        Self { tokenizer: Some(Arc::new(tokenizer)), ..self }
    }

    /// The same checkpoint under another name: what a report calls it, wherever it was opened.
    #[must_use]
    pub fn called(mut self, name: &str) -> Self {
        let source = &mut Arc::make_mut(&mut self.checkpoint).source;
        let own = std::mem::replace(source, name.to_owned());
        let of_whole = self.oddities.iter_mut().filter(|oddity| oddity.file == own);
        of_whole.for_each(|oddity| name.clone_into(&mut oddity.file));
        self
    }

    /// Whether any tensor's name starts with `prefix`.
    pub fn has_prefix(&self, prefix: &str) -> bool {
        self.checkpoint.entries.iter().any(|entry| entry.name.starts_with(prefix))
    }

    /// Number of elements in all tensors.
    pub fn parameters(&self) -> u64 {
        self.checkpoint.entries.iter().map(jokbo_formats::Entry::elements).sum()
    }

    /// Size of all its files.
    pub fn bytes(&self) -> u64 {
        self.checkpoint.bytes()
    }

    /// How many different bytes of them were read so far; see
    /// [`bytes_read`](jokbo_formats::Checkpoint::bytes_read).
    pub fn bytes_read(&self) -> u64 {
        self.checkpoint.bytes_read()
    }

    /// Whether any of its files is elsewhere.
    pub fn is_remote(&self) -> bool {
        self.checkpoint.own_files().any(|file| file.reader.remote().is_some())
    }

    /// The matrix of part number `part`.
    pub(crate) fn tensor(&self, part: usize) -> Tensor<'_> {
        let part = &self.assignment.parts[part];
        Tensor::new(&self.checkpoint, part.entry, part.view)
    }

    /// The same checkpoint with parts in the places that their content said, and the new index of
    /// every part.
    pub(crate) fn adopting(&self, adoptions: Vec<Adoption>) -> (Self, Vec<usize>) {
        let entries = &self.checkpoint.entries;
        let (assignment, moved) = self.assignment.adopting(entries, adoptions);
        (self.assigned(assignment), moved)
    }

    /// The same checkpoint, each network called as the one of `suspect` that it answers to; see
    /// [`Assignment::answering_to`].
    pub(crate) fn answering_to(&self, suspect: &Self) -> Self {
        match self.assignment.answering_to(&suspect.assignment) {
            Cow::Borrowed(_) => self.clone(),
            Cow::Owned(assignment) => self.assigned(assignment),
        }
    }

    /// This checkpoint as a reference for the suspect's component called `name`: as it is where it
    /// has one of that name; else with its only component of that kind, or its only one, under it.
    ///
    /// What is lined up is chosen from names alone, so no test loses its exactness.
    pub fn standing_for(&self, suspect: &Opened, name: &str) -> Result<Opened, Error> {
        let names = |opened: &Opened| {
            let components = opened.assignment.components.iter();
            components.map(|component| component.name.to_string()).collect::<Vec<_>>()
        };
        let theirs = suspect.assignment.components.iter();
        let Some(to) = theirs.map(|c| &c.name).find(|own| own.to_string() == name) else {
            let (asked, found) = (name.to_owned(), names(suspect).join(", "));
            return Err(Error::NoSuchComponent { asked, found });
        };
        if names(self).iter().any(|own| own == name) {
            return Ok(self.clone());
        }
        let mut components: Vec<_> = self.assignment.components.iter().collect();
        if components.iter().any(|component| component.name.kind == to.kind) {
            components.retain(|component| component.name.kind == to.kind);
        }
        let [only] = components[..] else {
            return Err(Error::NoSuchAnswer {
                reference: self.checkpoint.source.clone(),
                asked: name.to_owned(),
                found: names(self).join(", "),
            });
        };
        let assignment = self.assignment.renamed(&self.checkpoint.entries, &only.name, to);
        Ok(self.assigned(assignment))
    }

    /// Everything a report says about the checkpoint itself.
    pub(crate) fn model(&self, files: Vec<FileDigest>) -> Model {
        let components = self.assignment.components.iter();
        Model {
            source: self.checkpoint.source.clone(),
            commit: self.checkpoint.commit.clone(),
            format: self.checkpoint.format.to_string(),
            files,
            parameters: self.parameters(),
            components: components
                .map(|c| Component {
                    name: c.name.to_string(),
                    parameters: c.parameters,
                    layers: c.layers,
                    prefix: c.prefix.clone(),
                    inferred: c.inferred,
                })
                .collect(),
        }
    }
}
