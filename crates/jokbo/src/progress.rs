//! Progress bars on standard error, for work that takes longer than a second, and where the time went.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jokbo_audit::{Parts, Progress};

use crate::output;
use crate::parts::Folder;
use crate::timings::Timings;

/// How long a stage may take before it gets a bar.
const PATIENCE: Duration = Duration::from_secs(1);

/// One bar for the stage at hand. Nothing is drawn when standard error is not a terminal.
#[derive(Clone)]
pub(crate) struct Bars {
    quiet: bool,
    stage: Arc<Mutex<Option<Stage>>>,
    timings: Option<Timings>,
    folder: Option<Arc<Folder>>,
}

struct Stage {
    bar: ProgressBar,
    began: Instant,
    shown: bool,
}

impl Bars {
    /// No bar where `quiet`. With `timings` every step of this thread is timed from here on. Finished
    /// parts are kept in `folder`.
    pub(crate) fn new(quiet: bool, timings: bool, folder: Option<Arc<Folder>>) -> Self {
        let timings = timings.then(|| {
            let timings = Timings::new();
            // It fails only where somebody listens already; this is called once.
            let _ = tracing::subscriber::set_global_default(timings.clone());
            timings
        });
        Self { quiet, stage: Arc::default(), timings, folder }
    }

    /// Where finished parts are kept, if anywhere.
    pub(crate) fn folder(&self) -> Option<&Folder> {
        self.folder.as_deref()
    }

    /// Takes the last bar away.
    pub(crate) fn finish(&self) {
        if let Some(stage) = self.stage.lock().unwrap_or_else(PoisonError::into_inner).take() {
            stage.bar.finish_and_clear();
            if let Some(timings) = &self.timings {
                timings.end(stage.bar.position());
            }
        }
    }

    /// Takes the last bar away, and says where the time went where that was asked for.
    pub(crate) fn end(&self) {
        self.finish();
        let timings = self.timings.iter().flat_map(Timings::lines);
        timings.for_each(|line| output::note(&line));
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
        if let Some(timings) = &self.timings {
            timings.begin(name);
        }
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

    fn parts(&self) -> Option<&dyn Parts> {
        self.folder().map(|folder| folder as &dyn Parts)
    }
}
