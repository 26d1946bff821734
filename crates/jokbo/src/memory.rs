//! How many workers a run gets, so that it keeps within the memory it may take (`--max-memory`).

use std::fs;
use std::thread;

use anyhow::Context as _;
use jokbo_audit::{Memory, Opened, Plan, memory};

use crate::args::{Amount, Running};
use crate::commands;
use crate::output;

/// What a run may take where nobody says how much memory there is.
const WITHOUT_A_WORD: u64 = 4 << 30;

/// Starts the workers of a comparison of the first of `models` with the others: as many as were asked
/// for, or as keep within the memory that was allowed. What is computed does not depend on it.
pub(crate) fn start(
    running: &Running,
    amount: &Amount,
    models: &[&Opened],
    plan: &Plan,
) -> anyhow::Result<()> {
    if amount.resume.is_some() && models.iter().any(|opened| opened.is_remote()) {
        output::note(
            "nothing is kept for --resume: a model is elsewhere, and the cache has its bytes",
        );
    }
    let needed = memory(models, plan)?;
    commands::set_threads(workers(running.threads, amount.max_memory, needed)?)
}

/// How many workers; 0 for one a core.
fn workers(asked: usize, allowed: Option<u64>, needed: Memory) -> anyhow::Result<usize> {
    // What a single worker takes is taken anyway where nothing was said.
    let fit = needed.workers(allowed.unwrap_or_else(|| quarter().max(needed.with(1))));
    if let (0, Some(allowed)) = (fit, allowed) {
        anyhow::bail!(
            "--max-memory allows {allowed} bytes, and comparing these models may take {} with a \
             single worker",
            needed.with(1)
        );
    }
    let fit = usize::try_from(fit.max(1)).unwrap_or(usize::MAX);
    let cores = thread::available_parallelism().context("cannot count the cores")?.get();
    Ok(match asked {
        0 if cores <= fit => 0,
        0 => fit,
        asked => asked.min(fit),
    })
}

/// A quarter of the machine's memory, in bytes.
fn quarter() -> u64 {
    let told = fs::read_to_string("/proc/meminfo").ok();
    told.as_deref().and_then(total).map_or(WITHOUT_A_WORD, |total| total / 4)
}

/// The machine's memory, as Linux tells it: `MemTotal:       24689764 kB`.
fn total(told: &str) -> Option<u64> {
    let line = told.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEEDED: Memory = Memory { index: 100, step: 50, worker: 20 };

    #[test]
    fn no_more_workers_than_were_asked_for_and_than_fit() {
        assert_eq!(workers(8, Some(1000), NEEDED).unwrap(), 8);
        assert_eq!(workers(8, Some(160), NEEDED).unwrap(), 3);
        assert_eq!(workers(1, Some(160), NEEDED).unwrap(), 1);
        assert_eq!(workers(0, Some(u64::MAX), NEEDED).unwrap(), 0);
        let error = workers(8, Some(149), NEEDED).unwrap_err().to_string();
        assert!(
            error.contains("allows 149 bytes") && error.contains("may take 150 with"),
            "{error}"
        );
    }

    #[test]
    fn what_was_not_said_refuses_nothing() {
        let huge = Memory { index: u64::MAX / 2, ..NEEDED };
        assert_eq!(workers(8, None, huge).unwrap(), 2);
    }

    #[test]
    fn linux_tells_its_memory_in_kilobytes() {
        let told = "MemTotal:       24689764 kB\nMemFree:         1000 kB\n";
        assert_eq!(total(told), Some(24_689_764 * 1024));
        assert_eq!(total("MemFree: 1 kB"), None);
        assert_eq!(total("MemTotal: much kB"), None);
    }
}
