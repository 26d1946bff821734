//! What it takes to make a stored report again: a plan, where the report says enough, and else the
//! line that a person types.

use jokbo_audit::{Plan, Reading};
use jokbo_report::Report;

/// Options of which the report alone does not say enough: models that it does not hold, and words of
/// whoever made it on what tensors are; and a device, whose last digits another one need not repeat.
const NOT_TAKEN: [&str; 5] = ["--map", "--parent", "--base", "--component-ref", "--device"];

/// The plan of the comparison behind `report`, or why there is none, as a sentence.
pub(super) fn plan(report: &Report) -> Result<Plan, String> {
    if !(0.0 < report.level && report.level < 1.0) {
        return Err(format!("The figures: a level lies between 0 and 1, not at {}.", report.level));
    }
    let (mut components, mut most_bytes, mut is_full) = (Vec::new(), None, false);
    // What was read for want of an option is seen from what came out.
    let mut is_sampled = report.components.iter().any(|component| component.sampling.is_some());
    for option in &report.options {
        match option.split_once('=').unwrap_or((option, "")) {
            ("--component", name) => components.push(name.to_owned()),
            ("--sampled", "") => is_sampled = true,
            ("--full", "") => is_full = true,
            ("--max-bytes", bytes) if bytes.parse::<u64>().is_ok() => {
                (is_sampled, most_bytes) = (true, bytes.parse().ok());
            }
            (name, _) if NOT_TAKEN.contains(&name) => {
                return Err(format!(
                    "The figures: they were made with {name}, which is not taken from a report; \
                     the line below makes the report again."
                ));
            }
            _ => {
                return Err(format!(
                    "The figures: they were made with `{option}`, which is not known here."
                ));
            }
        }
    }
    let reading = match is_sampled && !is_full {
        true => Reading::Sampled { most_bytes },
        false => Reading::Full,
    };
    Ok(Plan { level: report.level, seed: report.seed, components, reading, ..Plan::default() })
}

/// The line that makes `report` again, for a shell; `None` where it holds an option that is not known
/// here, which a reader should not be handed.
pub(super) fn line(report: &Report) -> Option<String> {
    let known = ["--component", "--sampled", "--full", "--max-bytes"];
    let name = |option: &str| option.split('=').next().map(str::to_owned);
    let is_known = |option: &String| {
        name(option).is_some_and(|name| known.iter().chain(&NOT_TAKEN).any(|known| *known == name))
    };
    if !report.options.iter().all(is_known) {
        return None;
    }
    let mut words: Vec<String> = vec!["jokbo".to_owned()];
    let mut sources = report.models().map(|model| model.source.clone());
    let suspect = sources.next()?;
    // A reference for one component alone is named by its option, and was opened for it.
    let for_one = |source: &String| {
        let ends = |option: &String| {
            option.starts_with("--component-ref=") && option.ends_with(&format!("={source}"))
        };
        report.options.iter().any(ends)
    };
    let references = sources.filter(|source| !for_one(source));
    let mut last = vec![suspect];
    match &report.audit {
        Some(audit) => {
            words.push("audit".to_owned());
            words.extend(references.map(|source| format!("--against={source}")));
            words.extend(audit.policies.iter().map(|policy| format!("--policy={}", policy.id)));
        }
        None => {
            words.push("compare".to_owned());
            last.extend(references);
        }
    }
    words.extend(report.options.iter().cloned());
    words.extend([format!("--level={}", report.level), format!("--seed={}", report.seed)]);
    words.extend(["--format=json".to_owned(), "--".to_owned()]);
    words.extend(last);
    Some(words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" "))
}

/// A word that a shell takes for itself, whatever is in it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@,+".contains(c);
    match !word.is_empty() && !word.starts_with('=') && word.chars().all(plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_is_handed_words_and_no_commands() {
        assert_eq!(quoted("--map=a.b=vision-encoder:x"), "--map=a.b=vision-encoder:x");
        assert_eq!(quoted("a; rm -r b"), "'a; rm -r b'");
        assert_eq!(quoted("it's $(x)"), "'it'\\''s $(x)'");
        assert_eq!(quoted(""), "''");
        assert_eq!(quoted("~x"), "'~x'");
    }
}
