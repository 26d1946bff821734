//! The graph of a model: its stored tensors, and which nodes use them.
//!
//! The numbers of the fields are those of `onnx.proto3`. Graphs lie in one another (the branches
//! of an `If`), and each may store tensors of its own.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::scope::Scope;
use super::tensor::{self, Stored};
use crate::Error;
use crate::error::ErrorKind;
use crate::limits::{GRAPH_DEPTH_LIMIT, NODE_LIMIT, TENSOR_LIMIT, TEXT_LIMIT};
use crate::wire::{Field, Span, Wire};

/// Most inputs and outputs of a node that are looked at. Nodes that use weights have fewer.
const MOST_INPUTS: usize = 16;

/// What a model holds.
#[derive(Debug, Default)]
pub(super) struct Model {
    pub(super) tensors: Vec<Stored>,
    pub(super) nodes: Vec<Node>,
    /// The model's own texts, by key.
    pub(super) metadata: BTreeMap<String, String>,
    /// Sparse tensors, which are not read.
    pub(super) sparse: u64,
    /// Graphs for training, which are not looked into.
    pub(super) training: u64,
}

/// A node, as far as it can say something of a weight.
#[derive(Debug, Default)]
pub(super) struct Node {
    pub(super) op: String,
    pub(super) inputs: Vec<String>,
    pub(super) outputs: Vec<String>,
    /// Its attributes that are whole numbers.
    pub(super) numbers: BTreeMap<String, i64>,
}

/// Reads the message that a file is.
pub(super) fn read(wire: &mut Wire<'_>) -> Result<Model, Error> {
    let mut model = Model::default();
    let mut graph = None;
    let mut span = wire.whole();
    while let Some(field) = wire.field(&mut span)? {
        match field.number {
            2 | 3 => {
                let key = if field.number == 2 { "producer_name" } else { "producer_version" };
                keep(wire, &mut model, key.to_owned(), field)?;
            }
            7 => wire.once(&mut graph, field, wire.run(field)?)?,
            14 => read_property(wire, field, &mut model)?,
            20 => model.training += 1,
            _ => {}
        }
    }
    let graph = graph.ok_or_else(|| wire.fails(0, ErrorKind::Onnx { what: "holds no graph" }))?;
    read_graph(wire, graph, (0, Rc::default()), &mut model)?;
    Ok(model)
}

/// Keeps a text of the model's own, unless it is longer than anybody would read.
fn keep(wire: &Wire<'_>, model: &mut Model, key: String, field: Field) -> Result<(), Error> {
    if (1..=TEXT_LIMIT).contains(&wire.run(field)?.bytes()) {
        model.metadata.insert(key, wire.text(field)?);
    }
    Ok(())
}

/// One of the properties that a program gave to the model.
fn read_property(wire: &mut Wire<'_>, field: Field, model: &mut Model) -> Result<(), Error> {
    let mut span = wire.run(field)?;
    let (mut key, mut value) = (None, None);
    while let Some(field) = wire.field(&mut span)? {
        match field.number {
            1 => wire.once(&mut key, field, wire.name(field)?)?,
            2 => wire.once(&mut value, field, field)?,
            _ => {}
        }
    }
    match (key, value) {
        (Some(key), Some(value)) => keep(wire, model, key, value),
        _ => Ok(()),
    }
}

fn read_graph(
    wire: &mut Wire<'_>,
    mut span: Span,
    (depth, scope): (usize, Rc<Scope>),
    model: &mut Model,
) -> Result<(), Error> {
    if GRAPH_DEPTH_LIMIT < depth {
        let kind = ErrorKind::GraphTooDeep { limit: GRAPH_DEPTH_LIMIT };
        return Err(wire.fails(span.start, kind));
    }
    // What stands twice in one graph is an error; in two graphs it is two tensors.
    let first = model.tensors.len();
    while let Some(field) = wire.field(&mut span)? {
        match field.number {
            1 => {
                let node = wire.run(field)?;
                read_node(wire, node, (depth, &scope), model)?;
            }
            5 => {
                let span = wire.run(field)?;
                model.tensors.push(tensor::describe(wire, span, depth, Rc::clone(&scope))?);
            }
            15 => model.sparse += 1,
            _ => {}
        }
        if TENSOR_LIMIT < model.tensors.len() {
            let kind = ErrorKind::TooManyTensors { limit: TENSOR_LIMIT };
            return Err(wire.fails(field.byte, kind));
        }
    }
    let mut names: Vec<&Stored> =
        model.tensors[first..].iter().filter(|tensor| tensor.depth == depth).collect();
    names.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    match names.windows(2).find(|pair| pair[0].name == pair[1].name) {
        Some(pair) => {
            let place = wire.place.clone().tensor(&pair[1].name).byte(pair[1].byte);
            Err(place.error(ErrorKind::TensorTwice))
        }
        None => Ok(()),
    }
}

/// The attributes of a node that are whole numbers, and that matter for the values of a weight.
const NUMBERS: [&str; 6] = ["axis", "block_size", "bits", "K", "N", "to"];

fn read_node(
    wire: &mut Wire<'_>,
    mut span: Span,
    (depth, scope): (usize, &Rc<Scope>),
    model: &mut Model,
) -> Result<(), Error> {
    if NODE_LIMIT <= model.nodes.len() {
        return Err(wire.fails(span.start, ErrorKind::TooManyNodes { limit: NODE_LIMIT }));
    }
    let mut node = Node::default();
    let (mut name, mut op) = (None, None);
    let (mut constant, mut graphs) = (None, Vec::new());
    while let Some(field) = wire.field(&mut span)? {
        match field.number {
            1 if node.inputs.len() < MOST_INPUTS => node.inputs.push(wire.name(field)?),
            2 if node.outputs.len() < MOST_INPUTS => node.outputs.push(wire.name(field)?),
            3 => wire.once(&mut name, field, wire.name(field)?)?,
            4 => wire.once(&mut op, field, wire.name(field)?)?,
            5 => {
                let attribute = read_attribute(wire, field)?;
                match (attribute.name.as_str(), attribute.number) {
                    ("value", _) => constant = constant.or(attribute.tensor),
                    (name, Some(number)) if NUMBERS.contains(&name) => {
                        node.numbers.insert(name.to_owned(), number);
                    }
                    _ => {}
                }
                let branch: Rc<str> = attribute.name.into();
                let named = |span| (Rc::clone(&branch), span);
                graphs.extend(attribute.graphs.into_iter().map(named));
            }
            _ => {}
        }
    }
    node.op = op.unwrap_or_default();
    // A constant is called what its node puts out.
    if let ("Constant", Some(span), Some(output)) = (&*node.op, constant, node.outputs.first()) {
        let stored = tensor::describe(wire, span, depth, Rc::clone(scope))?;
        model.tensors.push(Stored { name: output.clone(), ..stored });
        return Ok(());
    }
    let name: Rc<str> = name.unwrap_or_default().into();
    model.nodes.push(node);
    for (branch, span) in graphs {
        let inner = Scope::within(scope, &name, branch);
        read_graph(wire, span, (depth + 1, Rc::new(inner)), model)?;
    }
    Ok(())
}

/// An attribute, as far as it is looked at.
#[derive(Default)]
struct Attribute {
    name: String,
    number: Option<i64>,
    tensor: Option<Span>,
    graphs: Vec<Span>,
}

fn read_attribute(wire: &mut Wire<'_>, field: Field) -> Result<Attribute, Error> {
    let mut span = wire.run(field)?;
    let mut attribute = Attribute::default();
    let mut name = None;
    while let Some(field) = wire.field(&mut span)? {
        match field.number {
            1 => wire.once(&mut name, field, wire.name(field)?)?,
            3 => {
                let number = wire.number(field)?.cast_signed();
                wire.once(&mut attribute.number, field, number)?;
            }
            5 => wire.once(&mut attribute.tensor, field, wire.run(field)?)?,
            6 | 11 => attribute.graphs.push(wire.run(field)?),
            _ => {}
        }
    }
    attribute.name = name.unwrap_or_default();
    Ok(attribute)
}
