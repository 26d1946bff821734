//! The stack machine of a pickle, without the one thing that makes it dangerous: it calls nothing.

use std::collections::BTreeMap;

use super::cursor::Cursor;
use super::heap::{Heap, Node, Value};
use super::opcode::{self, Opcode};
use super::{Fault, Pickle};
use crate::error::ErrorKind;
use crate::limits::PICKLE_OBJECT_LIMIT;

const STACK: ErrorKind = ErrorKind::Pickle { what: "takes more from its stack than is there" };

pub(super) struct Machine<'a> {
    cursor: Cursor<'a>,
    heap: Heap<'a>,
    stack: Vec<Value>,
    /// How long the stack was at each mark.
    marks: Vec<usize>,
    memo: BTreeMap<u32, Value>,
}

impl<'a> Machine<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        let heap = Heap { bytes, nodes: Vec::new() };
        let (stack, marks, memo) = (Vec::new(), Vec::new(), BTreeMap::new());
        Self { cursor: Cursor::new(bytes), heap, stack, marks, memo }
    }

    /// Follows the instructions up to the one that ends them.
    pub(super) fn run(mut self) -> Result<Pickle<'a>, Fault> {
        loop {
            let start = self.cursor.at;
            let opcode = opcode::read(&mut self.cursor)?;
            let fails = |kind| Fault { at: start, kind };
            if opcode == Opcode::Stop {
                let root = self.pop().map_err(fails)?;
                return Ok(Pickle { heap: self.heap, root, length: self.cursor.at });
            }
            self.step(opcode).map_err(fails)?;
            let held = self.stack.len().max(self.heap.nodes.len()).max(self.marks.len());
            if PICKLE_OBJECT_LIMIT < held.max(self.memo.len()) {
                return Err(fails(ErrorKind::PickleTooLarge { limit: PICKLE_OBJECT_LIMIT }));
            }
        }
    }

    fn step(&mut self, opcode: Opcode) -> Result<(), ErrorKind> {
        match opcode {
            Opcode::Pass | Opcode::Stop => {}
            Opcode::Mark => self.marks.push(self.stack.len()),
            Opcode::Pop => {
                self.pop()?;
            }
            Opcode::PopMark => drop(self.down_to_mark()?),
            Opcode::Dup => self.stack.push(self.top()?),
            Opcode::None => self.stack.push(Value::None),
            Opcode::Bool(value) => self.stack.push(Value::Bool(value)),
            Opcode::Int(value) => self.stack.push(Value::Int(value)),
            Opcode::Text(span) => self.stack.push(Value::Text(span)),
            Opcode::Bytes(value) => self.stack.push(Value::Bytes(value)),
            Opcode::Opaque => self.stack.push(Value::Opaque),
            Opcode::EmptyTuple => self.push(Node::Tuple(Vec::new())),
            Opcode::TupleOf(n) => {
                let values = self.topmost(n)?;
                self.push(Node::Tuple(values));
            }
            Opcode::Tuple => {
                let values = self.down_to_mark()?;
                self.push(Node::Tuple(values));
            }
            Opcode::EmptyList => self.push(Node::List(Vec::new())),
            Opcode::List => {
                let values = self.down_to_mark()?;
                self.push(Node::List(values));
            }
            Opcode::Append => {
                let values = self.topmost(1)?;
                self.append(values)?;
            }
            Opcode::Appends => {
                let values = self.down_to_mark()?;
                self.append(values)?;
            }
            Opcode::EmptyDict => self.push(Node::Dict(Vec::new())),
            Opcode::Dict => {
                let values = self.down_to_mark()?;
                self.push(Node::Dict(pairs(&values)?));
            }
            Opcode::SetItem => {
                let values = self.topmost(2)?;
                self.set(pairs(&values)?)?;
            }
            Opcode::SetItems => {
                let values = self.down_to_mark()?;
                self.set(pairs(&values)?)?;
            }
            Opcode::Global(module, name) => self.push(Node::Global(module, name)),
            Opcode::StackGlobal => match (self.pop()?, self.pop()?) {
                (Value::Text(name), Value::Text(module)) => self.push(Node::Global(module, name)),
                _ => return Err(ErrorKind::Pickle { what: "names a global by no text" }),
            },
            Opcode::Reduce | Opcode::NewObject(false) => {
                let (with, of) = (self.pop()?, self.pop()?);
                self.call(of, with);
            }
            Opcode::NewObject(true) => {
                let (named, with, of) = (self.pop()?, self.pop()?, self.pop()?);
                let with = self.make(Node::Tuple(vec![with, named]));
                self.call(of, with);
            }
            Opcode::Object => {
                let mut values = self.down_to_mark()?;
                if values.is_empty() {
                    return Err(STACK);
                }
                let of = values.remove(0);
                let with = self.make(Node::Tuple(values));
                self.call(of, with);
            }
            Opcode::Instance(module, name) => {
                let values = self.down_to_mark()?;
                let of = self.make(Node::Global(module, name));
                let with = self.make(Node::Tuple(values));
                self.call(of, with);
            }
            Opcode::Build => {
                let state = self.pop()?;
                self.attach(state)?;
            }
            Opcode::Put(key) => {
                self.memo.insert(key, self.top()?);
            }
            Opcode::Memoize => {
                let key = u32::try_from(self.memo.len()).unwrap_or(u32::MAX);
                self.memo.insert(key, self.top()?);
            }
            Opcode::Get(key) => {
                let unknown =
                    ErrorKind::Pickle { what: "refers to an object that it did not make" };
                self.stack.push(*self.memo.get(&key).ok_or(unknown)?);
            }
            Opcode::Persistent => {
                let id = self.pop()?;
                self.push(Node::Persistent(id));
            }
        }
        Ok(())
    }

    fn floor(&self) -> usize {
        self.marks.last().copied().unwrap_or(0)
    }

    fn top(&self) -> Result<Value, ErrorKind> {
        let above = self.floor() < self.stack.len();
        self.stack.last().copied().filter(|_| above).ok_or(STACK)
    }

    fn pop(&mut self) -> Result<Value, ErrorKind> {
        let top = self.top()?;
        self.stack.pop();
        Ok(top)
    }

    /// The topmost `n`, in the order in which they were pushed.
    fn topmost(&mut self, n: usize) -> Result<Vec<Value>, ErrorKind> {
        let start = self.stack.len().checked_sub(n).filter(|start| self.floor() <= *start);
        Ok(self.stack.split_off(start.ok_or(STACK)?))
    }

    fn down_to_mark(&mut self) -> Result<Vec<Value>, ErrorKind> {
        let mark = self.marks.pop().filter(|mark| *mark <= self.stack.len()).ok_or(STACK)?;
        Ok(self.stack.split_off(mark))
    }

    fn make(&mut self, node: Node) -> Value {
        let id = u32::try_from(self.heap.nodes.len()).unwrap_or(u32::MAX);
        self.heap.nodes.push(node);
        Value::Node(id)
    }

    fn push(&mut self, node: Node) {
        let value = self.make(node);
        self.stack.push(value);
    }

    /// Notes a call. Only a dictionary is made at once, because what it holds is given later.
    fn call(&mut self, of: Value, with: Value) {
        let dictionary = matches!(
            self.heap.global(of),
            Some(("collections", "OrderedDict" | "defaultdict" | "Counter"))
        );
        let node = if dictionary {
            Node::Dict(self.pairs_in(with))
        } else {
            Node::Call { of, with, state: Value::None }
        };
        self.push(node);
    }

    /// The pairs that a dictionary is made of when it is called with a list of them.
    fn pairs_in(&self, with: Value) -> Vec<(Value, Value)> {
        let listed = self.heap.elements(with).and_then(|with| with.first());
        let listed = listed.and_then(|listed| self.heap.elements(*listed)).unwrap_or_default();
        let pair = |value: &Value| match self.heap.elements(*value) {
            Some([key, value]) => Some((*key, *value)),
            _ => None,
        };
        listed.iter().filter_map(pair).collect()
    }

    fn target(&mut self) -> Result<(Value, &mut Node), ErrorKind> {
        let target = self.top()?;
        let node = match target {
            Value::Node(id) => usize::try_from(id).ok().and_then(|id| self.heap.nodes.get_mut(id)),
            _ => None,
        };
        let nothing = ErrorKind::Pickle { what: "puts something into what can hold nothing" };
        Ok((target, node.ok_or(nothing)?))
    }

    fn append(&mut self, values: Vec<Value>) -> Result<(), ErrorKind> {
        if let (_, Node::List(list)) = self.target()? {
            list.extend(values);
            return Ok(());
        }
        let values = self.make(Node::List(values));
        self.attach(values)
    }

    fn set(&mut self, pairs: Vec<(Value, Value)>) -> Result<(), ErrorKind> {
        if let (_, Node::Dict(dict)) = self.target()? {
            dict.extend(pairs);
            return Ok(());
        }
        let pairs = self.make(Node::Dict(pairs));
        self.attach(pairs)
    }

    /// Gives `value` to the object on top. A dictionary's own attributes are no part of it, and
    /// those of PyTorch hold no tensor.
    fn attach(&mut self, value: Value) -> Result<(), ErrorKind> {
        let held = match self.target()?.1 {
            Node::Dict(_) => return Ok(()),
            Node::Call { state, .. } => *state,
            _ => return Err(ErrorKind::Pickle { what: "gives a state to what can have none" }),
        };
        let both = match held {
            Value::None => value,
            held => self.make(Node::Tuple(vec![held, value])),
        };
        if let (_, Node::Call { state, .. }) = self.target()? {
            *state = both;
        }
        Ok(())
    }
}

fn pairs(values: &[Value]) -> Result<Vec<(Value, Value)>, ErrorKind> {
    let (pairs, rest) = values.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(ErrorKind::Pickle { what: "gives a key without a value" });
    }
    Ok(pairs.iter().map(|[key, value]| (*key, *value)).collect())
}
