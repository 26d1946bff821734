//! How two tensors that share ancestry differ: each way of changing weights with its own check.
//!
//! Nothing here is evidence of ancestry. A name is given only where its own check holds, and a
//! change that no check explains keeps no name: a wrong name is worse than a distance.
//!
//! [`change()`] looks at one pair of tensors: [`lattice`] and [`stored`] (quantised), [`mask`] (zeroed),
//! [`scale`] (multiplied), [`rank`] (an adapter merged), [`noise`] (independent noise, or the
//! structure that training leaves). [`merge`] and [`sparse`] look at one tensor and
//! several candidate parents.

pub mod change;
pub mod lattice;
pub mod mask;
pub mod merge;
pub mod noise;
pub mod rank;
pub mod rounding;
pub mod sample;
pub mod scale;
pub mod sparse;
pub mod spectrum;
pub mod stored;

pub use change::{Change, Kind, Side, change, change_on};
pub use sample::Sample;
