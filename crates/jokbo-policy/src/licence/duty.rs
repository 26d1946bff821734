//! One duty held against what lies beside the suspect's weights.

use jokbo_claims::{Paper, Place, Subject, Text};

use super::{Duty, DutyKind, Licence, licence};
use crate::Party;

/// A duty, and how it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owed {
    /// The duty.
    pub duty: &'static Duty,
    /// How it stands.
    pub standing: Standing,
    /// Where it is met, or what stands against it.
    pub place: Option<Place>,
}

/// How a duty stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// What it asks lies beside the weights.
    Met,
    /// It must lie beside the weights, and does not.
    NotMet,
    /// It was not seen beside the weights, and may be met elsewhere.
    NotSeen,
    /// No file can answer.
    Human,
}

impl Standing {
    /// The word used in every report.
    pub fn word(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::NotMet => "not-met",
            Self::NotSeen => "not-seen",
            Self::Human => "needs-a-human",
        }
    }
}

/// Licences that set no limit on use, so that what forbids one cannot be passed on under them.
const FREE: [&str; 4] = ["apache-2.0", "mit", "bsd-3-clause", "cc-by-4.0"];

/// Every duty of `licence`, held against what lies beside the weights of `party`.
pub(super) fn owed(licence: &'static Licence, party: &Party) -> Vec<Owed> {
    let one = |duty: &'static Duty| {
        let (standing, place) =
            if party.looked { standing(duty, licence, party) } else { (Standing::NotSeen, None) };
        Owed { duty, standing, place }
    };
    licence.duties.iter().map(one).collect()
}

fn standing(duty: &Duty, licence: &Licence, party: &Party) -> (Standing, Option<Place>) {
    let or = |place: Option<Place>, otherwise| match place {
        Some(place) => (Standing::Met, Some(place)),
        None => (otherwise, None),
    };
    match duty.kind {
        DutyKind::LicenceCopy => or(copy(licence, party), Standing::NotMet),
        DutyKind::Notice if !duty.text.is_empty() => {
            or(shown(&duty.text, &party.said.texts), Standing::NotMet)
        }
        DutyKind::Naming if !duty.text.is_empty() => {
            or(shown(&duty.text, &party.said.texts), Standing::NotSeen)
        }
        DutyKind::DerivativeNaming => named(&duty.begins, party),
        DutyKind::ShareAlike => alike(licence, party),
        DutyKind::NonCommercial => free(party),
        _ => (Standing::Human, None),
    }
}

/// Where the text of the licence lies.
fn copy(licence: &Licence, party: &Party) -> Option<Place> {
    let texts = party.said.of(Subject::LicenceText);
    let mut texts = texts.filter(|claim| licence.names.contains(&claim.value));
    texts.next().map(|claim| claim.place.clone())
}

/// Where one of `wanted` stands, without regard to case or space.
fn shown(wanted: &[String], texts: &[Text]) -> Option<Place> {
    let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    let wanted: Vec<String> = wanted.iter().map(|text| plain(text)).collect();
    // A licence quotes what it asks for: that is not showing it.
    let mut lines = texts.iter().filter(|text| text.kind != Paper::Licence).flat_map(|text| {
        text.lines.iter().enumerate().map(move |(k, line)| (&text.file, k, plain(line)))
    });
    let (file, line, _) =
        lines.find(|(.., line)| wanted.iter().any(|text| line.contains(text.as_str())))?;
    Some(Place { file: file.clone(), line: Some(line as u64 + 1), key: None })
}

/// Whether the suspect's name begins as it must. A folder may be called anything, so only the name of
/// a repository, or one that the weights carry, can miss it.
fn named(begins: &[String], party: &Party) -> (Standing, Option<Place>) {
    let own = party.names().own;
    let bare = |name: &String| name.rsplit('/').next().unwrap_or(name).to_lowercase();
    let right =
        |name: &String| begins.iter().any(|start| bare(name).starts_with(&start.to_lowercase()));
    let is_public = party.source.starts_with("hf://");
    match (own.iter().any(right), is_public) {
        (true, _) => (Standing::Met, None),
        (false, true) => (Standing::NotMet, None),
        (false, false) => (Standing::NotSeen, None),
    }
}

/// Whether the suspect is under the same licence.
fn alike(own: &Licence, party: &Party) -> (Standing, Option<Place>) {
    let declared = party.licences();
    let Some(first) = declared.first() else { return (Standing::NotSeen, None) };
    let same = declared.iter().find(|claim| own.names.contains(&claim.value.to_lowercase()));
    match same {
        Some(claim) => (Standing::Met, Some(claim.place.clone())),
        None => (Standing::NotMet, Some(first.place.clone())),
    }
}

/// Whether the suspect is offered under a licence that knows no such limit.
fn free(party: &Party) -> (Standing, Option<Place>) {
    let declared = party.licences();
    let known = declared.iter().find(|claim| {
        licence(&claim.value).is_some_and(|licence| FREE.contains(&licence.id.as_str()))
    });
    match known {
        Some(claim) => (Standing::NotMet, Some(claim.place.clone())),
        None => (Standing::Human, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jokbo_claims::{Shipped, read};

    fn party(source: &str, papers: &[(&str, &str)]) -> Party {
        let papers = papers.iter().map(|(file, text)| (*file, text.as_bytes())).collect();
        let said = read(&Shipped { papers, ..Shipped::default() });
        Party { source: source.to_owned(), said, looked: true, ..Party::default() }
    }

    #[track_caller]
    fn stands(id: &str, kind: DutyKind, party: &Party, want: Standing) {
        let owed = owed(licence(id).unwrap(), party);
        let one = owed.iter().find(|owed| owed.duty.kind == kind).unwrap();
        assert_eq!(one.standing, want, "{}", one.duty.says);
    }

    #[test]
    fn a_copy_a_notice_and_a_name_are_looked_for_beside_the_weights() {
        let bare = party("hf://maker/model-7b", &[("README.md", "A model.")]);
        stands("llama3.1", DutyKind::LicenceCopy, &bare, Standing::NotMet);
        stands("llama3.1", DutyKind::Notice, &bare, Standing::NotMet);
        stands("llama3.1", DutyKind::Naming, &bare, Standing::NotSeen);
        stands("llama3.1", DutyKind::DerivativeNaming, &bare, Standing::NotMet);
        stands("llama3.1", DutyKind::UserThreshold, &bare, Standing::Human);
        let notice = "Llama 3.1 is licensed under the Llama 3.1 Community License, Copyright";
        let kept = party(
            "hf://maker/Llama-7b",
            &[
                ("LICENSE", "LLAMA 3.1 COMMUNITY LICENSE AGREEMENT"),
                ("NOTICE", notice),
                ("README.md", "built  with llama"),
            ],
        );
        for kind in
            [DutyKind::LicenceCopy, DutyKind::Notice, DutyKind::Naming, DutyKind::DerivativeNaming]
        {
            stands("llama3.1", kind, &kept, Standing::Met);
        }
    }

    #[test]
    fn a_licence_that_quotes_the_notice_does_not_show_it() {
        let notice = "Llama 3.1 is licensed under the Llama 3.1 Community License";
        let quoted = party("hf://a/b", &[("LICENSE", notice), ("README.md", "A model.")]);
        stands("llama3.1", DutyKind::Notice, &quoted, Standing::NotMet);
    }

    #[test]
    fn a_free_licence_cannot_pass_a_limit_on() {
        let free = party("hf://a/b", &[("README.md", "---\nlicense: mit\n---\n")]);
        stands("cc-by-nc-4.0", DutyKind::NonCommercial, &free, Standing::NotMet);
        let silent = party("hf://a/b", &[("README.md", "A model.")]);
        stands("cc-by-nc-4.0", DutyKind::NonCommercial, &silent, Standing::Human);
    }

    #[test]
    fn nothing_is_missing_where_nobody_looked() {
        let elsewhere = Party { looked: false, ..party("https://a/b.gguf", &[]) };
        stands("llama3.1", DutyKind::LicenceCopy, &elsewhere, Standing::NotSeen);
    }
}
