//! Finds which of a list of patterns a sentence of the report follows.

/// The text that stands for each `{}` of `pattern` where `text` follows it; the shortest that fits.
fn captures<'a>(pattern: &str, text: &'a str) -> Option<Vec<&'a str>> {
    let mut literals = pattern.split("{}");
    let mut rest = text.strip_prefix(literals.next()?)?;
    let mut found = Vec::new();
    let mut literals = literals.peekable();
    while let Some(literal) = literals.next() {
        let at = match (literals.peek(), literal) {
            (None, literal) => rest.len().checked_sub(literal.len())?,
            (Some(_), literal) => rest.find(literal)?,
        };
        let (capture, after) = (rest.get(..at)?, rest.get(at..)?);
        found.push(capture);
        rest = after.strip_prefix(literal)?;
    }
    rest.is_empty().then_some(found)
}

/// `text` said by the first of `patterns` that it follows: each is a pattern with `{}` for what
/// varies, and a sentence with `{0}`, `{1}` for the same. `each` says what varies in other words.
pub(crate) fn translated(
    patterns: &[(&str, &str)],
    text: &str,
    each: &dyn Fn(&str) -> String,
) -> Option<String> {
    patterns.iter().find_map(|(pattern, sentence)| {
        let found = captures(pattern, text)?;
        let mut out = String::new();
        let mut parts = sentence.split('{');
        out.push_str(parts.next()?);
        for part in parts {
            let (number, after) = part.split_once('}')?;
            out.push_str(&each(found.get(number.parse::<usize>().ok()?)?));
            out.push_str(after);
        }
        Some(out)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_varies_is_put_where_it_belongs() {
        let patterns = [("{} of {} are {}", "{1}, {0}: {2}"), ("none", "0"), ("at {}.", "{0}")];
        let say = |text: &str| translated(&patterns, text, &str::to_uppercase);
        assert_eq!(say("a of b are c of d are e").as_deref(), Some("B, A: C OF D ARE E"));
        assert_eq!(say("none").as_deref(), Some("0"));
        assert_eq!(say("at é.").as_deref(), Some("É"));
        // What stands for the name is put in as it is, braces and all.
        assert_eq!(say("at {0}.").as_deref(), Some("{0}"));
        assert_eq!((say("none."), say(""), say("at ")), (None, None, None));
    }
}
