//! How one axis of a matrix walks over the flat elements of a tensor.

/// Most steps an axis may have. A three-dimensional convolution stored in any order needs four.
const MOST: usize = 4;

/// Where entry `i` of an axis lies, as nested steps.
///
/// Read like an odometer: the innermost step counts fastest, and each full turn of it moves the
/// next one out by one. The outermost step goes on as long as the axis does.
///
/// ```text
/// rows of a row-major [n, d]            every d
/// rows of heads that lie apart          heads every 3*hd*d, in each hd rows every d
/// columns [in, h, w] of [w, h, in, out] in every out, then h every in*out, then w every h*in*out
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Walk {
    /// Count and stride of each step, outermost first; those from `depth` on mean nothing.
    steps: [(u64, u64); MOST],
    depth: usize,
}

impl Walk {
    /// One step: entry `i` lies at `i * stride`.
    pub fn plain(stride: u64) -> Self {
        Self { steps: [(1, stride); MOST], depth: 1 }
    }

    /// Nested steps, each a count and a stride in elements, outermost first.
    ///
    /// Steps of count 1 fall away and steps that continue one another are joined, so that equal
    /// walks are equal values. `None` when more than four remain or a count is 0.
    pub fn nested(steps: impl IntoIterator<Item = (u64, u64)>) -> Option<Self> {
        let mut kept: Vec<(u64, u64)> = Vec::new();
        for (count, stride) in steps {
            match kept.last_mut() {
                _ if count == 0 => return None,
                _ if count == 1 => {}
                Some((outer, apart)) if Some(*apart) == count.checked_mul(stride) => {
                    (*outer, *apart) = (outer.checked_mul(count)?, stride);
                }
                _ => kept.push((count, stride)),
            }
        }
        if let [] | [_] = kept[..] {
            return Some(Self::plain(kept.first().map_or(1, |(_, stride)| *stride)));
        }
        let mut all = [(1, 0); MOST];
        all.get_mut(..kept.len())?.copy_from_slice(&kept);
        Some(Self { steps: all, depth: kept.len() })
    }

    /// The stride of a walk of one step.
    pub fn stride(&self) -> Option<u64> {
        (self.depth == 1).then_some(self.steps[0].1)
    }

    /// The steps, each a count and a stride, outermost first. The outermost count says nothing
    /// when there is but one step.
    pub fn steps(&self) -> &[(u64, u64)] {
        &self.steps[..self.depth]
    }

    /// Where entry `i` lies, in elements from the first.
    pub fn place(&self, i: u64) -> u64 {
        let (mut rest, mut place) = (i, 0);
        for (count, stride) in self.steps[1..self.depth].iter().rev() {
            place += rest % count * stride;
            rest /= count;
        }
        place + rest * self.steps[0].1
    }

    /// Whether the first `n` entries lie side by side.
    pub fn is_run(&self, n: u64) -> bool {
        n <= 1 || self.stride() == Some(1)
    }

    /// The same walk with every stride `factor` times as long.
    pub fn times(mut self, factor: u64) -> Self {
        for (_, stride) in &mut self.steps[..self.depth] {
            *stride *= factor;
        }
        self
    }
}

/// Chosen entries of a walk, laid out so that each run of elements is read once.
///
/// Runs are at most `longest` elements long, and a gap longer than [`GAP`] is not read over.
#[derive(Debug)]
pub(crate) struct Runs {
    pub(crate) runs: Vec<Run>,
    /// Elements in all runs, and what each read costs on top.
    pub(crate) cost: u64,
}

/// One stretch of elements that holds chosen entries.
#[derive(Debug)]
pub(crate) struct Run {
    /// First element, from where the walk starts.
    pub(crate) start: u64,
    /// Elements, up to the last chosen one.
    pub(crate) len: u64,
    /// Each chosen entry: its element from the start of the run, and its rank among the chosen.
    pub(crate) entries: Vec<(u64, usize)>,
}

/// Elements that are read over rather than skipped: reading 16 KB costs less than a second read.
const GAP: u64 = 4096;

impl Runs {
    /// The runs that hold `chosen` entries of `walk`, in any order.
    pub(crate) fn of(walk: &Walk, chosen: impl Iterator<Item = u64>, longest: u64) -> Self {
        let mut places: Vec<(u64, usize)> =
            chosen.enumerate().map(|(rank, i)| (walk.place(i), rank)).collect();
        places.sort_unstable();
        let mut runs: Vec<Run> = Vec::new();
        for (place, rank) in places {
            match runs.last_mut() {
                Some(run) if place <= run.start + run.len + GAP && place - run.start < longest => {
                    run.len = place - run.start + 1;
                    run.entries.push((place - run.start, rank));
                }
                _ => runs.push(Run { start: place, len: 1, entries: vec![(0, rank)] }),
            }
        }
        let cost = runs.iter().map(|run| run.len + GAP).sum();
        Self { runs, cost }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn places(walk: &Walk, n: u64) -> Vec<u64> {
        (0..n).map(|i| walk.place(i)).collect()
    }

    #[test]
    fn an_odometer_turns_its_innermost_step_first() {
        let heads = Walk::nested([(2, 30), (2, 5)]).unwrap();
        assert_eq!(places(&heads, 4), [0, 5, 30, 35]);
        // Columns [in, h, w] of a convolution stored as [w, h, in, out] = [2, 3, 4, 5].
        let back_to_front = Walk::nested([(4, 5), (3, 20), (2, 60)]).unwrap();
        assert_eq!(places(&back_to_front, 8), [0, 60, 20, 80, 40, 100, 5, 65]);
        assert_eq!(back_to_front.times(2).place(7), 130);
    }

    #[test]
    fn steps_that_go_on_are_joined() {
        assert_eq!(Walk::nested([(4, 6), (3, 2), (2, 1)]), Some(Walk::plain(1)));
        assert_eq!(Walk::nested([(4, 7), (1, 99)]), Some(Walk::plain(7)));
        assert_eq!(Walk::nested([(1, 99), (3, 4)]), Some(Walk::plain(4)));
        assert_eq!(Walk::nested([]), Some(Walk::plain(1)));
        assert_eq!(Walk::nested([(2, 3), (0, 1)]), None);
        assert_eq!(Walk::nested([(2, 1), (2, 10), (2, 3), (2, 70), (2, 500)]), None);
        assert_eq!(Walk::nested([(u64::MAX, 4), (4, 1)]), None);
    }

    proptest! {
        #[test]
        fn runs_hold_every_chosen_entry_once(
            steps in proptest::collection::vec((1u64..9, 1u64..20_000), 1..4),
            chosen in proptest::collection::btree_set(0u64..300, 0..40),
            longest in 1u64..10_000,
        ) {
            let Some(walk) = Walk::nested(steps) else { return Ok(()) };
            let chosen: Vec<u64> = chosen.into_iter().collect();
            let runs = Runs::of(&walk, chosen.iter().copied(), longest);
            let mut found = vec![None; chosen.len()];
            for run in &runs.runs {
                prop_assert!(run.len <= longest);
                for &(at, rank) in &run.entries {
                    prop_assert!(at < run.len);
                    prop_assert_eq!(found[rank].replace(run.start + at), None);
                }
            }
            let want: Vec<_> = chosen.iter().map(|&i| Some(walk.place(i))).collect();
            prop_assert_eq!(found, want);
        }
    }
}
