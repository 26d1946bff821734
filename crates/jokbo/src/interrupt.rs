//! What happens when somebody stops the program (Ctrl-C): it says what is left of the work, and ends.

use std::process;

use crate::args::Command;
use crate::output;
use crate::progress::Bars;

/// What a shell, too, says of a command that Ctrl-C stopped: 128 and the number of the signal.
const INTERRUPTED: i32 = 130;

/// From here on an interruption ends the program by this file. Where it cannot, it ends it all the
/// same, and without a word.
pub(crate) fn watch(command: &Command, bars: &Bars) {
    let can_resume = matches!(command, Command::Compare(_) | Command::Audit(_));
    let bars = bars.clone();
    let _ = ctrlc::set_handler(move || end(can_resume, &bars));
}

#[allow(
    clippy::exit,
    reason = "the worker threads cannot be called back, and what they do is lost"
)]
fn end(can_resume: bool, bars: &Bars) {
    // A file is there whole or not at all: one that is being written is written first.
    let _whole = output::hold_files();
    bars.end();
    let left = match bars.folder() {
        Some(folder) => folder.is_left(),
        None if can_resume => {
            "nothing was kept; with --resume DIR finished components would be".to_owned()
        }
        None => "nothing was kept".to_owned(),
    };
    output::note(&format!("interrupted: {left}"));
    process::exit(INTERRUPTED);
}
