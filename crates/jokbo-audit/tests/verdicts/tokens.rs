//! Tables of tokens whose rows stand in another order, because the tokenizers number them otherwise.

use jokbo_audit::{Opened, Plan, compare};
use jokbo_formats::tokenizer::{Tokenizer, tokenizer_from_memory};
use jokbo_statistics::seed::Draws;
use jokbo_verdict::{Case, Grade, grade};

use crate::kept::Checked;
use crate::model::Model;

/// The words `w0`, `w1`, … under these ids.
fn tokenizer(words: &[usize]) -> Tokenizer {
    let tokens = words.iter().enumerate().map(|(id, word)| format!("\"▁w{word}\":{id}"));
    let text = format!("{{{}}}", tokens.collect::<Vec<_>>().join(","));
    tokenizer_from_memory("vocab.json", &[("vocab.json".to_owned(), text.into_bytes())]).unwrap()
}

/// The words `0 .. n` in an order of their own.
fn shuffled(n: usize, seed: u64) -> Vec<usize> {
    let mut draws = Draws::new(seed, "vocabulary");
    let mut words: Vec<usize> = (0..n).collect();
    for k in (1..n).rev() {
        words.swap(k, draws.below(k as u64 + 1) as usize);
    }
    words
}

/// The model with the rows of its tables in the order of `words`; a word that the table lacks gets
/// zeros.
fn renumbered(mut model: Model, words: &[usize]) -> Model {
    for tensor in &mut model.tensors {
        if !["embed_tokens", "lm_head"].iter().any(|name| tensor.name.contains(name)) {
            continue;
        }
        let d = tensor.shape[1];
        let row = |word: &usize| tensor.values.chunks(d).nth(*word).map(<[f32]>::to_vec);
        tensor.values = words.iter().flat_map(|w| row(w).unwrap_or(vec![0.0; d])).collect();
        tensor.shape[0] = words.len();
    }
    model
}

fn case(suspect: Opened, ours: &[usize], reference: Opened, theirs: &[usize]) -> Case {
    let (suspect, reference) =
        (suspect.carrying(tokenizer(ours)), reference.carrying(tokenizer(theirs)));
    compare(&suspect, &reference, &Plan::default(), &Checked).unwrap()
}

#[track_caller]
fn tables(case: &Case, want: Grade) {
    for verdict in grade(case) {
        if ["token-embedding", "output-head"].contains(&verdict.component.as_str()) {
            assert_eq!(verdict.grade, want, "{}: {verdict:#?}", verdict.component);
        }
    }
}

const WORDS: usize = 600;

fn base(seed: u64) -> Model {
    Model::new(seed).vocabulary(WORDS).language("", 1, 48, 64)
}

#[test]
fn a_renumbered_vocabulary_is_found_by_token() {
    let straight: Vec<usize> = (0..WORDS).collect();
    let order = shuffled(WORDS, 7);
    let parent = base(1);
    let child = renumbered(base(1).noised(0.2, 2), &order);
    // Without tokenizers nothing says which rows answer to one another.
    let blind = compare(&child.open(), &parent.open(), &Plan::default(), &Checked).unwrap();
    tables(&blind, Grade::NoEvidence);
    let seen = case(child.open(), &order, parent.open(), &straight);
    tables(&seen, Grade::Derived);
    let table = seen.exhibits.iter().find(|e| e.component == "token-embedding").unwrap();
    let rows = table.token_rows.unwrap();
    assert_eq!((rows.shared, rows.suspect), (600, 600));
    let cosine = table.values.unwrap().cosine.unwrap();
    assert!((0.97..0.99).contains(&cosine), "{cosine}");
    // Copied to the last value, it is still not the same table.
    let copy = renumbered(base(1), &order);
    tables(&case(copy.open(), &order, parent.open(), &straight), Grade::Derived);
    // Whoever says that rows were renumbered where they were not hides nothing.
    let seen = case(base(1).noised(0.2, 2).open(), &order, parent.open(), &straight);
    tables(&seen, Grade::Derived);
}

#[test]
fn only_rows_of_shared_tokens_are_compared() {
    let straight: Vec<usize> = (0..WORDS).collect();
    // A hundred words gone, fifty new ones, and the rest in another order; then rows of no token.
    let mut order: Vec<usize> = shuffled(WORDS, 3).into_iter().filter(|w| 100 <= *w).collect();
    order.extend(WORDS..WORDS + 50);
    let mut padded = order.clone();
    padded.extend([WORDS + 900; 14]);
    let child = renumbered(base(1).noised(0.2, 2), &padded);
    let seen = case(child.open(), &order, base(1).open(), &straight);
    tables(&seen, Grade::Derived);
    let table = seen.exhibits.iter().find(|e| e.component == "token-embedding").unwrap();
    let rows = table.token_rows.unwrap();
    assert_eq!((rows.shared, rows.suspect), (500, 564));
    assert_eq!(table.coverage.tested, 500 * 48);
    let left: u64 = table.coverage.not_tested.iter().map(|u| u.parameters).sum();
    assert_eq!(table.coverage.tested + left, table.parameters);
    // The whole model is as large as it was.
    assert_eq!(seen.suspect.parameters, child.open().parameters());
}

#[test]
fn strangers_stay_strangers_in_any_order() {
    let straight: Vec<usize> = (0..WORDS).collect();
    let order = shuffled(WORDS, 9);
    let seen = case(base(1).open(), &order, base(2).open(), &straight);
    tables(&seen, Grade::NoEvidence);
    assert!(seen.exhibits.iter().any(|e| e.token_rows.is_some()));
    let kept = case(base(1).open(), &straight, base(2).open(), &straight);
    assert!(kept.exhibits.iter().all(|e| e.token_rows.is_none()));
}

#[test]
fn between_strangers_a_small_p_by_token_is_as_rare_as_it_says() {
    let n = 64;
    let straight: Vec<usize> = (0..n).collect();
    let draws = 300;
    let ps: Vec<f64> = (0..draws)
        .map(|seed| {
            let of = |seed| Model::new(seed).vocabulary(n).language("", 1, 24, 16).open();
            let suspect = of(2 * seed).carrying(tokenizer(&shuffled(n, seed)));
            let reference = of(2 * seed + 1).carrying(tokenizer(&straight));
            let components = vec!["token-embedding".to_owned()];
            let plan = Plan { components, ..Plan::default() };
            let seen = compare(&suspect, &reference, &plan, &Checked).unwrap();
            let table = seen.exhibits.iter().find(|e| e.component == "token-embedding").unwrap();
            assert!(table.token_rows.is_some());
            let test = table.tests.iter().find(|t| t.name == "residual-coordinates");
            let test = test.unwrap_or_else(|| panic!("{table:#?}"));
            test.log10_p
        })
        .collect();
    // Every p was doubled, for the look by id that came before.
    for level in [0.1f64, 0.2, 0.5] {
        let most = level.log10() + 2f64.log10();
        let share = ps.iter().filter(|p| **p <= most.min(-1e-9)).count() as f64 / draws as f64;
        let slack = 4.0 * (level * (1.0 - level) / draws as f64).sqrt();
        assert!((share - level).abs() <= slack, "{share} at {level}");
    }
}

#[test]
fn a_table_that_cannot_be_lined_up_says_why() {
    let straight: Vec<usize> = (0..WORDS).collect();
    let order = shuffled(WORDS, 7);
    // Fewer rows than the tokenizer has tokens.
    let few = Model::new(1).vocabulary(WORDS - 1).language("", 1, 48, 64);
    let seen = case(few.open(), &order, base(1).open(), &straight);
    let table = seen.exhibits.iter().find(|e| e.component == "token-embedding").unwrap();
    assert_eq!(table.token_rows, None);
    let why = table.not_measured.iter().find(|n| n.what == "token_rows").unwrap().why.as_str();
    assert!(why.ends_with("it has fewer rows than there are tokens"), "{why}");
}
