//! Text that must not be seen.

use std::fmt;

/// A token or a password. It has no `Display`, and `Debug` hides it; it leaves this room in a
/// request alone.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Hides `text`, without the blanks around it. `None` when nothing is left, or when it cannot
    /// stand in a header.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        let lawful = !text.is_empty() && text.chars().all(|c| c.is_ascii_graphic() || c == ' ');
        lawful.then(|| Self(text.to_owned()))
    }

    /// The text itself, for a request.
    #[cfg(feature = "http")]
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_shown_and_cannot_break_out_of_a_header() {
        let secret = Secret::new(" hf_abc\n").unwrap();
        assert_eq!(format!("{secret:?}"), "Secret(hidden)");
        assert_eq!(secret, Secret::new("hf_abc").unwrap());
        for bad in ["", " \n", "a\r\nX-Evil: b", "a\tb", "\u{e9}"] {
            assert!(Secret::new(bad).is_none(), "{bad:?}");
        }
    }
}
