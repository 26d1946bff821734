//! A tensor name cut at its dots.

/// Names with more segments than this are known to nobody: published models stay below 15, and
/// the limit keeps the work per name constant whatever a file holds.
const MAX_SEGMENTS: usize = 40;

/// A tensor name and its segments.
#[derive(Debug, Clone)]
pub(crate) struct Name<'a> {
    /// The whole name.
    pub(crate) text: &'a str,
    /// What lies between the dots; the last one holds all that is left when there are too many.
    pub(crate) segments: Vec<&'a str>,
}

impl<'a> Name<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, segments: text.splitn(MAX_SEGMENTS, '.').collect() }
    }

    /// The first `n` segments as they stand in the name, without the dot after them.
    pub(crate) fn first(&self, n: usize) -> &'a str {
        let with_dots: usize = self.segments.iter().take(n).map(|s| s.len() + 1).sum();
        self.text.get(..with_dots.saturating_sub(1)).unwrap_or(self.text)
    }
}

/// The number a segment spells, when it is one a model would write: digits only, no leading zero,
/// and small enough for a layer. Anything else is just a word.
pub(crate) fn number(segment: &str) -> Option<u32> {
    if !is_digits(segment) || (segment.len() > 1 && segment.starts_with('0')) {
        return None;
    }
    segment.parse().ok()
}

/// Whether a segment is made of digits, however many.
pub(crate) fn is_digits(segment: &str) -> bool {
    !segment.is_empty() && segment.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_cut_at_its_dots() {
        let name = Name::new("model.layers.7.norm");
        assert_eq!(name.segments, ["model", "layers", "7", "norm"]);
        for (n, first) in [(0, ""), (1, "model"), (2, "model.layers"), (4, "model.layers.7.norm")] {
            assert_eq!(name.first(n), first);
        }
    }

    #[test]
    fn odd_names_are_still_names() {
        for text in ["", ".", "..", "층.0.가중치", &"a.".repeat(100)] {
            let name = Name::new(text);
            for n in 0..=name.segments.len() {
                assert!(text.starts_with(name.first(n)));
            }
        }
    }

    #[test]
    fn only_a_number_a_model_would_write_is_a_number() {
        assert_eq!(number("0"), Some(0));
        assert_eq!(number("4294967295"), Some(u32::MAX));
        for word in ["", "00", "07", "4294967296", "1000000000000000000000000000000", "-1", "１"] {
            assert_eq!(number(word), None, "{word:?}");
        }
    }
}
