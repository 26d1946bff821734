//! Which tensors hold one weight together: the nodes of the graph say so.
//!
//! ```text
//! DequantizeLinear  codes scale zero                             axis 1 unless given
//! Gather            codes → DequantizeLinear  · scale zero       one scale for all
//! Cast              codes → Mul  · scale                         the scale's own shape
//! QLinearMatMul     · · · codes scale zero                       columns
//! QLinearConv       · · · codes scale zero                       first axis
//! MatMulInteger     · codes · zero → Cast → Mul  · (Mul · scale) columns
//! ConvInteger       · codes · zero → Cast → Mul  · (Mul · scale) first axis
//! MatMulNBits       · codes scale zero                           blocks of columns
//! ```
//!
//! Sources: ONNX's operator reference, and the contributed operators of ONNX Runtime for
//! `MatMulNBits`. A zero point that is left out is 0.

use std::collections::BTreeMap;

use super::element::Element;
use super::graph::{Model, Node};
use crate::Dtype;
use crate::compose::{Form, Join};

/// The endings that programs give to the codes of a weight.
const ENDINGS: [&str; 6] = ["_quantized", "_quant", "_int8", "_uint8", "_Q4", "_q"];

/// The groups of `model`, each tensor of codes in one group.
pub(super) fn joins(model: &Model) -> Vec<Join> {
    let graph = Graph::of(model);
    let mut joins: BTreeMap<String, Join> = BTreeMap::new();
    for node in &model.nodes {
        if let Some(join) = graph.join(node) {
            joins.entry(join.codes.clone()).or_insert(join);
        }
    }
    joins.into_values().collect()
}

/// The nodes by what they take and put out, and the types of what is stored.
struct Graph<'a> {
    stored: BTreeMap<&'a str, Element>,
    taken_by: BTreeMap<&'a str, Vec<&'a Node>>,
    made_by: BTreeMap<&'a str, &'a Node>,
}

impl<'a> Graph<'a> {
    fn of(model: &'a Model) -> Self {
        let stored = model.tensors.iter().map(|stored| (&*stored.name, stored.element));
        let mut taken_by: BTreeMap<&str, Vec<&Node>> = BTreeMap::new();
        let mut made_by = BTreeMap::new();
        for node in &model.nodes {
            for input in &node.inputs {
                taken_by.entry(input).or_default().push(node);
            }
            for output in &node.outputs {
                made_by.insert(output.as_str(), node);
            }
        }
        Self { stored: stored.collect(), taken_by, made_by }
    }

    /// The group whose codes `node` takes.
    fn join(&self, node: &Node) -> Option<Join> {
        let input =
            |n: usize| node.inputs.get(n).map(String::as_str).filter(|name| !name.is_empty());
        let axis = |default| node.numbers.get("axis").copied().unwrap_or(default);
        match &*node.op {
            "DequantizeLinear" => {
                let codes = self.codes(input(0)?).or_else(|| self.gathered(input(0)?))?;
                self.group(codes, input(1)?, input(2), axis(1))
            }
            "Cast" => {
                let codes = self.codes(input(0)?)?;
                let scaled = self.next(node, "Mul")?;
                let scale = self.other(scaled, node.outputs.first()?)?;
                self.group(codes, scale, None, 0)
            }
            "QLinearMatMul" => self.group(self.codes(input(3)?)?, input(4)?, input(5), -1),
            "QLinearConv" => self.group(self.codes(input(3)?)?, input(4)?, input(5), 0),
            "MatMulInteger" | "ConvInteger" => {
                let codes = self.codes(input(1)?)?;
                let scaled = self.next(self.next(node, "Cast")?, "Mul")?;
                // One of its inputs is the product, the other the product of both scales.
                let scales = scaled.inputs.iter().filter_map(|name| self.made_by.get(&**name));
                let scale = scales
                    .filter(|scales| scales.op == "Mul")
                    .flat_map(|scales| &scales.inputs)
                    .find(|name| self.is_float(name))?;
                let axis = if node.op == "MatMulInteger" { -1 } else { 0 };
                self.group(codes, scale, input(3), axis)
            }
            "MatMulNBits" => {
                let number = |key| node.numbers.get(key).and_then(|n| u64::try_from(*n).ok());
                let (rows, cols, block) = (number("N")?, number("K")?, number("block_size")?);
                let bits = number("bits").unwrap_or(4);
                let form = Form::Blocks { bits: u8::try_from(bits).ok()?, rows, cols, block };
                let join = self.group(self.codes(input(1)?)?, input(2)?, input(3), 0)?;
                // The order in which groups of columns were put is not undone.
                input(4).is_none().then_some(Join { form, ..join })
            }
            _ => None,
        }
    }

    fn group(&self, codes: &str, scale: &str, zero: Option<&str>, axis: i64) -> Option<Join> {
        if !self.is_float(scale) || zero.is_some_and(|zero| !self.stored.contains_key(zero)) {
            return None;
        }
        let stem = ENDINGS.iter().find_map(|ending| codes.strip_suffix(ending));
        Some(Join {
            name: stem.filter(|stem| !stem.is_empty()).unwrap_or(codes).to_owned(),
            codes: codes.to_owned(),
            scale: scale.to_owned(),
            zero: zero.map(str::to_owned),
            form: Form::Bytes { axis },
        })
    }

    /// `name`, when it is stored and can be codes.
    fn codes<'b>(&self, name: &'b str) -> Option<&'b str> {
        let codes = matches!(self.stored.get(name)?, Element::Read(Dtype::I8 | Dtype::U8));
        codes.then_some(name)
    }

    /// The codes of which rows are gathered into `name`.
    fn gathered(&self, name: &str) -> Option<&'a str> {
        let node = self.made_by.get(name).filter(|node| node.op == "Gather")?;
        self.codes(node.inputs.first()?)
    }

    fn is_float(&self, name: &str) -> bool {
        matches!(self.stored.get(name), Some(Element::Read(dtype)) if dtype.is_float())
    }

    /// The only node of kind `op` that takes what `node` puts out.
    fn next(&self, node: &Node, op: &str) -> Option<&'a Node> {
        let mut takers = self.taken_by.get(node.outputs.first()?.as_str())?.iter();
        takers.find(|taker| taker.op == op).copied()
    }

    /// The stored input of a node beside `name`.
    fn other(&self, node: &'a Node, name: &str) -> Option<&'a str> {
        node.inputs.iter().map(String::as_str).find(|input| *input != name && self.is_float(input))
    }
}
