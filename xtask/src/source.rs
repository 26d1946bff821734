//! Which lines of a Rust file are test code, told from the layout that rustfmt gives it.

/// For each line of `text`, whether it belongs to an item under `#[cfg(test)]`.
pub(crate) fn test_lines(text: &str) -> Vec<bool> {
    let lines: Vec<&str> = text.lines().collect();
    let mut marks = vec![false; lines.len()];
    let mut at = 0;
    while at < lines.len() {
        if lines[at].trim() == "#[cfg(test)]" {
            let last = last_line_of_item(&lines, at);
            marks[at..=last].fill(true);
            at = last;
        }
        at += 1;
    }
    marks
}

/// The names of the modules that `text` declares, without a body, under `#[cfg(test)]`.
pub(crate) fn test_modules(text: &str) -> Vec<&str> {
    text.lines()
        .zip(test_lines(text))
        .filter(|(_, test)| *test)
        .filter_map(|(line, _)| line.trim().strip_suffix(';'))
        .filter_map(|line| line.rsplit_once("mod ").filter(|(before, _)| !before.contains('"')))
        .map(|(_, name)| name)
        .filter(|name| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'))
        .collect()
}

/// The last line of the item whose first attribute is line `first`.
///
/// Where the layout is not what rustfmt writes, the item is taken to end too early rather than too
/// late, so that no code outside tests is passed over.
fn last_line_of_item(lines: &[&str], first: usize) -> usize {
    let indent = lines[first].len() - lines[first].trim_start().len();
    let end = lines.len() - 1;
    let opener = opener(lines, first).min(end);
    let opening = lines[opener].trim_end();
    let from = |test: &dyn Fn(&str) -> bool| {
        let found = lines.iter().skip(opener + 1).position(|line| test(line));
        found.map_or(opener, |n| opener + 1 + n)
    };
    if opening.ends_with([';', '}']) {
        opener
    } else if opening.ends_with('=') {
        from(&|line| line.ends_with(';'))
    } else {
        from(&|line| {
            let close = line.get(indent..).unwrap_or("");
            line.trim_start() == close && matches!(close, "}" | "};" | "];" | ");")
        })
    }
}

/// The first line of the item itself, after its attributes and comments.
fn opener(lines: &[&str], first: usize) -> usize {
    let mut at = first;
    while let Some(line) = lines.get(at).map(|line| line.trim()) {
        if line.starts_with("#[") {
            at += lines[at..].iter().take_while(|line| !line.ends_with(']')).count();
        } else if !line.starts_with("//") {
            break;
        }
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn outside(text: &str, want: &[&str]) {
        let kept: Vec<&str> =
            text.lines().zip(test_lines(text)).filter(|(_, t)| !t).map(|(line, _)| line).collect();
        assert_eq!(kept, want);
    }

    #[test]
    fn a_test_module_at_the_foot_is_test_code() {
        outside("a();\n#[cfg(test)]\nmod tests {\n    b();\n}", &["a();"]);
        outside("a();\n#[cfg(test)]\nmod tests {\n    b();\n}\nc();", &["a();", "c();"]);
    }

    #[test]
    fn a_declared_test_module_ends_at_its_semicolon() {
        let text = "mod a;\n#[cfg(test)]\npub(crate) mod b;\nmod c;";
        outside(text, &["mod a;", "mod c;"]);
        assert_eq!(test_modules(text), ["b"]);
        assert!(test_modules("mod a;\nmod c;").is_empty());
    }

    #[test]
    fn other_items_and_attributes_end_where_they_end() {
        outside("#[cfg(test)]\nuse a::b;\nc();", &["c();"]);
        outside("#[cfg(test)]\nconst A: B =\n    c;\nd();", &["d();"]);
        outside(
            "#[cfg(test)]\n#[allow(\n    a,\n    b\n)]\nfn c() {\n    d();\n}\ne();",
            &["e();"],
        );
        outside("impl A {\n    #[cfg(test)]\n    fn b() {\n    }\n}", &["impl A {", "}"]);
        outside("#[cfg(test)]\nconst A: &[B] = &[\n    c,\n];\nd();", &["d();"]);
    }

    #[test]
    fn an_item_without_an_end_hides_only_its_head() {
        outside("#[cfg(test)]\nmod tests {\n    a();", &["    a();"]);
        outside("#[cfg(test)]", &[]);
    }
}
