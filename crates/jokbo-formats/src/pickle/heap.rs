//! What a pickle builds: values that refer to one another by number, so that one object in many
//! places costs nothing and a million objects in one another are dropped without recursion.

use super::cursor::{self, Span};

/// A value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Value {
    None,
    Bool(bool),
    Int(i64),
    Text(Span),
    Bytes(Span),
    /// Something that no tensor is made of.
    Opaque,
    /// The object of this number.
    Node(u32),
}

/// An object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Node {
    Tuple(Vec<Value>),
    List(Vec<Value>),
    Dict(Vec<(Value, Value)>),
    /// A name of a module and a name in it. Nothing is ever looked up by it.
    Global(Span, Span),
    /// A call that was not made: the function or class, its arguments, and what was then given
    /// to the result.
    Call {
        of: Value,
        with: Value,
        state: Value,
    },
    /// What the pickle leaves to its surroundings: a storage.
    Persistent(Value),
}

/// Everything that one pickle built.
#[derive(Debug)]
pub(crate) struct Heap<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) nodes: Vec<Node>,
}

impl<'a> Heap<'a> {
    /// The object of a value, when it is one.
    pub(crate) fn node(&self, value: Value) -> Option<&Node> {
        match value {
            Value::Node(id) => self.nodes.get(usize::try_from(id).ok()?),
            _ => None,
        }
    }

    /// How many objects there are.
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// The text of `span`; bytes that are no text are an empty one.
    pub(crate) fn text(&self, span: Span) -> &'a str {
        str::from_utf8(cursor::of(self.bytes, span)).unwrap_or_default()
    }

    /// The text that a value is, when it is one.
    pub(crate) fn as_text(&self, value: Value) -> Option<&'a str> {
        match value {
            Value::Text(span) => Some(self.text(span)),
            _ => None,
        }
    }

    /// The elements of a tuple or list.
    pub(crate) fn elements(&self, value: Value) -> Option<&[Value]> {
        match self.node(value)? {
            Node::Tuple(values) | Node::List(values) => Some(values),
            _ => None,
        }
    }

    /// The keys and values of a dictionary; none of anything else.
    pub(crate) fn pairs(&self, value: Value) -> &[(Value, Value)] {
        match self.node(value) {
            Some(Node::Dict(pairs)) => pairs,
            _ => &[],
        }
    }

    /// Every value that the pickle leaves to its surroundings.
    pub(crate) fn persistent(&self) -> impl Iterator<Item = Value> {
        let numbered = (0u32..).zip(&self.nodes);
        numbered
            .filter(|(_, node)| matches!(node, Node::Persistent(_)))
            .map(|(id, _)| Value::Node(id))
    }

    /// The module and the name of a global.
    pub(crate) fn global(&self, value: Value) -> Option<(&'a str, &'a str)> {
        match self.node(value)? {
            Node::Global(module, name) => Some((self.text(*module), self.text(*name))),
            _ => None,
        }
    }
}
