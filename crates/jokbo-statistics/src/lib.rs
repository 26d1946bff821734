//! Statistics of shared weight ancestry: numbers in, numbers out.
//!
//! Null hypothesis everywhere: the weights of A and B are independent. What is exact is exact by
//! renumbering: an independent network with its hidden units renumbered is as likely as the
//! network itself (Zhu, Ahmed, Kuditipudi, Liang, *Independence Tests for Language Models*, ICML
//! 2025), so a statistic is compared with itself over renumberings of B.
//!
//! How to choose: [`pass`] measures how far two tensors are apart and proves nothing;
//! [`permutation`] tests one shared numbering of units; [`agreement`] counts the units that find
//! their own number and is stronger when few were copied; [`layers`] says which layer came from
//! which; [`many`] pays for every look; [`formula`] recognises tensors nobody trained;
//! [`sketch`] and [`moments`] find the copy of a tensor that no name places, before any test;
//! [`attention`] is what no rewriting of heads changes; [`vocabulary`] compares two tokenizers. Where the numbering was
//! hidden, [`polar`], [`standardise`], [`assignment`] and [`layer_path`] line things up and
//! [`matching`] says what a match is worth. Large products may be made on another [`device`].
//!
//! This room has no clock, no global generator and no thread count in its results.

#![cfg_attr(
    test,
    allow(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "tests count in small numbers"
    )
)]

pub mod agreement;
pub mod assignment;
pub mod attention;
pub mod card;
pub mod cosines;
pub mod detour;
pub mod device;
pub mod features;
pub mod formula;
pub mod join;
mod lanes;
pub mod layer_path;
pub mod layers;
pub mod many;
pub mod matching;
pub mod matrix;
pub mod mixture;
pub mod moments;
#[cfg(test)]
mod near;
pub mod number;
pub mod order;
pub mod pass;
pub mod permanent;
pub mod permutation;
pub mod polar;
pub mod relation;
pub mod scores;
pub mod seed;
pub mod sequential;
pub mod sketch;
pub mod spanning;
pub mod standardise;
pub mod stored;
pub mod vocabulary;
mod widest;
