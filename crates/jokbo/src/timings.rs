//! Where the time went: wall time by stage, and by the steps that a stage is made of.
//!
//! The steps are the spans that `jokbo-audit` opens on the thread that asked for the work. What is
//! open inside what makes a path, and the times of one path are added up: all components together.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Hears of stages from [`Progress`](jokbo_audit::Progress) and of steps from spans.
#[derive(Clone)]
pub(crate) struct Timings {
    /// Spans of other threads go on beside the steps of this one, and would be counted twice.
    thread: ThreadId,
    clock: Arc<Mutex<Clock>>,
}

/// All that was heard so far.
#[derive(Default)]
struct Clock {
    /// What spans are called; a span's number is the place of its name and one more.
    names: Vec<&'static str>,
    /// Stages and steps, each after what it is in.
    lines: Vec<Line>,
    /// The stage at hand: its place in `lines`.
    stage: Option<(usize, Instant)>,
    /// Steps that are open, innermost last; no place for one that is called as what it is in.
    open: Vec<(Option<usize>, Instant)>,
}

/// A stage or a step with all that was spent on it.
struct Line {
    name: String,
    within: Option<usize>,
    took: Duration,
    times: u64,
    bytes: u64,
}

impl Timings {
    /// Listens to the thread that calls this.
    pub(crate) fn new() -> Self {
        Self { thread: thread::current().id(), clock: Arc::default() }
    }

    fn clock(&self) -> MutexGuard<'_, Clock> {
        self.clock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A stage begins.
    #[allow(clippy::disallowed_methods, reason = "shows time; no verdict sees it")]
    pub(crate) fn begin(&self, stage: &str) {
        let mut clock = self.clock();
        let place = clock.line(None, stage);
        clock.stage = Some((place, Instant::now()));
    }

    /// The stage at hand is over and has read `bytes` bytes.
    pub(crate) fn end(&self, bytes: u64) {
        let mut clock = self.clock();
        if let Some((place, began)) = clock.stage.take() {
            clock.lines[place].add(began.elapsed(), bytes);
        }
    }

    /// A line for each stage in the order they began, and below it one for each of its steps.
    pub(crate) fn lines(&self) -> Vec<String> {
        let clock = self.clock();
        let mut shown = Vec::new();
        clock.show(None, 0, &mut shown);
        let wide = shown.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        shown.into_iter().map(|(name, figures)| format!("{name:<wide$}  {figures}")).collect()
    }
}

impl Clock {
    /// The line called `name` within another, which is made where there is none yet.
    fn line(&mut self, within: Option<usize>, name: &str) -> usize {
        let known = self.lines.iter().position(|line| line.within == within && line.name == name);
        known.unwrap_or_else(|| {
            let name = name.to_owned();
            let line = Line { name, within, took: Duration::ZERO, times: 0, bytes: 0 };
            self.lines.push(line);
            self.lines.len() - 1
        })
    }

    /// Adds the lines within another to `shown`, and what is left of its time where there are any.
    fn show(&self, within: Option<usize>, depth: usize, shown: &mut Vec<(String, String)>) {
        let indent = "  ".repeat(depth);
        let mut left = within.map(|place| self.lines[place].took);
        for (place, line) in self.lines.iter().enumerate().filter(|(_, l)| l.within == within) {
            shown.push((format!("{indent}{}", line.name), line.figures()));
            self.show(Some(place), depth + 1, shown);
            left = left.map(|left| left.saturating_sub(line.took));
        }
        if let Some(left) = left.filter(|_| self.lines.iter().any(|l| l.within == within)) {
            shown.push((format!("{indent}the rest"), seconds(left)));
        }
    }
}

impl Line {
    fn add(&mut self, took: Duration, bytes: u64) {
        self.took += took;
        self.times += 1;
        self.bytes += bytes;
    }

    /// Seconds, how often where more than once, and what was read at what speed where anything was.
    fn figures(&self) -> String {
        let mut figures = seconds(self.took);
        if 0 < self.bytes {
            let gigabytes = number(self.bytes) / 1e9;
            let speed = gigabytes / self.took.as_secs_f64().max(1e-9);
            figures = format!("{figures}  {gigabytes:>8.3} GB  {speed:>8.2} GB/s");
        }
        if 1 < self.times {
            figures = format!("{figures}  {} times", self.times);
        }
        figures
    }
}

fn seconds(took: Duration) -> String {
    format!("{:>8.3} s", took.as_secs_f64())
}

#[allow(clippy::cast_precision_loss, reason = "shown with three digits")]
fn number(bytes: u64) -> f64 {
    bytes as f64
}

impl Subscriber for Timings {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_span() && metadata.target().starts_with("jokbo_")
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut clock = self.clock();
        let name = span.metadata().name();
        let known = clock.names.iter().position(|known| *known == name);
        let place = known.unwrap_or(clock.names.len());
        if known.is_none() {
            clock.names.push(name);
        }
        Id::from_u64(place as u64 + 1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, _: &Event<'_>) {}

    #[allow(clippy::disallowed_methods, reason = "shows time; no verdict sees it")]
    fn enter(&self, span: &Id) {
        if thread::current().id() != self.thread {
            return;
        }
        let mut clock = self.clock();
        let name = usize::try_from(span.into_u64() - 1).ok();
        let Some(name) = name.and_then(|place| clock.names.get(place).copied()) else { return };
        let innermost = clock.open.iter().rev().find_map(|(place, _)| *place);
        let within = innermost.or(clock.stage.map(|(place, _)| place));
        // The one step of a stage is called as the stage is, and says nothing more.
        let is_same = within.is_some_and(|place| clock.lines[place].name == name);
        let place = (!is_same).then(|| clock.line(within, name));
        clock.open.push((place, Instant::now()));
    }

    fn exit(&self, _: &Id) {
        if thread::current().id() != self.thread {
            return;
        }
        let mut clock = self.clock();
        if let Some((Some(place), began)) = clock.open.pop() {
            clock.lines[place].add(began.elapsed(), 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lines with every time taken out.
    fn names(timings: &Timings) -> Vec<String> {
        let name = |line: &String| {
            let text = line.trim_start();
            let end = line.len() - text.len() + text.find("  ").unwrap_or(text.len());
            line[..end].to_owned()
        };
        timings.lines().iter().map(name).collect()
    }

    macro_rules! span {
        ($name:literal) => {
            tracing::info_span!(target: "jokbo_audit", $name).entered()
        };
    }

    #[test]
    fn steps_stand_below_their_stage_and_those_of_one_name_are_added_up() {
        let timings = Timings::new();
        tracing::subscriber::with_default(timings.clone(), || {
            drop(span!("opening"));
            timings.begin("comparing");
            for _ in 0..3 {
                let _outer = span!("ladder");
                drop(span!("rung"));
            }
            drop(span!("rung"));
            drop(tracing::info_span!(target: "elsewhere", "not ours").entered());
            timings.end(7);
            timings.begin("writing");
            drop(span!("writing"));
            timings.end(0);
        });
        let lines = ["opening", "comparing", "  ladder", "    rung", "    the rest", "  rung"];
        assert_eq!(names(&timings), [&lines[..], &["  the rest", "writing"]].concat());
        let all = timings.lines();
        assert!(all[1].ends_with(" GB/s") && all[0].ends_with(" s"), "{all:#?}");
        assert!(all[2].ends_with(" s  3 times") && all[3].ends_with(" s  3 times"), "{all:#?}");
        assert!(all[5].ends_with(" s"), "{all:#?}");
    }

    #[test]
    fn steps_of_other_threads_are_left_to_them() {
        let timings = Timings::new();
        tracing::subscriber::with_default(timings.clone(), || {
            let _step = span!("asked");
            let worker = tracing::dispatcher::get_default(Clone::clone);
            thread::scope(|scope| {
                let work = || tracing::dispatcher::with_default(&worker, || drop(span!("worked")));
                scope.spawn(work);
            });
        });
        assert_eq!(names(&timings), ["asked"]);
    }

    #[test]
    fn a_line_tells_seconds_gigabytes_and_their_ratio() {
        let mut line =
            Line { name: String::new(), within: None, took: Duration::ZERO, times: 0, bytes: 0 };
        line.add(Duration::from_millis(500), 2_000_000_000);
        assert_eq!(line.figures(), "   0.500 s     2.000 GB      4.00 GB/s");
    }
}
