//! What is said of claims, disclosure, licences and policies.

use crate::schema::audit::{Claim, Disclosure, Duty, Ground, Licence};

/// Outcomes and standings with a space for the hyphen: `not met`.
pub(crate) fn plain(word: &str) -> String {
    word.replace('-', " ")
}

/// Where and what: `README.md line 12: "…"`.
pub(crate) fn quote(claim: &Claim) -> String {
    let place = match (claim.line, &claim.key) {
        (Some(line), _) => format!("{} line {line}", claim.file),
        (None, Some(key)) => format!("{} `{key}`", claim.file),
        (None, None) => claim.file.clone(),
    };
    format!("{place}: \u{201c}{}\u{201d}", claim.quote)
}

/// What a claim is on.
pub(crate) fn subject(subject: &str) -> &'static str {
    match subject {
        "base-model" => "base model",
        "base-model-relation" => "relation to the base model",
        "licence" => "licence",
        "licence-name" => "name of the licence",
        "licence-link" => "text of the licence",
        "tag" => "tag",
        "dataset" => "data set",
        "from-scratch" => "claim of own weights",
        "not-from-scratch" => "denial of own weights",
        "named-origin" => "origin named by a program",
        "model-type" => "kind of network",
        "name" => "name",
        "licence-text" => "licence beside the weights",
        _ => "claim",
    }
}

/// Whether declared and found agree, in a sentence.
pub(crate) fn disclosure(row: &Disclosure) -> String {
    let reference = &row.reference;
    let first = |subject: &str| row.named.iter().find(|claim| claim.subject == subject).map(quote);
    let declared = || first("declared").unwrap_or_default();
    match row.status.as_str() {
        "disclosed" => {
            format!("shares weight ancestry with {reference}, as declared in {}", declared())
        }
        "named-only" => format!(
            "shares weight ancestry with {reference}, which is named without a phrase that says \
             what for, in {}: a person must read it",
            first("mentioned").unwrap_or_default()
        ),
        "contradicted" => {
            let own = first("denied").or_else(|| row.own.first().map(quote)).unwrap_or_default();
            format!("shares weight ancestry with {reference}, against {own}")
        }
        "undisclosed" => match first("trace") {
            Some(trace) => format!(
                "shares weight ancestry with {reference}; no card or notice says so, and only a \
                 program left a trace in {trace}"
            ),
            None => format!(
                "shares weight ancestry with {reference}; nothing beside the weights says so"
            ),
        },
        "not-looked" => format!(
            "shares weight ancestry with {reference}; whether that is declared could not be seen"
        ),
        "declared-not-found" => format!(
            "no shared ancestry with {reference} was found, though {} declares it",
            declared()
        ),
        "declared-not-tested" => format!(
            "declared to come from {reference} in {}, which could not be tested",
            declared()
        ),
        _ => format!("nothing found against {reference}, and nothing declared"),
    }
}

/// A licence of an ancestor, in a sentence.
pub(crate) fn licence(one: &Licence) -> String {
    let components = one.components.join(", ");
    let reference = &one.reference;
    let begin = format!("{components} from {reference}");
    match (&one.declared, &one.title) {
        (None, _) => format!("{begin}: nobody says beside its weights what it is licensed under"),
        (Some(declared), None) if one.is_spdx => format!(
            "{begin}: `{}`, an SPDX licence whose duties the table does not hold ({})",
            declared.value,
            quote(declared)
        ),
        (Some(declared), None) => format!(
            "{begin}: `{}`, which the table does not know ({})",
            declared.value,
            quote(declared)
        ),
        (Some(declared), Some(title)) => format!("{begin}: {title} ({})", quote(declared)),
    }
}

/// A duty and how it stands.
pub(crate) fn duty(duty: &Duty) -> String {
    let clause = match duty.clause.as_str() {
        "" => String::new(),
        clause => format!(" (clause {clause})"),
    };
    let place = duty.place.as_ref().map_or(String::new(), |place| format!(", {place}"));
    format!("{}{place}: {}{clause}", plain(&duty.standing), duty.says.trim_end_matches('.'))
}

/// A ground of an outcome, in a sentence.
pub(crate) fn ground(ground: &Ground) -> String {
    let component = ground.component.as_deref().unwrap_or("the model");
    let reference = ground.reference.as_deref().unwrap_or("the references");
    let n = ground.duties.unwrap_or(0);
    let duties = if n == 1 { "1 duty".to_owned() } else { format!("{n} duties") };
    match ground.why.as_str() {
        "shares-ancestry" => format!("{component} shares weight ancestry with {reference}"),
        "may-share-a-start" => format!(
            "{component} shares a checkpoint with {reference}, or only the random start of both"
        ),
        "nothing-found" => format!("{component}: no dependence on {reference} was found"),
        "unsettled" => format!("{component} against {reference} could not be settled"),
        "not-compared" => format!("{component}: no reference holds anything to compare it with"),
        "tested-too-little" => {
            format!("{component}: too little of it could be tested against {reference}")
        }
        "no-such-component" => "there is no such component".to_owned(),
        "disclosed" => format!("{component}: ancestry shared with {reference} is declared"),
        "named-only" => {
            format!("{component}: {reference} is named, and a person must read what for")
        }
        "undisclosed" => format!("{component}: ancestry shared with {reference} is not declared"),
        "contradicted" => {
            format!("{component}: the contrary of ancestry shared with {reference} is declared")
        }
        "not-looked" => format!("{component}: no folder to look for a declaration in"),
        "nothing-inherited" => "nothing was found that asks for it".to_owned(),
        "no-licence" => format!("nobody says what {reference} is licensed under"),
        "unknown-licence" => format!("the licence of {reference} is not in the table"),
        "duties-met" => format!("{duties} of {reference}'s licence met"),
        "duties-not-met" => format!("{duties} of {reference}'s licence not met"),
        "duties-open" => format!("{duties} of {reference}'s licence for a person to look at"),
        "free-licence" => format!("{reference}'s licence limits no use"),
        "limited-licence" => format!("{reference}'s licence limits use in {n} ways"),
        _ => "weights and papers cannot answer: a person must".to_owned(),
    }
}
