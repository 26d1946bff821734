//! The weights of recurrent layers in the order and the shapes that PyTorch gives them.
//!
//! ONNX keeps both directions of a layer in one tensor, two biases in one, and other orders of
//! gates:
//!
//! ```text
//!          stored                                   read, once for each direction
//! W        [directions, gates · hidden, inputs]     [gates · hidden, inputs]
//! R        [directions, gates · hidden, hidden]     [gates · hidden, hidden]
//! B        [directions, 2 · gates · hidden]         [gates · hidden] beside W, the same beside R
//! GRU      z r h                                    r z n
//! LSTM     i o f c                                  i f g o
//! RNN      one                                      one
//! ```
//!
//! Sources: the operators `GRU`, `LSTM` and `RNN` of ONNX; `torch.nn.GRU` and `torch.nn.LSTM`. A
//! tensor that anything else uses too stays as it is stored, and so does one of another shape.

use std::collections::BTreeMap;
use std::io;
use std::ops::Range;
use std::sync::Arc;

use super::graph::{Model, Node};
use crate::{Entry, ReadAt};

/// What a recurrent layer uses a tensor for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Gates {
    /// Which stored gate comes first, second, …
    order: &'static [u64],
    input: Input,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Input {
    Weights,
    Recurrent,
    Biases,
}

/// A part of a stored tensor: one matrix or bias of one direction.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// What is added to the tensor's name.
    pub(super) suffix: String,
    pub(super) shape: Vec<u64>,
    /// First bytes of its gates, in their order.
    starts: Vec<u64>,
    /// Bytes of a gate.
    each: u64,
}

/// What the stored tensors of `model` are used for, by name, where recurrent layers alone use them.
pub(super) fn of(model: &Model) -> BTreeMap<String, Gates> {
    let mut uses: BTreeMap<&str, Option<Gates>> = BTreeMap::new();
    for node in &model.nodes {
        for (k, name) in node.inputs.iter().enumerate() {
            let gates = gates(node, k);
            let known = uses.entry(name).or_insert(gates);
            if *known != gates {
                *known = None;
            }
        }
    }
    let mut stored: BTreeMap<&str, usize> = BTreeMap::new();
    for tensor in &model.tensors {
        *stored.entry(&tensor.name).or_default() += 1;
    }
    let once = |name: &str| stored.get(name) == Some(&1);
    uses.into_iter()
        .filter_map(|(name, gates)| Some((name.to_owned(), gates?)))
        .filter(|(name, _)| once(name))
        .collect()
}

/// What `node` uses its input number `k` for.
fn gates(node: &Node, k: usize) -> Option<Gates> {
    let order: &[u64] = match node.op.as_str() {
        "GRU" => &[1, 0, 2],
        "LSTM" => &[0, 2, 3, 1],
        "RNN" => &[0],
        _ => return None,
    };
    let input = match k {
        1 => Input::Weights,
        2 => Input::Recurrent,
        3 => Input::Biases,
        _ => return None,
    };
    Some(Gates { order, input })
}

/// The parts of `entry`. `None` when its shape is none that it can have there.
pub(super) fn parts(entry: &Entry, gates: Gates) -> Option<Vec<Part>> {
    let n_gates = gates.order.len() as u64;
    let bytes = entry.dtype.block_bytes();
    // Biases are two in a direction.
    let (directions, rows, row, halves) = match (gates.input, entry.shape.as_slice()) {
        (Input::Biases, &[directions, both]) => (directions, both / 2, bytes, 2),
        (Input::Weights | Input::Recurrent, &[directions, rows, inputs]) => {
            (directions, rows, inputs.checked_mul(bytes)?, 1)
        }
        _ => return None,
    };
    let hidden = rows / n_gates;
    let fits = entry.shape[1] == halves * n_gates * hidden
        && (1..=2).contains(&directions)
        && (gates.input != Input::Recurrent || entry.shape[2] == hidden);
    if !fits || hidden * row == 0 || entry.dtype.block_elements() != 1 {
        return None;
    }
    let each = hidden * row;
    let part = |k: u64| {
        let (direction, half) = (k / halves, k % halves);
        let kind = match (gates.input, half) {
            (Input::Weights, _) => "weight_ih",
            (Input::Recurrent, _) => "weight_hh",
            (Input::Biases, 0) => "bias_ih",
            (Input::Biases, _) => "bias_hh",
        };
        let reverse = if direction == 0 { "" } else { "_reverse" };
        let start = entry.offset + k * n_gates * each;
        Part {
            suffix: format!(".{kind}{reverse}"),
            shape: [rows].iter().chain(&entry.shape[2.min(entry.shape.len())..]).copied().collect(),
            starts: gates.order.iter().map(|gate| start + gate * each).collect(),
            each,
        }
    };
    Some((0..directions * halves).map(part).collect())
}

impl Part {
    /// Its bytes in their order, which lie in `inner`.
    pub(super) fn reader(&self, inner: &Arc<dyn ReadAt>) -> Arc<dyn ReadAt> {
        let inner = Arc::clone(inner);
        Arc::new(Joined { inner, starts: self.starts.clone(), each: self.each })
    }
}

/// Pieces of one length, one after the other.
#[derive(Debug)]
struct Joined {
    inner: Arc<dyn ReadAt>,
    starts: Vec<u64>,
    each: u64,
}

impl Joined {
    /// Where the bytes `range` of all pieces lie, piece by piece.
    fn places(&self, range: Range<u64>) -> impl Iterator<Item = Range<u64>> {
        self.starts.iter().zip(0..).filter_map(move |(start, k)| {
            let first = k * self.each;
            let from = range.start.max(first);
            let to = range.end.min(first + self.each);
            (from < to).then(|| start + (from - first)..start + (to - first))
        })
    }

    fn checked(&self, offset: u64, bytes: u64) -> io::Result<Range<u64>> {
        let end = offset.checked_add(bytes).filter(|end| *end <= self.len());
        end.map(|end| offset..end).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }
}

impl ReadAt for Joined {
    fn len(&self) -> u64 {
        self.starts.len() as u64 * self.each
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let mut rest = buffer;
        for place in self.places(self.checked(offset, rest.len() as u64)?) {
            let n = usize::try_from(place.end - place.start).map_err(io::Error::other)?;
            let (now, later) = rest.split_at_mut(n);
            self.inner.read_exact_at(now, place.start)?;
            rest = later;
        }
        Ok(())
    }

    fn will_read(&self, ranges: &[Range<u64>]) -> io::Result<()> {
        let mut all = Vec::new();
        for range in ranges {
            let range = self.checked(range.start, range.end.saturating_sub(range.start))?;
            all.extend(self.places(range));
        }
        self.inner.will_read(&all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Dtype, Memory};

    fn entry(shape: &[u64]) -> Entry {
        let (name, shape) = ("w".to_owned(), shape.to_vec());
        let bytes = shape.iter().product();
        Entry { name, dtype: Dtype::U8, shape, file: 0, offset: 3, bytes, recipe: None }
    }

    const LSTM: &[u64] = &[0, 2, 3, 1];

    #[track_caller]
    fn check(gates: Gates, shape: &[u64], want: &[(&str, &[u64], &[u8])]) {
        let n: u64 = shape.iter().product();
        let bytes: Vec<u8> = (0..u8::try_from(n + 3).unwrap()).collect();
        let inner: Arc<dyn ReadAt> = Arc::new(Memory(bytes));
        let parts = parts(&entry(shape), gates).unwrap();
        assert_eq!(parts.len(), want.len());
        for (part, (suffix, shape, bytes)) in parts.iter().zip(want) {
            assert_eq!((part.suffix.as_str(), part.shape.as_slice()), (*suffix, *shape));
            let reader = part.reader(&inner);
            assert_eq!(reader.len(), bytes.len() as u64);
            for from in 0..=bytes.len() {
                for to in from..=bytes.len() {
                    let mut got = vec![0; to - from];
                    reader.read_exact_at(&mut got, from as u64).unwrap();
                    assert_eq!(got, bytes[from..to], "{from} {to}");
                }
            }
            assert!(reader.read_exact_at(&mut [0; 2], reader.len() - 1).is_err());
            assert!(reader.will_read(std::slice::from_ref(&(0..reader.len()))).is_ok());
        }
    }

    #[test]
    fn gates_directions_and_biases_are_told_apart() {
        let lstm = |input| Gates { order: LSTM, input };
        // Bytes are numbered from 3 on; a gate of one hidden unit has two inputs.
        let want: &[(&str, &[u64], &[u8])] = &[
            (".weight_ih", &[4, 2], &[3, 4, 7, 8, 9, 10, 5, 6]),
            (".weight_ih_reverse", &[4, 2], &[11, 12, 15, 16, 17, 18, 13, 14]),
        ];
        check(lstm(Input::Weights), &[2, 4, 2], want);
        let want: &[(&str, &[u64], &[u8])] =
            &[(".bias_ih", &[4], &[3, 5, 6, 4]), (".bias_hh", &[4], &[7, 9, 10, 8])];
        check(lstm(Input::Biases), &[1, 8], want);
        let gru = Gates { order: &[1, 0, 2], input: Input::Recurrent };
        let want: &[(&str, &[u64], &[u8])] =
            &[(".weight_hh", &[6, 2], &[7, 8, 9, 10, 3, 4, 5, 6, 11, 12, 13, 14])];
        check(gru, &[1, 6, 2], want);
    }

    #[test]
    fn other_shapes_stay_as_they_are() {
        let lstm = |input| Gates { order: LSTM, input };
        for shape in [&[1, 5, 2][..], &[3, 4, 2], &[4, 2], &[1, 4, 0], &[1, 0, 2], &[1, 4, 2, 1]] {
            assert_eq!(parts(&entry(shape), lstm(Input::Weights)), None, "{shape:?}");
        }
        assert_eq!(parts(&entry(&[1, 8, 3]), lstm(Input::Recurrent)), None);
        for shape in [&[1, 4][..], &[1, 9], &[1, 8, 1], &[0, 8]] {
            assert_eq!(parts(&entry(shape), lstm(Input::Biases)), None, "{shape:?}");
        }
    }
}
