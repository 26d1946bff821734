//! Tokens and signatures are in no message, no report, no name of a file and no debug output.

use std::ffi::OsStr;

use jokbo_formats::{Network, Secret, Source, open_source};

use crate::hub::{Hub, SIGNATURE, TOKEN};
use crate::server::Response;
use crate::{chain, noise, open, read_all, safetensors, settings, with_token};

#[track_caller]
fn is_clean(text: &str) {
    assert!(!text.contains(TOKEN) && !text.contains(SIGNATURE), "a secret in: {text}");
}

/// A few ways to fail while a secret is in play.
fn failures(hub: &Hub) {
    hub.once(|_, _| Response::new(403, b"no"));
    hub.once(|_, _| Response::new(403, b"no"));
    hub.once(|_, _| {
        Response::new(302, b"").with("location", &format!("http://h.example/?{TOKEN}"))
    });
    hub.once(|_, right| right.with("etag", "\"other\""));
    hub.once(|_, right| right.with("content-range", "bytes 1-2/3"));
}

#[test]
fn no_failure_shows_a_secret() {
    let hub = Hub::start();
    hub.put("o/n", "model.safetensors", &safetensors("w", &noise(100_000, 9)));
    let proxy = Secret::new(&format!("http://me:{TOKEN}@127.0.0.1:9"));
    let settings = jokbo_formats::Settings { proxy, ..with_token(&hub) };
    is_clean(&format!("{settings:?}"));
    let signed = format!(
        "http://127.0.0.1:{}/o/n/model.safetensors?X-Amz-Signature={SIGNATURE}",
        hub.store.port
    );
    let mut failed = 0;
    for typed in ["hf://o/n", &signed] {
        failures(&hub);
        for _ in 0..6 {
            match open(typed, &settings) {
                Ok((checkpoint, oddities)) => {
                    is_clean(&format!("{checkpoint:?} {oddities:?} {}", checkpoint.source));
                    if let Err(error) = read_all(&checkpoint) {
                        is_clean(&format!("{} {error:?}", chain(&error)));
                        failed += 1;
                    }
                }
                Err(error) => {
                    is_clean(&format!("{} {error:?} {:?}", chain(&error), error.hint()));
                    failed += 1;
                }
            }
        }
    }
    assert!(4 <= failed, "only {failed} failures were seen");
    let source = Source::named(OsStr::new(&signed)).unwrap();
    is_clean(&format!("{source} {source:?} {:?}", Network::new(settings)));
}

#[test]
fn no_name_and_no_file_of_the_cache_holds_a_secret() {
    let hub = Hub::start();
    hub.put("o/n", "model.safetensors", &safetensors("w", &noise(100_000, 10)));
    hub.gate();
    let dir = tempfile::tempdir().unwrap();
    let cache = Some(dir.path().to_owned());
    let settings = jokbo_formats::Settings { cache, ..with_token(&hub) };
    let (checkpoint, _) = open("hf://o/n", &settings).unwrap();
    read_all(&checkpoint).unwrap();
    let mut files = 0;
    for entry in std::fs::read_dir(dir.path().join("blocks")).unwrap() {
        let path = entry.unwrap().path();
        is_clean(&path.display().to_string());
        is_clean(&String::from_utf8_lossy(&std::fs::read(path).unwrap()));
        files += 1;
    }
    assert!(0 < files);
}

#[test]
fn a_token_is_not_sent_to_another_address_on_the_web() {
    let hub = Hub::start();
    hub.put("o/n", "model.safetensors", &safetensors("w", b"1234"));
    let other = Hub::start();
    let source = format!("{}/o/n/resolve/{}/model.safetensors", hub.endpoint(), crate::hub::COMMIT);
    let settings = jokbo_formats::Settings { token: Secret::new(TOKEN), ..settings(&other) };
    let source = Source::named(OsStr::new(&source)).unwrap();
    open_source(&source, &Network::new(settings)).unwrap();
    let asked = [hub.front.asked(), hub.store.asked()].concat();
    assert!(2 <= asked.len());
    assert!(asked.iter().all(|request| request.header("authorization").is_none()));
}
