//! The library's requests through our client: the same connections, patience and rules.

use std::future::Future;
use std::pin::Pin;

use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpService,
};

use crate::limits::LISTING_LIMIT;
use crate::network::fetch::Tries;
use crate::network::{Fault, Network};
use crate::source::Address;

/// Hands the library our client.
#[derive(Debug, Clone)]
pub(super) struct Connector {
    network: Network,
}

impl Connector {
    /// Over this network.
    pub(super) fn of(network: &Network) -> Self {
        Self { network: network.clone() }
    }

    /// Sends `request` until it is answered, as often as patience allows.
    fn send(&self, request: &HttpRequest) -> Result<HttpResponse, Fault> {
        let at = Address::read(&request.uri().to_string())
            .map_err(|why| Fault::Redirect { host: "the library".to_owned(), why })?;
        if !at.is_secure() && !at.is_loopback() {
            let (host, why) = (at.host().to_owned(), "the address is plain http");
            return Err(Fault::Redirect { host, why });
        }
        let client = self.network.client();
        let mut tries = Tries::default();
        loop {
            match client.pass_on(&at, request, LISTING_LIMIT) {
                Ok(answer) => return Ok(answer),
                Err(fault) => tries.after(fault, client)?,
            }
        }
    }
}

impl HttpConnector for Connector {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.clone()))
    }
}

impl HttpService for Connector {
    fn call<'a, 'b>(
        &'a self,
        request: HttpRequest,
    ) -> Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'b>>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(async move {
            self.send(&request).map_err(|fault| HttpError::new(HttpErrorKind::Unknown, fault))
        })
    }
}
