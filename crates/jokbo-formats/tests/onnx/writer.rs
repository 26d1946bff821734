//! ONNX models for the tests, written field by field, lawful or not.

/// A number of variable length.
pub(crate) fn varint(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while 0x80 <= number {
        bytes.push(0x80 | u8::try_from(number & 0x7f).expect("seven bits"));
        number >>= 7;
    }
    bytes.push(u8::try_from(number).expect("seven bits"));
    bytes
}

/// A field that is a number.
pub(crate) fn number(field: u64, number: u64) -> Vec<u8> {
    [varint(field << 3), varint(number)].concat()
}

/// A field that is a message, a text or a run of numbers.
pub(crate) fn run(field: u64, bytes: &[u8]) -> Vec<u8> {
    [varint(field << 3 | 2), varint(bytes.len() as u64), bytes.to_vec()].concat()
}

/// A tensor of this name, type and shape; `data` are the fields with its numbers.
pub(crate) fn tensor(name: &str, element: u64, shape: &[u64], data: &[u8]) -> Vec<u8> {
    let axes: Vec<u8> = shape.iter().flat_map(|axis| number(1, *axis)).collect();
    [axes, number(2, element), run(8, name.as_bytes()), data.to_vec()].concat()
}

/// The field of raw numbers.
pub(crate) fn raw(numbers: &[u8]) -> Vec<u8> {
    run(9, numbers)
}

/// The fields that place numbers in another file.
pub(crate) fn external(pairs: &[(&str, &str)]) -> Vec<u8> {
    let pair = |(key, value): &(&str, &str)| {
        run(13, &[run(1, key.as_bytes()), run(2, value.as_bytes())].concat())
    };
    [pairs.iter().flat_map(pair).collect(), number(14, 1)].concat()
}

/// A node; `attributes` are whole messages.
pub(crate) fn node(op: &str, inputs: &[&str], output: &str, attributes: &[Vec<u8>]) -> Vec<u8> {
    let inputs: Vec<u8> = inputs.iter().flat_map(|name| run(1, name.as_bytes())).collect();
    let attributes: Vec<u8> = attributes.iter().flat_map(|one| run(5, one)).collect();
    [inputs, run(2, output.as_bytes()), run(3, b"n"), run(4, op.as_bytes()), attributes].concat()
}

/// An attribute of a node, with the field that holds its value.
pub(crate) fn attribute(name: &str, value: &[u8]) -> Vec<u8> {
    [run(1, name.as_bytes()), value.to_vec()].concat()
}

/// A graph of these nodes and initialisers.
pub(crate) fn graph(nodes: &[Vec<u8>], tensors: &[Vec<u8>]) -> Vec<u8> {
    let nodes: Vec<u8> = nodes.iter().flat_map(|node| run(1, node)).collect();
    let tensors: Vec<u8> = tensors.iter().flat_map(|tensor| run(5, tensor)).collect();
    [nodes, run(2, b"g"), tensors].concat()
}

/// A model of this graph.
pub(crate) fn model(graph: &[u8]) -> Vec<u8> {
    [number(1, 8), run(2, b"tests"), run(7, graph)].concat()
}

/// A model that stores one tensor `w`.
pub(crate) fn one(element: u64, shape: &[u64], data: &[u8]) -> Vec<u8> {
    model(&graph(&[], &[tensor("w", element, shape, data)]))
}
