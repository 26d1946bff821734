//! Every third-party crate has a reason, in `deny.toml`, and its version in one place.
//!
//! The reasons are the comment lines right after the line [`HEADING`], each `# name: reason`.

use std::collections::{BTreeMap, BTreeSet};

use toml::{Table, Value};

use super::Check;
use crate::tree::File;

pub(super) static CHECK: Check = Check {
    rule: "every third-party crate has its reason in deny.toml, and its version in the workspace",
    covers: |file| ["Cargo.toml", "deny.toml"].contains(&file.name()),
    judge,
};

const HEADING: &str = "# Why each third-party crate is here:";

fn judge(files: &[&File]) -> Vec<String> {
    let text = |path: &str| files.iter().find(|f| f.path == path).map_or("", |f| f.text.as_str());
    let (chosen, mut complaints) = third_party(text("Cargo.toml"));
    let (reasons, unread) = reasons(text("deny.toml"));
    complaints.extend(unread);
    for name in chosen.iter().filter(|name| !reasons.contains_key(*name)) {
        complaints.push(format!("deny.toml: {name} has no reason"));
    }
    for name in reasons.keys().filter(|name| !chosen.contains(*name)) {
        complaints.push(format!("deny.toml: {name} has a reason and is no dependency"));
    }
    for manifest in files.iter().filter(|f| f.path != "Cargo.toml" && f.name() == "Cargo.toml") {
        complaints.extend(own_versions(manifest));
    }
    complaints
}

/// The third-party crates of the workspace, and a complaint when there is nothing to read.
fn third_party(manifest: &str) -> (BTreeSet<String>, Vec<String>) {
    let table: Table = toml::from_str(manifest).unwrap_or_default();
    let all = table.get("workspace").and_then(|w| w.get("dependencies")).and_then(Value::as_table);
    let Some(all) = all else {
        return (BTreeSet::new(), vec!["Cargo.toml: no [workspace.dependencies]".to_owned()]);
    };
    let foreign = all.iter().filter(|(_, how)| how.get("path").is_none());
    (foreign.map(|(name, _)| name.clone()).collect(), Vec::new())
}

/// The reasons by name, and what is wrong with the list itself.
fn reasons(text: &str) -> (BTreeMap<String, String>, Vec<String>) {
    let mut lines = text.lines().skip_while(|line| *line != HEADING).skip(1).peekable();
    let mut complaints = Vec::new();
    if lines.peek().is_none() {
        complaints.push(format!("deny.toml: no line `{HEADING}` with reasons after it"));
    }
    let mut reasons = BTreeMap::new();
    for line in lines.map_while(|line| line.strip_prefix('#')) {
        match line.split_once(": ").map(|(name, reason)| (name.trim(), reason.trim())) {
            Some((name, reason)) if !name.contains(' ') && 2 < reason.split(' ').count() => {
                if reasons.insert(name.to_owned(), reason.to_owned()).is_some() {
                    complaints.push(format!("deny.toml: {name} has two reasons"));
                }
            }
            _ => complaints.push(format!("deny.toml: not of the form `# name: reason`: #{line}")),
        }
    }
    (reasons, complaints)
}

/// The dependencies of a member that are not taken from the workspace. A manifest that begins a
/// workspace of its own has nothing to take them from.
fn own_versions(manifest: &File) -> Vec<String> {
    let table: Table = toml::from_str(&manifest.text).unwrap_or_default();
    if table.contains_key("workspace") {
        return Vec::new();
    }
    let kinds = ["dependencies", "dev-dependencies", "build-dependencies"];
    let mut tables: Vec<&Table> =
        kinds.iter().filter_map(|kind| table.get(*kind)?.as_table()).collect();
    let targets = table.get("target").and_then(Value::as_table);
    for target in targets.into_iter().flat_map(Table::values) {
        tables.extend(kinds.iter().filter_map(|kind| target.get(*kind)?.as_table()));
    }
    let inherits = |how: &Value| how.get("workspace").and_then(Value::as_bool) == Some(true);
    let own = tables.into_iter().flatten().filter(|(_, how)| !inherits(how));
    own.map(|(name, _)| format!("{}: {name} is not taken from the workspace", manifest.path))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::hold_the_tree_to;

    const MANIFEST: &str = "[workspace.dependencies]\na = \"1\"\njokbo-x = { path = \"x\" }\n";

    #[track_caller]
    fn complaints(reasons: &str, member: &str) -> Vec<String> {
        let deny = format!("[bans]\n{HEADING}\n{reasons}");
        judge(&[
            &File::new("Cargo.toml", MANIFEST),
            &File::new("deny.toml", &deny),
            &File::new("crates/x/Cargo.toml", member),
        ])
    }

    #[test]
    fn the_tree_keeps_the_rule() {
        hold_the_tree_to(&CHECK);
    }

    #[test]
    fn a_crate_with_a_reason_is_lawful() {
        let member = "[dependencies]\na.workspace = true\njokbo-x = { workspace = true }\n";
        assert!(complaints("# a: reads the letter A\n\n# Prose after a gap.", member).is_empty());
    }

    #[test]
    fn a_missing_an_idle_a_double_and_an_empty_reason_are_named() {
        for bad in [
            "",
            "# a: reads the letter A\n# b: reads the letter B",
            "# a: reads the letter A\n# a: reads it twice",
            "# a: needed",
            "# a reads the letter A",
        ] {
            assert!(!complaints(bad, "").is_empty(), "{bad}");
        }
    }

    #[test]
    fn a_list_or_a_workspace_that_is_not_there_is_noticed() {
        let deny = File::new("deny.toml", "# a: reads the letter A\n");
        let said = judge(&[&File::new("Cargo.toml", MANIFEST), &deny]);
        assert!(said.iter().any(|s| s.contains("no line")), "{said:?}");
        assert!(judge(&[&deny]).iter().any(|s| s.contains("no [workspace.dependencies]")));
    }

    #[test]
    fn a_version_of_its_own_is_named() {
        for bad in [
            "[dependencies]\na = \"1\"\n",
            "[dev-dependencies]\nb = { version = \"2\" }\n",
            "[target.'cfg(unix)'.dependencies]\nb = \"2\"\n",
        ] {
            assert_eq!(complaints("# a: reads the letter A", bad).len(), 1, "{bad}");
            let apart = format!("[workspace]\n{bad}");
            assert!(complaints("# a: reads the letter A", &apart).is_empty(), "{bad}");
        }
    }
}
