//! Every byte of the models read from the disk once: digests, weights that are not finite, and the
//! stored values of every pair side by side.
//!
//! A digest wants a file's bytes in their order, and a pair wants the same rows of two files. So all
//! of it walks through the models together, window by window: what a window holds is read from the
//! disk by whoever comes first, and from the memory that the system keeps of files by the others. No
//! result depends on the windows.

use std::collections::BTreeMap;
use std::{slice, thread};

use jokbo_components::Pair;
use jokbo_formats::SourceFile;
use jokbo_formats::digest::Running;
use jokbo_statistics::join::Joining;
use jokbo_verdict::FileDigest;
use rayon::prelude::*;

use crate::step::step;
use crate::survey::{self, NotFinite, Survey};
use crate::values::{self, PairValues};
use crate::{Error, Opened, Progress};

mod work;

use work::{Task, Work};

/// Bytes of the largest model in a window: all models' windows together are far less than any machine
/// keeps in memory of what it has read.
const WINDOW: u64 = 128 << 20;

/// Two models with the pairs whose values are put side by side.
pub(crate) struct SideBySide<'a> {
    pub(crate) suspect: &'a Opened,
    pub(crate) reference: &'a Opened,
    pub(crate) pairs: Vec<Pair>,
}

/// What reading everything once gave.
pub(crate) struct Once {
    /// Of every model.
    pub(crate) surveys: Vec<Survey>,
    /// Of every comparison: its pairs with their values.
    pub(crate) values: Vec<BTreeMap<Pair, PairValues>>,
}

/// Reads every one of `models` to its end and compares on the way.
pub(crate) fn read(
    models: &[&Opened],
    comparisons: &[SideBySide<'_>],
    progress: &dyn Progress,
) -> Result<Once, Error> {
    in_windows(WINDOW, models, comparisons, progress)
}

fn in_windows(
    window: u64,
    models: &[&Opened],
    comparisons: &[SideBySide<'_>],
    progress: &dyn Progress,
) -> Result<Once, Error> {
    progress.stage("reading every byte", models.iter().map(|opened| opened.bytes()).sum());
    let names: Vec<&str> = models.iter().map(|opened| opened.checkpoint.source.as_str()).collect();
    let _step = step!("digests and values", models = names.join(", "));
    let largest = models.iter().map(|opened| opened.stored()).max().unwrap_or(0);
    let windows = largest.div_ceil(window).max(1);
    let mut digests: Vec<Digesting<'_>> =
        models.iter().enumerate().flat_map(|(k, opened)| Digesting::of(k, opened)).collect();
    let mut not_finite: Vec<Vec<NotFinite>> = models
        .iter()
        .map(|opened| vec![NotFinite::default(); opened.checkpoint.entries.len()])
        .collect();
    let mut values: Vec<Vec<Joining<PairValues>>> =
        comparisons.iter().map(|c| vec![Joining::default(); c.pairs.len()]).collect();
    let work = Work::of(models, comparisons, windows);
    for window in 0..windows {
        let tasks = work.of_window(window);
        let end = (window + 1, windows);
        let (digested, done) = thread::scope(|scope| {
            // Only waits for the disk; joined when both are done.
            scope.spawn(|| models.iter().for_each(|opened| look_ahead(opened, end)));
            rayon::join(
                || digests.par_iter_mut().map(|one| one.feed(end, progress)).collect::<Vec<_>>(),
                || all_of(tasks, models, comparisons, progress),
            )
        });
        digested.into_iter().collect::<Result<(), Error>>()?;
        for done in done {
            match done? {
                Done::Searched(model, entry, found) => {
                    let counts = &mut not_finite[model][entry];
                    *counts = counts.and(found);
                }
                Done::Compared(comparison, (pair, block), found) => {
                    values[comparison][pair].add(block, found, PairValues::join);
                }
            }
        }
    }
    let mut files: Vec<Vec<FileDigest>> = vec![Vec::new(); models.len()];
    digests.into_iter().for_each(|one| files[one.model].push(one.end()));
    let surveys = files.into_iter().zip(not_finite);
    Ok(Once {
        surveys: surveys.map(|(files, not_finite)| Survey { files, not_finite }).collect(),
        values: comparisons.iter().zip(values).map(|(c, values)| c.joined(values)).collect(),
    })
}

/// Tells the system that window `window` of `windows` of a model is read next, so that the disk is never
/// without work. Files that are elsewhere are fetched when they are read.
fn look_ahead(opened: &Opened, (window, windows): (u64, u64)) {
    let ends = [window, window + 1].map(|k| place_of(opened.stored(), (k, windows)));
    for (file, begins) in opened.checkpoint.files.iter().zip(opened.begins()) {
        let within = |at: u64| at.saturating_sub(begins).min(file.bytes);
        if file.reader.remote().is_none() {
            // Advice: what reading would fail with, reading says.
            let next = within(ends[0])..within(ends[1]);
            let _ = file.reader.will_read(slice::from_ref(&next));
        }
    }
}

/// Where window `window` of `windows` begins among so many bytes.
fn place_of(stored: u64, (window, windows): (u64, u64)) -> u64 {
    let share = u128::from(stored) * u128::from(window) / u128::from(windows.max(1));
    u64::try_from(share).unwrap_or(u64::MAX)
}

/// What a task gave, with the numbers of the task.
enum Done {
    Searched(usize, usize, NotFinite),
    Compared(usize, (usize, usize), PairValues),
}

/// Does all tasks of a window. Of a model that is elsewhere nothing is digested, so its progress is that
/// of the search.
fn all_of(
    tasks: Vec<Task>,
    models: &[&Opened],
    comparisons: &[SideBySide<'_>],
    progress: &dyn Progress,
) -> Vec<Result<Done, Error>> {
    let buffers = || (survey::Buffers::default(), values::Buffers::default());
    let done = |(numbers, sides): &mut (survey::Buffers, values::Buffers), task| match task {
        Task::Search { model, entry, rows } => {
            let opened = models[model];
            let bytes = opened.checkpoint.entries[entry].dtype.covering(rows.end - rows.start);
            let found = survey::search(opened, entry, rows, numbers)?;
            if opened.is_remote() {
                progress.advance(bytes);
            }
            Ok(Done::Searched(model, entry, found))
        }
        Task::Compare { comparison, place, block } => {
            let SideBySide { suspect, reference, pairs } = &comparisons[comparison];
            let found = values::compare_block(suspect, reference, &pairs[place.0], &block, sides)?;
            Ok(Done::Compared(comparison, place, found))
        }
    };
    tasks.into_par_iter().map_init(buffers, done).collect()
}

impl SideBySide<'_> {
    /// The values of every pair.
    fn joined(&self, values: Vec<Joining<PairValues>>) -> BTreeMap<Pair, PairValues> {
        self.pairs.iter().copied().zip(values.into_iter().map(values::joined)).collect()
    }
}

/// A file on its way to its digest.
struct Digesting<'a> {
    model: usize,
    file: &'a SourceFile,
    /// Where the file begins among all of its model, and how many bytes these are.
    begins: u64,
    stored: u64,
    /// Bytes digested so far; `None` where the file is elsewhere, and its published digest is passed on.
    running: Option<Running>,
}

impl<'a> Digesting<'a> {
    /// The checkpoint's own files.
    fn of(model: usize, opened: &'a Opened) -> impl Iterator<Item = Self> {
        let files = opened.checkpoint.files.iter().zip(opened.begins());
        files.filter(|(file, _)| !file.derived).map(move |(file, begins)| Self {
            model,
            file,
            begins,
            stored: opened.stored(),
            running: file.reader.remote().is_none().then(Running::default),
        })
    }

    /// Digests what lies before the end of window `window` of `windows`.
    fn feed(
        &mut self,
        (window, windows): (u64, u64),
        progress: &dyn Progress,
    ) -> Result<(), Error> {
        let Some(running) = &mut self.running else { return Ok(()) };
        let end = place_of(self.stored, (window, windows)).saturating_sub(self.begins);
        let end = end.min(self.file.bytes);
        let more = end.saturating_sub(running.bytes());
        let fed = running.feed(self.file.reader.as_ref(), more);
        progress.advance(more);
        fed.map_err(|source| Error::Digest { file: self.file.path.clone(), source })
    }

    fn end(self) -> FileDigest {
        match self.running {
            Some(running) => survey::digested(self.file, running.end()),
            None => survey::published_of(self.file),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Silent;
    use crate::prepared::prepare;

    /// Two files of BF16 matrices, one weight of them an infinity.
    fn model(shift: u16) -> Opened {
        let file = |name: &str, tensor: &str| {
            let header = format!(
                r#"{{"{tensor}":{{"dtype":"BF16","shape":[300,70],"data_offsets":[0,42000]}}}}"#
            );
            let code = |k: u16| 0x3c00 ^ (k.wrapping_mul(2654) >> 3).wrapping_add(shift * (k % 3));
            let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
            bytes.extend(header.bytes());
            bytes.extend((0..20_999u16).flat_map(|k| code(k).to_le_bytes()));
            bytes.extend(0x7f80u16.to_le_bytes());
            (name.to_owned(), bytes)
        };
        let files = vec![
            file("model-1-of-2.safetensors", "model.layers.0.mlp.up_proj.weight"),
            file("model-2-of-2.safetensors", "model.layers.1.mlp.up_proj.weight"),
        ];
        crate::from_memory("memory", files, None).unwrap()
    }

    #[test]
    fn windows_change_nothing_of_what_is_read() {
        let (suspect, reference) = (model(1), model(2));
        let ready = prepare(&suspect, &reference, &crate::Plan::default(), &Silent).unwrap();
        let pairs = ready.side_by_side().pairs;
        assert_eq!(pairs.len(), 2);
        let alone = values::compare(&ready.suspect, &ready.reference, &pairs, &Silent).unwrap();
        for window in [500, 999, 40_000, u64::MAX] {
            let models = [&suspect, &reference];
            let once = in_windows(window, &models, &[ready.side_by_side()], &Silent).unwrap();
            for (opened, survey) in models.iter().zip(&once.surveys) {
                assert_eq!(survey.files, survey::file_digests(opened, &Silent).unwrap());
                assert_eq!(survey.not_finite, survey::not_finite(opened, &Silent).unwrap());
                assert!(survey.not_finite.iter().all(|found| 1 <= found.infinite));
            }
            let sums = |values: &[&PairValues]| values.iter().map(|v| v.sums).collect::<Vec<_>>();
            let seen: Vec<&PairValues> = pairs.iter().map(|pair| &once.values[0][pair]).collect();
            assert_eq!(sums(&seen), sums(&alone.iter().collect::<Vec<_>>()), "{window}");
            assert!(alone.iter().all(|v| 0 < v.sums.equal && v.sums.equal < v.sums.pairs()));
        }
    }
}
