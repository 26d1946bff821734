//! Two tokenizers read and compared. No weight is read.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use jokbo_formats::tokenizer::{Token, TokenKind, Tokenizer, open_tokenizer_source};
use jokbo_formats::{Network, Source};
use jokbo_statistics::number::float;
use jokbo_statistics::vocabulary::{merges, overlap};
use jokbo_verdict::{Marks, Script, TokenizerCase, TokenizerInfo};
use unicode_script::{Script as Unicode, UnicodeScript as _};

use crate::Error;

/// Scripts that are shown; those below are too rare to tell a tokenizer by.
const SCRIPTS: usize = 8;

/// Reads and compares the tokenizers at two places: files, or folders that hold one, here or
/// elsewhere.
pub fn tokenizers(
    suspect: &Source,
    reference: &Source,
    network: &Network,
) -> Result<TokenizerCase, Error> {
    let open = |source: &Source| {
        let name = source.to_string();
        match open_tokenizer_source(source, network) {
            Ok(Some(tokenizer)) => Ok((name, tokenizer)),
            Ok(None) => Err(Error::NoTokenizer { path: name }),
            Err(source) => Err(Error::Open { path: name, source }),
        }
    };
    let ((ours, a), (theirs, b)) = (open(suspect)?, open(reference)?);
    Ok(compare(&ours, &a, &theirs, &b))
}

pub(crate) fn compare(ours: &str, a: &Tokenizer, theirs: &str, b: &Tokenizer) -> TokenizerCase {
    TokenizerCase {
        suspect: info(ours, a),
        reference: info(theirs, b),
        overlap: overlap(&learned(a), &learned(b)),
        merges: merges(&a.merges, &b.merges),
        pieces: merges(&in_order(a), &in_order(b)),
        marks: Marks {
            added: marks(a).difference(&marks(b)).count() as u64,
            dropped: marks(b).difference(&marks(a)).count() as u64,
        },
        all_equal: learned(a) == learned(b) && a.merges == b.merges && a.notation == b.notation,
        scripts: scripts(a, b),
    }
}

fn info(source: &str, tokenizer: &Tokenizer) -> TokenizerInfo {
    let tokens = tokenizer.tokens.len() as u64;
    TokenizerInfo {
        source: source.to_owned(),
        file: tokenizer.source.clone(),
        format: tokenizer.format.to_string(),
        notation: tokenizer.notation.to_string(),
        tokens,
        special: tokenizer.tokens.values().filter(|token| !is_learned(token)).count() as u64,
        merges: tokenizer.merges.len() as u64,
    }
}

fn is_learned(token: &Token) -> bool {
    token.kind == TokenKind::Normal
}

/// Learned tokens in the order of their ids. Single-byte tokens are an alphabet and not learned.
fn learned(tokenizer: &Tokenizer) -> Vec<(u32, &[u8])> {
    let learned = tokenizer.tokens.iter().filter(|(_, token)| is_learned(token));
    learned.map(|(id, token)| (*id, token.text.as_slice())).collect()
}

/// Learned tokens in the order in which they were learned, where the file says it: what the merges
/// make one after the other, or the tokens by their scores.
fn in_order(tokenizer: &Tokenizer) -> Vec<Vec<u8>> {
    let merged = tokenizer.merges.iter().map(|m| [m.left.as_slice(), &m.right].concat());
    let scored = tokenizer.learned.iter().filter_map(|id| tokenizer.tokens.get(id));
    let mut seen = BTreeSet::new();
    let order = merged.chain(scored.map(|token| token.text.clone()));
    order.filter(|text| seen.insert(text.clone())).collect()
}

fn marks(tokenizer: &Tokenizer) -> BTreeSet<&[u8]> {
    let marks = tokenizer.tokens.values().filter(|token| token.kind == TokenKind::Special);
    marks.map(|token| token.text.as_slice()).collect()
}

fn scripts(a: &Tokenizer, b: &Tokenizer) -> Vec<Script> {
    let (ours, theirs) = (by_script(a), by_script(b));
    let names: BTreeSet<&&str> = ours.keys().chain(theirs.keys()).collect();
    let mut all: Vec<Script> = names
        .into_iter()
        .map(|name| Script {
            name: (*name).to_owned(),
            suspect: ours.get(name).copied().unwrap_or(0.0),
            reference: theirs.get(name).copied().unwrap_or(0.0),
        })
        .collect();
    all.sort_by(|x, y| {
        let larger = |s: &Script| s.suspect.max(s.reference);
        larger(y).total_cmp(&larger(x)).then_with(|| x.name.cmp(&y.name))
    });
    all.truncate(SCRIPTS);
    all
}

/// Share of the learned tokens by the script of their first letter.
fn by_script(tokenizer: &Tokenizer) -> BTreeMap<&'static str, f64> {
    let mut counts: BTreeMap<&'static str, u64> = BTreeMap::new();
    let mut all = 0;
    for token in tokenizer.tokens.values().filter(|token| is_learned(token)) {
        *counts.entry(script(&token.text)).or_default() += 1;
        all += 1;
    }
    counts.into_iter().map(|(name, n)| (name, float(n) / float(all))).collect()
}

fn script(text: &[u8]) -> &'static str {
    let Ok(text) = str::from_utf8(text) else { return "partial" };
    let of_all = |s: &Unicode| matches!(s, Unicode::Common | Unicode::Inherited | Unicode::Unknown);
    let mut scripts = text.chars().map(|c| c.script());
    scripts.find(|script| !of_all(script)).map_or("common", |script| script.full_name())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use jokbo_formats::Settings;
    use jokbo_formats::tokenizer::{Merge, open_tokenizer};
    use jokbo_verdict::{TokenizerRelation, tokenizer_relation};

    fn tokenizers(suspect: &Path, reference: &Path) -> Result<TokenizerCase, Error> {
        let [suspect, reference] = [suspect, reference].map(|path| Source::Path(path.to_owned()));
        super::tokenizers(&suspect, &reference, &Network::new(Settings::default()))
    }

    fn write(folder: &Path, name: &str, text: &str) {
        std::fs::write(folder.join(name), text).unwrap();
    }

    /// `n` words under ids from `start` on, in the notation of SentencePiece.
    fn vocabulary(start: usize, n: usize) -> String {
        let entries: Vec<String> =
            (0..n).map(|k| format!("\"\u{2581}w{k}\":{}", start + k)).collect();
        format!("{{{}}}", entries.join(","))
    }

    #[test]
    fn one_vocabulary_in_two_forms_is_re_exported() {
        let (ours, theirs) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        write(ours.path(), "vocab.json", &vocabulary(0, 600));
        let model = format!("{{\"model\":{{\"vocab\":{}}}}}", vocabulary(0, 600));
        write(theirs.path(), "tokenizer.json", &model);
        let case = tokenizers(ours.path(), theirs.path()).unwrap();
        assert_eq!(tokenizer_relation(&case), TokenizerRelation::ReExported);
        assert_eq!((case.suspect.tokens, case.reference.format.as_str()), (600, "tokenizer.json"));
        assert_eq!(case.scripts.len(), 1);
        assert_eq!(case.scripts[0].name, "Latin");
    }

    #[test]
    fn a_shift_in_front_and_a_block_behind_is_related() {
        let (ours, theirs) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        write(ours.path(), "vocab.json", &vocabulary(7, 700));
        write(theirs.path(), "vocab.json", &vocabulary(0, 600));
        let case = tokenizers(ours.path(), theirs.path()).unwrap();
        let want = TokenizerRelation::Related { added: 100, dropped: 0 };
        assert_eq!(tokenizer_relation(&case), want);
        assert_eq!(case.overlap.shift.unwrap().by, 7);
    }

    #[test]
    fn scores_and_merges_give_one_order_of_learning() {
        let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/golden/sentencepiece");
        let bpe = golden.join("bpe.model");
        let same = tokenizers(&bpe, &bpe).unwrap();
        assert_eq!(same.merges, None);
        assert_eq!(same.pieces.unwrap().first_in_place, Some(1.0));
        let model = open_tokenizer(&bpe).unwrap().unwrap();
        // Every learned piece of two signs or more, as the merge that could have made it.
        let pieces: Vec<&[u8]> =
            model.learned.iter().map(|id| model.tokens[id].text.as_slice()).collect();
        let merges: Vec<Merge> = pieces
            .iter()
            .map(|piece| piece.split_at(1))
            .map(|(left, right)| Merge { left: left.to_vec(), right: right.to_vec() })
            .collect();
        let merged = Tokenizer { merges, learned: Vec::new(), ..model.clone() };
        let case = compare("a", &model, "b", &merged);
        assert_eq!(case.pieces.unwrap().first_in_place, Some(1.0));
        let unigram = tokenizers(&bpe, &golden.join("unigram.model")).unwrap();
        assert!(unigram.pieces.unwrap().first_in_place < Some(0.1));
    }

    #[test]
    fn a_folder_without_a_tokenizer_is_told() {
        let empty = tempfile::tempdir().unwrap();
        let error = tokenizers(empty.path(), empty.path()).unwrap_err().to_string();
        assert!(error.ends_with("holds no tokenizer that is read"), "{error}");
    }

    #[test]
    fn pieces_of_characters_are_of_no_script() {
        assert_eq!(script(" the".as_bytes()), "Latin");
        assert_eq!(script("족보".as_bytes()), "Hangul");
        assert_eq!((script(&[0xec]), script(b" 12")), ("partial", "common"));
    }
}
