//! Buckets without a cloud: in memory, in a folder, and a server that speaks S3 on this machine.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::time::Duration;

use object_store::PutPayload;
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;

use super::*;
use crate::open::open_kept;
use crate::{Checkpoint, Error, Oddity, Patience, Secret, Settings, Source};

#[path = "../../../tests/remote/server.rs"]
mod server;
use server::{Request, Response, Server};

fn bucket(typed: &str) -> Bucket {
    match Source::named(OsStr::new(typed)).unwrap() {
        Source::Bucket(bucket) => bucket,
        other => panic!("{other} is no bucket"),
    }
}

fn network(settings: Settings) -> Network {
    let patience = Patience {
        attempts: 3,
        first_wait: Duration::from_millis(1),
        longest_wait: Duration::from_secs(1),
        silence: Duration::from_secs(5),
    };
    Network::new(Settings { patience, ..settings })
}

fn safetensors(name: &str, data: &[u8]) -> Vec<u8> {
    let n = data.len();
    let header = format!(r#"{{"{name}":{{"dtype":"U8","shape":[{n}],"data_offsets":[0,{n}]}}}}"#);
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header.as_bytes());
    file.extend(data);
    file
}

fn data(seed: u64, len: usize) -> Vec<u8> {
    (0..len as u64).map(|i| (i.wrapping_mul(seed) >> 3).to_le_bytes()[0]).collect()
}

/// The files of a sharded checkpoint with a second one beside it.
fn files() -> BTreeMap<String, Vec<u8>> {
    let index = r#"{"weight_map":{"a":"model-00001-of-00002.safetensors","b":"model-00002-of-00002.safetensors"}}"#;
    [
        ("m/model-00001-of-00002.safetensors", safetensors("a", &data(7, 100_000))),
        ("m/model-00002-of-00002.safetensors", safetensors("b", &data(9, 50_000))),
        ("m/model.safetensors.index.json", index.as_bytes().to_vec()),
        ("m/config.json", br#"{"hidden_size":8}"#.to_vec()),
        ("m/deeper/x.safetensors", safetensors("x", b"1234")),
        ("other.gguf", b"GGUF".to_vec()),
    ]
    .into_iter()
    .map(|(path, bytes)| (path.to_owned(), bytes))
    .collect()
}

fn fill(store: &dyn ObjectStore) {
    for (path, bytes) in files() {
        let path = Path::parse(path).unwrap();
        block_on(store.put(&path, PutPayload::from(bytes))).unwrap().unwrap();
    }
}

fn open(store: Arc<dyn ObjectStore>, typed: &str) -> Result<(Checkpoint, Vec<Oddity>), Error> {
    let bucket = bucket(typed);
    let keeper = Keeper::with(store, &bucket, &network(Settings::default()));
    open_kept(&keeper.unwrap(), &bucket)
}

#[track_caller]
fn holds_the_checkpoint(opened: Result<(Checkpoint, Vec<Oddity>), Error>, unread: &[&str]) {
    let (checkpoint, oddities) = opened.unwrap();
    let told = |name: &&str| {
        format!("the folder `{name}` holds weights too and was not read; name it to read it")
    };
    let told: Vec<String> = unread.iter().map(told).collect();
    assert_eq!(
        oddities.iter().map(|oddity| &oddity.what).collect::<Vec<_>>(),
        told.iter().collect::<Vec<_>>()
    );
    assert_eq!(checkpoint.config.unwrap()["hidden_size"], 8);
    let names: Vec<_> = checkpoint.entries.iter().map(|entry| entry.name.as_str()).collect();
    assert_eq!(names, ["a", "b"]);
    for (k, want) in [(0, data(7, 100_000)), (1, data(9, 50_000))] {
        let mut got = vec![0; want.len()];
        let reader = &checkpoint.files[k].reader;
        reader.read_exact_at(&mut got, checkpoint.entries[k].offset).unwrap();
        assert!(got == want);
        assert!(reader.remote().unwrap().etag.is_some());
    }
}

#[test]
fn a_bucket_in_memory_and_one_in_a_folder_hold_the_same_checkpoint() {
    let memory = Arc::new(InMemory::new());
    fill(&*memory);
    let dir = tempfile::tempdir().unwrap();
    let local = Arc::new(LocalFileSystem::new_with_prefix(dir.path()).unwrap());
    fill(&*local);
    let stores: [Arc<dyn ObjectStore>; 2] = [memory, local];
    for store in stores {
        holds_the_checkpoint(open(Arc::clone(&store), "s3://models/m"), &["deeper"]);
        let by_index = "gs://models/m/model.safetensors.index.json";
        holds_the_checkpoint(open(Arc::clone(&store), by_index), &[]);
        let (one, _) = open(Arc::clone(&store), "az://models/m/deeper/x.safetensors").unwrap();
        assert_eq!(
            (one.entries.len(), one.source.as_str()),
            (1, "az://models/m/deeper/x.safetensors")
        );
        let gone = open(Arc::clone(&store), "s3://models/gone").unwrap_err().to_string();
        assert_eq!(gone, "s3://models/gone: there is nothing at this path");
        assert!(open(store, "s3://models").is_err(), "its only file is no model");
    }
}

#[test]
fn an_object_that_changes_is_noticed() {
    let store = Arc::new(InMemory::new());
    fill(&*store);
    let (checkpoint, _) = open(store.clone(), "s3://models/m").unwrap();
    let path = Path::parse("m/model-00001-of-00002.safetensors").unwrap();
    for bytes in [safetensors("a", &data(8, 100_000)), safetensors("a", b"short")] {
        block_on(store.put(&path, PutPayload::from(bytes))).unwrap().unwrap();
        let error = checkpoint.files[0].reader.read_exact_at(&mut [0; 9], 90_000).unwrap_err();
        assert!(error.to_string().starts_with("the file changed while it was read"), "{error}");
    }
}

/// Just enough of S3: objects by range, their heads, and lists.
fn s3(request: &Request) -> Response {
    let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
    let files = files();
    let key = path.trim_start_matches("/models").trim_start_matches('/');
    if query.contains("list-type=2") {
        let prefix = query.split("prefix=").nth(1).unwrap_or("").split('&').next().unwrap_or("");
        let prefix = prefix.replace("%2F", "/");
        let inside = |key: &&String| key.strip_prefix(&prefix).is_some_and(|k| !k.contains('/'));
        let listed: String = files
            .keys()
            .filter(inside)
            .map(|key| format!("<Contents><Key>{key}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>\"e\"</ETag><Size>{}</Size></Contents>", files[key].len()))
            .collect();
        let body = format!(
            "<ListBucketResult><IsTruncated>false</IsTruncated>{listed}</ListBucketResult>"
        );
        return Response::new(200, body.as_bytes());
    }
    let Some(bytes) = files.get(key) else { return Response::new(404, b"<Error/>") };
    let common = |response: Response| {
        response.with("etag", "\"e\"").with("last-modified", "Thu, 01 Jan 2026 00:00:00 GMT")
    };
    match request.range() {
        Some((first, last)) => {
            let last = last.min(bytes.len() - 1);
            let range = format!("bytes {first}-{last}/{}", bytes.len());
            common(Response::new(206, &bytes[first..=last]).with("content-range", &range))
        }
        // A head has a length and no body.
        None => {
            let head = Response { status: 200, ..Response::default() };
            common(head.with("content-length", &bytes.len().to_string()))
        }
    }
}

fn settings(server: &Server) -> Settings {
    let options = [
        ("aws_access_key_id", "AKIAEXAMPLE"),
        ("aws_secret_access_key", "KeyThatNobodyMaySee"),
        ("aws_region", "eu-central-1"),
        ("aws_endpoint_url", &format!("http://127.0.0.1:{}", server.port)),
        ("aws_use_azure_cli", "true"),
    ];
    let secret = |(name, value): (&str, &str)| (name.to_owned(), Secret::new(value).unwrap());
    Settings { buckets: options.into_iter().map(secret).collect(), ..Settings::default() }
}

#[test]
fn a_server_that_speaks_s3_is_asked_with_signatures_and_by_ranges() {
    let server = Server::start(s3);
    let settings = settings(&server);
    assert!(!format!("{settings:?}").contains("KeyThatNobodyMaySee"));
    let bucket = bucket("s3://models/m");
    let keeper = Keeper::of(&bucket, &network(settings)).unwrap();
    assert!(!format!("{keeper:?}").contains("KeyThatNobodyMaySee"));
    holds_the_checkpoint(open_kept(&keeper, &bucket), &[]);
    let signed =
        |r: &Request| r.header("authorization").is_some_and(|a| a.starts_with("AWS4-HMAC-SHA256"));
    assert!(server.asked().iter().all(signed));
    let mut anonymous = Settings::default();
    let endpoint = Secret::new(&format!("http://127.0.0.1:{}", server.port)).unwrap();
    anonymous.buckets.insert("aws_endpoint_url".to_owned(), endpoint);
    server.forget();
    let keeper = Keeper::of(&bucket, &network(anonymous)).unwrap();
    holds_the_checkpoint(open_kept(&keeper, &bucket), &[]);
    assert!(server.asked().iter().all(|r| r.header("authorization").is_none()));
}

#[test]
fn a_bucket_that_fails_is_tried_again_and_then_named() {
    let bucket = bucket("s3://models/m");
    let count = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    let server = Server::start(move |request| {
        match counted.fetch_add(1, std::sync::atomic::Ordering::SeqCst) % 3 {
            0 => Response::new(503, b""),
            1 => Response { cut: Some(3), ..s3(request) },
            _ => s3(request),
        }
    });
    let keeper = Keeper::of(&bucket, &network(settings(&server))).unwrap();
    holds_the_checkpoint(open_kept(&keeper, &bucket), &[]);
    for (status, want) in [
        (403, "s3://models: access is refused"),
        (401, "s3://models: no valid key was sent"),
        (500, "127.0.0.1 answers 500: the server fails"),
    ] {
        let server = Server::start(move |_| Response::new(status, b"<Error/>"));
        let keeper = Keeper::of(&bucket, &network(settings(&server))).unwrap();
        let error = open_kept(&keeper, &bucket).unwrap_err();
        let cause = std::error::Error::source(&error).unwrap().to_string();
        assert_eq!(cause, want);
    }
}

#[test]
fn no_plain_http_to_another_machine_and_nothing_offline() {
    let bucket = bucket("s3://models/m");
    let mut plain = Settings::default();
    let endpoint = Secret::new("http://192.0.2.1").unwrap();
    plain.buckets.insert("aws_endpoint_url".to_owned(), endpoint);
    let keeper = Keeper::of(&bucket, &network(plain)).unwrap();
    let error = keeper.head("m").unwrap_err().to_string();
    assert!(error.contains("the address is plain http"), "{error}");
    let offline = Settings { offline: true, ..Settings::default() };
    assert!(matches!(Keeper::of(&bucket, &network(offline)), Err(Fault::Offline { .. })));
}
