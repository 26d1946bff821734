//! What the publisher of a model says about it: quoted with its place, never paraphrased.
//!
//! [`read`] takes what was shipped beside the weights, hostile text all of it, and returns what it
//! [`Said`]: one [`Claim`] for every field or sentence that says where weights come from, and a
//! sentence for everything that is missing or broken. Nothing here looks at a weight, and nothing is
//! guessed: a card that cannot be read says nothing.
//!
//! ```
//! use jokbo_claims::{Shipped, Subject, read};
//!
//! let card = b"---\nlicense: apache-2.0\n---\nThe language model was trained from scratch.\n";
//! let said = read(&Shipped { papers: vec![("README.md", card)], ..Shipped::default() });
//! let claim = said.of(Subject::FromScratch).next().unwrap();
//! assert_eq!((claim.place.line, &claim.about[..]), (Some(4), &["language-model".to_owned()][..]));
//! ```

mod card;
mod carried;
mod front_matter;
mod licence_file;
mod mention;
mod phrases;
mod prose;
mod sentences;

use std::collections::BTreeMap;

use serde_json::Value;

pub use licence_file::known_texts;
pub use mention::{Mention, Names, Says};

/// What was shipped beside the weights.
#[derive(Debug, Clone, Default)]
pub struct Shipped<'a> {
    /// Cards, licences and notices: name below the model's folder, and bytes.
    pub papers: Vec<(&'a str, &'a [u8])>,
    /// `config.json`, or `adapter_config.json` of an adapter.
    pub config: Option<&'a Value>,
    /// What that file is called.
    pub config_file: &'a str,
    /// What the weight files carry about themselves as text.
    pub metadata: BTreeMap<&'a str, &'a str>,
}

/// Everything a publisher says, and where it says nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    /// Field by field and sentence by sentence, in the order of the files.
    pub claims: Vec<Claim>,
    /// What is missing or broken, one sentence each.
    pub silences: Vec<String>,
    /// The cards and notices, for what is looked for by name later.
    pub texts: Vec<Text>,
}

impl Said {
    /// The claims on one subject.
    pub fn of(&self, subject: Subject) -> impl Iterator<Item = &Claim> {
        self.claims.iter().filter(move |claim| claim.subject == subject)
    }
}

/// One thing that is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// On what.
    pub subject: Subject,
    /// The value of a field, or the phrase by which a sentence was found.
    pub value: String,
    /// Kinds of components that the sentence names, as `vision-encoder`; empty where it is said of
    /// the whole.
    pub about: Vec<String>,
    /// Where.
    pub place: Place,
    /// The words themselves, cut where they are long.
    pub quote: String,
}

/// What a claim is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// `base_model` of a card: a model that this one was made from.
    BaseModel,
    /// `base_model_relation` of a card: `finetune`, `quantized`, `adapter`, `merge`.
    BaseModelRelation,
    /// The licence by its identifier.
    Licence,
    /// What a licence without an identifier is called.
    LicenceName,
    /// Where its text is.
    LicenceLink,
    /// A tag of the card.
    Tag,
    /// A data set it was trained on.
    Dataset,
    /// A sentence that says weights were initialised and trained by the publisher.
    FromScratch,
    /// A sentence that denies it.
    NotFromScratch,
    /// What a configuration or a weight file names as the model it came from: left there by a
    /// program, and seen by few readers of the card.
    NamedOrigin,
    /// The kind of network that a configuration names for a part.
    ModelType,
    /// What the model is called in its weight files.
    Name,
    /// The licence whose text lies beside the weights.
    LicenceText,
}

/// Where something is said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: String,
    /// Its line, from 1; `None` where lines mean nothing.
    pub line: Option<u64>,
    /// The key, of a field.
    pub key: Option<String>,
}

/// A card, licence or notice, line by line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// Its name.
    pub file: String,
    /// What kind of paper it is.
    pub kind: Paper,
    /// Its lines.
    pub lines: Vec<String>,
    /// The line on which its prose begins, from 0: behind the front matter, whose fields are read as
    /// such.
    pub prose: usize,
}

/// What kind of paper a file is, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paper {
    /// A model card: `README.md`, `MODEL_CARD.md` and the like.
    Card,
    /// The text of a licence.
    Licence,
    /// What must be passed on with it.
    Notice,
}

impl Paper {
    /// What `file` is; `None` for what is read for nothing.
    ///
    /// The last part of the path decides, without regard to case: `README*.md` and `*MODEL_CARD*`
    /// are cards, `LICENSE*`, `LICENCE*`, `COPYING*` and `USE_POLICY*` licences, `NOTICE*` notices.
    pub fn of(file: &str) -> Option<Self> {
        let name = file.rsplit('/').next().unwrap_or(file).to_ascii_lowercase();
        let (stem, ending) = name.split_once('.').unwrap_or((&name, ""));
        if !["", "md", "txt", "rst", "markdown"].contains(&ending) {
            return None;
        }
        let starts = |names: &[&str]| names.iter().any(|start| stem.starts_with(start));
        if starts(&["readme", "model_card", "modelcard", "model-card"]) {
            Some(Self::Card)
        } else if starts(&["license", "licence", "copying", "use_policy", "use-policy"]) {
            Some(Self::Licence)
        } else {
            starts(&["notice", "third_party", "third-party", "attribution"]).then_some(Self::Notice)
        }
    }
}

/// Most characters of a quotation.
const QUOTE_LIMIT: usize = 300;

/// Reads everything that was shipped.
///
/// Cost: a few passes over the papers. Total in the sense that no input is an error: what cannot be
/// read is told in [`Said::silences`].
pub fn read(shipped: &Shipped<'_>) -> Said {
    let mut said = Said::default();
    for (file, bytes) in &shipped.papers {
        let Some(kind) = Paper::of(file) else { continue };
        let Ok(text) = str::from_utf8(bytes) else {
            said.silences.push(format!("{file} is not UTF-8 text, so nothing in it was read"));
            continue;
        };
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let prose = if kind == Paper::Card { card::read(file, &lines, &mut said) } else { 0 };
        if kind == Paper::Licence {
            said.claims.extend(licence_file::read(file, &lines));
        }
        said.texts.push(Text { file: (*file).to_owned(), kind, lines, prose });
    }
    if !said.texts.iter().any(|text| text.kind == Paper::Card) {
        said.silences.push("no model card (README.md) lies beside the weights".to_owned());
    }
    if let Some(config) = shipped.config {
        said.claims.extend(carried::by_config(shipped.config_file, config));
    }
    said.claims.extend(carried::by_metadata(&shipped.metadata));
    if said.of(Subject::Licence).next().is_none() && said.of(Subject::LicenceText).next().is_none()
    {
        said.silences.push("no licence is named".to_owned());
    }
    said
}

/// `text` without space around it, cut where it is long.
fn quoted(text: &str) -> String {
    let text = text.trim();
    match text.char_indices().nth(QUOTE_LIMIT) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}
