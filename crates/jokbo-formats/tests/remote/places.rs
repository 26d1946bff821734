//! What is found where: repositories, parts of them, the local cache, and files on the web.

use std::fs;

use crate::hub::{COMMIT, Hub, TOKEN};
use crate::{chain, noise, open, read_all, safetensors, settings, with_token};

/// A repository of two shards, an index, a configuration, and a GGUF-like neighbour.
fn sharded(hub: &Hub) -> (Vec<u8>, Vec<u8>) {
    let (a, b) = (noise(600_000, 1), noise(400_000, 2));
    hub.put("o/n", "model-00001-of-00002.safetensors", &safetensors("a", &a));
    hub.put("o/n", "model-00002-of-00002.safetensors", &safetensors("b", &b));
    let index = r#"{"weight_map":{"a":"model-00001-of-00002.safetensors","b":"model-00002-of-00002.safetensors"}}"#;
    hub.put("o/n", "model.safetensors.index.json", index.as_bytes());
    hub.put("o/n", "config.json", br#"{"hidden_size":8}"#);
    hub.put("o/n", "README.md", b"# a model");
    hub.put("o/n", "old/model.safetensors", &safetensors("old", &noise(50_000, 3)));
    (a, b)
}

#[test]
fn a_repository_is_a_folder_of_which_only_headers_are_fetched() {
    let hub = Hub::start();
    let (a, b) = sharded(&hub);
    let (checkpoint, oddities) = open("hf://o/n", &settings(&hub)).unwrap();
    let told: Vec<_> = oddities.iter().map(|oddity| oddity.what.as_str()).collect();
    assert_eq!(told, ["the folder `old` holds weights too and was not read; name it to read it"]);
    assert_eq!(
        (checkpoint.source.as_str(), checkpoint.commit.as_deref()),
        ("hf://o/n", Some(COMMIT))
    );
    assert_eq!(checkpoint.config.as_ref().unwrap()["hidden_size"], 8);
    let names: Vec<_> = checkpoint.entries.iter().map(|e| e.name.as_str()).collect();
    assert_eq!(names, ["a", "b"]);
    assert!(hub.bytes_asked() <= 4 * 16384, "{} bytes for two headers", hub.bytes_asked());
    assert!(hub.store.asked().iter().all(|request| request.range().is_some()));
    assert!(
        !hub.front.asked().iter().any(|r| r.path.contains("README") || r.path.contains("old/"))
    );

    // A part of a tensor costs that part.
    let before = hub.bytes_asked();
    let mut some = [0; 1000];
    let entry = &checkpoint.entries[1];
    checkpoint.files[1].reader.read_exact_at(&mut some, entry.offset + 200_000).unwrap();
    assert_eq!(some, b[200_000..201_000]);
    assert!(hub.bytes_asked() - before <= 2 * 16384);
    assert_eq!(read_all(&checkpoint).unwrap(), a);
    assert!(checkpoint.bytes_fetched() < checkpoint.bytes());
    let size = checkpoint.files[0].bytes;
    let digest = checkpoint.files[0].reader.remote().unwrap().sha256.clone().unwrap();
    assert_eq!((digest.len(), size), (64, 600_071));
}

#[test]
fn a_part_of_a_repository_and_one_file_can_be_named() {
    let hub = Hub::start();
    sharded(&hub);
    let settings = settings(&hub);
    let (old, _) = open("hf://o/n@v1/old", &settings).unwrap();
    assert_eq!((old.entries[0].name.as_str(), old.source.as_str()), ("old", "hf://o/n@v1/old"));
    let (one, oddities) = open("hf://o/n/model-00002-of-00002.safetensors", &settings).unwrap();
    assert_eq!((one.entries.len(), one.config.is_some()), (1, true));
    assert!(oddities[0].what.contains("only this one was named"));
    let (by_index, _) = open("hf://o/n/model.safetensors.index.json", &settings).unwrap();
    assert_eq!(by_index.entries.len(), 2);
    for (typed, want) in [
        ("hf://o/n/gone", "hf://o/n/gone: there is nothing at this path"),
        ("hf://o/n@v9", "127.0.0.1 answers 404: the repository has no such revision"),
        ("hf://o/other", "there is no such repository, or it is private"),
    ] {
        let error = chain(&open(typed, &settings).unwrap_err());
        assert!(error.contains(want), "{error}");
    }
}

#[test]
fn a_shard_that_the_repository_lacks_is_missing_as_in_a_folder() {
    let hub = Hub::start();
    let index = r#"{"weight_map":{"a":"model-00001-of-00001.safetensors"}}"#;
    hub.put("o/n", "model.safetensors.index.json", index.as_bytes());
    let error = open("hf://o/n", &settings(&hub)).unwrap_err().to_string();
    assert!(error.starts_with("model-00001-of-00001.safetensors: the shard is missing"), "{error}");
}

#[test]
fn a_gated_repository_opens_with_a_token_and_says_what_is_missing_without() {
    let hub = Hub::start();
    sharded(&hub);
    hub.gate();
    let error = open("hf://o/n", &settings(&hub)).unwrap_err();
    let text = chain(&error);
    assert!(text.ends_with("the repository is gated, and this user has no access"), "{text}");
    assert!(error.hint().unwrap().contains("HF_TOKEN"));
    open("hf://o/n", &with_token(&hub)).unwrap();
    let bearer = format!("Bearer {TOKEN}");
    let with = |r: &crate::server::Request| r.header("authorization") == Some(&bearer);
    assert!(hub.front.asked().iter().any(with));
    assert!(!hub.store.asked().is_empty());
    let leaked = hub.store.asked().iter().any(|r| r.header("authorization").is_some());
    assert!(!leaked, "the token followed a redirect to another host");
}

/// A Hub cache as the Hub's own tools leave it, without links, as on Windows.
fn cache_with(commit: &str, files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let entry = dir.path().join("models--o--n");
    let snapshot = entry.join("snapshots").join(commit);
    fs::create_dir_all(&snapshot).unwrap();
    fs::create_dir_all(entry.join("refs")).unwrap();
    fs::write(entry.join("refs/main"), commit).unwrap();
    files.iter().for_each(|(name, bytes)| fs::write(snapshot.join(name), bytes).unwrap());
    dir
}

#[test]
fn the_local_cache_is_looked_into_first_and_is_enough_without_a_network() {
    let hub = Hub::start();
    sharded(&hub);
    let cache = cache_with("abc", &[("model.safetensors", &safetensors("kept", b"1234"))]);
    let settings = || {
        let hub_cache = Some(cache.path().to_owned());
        jokbo_formats::Settings { hub_cache, ..settings(&hub) }
    };
    for typed in ["hf://o/n", "hf://o/n@main", "hf://o/n@abc", "hf://o/n/model.safetensors"] {
        for offline in [false, true] {
            let settings = jokbo_formats::Settings { offline, ..settings() };
            let (checkpoint, _) = open(typed, &settings).unwrap();
            assert_eq!(checkpoint.entries[0].name, "kept");
            assert_eq!(checkpoint.commit.as_deref(), Some("abc"));
            assert!(checkpoint.files[0].reader.remote().is_none());
        }
    }
    assert!(hub.front.asked().is_empty(), "the network was asked");
    // Another revision is not there.
    assert_eq!(open("hf://o/n@v1", &settings()).unwrap().0.entries.len(), 2);
    let offline = jokbo_formats::Settings { offline: true, ..settings() };
    let error = open("hf://o/n@v1", &offline).unwrap_err();
    assert!(chain(&error).contains("the network is off"), "{}", chain(&error));
    assert!(error.hint().unwrap().contains("--offline"));
}

#[test]
fn a_cache_that_holds_only_a_part_is_completed_from_the_hub() {
    let hub = Hub::start();
    sharded(&hub);
    let index = r#"{"weight_map":{"a":"model-00001-of-00002.safetensors","b":"model-00002-of-00002.safetensors"}}"#;
    for files in [
        &[("config.json", b"{}".as_slice())][..],
        &[("model.safetensors.index.json", index.as_bytes())][..],
    ] {
        let cache = cache_with("abc", files);
        let hub_cache = Some(cache.path().to_owned());
        let settings = jokbo_formats::Settings { hub_cache, ..settings(&hub) };
        let (checkpoint, _) = open("hf://o/n", &settings).unwrap();
        assert_eq!(checkpoint.commit.as_deref(), Some(COMMIT));
        let offline = jokbo_formats::Settings { offline: true, ..settings };
        assert!(open("hf://o/n", &offline).is_err());
    }
    // What is there and damaged is not passed over.
    let cache = cache_with("abc", &[("model.safetensors", b"damaged!!!".as_slice())]);
    let hub_cache = Some(cache.path().to_owned());
    let settings = jokbo_formats::Settings { hub_cache, ..settings(&hub) };
    assert!(open("hf://o/n", &settings).is_err());
}

#[test]
fn a_file_on_the_web_is_read_by_ranges_too() {
    let hub = Hub::start();
    let data = noise(300_000, 4);
    hub.put("o/n", "model.safetensors", &safetensors("w", &data));
    let signed = format!(
        "http://127.0.0.1:{}/o/n/model.safetensors?X-Amz-Signature={}",
        hub.store.port,
        crate::hub::SIGNATURE
    );
    let (checkpoint, oddities) = open(&signed, &settings(&hub)).unwrap();
    assert!(oddities.is_empty(), "{oddities:?}");
    assert!(!checkpoint.source.contains('?'), "{}", checkpoint.source);
    assert!(hub.bytes_asked() <= 2 * 16384);
    assert_eq!(read_all(&checkpoint).unwrap(), data);
    // Through the Hub's own address, which redirects.
    let plain = format!("{}/o/n/resolve/{COMMIT}/model.safetensors", hub.endpoint());
    let (checkpoint, _) = open(&plain, &settings(&hub)).unwrap();
    assert_eq!(read_all(&checkpoint).unwrap(), data);
    assert!(checkpoint.files[0].reader.remote().unwrap().sha256.is_some());
    let offline = jokbo_formats::Settings { offline: true, ..settings(&hub) };
    assert!(chain(&open(&plain, &offline).unwrap_err()).contains("the network is off"));
}

#[test]
fn a_server_without_etags_is_told_of() {
    let server = crate::server::Server::start(|request| {
        crate::hub::part(request, &safetensors("w", b"1234"), "").without("etag")
    });
    let hub = Hub::start();
    let typed = format!("http://127.0.0.1:{}/w.safetensors", server.port);
    let (_, oddities) = open(&typed, &settings(&hub)).unwrap();
    assert!(oddities[0].what.contains("no strong ETag"), "{oddities:?}");
}
