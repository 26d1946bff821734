//! Text from a hostile file made safe to show: escaped, and cut when it is long.

use std::fmt::{self, Write};

/// Text that came out of a file, for a terminal or a page.
///
/// A character that does not print, or that changes how its neighbours are shown, is written as
/// an escape; text longer than [`Shown::LIMIT`] characters is cut, and the cut says so.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a>(pub &'a str);

impl Shown<'_> {
    /// Characters shown before the cut: the longest parameter name of a published model that we
    /// know of has less than half of this.
    pub const LIMIT: usize = 240;
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut chars = self.0.chars();
        for c in chars.by_ref().take(Self::LIMIT) {
            if is_plain(c) { f.write_char(c)? } else { write!(f, "{}", c.escape_debug())? }
        }
        match chars.as_str().len() {
            0 => Ok(()),
            hidden => write!(f, "… and {} more", count(hidden, "byte")),
        }
    }
}

/// Whether `c` shows as itself. What `escape_debug` would escape does not: controls, invisible
/// marks, marks that turn the direction of text, and marks that join the character before.
pub(crate) fn is_plain(c: char) -> bool {
    c == ' ' || c.is_ascii_graphic() || c.escape_debug().eq([c])
}

/// `n` things, in words: `1 byte`, `3 bytes`.
pub(crate) fn count(n: impl TryInto<u64>, thing: &str) -> String {
    match n.try_into() {
        Ok(1) => format!("1 {thing}"),
        Ok(n) => format!("{n} {thing}s"),
        Err(_) => format!("more than {} {thing}s", u64::MAX),
    }
}

/// The first few of `names` in backticks, and how many more there are.
pub(crate) fn list<S: AsRef<str>>(names: &[S]) -> String {
    const FEW: usize = 5;
    let mut text = String::new();
    for (i, name) in names.iter().take(FEW).enumerate() {
        let comma = if i == 0 { "" } else { ", " };
        text.push_str(&format!("{comma}`{}`", Shown(name.as_ref())));
    }
    if FEW < names.len() {
        text.push_str(&format!(" and {} more", names.len() - FEW));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn shows(text: &str, want: &str) {
        assert_eq!(Shown(text).to_string(), want);
    }

    #[test]
    fn ordinary_names_are_shown_as_they_are() {
        shows("model.layers.0.mlp.up_proj.weight", "model.layers.0.mlp.up_proj.weight");
        shows("it's a \\ \"name\"", "it's a \\ \"name\"");
        shows("족보", "족보");
    }

    #[test]
    fn what_does_not_print_is_escaped() {
        shows("a\0b", "a\\0b");
        shows("\u{1b}[31mred", "\\u{1b}[31mred");
        shows("abc\u{202e}cba", "abc\\u{202e}cba");
        shows("a\u{200b}b\nc", "a\\u{200b}b\\nc");
    }

    #[test]
    fn long_text_is_cut_and_says_so() {
        let text = "x".repeat(Shown::LIMIT + 10);
        assert!(Shown(&text).to_string().ends_with("x… and 10 bytes more"));
    }

    #[test]
    fn a_list_names_five_and_counts_the_rest() {
        assert_eq!(list(&["a", "b"]), "`a`, `b`");
        assert_eq!(
            list(&["a", "b", "c", "d", "e", "f", "g"]),
            "`a`, `b`, `c`, `d`, `e` and 2 more"
        );
    }
}
