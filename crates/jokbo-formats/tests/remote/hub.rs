//! A Hub for tests: lists of files, and a resolve endpoint that redirects to a second server with
//! signed addresses, as the real one does. It misbehaves on demand.

#![allow(dead_code, reason = "two crates test with this, each with a part of it")]

use std::collections::{BTreeMap, VecDeque};
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

use sha2::{Digest, Sha256};

use super::server::{Request, Response, Server};

/// What a signed address carries; it must never be seen.
pub(crate) const SIGNATURE: &str = "SignatureThatNobodyMaySee";
/// The token that a gated repository asks for.
pub(crate) const TOKEN: &str = "hf_TokenThatNobodyMaySee";
/// The commit of every repository.
pub(crate) const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

/// One way to misbehave, at the server that holds the bytes: the request, and the answer that
/// would be right, in; what is answered out.
pub(crate) type Trick = Arc<dyn Fn(&Request, Response) -> Response + Send + Sync>;

#[derive(Default)]
struct State {
    /// `org/name/path` to content.
    files: BTreeMap<String, Vec<u8>>,
    gated: bool,
    /// Played one after the other, each for one request for bytes.
    tricks: VecDeque<Trick>,
    /// Played for every request after those.
    always: Option<Trick>,
}

/// The Hub, and the server that it redirects to.
pub(crate) struct Hub {
    pub(crate) front: Server,
    pub(crate) store: Server,
    state: Arc<Mutex<State>>,
}

impl Hub {
    /// One without repositories.
    pub(crate) fn start() -> Self {
        let state: Arc<Mutex<State>> = Arc::default();
        let of_store = Arc::clone(&state);
        let store = Server::start(move |request| stored(&of_store, request));
        let (of_front, port) = (Arc::clone(&state), store.port);
        let front = Server::start(move |request| front_desk(&of_front, port, request));
        Self { front, store, state }
    }

    /// What `HF_ENDPOINT` is.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.front.port)
    }

    /// Puts a file into a repository.
    pub(crate) fn put(&self, repository: &str, path: &str, bytes: &[u8]) {
        let key = format!("{repository}/{path}");
        self.state.lock().unwrap().files.insert(key, bytes.to_vec());
    }

    /// Puts every file of a folder into a repository.
    pub(crate) fn put_folder(&self, repository: &str, folder: &Path) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let name = path.file_name().unwrap().to_str().unwrap().to_owned();
                self.put(repository, &name, &fs::read(path).unwrap());
            }
        }
    }

    /// From now on a token is asked for.
    pub(crate) fn gate(&self) {
        self.state.lock().unwrap().gated = true;
    }

    /// Plays `trick` on the next request for bytes that has no trick yet.
    pub(crate) fn once(
        &self,
        trick: impl Fn(&Request, Response) -> Response + Send + Sync + 'static,
    ) {
        self.state.lock().unwrap().tricks.push_back(Arc::new(trick));
    }

    /// Plays `trick` on every request for bytes.
    pub(crate) fn always(
        &self,
        trick: impl Fn(&Request, Response) -> Response + Send + Sync + 'static,
    ) {
        self.state.lock().unwrap().always = Some(Arc::new(trick));
    }

    /// Bytes that the second server was asked for.
    pub(crate) fn bytes_asked(&self) -> usize {
        let length = |r: &Request| r.range().map_or(0, |(first, last)| last + 1 - first);
        self.store.asked().iter().map(length).sum()
    }

    /// What the second server answers to `request`, tricks aside.
    pub(crate) fn stored(&self, request: &Request) -> Response {
        stored(&self.state, request)
    }

    /// Forgets what was asked.
    pub(crate) fn forget(&self) {
        self.front.forget();
        self.store.forget();
    }
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn is_large(path: &str) -> bool {
    [".safetensors", ".gguf", ".bin", ".pt"].iter().any(|ending| path.ends_with(ending))
}

/// The endpoint: lists, small files, and the way to large ones.
fn front_desk(state: &Mutex<State>, store: u16, request: &Request) -> Response {
    let state = state.lock().unwrap();
    let path = request.path.split('?').next().unwrap_or("");
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    match parts.as_slice() {
        ["api", "models", org, name, "revision", revision] => {
            let known = ["main", "v1", COMMIT].contains(revision);
            list(&state, &format!("{org}/{name}"), known)
        }
        [org, name, "resolve", COMMIT, rest @ ..] => {
            let authorized = request.header("authorization") == Some(&format!("Bearer {TOKEN}"));
            if state.gated && !authorized {
                return Response::new(401, b"no").with("x-error-code", "GatedRepo");
            }
            let key = format!("{org}/{name}/{}", rest.join("/"));
            let Some(bytes) = state.files.get(&key) else {
                return Response::new(404, b"no").with("x-error-code", "EntryNotFound");
            };
            let digest = sha256(bytes);
            let response = Response::default().with("x-repo-commit", COMMIT);
            if !is_large(&key) {
                return part(request, bytes, &format!("\"{}\"", &digest[..40]));
            }
            let to = format!("http://127.0.0.1:{store}/{key}?X-Amz-Signature={SIGNATURE}");
            Response { status: 302, ..response }
                .with("location", &to)
                .with("x-linked-etag", &format!("\"{digest}\""))
                .with("x-linked-size", &bytes.len().to_string())
        }
        _ => Response::new(404, b"no"),
    }
}

fn list(state: &State, repository: &str, known: bool) -> Response {
    let start = format!("{repository}/");
    let files: Vec<String> = state
        .files
        .iter()
        .filter_map(|(key, bytes)| Some((key.strip_prefix(&start)?, bytes)))
        .map(|(path, bytes)| {
            let (size, digest) = (bytes.len(), sha256(bytes));
            let lfs = match is_large(path) {
                true => format!(r#","lfs":{{"sha256":"{digest}","size":{size},"pointerSize":9}}"#),
                false => String::new(),
            };
            format!(r#"{{"rfilename":"{path}","size":{size},"blobId":"{}"{lfs}}}"#, &digest[..40])
        })
        .collect();
    match (files.is_empty(), known) {
        (true, _) => Response::new(401, b"no").with("x-error-code", "RepoNotFound"),
        (_, false) => Response::new(404, b"no").with("x-error-code", "RevisionNotFound"),
        _ => {
            let files = files.join(",");
            Response::new(200, format!(r#"{{"sha":"{COMMIT}","siblings":[{files}]}}"#).as_bytes())
        }
    }
}

/// The second server: bytes, for those who have a signature.
fn stored(state: &Mutex<State>, request: &Request) -> Response {
    let mut state = state.lock().unwrap();
    let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
    if query != format!("X-Amz-Signature={SIGNATURE}") {
        return Response::new(403, b"no");
    }
    let Some(bytes) = state.files.get(path.trim_start_matches('/')) else {
        return Response::new(404, b"no");
    };
    let right = part(request, bytes, &format!("\"{}\"", &sha256(bytes)[..32]));
    let trick = state.tricks.pop_front().or_else(|| state.always.clone());
    drop(state);
    match trick {
        Some(trick) => trick(request, right),
        None => right,
    }
}

/// The part of `bytes` that `request` asks for.
pub(crate) fn part(request: &Request, bytes: &[u8], etag: &str) -> Response {
    if request.header("if-match").is_some_and(|wanted| wanted != etag) {
        return Response::new(412, b"");
    }
    let response = match request.range() {
        None => Response::new(200, bytes),
        Some((first, _)) if bytes.len() <= first => Response::new(416, b""),
        Some((first, last)) => {
            let last = last.min(bytes.len() - 1);
            let range = format!("bytes {first}-{last}/{}", bytes.len());
            Response::new(206, &bytes[first..=last]).with("content-range", &range)
        }
    };
    response.with("etag", etag).with("content-type", "application/octet-stream")
}
