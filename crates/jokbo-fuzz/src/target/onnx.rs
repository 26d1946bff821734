//! An ONNX model, with two data files beside it that its tensors may name.

use crate::onnx_writer::{
    attribute, external, graph, model, node, number, one, raw, run as field, tensor,
};
use crate::{held, seeds};

/// An empty node of two bytes is four lists, and a tensor has as many; a list that grows holds both
/// its old room and a new one twice as large.
const MEMORY_TIMES: usize = 400;

pub(super) fn run(bytes: &[u8]) {
    let data = |path: &str| (path.to_owned(), (0..64).collect());
    let files = [("m.onnx".to_owned(), bytes.to_vec()), data("m.data"), data("a/m.data")];
    if let Some(checkpoint) = held::checkpoint(&files, None, MEMORY_TIMES) {
        held::values(&checkpoint);
    }
}

pub(super) fn seeds() -> Vec<Vec<u8>> {
    let mut all = seeds::museum(&[".onnx"]);
    all.push(one(1, &[2], &raw(&[60; 8])));
    all.push(one(1, &[2], &field(4, &[60; 8])));
    all.push(one(3, &[20], &field(5, &[3; 20])));
    let place = [("location", "m.data"), ("offset", "8"), ("length", "16")];
    all.push(one(1, &[4], &external(&place)));
    let floats = |name: &str, n: u64| {
        let bytes = vec![60; 4 * usize::try_from(n).expect("a few")];
        tensor(name, 1, &[n], &raw(&bytes))
    };
    let codes = tensor("w_quantized", 3, &[5, 4], &raw(&[7; 20]));
    let zero = tensor("z", 3, &[4], &raw(&[1; 4]));
    let axis = attribute("axis", &number(3, 1));
    let dequantised = node("DequantizeLinear", &["w_quantized", "s", "z"], "w", &[axis]);
    all.push(model(&graph(&[dequantised], &[codes.clone(), floats("s", 4), zero.clone()])));
    let product = [
        node("MatMulInteger", &["x", "w_quantized", "", "z"], "p", &[]),
        node("Cast", &["p"], "c", &[]),
        node("Mul", &["xs", "s"], "ss", &[]),
        node("Mul", &["c", "ss"], "y", &[]),
    ];
    all.push(model(&graph(&product, &[codes, floats("s", 4), zero])));
    let numbers = [("K", 32), ("N", 4), ("bits", 4), ("block_size", 16)];
    let numbers = numbers.map(|(name, value)| attribute(name, &number(3, value)));
    let blocks = node("MatMulNBits", &["x", "b", "s"], "y", &numbers);
    let packed = tensor("b", 2, &[4, 2, 8], &raw(&[0x9a; 64]));
    all.push(model(&graph(&[blocks], &[packed, floats("s", 8)])));
    let branch = |fill| graph(&[], &[tensor("w", 1, &[1], &raw(&[fill; 4]))]);
    let branches =
        [("then", 1), ("else", 2)].map(|(name, fill)| attribute(name, &field(6, &branch(fill))));
    let shaped = |name: &str, shape: &[u64]| {
        let n = usize::try_from(shape.iter().product::<u64>()).expect("a few");
        tensor(name, 1, shape, &raw(&vec![60; 4 * n]))
    };
    let tensors = [shaped("w", &[2, 3, 2]), shaped("r", &[2, 3, 1]), shaped("b", &[2, 6])];
    all.push(model(&graph(&[node("GRU", &["x", "w", "r", "b"], "y", &[])], &tensors)));
    let tensors = [shaped("w", &[1, 4, 2]), shaped("r", &[1, 4, 1])];
    all.push(model(&graph(&[node("LSTM", &["x", "w", "r"], "y", &[])], &tensors)));
    let constant = node("Constant", &[], "k", &[attribute("value", &field(5, &floats("", 3)))]);
    all.push(model(&graph(&[node("If", &["x"], "y", &branches), constant], &[])));
    all
}
