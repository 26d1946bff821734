//! Two tokenizers side by side, in JSON, text and Markdown.

use std::fmt::Write as _;

use comfy_table::{CellAlignment, Table, presets};
use jokbo_verdict::{TokenizerCase, TokenizerRelation, tokenizer_relation};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::inspection::push_table;
use crate::json::printable;
use crate::markdown::{escaped, table};
use crate::schema::NotMeasured;
use crate::text::WIDTH;
use crate::words;

/// What `tokenizers` shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TokenizersReport {
    /// Always `jokbo/tokenizers/v1`.
    pub schema: String,
    /// The suspect's tokenizer.
    pub suspect: TokenizerSide,
    /// The reference's.
    pub reference: TokenizerSide,
    /// `same`, `re-exported`, `renumbered`, `extended`, `cut`, `related`, `trained-separately` or
    /// `not-said`.
    pub relation: String,
    /// The relation in one sentence.
    pub sentence: String,
    /// The figures behind it.
    pub figures: Vec<Figure>,
    /// Share of learned tokens by script, largest first.
    pub scripts: Vec<ScriptShare>,
}

/// Both tokenizers, as a comparison of weights shows them. No verdict rests on it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TokenizerSection {
    /// The suspect's tokenizer.
    pub suspect: TokenizerSide,
    /// The reference's.
    pub reference: TokenizerSide,
    /// As in the report of `tokenizers`.
    pub relation: String,
    /// The relation in one sentence.
    pub sentence: String,
    /// Learned tokens of both.
    pub shared_tokens: u64,
    /// The figures behind the relation.
    pub figures: Vec<Figure>,
}

/// One tokenizer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TokenizerSide {
    /// What the user named.
    pub source: String,
    /// The file it was read from.
    pub file: String,
    /// The form of that file.
    pub format: String,
    /// How it writes tokens.
    pub notation: String,
    /// All tokens.
    pub tokens: u64,
    /// Special, unused and single-byte ones among them.
    pub special: u64,
    /// Merges.
    pub merges: u64,
}

/// One figure beside what unrelated vocabularies show.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Figure {
    /// What it is.
    pub figure: String,
    /// Its value; absent when it is undefined.
    pub value: Option<f64>,
    /// The largest between separately trained public vocabularies, where that was measured.
    pub unrelated: Option<f64>,
}

/// How much of either vocabulary is written in one script.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ScriptShare {
    /// Its Unicode name; `partial` are pieces of a character, `common` signs of all scripts.
    pub script: String,
    /// Share of the suspect's learned tokens, in `[0, 1]`.
    pub suspect: f64,
    /// Share of the reference's.
    pub reference: f64,
}

impl From<&TokenizerCase> for TokenizerSection {
    fn from(case: &TokenizerCase) -> Self {
        let TokenizersReport { suspect, reference, relation, sentence, figures, .. } =
            TokenizersReport::from(case);
        let shared_tokens = case.overlap.shared;
        Self { suspect, reference, relation, sentence, shared_tokens, figures }
    }
}

/// Both tokenizers in one paragraph, with the reasons why rows of tokens were not lined up.
pub(crate) fn paragraph(section: &TokenizerSection, missing: &[NotMeasured]) -> String {
    let rows = missing.iter().filter(|missing| missing.what == "token_rows");
    let rows: String = rows
        .map(|missing| match missing.component.as_str() {
            "" => format!(" {}.", words::capital(&missing.why)),
            component => format!(" Of {component}: {}.", missing.why),
        })
        .collect();
    let sizes = match (section.suspect.tokens, section.reference.tokens) {
        (a, b) if a == b => format!("Both have {} tokens", words::count(a)),
        (a, b) => format!(
            "The suspect has {} tokens and the reference {}",
            words::count(a),
            words::count(b)
        ),
    };
    let mut figures = section.figures.iter().filter_map(|figure| {
        let (value, most) = (figure.value?, figure.unrelated?);
        Some(format!(
            "{} {} (unrelated: up to {})",
            figure.figure,
            words::small(value),
            words::small(most)
        ))
    });
    let figures: Vec<String> = figures.by_ref().take(MAIN).collect();
    let figures = match figures.len() {
        0 => String::new(),
        _ => format!(" {}.", words::capital(&figures.join(", "))),
    };
    format!(
        "{}. {sizes}; {} learned tokens are shared.{figures} A shared tokenizer is never evidence that \
         weights are shared.{rows}",
        section.sentence,
        words::count(section.shared_tokens)
    )
}

/// The figures that a paragraph shows: the first, which tells related vocabularies from others, and
/// those that are quoted.
const MAIN: usize = 3;

impl From<&TokenizerCase> for TokenizersReport {
    fn from(case: &TokenizerCase) -> Self {
        let relation = tokenizer_relation(case);
        let side = |info: &jokbo_verdict::TokenizerInfo| TokenizerSide {
            source: info.source.clone(),
            file: info.file.clone(),
            format: info.format.clone(),
            notation: info.notation.clone(),
            tokens: info.tokens,
            special: info.special,
            merges: info.merges,
        };
        let script = |s: &jokbo_verdict::Script| ScriptShare {
            script: s.name.clone(),
            suspect: s.suspect,
            reference: s.reference,
        };
        Self {
            schema: "jokbo/tokenizers/v1".to_owned(),
            suspect: side(&case.suspect),
            reference: side(&case.reference),
            relation: relation.word().to_owned(),
            sentence: sentence(relation),
            figures: figures(case),
            scripts: case.scripts.iter().map(script).collect(),
        }
    }
}

/// The relation in words.
fn sentence(relation: TokenizerRelation) -> String {
    let n = words::count;
    match relation {
        TokenizerRelation::Same => "the two are the same tokenizer".to_owned(),
        TokenizerRelation::ReExported => {
            "the same tokens under the same ids, written in another form".to_owned()
        }
        TokenizerRelation::Renumbered => "the same tokens under other ids".to_owned(),
        TokenizerRelation::Extended { by } => {
            format!("the reference's tokens under their ids, extended by {}", n(by))
        }
        TokenizerRelation::Cut { by } => {
            format!("the reference's tokens under their ids, cut by {}", n(by))
        }
        TokenizerRelation::Related { added, dropped } => format!(
            "one was changed into the other, or both grew from a third: {} tokens only in the \
             suspect, {} only in the reference",
            n(added),
            n(dropped)
        ),
        TokenizerRelation::TrainedSeparately => {
            "trained separately: what they share is what similar text gives".to_owned()
        }
        TokenizerRelation::NotSaid => "too few tokens in common to say".to_owned(),
    }
}

/// The figures, each with the largest value between separately trained vocabularies
/// (`bench/runs/2026-11-25-tokenizers`).
fn figures(case: &TokenizerCase) -> Vec<Figure> {
    let overlap = &case.overlap;
    let figure =
        |figure: &str, value, unrelated| Figure { figure: figure.to_owned(), value, unrelated };
    let (merges, pieces) = (case.merges.as_ref(), case.pieces.as_ref());
    vec![
        figure("neighbours kept", overlap.neighbours, Some(NEIGHBOURS)),
        figure("rank correlation of ids", overlap.order, Some(ORDER)),
        figure("shared tokens (Jaccard)", overlap.jaccard, Some(JACCARD)),
        figure("smaller contained in larger", overlap.containment, Some(CONTAINMENT)),
        figure("contained at equal size", overlap.matched_containment, Some(MATCHED)),
        figure("ids kept", overlap.kept, Some(KEPT)),
        figure("ids shifted by one amount", overlap.shift.map(|s| s.share), Some(SHIFTED)),
        figure("first merges in place", merges.and_then(|m| m.first_in_place), Some(FIRST_MERGES)),
        figure("shared merges", merges.and_then(|m| m.containment), Some(MERGES)),
        figure("first learned in place", pieces.and_then(|p| p.first_in_place), Some(LEARNED)),
        figure("rank correlation of merges", merges.and_then(|m| m.order), Some(MERGE_ORDER)),
    ]
}

const NEIGHBOURS: f64 = 0.023;
const ORDER: f64 = 0.966;
const JACCARD: f64 = 0.537;
const CONTAINMENT: f64 = 0.917;
const MATCHED: f64 = 0.735;
const KEPT: f64 = 0.012;
const SHIFTED: f64 = 0.011;
const FIRST_MERGES: f64 = 0.017;
const LEARNED: f64 = 0.017;
const MERGES: f64 = 0.819;
const MERGE_ORDER: f64 = 0.974;

/// The comparison for a terminal.
pub fn tokenizers_text(report: &TokenizersReport) -> String {
    let report = &printable(report);
    let mut out = String::new();
    for (side, t) in [("suspect", &report.suspect), ("reference", &report.reference)] {
        let _ = writeln!(out, "{side:<10} {}", describe(t));
    }
    let headline = format!("{}: {}.", words::verdict(&report.relation), report.sentence);
    let _ = writeln!(out, "\n{}\n", words::wrap(&headline, "", "  ", WIDTH));
    push_table(&mut out, laid_out(&figure_rows(report)));
    push_table(&mut out, laid_out(&script_rows(report)));
    let _ = writeln!(out, "{}", words::wrap(CLOSING, "", "", WIDTH));
    out
}

/// The comparison in Markdown.
pub fn tokenizers_markdown(report: &TokenizersReport) -> String {
    let report = &printable(report);
    let mut out = format!(
        "# Tokenizers of {} and {}\n\n**{}**: {}.\n\n",
        escaped(&report.suspect.source),
        escaped(&report.reference.source),
        words::verdict(&report.relation),
        report.sentence
    );
    for (side, t) in [("suspect", &report.suspect), ("reference", &report.reference)] {
        let _ = writeln!(out, "- {side}: {}", escaped(&describe(t)));
    }
    let _ = write!(
        out,
        "\n{}\n{}\n{CLOSING}\n",
        table(&figure_rows(report)),
        table(&script_rows(report))
    );
    out
}

const CLOSING: &str = "Unrelated: the largest value between separately trained public \
                       vocabularies. A shared tokenizer is a convention or a tool, and never \
                       evidence that weights are shared.";

fn describe(t: &TokenizerSide) -> String {
    format!(
        "{} ({}, {}, {} tokens, {} of them special, {} merges)",
        t.source,
        t.format,
        t.notation,
        words::count(t.tokens),
        words::count(t.special),
        words::count(t.merges)
    )
}

fn figure_rows(report: &TokenizersReport) -> Vec<[String; 3]> {
    let shown = |value: Option<f64>| value.map_or("-".to_owned(), words::small);
    let mut rows = vec![["figure", "value", "unrelated"].map(str::to_owned)];
    rows.extend(report.figures.iter().map(|f| {
        let most =
            f.unrelated.map_or("-".to_owned(), |most| format!("up to {}", words::small(most)));
        [f.figure.clone(), shown(f.value), most]
    }));
    rows
}

fn script_rows(report: &TokenizersReport) -> Vec<[String; 3]> {
    let mut rows = vec![["script", "suspect", "reference"].map(str::to_owned)];
    rows.extend(
        report
            .scripts
            .iter()
            .map(|s| [s.script.clone(), words::percent(s.suspect), words::percent(s.reference)]),
    );
    rows
}

fn laid_out(rows: &[[String; 3]]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    for row in rows {
        table.add_row(row);
    }
    for column in [1, 2] {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}
