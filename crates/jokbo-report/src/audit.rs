//! What follows from the evidence, for a terminal and in Markdown: the same lines in both.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use comfy_table::{Table, presets};

use crate::inspection::push_table;
use crate::markdown::{self, escaped};
use crate::schema::audit::{Audit, Claim, Licence, Policy, Publisher};
use crate::text::WIDTH;
use crate::words::{self, audit as said};

/// Claims of one publisher that are shown; the JSON report holds all.
const SHOWN: usize = 12;

/// What stands for the whole in a table of components.
pub(crate) const WHOLE: &str = "the model as a whole";

/// A heading with lines below it; those that begin with two spaces belong to the one before.
struct Section {
    title: String,
    lines: Vec<String>,
}

/// For a terminal.
pub(crate) fn text(out: &mut String, audit: &Audit) {
    for section in sections(audit) {
        let _ = writeln!(out, "{}", section.title);
        for line in &section.lines {
            let _ = writeln!(out, "{}", wrapped(line));
        }
        out.push('\n');
    }
    if !audit.policies.is_empty() {
        out.push_str("Policies\n");
        let mut table = Table::new();
        let rows = side_by_side(&audit.policies);
        table.load_style(presets::NOTHING).set_header(rows[0].clone());
        for row in &rows[1..] {
            table.add_row(row.clone());
        }
        push_table(out, table);
        for policy in &audit.policies {
            let _ = writeln!(out, "{}", headline(policy));
            for line in rules(policy) {
                let _ = writeln!(out, "{}", wrapped(&line));
            }
            out.push('\n');
        }
    }
}

/// A line two columns in, and four where it belongs to the one before.
fn wrapped(line: &str) -> String {
    let (first, rest) = if line.starts_with("  ") { ("    ", "      ") } else { ("  ", "    ") };
    words::wrap(line, first, rest, WIDTH)
}

/// In Markdown.
pub(crate) fn markdown(out: &mut String, audit: &Audit) {
    for section in sections(audit) {
        markdown::section(
            out,
            &escaped(&section.title),
            section.lines.iter().map(|l| escaped(l.trim())),
        );
    }
    if audit.policies.is_empty() {
        return;
    }
    let rows = side_by_side(&audit.policies);
    let _ = write!(out, "\n## Policies\n\n");
    for (k, row) in rows.iter().enumerate() {
        let cells: Vec<String> = row.iter().map(|cell| escaped(cell)).collect();
        let _ = writeln!(out, "| {} |", cells.join(" | "));
        if k == 0 {
            let _ = writeln!(out, "|{}", "---|".repeat(row.len()));
        }
    }
    for policy in &audit.policies {
        let _ = write!(out, "\n### {}\n\n", escaped(&headline(policy)));
        for line in rules(policy) {
            let indent = if line.starts_with("  ") { "  " } else { "" };
            let _ = writeln!(out, "{indent}- {}", escaped(line.trim()));
        }
    }
}

fn sections(audit: &Audit) -> Vec<Section> {
    let mut all: Vec<Section> = audit.publishers.iter().map(publisher).collect();
    let disclosures = audit.disclosures.iter().filter(|row| row.status != "nothing-declared");
    let lines: Vec<String> = disclosures
        .map(|row| {
            format!("{}, {}: {}", row.component, said::plain(&row.status), said::disclosure(row))
        })
        .collect();
    let nothing = || {
        vec!["Nothing was found that asks for a declaration, and nothing that was declared is missing.".to_owned()]
    };
    let title = "Disclosure (what was declared of what was found)".to_owned();
    all.push(Section { title, lines: if lines.is_empty() { nothing() } else { lines } });
    if !audit.not_given.is_empty() {
        let title = "Declared, and not among the references: not checked".to_owned();
        all.push(Section { title, lines: audit.not_given.iter().map(said::quote).collect() });
    }
    if !audit.licences.is_empty() {
        let title = "Licences of ancestors (what their texts ask; no legal advice)".to_owned();
        all.push(Section { title, lines: audit.licences.iter().flat_map(licence).collect() });
    }
    all
}

fn publisher(one: &Publisher) -> Section {
    // What a configuration says of the kind of network says something only beside a finding.
    let tells =
        |claim: &&Claim| !["tag", "dataset", "model-type"].contains(&claim.subject.as_str());
    let claims: Vec<&Claim> = one.claims.iter().filter(tells).collect();
    let shown = claims.iter().take(SHOWN);
    let mut lines: Vec<String> = shown
        .map(|claim| {
            words::capital(&format!("{}, {}", said::subject(&claim.subject), said::quote(claim)))
        })
        .collect();
    if let Some(more) = claims.len().checked_sub(SHOWN).filter(|more| 0 < *more) {
        lines.push(format!("{more} more in the JSON report."));
    }
    lines.extend(one.silences.iter().map(|silence| format!("{}.", words::capital(silence))));
    Section { title: format!("What is said of {}", one.model), lines }
}

fn licence(one: &Licence) -> Vec<String> {
    let mut lines = vec![said::licence(one)];
    lines.extend(one.duties.iter().map(|duty| format!("  {}", said::duty(duty))));
    lines
}

fn headline(policy: &Policy) -> String {
    let outcome = said::plain(&policy.outcome);
    format!("{} ({}, version {}): {outcome}", policy.title.en, policy.id, policy.version)
}

fn rules(policy: &Policy) -> Vec<String> {
    let mut lines = vec![policy.about.en.clone()];
    for rule in &policy.rules {
        let source =
            rule.source.as_ref().map_or(String::new(), |source| format!(" [{}]", source.en));
        let outcome = words::capital(&said::plain(&rule.outcome));
        lines.push(format!("{outcome}: {}{source}", rule.says.en));
        lines.extend(rule.grounds.iter().map(|ground| format!("  {}", said::ground(ground))));
    }
    lines
}

/// Every policy a column, every component a row: the worst that any rule says of it. The last row is
/// of the whole.
pub(crate) fn side_by_side(policies: &[Policy]) -> Vec<Vec<String>> {
    let of_whole = WHOLE;
    let mut names: Vec<&str> = Vec::new();
    let grounds =
        || policies.iter().flat_map(|policy| &policy.rules).flat_map(|rule| &rule.grounds);
    for name in grounds().filter_map(|ground| ground.component.as_deref()).chain([of_whole]) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.retain(|name| *name != of_whole);
    names.push(of_whole);
    let worst: Vec<BTreeMap<&str, &str>> = policies
        .iter()
        .map(|policy| {
            let mut worst: BTreeMap<&str, &str> = BTreeMap::new();
            for ground in policy.rules.iter().flat_map(|rule| &rule.grounds) {
                let at =
                    worst.entry(ground.component.as_deref().unwrap_or(of_whole)).or_insert("met");
                if severity(at) < severity(&ground.outcome) {
                    *at = &ground.outcome;
                }
            }
            worst
        })
        .collect();
    let row = |first: &str, cell: &dyn Fn(usize) -> String| {
        let cells = (0..policies.len()).map(cell);
        std::iter::once(first.to_owned()).chain(cells).collect::<Vec<String>>()
    };
    let mut rows = vec![row("", &|k| policies[k].id.clone())];
    rows.extend(names.iter().map(|name| {
        row(name, &|k| worst[k].get(name).map_or("-".to_owned(), |word| said::plain(word)))
    }));
    rows.push(row("outcome", &|k| said::plain(&policies[k].outcome)));
    rows
}

fn severity(outcome: &str) -> usize {
    ["met", "cannot-tell", "not-met"].iter().position(|word| *word == outcome).unwrap_or(1)
}
