//! Progress bars on standard error, for work that takes longer than a second, and where the time went.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jokbo_audit::Progress;

use crate::output;

/// How long a stage may take before it gets a bar.
const PATIENCE: Duration = Duration::from_secs(1);

/// One bar for the stage at hand. Nothing is drawn when standard error is not a terminal.
pub(crate) struct Bars {
    quiet: bool,
    stage: Mutex<Option<Stage>>,
    past: Mutex<Vec<Timing>>,
}

struct Stage {
    name: String,
    bar: ProgressBar,
    began: Instant,
    shown: bool,
}

/// How long a stage took, and what it read.
struct Timing {
    name: String,
    took: Duration,
    bytes: u64,
}

impl Bars {
    pub(crate) fn new(quiet: bool) -> Self {
        Self { quiet, stage: Mutex::new(None), past: Mutex::default() }
    }

    /// Takes the last bar away.
    pub(crate) fn finish(&self) {
        if let Some(stage) = self.stage.lock().unwrap_or_else(PoisonError::into_inner).take() {
            stage.bar.finish_and_clear();
            let (took, bytes) = (stage.began.elapsed(), stage.bar.position());
            let timing = Timing { name: stage.name, took, bytes };
            self.past.lock().unwrap_or_else(PoisonError::into_inner).push(timing);
        }
    }

    /// Takes the last bar away, and says where the time went when `timings` are asked for.
    pub(crate) fn end(&self, timings: bool) {
        self.finish();
        if timings {
            self.timings().iter().for_each(|line| output::note(line));
        }
    }

    /// A line for each stage that is over, in order.
    fn timings(&self) -> Vec<String> {
        let past = self.past.lock().unwrap_or_else(PoisonError::into_inner);
        let wide = past.iter().map(|timing| timing.name.len()).max().unwrap_or(0);
        past.iter().map(|timing| timing.line(wide)).collect()
    }
}

impl Timing {
    /// Name, seconds, and what was read at what speed where anything was.
    fn line(&self, wide: usize) -> String {
        let Self { name, took, bytes } = self;
        let seconds = took.as_secs_f64();
        let line = format!("{name:<wide$}  {seconds:>8.3} s");
        if *bytes == 0 {
            return line;
        }
        let gigabytes = number(*bytes) / 1e9;
        format!("{line}  {gigabytes:>8.3} GB  {:>8.2} GB/s", gigabytes / seconds.max(1e-9))
    }
}

#[allow(clippy::cast_precision_loss, reason = "shown with three digits")]
fn number(bytes: u64) -> f64 {
    bytes as f64
}

impl Progress for Bars {
    #[allow(clippy::disallowed_methods, reason = "a bar shows time; no verdict sees it")]
    fn stage(&self, name: &str, bytes: u64) {
        self.finish();
        let bar = ProgressBar::with_draw_target(Some(bytes), ProgressDrawTarget::hidden());
        let template = "{msg} {wide_bar} {bytes} of {total_bytes}, {eta} left";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_message(name.to_owned());
        let name = name.to_owned();
        let stage = Stage { name, bar, began: Instant::now(), shown: self.quiet };
        *self.stage.lock().unwrap_or_else(PoisonError::into_inner) = Some(stage);
    }

    fn advance(&self, bytes: u64) {
        let mut stage = self.stage.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(stage) = stage.as_mut() {
            if !stage.shown && PATIENCE < stage.began.elapsed() {
                stage.bar.set_draw_target(ProgressDrawTarget::stderr());
                stage.shown = true;
            }
            stage.bar.inc(bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stage_has_a_line_and_a_speed_where_it_read() {
        let bars = Bars::new(true);
        bars.stage("digesting files", 10);
        bars.advance(7);
        bars.stage("testing", 0);
        bars.finish();
        let lines = bars.timings();
        assert_eq!(lines.len(), 2);
        assert!(lines[0].starts_with("digesting files ") && lines[0].ends_with("GB/s"));
        assert!(lines[1].starts_with("testing         ") && lines[1].ends_with(" s"));
    }

    #[test]
    fn a_timing_tells_seconds_gigabytes_and_their_ratio() {
        let took = Duration::from_millis(500);
        let timing = Timing { name: "reading".to_owned(), took, bytes: 2_000_000_000 };
        assert_eq!(timing.line(7), "reading     0.500 s     2.000 GB      4.00 GB/s");
    }
}
