//! Large pieces of work side by side, never more of them begun than there are threads.
//!
//! A thread that waits for a part of one piece takes whatever else there is to do meanwhile. Were all pieces
//! offered at once, it would begin another and hold both, and how much memory a run takes would be up to
//! chance. So each thread takes one piece after the other from a common list.

use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

/// What `each` makes of every item and its number, in the order of `items`. After an error no further item is
/// begun, and of several errors the first in that order is given.
pub(crate) fn in_flight<T: Sync, R: Send, E: Send>(
    items: &[T],
    each: impl Fn(usize, &T) -> Result<R, E> + Sync,
) -> Result<Vec<R>, E> {
    reusing(items, |(): &mut (), number, item| each(number, item))
}

/// As [`in_flight`], with what the item before left behind on the same thread: memory to be used again.
pub(crate) fn reusing<T: Sync, S: Default, R: Send, E: Send>(
    items: &[T],
    each: impl Fn(&mut S, usize, &T) -> Result<R, E> + Sync,
) -> Result<Vec<R>, E> {
    let (next, each) = (&AtomicUsize::new(0), &each);
    let one_after_the_other = |_| {
        let mut left_behind = S::default();
        std::iter::from_fn(move || {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let done = each(&mut left_behind, number, items.get(number)?);
            if done.is_err() {
                next.store(items.len(), Ordering::Relaxed);
            }
            Some((number, done))
        })
    };
    let threads = 0..rayon::current_num_threads();
    let mut done: Vec<(usize, Result<R, E>)> =
        threads.into_par_iter().with_max_len(1).flat_map_iter(one_after_the_other).collect();
    done.sort_by_key(|(number, _)| *number);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on_threads<R: Send>(threads: usize, work: impl FnOnce() -> R + Send) -> R {
        rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(work)
    }

    #[test]
    fn no_more_are_begun_than_there_are_threads_though_each_waits_within() {
        let items: Vec<usize> = (0..200).collect();
        for threads in [1, 2, 5] {
            let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
            let each = |number: usize, item: &usize| -> Result<usize, ()> {
                most.fetch_max(1 + now.fetch_add(1, Ordering::SeqCst), Ordering::SeqCst);
                // What a thread that waits does meanwhile.
                rayon::yield_now();
                now.fetch_sub(1, Ordering::SeqCst);
                assert_eq!(number, *item);
                Ok(2 * item)
            };
            let done = on_threads(threads, || in_flight(&items, each)).unwrap();
            assert!(done.iter().zip(&items).all(|(done, item)| *done == 2 * item));
            assert_eq!((done.len(), now.into_inner()), (200, 0));
            assert!((1..=threads).contains(&most.into_inner()));
        }
    }

    #[test]
    fn an_error_ends_the_work_and_the_first_is_told() {
        let items: Vec<usize> = (0..100_000).collect();
        let begun = AtomicUsize::new(0);
        let each = |_: usize, item: &usize| {
            begun.fetch_add(1, Ordering::Relaxed);
            if *item < 3 { Ok(()) } else { Err(*item) }
        };
        assert_eq!(on_threads(1, || in_flight(&items, each)), Err(3));
        assert_eq!(begun.load(Ordering::Relaxed), 4);
        assert!(3 <= on_threads(4, || in_flight(&items, each)).unwrap_err());
        assert_eq!(in_flight::<usize, (), ()>(&[], |_, _| Err(())), Ok(Vec::new()));
    }

    #[test]
    fn what_one_item_leaves_behind_comes_to_the_next_on_its_thread() {
        let items = [(); 50];
        let each = |before: &mut Vec<usize>, number: usize, (): &()| -> Result<usize, ()> {
            assert!(before.iter().all(|earlier| *earlier < number));
            before.push(number);
            Ok(before.len())
        };
        let alone = on_threads(1, || reusing(&items, each)).unwrap();
        assert_eq!(alone, (1..=50).collect::<Vec<_>>());
        let together = on_threads(3, || reusing(&items, each)).unwrap();
        assert!((1..=3).contains(&together.iter().filter(|count| **count == 1).count()));
    }
}
