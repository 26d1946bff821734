//! What shapes and names say about the rows of a tensor nobody knows.
//!
//! Rows are called hidden units only where three things hold together: the tensor is a matrix of
//! some size, another unknown tensor reads that many inputs, and no word of the name hints at an
//! axis with a meaning. Everything else is fixed, which costs power and never exactness.

use std::collections::BTreeMap;

use jokbo_tensors::Entry;

use crate::Axis;

/// Fewer rows than this say nothing.
const MIN_ROWS: u64 = 8;

/// Beginnings of words that hint at an axis with a meaning, or at head structure.
const HINTS: &[&str] = &[
    "anchor",
    "attn",
    "attention",
    "bank",
    "basis",
    "bound",
    "buffer",
    "byte",
    "char",
    "class",
    "codebook",
    "codec",
    "codes",
    "coord",
    "embed",
    "fft",
    "filter",
    "freq",
    "grid",
    "head",
    "label",
    "lang",
    "logit",
    "lookup",
    "mask",
    "mels",
    "patch",
    "phone",
    "pitch",
    "pixel",
    "posi",
    "query",
    "queries",
    "quant",
    "rotary",
    "scale",
    "sinus",
    "speaker",
    "stft",
    "symbol",
    "table",
    "time",
    "token",
    "vocab",
    "window",
];

/// Words that hint only when they stand alone.
const WHOLE_HINTS: &[&str] = &[
    "bos", "cls", "dct", "emb", "eos", "k", "kv", "mel", "out", "pe", "pos", "q", "qk", "qkv",
    "rope", "spk", "tok", "v", "wpe", "wte",
];

/// The shapes of the unknown tensors.
#[derive(Debug, Default)]
pub(crate) struct Evidence<'a> {
    /// How many tensors have this size as their second axis.
    inputs: BTreeMap<u64, usize>,
    /// The same among the tensors below one path.
    inputs_below: BTreeMap<(&'a str, u64), usize>,
    /// Paths whose matrix has rows that are units, and how many.
    claims: BTreeMap<&'a str, u64>,
}

impl<'a> Evidence<'a> {
    pub(crate) fn new(entries: impl Iterator<Item = &'a Entry> + Clone) -> Self {
        let mut evidence = Self::default();
        for entry in entries.clone() {
            if let Some(&inputs) = entry.shape.get(1) {
                *evidence.inputs.entry(inputs).or_default() += 1;
                *evidence.inputs_below.entry((above(&entry.name), inputs)).or_default() += 1;
            }
        }
        let claims: Vec<(&str, u64)> = entries
            .filter(|entry| evidence.rows_are_units(entry))
            .map(|entry| (stem(&entry.name), entry.shape[0]))
            .collect();
        evidence.claims.extend(claims);
        evidence
    }

    /// What the rows of an unknown tensor number. A vector follows the matrix of its own path.
    pub(crate) fn rows(&self, entry: &Entry) -> Axis {
        let stem = stem(&entry.name);
        let is_units = match entry.shape.as_slice() {
            [n] => {
                entry.dtype.is_float()
                    && !is_recurrent(&entry.name)
                    && self.claims.get(stem) == Some(n)
            }
            _ => self.rows_are_units(entry),
        };
        if is_units { Axis::Units(stem.to_owned()) } else { Axis::Fixed }
    }

    fn rows_are_units(&self, entry: &Entry) -> bool {
        let [rows, inputs, kernel @ ..] = entry.shape.as_slice() else { return false };
        let is_depthwise = *inputs == 1 && !kernel.is_empty();
        let readers = if is_depthwise {
            self.inputs_below.get(&(above(&entry.name), *rows))
        } else {
            self.inputs.get(rows)
        };
        // A square tensor does not testify for itself.
        let others = readers.copied().unwrap_or(0).saturating_sub(usize::from(rows == inputs));
        entry.dtype.is_float()
            && MIN_ROWS <= *rows
            && 0 < others
            && !is_recurrent(&entry.name)
            && !has_hint(&entry.name)
    }
}

/// Gates of a recurrent layer stand in blocks; only the units inside them are exchangeable, all
/// blocks at once, which one numbering of rows cannot say.
fn is_recurrent(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or_default();
    ["weight_ih", "weight_hh", "bias_ih", "bias_hh"].iter().any(|start| last.starts_with(start))
}

/// A tensor's path without the word for its parameter: shared by a weight and its bias.
pub(crate) fn stem(name: &str) -> &str {
    let cut = |end: &str| {
        let rest = name.strip_suffix(end)?;
        rest.strip_suffix(['.', '_']).filter(|stem| !stem.is_empty())
    };
    cut("weight").or_else(|| cut("bias")).unwrap_or(name)
}

/// The path above a tensor's own.
fn above(name: &str) -> &str {
    stem(name).rfind('.').map_or("", |dot| &name[..dot])
}

/// Whether the tensor's own module or the one around it is called after a meaning. What lies
/// further up (`head.future_conv.block.pw`) says where a layer stands, not what its rows number.
fn has_hint(name: &str) -> bool {
    let named = |segment: &&str| segment.chars().any(char::is_alphabetic);
    let own = stem(name).rsplit('.').filter(named).take(2);
    let words = own.flat_map(|s| s.split(|c: char| !c.is_alphabetic())).filter(|w| !w.is_empty());
    words.map(str::to_lowercase).any(|word| {
        WHOLE_HINTS.contains(&word.as_str()) || HINTS.iter().any(|hint| word.contains(hint))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::entries;

    #[track_caller]
    fn check(tensors: &[(&str, &[u64])], units: &[&str]) {
        let entries = entries(tensors);
        let evidence = Evidence::new(entries.iter());
        let claimed: Vec<&str> = entries
            .iter()
            .filter(|entry| evidence.rows(entry) != Axis::Fixed)
            .map(|entry| entry.name.as_str())
            .collect();
        assert_eq!(claimed, units);
    }

    #[test]
    fn rows_are_units_when_another_tensor_reads_them_and_no_word_hints_otherwise() {
        let read: (&str, &[u64]) = ("next.weight", &[5, 16]);
        check(&[("up.weight", &[16, 4]), read], &["up.weight"]);
        check(&[("up.weight", &[16, 4])], &[]);
        check(&[("small.weight", &[7, 4]), ("next.weight", &[5, 7])], &[]);
        check(&[("square.weight", &[16, 16])], &[]);
        for name in ["pos_table", "embed.weight", "stft.basis", "a.QueryProj.weight", "mel.weight"]
        {
            check(&[(name, &[16, 4]), read], &[]);
        }
        let deep: &[(&str, &[u64])] = &[("head.block.pw.weight", &[16, 4]), read];
        check(deep, &["head.block.pw.weight"]);
    }

    #[test]
    fn a_vector_follows_the_matrix_of_its_own_path() {
        let read: (&str, &[u64]) = ("next.weight", &[5, 16]);
        check(&[("a.b_weight", &[16, 4]), ("a.b_bias", &[16]), read], &["a.b_weight", "a.b_bias"]);
        check(&[("up.weight", &[16, 4]), ("up.bias", &[4]), read], &["up.weight"]);
        check(&[("up.bias", &[16]), read], &[]);
    }

    #[test]
    fn gates_of_a_recurrent_layer_are_fixed() {
        let read: (&str, &[u64]) = ("next.weight", &[5, 64]);
        check(&[("rnn.weight_ih_l0", &[64, 16]), ("rnn.bias_ih_l0", &[64]), read], &[]);
    }

    #[test]
    fn a_depthwise_convolution_needs_a_reader_beside_it() {
        let depthwise: (&str, &[u64]) = ("block.0.dw.weight", &[16, 1, 3]);
        let beside: (&str, &[u64]) = ("block.0.pw.weight", &[5, 16, 1]);
        let elsewhere: (&str, &[u64]) = ("block.1.pw.weight", &[5, 16, 1]);
        check(&[depthwise, beside], &["block.0.dw.weight"]);
        check(&[depthwise, elsewhere], &[]);
    }
}
