//! Where a publisher names another model, and how much that says.

use crate::phrases::{PHRASES, components, first};
use crate::prose::is_denied;
use crate::sentences::sentences;
use crate::{Claim, Paper, Place, Said, Subject, quoted};

/// What a model may be called.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    /// Its own names, as `Qwen/Qwen2.5-VL-32B-Instruct` and `Qwen2.5-VL-32B-Instruct`.
    pub own: Vec<String>,
    /// Those of its series, as `Qwen2.5-VL`.
    pub series: Vec<String>,
}

/// One place where a model is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    /// How much it says.
    pub says: Says,
    /// Whether the model itself is named, or only its series.
    pub exact: bool,
    /// Kinds of components that it is said of; empty where it is said of the whole.
    pub about: Vec<String>,
    /// Where.
    pub place: Place,
    /// The words.
    pub quote: String,
}

/// How much a mention says, most first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Says {
    /// A field of the card, a notice, or a sentence with a known phrase: weights come from it.
    Declared,
    /// The same, denied.
    Denied,
    /// It is named, and a person must read what for.
    Mentioned,
    /// A program left it in a configuration or a weight file.
    Trace,
}

/// Most mentions of one model: a table of results may name it in every line.
const LIMIT: usize = 32;

/// Names that folders have for other reasons.
const NO_NAMES: [&str; 14] = [
    "model",
    "models",
    "weights",
    "checkpoint",
    "checkpoints",
    "reference",
    "suspect",
    "base",
    "snapshots",
    "main",
    "parent",
    "child",
    "adapter",
    "tmp",
];

/// Ends of names that say which form of a model it is, and not which model.
const FORMS: [&str; 13] = [
    "instruct", "base", "chat", "it", "hf", "gguf", "preview", "thinking", "think", "bf16", "fp8",
    "awq", "gptq",
];

impl Names {
    /// The names of the model that was opened as `source`, with those it carries itself.
    ///
    /// Of `hf://org/name@revision/part`, `org/name`, a path, or an entry of the Hub's cache, the
    /// name is what a reader would call it; names that any folder may have are left out.
    pub fn of(source: &str, said: &Said) -> Self {
        let mut names = Self::default();
        let carried = said.of(Subject::Name).map(|claim| claim.value.clone());
        for name in by_source(source).into_iter().chain(carried) {
            names.add(name);
        }
        names
    }

    fn add(&mut self, name: String) {
        let bare = name.rsplit('/').next().unwrap_or(&name);
        let known = NO_NAMES.contains(&bare.to_ascii_lowercase().as_str());
        if known || key(bare).len() < 4 {
            return;
        }
        if let Some(series) = series(bare).filter(|series| !self.series.contains(series)) {
            self.series.push(series);
        }
        if !self.own.contains(&name) {
            self.own.push(name.clone());
        }
    }

    /// Every place of `said` where the model is named, those that say most first.
    pub fn mentions(&self, said: &Said) -> Vec<Mention> {
        let by_fields = said.claims.iter().filter_map(|claim| self.in_field(claim));
        let by_prose = said.texts.iter().flat_map(|text| {
            let all = sentences(&text.lines, text.prose);
            all.into_iter().filter_map(|(line, sentence)| {
                self.in_sentence(text.kind, &text.file, line, &sentence)
            })
        });
        let mut all: Vec<Mention> = by_fields.chain(by_prose).collect();
        all.sort_by_key(|mention| (mention.says, !mention.exact));
        all.truncate(LIMIT);
        all
    }

    fn in_field(&self, claim: &Claim) -> Option<Mention> {
        let says = match claim.subject {
            Subject::BaseModel => Says::Declared,
            // The Hub writes the base model of a card into its tags too.
            Subject::Tag if claim.value.starts_with("base_model:") => Says::Declared,
            Subject::NamedOrigin | Subject::ModelType => Says::Trace,
            _ => return None,
        };
        let found = self.find(&claim.value)?;
        Some(Mention {
            says,
            exact: found.exact,
            about: claim.about.clone(),
            place: claim.place.clone(),
            quote: claim.quote.clone(),
        })
    }

    fn in_sentence(&self, kind: Paper, file: &str, line: usize, text: &str) -> Option<Mention> {
        let found = self.find(text)?;
        let lower = text.to_lowercase();
        let phrase = first(&lower, &PHRASES.made_from);
        let says = match (kind, phrase) {
            (Paper::Notice, _) => Says::Declared,
            (Paper::Licence, _) => Says::Trace,
            // A row of a table compares; it says of nothing where it comes from.
            (Paper::Card, _) if text.starts_with('|') => Says::Mentioned,
            (Paper::Card, Some((at, phrase))) if is_denied(&lower, at, at + phrase.len()) => {
                Says::Denied
            }
            (Paper::Card, Some(_)) => Says::Declared,
            (Paper::Card, None) => Says::Mentioned,
        };
        Some(Mention {
            says,
            exact: found.exact,
            about: components(&lower),
            place: Place { file: file.to_owned(), line: Some(line as u64 + 1), key: None },
            quote: quoted(text),
        })
    }

    /// Whether `text` names the model, or else its series.
    fn find(&self, text: &str) -> Option<Found> {
        let text = Spelled::of(text);
        let exact = self.own.iter().any(|name| text.names(name) == Some(true));
        let named = || self.own.iter().chain(&self.series).any(|name| text.names(name).is_some());
        (exact || named()).then_some(Found { exact })
    }
}

struct Found {
    exact: bool,
}

/// What a source is called by those who know it, longest first.
fn by_source(source: &str) -> Vec<String> {
    let plain = source.strip_prefix("hf://").unwrap_or(source);
    let plain = plain.split('@').next().unwrap_or(plain).trim_end_matches('/');
    let mut parts: Vec<&str> = plain.split('/').filter(|part| !part.is_empty()).collect();
    if let Some(entry) = parts.iter().find_map(|part| part.strip_prefix("models--")) {
        let id = entry.replacen("--", "/", 1);
        let bare = id.rsplit('/').next().map(str::to_owned);
        return std::iter::once(id.clone()).chain(bare).collect();
    }
    let is_file = |part: &str| {
        let ends = |ending: &&str| part.to_ascii_lowercase().ends_with(*ending);
        [".safetensors", ".bin", ".pt", ".pth", ".onnx", ".npz", ".npy", ".json"].iter().any(ends)
    };
    if parts.last().is_some_and(|last| is_file(last)) {
        parts.pop();
    }
    let Some(last) = parts.last() else { return Vec::new() };
    let bare = last.trim_end_matches(".gguf").to_owned();
    let is_repository = source.starts_with("hf://") && 2 <= parts.len();
    let id = is_repository.then(|| parts[..2].join("/"));
    let repository = is_repository.then(|| parts[1].to_owned());
    id.into_iter().chain(repository).chain((!is_repository).then_some(bare)).collect()
}

/// The name without its size and form: `Qwen2.5-VL` of `Qwen2.5-VL-32B-Instruct`. `None` where
/// nothing of it is left that tells it from other words.
fn series(bare: &str) -> Option<String> {
    let parts: Vec<&str> = bare.split(['-', '_']).collect();
    let is_size = |part: &str| {
        let number = part.trim_end_matches(['b', 'B', 'm', 'M']);
        number.len() < part.len() && number.starts_with(|c: char| c.is_ascii_digit())
    };
    let is_form = |part: &&str| FORMS.contains(&part.to_ascii_lowercase().as_str());
    let kept = parts.iter().position(|part| is_size(part) || is_form(part));
    let series = parts[..kept.unwrap_or(parts.len())].join("-");
    let tells = series.bytes().any(|byte| byte.is_ascii_digit()) && 4 <= key(&series).len();
    (tells && kept.is_some()).then_some(series)
}

/// Letters and digits in lower case.
fn key(name: &str) -> Vec<char> {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// A text as letters and digits in lower case, which are how names are compared: `Qwen 2.5 VL` is
/// `qwen2_5_vl`.
struct Spelled {
    /// Each with whether something else stands before it, and what stands behind it.
    signs: Vec<(char, bool, Option<char>)>,
}

impl Spelled {
    fn of(text: &str) -> Self {
        let chars: Vec<char> = text.chars().collect();
        let mut signs = Vec::new();
        let mut gap = true;
        for (k, c) in chars.iter().enumerate() {
            if !c.is_alphanumeric() {
                gap = true;
                continue;
            }
            for lower in c.to_lowercase() {
                signs.push((lower, gap, chars.get(k + 1).copied()));
                gap = false;
            }
        }
        Self { signs }
    }

    /// Whether `name` stands in the text as a word of its own: `Some(false)` where the word goes on
    /// behind a hyphen, so that it is the name of another.
    fn names(&self, name: &str) -> Option<bool> {
        let key = key(name);
        if key.is_empty() {
            return None;
        }
        let whole = self.signs.windows(key.len()).filter_map(|window| {
            let begins = window[0].1;
            let same = window.iter().zip(&key).all(|((sign, ..), want)| sign == want);
            let behind = window[window.len() - 1].2;
            let ends = behind.is_none_or(|c| !c.is_ascii_alphanumeric());
            let goes_on = matches!(behind, Some('-' | '_'));
            (begins && same && ends).then_some(!goes_on)
        });
        whole.max()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Shipped, read};

    const REFERENCE: &str = "hf://Qwen/Qwen2.5-VL-32B-Instruct";

    fn names() -> Names {
        Names::of(REFERENCE, &Said::default())
    }

    fn mentions(card: &str) -> Vec<(Says, bool, Vec<String>)> {
        let papers = vec![("README.md", card.as_bytes())];
        let said = read(&Shipped { papers, ..Shipped::default() });
        let all = names().mentions(&said);
        all.into_iter().map(|m| (m.says, m.exact, m.about)).collect()
    }

    #[test]
    fn a_model_is_called_by_its_repository_and_its_series() {
        assert_eq!(names().own, ["Qwen/Qwen2.5-VL-32B-Instruct", "Qwen2.5-VL-32B-Instruct"]);
        assert_eq!(names().series, ["Qwen2.5-VL"]);
        let of = |source| Names::of(source, &Said::default());
        assert_eq!(
            of("/data/models--openai--whisper-large-v3/snapshots/0a").own[0],
            "openai/whisper-large-v3"
        );
        assert_eq!(of("models/Llama-3.1-8B/model.safetensors").own, ["Llama-3.1-8B"]);
        assert_eq!(of("models/reference"), Names::default());
    }

    #[test]
    fn a_field_or_a_sentence_with_a_known_phrase_declares() {
        let field = "---\nbase_model: Qwen/Qwen2.5-VL-32B-Instruct\n---\n";
        assert_eq!(mentions(field), [(Says::Declared, true, vec![])]);
        let sentence = "---\na: b\n---\nThe vision encoder is initialized from Qwen2.5-VL.";
        let encoder = vec!["vision-encoder".to_owned()];
        assert_eq!(mentions(sentence), [(Says::Declared, false, encoder.clone())]);
        let korean = "비전 인코더는 Qwen2.5-VL의 가중치를 사용했습니다.";
        assert_eq!(mentions(korean), [(Says::Declared, false, encoder)]);
    }

    #[test]
    fn a_comparison_declares_nothing_and_a_denial_denies() {
        assert_eq!(mentions("| Qwen2.5-VL-32B-Instruct | 71.2 |")[0].0, Says::Mentioned);
        assert_eq!(mentions("It is better than Qwen 2.5 VL.")[0].0, Says::Mentioned);
        assert_eq!(mentions("It is not based on Qwen2.5-VL.")[0].0, Says::Denied);
        assert!(mentions("It is based on Qwen2.5.").is_empty());
        assert!(mentions("It is based on MyQwen2.5-VL.").is_empty());
    }

    #[test]
    fn another_size_of_the_series_is_not_the_model() {
        assert_eq!(
            mentions("Based on Qwen2.5-VL-7B-Instruct.")[0],
            (Says::Declared, false, vec![])
        );
        let glm = Names::of("hf://zai-org/GLM-4.5", &Said::default());
        assert!(!glm.find("GLM-4.5-Air").unwrap().exact);
        assert!(glm.find("GLM-4.5.").unwrap().exact);
    }
}
