//! Checkpoints that are elsewhere: the Hub and files on the web, read by ranges of bytes, through
//! every fault that a server can have. Nothing here leaves this machine.

#![cfg(feature = "http")]
#![allow(clippy::unwrap_used, reason = "a failed unwrap in a test is a failed test")]

#[path = "remote/hub.rs"]
mod hub;
#[path = "remote/server.rs"]
mod server;

#[path = "remote/cache.rs"]
mod cache; // what was fetched is kept
#[path = "remote/faults.rs"]
mod faults; // every way to misbehave
#[path = "remote/places.rs"]
mod places; // what is found where
#[path = "remote/secrets.rs"]
mod secrets; // what must not be seen

use std::ffi::OsStr;
use std::time::Duration;

use jokbo_formats::{
    Address, Checkpoint, Error, Network, Oddity, Patience, Secret, Settings, Source, open_source,
};

use hub::Hub;

/// Quick to give up, and with nothing of this machine's own.
fn settings(hub: &Hub) -> Settings {
    let patience = Patience {
        attempts: 4,
        first_wait: Duration::from_millis(1),
        longest_wait: Duration::from_secs(1),
        silence: Duration::from_secs(5),
    };
    let endpoint = Some(Address::read(&hub.endpoint()).unwrap());
    Settings { endpoint, patience, ..Settings::default() }
}

fn with_token(hub: &Hub) -> Settings {
    Settings { token: Secret::new(hub::TOKEN), ..settings(hub) }
}

fn open(typed: &str, settings: &Settings) -> Result<(Checkpoint, Vec<Oddity>), Error> {
    let source = Source::named(OsStr::new(typed))?;
    open_source(&source, &Network::new(settings.clone()))
}

/// Bytes that look like weights, and nothing like one another.
fn noise(len: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let next = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    (0..len).map(next).collect()
}

/// A safetensors file of one tensor called `name` with these bytes.
fn safetensors(name: &str, data: &[u8]) -> Vec<u8> {
    let n = data.len();
    let header = format!(r#"{{"{name}":{{"dtype":"U8","shape":[{n}],"data_offsets":[0,{n}]}}}}"#);
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header.as_bytes());
    file.extend(data);
    file
}

/// The bytes of the first tensor.
fn read_all(checkpoint: &Checkpoint) -> std::io::Result<Vec<u8>> {
    let entry = &checkpoint.entries[0];
    let mut bytes = vec![0; usize::try_from(entry.bytes).unwrap()];
    let reader = &checkpoint.files[entry.file].reader;
    reader.read_exact_at(&mut bytes, entry.offset).map(|()| bytes)
}

/// The error and all its causes, as the command line prints them.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}
