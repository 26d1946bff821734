//! The tensors in what a pickle built, with the names of the way to them.

use crate::error::ErrorKind;
use crate::limits::{NAME_LIMIT, PICKLE_DEPTH_LIMIT};
use crate::oddity::Oddities;
use crate::pickle::{Heap, Node, Value};

/// Where a module keeps what its state dictionary lists without these names.
const PARTS: [&str; 3] = ["_parameters", "_buffers", "_modules"];

/// A tensor's name, and the call that makes it.
pub(crate) type Found = (String, Value);

/// Everything below the root of a pickle that is a tensor.
pub(crate) struct Walk<'a, 'b> {
    heap: &'a Heap<'b>,
    oddities: &'a mut Oddities,
    /// Whether a call makes a tensor.
    is_tensor: &'a dyn Fn(Value) -> bool,
    name: String,
    seen: Vec<bool>,
    found: Vec<Found>,
    /// How many bytes the names may still have, all together.
    budget: usize,
    others: u64,
    /// How often an object was met that had been listed.
    again: u64,
}

impl<'a, 'b> Walk<'a, 'b> {
    /// Of a pickle of `length` bytes. `name` is what all names begin with; `is_tensor` knows the
    /// calls that make tensors, which are not looked into.
    pub(crate) fn new(
        heap: &'a Heap<'b>,
        name: &str,
        length: usize,
        is_tensor: &'a dyn Fn(Value) -> bool,
        oddities: &'a mut Oddities,
    ) -> Self {
        let seen = vec![false; heap.len()];
        // A name of its own is written out, so only the parts that names share come for free.
        let budget = length.saturating_mul(8).saturating_add(1 << 16);
        let name = name.to_owned();
        Self {
            heap,
            oddities,
            is_tensor,
            name,
            seen,
            found: Vec::new(),
            budget,
            others: 0,
            again: 0,
        }
    }

    /// The tensors below `root`, and how many other values were passed over.
    pub(crate) fn run(mut self, root: Value) -> Result<(Vec<Found>, u64), ErrorKind> {
        self.visit(root, 0, false)?;
        if 0 < self.again {
            let what = format_args!(
                "objects that stand in a second place, and are listed in the first only: {}",
                self.again
            );
            self.oddities.tell("objects in two places", None, what);
        }
        Ok((self.found, self.others))
    }

    /// `of_object` says that `value` is the state of an object, and no container by itself.
    fn visit(&mut self, value: Value, depth: usize, of_object: bool) -> Result<(), ErrorKind> {
        let heap = self.heap;
        let Some(node) = heap.node(value) else {
            self.others += u64::from(value != Value::None);
            return Ok(());
        };
        if matches!(node, Node::Call { .. }) && (self.is_tensor)(value) {
            return self.keep(value);
        }
        if !self.enter(value, depth) {
            return Ok(());
        }
        match node {
            Node::Tuple(values) if of_object => {
                for value in values {
                    self.visit(*value, depth + 1, true)?;
                }
            }
            Node::Tuple(values) | Node::List(values) => {
                for (i, value) in values.iter().enumerate() {
                    self.below(&i.to_string(), *value, depth)?;
                }
            }
            Node::Dict(pairs) => {
                for (i, (key, value)) in pairs.iter().enumerate() {
                    match (heap.as_text(*key), key) {
                        (Some(key), _) if of_object && PARTS.contains(&key) => {
                            self.visit(*value, depth + 1, false)?;
                        }
                        (Some(key), _) => self.below(key, *value, depth)?,
                        (None, Value::Int(key)) => self.below(&key.to_string(), *value, depth)?,
                        (None, _) => self.below(&format!("<{i}>"), *value, depth)?,
                    }
                }
            }
            Node::Call { with, state, .. } => {
                self.visit(*with, depth + 1, false)?;
                self.visit(*state, depth + 1, true)?;
            }
            Node::Global(..) | Node::Persistent(_) => self.others += 1,
        }
        Ok(())
    }

    /// Whether an object is to be looked into: once, and not too deep.
    fn enter(&mut self, value: Value, depth: usize) -> bool {
        let Value::Node(id) = value else { return false };
        let seen = usize::try_from(id).ok().and_then(|id| self.seen.get_mut(id));
        let first = seen.is_some_and(|seen| !std::mem::replace(seen, true));
        let empty = self.heap.elements(value).is_some_and(<[Value]>::is_empty);
        if !first && !empty && self.holds_more(value) {
            self.again += 1;
        }
        if first && PICKLE_DEPTH_LIMIT < depth {
            let what = format_args!("lies more than {PICKLE_DEPTH_LIMIT} deep and is not read");
            self.oddities.tell("objects that lie too deep", Some(&self.name), what);
        }
        first && depth <= PICKLE_DEPTH_LIMIT
    }

    /// Whether an object holds others, and so perhaps tensors.
    fn holds_more(&self, value: Value) -> bool {
        let is_node = |value: &Value| matches!(value, Value::Node(_));
        match self.heap.node(value) {
            Some(Node::Tuple(values) | Node::List(values)) => values.iter().any(is_node),
            Some(Node::Dict(pairs)) => pairs.iter().any(|(_, value)| is_node(value)),
            Some(Node::Call { state, .. }) => is_node(state),
            _ => false,
        }
    }

    fn below(&mut self, key: &str, value: Value, depth: usize) -> Result<(), ErrorKind> {
        if !matches!(value, Value::Node(_)) {
            self.others += u64::from(value != Value::None);
            return Ok(());
        }
        let length = self.name.len();
        let has = length.saturating_add(key.len());
        if NAME_LIMIT < has {
            return Err(ErrorKind::NameTooLong { has, limit: NAME_LIMIT });
        }
        if 0 < length {
            self.name.push('.');
        }
        self.name.push_str(key);
        let visited = self.visit(value, depth + 1, false);
        self.name.truncate(length);
        visited
    }

    fn keep(&mut self, value: Value) -> Result<(), ErrorKind> {
        // Besides the name, a shape that many tensors share is written out for each.
        let costs = self.name.len().saturating_add(64);
        self.budget = self
            .budget
            .checked_sub(costs)
            .ok_or(ErrorKind::Pickle { what: "lists more tensors than its length can describe" })?;
        self.found.push((self.name.clone(), value));
        Ok(())
    }
}
