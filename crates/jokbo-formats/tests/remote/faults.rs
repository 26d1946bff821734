//! Every way in which a server can misbehave: a clean retry or a clear error, never other bytes.

use std::time::Duration;

use crate::hub::{Hub, SIGNATURE};
use crate::server::{Request, Response};
use crate::{chain, noise, open, read_all, safetensors, settings};

/// A repository of one file.
fn hub() -> (Hub, Vec<u8>) {
    let hub = Hub::start();
    let data = noise(200_000, 11);
    hub.put("o/n", "model.safetensors", &safetensors("w", &data));
    (hub, data)
}

/// Plays a trick on the first request after opening; the bytes must come all the same.
#[track_caller]
fn gets_over(tricks: &[fn(&Request, Response) -> Response]) {
    let (hub, data) = hub();
    let (checkpoint, _) = open("hf://o/n", &settings(&hub)).unwrap();
    tricks.iter().for_each(|trick| hub.once(*trick));
    assert!(read_all(&checkpoint).unwrap() == data, "other bytes came");
}

/// Plays a trick on every request after opening; reading must fail with `want`.
#[track_caller]
fn fails(want: &str, trick: impl Fn(&Request, Response) -> Response + Send + Sync + 'static) {
    let (hub, _) = hub();
    let (checkpoint, _) = open("hf://o/n", &settings(&hub)).unwrap();
    hub.always(trick);
    let error = read_all(&checkpoint).unwrap_err();
    assert_eq!(chain(&error), want);
}

#[test]
fn what_passes_is_tried_again() {
    gets_over(&[|_, _| Response::new(500, b"")]);
    gets_over(&[|_, _| Response::new(502, b"<html>"), |_, _| Response::new(503, b"")]);
    gets_over(&[|_, _| Response::new(429, b"").with("retry-after", "0")]);
    gets_over(&[|_, right| Response { cut: Some(0), ..right }]);
    gets_over(&[|_, right| Response { cut: Some(100_000), ..right }]);
    gets_over(&[
        |_, right| Response { cut: Some(50_000), ..right },
        |_, right| Response { cut: Some(70_001), ..right },
        |_, right| Response { cut: Some(1), ..right },
    ]);
}

#[test]
fn after_a_cut_only_the_rest_is_asked_for() {
    let (hub, data) = hub();
    let (checkpoint, _) = open("hf://o/n", &settings(&hub)).unwrap();
    hub.forget();
    hub.once(|_, right| Response { cut: Some(150_000), ..right });
    assert!(read_all(&checkpoint).unwrap() == data);
    let asked: Vec<_> = hub.store.asked().iter().filter_map(Request::range).collect();
    assert_eq!(asked.len(), 2);
    assert_eq!((asked[1].0, asked[1].1), (asked[0].0 + 150_000, asked[0].1));
}

#[test]
fn a_signed_address_that_ran_out_is_asked_for_anew() {
    gets_over(&[|_, _| Response::new(403, b"expired")]);
    gets_over(&[|_, _| Response::new(400, b"expired")]);
    fails("127.0.0.1 answers 403: access is refused", |_, _| Response::new(403, b"no"));
}

#[test]
fn a_shorter_answer_is_completed() {
    gets_over(&[|request, _| {
        let (first, _) = request.range().unwrap();
        let file = safetensors("w", &noise(200_000, 11));
        let range = format!("bytes {first}-{}/{}", first + 9_999, file.len());
        let digest = request.header("if-match").unwrap_or("\"\"").to_owned();
        Response::new(206, &file[first..first + 10_000])
            .with("content-range", &range)
            .with("etag", &digest)
    }]);
}

#[test]
fn what_stays_is_an_error_that_names_it() {
    fails("127.0.0.1 answers 404: there is no such file", |_, _| Response::new(404, b""));
    fails(
        "127.0.0.1 answers 401: it is not there for everybody, and no valid token was sent",
        |_, _| Response::new(401, b""),
    );
    fails("127.0.0.1 answers 500: the server fails", |_, _| Response::new(500, b""));
    fails("127.0.0.1 asks to wait for 3600 seconds", |_, _| {
        Response::new(429, b"").with("retry-after", "3600")
    });
    fails(
        "127.0.0.1 answers 204: which is no answer to a question for a part of a file",
        |_, _| Response::new(204, b"").without("etag"),
    );
}

#[test]
fn a_server_that_ignores_ranges_is_not_read_whole() {
    fails(
        "127.0.0.1 cannot send a part of a file: it ignores the range that was asked for",
        |_, right| {
            let file = safetensors("w", &noise(200_000, 11));
            Response { status: 200, body: file, ..right }.without("content-range")
        },
    );
}

#[test]
fn another_range_than_was_asked_for_is_refused() {
    let range =
        |text: &'static str| move |_: &Request, right: Response| right.with("content-range", text);
    for (text, said) in [
        ("bytes 0-199999/200071", "bytes 0-199999/200071"),
        ("bytes 16384-300000/400000", "bytes 16384-300000/400000"),
        ("bytes 16384-16390/*", "bytes 16384-16390/*"),
        // As many bytes as were asked for, one place too early.
        ("bytes 16383-200069/200071", "bytes 16383-200069/200071"),
        ("rows 1-2/3", "rows 1-2/3"),
        ("", ""),
    ] {
        let want =
            format!("127.0.0.1 sent `{said}` where the bytes 16384 to 200070 were asked for");
        let want = match text.ends_with("/400000") {
            true => "the file changed while it was read: its length was `200071` and is `400000`"
                .to_owned(),
            false => want,
        };
        fails(&want, range(text));
    }
    let want = "127.0.0.1 sent `no range` where the bytes 16384 to 200070 were asked for";
    fails(want, |_, right| right.without("content-range"));
}

#[test]
fn a_file_that_changes_is_noticed() {
    let changed = "the file changed while it was read: its";
    let (hub, _) = hub();
    let (checkpoint, _) = open("hf://o/n", &settings(&hub)).unwrap();
    hub.put("o/n", "model.safetensors", &safetensors("w", &noise(200_000, 12)));
    let error = chain(&read_all(&checkpoint).unwrap_err());
    assert!(error.starts_with(changed) && error.contains("ETag"), "{error}");
    // One that does not know If-Match, and one that leaves the ETag out half-way.
    fails(&format!("{changed} ETag was `{}` and is `\"b\"`", etag()), |_, right| {
        right.with("etag", "\"b\"")
    });
    fails(&format!("{changed} ETag was `{}` and is `not given any more`", etag()), |_, right| {
        right.without("etag")
    });
    fails(&format!("{changed} length was `200071` and is `300000`"), |request, right| {
        let (first, last) = request.range().unwrap();
        right.with("content-range", &format!("bytes {first}-{last}/300000"))
    });
    // Between the list and the first byte.
    let (hub, _) = self::hub();
    hub.always(|_, right| right);
    let (checkpoint, _) = open("hf://o/n", &settings(&hub)).unwrap();
    hub.put("o/n", "model.safetensors", &safetensors("w", &noise(100, 12)));
    assert!(chain(&read_all(&checkpoint).unwrap_err()).starts_with(changed));
}

/// The ETag that the second server gives the file.
fn etag() -> String {
    let (hub, _) = hub();
    let response = crate::hub::part(&Request::default(), b"", "");
    assert_eq!(response.status, 200);
    open("hf://o/n", &settings(&hub)).unwrap();
    let path = format!("/o/n/model.safetensors?X-Amz-Signature={SIGNATURE}");
    let headers = vec![("range".to_owned(), "bytes=0-0".to_owned())];
    let answer = hub.stored(&Request { path, headers });
    answer.headers.iter().find(|(name, _)| name == "etag").unwrap().1.clone()
}

#[test]
fn a_web_page_or_a_compressed_body_is_not_taken_for_weights() {
    fails("127.0.0.1 sends a web page, not the file", |_, right| {
        right.with("content-type", "text/html; charset=utf-8")
    });
    fails(
        "127.0.0.1 sends the file in the encoding `gzip`, which was not asked for",
        |_, right| right.with("content-encoding", "gzip"),
    );
}

#[test]
fn redirects_end_and_lead_nowhere_else() {
    let to = |location: &'static str| {
        move |_: &Request, _: Response| Response::new(302, b"").with("location", location)
    };
    let refused = "127.0.0.1 redirects to where nothing is fetched from: the address";
    fails(&format!("{refused} is neither https nor http"), to("file:///etc/passwd"));
    fails(&format!("{refused} is plain http on another host"), to("http://192.0.2.1/x"));
    fails(&format!("{refused} names a user"), to("http://u:p@127.0.0.1/x"));
    fails(&format!("{refused} has no lawful host"), to("https:///x"));
    let none = "127.0.0.1 redirects to where nothing is fetched from: no address is given";
    fails(none, |_, _| Response::new(302, b""));
    let looped = format!("/o/n/model.safetensors?X-Amz-Signature={SIGNATURE}");
    fails("127.0.0.1 redirects more than 8 times", move |_, _| {
        Response::new(307, b"").with("location", &looped)
    });
}

/// A note that says how other tensors are to be read, which a reader may do without.
#[test]
fn a_note_that_does_not_come_is_not_taken_for_one_that_is_not_there() {
    let hub = Hub::start();
    let header = r#"{"w.weight":{"dtype":"U8","shape":[60000],"data_offsets":[0,60000]},"w.weight.absmax":{"dtype":"F32","shape":[4],"data_offsets":[60000,60016]},"w.weight.quant_state.bitsandbytes__nf4":{"dtype":"U8","shape":[16],"data_offsets":[60016,60032]}}"#;
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header.as_bytes());
    file.extend(noise(60_032, 13));
    hub.put("o/n", "model.safetensors", &file);
    open("hf://o/n", &settings(&hub)).unwrap();
    let end = file.len() - 1;
    hub.always(move |request, right| match request.range() {
        Some((_, last)) if last == end => Response::new(404, b""),
        _ => right,
    });
    let error = chain(&open("hf://o/n", &settings(&hub)).unwrap_err());
    assert_eq!(
        error,
        "model.safetensors: cannot be read: 127.0.0.1 answers 404: there is no such file"
    );
}

#[test]
fn silence_ends() {
    let (hub, _) = hub();
    let mut settings = settings(&hub);
    // Long enough for opening on a busy machine.
    settings.patience.silence = Duration::from_secs(2);
    settings.patience.attempts = 2;
    let (checkpoint, _) = open("hf://o/n", &settings).unwrap();
    hub.always(|_, right| Response { silence: Duration::from_secs(20), ..right });
    let error = chain(&read_all(&checkpoint).unwrap_err());
    assert!(error.contains("was silent for"), "{error}");
}

#[test]
fn a_server_that_is_gone_is_named() {
    let (hub, _) = hub();
    let settings = settings(&hub);
    drop(hub);
    let error = chain(&open("hf://o/n", &settings).unwrap_err());
    assert!(error.contains("127.0.0.1 cannot be reached"), "{error}");
}

#[test]
fn a_list_that_is_none_is_refused() {
    for (body, want) in [
        (&b"<html>login</html>"[..], "expected value"),
        (b"{}", "missing field `sha`"),
        (br#"{"sha":"..","siblings":[]}"#, "the commit is not a digest"),
    ] {
        let server = crate::server::Server::start(move |_| Response::new(200, body));
        let endpoint = format!("http://127.0.0.1:{}", server.port);
        let endpoint = Some(jokbo_formats::Address::read(&endpoint).unwrap());
        let settings = jokbo_formats::Settings { endpoint, ..settings(&hub().0) };
        let error = chain(&open("hf://o/n", &settings).unwrap_err());
        assert!(
            error.contains("something else than a list of files") && error.contains(want),
            "{error}"
        );
    }
}
