//! Tables of tokens lined up by token, where two tokenizers number the same tokens otherwise.
//!
//! Row `k` of a table belongs to the token with id `k`. Where the ids differ, rows of one number say
//! nothing of one another, and the tables of a copy whose vocabulary was renumbered look unrelated.
//! Here both sides become tables of the tokens that both have, in the suspect's order.
//!
//! The exact tests stay exact. Which rows are laid beside one another follows from the two tokenizers
//! alone; no weight was looked at for it. What the tests renumber are the coordinates of the residual
//! stream, and those may be renumbered whatever rows were chosen: of independent models every
//! numbering is as likely as before. Only a second look is taken, at another order of the same
//! tables, and both looks are paid for ([`paid`]).

use std::collections::BTreeMap;
use std::sync::Arc;

use jokbo_components::{ComponentName, ComponentPairing, Part, PartKey};
use jokbo_formats::tokenizer::{Token, TokenKind, Tokenizer};
use jokbo_verdict::{Exhibit, NotMeasured, TokenRows, Untested};

use crate::Opened;
use crate::exhibit::Scene;

/// Roles whose rows are tokens.
const TABLES: [&str; 2] = ["token-embedding", "output-head"];

/// Fewest tokens in common. With fewer a coordinate has too few values to be told by.
const FEWEST: usize = 16;

/// Orders of the same tables that are looked at: by id, and by token.
const LOOKS: f64 = 2.0;

/// Tokens of two tokenizers that are the same: the suspect's rows and the reference's, in the order of
/// the suspect's ids.
#[derive(Debug, Clone)]
pub(crate) struct Tokens {
    suspect: Arc<[u32]>,
    reference: Arc<[u32]>,
}

impl Tokens {
    /// The tokens of both. `None` where all have one id in both, or hardly any is in both: the rows
    /// then lie side by side already, or cannot.
    pub(crate) fn of(suspect: &Tokenizer, reference: &Tokenizer) -> Option<Self> {
        let (ours, theirs) = (by_text(suspect), by_text(reference));
        let mut shared: Vec<(u32, u32)> =
            ours.iter().filter_map(|(token, id)| Some((*id, *theirs.get(token)?))).collect();
        if shared.len() < FEWEST || shared.iter().all(|(a, b)| a == b) {
            return None;
        }
        shared.sort_unstable();
        let (suspect, reference): (Vec<u32>, Vec<u32>) = shared.into_iter().unzip();
        Some(Self { suspect: suspect.into(), reference: reference.into() })
    }
}

/// The first id of every token that can be told by its text: of a special one, by its name.
fn by_text(tokenizer: &Tokenizer) -> BTreeMap<(TokenKind, &[u8]), u32> {
    let mut ids = BTreeMap::new();
    let told = |token: &&Token| token.kind != TokenKind::Unused;
    for (id, token) in tokenizer.tokens.iter().filter(|(_, token)| told(token)) {
        ids.entry((token.kind, token.text.as_slice())).or_insert(*id);
    }
    ids
}

/// Both checkpoints with their tables lined up.
#[derive(Debug)]
pub(crate) struct LinedUp {
    /// The suspect.
    pub(crate) suspect: Opened,
    /// The reference.
    pub(crate) reference: Opened,
    /// Of every table of the suspect that was, by part: its rows before.
    before: BTreeMap<usize, u64>,
    /// Of every one that was not: its component and why.
    left: Vec<(ComponentName, String)>,
    tokens: u64,
}

impl LinedUp {
    /// Lines up every table that both sides have. A table whose partner cannot be is left as it is.
    pub(crate) fn of(suspect: &Opened, reference: &Opened, tokens: &Tokens) -> Self {
        let mut lined = Self {
            suspect: suspect.clone(),
            reference: reference.clone(),
            before: BTreeMap::new(),
            left: Vec::new(),
            tokens: tokens.suspect.len() as u64,
        };
        let theirs = tables(reference);
        for (key, part) in tables(suspect) {
            let Some(&other) = theirs.get(key) else { continue };
            let name = &key.component;
            let ours = with_rows(suspect, part, &tokens.suspect);
            let both = ours.and_then(|_| with_rows(reference, other, &tokens.reference));
            match both {
                Ok(_) => {
                    lined.before.insert(part, suspect.tensor(part).view().rows);
                    // Each was possible alone, and tables do not lie in one another.
                    for (opened, part, rows) in [
                        (&mut lined.suspect, part, &tokens.suspect),
                        (&mut lined.reference, other, &tokens.reference),
                    ] {
                        if let Ok(changed) = with_rows(opened, part, rows) {
                            *opened = changed;
                        }
                    }
                }
                Err(why) => lined.left.push((name.clone(), why)),
            }
        }
        lined
    }

    /// Whether a table of this component was lined up.
    pub(crate) fn concerns(&self, pairing: &ComponentPairing) -> bool {
        let parts = &self.suspect.assignment.parts;
        self.before.keys().any(|part| parts[*part].key.component == pairing.component)
    }

    /// Why a table of this component was not, should one not have been.
    pub(crate) fn not_lined_up(&self, pairing: &ComponentPairing) -> Option<NotMeasured> {
        let (_, why) = self.left.iter().find(|(name, _)| *name == pairing.component)?;
        let why = format!("the tokenizers differ, and rows were not lined up by token: {why}");
        Some(NotMeasured { what: "token_rows".to_owned(), why })
    }

    /// Says in the exhibit of lined-up tables what was left out. `straight` is the exhibit of the same
    /// component as it is stored.
    pub(crate) fn mark(&self, scene: Scene<'_>, straight: &Exhibit, exhibit: &mut Exhibit) {
        exhibit.share = straight.share;
        exhibit.cost = straight.cost;
        exhibit.contained = None;
        if let Some(values) = &mut exhibit.values {
            // All rows may have an equal one, and they are still not the same table.
            values.complete = false;
        }
        let parts = &self.suspect.assignment.parts;
        let of_it = |part: &&usize| parts[**part].key.component.to_string() == exhibit.component;
        let mut rows = 0;
        for part in self.before.keys().filter(of_it) {
            rows = self.before[part];
            let left = (rows - self.tokens.min(rows)) * parts[*part].view.cols;
            if 0 < left {
                exhibit.coverage.not_tested.push(Untested {
                    tensor: scene.entry_name(*part),
                    parameters: left,
                    why: "rows of tokens that the reference's tokenizer lacks, or of none"
                        .to_owned(),
                });
            }
        }
        exhibit.token_rows = Some(TokenRows { shared: self.tokens, suspect: rows });
    }
}

/// The tables of tokens by key: those of which a checkpoint has one.
fn tables(opened: &Opened) -> BTreeMap<&PartKey, usize> {
    let mut tables: BTreeMap<&PartKey, usize> = BTreeMap::new();
    let mut twice = Vec::new();
    for (k, part) in opened.assignment.parts.iter().enumerate() {
        if TABLES.contains(&part.key.role.as_str()) && tables.insert(&part.key, k).is_some() {
            twice.push(&part.key);
        }
    }
    tables.retain(|key, _| !twice.contains(key));
    tables
}

/// The checkpoint with these rows in the place of a part's.
fn with_rows(opened: &Opened, part: usize, rows: &Arc<[u32]>) -> Result<Opened, String> {
    let Part { entry, view, .. } = opened.assignment.parts[part];
    let stored = &opened.checkpoint.entries[entry];
    if !view.is_dense() || view.offset != 0 || view.elements() != stored.elements() {
        return Err("the table is not stored token by token in a tensor of its own".to_owned());
    }
    let checkpoint = opened.checkpoint.with_rows(entry, rows)?;
    let mut shortened = Opened { checkpoint: Arc::new(checkpoint), ..opened.clone() };
    Arc::make_mut(&mut shortened.assignment).parts[part].view.rows = rows.len() as u64;
    Ok(shortened)
}

/// An exhibit that is one of two looks: every p pays for both.
pub(crate) fn paid(mut exhibit: Exhibit) -> Exhibit {
    let pay = |log10_p: &mut f64| *log10_p = (*log10_p + LOOKS.log10()).min(0.0);
    exhibit.tests.iter_mut().for_each(|test| pay(&mut test.log10_p));
    exhibit.sections.iter_mut().for_each(|section| pay(&mut section.log10_p));
    exhibit
}
