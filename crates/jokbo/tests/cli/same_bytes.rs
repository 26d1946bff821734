//! The same two checkpoints give the same bytes, whatever the threads and however often.

use crate::program::{PAIRS, jokbo};

#[test]
fn the_report_does_not_depend_on_threads_and_a_second_run_repeats_it() {
    for (suspect, reference) in PAIRS {
        let json = |threads: &str| {
            let args = ["compare", suspect, reference, "--format", "json", "--threads", threads];
            jokbo(args).out
        };
        let first = json("1");
        assert!(first.ends_with("}\n"));
        for threads in ["1", "2", "5"] {
            assert!(json(threads) == first, "{suspect} against {reference} on {threads} threads");
        }
    }
}

#[test]
fn an_inspection_does_not_depend_on_threads() {
    let json = |threads| jokbo(["inspect", "akiki", "--format", "json", "--threads", threads]).out;
    assert_eq!(json("1"), json("5"));
}
