//! A web server on this machine for tests: it keeps what it was asked and answers as it is told.

#![allow(dead_code, reason = "two crates test with this, each with a part of it")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

/// What was asked.
#[derive(Debug, Clone, Default)]
pub(crate) struct Request {
    /// Path with its query.
    pub(crate) path: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
}

impl Request {
    /// A header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// First and last byte that were asked for.
    pub(crate) fn range(&self) -> Option<(usize, usize)> {
        let (first, last) = self.header("range")?.strip_prefix("bytes=")?.split_once('-')?;
        Some((first.parse().ok()?, last.parse().ok()?))
    }
}

/// What is answered.
#[derive(Debug, Clone, Default)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// The line goes dead after so many bytes of the body.
    pub(crate) cut: Option<usize>,
    /// Nothing is said for so long.
    pub(crate) silence: std::time::Duration,
}

impl Response {
    /// One with a body.
    pub(crate) fn new(status: u16, body: &[u8]) -> Self {
        Self { status, body: body.to_vec(), ..Self::default() }
    }

    /// The same with a header more, or another.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(key, _)| key != name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same without a header.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(key, _)| key != name);
        self
    }
}

type Handler = dyn Fn(&Request) -> Response + Send + Sync;

/// A server; it is gone when it is dropped.
pub(crate) struct Server {
    pub(crate) port: u16,
    asked: Arc<Mutex<Vec<Request>>>,
    stopped: Arc<AtomicBool>,
}

impl Server {
    /// Starts one on a port that is free.
    pub(crate) fn start(handler: impl Fn(&Request) -> Response + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (asked, stopped) = (Arc::default(), Arc::new(AtomicBool::new(false)));
        let server = Self { port, asked: Arc::clone(&asked), stopped: Arc::clone(&stopped) };
        let handler: Arc<Handler> = Arc::new(handler);
        thread::spawn(move || {
            for stream in listener.incoming() {
                if stopped.load(Ordering::SeqCst) {
                    return;
                }
                let (handler, asked) = (Arc::clone(&handler), Arc::clone(&asked));
                // A client that went away is no news.
                thread::spawn(move || stream.map(|stream| serve(stream, &*handler, &asked)));
            }
        });
        server
    }

    /// All that was asked so far.
    pub(crate) fn asked(&self) -> Vec<Request> {
        self.asked.lock().unwrap().clone()
    }

    /// Forgets what was asked.
    pub(crate) fn forget(&self) {
        self.asked.lock().unwrap().clear();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(("127.0.0.1", self.port)));
    }
}

fn serve(stream: TcpStream, handler: &Handler, asked: &Mutex<Vec<Request>>) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut writer = stream;
    while let Some(request) = read(&mut reader)? {
        asked.lock().unwrap().push(request.clone());
        let response = handler(&request);
        thread::sleep(response.silence);
        let mut head = format!("HTTP/1.1 {} Said\r\n", response.status);
        let length = response.body.len().to_string();
        let own = response.headers.iter().any(|(key, _)| key == "content-length");
        let length = (!own).then_some(("content-length".to_owned(), length));
        for (name, value) in response.headers.iter().chain(&length) {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        writer.write_all(format!("{head}\r\n").as_bytes())?;
        match response.cut {
            Some(cut) => {
                writer.write_all(&response.body[..cut.min(response.body.len())])?;
                return Ok(());
            }
            None => writer.write_all(&response.body)?,
        }
        // A body of another length than was announced leaves the line unusable.
        if own {
            return Ok(());
        }
    }
    Ok(())
}

fn read(reader: &mut BufReader<TcpStream>) -> std::io::Result<Option<Request>> {
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let Some(path) = line.split(' ').nth(1) else { return Ok(None) };
    let mut request = Request { path: path.to_owned(), headers: Vec::new() };
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        match line.trim_end().split_once(": ") {
            Some((name, value)) => {
                request.headers.push((name.to_ascii_lowercase(), value.to_owned()));
            }
            None => break,
        }
    }
    let length = request.header("content-length").and_then(|n| n.parse().ok()).unwrap_or(0);
    reader.take(length).read_to_end(&mut Vec::new())?;
    Ok(Some(request))
}
