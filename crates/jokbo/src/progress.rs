//! Progress bars on standard error, for work that takes longer than a second.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jokbo_audit::Progress;

/// How long a stage may take before it gets a bar.
const PATIENCE: Duration = Duration::from_secs(1);

/// One bar for the stage at hand. Nothing is drawn when standard error is not a terminal.
pub(crate) struct Bars {
    quiet: bool,
    stage: Mutex<Option<Stage>>,
}

struct Stage {
    bar: ProgressBar,
    began: Instant,
    shown: bool,
}

impl Bars {
    pub(crate) fn new(quiet: bool) -> Self {
        Self { quiet, stage: Mutex::new(None) }
    }

    /// Takes the last bar away.
    pub(crate) fn finish(&self) {
        if let Some(stage) = self.stage.lock().unwrap_or_else(PoisonError::into_inner).take() {
            stage.bar.finish_and_clear();
        }
    }
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
        let stage = Stage { bar, began: Instant::now(), shown: self.quiet };
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
