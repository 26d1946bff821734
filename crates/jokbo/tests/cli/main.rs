//! The command line, seen from outside: what was typed, what came out, and how it ended.

#![allow(clippy::unwrap_used, reason = "a failed unwrap in a test is a failed test")]

// What a comparison says.
mod adapters; // LoRA adapters, alone and on their base
mod architecture; // two configurations side by side
mod audit; // what follows from a comparison
mod cases; // the disputes in miniature
mod elsewhere; // on a Hub, the same
mod map; // components by the user's word
mod not_finite; // weights that are NaN or infinite
mod panel; // one suspect, several references
mod tokenizers; // how two tokenizers are related
mod tree; // several models, all against all
mod verdicts; // every pair of examples

// What it is written as.
mod contract; // JSON: its schema, its nulls, its numbers
mod exchange; // the forms of other programs
mod page; // HTML
mod pages; // text, Markdown, help and explanations, word by word
mod readme; // the first screen of the README
mod same_bytes; // whatever the threads, however often
mod sampled; // samples, plans and budgets
mod stored; // a stored audit in every form
mod wording; // no accusing words, no wide lines

// How it behaves.
mod ci; // the action and the hooks
mod device; // where products are made
mod exit_codes; // each way to end
mod hostile; // every file of the museum
mod memory; // within an amount of it
mod output_files; // -o, pipes, colour
mod resume; // runs that were stopped
mod since; // nothing is compared twice
mod timings; // where the time went
mod verify; // stored reports, checked

// What all of them use.
mod checkpoint; // small checkpoints, and copies with other bytes
#[path = "../../../jokbo-formats/tests/remote/hub.rs"]
mod hub; // a Hub on this machine
mod program; // runs jokbo
#[path = "../../../jokbo-formats/tests/remote/server.rs"]
mod server; // what it is made of
