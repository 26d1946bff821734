//! The pass beside compensated sums over a thousand million pairs: `cargo bench -p jokbo-statistics --bench
//! accuracy`.

#![allow(clippy::print_stdout, reason = "a benchmark prints what it measured")]
#![allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "made numbers")]
#![allow(clippy::unwrap_used, reason = "made numbers have figures")]

#[path = "../tests/accuracy/cases.rs"]
mod cases;

fn main() {
    println!("| pair | mean by spread | cosine | Pearson | relative L2 |\n|---|---|---|---|---|");
    for hard in cases::ALL {
        let errors = cases::figures(hard, 1_000_000_000).errors();
        let ([cosine, pearson, l2], name, ratio) = (errors, hard.name, hard.mean_by_spread);
        println!("| {name} | {ratio:.0e} | {cosine:.1e} | {pearson:.1e} | {l2:.1e} |");
        assert!(hard.keeps(errors), "{name}: more than it may err");
    }
}
