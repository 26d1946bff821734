//! Servers that say anything: a Hub, or one file on the web.
//!
//! The first byte chooses what is asked for. The answers follow, one for each request, whatever it
//! is, with a byte between them that no head has; after the last, nobody can be reached.

use std::collections::VecDeque;
use std::ffi::OsStr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jokbo_formats::{
    Address, Checkpoint, Network, Patience, Script, Secret, Settings, Source, open_source,
};

use super::BETWEEN;
use crate::{held, seeds};

/// It must be seen by one server alone, and in no message.
const TOKEN: &str = "hf_TokenThatNobodyMaySee";
/// What a redirect may lead to, and no message may say.
const SIGNATURE: &str = "SignatureThatNobodyMaySee";

/// Most bytes that are read of one tensor.
const READ: u64 = 64 << 10;

/// Where the Hub is, and what is asked for.
const ASKED: [(&str, &str); 4] = [
    ("https://hub.example", "hf://org/name"),
    ("https://hub.example", "https://hub.example/m.safetensors"),
    ("http://127.0.0.1:9", "hf://org/name@v1/sub/model.safetensors"),
    ("http://127.0.0.1:9", "http://127.0.0.1:9/a.gguf"),
];

/// The answers that are left, and whom the token belongs to.
#[derive(Debug)]
struct Answers {
    endpoint: &'static str,
    left: Mutex<VecDeque<Vec<u8>>>,
}

impl Script for Answers {
    fn answer(&self, origin: &str, request: &[u8]) -> Option<Vec<u8>> {
        let text = std::str::from_utf8(request).expect("a request is text");
        let (head, rest) = text.split_once("\r\n\r\n").expect("a request has an end");
        assert!(rest.is_empty() && head.starts_with("GET /"), "{text:?}");
        assert!(head.bytes().all(|b| b.is_ascii_graphic() || b" \r\n".contains(&b)), "{text:?}");
        assert!(origin == self.endpoint || !text.contains(TOKEN), "{origin} was sent the token");
        let here = ["http://127.0.0.1", "http://localhost", "http://[::1]", "http://127."];
        let clear = !origin.starts_with("https://");
        let leaves = self.endpoint.starts_with("https://")
            || !here.iter().any(|start| origin.starts_with(start));
        assert!(!(clear && leaves), "{origin} was asked in the clear");
        self.left.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }
}

pub(super) fn run(bytes: &[u8]) {
    let Some((&first, rest)) = bytes.split_first() else { return };
    let (endpoint, asked) = ASKED[usize::from(first) % ASKED.len()];
    let left = rest.split(|byte| *byte == BETWEEN).map(<[u8]>::to_vec).collect();
    let script: Arc<dyn Script> = Arc::new(Answers { endpoint, left: Mutex::new(left) });
    let patience = Patience {
        attempts: 4,
        first_wait: Duration::ZERO,
        longest_wait: Duration::ZERO,
        silence: Duration::from_secs(1),
    };
    let settings = Settings {
        endpoint: Address::read(endpoint).ok(),
        token: Secret::new(TOKEN),
        patience,
        ..Settings::default()
    };
    let network = Network::scripted(settings, &script);
    let source = Source::named(OsStr::new(asked)).expect("it is a source");
    match open_source(&source, &network) {
        Err(error) => {
            held::refusal(&error);
            hidden(&format!("{error} {error:?}"));
        }
        Ok((checkpoint, oddities)) => {
            held::told(&oddities);
            hidden(&format!("{oddities:?} {checkpoint:?}"));
            tensors(&checkpoint);
        }
    }
}

/// Every tensor lies in its file, and reading it gives its bytes or says why not.
fn tensors(checkpoint: &Checkpoint) {
    for (i, file) in checkpoint.files.iter().enumerate() {
        let own = checkpoint.entries.iter().filter(|e| e.file == i && e.recipe.is_none()).cloned();
        let own: Vec<_> = own.map(|entry| jokbo_formats::Entry { file: 0, ..entry }).collect();
        held::entries(&own, file.bytes, &[]);
        for entry in own {
            let length = usize::try_from(entry.bytes.min(READ)).expect("it is small");
            let mut bytes = vec![0; length];
            if let Err(error) = file.reader.read_exact_at(&mut bytes, entry.offset) {
                held::shown(&error.to_string());
                hidden(&error.to_string());
            }
        }
    }
}

fn hidden(text: &str) {
    assert!(!text.contains(TOKEN) && !text.contains(SIGNATURE), "a secret is shown: {text}");
}

pub(super) fn seeds() -> Vec<Vec<u8>> {
    let file = seeds::bytes_of(&[("model.layers.0.mlp.up_proj.weight", [4, 4]), ("b", [1, 4])]);
    let n = file.len();
    let answer = |head: &str, body: &[u8]| {
        let length = body.len();
        let head = head.replace('\n', "\r\n");
        let head = format!("HTTP/1.1 {head}\r\nContent-Length: {length}\r\n\r\n");
        [head.as_bytes(), body].concat()
    };
    let digest = "ab".repeat(32);
    let listing = |path: &str| {
        format!(
            r#"{{"sha":"0123456789abcdef0123456789abcdef01234567","siblings":[{{"rfilename":"{path}","size":134,"blobId":"c","lfs":{{"sha256":"{digest}","size":{n}}}}},{{"rfilename":"../x","size":1}}]}}"#
        )
    };
    let list =
        |path: &str| answer("200 OK\nContent-Type: application/json", listing(path).as_bytes());
    let redirect = format!(
        "302 Found\nX-Linked-Size: {n}\nX-Linked-Etag: \"{digest}\"\nLocation: https://cdn.example/f?sig={SIGNATURE}"
    );
    let redirect = answer(&redirect, b"");
    let last = n - 1;
    let part = format!("206 Partial Content\nETag: \"abc\"\nContent-Range: bytes 0-{last}/{n}");
    let part = answer(&part, &file);
    let whole = answer("200 OK\nETag: \"abc\"", &file);
    let cut = part[..part.len() - 20].to_vec();
    let chunked =
        [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n{\"sh\r\n0\r\n\r\n".to_vec()];
    let busy = answer("503 Service Unavailable\nRetry-After: 0", b"");
    let gated = answer("403 Forbidden\nX-Error-Code: GatedRepo", b"");
    let page = answer("200 OK\nContent-Type: text/html", b"<html>");
    let elsewhere = answer("301 Moved\nLocation: //other.example/x", b"");
    let inner = answer("307 Moved\nLocation: /api/models/org/other", b"");
    let seed = |first: u8, answers: &[&Vec<u8>]| {
        let answers: Vec<&[u8]> = answers.iter().map(|answer| answer.as_slice()).collect();
        [vec![first], answers.join(&BETWEEN)].concat()
    };
    let (root, sub) = (list("model.safetensors"), list("sub/model.safetensors"));
    vec![
        seed(0, &[&root, &redirect, &part]),
        seed(0, &[&root, &busy, &redirect, &cut, &part]),
        seed(0, &[&inner, &root, &whole]),
        seed(0, &[&gated]),
        seed(0, &[&chunked[0]]),
        seed(1, &[&part]),
        seed(1, &[&redirect, &whole]),
        seed(1, &[&elsewhere, &part]),
        seed(1, &[&page]),
        seed(2, &[&sub, &redirect, &part]),
        seed(3, &[&cut, &part]),
    ]
}
