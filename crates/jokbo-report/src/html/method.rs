//! How to redo it: level, seed, rules, digests, the command; and what was odd or left unmeasured.

use super::component::not_measured;
use super::markup::{code, escaped, list, quotation, said, sortable, table};
use super::page::{headed, paragraph, part, references};
use super::words::{Label, Words};
use crate::schema::{File, NotMeasured, Report};
use crate::words as shown;

pub(crate) fn sections(report: &Report, words: &dyn Words) -> String {
    let mut inside = String::new();
    if let Some(architecture) = &report.architecture {
        let text = escaped(&words.architecture(architecture));
        inside.push_str(&part(words, Label::Architecture, &paragraph(&text)));
    }
    if let Some(tokenizer) = &report.tokenizer {
        let text = escaped(&words.tokenizer(tokenizer));
        inside.push_str(&part(words, Label::Tokenizers, &paragraph(&text)));
    }
    inside.push_str(&part(words, Label::Oddities, &oddities(report, words)));
    let wholes: Vec<&NotMeasured> =
        report.not_measured.iter().filter(|n| n.component.is_empty()).collect();
    inside.push_str(&not_measured(&wholes, words));
    inside.push_str(&settings(report, words));
    inside.push_str(&paragraph(&escaped(&words.cost(report))));
    let redo = format!("<pre tabindex=\"0\"><code>{}</code></pre>\n", escaped(&command(report)));
    inside.push_str(&part(words, Label::Redo, &redo));
    inside.push_str(&part(words, Label::Files, &files(report, words)));
    headed("method", &escaped(words.label(Label::Method)), &inside)
}

/// Oddities name files and what is odd in them: they are quoted as they are in the report.
fn oddities(report: &Report, words: &dyn Words) -> String {
    let items: Vec<String> = report
        .oddities
        .iter()
        .map(|text| match words.prose(text) {
            super::words::Said::Own(text) => said(&super::words::Said::Own(text)),
            super::words::Said::English(text) => quotation(&text),
        })
        .collect();
    list(&items)
}

fn settings(report: &Report, words: &dyn Words) -> String {
    let rows = [
        (Label::Program, format!("{} {}", report.tool.name, report.tool.version)),
        (Label::RulesVersion, report.tool.rules.clone()),
        (Label::Level, format!("{:e}", report.level)),
        (Label::Seed, report.seed.to_string()),
        (Label::Schema, report.schema.clone()),
    ];
    let rows: Vec<Vec<String>> = rows
        .into_iter()
        .map(|(label, value)| vec![escaped(words.label(label)), code(&value)])
        .collect();
    let head = [words.label(Label::What), words.label(Label::Value)];
    table(words.label(Label::Method), &head, &rows, &[])
}

/// The command whose report this is.
fn command(report: &Report) -> String {
    let options = || report.options.iter().map(String::as_str);
    // What was asked of one component alone is among the options.
    let of_one: Vec<&str> = options()
        .filter_map(|option| option.strip_prefix("--component-ref=")?.split_once('='))
        .map(|(_, reference)| reference)
        .collect();
    let references = references(report).into_iter().filter(|source| !of_one.contains(source));
    let references: Vec<String> = references.map(quoted).collect();
    let suspect = quoted(&report.suspect.source);
    let mut words = match &report.audit {
        Some(_) => vec!["jokbo audit".to_owned(), suspect],
        None => vec!["jokbo compare".to_owned(), suspect],
    };
    if report.audit.is_some() && !references.is_empty() {
        words.push("--against".to_owned());
    }
    words.extend(references);
    for policy in report.audit.iter().flat_map(|audit| &audit.policies) {
        words.push(format!("--policy {}", quoted(&policy.id)));
    }
    words.extend(options().map(quoted));
    words.push(format!("--level {:e} --seed {}", report.level, report.seed));
    words.join(" ")
}

/// A word of a command line as a POSIX shell reads it.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./:@+,=".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

fn files(report: &Report, words: &dyn Words) -> String {
    let digest = |file: &File| match (&file.sha256, &file.digest) {
        (Some(sha256), None) => code(sha256),
        (Some(sha256), Some(_)) => {
            format!("{} {}", code(sha256), escaped(words.label(Label::Published)))
        }
        (None, _) => escaped(words.label(Label::NoDigest)),
    };
    let rows: Vec<Vec<String>> = report
        .models()
        .flat_map(|model| model.files.iter().map(move |file| (model, file)))
        .map(|(model, file)| {
            let name = format!("{} {}", code(&model.source), code(&file.path));
            vec![name, shown::count(file.bytes), digest(file)]
        })
        .collect();
    let head = [Label::File, Label::Bytes, Label::Digest].map(|label| words.label(label));
    sortable(words.label(Label::Files), &head, &rows, &[1])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_of_the_command_stays_one_word() {
        assert_eq!([quoted("a/b-1.0"), quoted("a b"), quoted("")], ["a/b-1.0", "'a b'", "''"]);
        assert_eq!(quoted("it's; rm"), "'it'\\''s; rm'");
    }
}
