//! A file on the web: ranges of it, each compared with what was asked for.

mod content_range;

use std::sync::{Mutex, PoisonError};

use super::client::{Answer, Question};
use super::fetch::{self, Linked, Tries};
use super::file::{Ranges, RemoteFile};
use super::{Fault, Network};
use crate::Remote;
use crate::source::Address;
use content_range::ContentRange;

/// Bytes of the first request to a file of which nothing is known.
const FIRST: u64 = 16 << 10;

/// A file on the web, in the state in which it was found.
#[derive(Debug)]
pub(super) struct WebFile {
    network: Network,
    at: Address,
    len: u64,
    /// What a Hub lists as the file's digest, to compare with what it says on each request.
    listed: Option<String>,
    /// Where redirects led, and the ETag there.
    found: Mutex<Option<Found>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Found {
    at: Address,
    etag: Option<String>,
}

impl WebFile {
    /// The file at `at`, of which a Hub has listed the length and the digest.
    pub(super) fn listed(network: &Network, at: Address, len: u64, digest: Option<&str>) -> Self {
        let (network, listed) = (network.clone(), digest.map(str::to_owned));
        Self { network, at, len, listed, found: Mutex::default() }
    }

    /// One attempt to fill `buffer` from `offset` on; how many bytes came before what went wrong.
    fn attempt(&self, offset: u64, buffer: &mut [u8]) -> Result<(), (usize, Fault)> {
        let known = self.found.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let end = offset + buffer.len() as u64;
        let mut question = Question { range: Some(offset..end), if_match: None };
        let from = match &known {
            Some(found) => {
                question.if_match = found.etag.clone().filter(|etag| strong(etag));
                &found.at
            }
            None => &self.at,
        };
        let (mut answer, linked) = match fetch::follow(self.network.client(), from, &question) {
            // A signed address runs out; the way to the file is asked for again.
            Err(Fault::Status { status: 400..=404 | 410, .. }) if known.is_some() => {
                *self.found.lock().unwrap_or_else(PoisonError::into_inner) = None;
                let question = Question { if_match: None, ..question };
                fetch::follow(self.network.client(), &self.at, &question)
            }
            other => other,
        }
        .map_err(|fault| (0, self.understood(fault, known.as_ref())))?;
        self.check(&answer, &linked, known.as_ref()).map_err(|fault| (0, fault))?;
        let covers = covered(&answer, offset, end, self.len).map_err(|fault| (0, fault))?;
        let wanted = usize::try_from(covers).unwrap_or(buffer.len()).min(buffer.len());
        let (target, _) = buffer.split_at_mut(wanted);
        let (got, _) = answer.fill(target);
        if got == buffer.len() {
            return Ok(());
        }
        let host = answer.at.host().to_owned();
        let fault = Fault::CutOff { host, got: got as u64, wanted: buffer.len() as u64 };
        Err((got, fault))
    }

    /// A refusal that means that the file is another by now.
    fn understood(&self, fault: Fault, known: Option<&Found>) -> Fault {
        match fault {
            Fault::Status { status: 412, .. } => {
                let was = known.and_then(|known| known.etag.clone()).unwrap_or_default();
                Fault::Changed { what: "ETag", was, is: "another".to_owned() }
            }
            Fault::Status { status: 416, .. } => {
                let (was, is) = (self.len.to_string(), "less".to_owned());
                Fault::Changed { what: "length", was, is }
            }
            fault => fault,
        }
    }

    /// Whether `answer` is about the file in the state in which it was found.
    fn check(
        &self,
        answer: &Answer<'_>,
        linked: &Linked,
        known: Option<&Found>,
    ) -> Result<(), Fault> {
        plain(answer)?;
        if let (Some(was), Some(is)) = (&self.listed, &linked.etag)
            && !bare(is).eq_ignore_ascii_case(bare(was))
        {
            return Err(Fault::Changed { what: "digest", was: was.clone(), is: is.clone() });
        }
        if let Some(size) = linked.size.filter(|size| *size != self.len) {
            return Err(changed_length(self.len, size));
        }
        let is = answer.header("etag");
        // Each place that a Hub redirects to may have an ETag of its own; the digest that the Hub
        // gives says that it is the same file.
        let vouched_for = self.listed.is_some() && linked.etag.is_some();
        let was = known.and_then(|known| known.etag.as_deref()).filter(|_| !vouched_for);
        if let Some(was) = was.filter(|was| is != Some(was)) {
            let is = is.unwrap_or("not given any more").to_owned();
            return Err(Fault::Changed { what: "ETag", was: was.to_owned(), is });
        }
        let found = Found { at: answer.at.clone(), etag: is.map(str::to_owned) };
        *self.found.lock().unwrap_or_else(PoisonError::into_inner) = Some(found);
        Ok(())
    }
}

impl Ranges for WebFile {
    fn fetch(&self, offset: u64, buffer: &mut [u8]) -> Result<(), Fault> {
        let mut tries = Tries::default();
        let mut got = 0;
        loop {
            let (_, rest) = buffer.split_at_mut(got);
            match self.attempt(offset + got as u64, rest) {
                Ok(()) => return Ok(()),
                // What came is kept, and only the rest is asked for.
                Err((more, fault)) => {
                    got += more;
                    tries.after(fault, self.network.client())?;
                }
            }
        }
    }
}

/// Opens the file at `at`, of which nothing is known yet: its first bytes tell length and ETag.
pub(crate) fn open(network: &Network, at: &Address) -> Result<RemoteFile, std::io::Error> {
    let mut tries = Tries::default();
    let (file, first, linked) = loop {
        match probe(network, at) {
            Ok(found) => break found,
            Err(fault) => tries.after(fault, network.client()).map_err(std::io::Error::other)?,
        }
    };
    let found = file.found.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let etag = linked.etag.or(found.and_then(|found| found.etag)).filter(|etag| strong(etag));
    let sha256 = etag.as_deref().map(bare).filter(|etag| is_sha256(etag)).map(str::to_owned);
    let remote = Remote { sha256: sha256.filter(|_| file.listed.is_some()), etag: etag.clone() };
    let identity = etag.map(|etag| format!("{at}\n{etag}"));
    let len = file.len;
    let file = RemoteFile::new(Box::new(file), len, remote, identity.as_deref(), network.cache())?;
    file.keep_first(&first);
    Ok(file)
}

fn probe(network: &Network, at: &Address) -> Result<(WebFile, Vec<u8>, Linked), Fault> {
    let question = Question { range: Some(0..FIRST), if_match: None };
    let (mut answer, linked) = fetch::follow(network.client(), at, &question)?;
    plain(&answer)?;
    let host = || answer.at.host().to_owned();
    let len = match answer.status {
        206 => ContentRange::of(&answer).and_then(|range| range.total),
        _ => answer.length().or(linked.size),
    };
    let len = len.ok_or_else(|| Fault::NoLength { host: host() })?;
    let mut file = WebFile::listed(network, at.clone(), len, None);
    file.listed.clone_from(&linked.etag);
    let end = FIRST.min(len);
    let covers = covered(&answer, 0, end, len)?;
    file.check(&answer, &linked, None)?;
    let wanted = usize::try_from(covers.min(end)).unwrap_or(0);
    let mut first = vec![0; wanted];
    let (got, _) = answer.fill(&mut first);
    if got < wanted {
        let host = answer.at.host().to_owned();
        return Err(Fault::CutOff { host, got: got as u64, wanted: wanted as u64 });
    }
    Ok((file, first, linked))
}

/// How many of the bytes from `offset` to `end` the body of `answer` holds: at least one.
fn covered(answer: &Answer<'_>, offset: u64, end: u64, len: u64) -> Result<u64, Fault> {
    let host = || answer.at.host().to_owned();
    if answer.status != 206 {
        // All of it is what was asked for when all of it was asked for.
        return match answer.length() {
            _ if offset != 0 || end != len || answer.status != 200 => {
                Err(Fault::IgnoresRanges { host: host() })
            }
            Some(has) if has != len => Err(changed_length(len, has)),
            _ => Ok(len),
        };
    }
    let wrong = || Fault::WrongRange {
        host: host(),
        first: offset,
        last: end.saturating_sub(1),
        got: answer.header("content-range").unwrap_or("no range").chars().take(80).collect(),
    };
    let range = ContentRange::of(answer).ok_or_else(wrong)?;
    if let Some(total) = range.total.filter(|total| *total != len) {
        return Err(changed_length(len, total));
    }
    if range.first != offset || end <= range.last {
        return Err(wrong());
    }
    let covers = range.last - range.first + 1;
    match answer.length() {
        Some(has) if has != covers => Err(wrong()),
        _ => Ok(covers),
    }
}

/// Refuses what is no file as it lies: a page for people, or something compressed.
fn plain(answer: &Answer<'_>) -> Result<(), Fault> {
    let host = || answer.at.host().to_owned();
    let is_page = |kind: &str| kind.trim_start().to_ascii_lowercase().starts_with("text/html");
    if answer.header("content-type").is_some_and(is_page) {
        return Err(Fault::WebPage { host: host() });
    }
    match answer.header("content-encoding") {
        Some(encoding) if !encoding.eq_ignore_ascii_case("identity") => {
            let encoding = encoding.chars().take(40).collect();
            Err(Fault::Encoded { host: host(), encoding })
        }
        _ => Ok(()),
    }
}

fn changed_length(was: u64, is: u64) -> Fault {
    Fault::Changed { what: "length", was: was.to_string(), is: is.to_string() }
}

/// Whether an ETag promises equal bytes (RFC 9110, 8.8.1).
fn strong(etag: &str) -> bool {
    !etag.starts_with("W/")
}

/// Whether `text` is a SHA-256 in hexadecimal.
pub(super) fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// An ETag without its quotes.
fn bare(etag: &str) -> &str {
    etag.trim_start_matches("W/").trim_matches('"')
}
