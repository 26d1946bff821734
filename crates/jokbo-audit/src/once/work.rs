//! What is done in which window.

use std::ops::{Range, RangeInclusive};

use jokbo_tensors::Block;

use super::SideBySide;
use crate::{Opened, survey, values};

/// A stretch of tensors and what is done with it.
pub(super) enum Task {
    /// Rows of an entry of a model, seen as one column, are searched for what is not finite.
    Search { model: usize, entry: usize, rows: Range<u64> },
    /// A block of a pair of a comparison is put side by side: the pair's number and the block's.
    Compare { comparison: usize, place: (usize, usize), block: Block },
}

/// What is cut into tasks: an entry of a model, or a pair of a comparison.
#[derive(Clone, Copy)]
enum Whole {
    Entry { model: usize, entry: usize },
    Pair { comparison: usize, pair: usize },
}

/// All that is to be done. Tasks are made window by window, so that what is held of them does not grow with the
/// models.
pub(super) struct Work<'a> {
    models: &'a [&'a Opened],
    comparisons: &'a [SideBySide<'a>],
    windows: u64,
    /// Each with the windows in which a task of it may begin.
    all: Vec<(Whole, RangeInclusive<u64>)>,
}

impl<'a> Work<'a> {
    pub(super) fn of(
        models: &'a [&'a Opened],
        comparisons: &'a [SideBySide<'a>],
        windows: u64,
    ) -> Self {
        let mut work = Self { models, comparisons, windows, all: Vec::new() };
        let mut add = |whole, opened: &Opened, entry: usize| {
            let elements = opened.checkpoint.entries[entry].elements();
            let ends = [0, elements].map(|element| opened.place(entry, element));
            let [first, last] = ends.map(|at| window_of(opened, at, windows));
            work.all.push((whole, first..=last));
        };
        for (model, opened) in models.iter().enumerate() {
            for entry in 0..opened.checkpoint.entries.len() {
                add(Whole::Entry { model, entry }, opened, entry);
            }
        }
        for (comparison, SideBySide { suspect, pairs, .. }) in comparisons.iter().enumerate() {
            for (pair, both) in pairs.iter().enumerate() {
                let entry = suspect.assignment.parts[both.suspect].entry;
                add(Whole::Pair { comparison, pair }, suspect, entry);
            }
        }
        work
    }

    /// The tasks that begin in a window.
    pub(super) fn of_window(&self, window: u64) -> Vec<Task> {
        let here = self.all.iter().filter(|(_, windows)| windows.contains(&window));
        let mut tasks = Vec::new();
        for (whole, _) in here {
            match *whole {
                Whole::Entry { model, entry } => {
                    let opened = self.models[model];
                    let stretches = survey::stretches(&opened.checkpoint.entries[entry]);
                    let begins = |rows: &Range<u64>| opened.place(entry, rows.start);
                    let here = stretches
                        .filter(|rows| window_of(opened, begins(rows), self.windows) == window);
                    tasks.extend(here.map(|rows| Task::Search { model, entry, rows }));
                }
                Whole::Pair { comparison, pair } => {
                    let SideBySide { suspect, reference, pairs } = &self.comparisons[comparison];
                    let part = &suspect.assignment.parts[pairs[pair].suspect];
                    let begins = |block: &Block| {
                        let element = part.view.place(block.rows.start, block.cols.start);
                        suspect.place(part.entry, element)
                    };
                    let blocks = values::blocks_of(suspect, reference, &pairs[pair]);
                    let blocks = blocks.into_iter().enumerate();
                    let here = blocks
                        .filter(|(_, b)| window_of(suspect, begins(b), self.windows) == window);
                    tasks.extend(here.map(|(k, block)| Task::Compare {
                        comparison,
                        place: (pair, k),
                        block,
                    }));
                }
            }
        }
        tasks
    }
}

/// The window of `windows` in which a byte of a model lies.
fn window_of(opened: &Opened, at: u64, windows: u64) -> u64 {
    let share = u128::from(at) * u128::from(windows) / u128::from(opened.stored().max(1));
    u64::try_from(share).unwrap_or(u64::MAX).min(windows - 1)
}
