//! One question until it is answered: through redirects, and again after what may pass.

use std::time::Duration;

use super::Fault;
use super::client::{Answer, Client, Question};
use crate::source::Address;

/// Most redirects from one question to its answer. The Hub needs two.
const REDIRECTS: u32 = 8;

/// What a Hub says of a file before it redirects to where the bytes are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Linked {
    /// The digest or ETag of the file itself.
    pub(super) etag: Option<String>,
    /// Its size.
    pub(super) size: Option<u64>,
}

/// Asks at `from` and goes where redirects lead. The answer is a 200, a 206 or a fault.
pub(super) fn follow<'a>(
    client: &'a Client,
    from: &Address,
    question: &Question,
) -> Result<(Answer<'a>, Linked), Fault> {
    let mut at = from.clone();
    let mut linked = Linked::default();
    for _ in 0..=REDIRECTS {
        let answer = client.ask(&at, question)?;
        if let Some(etag) = answer.header("x-linked-etag") {
            linked.etag = Some(etag.to_owned());
        }
        if let Some(size) = answer.header("x-linked-size").and_then(|size| size.parse().ok()) {
            linked.size = Some(size);
        }
        match answer.status {
            200 | 206 => return Ok((answer, linked)),
            301 | 302 | 303 | 307 | 308 => at = next(&at, &answer)?,
            status => return Err(refusal(&answer, status)),
        }
    }
    Err(Fault::RedirectLoop { host: from.host().to_owned(), limit: REDIRECTS })
}

/// Where `answer` redirects to, if that is allowed: never from https to http, and over http only
/// on this machine or within the host that the user named so.
fn next(at: &Address, answer: &Answer<'_>) -> Result<Address, Fault> {
    let refused = |why| Fault::Redirect { host: at.host().to_owned(), why };
    let location = answer.header("location").ok_or_else(|| refused("no address is given"))?;
    let to = at.join(location).map_err(refused)?;
    if !to.is_secure() && at.is_secure() {
        return Err(refused("the address is http, and this one was https"));
    }
    if !to.is_secure() && !to.is_loopback() && to.origin() != at.origin() {
        return Err(refused("the address is plain http on another host"));
    }
    if to.is_loopback() && !at.is_loopback() {
        return Err(refused("the address is on this machine"));
    }
    Ok(to)
}

pub(super) fn refusal(answer: &Answer<'_>, status: u16) -> Fault {
    let host = answer.at.host().to_owned();
    let seconds = answer.header("retry-after").and_then(|text| text.trim().parse().ok());
    match (status, seconds) {
        (429 | 503, Some(seconds)) => Fault::Busy { host, seconds },
        // A code is one of a few words; anything else says nothing.
        _ => {
            let code = answer.header("x-error-code").filter(|code| code.len() <= 32);
            Fault::Status { host, status, code: code.map(str::to_owned) }
        }
    }
}

/// How often something was tried, and what to do next.
#[derive(Debug, Default)]
pub(super) struct Tries(u32);

impl Tries {
    /// Waits when `fault` may pass and there are tries left; gives it back otherwise.
    pub(super) fn after(&mut self, fault: Fault, client: &Client) -> Result<(), Fault> {
        let patience = client.patience;
        self.0 += 1;
        if patience.attempts <= self.0 {
            return Err(fault);
        }
        let wait = match &fault {
            Fault::Busy { seconds, .. } => Duration::from_secs(*seconds),
            fault if fault.passes() => patience.first_wait * 2_u32.pow((self.0 - 1).min(16)),
            _ => return Err(fault),
        };
        if patience.longest_wait < wait {
            return Err(fault);
        }
        std::thread::sleep(wait);
        Ok(())
    }
}

/// The whole of a small file of at most `limit` bytes: a list of files.
pub(super) fn whole(client: &Client, at: &Address, limit: usize) -> Result<Vec<u8>, Fault> {
    let mut tries = Tries::default();
    loop {
        match whole_once(client, at, limit) {
            Ok(bytes) => return Ok(bytes),
            Err(fault) => tries.after(fault, client)?,
        }
    }
}

fn whole_once(client: &Client, at: &Address, limit: usize) -> Result<Vec<u8>, Fault> {
    follow(client, at, &Question::default())?.0.all(limit)
}
