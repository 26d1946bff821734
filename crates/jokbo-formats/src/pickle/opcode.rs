//! One instruction of a pickle: the opcodes of protocols 2 to 5 with their operands.
//!
//! The codes are those of Python's `pickletools`, section "The opcodes". What only protocols 0
//! and 1 write is not read, and neither are the extension registry and buffers outside the file.

use super::Fault;
use super::cursor::{Cursor, Span};
use crate::error::ErrorKind;

/// One instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Opcode {
    /// Nothing to do: a protocol number, or the length of a frame.
    Pass,
    Stop,
    Mark,
    Pop,
    PopMark,
    Dup,
    None,
    Bool(bool),
    Int(i64),
    Text(Span),
    Bytes(Span),
    /// A value that can be no part of a tensor: a fraction, a very long number.
    Opaque,
    EmptyTuple,
    /// The topmost one to three values.
    TupleOf(usize),
    /// All values down to the mark.
    Tuple,
    EmptyList,
    List,
    Append,
    Appends,
    EmptyDict,
    Dict,
    SetItem,
    SetItems,
    Global(Span, Span),
    StackGlobal,
    /// A function called with a tuple.
    Reduce,
    /// A class called with a tuple, and with names when `true`.
    NewObject(bool),
    /// A class below the other values down to the mark, called with them.
    Object,
    /// A class named here, called with the values down to the mark.
    Instance(Span, Span),
    Build,
    Put(u32),
    Memoize,
    Get(u32),
    Persistent,
}

/// The next instruction.
pub(super) fn read(cursor: &mut Cursor<'_>) -> Result<Opcode, Fault> {
    let start = cursor.at;
    let code = cursor.byte()?;
    Ok(match code {
        0x80 => {
            let protocol = cursor.byte()?;
            if !(2..=5).contains(&protocol) {
                return Err(Fault { at: start, kind: ErrorKind::PickleProtocol { protocol } });
            }
            Opcode::Pass
        }
        0x95 => {
            cursor.u64()?;
            Opcode::Pass
        }
        b'.' => Opcode::Stop,
        b'(' => Opcode::Mark,
        b'0' => Opcode::Pop,
        b'1' => Opcode::PopMark,
        b'2' => Opcode::Dup,
        b'N' => Opcode::None,
        0x88 => Opcode::Bool(true),
        0x89 => Opcode::Bool(false),
        b'J' => Opcode::Int(i32::from_le_bytes(cursor.array()?).into()),
        b'K' => Opcode::Int(cursor.byte()?.into()),
        b'M' => Opcode::Int(u16::from_le_bytes(cursor.array()?).into()),
        0x8a => {
            let n = cursor.byte()?.into();
            cursor.long(n)?.map_or(Opcode::Opaque, Opcode::Int)
        }
        0x8b => {
            let n = cursor.u32()?.into();
            cursor.long(n)?.map_or(Opcode::Opaque, Opcode::Int)
        }
        b'G' => {
            cursor.take(8)?;
            Opcode::Opaque
        }
        b'X' | b'T' => {
            let n = cursor.u32()?.into();
            Opcode::Text(cursor.take(n)?)
        }
        0x8c | b'U' => {
            let n = cursor.byte()?.into();
            Opcode::Text(cursor.take(n)?)
        }
        0x8d => {
            let n = cursor.u64()?;
            Opcode::Text(cursor.take(n)?)
        }
        b'C' => {
            let n = cursor.byte()?.into();
            Opcode::Bytes(cursor.take(n)?)
        }
        b'B' => {
            let n = cursor.u32()?.into();
            Opcode::Bytes(cursor.take(n)?)
        }
        0x8e | 0x96 => {
            let n = cursor.u64()?;
            Opcode::Bytes(cursor.take(n)?)
        }
        b')' => Opcode::EmptyTuple,
        0x85 => Opcode::TupleOf(1),
        0x86 => Opcode::TupleOf(2),
        0x87 => Opcode::TupleOf(3),
        // A frozen set holds what a tuple would.
        b't' | 0x91 => Opcode::Tuple,
        // And a set what a list would.
        b']' | 0x8f => Opcode::EmptyList,
        b'l' => Opcode::List,
        b'a' => Opcode::Append,
        b'e' | 0x90 => Opcode::Appends,
        b'}' => Opcode::EmptyDict,
        b'd' => Opcode::Dict,
        b's' => Opcode::SetItem,
        b'u' => Opcode::SetItems,
        b'c' => Opcode::Global(cursor.line()?, cursor.line()?),
        0x93 => Opcode::StackGlobal,
        b'R' => Opcode::Reduce,
        0x81 => Opcode::NewObject(false),
        0x92 => Opcode::NewObject(true),
        b'o' => Opcode::Object,
        b'i' => Opcode::Instance(cursor.line()?, cursor.line()?),
        b'b' => Opcode::Build,
        b'q' => Opcode::Put(cursor.byte()?.into()),
        b'r' => Opcode::Put(cursor.u32()?),
        0x94 => Opcode::Memoize,
        b'h' => Opcode::Get(cursor.byte()?.into()),
        b'j' => Opcode::Get(cursor.u32()?),
        b'Q' => Opcode::Persistent,
        _ => return Err(Fault { at: start, kind: ErrorKind::PickleOpcode { code } }),
    })
}
