//! A pickle read as data.
//!
//! A pickle is a program: names of functions, and the order to call them. Here the instructions
//! only build a tree. A call is noted and not made, a name is never looked up, and what the tree
//! says of tensors is worked out afterwards. `opcode` reads one instruction, `machine` follows
//! it, `heap` holds what is built, `tree` finds the tensors in it, and `global` knows the names that
//! are nothing to tell.

mod cursor;
mod global;
mod heap;
mod machine;
mod opcode;
mod tree;

pub(crate) use cursor::Span;
pub(crate) use global::tell;
pub(crate) use heap::{Heap, Node, Value};
pub(crate) use tree::Walk;

use crate::error::ErrorKind;

/// What one pickle built.
#[derive(Debug)]
pub(crate) struct Pickle<'a> {
    /// The objects.
    pub(crate) heap: Heap<'a>,
    /// The one that it is all about.
    pub(crate) root: Value,
    /// Bytes up to its end; more may follow.
    pub(crate) length: usize,
}

/// Something wrong at a byte of a pickle.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) at: usize,
    pub(crate) kind: ErrorKind,
}

/// Reads the pickle that `bytes` begin with.
pub(crate) fn read(bytes: &[u8]) -> Result<Pickle<'_>, Fault> {
    machine::Machine::new(bytes).run()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn builds(bytes: &[u8], want: &str) {
        let pickle = read(bytes).unwrap();
        assert_eq!(written(&pickle.heap, pickle.root), want);
        assert_eq!(pickle.length, bytes.len());
    }

    #[track_caller]
    fn fails(bytes: &[u8], want: &str) {
        let fault = read(bytes).unwrap_err();
        assert_eq!(format!("{}: {}", fault.at, fault.kind), want);
    }

    /// A small tree as text.
    fn written(heap: &Heap<'_>, value: Value) -> String {
        let all = |values: &[Value]| {
            values.iter().map(|value| written(heap, *value)).collect::<Vec<_>>().join(",")
        };
        match (value, heap.node(value)) {
            (Value::None, _) => "none".to_owned(),
            (Value::Bool(value), _) => value.to_string(),
            (Value::Int(value), _) => value.to_string(),
            (Value::Text(span), _) => format!("'{}'", heap.text(span)),
            (_, Some(Node::Tuple(values))) => format!("({})", all(values)),
            (_, Some(Node::List(values))) => format!("[{}]", all(values)),
            (_, Some(Node::Dict(pairs))) => {
                let pair = |(key, value): &(Value, Value)| {
                    format!("{}:{}", written(heap, *key), written(heap, *value))
                };
                format!("{{{}}}", pairs.iter().map(pair).collect::<Vec<_>>().join(","))
            }
            (_, Some(Node::Global(module, name))) => {
                format!("{}.{}", heap.text(*module), heap.text(*name))
            }
            (_, Some(Node::Call { of, with, state })) => {
                format!("{}{}/{}", written(heap, *of), written(heap, *with), written(heap, *state))
            }
            (Value::Bytes(span), _) => format!("b{}", span.end - span.start),
            (_, Some(Node::Persistent(id))) => format!("<{}>", written(heap, *id)),
            _ => "?".to_owned(),
        }
    }

    #[test]
    fn numbers_and_texts_are_read() {
        builds(
            b"\x80\x02(K\x07M\x01\x02J\xff\xff\xff\xff\x8a\x01\xfe\x8a\0\x88Nt.",
            "(7,513,-1,-2,0,true,none)",
        );
        builds(b"\x80\x04\x95\0\0\0\0\0\0\0\0\x8c\x03abcX\x02\0\0\0de\x86.", "('abc','de')");
        builds(b"\x80\x02(G\0\0\0\0\0\0\0\0U\x01aC\x01b\x8a\x09123456789t.", "(?,'a',b1,?)");
    }

    #[test]
    fn containers_are_filled() {
        builds(b"\x80\x02}(K\x01K\x02K\x03]K\x04auK\x05Ns.", "{1:2,3:[4],5:none}");
        builds(b"\x80\x02ccollections\nOrderedDict\n)RK\x01K\x02s}b.", "{1:2}");
        builds(b"\x80\x02](]q\0h\0h\0\x86e.", "[[],([],[])]");
    }

    #[test]
    fn a_call_is_noted_and_not_made() {
        builds(b"\x80\x02cos\nsystem\nX\x04\0\0\0true\x85R.", "os.system('true')/none");
        builds(b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x04true\x85R.", "os.system('true')/none");
        builds(b"\x80\x02cm\nC\n)\x81}K\x01K\x02sb.", "m.C()/{1:2}");
        builds(b"\x80\x02(K\x01im\nC\n.", "m.C(1)/none");
        builds(b"\x80\x02K\x07Q.", "<7>");
    }

    #[test]
    fn what_is_no_pickle_is_refused() {
        fails(b"\x80\x02", "2: the file ends within a pickle: 1 byte needed and 0 left");
        fails(b"\x80\x09.", "0: the pickle is of protocol 9, and protocols 2 to 5 are read");
        fails(b"\x80\x02.", "2: the pickle takes more from its stack than is there");
        fails(b"\x80\x02N(0.", "4: the pickle takes more from its stack than is there");
        fails(b"\x80\x02h\x05.", "2: the pickle refers to an object that it did not make");
        fails(b"\x80\x02\x82\x01.", "2: the pickle has the opcode 0x82, which is not read");
        fails(
            b"\x80\x02X\xff\xff\xff\xff.",
            "7: the file ends within a pickle: 4294967295 bytes needed and 1 left",
        );
        fails(b"\x80\x02K\x01}b.", "5: the pickle puts something into what can hold nothing");
        fails(b"\x80\x02}(K\x01u.", "6: the pickle gives a key without a value");
    }
}
