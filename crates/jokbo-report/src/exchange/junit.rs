//! JUnit XML, for build servers: one suite of verdicts, and one for each policy.

use std::fmt::Write as _;

use super::{looks, reference, sentence};
use crate::json::printable;
use crate::schema::Report;
use crate::schema::audit::Policy;
use crate::words::audit as said;

/// One case of a suite.
struct Case {
    name: String,
    outcome: Outcome,
    text: String,
}

enum Outcome {
    Passed,
    Failed,
    Skipped,
}

/// The report as JUnit XML with a final newline.
///
/// A verdict is no failure and passes whatever it says; what could not be settled is skipped. A rule
/// of a policy that is not met fails, and one that cannot be told is skipped.
pub fn junit(report: &Report) -> String {
    let report = &printable(report);
    let verdicts = looks(report).map(|component| Case {
        name: format!("{} against {}", component.component, reference(report, component)),
        outcome: match component.verdict.as_str() {
            "inconclusive" | "not-comparable" => Outcome::Skipped,
            _ => Outcome::Passed,
        },
        text: sentence(report, component),
    });
    let mut out =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"jokbo\">\n".to_owned();
    suite(&mut out, "verdicts", &verdicts.collect::<Vec<_>>());
    for policy in report.audit.iter().flat_map(|audit| &audit.policies) {
        suite(&mut out, &format!("policy {}", policy.id), &rules(policy));
    }
    out.push_str("</testsuites>\n");
    out
}

fn rules(policy: &Policy) -> Vec<Case> {
    let case = |rule: &crate::schema::audit::Rule| Case {
        name: rule.id.clone(),
        outcome: match rule.outcome.as_str() {
            "met" => Outcome::Passed,
            "not-met" => Outcome::Failed,
            _ => Outcome::Skipped,
        },
        text: std::iter::once(rule.says.en.clone())
            .chain(rule.grounds.iter().map(said::ground))
            .collect::<Vec<_>>()
            .join("\n"),
    };
    policy.rules.iter().map(case).collect()
}

fn suite(out: &mut String, name: &str, cases: &[Case]) {
    let count = |wanted: fn(&Outcome) -> bool| cases.iter().filter(|c| wanted(&c.outcome)).count();
    let failed = count(|outcome| matches!(outcome, Outcome::Failed));
    let skipped = count(|outcome| matches!(outcome, Outcome::Skipped));
    let _ = writeln!(
        out,
        "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{failed}\" errors=\"0\" skipped=\"{skipped}\">",
        escaped(name),
        cases.len()
    );
    for case in cases {
        let text = escaped(&case.text);
        let first = escaped(case.text.lines().next().unwrap_or_default());
        let inner = match case.outcome {
            Outcome::Passed => format!("<system-out>{text}</system-out>"),
            Outcome::Failed => format!("<failure message=\"{first}\">{text}</failure>"),
            Outcome::Skipped => {
                format!("<skipped message=\"{first}\"/><system-out>{text}</system-out>")
            }
        };
        let _ = writeln!(
            out,
            "    <testcase classname=\"{}\" name=\"{}\">{inner}</testcase>",
            escaped(name),
            escaped(&case.name)
        );
    }
    out.push_str("  </testsuite>\n");
}

/// Text with what XML reads as structure made plain; what XML 1.0 cannot hold (its section 2.2) is
/// left out, and the contract has shown it as an escape already.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            c if c < ' ' || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => out.push(c),
        }
    }
    out
}
