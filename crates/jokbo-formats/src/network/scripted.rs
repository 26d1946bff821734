//! A network whose servers answer by a script: what a hostile server may send is tried without one.
//!
//! Everything above the line is as always: requests, redirects, ranges, repetitions, and the
//! library that reads HTTP.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, LazyBuffers, NextTimeout, Transport,
};
use ureq::{Agent, Error};

use super::client::Client;
use super::{Network, Settings};

/// What all servers say.
pub trait Script: fmt::Debug + Send + Sync + 'static {
    /// All bytes that the server at `origin` (`https://host`) sends on `request`, before it hangs
    /// up; `None` when it cannot be reached.
    fn answer(&self, origin: &str, request: &[u8]) -> Option<Vec<u8>>;
}

impl Network {
    /// A network on which `script` speaks for every server. Nothing leaves the program.
    pub fn scripted(settings: Settings, script: &Arc<dyn Script>) -> Self {
        let make =
            |config: &Config| Agent::with_parts(config.clone(), Lines(Arc::clone(script)), Nowhere);
        let client = Client::with(&settings, make);
        Self::with(settings, client)
    }
}

/// Every name leads to the same place.
#[derive(Debug)]
struct Nowhere;

impl Resolver for Nowhere {
    fn resolve(&self, _: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        let mut found = self.empty();
        found.push(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 1));
        Ok(found)
    }
}

#[derive(Debug)]
struct Lines(Arc<dyn Script>);

impl Connector for Lines {
    type Out = Line;

    fn connect(&self, to: &ConnectionDetails<'_>, _: Option<()>) -> Result<Option<Line>, Error> {
        let scheme = to.uri.scheme_str().unwrap_or("");
        let host = to.uri.authority().map_or("", |authority| authority.as_str());
        Ok(Some(Line {
            script: Arc::clone(&self.0),
            origin: format!("{scheme}://{host}"),
            secure: to.needs_tls(),
            buffers: LazyBuffers::new(
                to.config.input_buffer_size(),
                to.config.output_buffer_size(),
            ),
            asked: Vec::new(),
            answer: None,
        }))
    }
}

/// A connection for one request.
#[derive(Debug)]
struct Line {
    script: Arc<dyn Script>,
    origin: String,
    secure: bool,
    buffers: LazyBuffers,
    /// What was sent so far.
    asked: Vec<u8>,
    /// What is still to come.
    answer: Option<std::vec::IntoIter<u8>>,
}

impl Transport for Line {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, _: NextTimeout) -> Result<(), Error> {
        self.asked.extend(self.buffers.output().iter().take(amount));
        Ok(())
    }

    fn await_input(&mut self, _: NextTimeout) -> Result<bool, Error> {
        let answer = match &mut self.answer {
            Some(answer) => answer,
            None => {
                let said = self.script.answer(&self.origin, &self.asked);
                self.answer.insert(said.ok_or(Error::ConnectionFailed)?.into_iter())
            }
        };
        let room = self.buffers.input_append_buf();
        let n = room.len().min(answer.len());
        room.iter_mut().zip(answer).for_each(|(place, byte)| *place = byte);
        self.buffers.input_appended(n);
        Ok(0 < n)
    }

    fn is_open(&mut self) -> bool {
        false
    }

    fn is_tls(&self) -> bool {
        self.secure
    }
}
