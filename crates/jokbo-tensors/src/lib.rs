//! Entries of a checkpoint read as rows of `f32`.
//!
//! A [`View`] is a matrix laid over one stored tensor: a transposed, fused or stacked form is a
//! view too, so that everything downstream sees one canonical matrix, rows = output units. A
//! [`Tensor`] joins a view with the bytes it is read from, and hands out [`Block`]s whose borders
//! follow from the shape alone.

#![cfg_attr(
    test,
    allow(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "tests count in small numbers"
    )
)]

mod chunk;
mod compose;
mod decode;
mod dequantise;
mod merge;
mod tensor;
mod view;
mod walk;

pub use jokbo_formats::{Adapter, Checkpoint, Dtype, Entry, PART_FOLDERS, Start};

pub use chunk::{Block, CHUNK_ELEMENTS, blocks};
pub use decode::{decode, decode_f64, encode_rounded, stored_kind};
pub use tensor::{Place, ReadError, Tensor};
pub use view::View;
pub use walk::Walk;
