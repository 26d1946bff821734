//! One question to one server, over ureq. Redirects and repetitions are for `fetch`.

#[cfg(feature = "buckets")]
mod pass_on;

use std::io::Read;
use std::ops::Range;

use ureq::config::Config;
use ureq::http::HeaderMap;
use ureq::{Agent, Body, Proxy};

use super::permits::{Permit, Permits};
use super::{Fault, Patience, Settings};
use crate::limits::REQUESTS_AT_ONCE;
use crate::network::Secret;
use crate::source::Address;

/// Asks servers. Connections are kept and used again.
#[derive(Debug)]
pub(crate) struct Client {
    agent: Agent,
    /// For this machine, to which no proxy leads.
    direct: Agent,
    permits: Permits,
    token: Option<Secret>,
    /// The origin that the token is meant for.
    token_for: String,
    pub(super) patience: Patience,
}

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub(super) struct Question {
    /// Bytes of the file; all of it when `None`.
    pub(super) range: Option<Range<u64>>,
    /// Answer only if the file's ETag is still this.
    pub(super) if_match: Option<String>,
}

/// What came back.
#[derive(Debug)]
pub(super) struct Answer<'a> {
    pub(super) at: Address,
    pub(super) status: u16,
    headers: HeaderMap,
    body: Body,
    /// Held until the body was read.
    _permit: Permit<'a>,
}

impl Client {
    pub(super) fn new(settings: &Settings) -> Self {
        Self::with(settings, Config::new_agent)
    }

    /// One whose agents `make` makes of their configuration.
    pub(super) fn with(settings: &Settings, make: impl Fn(&Config) -> Agent) -> Self {
        let Patience { silence, .. } = settings.patience;
        let agent = |proxy: Option<Proxy>| {
            let config = Agent::config_builder()
                .http_status_as_error(false)
                .max_redirects(0)
                .max_redirects_will_error(false)
                .proxy(proxy)
                .user_agent(concat!("jokbo/", env!("CARGO_PKG_VERSION")))
                .accept_encoding("identity")
                .max_idle_connections_per_host(REQUESTS_AT_ONCE)
                .timeout_resolve(Some(silence))
                .timeout_connect(Some(silence))
                .timeout_recv_response(Some(silence))
                .timeout_per_read(Some(silence))
                .build();
            make(&config)
        };
        let proxy = settings.proxy.as_ref().and_then(|proxy| Proxy::new(proxy.expose()).ok());
        Self {
            agent: agent(proxy),
            direct: agent(None),
            permits: Permits::new(REQUESTS_AT_ONCE),
            token: settings.token.clone(),
            token_for: settings.endpoint().origin(),
            patience: settings.patience,
        }
    }

    /// Asks once, after waiting for its turn. A thread that holds an answer asks for no other.
    pub(super) fn ask(&self, at: &Address, question: &Question) -> Result<Answer<'_>, Fault> {
        let permit = self.permits.take();
        let agent = if at.is_loopback() { &self.direct } else { &self.agent };
        let mut request = agent.get(at.to_request());
        if let Some(range) = &question.range {
            let last = range.end.saturating_sub(1);
            request = request.header("Range", format!("bytes={}-{last}", range.start));
        }
        if let Some(etag) = &question.if_match {
            request = request.header("If-Match", etag);
        }
        if let Some(token) = self.token_of(at) {
            request = request.header("Authorization", format!("Bearer {}", token.expose()));
        }
        let answer = request.call().map_err(|error| self.fault(at, &error))?;
        let status = answer.status().as_u16();
        let (head, body) = answer.into_parts();
        Ok(Answer { at: at.clone(), status, headers: head.headers, body, _permit: permit })
    }

    /// The token, where it may go: to the origin it is meant for, and never in the clear to
    /// another machine.
    fn token_of(&self, at: &Address) -> Option<&Secret> {
        let meant = at.origin() == self.token_for && (at.is_secure() || at.is_loopback());
        self.token.as_ref().filter(|_| meant)
    }

    /// An error of the library in our words: its own may quote an address, and that a signature.
    fn fault(&self, at: &Address, error: &ureq::Error) -> Fault {
        let host = at.host().to_owned();
        let said = match error {
            ureq::Error::Timeout(_) => {
                let seconds = self.patience.silence.as_secs();
                return Fault::Silent { host, seconds };
            }
            ureq::Error::Io(error) if is_timeout(error) => {
                let seconds = self.patience.silence.as_secs();
                return Fault::Silent { host, seconds };
            }
            ureq::Error::Io(error) => error.to_string(),
            ureq::Error::Rustls(error) => error.to_string(),
            ureq::Error::HostNotFound => "there is no such host".to_owned(),
            ureq::Error::ConnectionFailed => "the connection failed".to_owned(),
            ureq::Error::InvalidProxyUrl | ureq::Error::ConnectProxyFailed(_) => {
                "the proxy does not lead there".to_owned()
            }
            ureq::Error::LargeResponseHeader(..) => "the head of its answer is too long".to_owned(),
            _ => "its answer is not HTTP".to_owned(),
        };
        Fault::Unreachable { host, said }
    }
}

fn is_timeout(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::TimedOut | std::io::ErrorKind::WouldBlock)
}

impl Answer<'_> {
    /// A header, when it is there and is plain text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Reads into `buffer` until it is full or the body ends; how many bytes came, and whether
    /// the body ended well. No more than `buffer` holds is taken.
    pub(super) fn fill(&mut self, buffer: &mut [u8]) -> (usize, bool) {
        let mut reader = self.body.as_reader();
        let mut got = 0;
        while let Some(rest) = buffer.get_mut(got..).filter(|rest| !rest.is_empty()) {
            match reader.read(rest) {
                Ok(0) => return (got, true),
                Ok(n) => got += n,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(_) => return (got, false),
            }
        }
        (got, true)
    }

    /// The whole body, of at most `limit` bytes.
    pub(super) fn all(&mut self, limit: usize) -> Result<Vec<u8>, Fault> {
        let host = self.at.host().to_owned();
        let wanted = self.length();
        let mut bytes = Vec::new();
        let mut piece = vec![0; 64 << 10];
        loop {
            let (n, ended_well) = self.fill(&mut piece);
            bytes.extend(piece.get(..n).unwrap_or_default());
            if limit < bytes.len() {
                return Err(Fault::TooLong { host, limit });
            }
            let got = bytes.len() as u64;
            if !ended_well || (n < piece.len() && wanted.is_some_and(|wanted| wanted != got)) {
                return Err(Fault::CutOff { host, got, wanted: wanted.unwrap_or(got) });
            }
            if n < piece.len() {
                return Ok(bytes);
            }
        }
    }

    /// How long the body is said to be.
    pub(super) fn length(&self) -> Option<u64> {
        self.header("content-length")?.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_goes_to_its_own_origin_and_never_in_the_clear_to_another_machine() {
        let client = |endpoint: &str| {
            let endpoint = Some(Address::read(endpoint).unwrap());
            let token = Secret::new("hf_abc");
            Client::new(&Settings { endpoint, token, ..Settings::default() })
        };
        let sends =
            |client: &Client, to: &str| client.token_of(&Address::read(to).unwrap()).is_some();
        let hub = client("https://hub.example");
        assert!(sends(&hub, "https://hub.example/o/n"));
        for other in [
            "https://cdn.hub.example/x",
            "https://hub.example:444/x",
            "http://hub.example/x",
            "https://hub.example.evil/x",
            "http://127.0.0.1/x",
        ] {
            assert!(!sends(&hub, other), "{other}");
        }
        assert!(!sends(&client("http://hub.example"), "http://hub.example/x"));
        let here = client("http://127.0.0.1:9");
        assert!(sends(&here, "http://127.0.0.1:9/x") && !sends(&here, "http://127.0.0.1:10/x"));
        assert!(!format!("{hub:?}").contains("hf_abc"));
    }
}
