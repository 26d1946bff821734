//! Which room may look into which. A room is a crate.

use std::collections::{BTreeMap, BTreeSet};

use toml::{Table, Value};

use super::Check;
use crate::tree::File;

pub(super) static CHECK: Check = Check {
    rule: "every room looks into the rooms that WALLS lists for it, and into no other",
    covers: |file| file.name() == "Cargo.toml" && file.path != "Cargo.toml",
    judge: |files| judge(files, WALLS),
};

/// Every room and the rooms it looks into. A line changed here is a design decision, and changes
/// ARCHITECTURE.md too.
const WALLS: &[(&str, &[&str])] = &[
    ("jokbo-formats", &[]),
    ("jokbo-tensors", &["jokbo-formats", "jokbo-statistics"]),
    ("jokbo-components", &["jokbo-tensors"]),
    ("jokbo-statistics", &[]),
    ("jokbo-verdict", &["jokbo-statistics"]),
    ("jokbo-claims", &[]),
    ("jokbo-policy", &["jokbo-claims", "jokbo-verdict"]),
    ("jokbo-report", &["jokbo-claims", "jokbo-policy", "jokbo-verdict"]),
    (
        "jokbo-audit",
        &[
            "jokbo-claims",
            "jokbo-components",
            "jokbo-formats",
            "jokbo-policy",
            "jokbo-statistics",
            "jokbo-tensors",
            "jokbo-verdict",
        ],
    ),
    ("jokbo-cases", &["jokbo-statistics"]),
    ("jokbo-cuda", &["jokbo-statistics"]),
    ("jokbo-fuzz", &["jokbo-audit", "jokbo-formats", "jokbo-tensors"]),
    ("jokbo-fuzz-programs", &["jokbo-fuzz"]),
    (
        "jokbo",
        &[
            "jokbo-audit",
            "jokbo-cases",
            "jokbo-cuda",
            "jokbo-formats",
            "jokbo-policy",
            "jokbo-report",
            "jokbo-verdict",
        ],
    ),
    ("xtask", &["jokbo-audit", "jokbo-report", "jokbo-verdict"]),
];

/// What one manifest says of itself.
struct Room {
    name: String,
    /// Our crates that it is built with.
    looks: BTreeSet<String>,
    /// Our crates that its tests or build script use.
    beside: BTreeSet<String>,
}

fn judge(files: &[&File], walls: &[(&str, &[&str])]) -> Vec<String> {
    let mut complaints = Vec::new();
    let mut rooms = BTreeMap::new();
    for file in files {
        match room(&file.text) {
            Some(room) => drop(rooms.insert(room.name.clone(), room)),
            None => complaints.push(format!("{}: no [package] with a name", file.path)),
        }
    }
    for (name, may) in walls {
        let Some(room) = rooms.remove(*name) else {
            complaints.push(format!("WALLS lists {name}, which is no crate"));
            continue;
        };
        let seen = room.looks.union(&room.beside);
        let extra = seen.filter(|other| !may.contains(&other.as_str()));
        complaints.extend(extra.map(|other| format!("{name} may not depend on {other}")));
        let missing = may.iter().filter(|other| !room.looks.contains(**other));
        complaints.extend(missing.map(|m| format!("WALLS lets {name} depend on {m}; it does not")));
    }
    complaints.extend(rooms.keys().map(|name| format!("{name} is not listed in WALLS")));
    complaints
}

/// What the manifest `text` says, or `None` when it is not the manifest of a crate.
fn room(text: &str) -> Option<Room> {
    let manifest: Table = toml::from_str(text).ok()?;
    let name = manifest.get("package")?.get("name")?.as_str()?.to_owned();
    let targets = manifest.get("target").and_then(Value::as_table);
    let parts: Vec<&Table> = std::iter::once(&manifest)
        .chain(targets.into_iter().flat_map(Table::values).filter_map(Value::as_table))
        .collect();
    let ours = |kind: &str| -> BTreeSet<String> {
        let tables = parts.iter().filter_map(|part| part.get(kind)?.as_table());
        tables.flatten().map(|(key, how)| named(key, how)).filter(|name| is_ours(name)).collect()
    };
    let beside = &ours("dev-dependencies") | &ours("build-dependencies");
    Some(Room { name, looks: ours("dependencies"), beside })
}

/// The crate behind a line of a manifest, which may be renamed there.
fn named(key: &str, how: &Value) -> String {
    how.get("package").and_then(Value::as_str).unwrap_or(key).to_owned()
}

fn is_ours(name: &str) -> bool {
    ["jokbo", "xtask"].contains(&name) || name.starts_with("jokbo-")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::hold_the_tree_to;

    #[track_caller]
    fn complaints(walls: &[(&str, &[&str])], manifests: &[(&str, &str)]) -> Vec<String> {
        let files: Vec<File> = manifests
            .iter()
            .map(|(name, rest)| format!("[package]\nname = \"{name}\"\n{rest}\n"))
            .map(|text| File::new("crates/x/Cargo.toml", &text))
            .collect();
        judge(&files.iter().collect::<Vec<_>>(), walls)
    }

    const A_SEES_B: &[(&str, &[&str])] = &[("jokbo-a", &["jokbo-b"]), ("jokbo-b", &[])];
    const SEES_B: &str = "[dependencies]\njokbo-b.workspace = true\nserde.workspace = true";

    #[test]
    fn the_tree_keeps_the_rule() {
        hold_the_tree_to(&CHECK);
    }

    #[test]
    fn rooms_as_listed_are_lawful() {
        assert!(complaints(A_SEES_B, &[("jokbo-a", SEES_B), ("jokbo-b", "")]).is_empty());
        let tests = format!("{SEES_B}\n[dev-dependencies]\njokbo-b.workspace = true");
        assert!(complaints(A_SEES_B, &[("jokbo-a", &tests), ("jokbo-b", "")]).is_empty());
    }

    #[test]
    fn a_window_too_many_is_named_wherever_it_is_cut() {
        for window in [
            "[dependencies]\njokbo-a.workspace = true",
            "[dev-dependencies]\njokbo-a.workspace = true",
            "[build-dependencies]\njokbo-a = { path = \"../a\" }",
            "[target.'cfg(unix)'.dependencies]\njokbo-a = \"1\"",
            "[dependencies]\nother = { package = \"jokbo-a\", path = \"../a\" }",
        ] {
            let said = complaints(A_SEES_B, &[("jokbo-a", SEES_B), ("jokbo-b", window)]);
            assert_eq!(said, ["jokbo-b may not depend on jokbo-a"], "{window}");
        }
    }

    #[test]
    fn a_window_that_is_not_there_is_named() {
        let tests_only = "[dev-dependencies]\njokbo-b.workspace = true";
        for rest in ["", tests_only] {
            let said = complaints(A_SEES_B, &[("jokbo-a", rest), ("jokbo-b", "")]);
            assert_eq!(said, ["WALLS lets jokbo-a depend on jokbo-b; it does not"]);
        }
    }

    #[test]
    fn a_room_that_is_not_listed_or_not_there_is_named() {
        let said = complaints(&[("jokbo-b", &[])], &[("jokbo-b", ""), ("jokbo-c", "")]);
        assert_eq!(said, ["jokbo-c is not listed in WALLS"]);
        let said = complaints(A_SEES_B, &[("jokbo-a", SEES_B)]);
        assert_eq!(said, ["WALLS lists jokbo-b, which is no crate"]);
        let broken = File::new("crates/x/Cargo.toml", "[package");
        assert_eq!(judge(&[&broken], &[]).len(), 1);
    }
}
