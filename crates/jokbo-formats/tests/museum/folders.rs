//! Pieces made of several files: shards, indexes, configurations, caches.

use super::piece::Piece as P;
use super::piece::{Piece, shard};

const INDEX: &str = "model.safetensors.index.json";
const ONE: &str = "model-00001-of-00002.safetensors";
const TWO: &str = "model-00002-of-00002.safetensors";

pub(crate) fn pieces() -> Vec<Piece> {
    let map = |map: &str| format!("{{\"weight_map\":{{{map}}}}}\n").into_bytes();
    let both = map(&format!("\"a\":\"{ONE}\",\"b\":\"{TWO}\",\"c\":\"{TWO}\""));
    let index_alone =
        |text: &str| vec![(INDEX, text.as_bytes().to_vec()), ("model.safetensors", shard(&["a"]))];
    vec![
        P::refused("index-shard-missing", "lacks a shard that the index names", vec![], "model-00002-of-00002.safetensors: the shard is missing, and the index places 2 tensors in it")
            .of(vec![(INDEX, both.clone()), (ONE, shard(&["a"]))]),
        P::refused("index-tensor-missing", "lacks a tensor that the index names", vec![], "model-00002-of-00002.safetensors, tensor `c`: the index places the tensor in this shard, which does not hold it")
            .of(vec![(INDEX, both.clone()), (ONE, shard(&["a"])), (TWO, shard(&["b"]))]),
        P::told("index-tensor-extra", "holds a tensor that the index does not list", vec![], &["model-00001-of-00002.safetensors: tensor `x`: the index does not list it; it is kept"])
            .of(vec![(INDEX, both.clone()), (ONE, shard(&["a", "x"])), (TWO, shard(&["b", "c"]))]),
        P::told(
            "index-tensor-copied",
            "holds a second copy of a tensor that the index places elsewhere",
            vec![],
            &["model-00001-of-00002.safetensors: tensor `b`: the index places it in `model-00002-of-00002.safetensors`; this copy is left out"],
        )
        .of(vec![
            (INDEX, both.clone()),
            (ONE, shard(&["a", "b"])),
            (TWO, shard(&["b", "c"])),
        ]),
        P::told("index-file-extra", "holds a file that the index does not name", vec![], &["index-file-extra: `adapter.safetensors` is not in the index and was not read"]).of(
            vec![
                (INDEX, map("\"a\":\"model.safetensors\"")),
                ("model.safetensors", shard(&["a"])),
                ("adapter.safetensors", shard(&["x"])),
            ],
        ),
        P::refused("index-leads-up", "names a shard outside the folder", vec![], "model.safetensors.index.json, tensor `a`, at byte 41: the shard name `../hole.safetensors` leads out of the folder or is not a plain path")
            .of(index_alone(r#"{"weight_map":{"a":"../hole.safetensors"}}"#)),
        P::refused("index-leads-to-root", "names a shard by an absolute path", vec![], "model.safetensors.index.json, tensor `a`, at byte 33: the shard name `/etc/passwd` leads out of the folder or is not a plain path")
            .of(index_alone(r#"{"weight_map":{"a":"/etc/passwd"}}"#)),
        P::refused("index-map-is-list", "has a weight_map of another form", vec![], "model.safetensors.index.json, at byte 14: the JSON is not of the form it has here: invalid type: sequence, expected an object of tensor names and file names")
            .of(index_alone(r#"{"weight_map":["model.safetensors"]}"#)),
        P::refused("index-without-map", "has no weight_map", vec![], "model.safetensors.index.json, at byte 29: the key `weight_map` is missing")
            .of(index_alone(r#"{"metadata":{"total_size":4}}"#)),
        P::refused("index-name-twice", "places one tensor in two shards", vec![], "model.safetensors.index.json, tensor `a`: the tensor is listed twice")
            .of(index_alone(r#"{"weight_map":{"a":"model.safetensors","a":"other.safetensors"}}"#)),
        P::refused("index-empty-map", "lists nothing", vec![], "model.safetensors.index.json: the shard index lists no tensors")
            .of(index_alone(r#"{"weight_map":{}}"#)),
        P::refused("index-names-itself", "names itself as a shard", vec![], "model.safetensors.index.json: the file is JSON text, not the weights")
            .of(index_alone(r#"{"weight_map":{"a":"model.safetensors.index.json"}}"#)),
        P::refused("index-cut-short", "is an index that stopped early", vec![], "model.safetensors.index.json, tensor `a`, at byte 29: the text is not JSON: EOF while parsing a string")
            .of(index_alone(r#"{"weight_map":{"a":"model.saf"#)),
        P::told("index-wrong-size", "states a size that the tensors do not have", vec![], &["model.safetensors.index.json: total_size is given as 400 bytes, and the tensors have 4"]).of(
            index_alone(
                r#"{"metadata":{"total_size":400},"weight_map":{"a":"model.safetensors"}}"#,
            ),
        ),
        P::refused("index-twice", "holds two indexes", vec![], "index-twice: the folder holds 2 shard indexes (`model.safetensors.index.json`, `other.safetensors.index.json`), and only one can decide").of(vec![
            (INDEX, map("\"a\":\"model.safetensors\"")),
            ("other.safetensors.index.json", map("\"a\":\"model.safetensors\"")),
            ("model.safetensors", shard(&["a"])),
        ]),
        P::told(
            "index-shards-disagree",
            "mixes shard 1 of 3 with shard 2 of 2 under one index",
            vec![],
            &["model.safetensors.index.json: by their numbers, `model-00001-of-00003.safetensors` and `model-00002-of-00002.safetensors` do not belong to one set of shards"],
        )
        .of(vec![
            (INDEX, map(&format!("\"a\":\"model-00001-of-00003.safetensors\",\"b\":\"{TWO}\""))),
            ("model-00001-of-00003.safetensors", shard(&["a"])),
            (TWO, shard(&["b"])),
        ]),
        P::refused(
            "shards-share-a-name",
            "holds one name in two shards, without an index",
            vec![],
            "model-00002-of-00002.safetensors, tensor `b`: the tensor is also in `model-00001-of-00002.safetensors`, and no index says which one counts",
        )
        .of(vec![(ONE, shard(&["a", "b"])), (TWO, shard(&["b", "c"]))]),
        P::refused("shards-disagree", "mixes shard 1 of 3 with shard 2 of 2", vec![], "shards-disagree: `model-00001-of-00003.safetensors` and `model-00002-of-00002.safetensors` do not belong to one set of shards")
            .of(vec![("model-00001-of-00003.safetensors", shard(&["a"])), (TWO, shard(&["b"]))]),
        P::refused("shards-with-a-gap", "holds shards 1 and 3 of 3", vec![], "shards-with-a-gap: the folder holds 2 of 3 shards and no index; missing: number 2").of(vec![
            ("model-00001-of-00003.safetensors", shard(&["a"])),
            ("model-00003-of-00003.safetensors", shard(&["b"])),
        ]),
        P::refused("shards-beyond-count", "claims to be shard 7 of 2", vec![], "shards-beyond-count: `model-00007-of-00002.safetensors` is numbered outside its own set of 2 shards")
            .of(vec![(ONE, shard(&["a"])), ("model-00007-of-00002.safetensors", shard(&["b"]))]),
        P::refused("shards-nine-billion", "claims to be one of 9,000,000,000 shards", vec![], "shards-nine-billion: the folder holds 1 of 9000000000 shards and no index; missing: number 2, number 3, number 4, number 5, number 6 and 8999999994 more")
            .of(vec![("model-1-of-9000000000.safetensors", shard(&["a"]))]),
        P::told("files-without-numbers", "puts two files beside each other that nothing joins", vec![], &["files-without-numbers: `adapter.safetensors` has no shard number, and no index says that it belongs to the other files; all are read as one checkpoint", "files-without-numbers: `model.safetensors` has no shard number, and no index says that it belongs to the other files; all are read as one checkpoint"])
        .of(vec![("adapter.safetensors", shard(&["x"])), ("model.safetensors", shard(&["a"]))]),
        P::told("hidden-file", "holds a hidden file beside the weights", vec![], &["hidden-file: `._model.safetensors` is a hidden file and was not read"]).of(vec![
            ("._model.safetensors", vec![0, 5, 22, 7]),
            ("model.safetensors", shard(&["a"])),
        ]),
        P::refused("only-pytorch", "holds weights that PyTorch saved, cut short", vec![], "pytorch_model.bin: the zip archive has no end, so the file is cut short or no archive")
            .of(vec![
                ("pytorch_model.bin", b"PK\x03\x04".to_vec()),
                ("config.json", b"{}".to_vec()),
            ]),
        P::refused("no-weights", "holds a configuration and no weights", vec![], "no-weights: the folder holds no file of weights")
            .of(vec![("config.json", b"{}".to_vec())]),
        P::told("config-broken", "has a configuration that is not JSON", vec![], &["config.json: is not read: it is not JSON at line 1 column 18: EOF while parsing a value"]).of(vec![
            ("config.json", b"{\"hidden_size\": 8,".to_vec()),
            ("model.safetensors", shard(&["a"])),
        ]),
        P::told("config-deep", "has a configuration nested 1,000 deep", vec![], &["config.json: is not read: it is not JSON at line 1 column 128: recursion limit exceeded"])
            .of(vec![("config.json", vec![b'['; 1000]), ("model.safetensors", shard(&["a"]))]),
        P::refused(
            "cache-two-snapshots",
            "is a Hub cache with two snapshots and no choice",
            vec![],
            "cache-two-snapshots: the Hub cache holds 2 snapshots (`aaaa`, `bbbb`) and no refs/main to choose one",
        )
        .of(vec![
            ("snapshots/aaaa/model.safetensors", shard(&["a"])),
            ("snapshots/bbbb/model.safetensors", shard(&["b"])),
        ]),
        P::refused(
            "cache-ref-leads-up",
            "is a Hub cache whose refs/main leads out of it",
            vec![],
            "refs/main: does not hold the name of a snapshot",
        )
        .of(vec![
            ("refs/main", b"../../only-pytorch".to_vec()),
            ("snapshots/aaaa/model.safetensors", shard(&["a"])),
        ]),
        P::refused(
            "cache-ref-unknown",
            "is a Hub cache whose refs/main names nothing",
            vec![],
            "refs/main: names the snapshot `cccc`, which is not in the cache",
        )
        .of(vec![
            ("refs/main", b"cccc\n".to_vec()),
            ("snapshots/aaaa/model.safetensors", shard(&["a"])),
        ]),
    ]
}
