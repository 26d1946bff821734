//! Every sentence a reader may see, in one file.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::schema::{
    Alignment, Component, Cost, File, FoundByContent, HeadMap, Interval, LayerMatch, Model,
    NotTested, Report, TokenRows,
};

mod architecture;
pub(crate) mod audit;
pub(crate) mod family;
mod panel;
mod relation;
pub(crate) mod verification;

pub(crate) use architecture::architecture;
pub(crate) use panel::{kinship, nothing_in};
pub(crate) use relation::{direction, expert_map, relation};

pub(crate) const NORM_COSINE_NULL: &str = "0.94 to 0.99 between unrelated models";
pub(crate) const DEPTH_CURVE_NULL: &str = "up to 0.91 between unrelated models";
pub(crate) const FORMULA_NULL: &str = "1.00 between unrelated models too";
pub(crate) const NOTHING_PAIRED: &str = "nothing could be paired with the reference";
pub(crate) const NO_TEST: &str = "no exact test applies to what both models hold";
pub(crate) const NO_MATRIX: &str = "no pair of learned matrices with a finite, varying content";
pub(crate) const NO_UNITS: &str = "no paired tensor has units that may be renumbered";
pub(crate) const NO_PARAMETERS: &str = "the component holds no parameters";
pub(crate) const NO_POWER: &str = "too few units to reach the level, whatever the relation";

pub(crate) const NOT_READ: &str = "not read";

/// The commit that a checkpoint was read at, as the end of a list.
pub(crate) fn commit(model: &Model) -> String {
    model.commit.as_ref().map_or(String::new(), |commit| format!(", commit {commit}"))
}

/// A file's digest, and how it is known when it was not computed here.
pub(crate) fn digest(file: &File) -> (&str, &'static str) {
    match (&file.sha256, &file.digest) {
        (Some(sha256), None) => (sha256, ""),
        (Some(sha256), Some(_)) => (sha256, ", as published and not recomputed"),
        (None, _) => ("no digest: not read whole", ""),
    }
}

/// Whether a verdict says that ancestry is shared.
pub(crate) fn is_finding(verdict: &str) -> bool {
    ["identical", "derived", "partly-derived"].contains(&verdict)
}

/// What the whole comparison cost.
pub(crate) fn cost(report: &Report) -> String {
    let Cost { bytes_read, bytes_stored } = report.cost;
    if report.components.iter().any(|c| c.sampling.is_some()) {
        return format!(
            "A seeded sample was read: {}. Every figure is of the sample, and every p pays for all \
             looks at growing samples.",
            of_bytes(report.cost)
        );
    }
    match bytes_stored.saturating_sub(bytes_read) {
        0 if report.references.is_empty() => {
            format!("Read all {} bytes of both.", count(bytes_stored))
        }
        0 => format!("Read all {} bytes of all models.", count(bytes_stored)),
        _ => format!("Read {}.", of_bytes(report.cost)),
    }
}

/// What the columns of a plan mean.
pub(crate) fn plan(reading: &str) -> &'static str {
    match reading {
        "sampled" => {
            "No weight was read. At least: when the first look settles every verdict. At most: when \
             all looks are needed. A tensor that turns out to follow a formula is replaced by \
             another."
        }
        _ => "No weight was read. Every byte would be.",
    }
}

fn of_bytes(cost: Cost) -> String {
    let share = if cost.bytes_stored == 0 {
        0.0
    } else {
        number(cost.bytes_read) / number(cost.bytes_stored)
    };
    format!("{} of {} bytes, {}", count(cost.bytes_read), count(cost.bytes_stored), few(share))
}

#[allow(clippy::cast_precision_loss, reason = "a share is shown with three digits")]
fn number(n: u64) -> f64 {
    n as f64
}

/// A small share with two digits behind the point.
fn few(share: f64) -> String {
    if (0.001..0.1).contains(&share) { format!("{:.2} %", share * 100.0) } else { percent(share) }
}

/// What was read of a sampled component, and why no more.
pub(crate) fn sampled(component: &Component) -> Option<String> {
    let sampling = component.sampling.as_ref()?;
    let looks =
        if sampling.looks == 1 { "1 look".to_owned() } else { format!("{} looks", sampling.looks) };
    let why = match sampling.stopped.as_str() {
        "settled" => "which settled the verdict",
        "exhausted" => "which drew all that the tests may draw from",
        "budget" => "and the next would have cost more bytes than may be read",
        _ => "all there are",
    };
    let mut text = format!("Sampled: {}; {looks}, {why}", of_bytes(component.cost));
    if let Some(cosine) = sampling.cosine {
        let _ = write!(text, "; cosine of the sample {}", interval(cosine));
    }
    text.push('.');
    Some(text)
}

/// Why a formula proves nothing, with the share of stored values that are equal.
pub(crate) fn formula_why(equal_share: Option<f64>) -> String {
    let begin = "the tensor is computed, not learned";
    match equal_share {
        Some(share) => format!("{begin}; {} of its stored values are equal", percent(share)),
        None => begin.to_owned(),
    }
}

/// Why the cosine of norm weights proves nothing, with the correlation that shows it.
pub(crate) fn norm_cosine_why(pearson: Option<f64>, weights: u64) -> String {
    let begin = "norm weights are mostly positive and near a common mean, so unrelated models look \
                 alike by this figure";
    match pearson {
        Some(r) => {
            format!(
                "{begin}; with each tensor's mean removed the {} weights correlate at {r:.3}",
                count(weights)
            )
        }
        None => format!("{begin}; one side is constant, so no correlation is defined"),
    }
}

/// Why two curves over depth prove nothing.
pub(crate) fn depth_curve_why(layers: u64) -> String {
    format!(
        "the spread of weights changes smoothly with depth in most networks, so that curves over {} \
         layers correlate between unrelated models too",
        count(layers)
    )
}

/// `derived` as a sentence reads it: `partly derived`, `no evidence`.
pub(crate) fn verdict(word: &str) -> String {
    word.replace('-', " ")
}

/// The reference that a component was held against, where there are several.
pub(crate) fn reference(component: &Component) -> &str {
    component.reference.as_deref().unwrap_or("the reference")
}

/// What the verdict says, in one sentence.
pub(crate) fn headline(component: &Component, reference: &str) -> String {
    match component.verdict.as_str() {
        "identical" => format!("holds the same weights as {reference}"),
        "derived" => format!("shares weight ancestry with {reference}"),
        "partly-derived" => format!("shares weight ancestry with {reference} in some sections"),
        "no-evidence" => format!("no sign of shared weight ancestry with {reference}"),
        "inconclusive" => format!("cannot be settled from what it and {reference} both hold"),
        _ => format!("{reference} holds nothing to test it against"),
    }
}

/// What the ancestry word adds, for a finding.
pub(crate) fn ancestry(word: &str) -> Option<&'static str> {
    match word {
        "checkpoint" => Some(
            "a checkpoint was passed on, unless both were trained only briefly from one random start",
        ),
        "checkpoint-or-initialisation" => Some(
            "a shared checkpoint, or only a shared random initialisation: these weights cannot tell",
        ),
        _ => None,
    }
}

/// What would have been found.
pub(crate) fn power(component: &Component) -> String {
    let cosine =
        component.power.aligned_cosine.map(|c| format!("an aligned cosine of {}", small(c)));
    let share =
        component.power.units_share.map(|share| format!("{} of the units copied", percent(share)));
    let mut text = match (cosine, share) {
        (Some(cosine), Some(share)) => format!("{cosine}, or {share}, would have been found"),
        (Some(one), None) | (None, Some(one)) => format!("{one} would have been found"),
        (None, None) => "nothing could have been found at this level: too few units".to_owned(),
    };
    let hidden = component.power.hidden.iter();
    let hidden: Vec<String> =
        hidden.map(|h| format!("{} by {}", small(h.aligned_cosine), h.rung)).collect();
    if !hidden.is_empty() {
        let _ = write!(text, "; if it was hidden, a cosine of {}", hidden.join(", "));
    }
    text
}

/// What had to be undone: `residual stream rotated, units kept, read along token-embedding …`.
pub(crate) fn alignment(a: &Alignment) -> String {
    let mut text = format!("residual stream {}, hidden units {}", a.residual, a.units);
    if let Some(table) = &a.anchors {
        let _ = write!(text, ", read along {table}");
    }
    if let Some(cosine) = a.cosine {
        let _ = write!(text, "; cosine of units with their partners {}", interval(cosine));
    }
    if let Some(share) = a.agreeing_share {
        let _ = write!(text, "; {} of matched units agree", percent(share));
        if let Some(control) = a.control_share {
            let _ = write!(text, ", at most {} between control layers", percent(control));
        }
    }
    let moved = a.layers.iter().any(|(mine, theirs)| mine != theirs);
    if moved {
        let entry = |&(suspect, reference): &(u32, u32)| LayerMatch {
            stack: String::new(),
            suspect,
            reference,
            log10_p: 0.0,
        };
        let map: Vec<LayerMatch> = a.layers.iter().map(entry).collect();
        let _ = write!(text, "; layers {}", layer_map(&map).unwrap_or_default());
    }
    text
}

/// `p ≤ 10^-12`, rounded up, the way a reader meets it.
pub(crate) fn p_value(log10_p: Option<f64>) -> String {
    match log10_p {
        None => "not tested".to_owned(),
        Some(p) if -2.0 < p => format!("p ≤ {:.2}", (10f64.powf(p) * 100.0).ceil() / 100.0),
        Some(p) if -4.0 < p => format!("p ≤ {:.4}", (10f64.powf(p) * 1e4).ceil() / 1e4),
        Some(p) => format!("p ≤ 10^{:.0}", p.ceil()),
    }
}

/// Layers of one stack that follow one another in both models: first and last, suspect and
/// reference.
struct Run<'a> {
    stack: &'a str,
    suspect: (u32, u32),
    reference: (u32, u32),
}

/// Runs of the layer map: `0-11 from 0-11, 24-47 from 8-31`. `None` when it is empty.
pub(crate) fn layer_map(map: &[LayerMatch]) -> Option<String> {
    let mut runs: Vec<Run<'_>> = Vec::new();
    for m in map {
        match runs.last_mut() {
            Some(run)
                if run.stack == m.stack
                    && run.suspect.1 + 1 == m.suspect
                    && run.reference.1 + 1 == m.reference =>
            {
                (run.suspect.1, run.reference.1) = (m.suspect, m.reference);
            }
            _ => runs.push(Run {
                stack: &m.stack,
                suspect: (m.suspect, m.suspect),
                reference: (m.reference, m.reference),
            }),
        }
    }
    let span = |(from, to): (u32, u32)| {
        if from == to { from.to_string() } else { format!("{from}-{to}") }
    };
    let words = |run: &Run<'_>| {
        let stack = if run.stack.is_empty() { String::new() } else { format!("{} ", run.stack) };
        format!("{stack}{} from {}", span(run.suspect), span(run.reference))
    };
    (!runs.is_empty()).then(|| runs.iter().map(words).collect::<Vec<_>>().join(", "))
}

/// How heads of attention answer to each other.
pub(crate) fn heads(map: HeadMap) -> String {
    let HeadMap { heads, agreeing, own_number } = map;
    let under = match agreeing - own_number.min(agreeing) {
        0 => "under their own numbers".to_owned(),
        other => format!("{} of them under another number", count(other)),
    };
    format!(
        "{} of {} find one partner by queries and keys and by values and outputs alike, {under}",
        count(agreeing),
        count(heads)
    )
}

/// `38 tensors that no name places, 36 with their axes in another order: a is b, …`. `None` when
/// there is none.
pub(crate) fn found_by_content(found: &[FoundByContent]) -> Option<String> {
    const SHOWN: usize = 2;
    let reordered = found.iter().filter(|f| f.reordered).count();
    let mut text = match found.len() {
        0 => return None,
        1 => "1 tensor that no name places".to_owned(),
        n => format!("{n} tensors that no name places"),
    };
    if reordered != 0 {
        let _ = write!(text, ", {reordered} with the axes in another order");
    }
    let pairs = found.iter().take(SHOWN).map(|f| format!("{} is {}", f.tensor, f.reference));
    let more = if SHOWN < found.len() { ", …" } else { "" };
    let _ = write!(text, " ({}{more})", pairs.collect::<Vec<_>>().join(", "));
    Some(text)
}

/// Tensors that were not tested, gathered by reason: reason, names, parameters; most first.
pub(crate) fn not_tested(list: &[NotTested]) -> Vec<(String, String, u64)> {
    let row = |(why, names, n): (&str, Vec<&str>, u64)| (why.to_owned(), some_of(&names), n);
    gathered(list).into_iter().map(row).collect()
}

/// The same, with all names.
pub(crate) fn gathered(list: &[NotTested]) -> Vec<(&str, Vec<&str>, u64)> {
    let mut by_reason: BTreeMap<&str, (Vec<&str>, u64)> = BTreeMap::new();
    for item in list {
        let (tensors, parameters) = by_reason.entry(&item.why).or_default();
        tensors.push(&item.tensor);
        *parameters += item.parameters;
    }
    let row = |(why, (names, parameters))| (why, names, parameters);
    let mut rows: Vec<(&str, Vec<&str>, u64)> = by_reason.into_iter().map(row).collect();
    rows.sort_by(|a, b| b.2.cmp(&a.2).then_with(|| a.0.cmp(b.0)));
    rows
}

/// The first few names, and how many more there are.
fn some_of(names: &[&str]) -> String {
    const SHOWN: usize = 3;
    let shown = names.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// `1 parameter`, `1,024 parameters`.
pub(crate) fn parameters(n: u64) -> String {
    if n == 1 { "1 parameter".to_owned() } else { format!("{} parameters", count(n)) }
}

/// A cosine with as many digits as tell it from 0 and 1.
pub(crate) fn small(x: f64) -> String {
    let text = if (0.9995..0.999_999_5).contains(&x.abs()) {
        format!("{x:.6}")
    } else {
        format!("{x:.3}")
    };
    if text == "-0.000" { "0.000".to_owned() } else { text }
}

/// A share as a percentage.
pub(crate) fn percent(share: f64) -> String {
    match share * 100.0 {
        0.0 => "0 %".to_owned(),
        x if x < 0.001 => "< 0.001 %".to_owned(),
        x if x < 0.1 => format!("{x:.3} %"),
        // Rounded down: not all is never printed as all.
        x if (99.95..100.0).contains(&x) => format!("{:.4} %", (x * 1e4).floor() / 1e4),
        x => format!("{x:.1} %"),
    }
}

/// A value and its interval, or the value alone where the interval is too narrow to show.
pub(crate) fn interval(interval: Interval) -> String {
    let [value, low, high] = [interval.value, interval.low, interval.high].map(small);
    if value == low && value == high { value } else { format!("{value} [{low}, {high}]") }
}

/// Breaks text at `width` columns. The first line begins with `first`, every other with `rest`.
/// A number stays on one line with its sign: `45.9 %`, `p ≤ 0.10`.
pub(crate) fn wrap(text: &str, first: &str, rest: &str, width: usize) -> String {
    let mut words: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match words.last_mut() {
            Some(last) if word.starts_with('%') || last.ends_with('≤') || word == "≤" => {
                last.push(' ');
                last.push_str(word);
            }
            _ => words.push(word.to_owned()),
        }
    }
    let length = |text: &str| text.chars().count();
    let mut lines = vec![first.to_owned()];
    let mut is_empty = true;
    for word in words {
        if let Some(line) = lines.last_mut() {
            if is_empty || length(line) + 1 + length(&word) <= width {
                line.push_str(if is_empty { "" } else { " " });
                line.push_str(&word);
            } else {
                lines.push(format!("{rest}{word}"));
            }
            is_empty = false;
        }
    }
    lines.join("\n")
}

/// Whether a terminal would obey a character rather than show it: controls, and marks that turn
/// the direction of text.
pub(crate) fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Text with every character that a terminal would obey rather than show as an escape.
pub fn printable(text: &str) -> String {
    text.chars()
        .map(|c| if is_unprintable(c) { c.escape_unicode().to_string() } else { c.to_string() })
        .collect()
}

/// How rows were lined up.
pub(crate) fn token_rows(rows: &TokenRows) -> String {
    format!(
        "the tokenizers number their tokens differently, so rows were lined up by token: {} of the \
         {} in the suspect's table, those of tokens that both have",
        count(rows.shared),
        count(rows.suspect)
    )
}

/// The text with a capital.
pub(crate) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string());
    first.map_or(String::new(), |first| format!("{first}{}", chars.as_str()))
}

/// A count with its thousands apart.
pub(crate) fn count(n: u64) -> String {
    let digits = n.to_string();
    let groups: Vec<&str> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .map(|group| std::str::from_utf8(group).unwrap_or_default())
        .collect();
    groups.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_numbers() {
        assert_eq!((count(7).as_str(), count(1_234_567).as_str()), ("7", "1,234,567"));
        assert_eq!(percent(0.5), "50.0 %");
        assert_eq!(percent(0.999_999), "99.9999 %");
        assert_eq!(percent(1.0), "100.0 %");
        assert_eq!(percent(0.999_999_999), "99.9999 %");
        assert_eq!(percent(0.000_41), "0.041 %");
        assert_eq!(percent(1e-9), "< 0.001 %");
        assert_eq!(p_value(Some(-1234.5)), "p ≤ 10^-1234");
        assert_eq!(p_value(Some(0.0)), "p ≤ 1.00");
        assert_eq!(p_value(Some(-1.0)), "p ≤ 0.10");
        assert_eq!(p_value(Some(-3.0)), "p ≤ 0.0010");
        assert_eq!(small(0.999_951), "0.999951");
    }

    #[test]
    fn text_breaks_between_words_and_never_before_a_percent_sign() {
        assert_eq!(wrap("one two three", "- ", "  ", 9), "- one two\n  three");
        assert_eq!(wrap("of 45.9 % p ≤ 0.10", "", "", 8), "of\n45.9 %\np ≤ 0.10");
        assert_eq!(wrap("longer-than-a-line so", "  ", "  ", 6), "  longer-than-a-line\n  so");
        assert_eq!(wrap("", "  ", "  ", 6), "  ");
    }

    #[test]
    fn an_interval_too_narrow_to_show_is_left_out() {
        let of = |value, low, high| interval(Interval { value, low, high });
        assert_eq!(of(1.0, 1.0, 1.0), "1.000");
        assert_eq!(of(0.5, 0.4, 0.6), "0.500 [0.400, 0.600]");
    }

    #[test]
    fn heads_say_how_many_answer_and_under_which_number() {
        let said = |agreeing, own_number| heads(HeadMap { heads: 32, agreeing, own_number });
        assert_eq!(
            said(30, 30),
            "30 of 32 find one partner by queries and keys and by values and outputs alike, under \
             their own numbers"
        );
        assert!(said(32, 1).ends_with("alike, 31 of them under another number"));
    }

    #[test]
    fn a_layer_map_reads_as_runs() {
        let at = |suspect, reference| LayerMatch {
            stack: String::new(),
            suspect,
            reference,
            log10_p: -9.0,
        };
        let map = [at(0, 0), at(1, 1), at(2, 1), at(3, 2)];
        assert_eq!(layer_map(&map).as_deref(), Some("0-1 from 0-1, 2-3 from 1-2"));
        assert_eq!(layer_map(&[]), None);
    }
}
