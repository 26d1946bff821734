//! Lawful but worth telling: what a reader tolerated, in one sentence each.

use std::collections::BTreeMap;
use std::fmt;

use crate::Shown;
use crate::limits::ODDITY_LIMIT;
use crate::words::is_plain;

/// Something in a checkpoint that is allowed, or that could be worked around, and that a reviewer
/// must know. It is never repaired in silence.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Oddity {
    /// The file it was seen in, as a path below the named folder, or that folder as typed.
    pub file: String,
    /// The tensor it concerns, when it concerns one: the name as the file has it, not escaped.
    pub tensor: Option<String>,
    /// What was seen, as one sentence without a final period.
    pub what: String,
}

impl fmt::Display for Oddity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = Shown(&self.file);
        match &self.tensor {
            Some(tensor) => write!(f, "{file}: tensor `{}`: {}", Shown(tensor), self.what),
            None => write!(f, "{file}: {}", self.what),
        }
    }
}

/// The oddities of one file, as they are found: so many of each sort are listed, and the rest
/// are counted, so that a file cannot bury one finding under a million others.
#[derive(Debug)]
pub(crate) struct Oddities {
    file: String,
    list: Vec<Oddity>,
    seen: BTreeMap<&'static str, u64>,
}

impl Oddities {
    /// None yet, of `file`.
    pub(crate) fn of(file: &str) -> Self {
        Self { file: file.to_owned(), list: Vec::new(), seen: BTreeMap::new() }
    }

    /// Adds one. `sort` names all of its kind, in the plural.
    pub(crate) fn tell(
        &mut self,
        sort: &'static str,
        tensor: Option<&str>,
        what: impl fmt::Display,
    ) {
        let seen = self.seen.entry(sort).or_default();
        *seen = seen.saturating_add(1);
        if *seen <= ODDITY_LIMIT {
            self.list.push(Oddity {
                file: self.file.clone(),
                tensor: tensor.map(str::to_owned),
                what: what.to_string(),
            });
        }
    }

    /// All of them, and a last line for each sort that was cut.
    pub(crate) fn into_list(mut self) -> Vec<Oddity> {
        for (sort, &seen) in &self.seen {
            if let Some(more) = seen.checked_sub(ODDITY_LIMIT).filter(|&more| 0 < more) {
                let what = format!("{more} more {sort} are not listed");
                self.list.push(Oddity { file: self.file.clone(), tensor: None, what });
            }
        }
        self.list
    }
}

/// Tells of a tensor's name that hides something.
pub(crate) fn tell_of_name(name: &str, oddities: &mut Oddities) {
    if name.is_empty() {
        oddities.tell("empty names", Some(name), "the name is empty");
    }
    let hidden = name.chars().filter(|&c| !is_plain(c)).count();
    if 0 < hidden {
        let what = format_args!("characters of the name that do not show as themselves: {hidden}");
        oddities.tell("names with hidden characters", Some(name), what);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_one_sort_does_not_hide_another() {
        let mut oddities = Oddities::of("m.safetensors");
        for i in 0..ODDITY_LIMIT + 7 {
            oddities.tell("empty names", Some(&i.to_string()), "the name is empty");
        }
        oddities.tell("gaps", None, "a gap");
        let list = oddities.into_list();
        assert_eq!(u64::try_from(list.len()), Ok(ODDITY_LIMIT + 2));
        let last: Vec<_> = list.iter().rev().take(2).map(|o| o.what.as_str()).collect();
        assert_eq!(last, ["7 more empty names are not listed", "a gap"]);
    }

    #[test]
    fn a_hostile_name_is_escaped_when_shown() {
        let oddity = Oddity {
            file: "m.safetensors".to_owned(),
            tensor: Some("a\u{1b}[2J".to_owned()),
            what: "seen".to_owned(),
        };
        assert_eq!(oddity.to_string(), "m.safetensors: tensor `a\\u{1b}[2J`: seen");
    }
}
