//! What publishers say, what was disclosed, which duties follow, and what policies make of it.

use super::markup::{badge, code, component, escaped, list, quotation, said, table};
use super::page::{headed, paragraph, part};
use super::words::{Label, Words};
use crate::audit::{WHOLE, side_by_side};
use crate::schema::audit::{Audit, Claim, Disclosure, Duty, Licence, Policy, Publisher};

pub(crate) fn section(audit: &Audit, words: &dyn Words) -> String {
    let mut inside = part(words, Label::Policies, &policies(&audit.policies, words));
    inside.push_str(&part(words, Label::Disclosures, &disclosures(&audit.disclosures, words)));
    let not_given: Vec<String> = audit.not_given.iter().map(|c| cited(c, words)).collect();
    inside.push_str(&part(words, Label::NotGiven, &list(&not_given)));
    let licences: String = audit.licences.iter().map(|one| licence(one, words)).collect();
    if !licences.is_empty() {
        let note = paragraph(&escaped(words.label(Label::NoLegalAdvice)));
        inside.push_str(&part(words, Label::Licences, &(note + &licences)));
    }
    let claims: String = audit.publishers.iter().map(|one| publisher(one, words)).collect();
    inside.push_str(&part(words, Label::Claims, &claims));
    headed("audit", &escaped(words.label(Label::AuditTitle)), &inside)
}

/// Where and what: a file, a line, and its words.
fn cited(claim: &Claim, words: &dyn Words) -> String {
    let key = claim.key.as_ref().map_or(String::new(), |key| format!(" {}", code(key)));
    format!("{}{key}: {}", place(&words.place(&claim.file, claim.line)), quotation(&claim.quote))
}

/// `LICENSE line 1` in other words.
fn in_file(text: &str, words: &dyn Words) -> String {
    let found = text.rsplit_once(" line ").and_then(|(file, n)| Some((file, n.parse().ok()?)));
    found.map_or_else(|| text.to_owned(), |(file, line)| words.place(file, Some(line)))
}

fn place(text: &str) -> String {
    format!("<span class=\"place\">{}</span>", escaped(text))
}

fn policies(policies: &[Policy], words: &dyn Words) -> String {
    if policies.is_empty() {
        return String::new();
    }
    let rows = side_by_side(policies);
    let mut head = vec![words.label(Label::Component)];
    head.extend(policies.iter().map(|policy| words.both(&policy.title)));
    let outcome = |word: &str| match word {
        "-" => "–".to_owned(),
        word => badge(word, words.outcome(word)),
    };
    let last = rows.len().saturating_sub(1);
    let body: Vec<Vec<String>> = rows
        .iter()
        .enumerate()
        .skip(1)
        .map(|(k, row)| {
            let first = match row[0].as_str() {
                _ if k == last => escaped(words.label(Label::Outcome)),
                WHOLE => escaped(words.label(Label::WholeModel)),
                name => component(words, name),
            };
            let cells = row.iter().skip(1).map(|word| outcome(&word.replace(' ', "-")));
            std::iter::once(first).chain(cells).collect()
        })
        .collect();
    let table = table(words.label(Label::PoliciesSideBySide), &head, &body, &[]);
    table + &policies.iter().map(|one| policy(one, words)).collect::<String>()
}

fn policy(policy: &Policy, words: &dyn Words) -> String {
    let rules: String = policy
        .rules
        .iter()
        .map(|rule| {
            let source = rule.source.as_ref().map_or(String::new(), |source| {
                let label = escaped(words.label(Label::Source));
                let source = escaped(words.both(source));
                format!("<p class=\"small\">{label}: <cite>{source}</cite></p>")
            });
            let grounds: Vec<String> =
                rule.grounds.iter().map(|ground| escaped(&words.ground(ground))).collect();
            format!(
                "<li>{} {}{source}\n{}</li>\n",
                badge(&rule.outcome, words.outcome(&rule.outcome)),
                escaped(words.both(&rule.says)),
                list(&grounds)
            )
        })
        .collect();
    format!(
        "<h4>{} {} {}</h4>\n<p>{} <span class=\"small\">{} {}, {} {}</span></p>\n\
         <ul class=\"rules\">\n{rules}</ul>\n",
        escaped(words.both(&policy.title)),
        code(&policy.id),
        badge(&policy.outcome, words.outcome(&policy.outcome)),
        escaped(words.both(&policy.about)),
        escaped(words.label(Label::Version)),
        escaped(&policy.version),
        escaped(words.label(Label::Rules)),
        policy.rules.len(),
    )
}

/// What was declared of what was found; rows where neither is are left out.
fn disclosures(rows: &[Disclosure], words: &dyn Words) -> String {
    let rows: Vec<Vec<String>> = rows
        .iter()
        .filter(|row| row.status != "nothing-declared")
        .map(|row| {
            let cited: Vec<String> =
                row.named.iter().chain(&row.own).map(|claim| cited(claim, words)).collect();
            vec![
                component(words, &row.component),
                code(&row.reference),
                badge(&row.status, words.status(&row.status)),
                format!("{}{}", escaped(&words.disclosure(row)), list(&cited)),
            ]
        })
        .collect();
    if rows.is_empty() {
        return paragraph(&escaped(words.label(Label::NothingToDisclose)));
    }
    let head = [Label::Component, Label::Reference, Label::Standing, Label::Why];
    table(words.label(Label::Disclosures), &head.map(|label| words.label(label)), &rows, &[])
}

fn licence(one: &Licence, words: &dyn Words) -> String {
    let title = match (&one.declared, &one.title) {
        (_, Some(title)) => format!("<span lang=\"en\">{}</span>", escaped(title)),
        (Some(declared), None) => code(&declared.value),
        (None, None) => escaped(words.label(Label::NoLicenceNamed)),
    };
    let of: Vec<String> = one.components.iter().map(|name| component(words, name)).collect();
    let mut out = format!("<h4>{}: {title}</h4>\n<p>{}", code(&one.reference), of.join(", "));
    if let Some(declared) = &one.declared {
        out.push_str(&format!(" · {}", cited(declared, words)));
    }
    out.push_str("</p>\n");
    if one.declared.is_some() && one.title.is_none() {
        let label = if one.is_spdx { Label::LicenceWithoutDuties } else { Label::LicenceUnknown };
        out.push_str(&paragraph(&escaped(words.label(label))));
    }
    if one.duties.is_empty() {
        return out;
    }
    let head = [Label::Duty, Label::Clause, Label::Standing, Label::Place];
    let row = |duty: &Duty| {
        vec![
            escaped(words.duty(duty)),
            format!("<span lang=\"en\">{}</span>", escaped(&duty.clause)),
            badge(&duty.standing, words.outcome(&duty.standing)),
            duty.place.as_ref().map_or_else(|| "–".to_owned(), |at| place(&in_file(at, words))),
        ]
    };
    let rows: Vec<Vec<String>> = one.duties.iter().map(row).collect();
    out + &table(words.label(Label::Licences), &head.map(|label| words.label(label)), &rows, &[])
}

/// Claims of one publisher. What only says something beside a finding is in the JSON report.
fn publisher(one: &Publisher, words: &dyn Words) -> String {
    let tells =
        |claim: &&Claim| !["tag", "dataset", "model-type"].contains(&claim.subject.as_str());
    let rows: Vec<Vec<String>> = one
        .claims
        .iter()
        .filter(tells)
        .map(|claim| {
            vec![
                escaped(words.subject(&claim.subject)),
                place(&words.place(&claim.file, claim.line)),
                quotation(&claim.quote),
            ]
        })
        .collect();
    let mut out = format!("<h4>{}</h4>\n", code(&one.model));
    if !one.looked {
        out.push_str(&paragraph(&escaped(words.label(Label::NotLooked))));
    } else if rows.is_empty() && one.silences.is_empty() {
        out.push_str(&paragraph(&escaped(words.label(Label::NothingSaid))));
    }
    if !rows.is_empty() {
        let head = [Label::Subject, Label::Place, Label::Quotation].map(|label| words.label(label));
        let caption = format!("{}: {}", words.label(Label::Claims), one.model);
        out.push_str(&table(&caption, &head, &rows, &[]));
    }
    let silences: Vec<String> = one.silences.iter().map(|text| said(&words.prose(text))).collect();
    out + &list(&silences)
}
